"""Reached streets to polygons: everything that lies within a walk of so many minutes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from tqdm.auto import tqdm

from quarterhour.arrays import Ints, cores
from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import SNAP_LIMIT_M, end_positions, require_snapped, start_positions
from quarterhour.walking.areas import homes_of
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import limits_of, paces_of
from quarterhour.walking.isochrones.fields import (
    Direction,
    Reach,
    Walks,
    fields,
    reached_lines,
    units_at,
    walks_of,
)
from quarterhour.walking.isochrones.ring_kernels import rings
from quarterhour.walking.isochrones.tiles import Boundary, Grain, Rule, boundary
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.travel_times import seconds_of
from quarterhour.walking.watched import is_watched

REACH_M = SNAP_LIMIT_M
"""How far off the street an isochrone reaches: as far as homes are joined to streets, so that all
homes that the search reaches are drawn inside. A choice of how it looks; no score knows of it."""

Method = Literal["exact", "fast"]


_GRAIN = {"exact": Grain(44 / 64, 3), "fast": Grain(50 / 8, 0)}

_THIN_M = {"exact": 0.02, "fast": 0.2}
"""Vertices are left out that lie this near to the line between others."""

_SLIVER_M = 0.01
"""Half the width of a street that is added where sampling missed it."""

_SHARE = 16
"""Sources that a thread takes at a time."""

ERROR_M = {"exact": 0.5, "fast": 5.0}
"""How far a wrongly judged point may lie from the true boundary, by method."""


def isochrones(
    places: Given,
    network: WalkNetwork,
    minutes: float | Sequence[float] = (5, 10, 15),
    *,
    pace: Pace | str | Sequence[Pace | str] = ADULT,
    direction: Direction = "from",
    method: Method = "exact",
    reach_m: float = REACH_M,
    engine: Engine = numba_engine,
) -> gpd.GeoDataFrame:
    r"""Draw what lies within a walk of so many minutes.

    A point p is inside exactly if the seconds from the origin to the nearest street position
    q of p, plus \|pq\| at walking speed, are within the limit, and \|pq\| is at most
    ``reach_m``. It is the search of :func:`quarterhour.travel_times`, drawn.

    Parameters
    ----------
    places
        Points, areas, or what :func:`quarterhour.origins` gives, with a CRS; or a pair
        (longitude, latitude). All origins of an
        area share one isochrone: what any of its residents can reach.
    network
        The streets.
    minutes
        Limits; the bands are nested.
    pace
        Network -> seconds per edge and direction. Several share snapping and all that is known
        of the plane beside the streets.
    direction
        ``"from"``: where one can walk to from the places; ``"to"``: from where one can walk to
        them.
    method
        ``"exact"`` (boundary true to ``ERROR_M["exact"]`` metres, streets without error) or
        ``"fast"`` (to ``ERROR_M["fast"]``).
    reach_m
        How far off the street it reaches, in metres. As drawn by default all that the search
        reaches is inside, and blocks that one can walk round are filled; with less, land
        deep in a block is a hole, though whoever lives there is scored as reached. It
        changes pictures and ``area_m2``, and no score.
    engine
        What searches.

    Returns
    -------
    GeoDataFrame
        One row per pace, place (or area) and limit: ``origin`` (index label, or the area's),
        ``minutes``, ``pace`` (what it says of itself), ``area_m2`` and geometry, in the CRS of
        the places. A place that is not snapped has an empty geometry. ``attrs`` says direction,
        reach, method and error.

    Raises
    ------
    InputError
        If there is no CRS, a limit is not positive, or a word is not known.
    NetworkError
        If no place lies near a street.
    """
    _require(method, direction, reach_m)
    limits, walkers = limits_of(minutes), paces_of(pace)
    places = places_given(places, "places")
    homes = _homes(places, direction)
    sources, labels = _sources(homes, network, direction)
    outlines = []
    for walker in walkers:
        walks = walks_of(network, walker, direction, engine)
        rules = [(seconds_of(limit), walks.speed_m_s, float(reach_m)) for limit in limits]
        outlines.append(_draw(walks, sources, len(labels), rules, method))
    table = _table(labels, limits, [str(walker) for walker in walkers], outlines, network)
    table = table if places.crs == network.crs else table.to_crs(places.crs)
    table.attrs = {
        "direction": direction,
        "reach_m": reach_m,
        "method": method,
        "error_m": ERROR_M[method],
        "places": _memory(homes),
    }
    return table


def _draw(
    walks: Walks, sources: Positions, n_sources: int, rules: list[Rule], method: Method
) -> npt.NDArray[np.object_]:
    """Outlines of each source at each limit, ``(n_sources, len(rules))``."""
    # To four digits (2.5 mm of 50 m), so that a town shares what is known of its plane.
    units = units_at(walks.network, sources, n_sources).round(4)

    def draw(first: int) -> npt.NDArray[np.object_]:
        bounds = first, min(first + _SHARE, n_sources)
        outlines = np.full((bounds[1] - first, len(rules)), shapely.Polygon(), dtype=object)
        for found in fields(walks, sources, bounds, rules[-1][0]):
            if found is not None:
                unit = float(units[found.source])
                for column, (limit_s, speed, reach) in enumerate(rules):
                    rule = limit_s, speed * unit, reach * unit
                    outline = _outline(walks.network, found, rule, method)
                    outlines[found.source - first, column] = outline
        return outlines

    shares = range(0, n_sources, _SHARE)
    quiet = n_sources < 50 or not is_watched()
    with (
        tqdm(desc="isochrones", total=n_sources, disable=quiet) as bar,
        ThreadPoolExecutor(min(cores(), max(1, len(shares)))) as threads,
    ):
        parts = []
        for part in threads.map(draw, shares) if len(shares) > 1 else map(draw, shares):
            parts.append(part)
            bar.update(len(part))
    return np.concatenate([np.empty((0, len(rules)), dtype=object), *parts])


def _require(method: str, direction: str, reach_m: float) -> None:
    known = {"method": (method, [*_GRAIN]), "direction": (direction, ["from", "to"])}
    for name, (word, words) in known.items():
        if word not in words:
            msg = f"{name}={word!r} is not known: use {' or '.join(map(repr, words))}."
            raise InputError(msg)
    if not 1 <= reach_m <= SNAP_LIMIT_M:
        msg = f"reach_m={reach_m} has to lie between 1 and {SNAP_LIMIT_M:g} m."
        raise InputError(msg)


def _homes(places: gpd.GeoDataFrame, direction: Direction) -> gpd.GeoDataFrame:
    """Areas are left from origins in them; whatever else is given is a place of its own."""
    homes = homes_of(places) if direction == "from" else None
    return places if homes is None else homes.table


def _memory(homes: gpd.GeoDataFrame) -> str | None:
    """Places as one text, for :func:`quarterhour.verify`; None if their labels are no plain data.

    One text, as pandas copies what a table carries, piece by piece, with everything done to it.
    """
    exits = homes["exits"].to_wkb(hex=True) if "exits" in homes else [None] * len(homes)
    kept = {
        "crs": homes.crs.to_wkt(),
        "index": homes.index.tolist(),
        "geometry": homes.geometry.to_wkb(hex=True).tolist(),
        "exits": list(exits),
        "area": homes["area"].tolist() if "area" in homes else [],
    }
    try:
        return json.dumps(kept)
    except TypeError:
        return None


def _sources(
    homes: gpd.GeoDataFrame, network: WalkNetwork, direction: Direction
) -> tuple[Positions, pd.Index]:
    """Positions on the network, with the row of the place or area each belongs to."""
    at = start_positions(homes, network) if direction == "from" else end_positions(homes, network)
    require_snapped(at, len(homes), "places", SNAP_LIMIT_M)
    if "area" not in homes:
        return at, homes.index
    code, labels = pd.factorize(homes["area"])
    row = code[at.row]
    order = np.argsort(row, kind="stable")
    return at.take(order)._replace(row=row[order]), pd.Index(labels)


def _table(
    labels: pd.Index,
    minutes: Sequence[float],
    paces: Sequence[str],
    outlines: Sequence[npt.NDArray[np.object_]],
    network: WalkNetwork,
) -> gpd.GeoDataFrame:
    shape = len(paces), len(labels), len(minutes)
    pace, label, limit = (axis.ravel() for axis in np.indices(shape))
    drawn = np.concatenate(outlines).ravel()
    unit = network.units_per_metre(drawn)
    return gpd.GeoDataFrame(
        {
            "origin": labels.take(label),
            "minutes": np.array(minutes, dtype=np.float64)[limit],
            "pace": np.array(paces, dtype=object)[pace],
            "area_m2": shapely.area(drawn) / unit**2,
        },
        geometry=drawn,
        crs=network.crs,
    )


def _outline(network: WalkNetwork, found: Reach, rule: Rule, method: Method) -> shapely.Geometry:
    """Contour the field of one search at one limit."""
    traced = boundary(network, found.field, found.edges, rule, _GRAIN[method])
    outline = _polygons(traced, _THIN_M[method])
    if method == "exact":
        outline = _with_streets(outline, network, found, rule[0])
    return outline


def _polygons(traced: Boundary, thin_m: float) -> shapely.Geometry:
    """Join boundary pieces to rings, and rings to polygons with holes."""
    if len(traced.keys) == 0:
        return shapely.Polygon()
    xy, offset, area = rings(traced.keys, traced.xy, thin_m)
    loops = shapely.linearrings(xy, indices=np.repeat(np.arange(len(area)), np.diff(offset)))
    hole = area < 0
    shells = shapely.polygons(loops[~hole])
    part = np.empty(len(area), dtype=np.int64)
    part[~hole] = np.arange(len(shells))
    part[hole] = _shell_of_each_hole(shells, loops[hole])
    order = np.lexsort((hole, part))
    parts = shapely.polygons(loops[order], indices=part[order])
    whole: shapely.Geometry = shapely.multipolygons(parts) if len(parts) > 1 else parts[0]
    if shapely.is_valid(whole):
        return whole
    # Land only: what collapses to a line or a point is not kept.
    mended: shapely.Geometry = shapely.make_valid(whole, method="structure", keep_collapsed=False)
    return mended


def _shell_of_each_hole(shells: npt.NDArray[np.object_], holes: npt.NDArray[np.object_]) -> Ints:
    """Smallest shell around each hole."""
    if len(shells) == 1:
        return np.zeros(len(holes), dtype=np.int64)
    hole, shell = shapely.STRtree(shells).query(shapely.get_point(holes, 0), "intersects")
    order = np.lexsort((shapely.area(shells)[shell], hole))
    _, first = np.unique(hole[order], return_index=True)
    return np.asarray(shell[order][first])


def _with_streets(
    outline: shapely.Geometry, network: WalkNetwork, found: Reach, limit_s: float
) -> shapely.Geometry:
    """Add what the sampling missed of the streets themselves: tips, and narrow crossings."""
    edges = found.edges[~network.passed_over[found.edges]]
    shapely.prepare(outline)
    edges = edges[~shapely.covers(outline, network.lines[edges])]
    lines = np.array(reached_lines(network, found.field, edges, limit_s), dtype=object)
    missed = lines[~shapely.covers(outline, lines)] if len(lines) else lines
    if len(missed) == 0:
        return outline
    bits = shapely.difference(missed, outline)
    bits = bits[~shapely.is_empty(bits)]
    return shapely.union_all([outline, *shapely.buffer(bits, _SLIVER_M, quad_segs=2)])
