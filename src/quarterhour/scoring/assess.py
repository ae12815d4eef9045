"""The sentence: assess these areas, on these streets, to these facilities, against this list."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError, QuarterhourWarning
from quarterhour.places.contracts import check_areas, check_facilities
from quarterhour.places.datum import check_datum, needs_datum
from quarterhour.places.duplicates import duplicates_report
from quarterhour.places.origins import check_origins
from quarterhour.places.origins import origins as origins_of
from quarterhour.scoring.assessable import items_shown, source_kind
from quarterhour.scoring.left_out import left_out_of
from quarterhour.scoring.manifest import describe_network, describe_table, manifest
from quarterhour.scoring.scorecard import Scorecard, score
from quarterhour.scoring.service import Mode, Rules, in_service
from quarterhour.scoring.walks import settle
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify
from quarterhour.standards.items import Item
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.detect_datum import contradiction
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import (
    NOWHERE,
    SNAP_LIMIT_M,
    Placed,
    end_positions,
    in_crs_of,
    require_snapped,
    start_positions,
)
from quarterhour.walking.metres import Metres
from quarterhour.walking.nearest import nearest_of
from quarterhour.walking.pace import ADULT, Pace, closed_streets, off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of, times_between

HORIZON = 2.0
"""Facilities are looked for up to this many times the limit, to say how far away they are."""


_TIMES = ["origin", "item", "seconds", "metres", "facility", "status", "host"]


def assess(  # noqa: PLR0913 - the sentence has all its words in one place
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    checklist: Checklist,
    *,
    origins: gpd.GeoDataFrame | None = None,
    pace: Pace = ADULT,
    quota: float = 0.5,
    surveyed: Collection[str] = (),
    at: str | datetime | None = None,
    contracted_only: bool = False,
    mode: Mode = "function",
) -> Scorecard:
    """Score areas against a checklist: classify, walk, judge.

    Parameters
    ----------
    areas
        Residential areas: polygons or points with a CRS; ``name`` and ``residents`` if known.
    facilities
        Places with a CRS and names, OSM tags, typecodes or declared items. The same place
        listed twice counts once where an item asks for several.
    network
        The streets.
    checklist
        What residents should reach, and within which limit.
    origins
        From where residents walk, as :func:`quarterhour.origins` gives them; made from the
        areas alone (a grid of points in each) if not given.
    pace
        How they walk.
    quota
        Share of an area's residents that has to be within the limit: 0.5 is the median one.
    surveyed
        Items of which ``facilities`` is known to be complete (``["all"]`` for every one): not
        finding them is then unmet, where it would be unknown for what maps rarely show.
    at
        When, as local time ("2026-11-24 20:00"): what is closed then does not count, and what
        has no hours that can be read counts perhaps. Not given: hours do not matter. Facilities
        have to be valid on that day, or today (``valid_from``, ``valid_to``).
    contracted_only
        Whether commercial and specialised items count only where ``contracted`` is true.
    mode
        "function": what is delivered, shared by an employer or implied by a host counts;
        "facility": only places of their own.

    Returns
    -------
    Scorecard

    Raises
    ------
    InputError
        If a table breaks its contract, or its datum is not that of the streets.
    NetworkError
        If the areas or the facilities lie nowhere near the streets.
    MissingExtraError
        If ``at`` is given and the packages that read opening hours are not installed.

    Warns
    -----
    QuarterhourWarning
        If the streets contradict the datum that the facilities were declared to have.
    """
    rules = Rules.of(at, contracted_only=contracted_only, mode=mode)
    check_areas(areas)
    check_facilities(facilities)
    check_datum(areas, "areas")
    check_datum(facilities, "facilities")
    homes = origins_of(areas) if origins is None else origins
    check_origins(homes, areas)
    if homes.attrs.get("datum") is not None:
        check_datum(homes, "origins")
    _require_overlap(areas, network)
    notes = _doubts(facilities, network)
    found = classify(facilities, checklist, hosts=mode == "function")
    matches, service_notes = in_service(found, facilities, checklist, rules)
    given = facilities
    compounds = closed_compounds(areas, homes, network)
    facilities, walled = reached_by_gates(facilities, compounds, network)
    notes += walled
    serving = facilities.loc[matches["facility"].unique()]
    ends = _placed(serving, network)
    notes += _lost(ends, facilities, network)
    place, merged = _places(serving)
    matches["place"] = matches["facility"].map(place)
    speed = off_street_speed_m_s(pace)
    times = walks_to_items(homes, facilities, matches, network, checklist, pace, ends=ends)
    shown = items_shown(checklist, facilities, found)
    results = score(
        times,
        homes,
        areas,
        checklist,
        quota=quota,
        surveyed=surveyed,
        shown=shown,
        edge_m=_distance_to_edge(homes, network),
        speed_m_s=speed,
    )
    inputs: dict[str, Any] = {
        "areas": describe_table(areas),
        "facilities": describe_table(given),
        "origins": describe_table(homes),
        "network": describe_network(network),
        "checklist": {
            "key": checklist.key,
            "items": len(checklist),
            "status": checklist.status,
            "sha256": checklist.sha256,
        },
    }
    inputs["facilities"]["kind"] = source_kind(facilities, checklist)
    inputs["facilities"]["notes"] += [*notes, *merged, *service_notes]
    parameters = {
        "pace": str(pace),
        "speed_m_s": speed,
        "closed_streets": closed_streets(pace, network),
        "quota": quota,
        "surveyed": sorted(surveyed),
        "shown": sorted(shown),
        "at": None if rules.at is None else rules.at.isoformat(" ", "minutes"),
        "valid_on": rules.day.isoformat(),
        "contracted_only": contracted_only,
        "mode": mode,
        "origins_at": homes.attrs.get("at"),
        "snap_limit_m": SNAP_LIMIT_M,
        "horizon": HORIZON,
        "limits": {item.key: str(item.limit) for item in checklist},
    }
    left_out = left_out_of(areas, homes, facilities, matches, network).to_dict("records")
    return Scorecard(
        results=results,
        areas=areas,
        origins=homes,
        facilities=facilities,
        matches=matches,
        times=times,
        network=network,
        checklist=checklist,
        manifest=manifest(inputs, parameters) | {"left_out": left_out},
    )


def _placed(facilities: gpd.GeoDataFrame, network: WalkNetwork) -> Placed:
    at = end_positions(facilities, network) if len(facilities) else NOWHERE
    return Placed(facilities.index, at)


def _lost(serving: Placed, facilities: gpd.GeoDataFrame, network: WalkNetwork) -> list[str]:
    """Count the facilities that serve an item and lie near no street; refuse if all lie so."""
    near = int(serving.snapped.sum())
    if near == 0:
        everything = end_positions(facilities, network)
        require_snapped(everything, len(facilities), "facilities", SNAP_LIMIT_M)
    if lost := len(serving.labels) - near:
        return [f"{lost} facilities lie farther than {SNAP_LIMIT_M:g} m from every street."]
    return []


def _doubts(facilities: gpd.GeoDataFrame, network: WalkNetwork) -> list[str]:
    """Warn if the streets say that the facilities have another datum than was declared."""
    source = str(facilities.attrs.get("source", ""))
    from_the_same_file = Path(source).name == network.metadata.get("source")
    if from_the_same_file or not needs_datum(facilities):
        return []
    doubt = contradiction(facilities, network)
    if doubt is None:
        return []
    warnings.warn(f"Facilities: {doubt}", QuarterhourWarning, stacklevel=3)
    return [doubt]


def _places(facilities: gpd.GeoDataFrame) -> tuple[pd.Series[Any], list[str]]:
    """Say for each facility which place it is, and how many are one that is listed already."""
    place = pd.Series(facilities.index, index=facilities.index, dtype=object)
    if facilities.empty:
        return place, []
    report = duplicates_report(facilities)
    place[report["facility"]] = report["kept"].to_numpy()
    said = {"duplicate": "Places listed already", "entrance": "Entrances listed as places"}
    counts = report["reason"].value_counts()
    return place, [
        f"{said[str(word)]}: {counts[word]} that serve an item." for word in counts.index
    ]


def walks_to_items(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    matches: pd.DataFrame,
    network: WalkNetwork,
    checklist: Checklist,
    pace: Pace = ADULT,
    *,
    ends: Placed | None = None,
) -> pd.DataFrame:
    """Find the nearest facility of each item for every origin, by itself and through a host.

    ``ends`` says where the facilities of the matches are on the network, where that is known.

    Returns
    -------
    DataFrame
        As :func:`quarterhour.nearest`, plus ``host``: whether the facility only implies the
        item, and ``metres``: the length of the walk, for items with a limit in metres (NaN for
        the others). The nearest one is then the nearest in metres of the streets that the walker
        may use, and ``seconds`` are these metres at the walker's speed. What is there but
        nowhere on the network is ``not_snapped``. An item that asks for several facilities is
        timed to the last of them. Where ``matches`` say what counts (as
        :func:`quarterhour.scoring.service.in_service` does), homes have the further statuses of
        :func:`quarterhour.scoring.walks.settle`.
    """
    if ends is None:
        ends = _placed(facilities.loc[matches["facility"].unique()], network)
    homes = Placed(origins.index, start_positions(origins, network))
    args = (homes, ends, network, checklist, pace)
    if "counts" not in matches:
        return _walks(matches, *args)
    walked = matches[matches["walk"]]
    times = _walks(walked[walked["counts"] == "yes"], *args)
    if (matches["counts"] == "yes").all() and not matches["no_walk"].any():
        return times
    open_items = walked.loc[walked["counts"] == "perhaps", "item"].unique()
    perhaps = walked[(walked["counts"] != "no") & walked["item"].isin(open_items)]
    possible = _walks(perhaps.assign(evidence=""), *args)
    return settle(times, possible, matches, origins, facilities, checklist)


def _walks(
    matches: pd.DataFrame,
    homes: Placed,
    ends: Placed,
    network: WalkNetwork,
    checklist: Checklist,
    pace: Pace,
) -> pd.DataFrame:
    """Search for the items of the matches, apart for those that a host implies."""
    tables = [pd.DataFrame(columns=_TIMES)]
    for by_host in (False, True):
        mine = matches[(matches["evidence"] == "host") == by_host]
        mine = mine.drop_duplicates(["facility", "item"])
        for items, minutes, walker in _rounds(checklist, pace):
            chosen = mine[mine["item"].isin([item.key for item in items])]
            if chosen.empty:
                continue
            require_snapped(homes.at, len(homes.labels), "origins", SNAP_LIMIT_M)
            places = ends.take(ends.labels.get_indexer(pd.Index(chosen["facility"])))
            limit_s = seconds_of(minutes)
            found = nearest_of(homes, places, chosen["item"], network, limit_s, pace=walker)
            # What is there and cannot be walked to is lost, not missing.
            found["status"] = found["status"].replace("no_facility", "not_snapped")
            several = {item.key: item.at_least for item in items if item.at_least > 1}
            if several and not by_host:
                walk = (homes, places, network, minutes, walker)
                found = _last_of_several(found, chosen, several, *walk)
            found["metres"] = np.nan
            if items[0].limit.in_metres:
                found["metres"] = found["seconds"]
                found["seconds"] = found["metres"] / off_street_speed_m_s(pace)
            tables.append(found.assign(host=by_host)[_TIMES])
    filled = [table for table in tables if not table.empty]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def _rounds(checklist: Checklist, pace: Pace) -> list[tuple[list[Item], float, Pace]]:
    """Items that can be searched together: those with minutes, and those with metres."""
    rounds: list[tuple[list[Item], float, Pace]] = []
    for in_metres, walker in ((False, pace), (True, Metres(pace))):
        items = [item for item in checklist if item.limit.in_metres == in_metres]
        if items:
            most = max(item.limit.most for item in items)
            rounds.append((items, HORIZON * most / 60.0, walker))
    return rounds


def _last_of_several(
    found: pd.DataFrame,
    matches: pd.DataFrame,
    several: dict[str, int],
    homes: Placed,
    places: Placed,
    network: WalkNetwork,
    minutes: float,
    pace: Pace,
) -> pd.DataFrame:
    """Time the walks to items that ask for several places to the last of them."""
    tables = [found[~found["item"].isin(list(several))]]
    for item, count in several.items():
        table = found[found["item"] == item].set_index("origin")
        if not (table["status"] == "within_limit").any():
            tables.append(table.reset_index())
            continue
        rows = np.flatnonzero(matches["item"] == item)
        walks = times_between(homes, places.take(rows), network, minutes, pace=pace).to_frame()
        mine = matches.iloc[rows].set_index("facility", drop=False)
        walks["place"] = walks["destination"].map(mine.get("place", mine["facility"]))
        walks = walks.sort_values(["origin", "seconds"], kind="stable")
        walks = walks.drop_duplicates(["origin", "place"])
        last = walks[walks.groupby("origin").cumcount() == count - 1].set_index("origin")
        short = (table["status"] == "within_limit") & ~table.index.isin(last.index)
        tables.append(
            table.assign(
                seconds=last["seconds"].reindex(table.index),
                facility=last["destination"].reindex(table.index),
                status=table["status"].mask(short, "beyond_limit"),
            ).reset_index()
        )
    return pd.concat(tables, ignore_index=True)


def _distance_to_edge(origins: gpd.GeoDataFrame, network: WalkNetwork) -> Floats:
    """Straight distance of each origin from the border of the data; 0 outside."""
    points = in_crs_of(origins, network, "origins")
    inside = shapely.intersects(network.extent, points)
    border = shapely.boundary(network.extent)
    return np.where(inside, shapely.distance(border, points), 0.0)


def _require_overlap(areas: gpd.GeoDataFrame, network: WalkNetwork) -> None:
    shapes = in_crs_of(areas, network, "areas")
    near = shapely.dwithin(shapes, network.extent, SNAP_LIMIT_M)
    if not near.any():
        ours = shapely.total_bounds(shapes).round(0).tolist()
        streets = np.round(network.extent.bounds, 0).tolist()
        msg = (
            f"None of the {len(areas)} areas lies on the street network: areas span {ours}, "
            f"streets {streets} (metres, {network.crs.name}). Check their CRS and datum."
        )
        raise NetworkError(msg)
