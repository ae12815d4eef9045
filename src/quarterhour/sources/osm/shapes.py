"""Points, lines and polygons of OpenStreetMap objects, in metres.

A closed way is one object with one shape: a polygon, unless its tags say that it is a line. (A
reader that asks osmium for areas gets every closed way twice, as a way and as an area.) The rings
of multipolygons are put together from the segments of their member ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.arrays import narrow, runs
from quarterhour.errors import InputError
from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import MISSING, FloatArray, IntArray, OsmFile
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.streets.ellipsoid import transformed

Shapes = npt.NDArray[np.object_]

AREA_RELATIONS = frozenset({"multipolygon", "boundary"})
MIN_LOOSE_NODES = 30
_AT_ONCE = 4_096
_THIN_DEGREES = 1e-5
_SEAM_DEGREES = 1e-4
"""Boxes so near to each other are one: about ten metres."""


def utm(file: OsmFile) -> pyproj.CRS:
    """Choose the UTM zone in the middle of the data."""
    if file.box:
        west, south, east, north = file.box
        lon, lat = (west + east) / 2, (south + north) / 2
    else:
        # The median: a way that runs far out of the extract must not move the zone.
        lon, lat = float(np.median(file.lon)), float(np.median(file.lat))
    zone = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def to_metres(file: OsmFile, crs: pyproj.CRS) -> FloatArray:
    """Return the coordinates of all nodes, ``(n, 2)``, in a metric CRS."""
    transformer = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return transformed(transformer, file.lon, file.lat)


def extent(file: OsmFile, crs: pyproj.CRS) -> tuple[shapely.Polygon, Note]:
    """Return the area that the data covers, and how it was found.

    The box in the file's header, if there is one. Else the bounding box of the nodes that belong
    to no way: ways reach far out of an extract that keeps them whole, single nodes do not. With
    few of those (or with most streets outside their box) the bounding box of all nodes.
    """
    corners = file.box
    how = Note("extent_header", "The extent is the box in the file's header.")
    if corners is None:
        loose = np.ones(len(file.node_id), bool)
        loose[file.way_nodes[file.way_nodes != MISSING]] = False
        corners = _bounds(file, loose)
        told = "The extent is the bounding box of the nodes outside ways."
        how = Note("extent_loose_nodes", told)
        west, south, east, north = corners
        inside = (file.lon >= west) & (file.lon <= east)
        inside &= (file.lat >= south) & (file.lat <= north)
        if loose.sum() < MIN_LOOSE_NODES or inside.mean() < 0.5:
            corners = _bounds(file, ~loose | loose)
            how = Note("extent_all_nodes", "The extent is the bounding box of all nodes.")
    outline, how = _outline(file, corners, how)
    transformer = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lonlat = shapely.get_coordinates(shapely.segmentize(outline, 0.01))
    return shapely.Polygon(np.column_stack(transformer.transform(*lonlat.T))), how


def _outline(
    file: OsmFile, corners: tuple[float, float, float, float], how: Note
) -> tuple[shapely.Polygon, Note]:
    """Return the extent in degrees: of several boxes what they cover, if that hangs together."""
    west, south, east, north = corners
    if west == east and south == north:
        raise InputError(
            f"All {len(file.node_id)} nodes of the file lie at one place ({west:.5f}, {south:.5f}):"
            " there is no street to walk. Pass an extract that covers an area."
        )
    thin = np.where(np.array([west == east, south == north] * 2), _THIN_DEGREES, 0.0)
    box = shapely.box(*(np.array(corners) + thin * (-1, -1, 1, 1)))
    if not file.boxes:
        return box, how
    grown = shapely.buffer(shapely.box(*np.array(file.boxes).T), _SEAM_DEGREES, join_style="mitre")
    joined = shapely.buffer(shapely.union_all(grown), -_SEAM_DEGREES, join_style="mitre")
    count = len(file.boxes)
    (*_, largest) = pieces = shapely.get_parts(joined)
    if len(pieces) == 1:
        told = "The extent is what {0} boxes in the file's header cover."
        return shapely.Polygon(largest.exterior), Note("extent_boxes", told, count)
    told = "The extent is the box round {0} boxes in the file's header, which lie apart."
    return box, Note("extent_round_boxes", told, count)


def _bounds(file: OsmFile, chosen: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    if not chosen.any():
        return (0.0, 0.0, 0.0, 0.0)
    lon, lat = file.lon[chosen], file.lat[chosen]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def gather(offset: IntArray, rows: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Return the flat positions of chosen rows of a ragged array, and the row each belongs to.

    Parameters
    ----------
    offset
        Row ``r`` of the ragged array is ``offset[r]:offset[r + 1]``.
    rows
        The rows wanted; the second result counts them 0, 1, 2, ...
    """
    rows = np.asarray(rows, np.int64)
    length = offset[rows + 1] - offset[rows]
    row = np.repeat(np.arange(len(rows), dtype=narrow(len(rows))), length)
    return runs(offset[rows], length, narrow(max(len(row), int(offset[-1])))), row


