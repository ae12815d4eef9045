"""Where homes and facilities join the streets, and by which points: so that they can be moved."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.outputs.map.plane import millimetres
from quarterhour.outputs.map.streets import steps
from quarterhour.outputs.map.walkers import packed
from quarterhour.places.cell_words import is_true
from quarterhour.places.origins import BEHIND
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.compounds import FRONT_M, IN_WALL_M, closed_compounds
from quarterhour.streets.grounds import inside_m
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import (
    end_positions,
    in_crs_of,
    nearest_positions,
    places_of_entry,
    touching_positions,
)

Shapes = npt.NDArray[np.object_]
ALONG_M = 0.5
"""A street this near to a wall runs along it, as in :mod:`quarterhour.streets.compounds`."""


class Frame(NamedTuple):
    """The streets, which of their edges the page has, where its metres begin, the snap limit.

    ``unit`` is how many units of the plane a metre is.
    """

    network: WalkNetwork
    edges: Ints
    origin: list[float]
    unit: float
    snap_limit_m: float

    def number(self) -> Ints:
        """Give the page's number of each edge, -1 where it has it not."""
        found = np.full(self.network.n_edges, -1, dtype=np.int64)
        found[self.edges] = np.arange(len(self.edges))
        return found


def homes_block(card: Scorecard, frame: Frame) -> dict[str, Any]:
    """Give the homes: their points and doors, and where these meet the streets."""
    shapes = in_crs_of(card.origins, frame.network, "origins")
    return _placed(card.origins, shapes, frame)


def facilities_block(facilities: gpd.GeoDataFrame, frame: Frame) -> dict[str, Any]:
    """Give the facilities as :func:`homes_block` gives homes, and the outlines of large ones."""
    shapes = places_of_entry(facilities, frame.network)
    block = _placed(facilities, shapes, frame)
    drawn = np.flatnonzero(~_dots(shapes) & ~shapely.is_missing(shapes))
    block["outlines"] = {"place": drawn.tolist(), **rings_block(shapes[drawn], frame)}
    return block


def rings_block(shapes: Shapes, frame: Frame) -> dict[str, Any]:
    """Give the lines of shapes, or of their outlines, and whether they have an inside."""
    solid = shapely.get_dimensions(shapes) == 2
    lines, shape = shapely.get_parts(
        np.where(solid, shapely.boundary(shapes), shapes), return_index=True
    )
    xy, line = shapely.get_coordinates(lines, return_index=True)
    x, y = millimetres(xy, frame.origin, frame.unit)
    return {
        "solid": solid.astype(int).tolist(),
        "lines": np.bincount(shape, minlength=len(shapes)).tolist(),
        "points": np.bincount(line, minlength=len(lines)).tolist(),
        "x": x,
        "y": y,
    }


def _dots(shapes: Shapes) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isin(shapely.get_type_id(shapes), (0, 4)))


def _doors(table: gpd.GeoDataFrame, network: WalkNetwork) -> Shapes:
    doors = np.full(len(table), None, dtype=object)
    if "exits" in table:
        exits = gpd.GeoSeries(table["exits"])
        exits = exits.to_crs(network.crs) if exits.crs is not None else exits
        doors = np.asarray(exits.array, dtype=object).copy()
    doors[shapely.is_missing(doors) | shapely.is_empty(doors)] = None
    return doors


def _placed(table: gpd.GeoDataFrame, shapes: Shapes, frame: Frame) -> dict[str, Any]:
    """Points, doors and positions of the rows of a table."""
    doors = _doors(table, frame.network)
    gated = ~shapely.is_missing(doors)
    dots = _dots(shapes)
    points, owner = shapely.get_parts(shapes[dots], return_index=True)
    owner = np.flatnonzero(dots)[owner]
    x, y = millimetres(shapely.get_coordinates(points), frame.origin, frame.unit)
    more = inside_m(table)
    found = [
        _free(points, owner, gated, frame),
        _through_doors(shapes, doors, frame),
        _by_outline(table, ~dots & ~gated & ~shapely.is_missing(shapes), frame),
    ]
    place, anchor, edge, fraction, leg = (
        np.concatenate(parts) for parts in zip(*found, strict=True)
    )
    edge = frame.number()[edge]
    order = np.lexsort((np.arange(len(place)), place))
    order = order[edge[order] >= 0]
    inside = more if more.any() else more[:0]
    behind = table.get(BEHIND)
    return {
        "count": np.bincount(owner, minlength=len(table)).tolist(),
        "x": x,
        "y": y,
        "more": packed(inside),
        "behind": [] if behind is None or behind.isna().all() else _labels(behind),
        **_door_sets(doors, frame),
        "at": {
            "place": steps(place[order]),
            "anchor": anchor[order].tolist(),
            "edge": steps(edge[order]),
            "fraction": packed(fraction[order]),
            "leg": packed(leg[order] + more[place[order]]),
        },
    }


_Found = tuple[Ints, Ints, Ints, Floats, Floats]


def _within(owner: Ints) -> Ints:
    """Number the entries of each owner, who come one after the other."""
    first = np.searchsorted(owner, owner, side="left")
    return np.arange(len(owner)) - first


