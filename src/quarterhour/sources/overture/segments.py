"""Segments and connectors as ways that share nodes: joined at connectors, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from quarterhour.arrays import Floats
from quarterhour.places.notes import Listing, Note
from quarterhour.sources.overture.files import Row, shapes_of
from quarterhour.sources.overture.objects import Objects
from quarterhour.sources.overture.words import Unread, segment_tags

_EARTH = Geod(ellps="WGS84")
_SAME_DEGREES = 1e-9
"""A vertex so near to a connector is the connector: less than a millimetre."""

SAME_M = 0.01
"""Places so near to each other along a segment are one: shares are given with nine digits."""

_RULES = (
    "access_restrictions",
    "level_rules",
    "road_flags",
    "road_surface",
    "speed_limits",
    "subclass_rules",
)


@dataclass
class _Faults:
    """What did not fit, to be counted and said."""

    order: int = 0
    unplaced: int = 0
    shapeless: int = 0
    kinds: dict[str, int] = field(default_factory=dict)


def add_segments(objects: Objects, rows: list[Row], unread: Unread) -> list[str]:
    """Add the roads to the objects, cut wherever a rule begins or ends.

    Parameters
    ----------
    objects
        With the nodes of the connectors that are known.
    rows
        The segments.
    unread
        Takes words that are not understood.

    Returns
    -------
    notes
        What was left out, guessed or mended, with numbers.
    """
    faults = _Faults()
    shapes = shapes_of(rows)
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    shares, lengths = _shares(coords, owner)
    begin = np.searchsorted(owner, np.arange(len(shapes)))
    end = np.searchsorted(owner, np.arange(len(shapes)), side="right")
    for at, row in enumerate(rows):
        subtype = row.get("subtype") or "road"
        if subtype != "road":
            faults.kinds[str(subtype)] = faults.kinds.get(str(subtype), 0) + 1
            continue
        if shapely.get_type_id(shapes[at]) != 1 or end[at] - begin[at] < 2:
            faults.shapeless += 1
            continue
        span = slice(begin[at], end[at])
        _add_segment(
            objects, row, _Line(coords[span], shares[span], float(lengths[span][0])), faults, unread
        )
    return _notes(faults)


@dataclass(frozen=True)
class _Line:
    """The vertices of a segment, the share of its length at each, and that length."""

    lonlat: Floats
    share: Floats
    length_m: float

    @property
    def same(self) -> float:
        """Shares so near to each other are one place."""
        return SAME_M / max(self.length_m, SAME_M)

    def at(self, share: float) -> Floats:
        """Give the position at a share of the length."""
        return np.array([np.interp(share, self.share, self.lonlat[:, k]) for k in (0, 1)])

    def share_of(self, lonlat: Floats, near: float | None) -> tuple[float, bool]:
        """Give the share at which a position lies, and whether it is a vertex.

        Of several vertices, as where a line meets itself, that nearest to what was said.
        """
        apart = np.abs(self.lonlat - lonlat).max(axis=1)
        same = np.flatnonzero(apart <= _SAME_DEGREES)
        if len(same):
            said = self.share[same[0]] if near is None else near
            return float(self.share[same[np.argmin(np.abs(self.share[same] - said))]]), True
        if near is not None:
            return near, False
        line = shapely.LineString(self.lonlat)
        along = shapely.line_locate_point(line, shapely.Point(lonlat))
        flat = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.lonlat, axis=0).T))])
        return float(np.interp(along, flat, self.share)), False


def _shares(lonlat: Floats, owner: npt.NDArray[np.integer[Any]]) -> tuple[Floats, Floats]:
    """Measure how far along its line each vertex lies, as a share of its true length, and that."""
    if len(lonlat) < 2:
        return np.zeros(len(lonlat)), np.zeros(len(lonlat))
    step = np.concatenate([[0.0], _EARTH.inv(*lonlat[:-1].T, *lonlat[1:].T)[2]])
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    step[first] = 0.0
    along = np.cumsum(step)
    start = np.flatnonzero(first)
    count = np.diff(np.append(start, len(lonlat)))
    along -= np.repeat(along[start], count)
    length = np.repeat(along[np.append(start[1:], len(lonlat)) - 1], count)
    share = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    return np.asarray(share), np.asarray(length)


def _add_segment(objects: Objects, row: Row, line: _Line, faults: _Faults, unread: Unread) -> None:
    joints = _joints(objects, row, line, faults)
    bounds = np.array(_cuts(row, faults))
    places = np.unique([*line.share, *joints, *bounds])
    places = places[np.concatenate([[True], np.diff(places) > line.same])]
    nodes: list[int] = []
    for share in places:
        known = _near(joints, share, line.same)
        nodes.append(objects.node(line.at(share)) if known is None else joints[known])
    cuts = [at for at, share in enumerate(places) if (np.abs(bounds - share) <= line.same).any()]
    ends = [0, *[at for at in cuts if 0 < at < len(places) - 1], len(places) - 1]
    pieces: list[tuple[dict[str, str], int, int]] = []
    for first, last in pairwise(ends):
        tags = segment_tags(row, float(places[first] + places[last]) / 2, unread)
        if pieces and pieces[-1][0] == tags:
            pieces[-1] = (tags, pieces[-1][1], last)
        else:
            pieces.append((tags, first, last))
    for tags, first, last in pieces:
        objects.way(nodes[first : last + 1], tags, str(row["id"]), _osm_id(row))


def _osm_id(row: Row) -> int | None:
    """Give the id of OpenStreetMap's way that a segment was made of."""
    for source in row.get("sources") or ():
        record = str(source.get("record_id") or "")
        if source.get("dataset") == "OpenStreetMap" and record[:1] == "w":
            number = record[1:].split("@", maxsplit=1)[0]
            return int(number) if number.isdigit() else None
    return None