def way_lines(file: OsmFile, xy: FloatArray, ways: Sequence[int]) -> Shapes:
    """Return each way as a line, over nodes that the file lacks; a point or None if too short."""
    flat, row = gather(file.way_offset, ways)
    node = file.way_nodes[flat]
    row, node = row[node != MISSING], node[node != MISSING]
    count = np.bincount(row, minlength=len(ways))
    shapes: Shapes = np.full(len(ways), None, dtype=object)
    long = count >= 2
    renumbered = np.cumsum(long) - 1
    inside = long[row]
    if long.any():
        shapes[long] = shapely.linestrings(xy[node[inside]], indices=renumbered[row[inside]])
    single = count[row] == 1
    shapes[row[single]] = shapely.points(xy[node[single]])
    return shapes


def way_polygons(
    file: OsmFile, xy: FloatArray, ways: Sequence[int], *, mend_cut: bool = False
) -> Shapes:
    """Return each closed way as a valid polygon, None where it encloses nothing.

    A way that an extract has cut lacks some nodes. With ``mend_cut`` it is closed straight over
    the gap, which is what the extract's edge would have left of it.
    """
    shapes: Shapes = np.full(len(ways), None, dtype=object)
    flat, row = gather(file.way_offset, ways)
    node = file.way_nodes[flat]
    count = np.bincount(row, minlength=len(ways))
    closed = count >= 4
    end = np.cumsum(count)
    # Two missing ends count as one: the way was closed outside the extract.
    closed[closed] = node[(end - count)[closed]] == node[end[closed] - 1]
    present = np.bincount(row, weights=node != MISSING, minlength=len(ways))
    closed &= present >= (4 if not mend_cut else np.where(present == count, 4, 3))
    closed &= (present == count) | mend_cut
    if closed.any():
        renumbered = np.cumsum(closed) - 1
        inside = closed[row] & (node != MISSING)
        rings = shapely.linearrings(xy[node[inside]], indices=renumbered[row[inside]])
        shapes[closed] = valid_areas(shapely.polygons(rings))
    return shapes


def valid_areas(shapes: Shapes) -> Shapes:
    """Mend polygons that cross themselves; None where no area is left."""
    shapes = np.array(shapes, dtype=object)
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    for i in bad:
        mended = shapely.get_parts(shapely.make_valid(shapes[i]))
        shapes[i] = shapely.union_all(mended[shapely.get_dimensions(mended) == 2])
    shapes[shapely.area(shapes) <= 0] = None
    return shapes


