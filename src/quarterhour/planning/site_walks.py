"""Who is to be served by new places, from where, and what serves them already."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.contracts import listed
from quarterhour.planning.location_problem import Walks
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.snap import in_crs_of, placed_ends, placed_starts
from quarterhour.walking.travel_times import times_between


def walks_to_candidates(card: Scorecard, places: gpd.GeoDataFrame, limit_s: float) -> Walks:
    """Walk from every origin of the card to every candidate, within a limit.

    Raises
    ------
    InputError
        If no candidate lies near a street, or none is within the limit of any home.
    """
    if (question := card.question) is None:
        msg = "This scorecard does not know its question: make it with assess, or read it again."
        raise InputError(msg)
    network, snap_m = card.network, question.snap_limit_m
    compounds = closed_compounds(card.areas, card.origins, network)
    reached, _ = reached_by_gates(places, compounds, network)
    homes = placed_starts(card.origins, network, snap_m)
    ends = placed_ends(reached, network, snap_m)
    if not ends.snapped.any():
        points = in_crs_of(places, network, "candidates")
        far = float(np.min(shapely.distance(points, network.extent)))
        msg = (
            f"None of the {len(places)} candidates lies near a street (the nearest is {far:,.0f} m "
            "from where the streets are): check their CRS and datum."
        )
        raise InputError(msg)
    _tell_far(places, ~ends.snapped, snap_m)
    times = times_between(homes, ends, network, limit_s / 60.0, pace=question.pace)
    if len(times) == 0:
        msg = f"No candidate is within {limit_s / 60:g} minutes of any home."
        raise InputError(msg)
    return Walks(times.origin, times.destination, times.seconds, len(places))


def _tell_far(places: gpd.GeoDataFrame, far: Mask, snap_m: float) -> None:
    """Say which candidates nobody can walk to; refuse those that have to be opened."""
    if not far.any():
        return
    labels = (places["label"] if "label" in places else places.index.to_series()).to_numpy()
    must = places.get("required", pd.Series(data=False, index=places.index)).fillna(value=False)
    if (needed := far & must.to_numpy(dtype=bool)).any():
        msg = (
            f"Candidates that have to be opened lie farther than {snap_m:g} m from every street "
            f"({listed(labels[needed])}): check their coordinates, or do not require them."
        )
        raise InputError(msg)
    warnings.warn(
        f"{int(far.sum())} of {len(far)} candidates lie farther than {snap_m:g} m from every "
        f"street ({listed(labels[far])}): nobody can walk there. Check their coordinates, or "
        "leave them out.",
        QuarterhourWarning,
        stacklevel=4,
    )


def weights_of(origins: gpd.GeoDataFrame) -> tuple[Floats, str]:
    """Residents of each origin, or one residence each; a home counts once."""
    once = ~origins.get("again", pd.Series(data=False, index=origins.index)).to_numpy(dtype=bool)
    residents = origins["residents"].to_numpy(dtype=float)
    if np.isnan(residents).any() or not residents.sum() > 0:
        return once.astype(float), "residences"
    return residents * once, "residents"


def reached_already(card: Scorecard, item: Item) -> Ints:
    """How many places that exist each origin has within the limit."""
    found = card.matches[(card.matches["item"] == item.key) & (card.matches["evidence"] != "host")]
    if "counts" in found:
        found = found[found["walk"] & (found["counts"] == "yes")]
    places = card.facilities.loc[found["facility"].unique()]
    counts = np.zeros(len(card.origins), dtype=np.int64)
    if len(places) == 0 or (question := card.question) is None:
        return counts
    homes = placed_starts(card.origins, card.network, question.snap_limit_m)
    ends = placed_ends(places, card.network, question.snap_limit_m)
    minutes = item.limit.most / 60.0
    walks = times_between(homes, ends, card.network, minutes, pace=question.pace)
    # A place that is listed twice, or has two doors, is one.
    known = found.drop_duplicates("facility").set_index("facility").reindex(places.index)
    place = pd.factorize(known.get("place", known.index))[0]
    both = np.unique(np.column_stack([walks.origin, place[walks.destination]]), axis=0)
    return np.bincount(both[:, 0], minlength=len(counts)).astype(np.int64)


def nearest_already(card: Scorecard, item: Item) -> Floats:
    """Seconds of each origin to the nearest place that exists, infinite where there is none."""
    times = card.times
    mine = times[(times["item"] == item.key) & ~times["host"].astype(bool)]
    seconds = mine.set_index("origin")["seconds"].reindex(card.origins.index)
    return seconds.fillna(np.inf).to_numpy(dtype=float)
