"""Hold isochrones to the search they were drawn from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from tqdm.auto import tqdm

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import nearest_positions
from quarterhour.walking.given import paces_of
from quarterhour.walking.isochrones.isochrones import REACH_M
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.travel_times import travel_times
from quarterhour.walking.watched import is_watched

_AROUND_M = 60.0
"""How far beyond an isochrone samples are strewn: a little more than it reaches off the street."""

_JITTER_M = 2.0
"""Spread of the samples beside the boundary, where judgements are hardest."""

_RADII_M = (
    0.01,
    0.03,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.8,
    1,
    1.5,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    15,
    20,
    30,
    40,
    50,
    75,
    100,
    150,
    200,
    300,
    500,
)
_DIRECTIONS = 48


def verify(
    isochrones: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    places: gpd.GeoDataFrame | None = None,
    pace: Pace | str | Sequence[Pace | str] = ADULT,
    samples: int = 20_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask the search about many points, and compare with what the isochrones say.

    Half of the samples are strewn over and around each isochrone, a quarter close to its
    boundary, a quarter on the streets. A point that is judged wrongly is an error of as many
    metres as it lies from the nearest point with the other answer.

    Parameters
    ----------
    isochrones
        What :func:`quarterhour.isochrones` gave, or polygons from elsewhere with ``origin`` and
        ``minutes``.
    network
        The streets they were drawn on.
    places
        Where the walks begin, by index label as in ``origin``; isochrones of this library
        remember them.
    pace
        The pace they were drawn with; of several, each by what it says of itself.
    samples
        Points per isochrone.
    seed
        Seed of the sampling.

    Returns
    -------
    DataFrame
        Aligned to the index of the isochrones: ``origin``, ``minutes``, ``samples``,
        ``false_in``, ``false_out`` (points off the streets), ``street_samples``,
        ``street_false_in``, ``street_false_out``, and ``error_m``, the largest error (0 if
        none, infinite beyond 500 m).

    Raises
    ------
    InputError
        If it is not known where the walks begin, or a pace is not among those given.
    """
    if places is None:
        places = remembered(isochrones)
    reach_m = float(isochrones.attrs.get("reach_m", REACH_M))
    direction = str(isochrones.attrs.get("direction", "from"))
    shapes = np.asarray(isochrones.geometry.to_crs(network.crs).array, dtype=object)
    rng = np.random.default_rng(seed)
    label = places["area"] if "area" in places else places.index.to_series()
    rows = []
    paces = paces_of(pace)
    walkers = {str(walker): walker for walker in paces}
    drawn_at = isochrones["pace"] if "pace" in isochrones else [str(paces[0])] * len(shapes)
    if strange := set(drawn_at) - set(walkers):
        msg = f"The isochrones were drawn at the pace of {', '.join(strange)}: pass it as pace=… ."
        raise InputError(msg)
    entries = zip(isochrones["origin"], isochrones["minutes"], drawn_at, shapes, strict=True)
    for origin, minutes, walker, shape in tqdm(
        entries, "verify", len(shapes), disable=len(shapes) < 20 or not is_watched()
    ):
        mine = places[(label == origin).to_numpy()]
        truth = _Truth(mine, network, float(minutes), walkers[walker], reach_m, direction)
        rows.append((origin, minutes, *_compare(shape, truth, samples, rng)))
    columns = [
        "origin",
        "minutes",
        "samples",
        "false_in",
        "false_out",
        "street_samples",
        "street_false_in",
        "street_false_out",
        "error_m",
    ]
    return pd.DataFrame(rows, columns=columns, index=isochrones.index)