def _free(points: Shapes, owner: Ints, gated: npt.NDArray[np.bool_], frame: Frame) -> _Found:
    mine = ~gated[owner]
    at = nearest_positions(points[mine], frame.network, frame.snap_limit_m)
    rows = np.flatnonzero(mine)[at.row]
    return owner[rows], _within(owner)[rows], at.edge, at.fraction, at.leg_m


def _through_doors(shapes: Shapes, doors: Shapes, frame: Frame) -> _Found:
    gates, owner = shapely.get_parts(doors, return_index=True)
    at = touching_positions(gates, frame.network, frame.snap_limit_m)
    inside = shapely.distance(shapes[owner], gates) / frame.network.units_per_metre(gates)
    leg = at.leg_m + inside[at.row]
    return owner[at.row], _within(owner)[at.row], at.edge, at.fraction, leg


def _by_outline(table: gpd.GeoDataFrame, mine: npt.NDArray[np.bool_], frame: Frame) -> _Found:
    rows = np.flatnonzero(mine)
    if len(rows) == 0:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, np.zeros(0), np.zeros(0)
    bare = table.iloc[rows]
    at = end_positions(bare, frame.network, frame.snap_limit_m)
    leg = at.leg_m - inside_m(bare)[at.row]
    return rows[at.row], np.full(len(at.row), -1), at.edge, at.fraction, leg


def _door_sets(doors: Shapes, frame: Frame) -> dict[str, Any]:
    """Give the gates of each row as the number of a set: neighbours share theirs."""
    known: dict[bytes, int] = {}
    kept: list[Any] = []
    number = []
    for one in doors:
        if one is None:
            number.append(-1)
            continue
        key = shapely.to_wkb(one)
        if key not in known:
            known[key] = len(kept)
            kept.append(one)
        number.append(known[key])
    gates, owner = shapely.get_parts(np.array(kept, dtype=object), return_index=True)
    x, y = millimetres(shapely.get_coordinates(gates), frame.origin, frame.unit)
    count = np.bincount(owner, minlength=len(kept)).tolist()
    return {"doors": number, "sets": {"count": count, "x": x, "y": y}}


def _labels(behind: Any) -> list[str]:
    return ["" if missing else str(one) for one, missing in zip(behind, behind.isna(), strict=True)]


def compounds_block(card: Scorecard, facilities: gpd.GeoDataFrame, frame: Frame) -> dict[str, Any]:
    """Give the areas with walls, and which facilities lie in them, how near to the wall.

    ``facilities`` are as they were given, without the gates of compounds as their ways in.
    """
    network = frame.network
    shapes = in_crs_of(card.areas, network, "areas")
    first = card.origins.drop_duplicates("area").set_index("area")
    way_out = first["way_out"].reindex(card.areas.index).to_numpy() if "way_out" in first else None
    if way_out is None or "exits" not in card.origins or "kind" not in card.origins:
        return {"area": []}
    solid = np.isin(shapely.get_type_id(shapes), (3, 6))
    row = np.flatnonzero(solid & (way_out != "open"))
    closed = closed_compounds(card.areas, card.origins, network)
    gates = np.full(len(shapes), None, dtype=object)
    gates[card.areas.index.get_indexer(closed.labels)] = closed.gates
    declared = np.zeros(len(shapes), dtype=bool)
    if "walled" in card.areas:
        declared = is_true(card.areas["walled"], "walled")
    front_m = np.where(declared, IN_WALL_M, FRONT_M)
    return {
        "area": row.tolist(),
        "size": packed(shapely.area(shapes[row])),
        "front_m": front_m[row].tolist(),
        "outlines": rings_block(shapes[row], frame),
        **_door_sets(gates[row], frame),
        "inside": _pairs(facilities, shapes[row], front_m[row], frame),
        "own_ways": np.flatnonzero(~shapely.is_missing(_doors(facilities, network))).tolist(),
    }


def _pairs(
    facilities: gpd.GeoDataFrame, compounds: Shapes, front_m: Floats, frame: Frame
) -> dict[str, list[int]]:
    """Facilities inside compounds: whether each is a shop front, and whether streets lead in."""
    shapes = places_of_entry(facilities, frame.network)
    place, compound = shapely.STRtree(compounds).query(shapes, "within")
    order = np.lexsort((compound, place))
    place, compound = place[order], compound[order]
    front = shapely.distance(shapely.boundary(compounds[compound]), shapes[place])
    some, where = np.unique(place, return_inverse=True)
    good, ways = np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.int64)
    if len(some):
        at = end_positions(facilities.iloc[some], frame.network)
        spot = shapely.line_interpolate_point(
            frame.network.lines[at.edge], at.fraction, normalized=True
        )
        ways = np.asarray(np.bincount(at.row, minlength=len(some))[where.ravel()], dtype=np.int64)
        for k in range(len(place)):
            mine = spot[at.row == where.ravel()[k]]
            good[k] = shapely.dwithin(compounds[compound[k]], mine, ALONG_M).sum()
    return {
        "place": place.tolist(),
        "compound": compound.tolist(),
        "front": (front <= front_m[compound]).astype(int).tolist(),
        "ways": ways.tolist(),
        "good": good.tolist(),
    }