def relation_areas(
    file: OsmFile, xy: FloatArray, relations: Sequence[int], *, partly: bool = False
) -> Shapes:
    """Return each multipolygon relation as an area, None where its rings do not close.

    With ``partly``, ways that the file lacks are passed over: what is there may close by itself.
    """
    index = file.member_index
    shapes: Shapes = np.full(len(relations), None, dtype=object)
    pairs = [
        (at, way)
        for at, relation in enumerate(relations)
        if file.relation_tags[relation].get("type") in AREA_RELATIONS
        for way in member_ways(file, relation, index, partly=partly) or ()
    ]
    if not pairs:
        return shapes
    flat, member = gather(file.way_offset, [way for _, way in pairs])
    node = file.way_nodes[flat]
    of = np.array([at for at, _ in pairs])[member]
    segment = np.sort(np.column_stack([node[:-1], node[1:]]), axis=1)
    real = (member[:-1] == member[1:]) & (segment[:, 0] != segment[:, 1])
    owner, segment = _borders(of[:-1][real], segment[real])
    whole = np.isin(np.arange(len(relations)), owner)
    whole[of[node == MISSING]] = False
    whole[_open_ended(owner, segment)] = False
    kept = whole[owner]
    if not kept.any():
        return shapes
    owner, segment = owner[kept], segment[kept]
    found, first = np.unique(owner, return_index=True)
    # Some relations at a time: each segment is a line of its own until their rings are built.
    begins = np.flatnonzero(np.diff(first // _AT_ONCE, prepend=-1))
    for a, b in pairwise([*begins.tolist(), len(found)]):
        part = slice(first[a], first[b] if b < len(found) else len(owner))
        at = np.searchsorted(found[a:b], owner[part])
        shapes[found[a:b]] = _areas_within(xy[segment[part]], at)
    return shapes


def _areas_within(segments: FloatArray, at: IntArray) -> Shapes:
    """Build the areas whose borders segments are, ``at`` telling which area each borders."""
    lines = np.asarray(shapely.linestrings(segments), dtype=object)
    areas = np.array(shapely.build_area(shapely.multilinestrings(lines, indices=at)), dtype=object)
    # Every segment is a border. GEOS loses some where rings touch each other in several nodes.
    border = np.bincount(at, weights=shapely.length(lines))
    for i in np.flatnonzero(~np.isclose(shapely.length(areas), border, rtol=1e-9)):
        areas[i] = _even_odd(lines[at == i])
    areas[shapely.area(areas) <= 0] = None
    return areas


def _even_odd(lines: Shapes) -> shapely.MultiPolygon:
    """Return the faces between the segments from which one leaves over an odd number of them."""
    faces = shapely.get_parts(shapely.polygonize(lines))
    x, y = shapely.get_coordinates(shapely.point_on_surface(faces)).T[:, :, None]
    (x1, y1), (x2, y2) = np.moveaxis(shapely.get_coordinates(lines).reshape(-1, 2, 2), 0, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    crossed = ((y1 > y) != (y2 > y)) & ahead
    return shapely.MultiPolygon(list(faces[crossed.sum(axis=1) % 2 == 1]))


def _borders(owner: IntArray, segment: IntArray) -> tuple[IntArray, IntArray]:
    """Keep the segments that occur an odd number of times in their relation.

    One that two rings share (a hole beside a hole, an outline beside an outline) is no border.
    """
    rows = np.column_stack([owner, segment])
    rows = rows[np.lexsort(rows.T[::-1])]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    times = np.diff(np.append(np.flatnonzero(new), len(rows)))
    rows = rows[new][times % 2 == 1]
    return rows[:, 0], rows[:, 1:]


def _open_ended(owner: IntArray, segment: IntArray) -> IntArray:
    """Return the relations with a node where an odd number of segments meet: an open ring."""
    ends = np.column_stack([np.repeat(owner, 2), segment.ravel()])
    width = int(segment.max(initial=0)) + 2  # one more for MISSING
    key, times = np.unique(ends[:, 0] * width + ends[:, 1] + 1, return_counts=True)
    return np.asarray(key[times % 2 == 1] // width)


def member_ways(
    file: OsmFile, relation: int, ways: dict[int, int], *, partly: bool = False
) -> list[int] | None:
    """Return the positions of a relation's outline ways, None if the file lacks one of them.

    With ``partly``, those that are there.
    """
    refs = [
        ref
        for kind, ref, role in file.relation_members[relation]
        if kind == "w" and role in ("", "outer", "inner")
    ]
    if partly:
        return [ways[ref] for ref in refs if ref in ways]
    if not refs or any(ref not in ways for ref in refs):
        return None
    return [ways[ref] for ref in refs]


def is_area(tags: Tags) -> bool:
    """Tell whether a closed way with these tags is a surface and not a loop of line."""
    if "area" in tags:
        return tags["area"] != "no"
    if tags.get("type") in AREA_RELATIONS:
        return True
    surfaces = (
        "building",
        "landuse",
        "amenity",
        "shop",
        "office",
        "healthcare",
        "tourism",
        "place",
    )
    if any(key in tags for key in surfaces):
        return True
    lines = ("highway", "barrier")
    return tags.get("leisure") != "track" and not any(key in tags for key in lines)