def remembered(isochrones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring back the places that isochrones were drawn from.

    Raises
    ------
    InputError
        If the table does not remember them, as after reading it from a file.
    """
    kept = isochrones.attrs.get("places")
    if kept is None:
        msg = "These isochrones do not say where they begin: pass places=… ."
        raise InputError(msg)
    kept = json.loads(kept)
    columns = {"exits": gpd.GeoSeries.from_wkb(kept["exits"], crs=kept["crs"])}
    columns |= {"area": kept["area"]} if kept["area"] else {}
    geometry = gpd.GeoSeries.from_wkb(kept["geometry"], crs=kept["crs"])
    table = gpd.GeoDataFrame(columns, geometry=geometry)
    table.index = pd.Index([tuple(x) if isinstance(x, list) else x for x in kept["index"]])
    return table


class _Truth(NamedTuple):
    """What the search says of one place."""

    place: gpd.GeoDataFrame
    network: WalkNetwork
    minutes: float
    pace: Pace
    reach_m: float
    direction: str

    def inside(self, xy: Floats) -> npt.NDArray[np.bool_]:
        """Ask travel_times for each point that lies within reach of a street."""
        points = np.asarray(shapely.points(xy), dtype=object)
        near = nearest_positions(points, self.network, self.reach_m).row
        answer = np.zeros(len(xy), dtype=bool)
        if len(near):
            close = gpd.GeoDataFrame(geometry=points[near], crs=self.network.crs)
            to = self.direction == "to"
            pair = (close, self.place) if to else (self.place, close)
            times = travel_times(*pair, self.network, self.minutes, pace=self.pace)
            answer[near[times.origin if to else times.destination]] = True
        return answer


def _compare(
    shape: shapely.Geometry, truth: _Truth, samples: int, rng: np.random.Generator
) -> tuple[int, int, int, int, int, int, float]:
    place = truth.place.geometry.to_crs(truth.network.crs)
    box = np.asarray(place.total_bounds if shapely.is_empty(shape) else shapely.bounds(shape))
    low, high = box[:2] - _AROUND_M, box[2:] + _AROUND_M
    strewn = rng.uniform(low, high, (samples // 2, 2))
    beside = _beside(shape, samples // 4, rng)
    on_street = _on_street(truth.network, low, high, samples // 4, rng)
    shapely.prepare(shape)
    off = np.concatenate([strewn, beside])
    said, meant = shapely.intersects_xy(shape, off), truth.inside(off)
    street_said, street_meant = shapely.intersects_xy(shape, on_street), truth.inside(on_street)
    wrong = np.concatenate([off[said != meant], on_street[street_said != street_meant]])
    answers = np.concatenate([meant[said != meant], street_meant[street_said != street_meant]])
    return (
        len(off),
        int((said & ~meant).sum()),
        int((~said & meant).sum()),
        len(on_street),
        int((street_said & ~street_meant).sum()),
        int((~street_said & street_meant).sum()),
        _error_m(wrong, answers, truth),
    )


def _beside(shape: shapely.Geometry, n: int, rng: np.random.Generator) -> Floats:
    rings = shapely.boundary(shape)
    if rings.is_empty:
        return np.zeros((0, 2))
    parts = shapely.get_parts(rings)
    part = rng.choice(len(parts), n, p=shapely.length(parts) / shapely.length(rings))
    on = shapely.line_interpolate_point(parts[part], rng.random(n), normalized=True)
    return np.asarray(shapely.get_coordinates(on) + rng.normal(0.0, _JITTER_M, (n, 2)))


def _on_street(
    network: WalkNetwork, low: Floats, high: Floats, n: int, rng: np.random.Generator
) -> Floats:
    """Positions on streets that places snap to, within a box."""
    window = shapely.box(*low, *high)
    edges = np.flatnonzero(~network.passed_over)
    edges = edges[shapely.intersects(window, network.lines[edges])]
    length = network.line_length_m[edges]
    if length.sum() == 0:
        return np.zeros((0, 2))
    edge = rng.choice(edges, n, p=length / length.sum())
    on = shapely.line_interpolate_point(network.lines[edge], rng.random(n), normalized=True)
    return np.asarray(shapely.get_coordinates(on))


def _error_m(wrong: Floats, answers: npt.NDArray[np.bool_], truth: _Truth) -> float:
    """Radius of the smallest ring around the worst wrong point that meets the other answer."""
    angle = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    error = 0.0
    for radius in _RADII_M:
        if len(wrong) == 0:
            return error
        error = float(radius)
        around = (wrong[:, None, :] + radius * ring).reshape(-1, 2)
        other = truth.inside(around).reshape(len(wrong), -1) != answers[:, None]
        still = ~other.any(axis=1)
        wrong, answers = wrong[still], answers[still]
    return float("inf") if len(wrong) else error