def _joints(objects: Objects, row: Row, line: _Line, faults: _Faults) -> dict[float, int]:
    """Give the share along the line, and the node, of each connector."""
    found: dict[float, int] = {}
    last = 0.0
    for name, said in _connectors(row):
        near = said
        if near is not None:
            if not 0.0 <= near <= 1.0 or near < last:
                faults.order += 1
            near = min(max(near, 0.0), 1.0)
            last = max(last, near)
        known = objects.connector(name)
        if known is None and near is None:
            near = {0: 0.0, 1: 1.0}.get(_end(row, name))
            if near is None:
                faults.unplaced += 1
                continue
        if known is None:
            where = line.at(float(near or 0.0))
            node = objects.new_connector(name, where)
            share = line.share_of(where, near)[0]
        else:
            node = known
            share = line.share_of(objects.position(node), near)[0]
        same = _near(found, share, line.same)
        if same is None:
            found[share] = node
        else:
            objects.join(found[same], node)
    return found


def _connectors(row: Row) -> Iterator[tuple[str, float | None]]:
    """Give the connectors of a segment, of either schema: with places along it, or without."""
    if row.get("connectors"):
        for one in row["connectors"]:
            at = one.get("at")
            yield str(one["connector_id"]), None if at is None else float(at)
    else:
        for name in row.get("connector_ids") or ():
            yield str(name), None


def _end(row: Row, name: str) -> int:
    """Tell at which end a connector stands, by the order in which they are listed; -1: neither."""
    names = [one for one, _ in _connectors(row)]
    if names[0] == name:
        return 0
    return 1 if names[-1] == name else -1


def _bounds(row: Row) -> Iterator[float]:
    for column in _RULES:
        for rule in row.get(column) or ():
            yield from (float(at) for at in rule.get("between") or () if at is not None)


def _cuts(row: Row, faults: _Faults) -> list[float]:
    found = list(_bounds(row))
    faults.order += sum(not 0.0 <= at <= 1.0 for at in found)
    return [min(max(at, 0.0), 1.0) for at in found]


def _near(places: Iterable[float], share: float, same: float) -> float | None:
    """Give the place that is the same as one, if there is one."""
    near = min(places, key=lambda at: abs(at - share), default=None)
    return None if near is None or abs(near - share) > same else near


def _notes(faults: _Faults) -> list[str]:
    told: list[str] = []
    if faults.kinds:
        kinds = Listing(sorted(faults.kinds.items()))
        told.append(Note("overture_no_roads", "Segments that are no roads: {0}.", kinds))
    if faults.shapeless:
        text = "{0} segments have no line: left out."
        told.append(Note("overture_shapeless", text, faults.shapeless))
    if faults.order:
        text = (
            "{0} linear references are out of order, or beyond the ends of their segment: taken "
            "where their connector lies, else at the nearest end."
        )
        told.append(Note("overture_order", text, faults.order))
    if faults.unplaced:
        text = "{0} connectors in the middle of segments have no position: not joined there."
        told.append(Note("overture_unplaced", text, faults.unplaced))
    return told
