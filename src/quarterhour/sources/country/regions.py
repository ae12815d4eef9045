"""What each tile has to hold: its own ground, the halo around it, and wide premises whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.arrays import Floats, Ints
from quarterhour.sources.country.division import METRES_A_DEGREE
from quarterhour.sources.country.survey import AREA, FACILITY, Survey, positions

WIDE_M = 1000.0
"""Areas, clusters and premises up to this length lie wholly in the halo; wider ones are added."""

SETTLED_M = 1200.0
"""So far inside the halo streets are what they are in the whole: a part of the streets with less
than 1,000 m may be passed over, and a place joins a street within 100 m."""

BESIDE_M = 150.0
"""Around wide premises: where streets meet them."""

CELL_M = 250.0
_MOST_CELLS = 20_000_000


class Wide(NamedTuple):
    """Areas and premises wider than :data:`WIDE_M`, in degrees."""

    areas: npt.NDArray[np.object_]
    outlines: npt.NDArray[np.object_]


class Cells(NamedTuple):
    """A grid of cells over the extent, and which tiles hold each.

    ``code[row, column]`` is a number of ``holders``, the sets of tiles; 0 is that of none.
    """

    west: float
    south: float
    step: tuple[float, float]
    code: npt.NDArray[np.int32]
    holders: list[frozenset[int]]

    def at(self, lonlat: Floats) -> npt.NDArray[np.int32]:
        """Give the code at each position."""
        column = np.floor((lonlat[:, 0] - self.west) / self.step[0]).astype(np.int64)
        row = np.floor((lonlat[:, 1] - self.south) / self.step[1]).astype(np.int64)
        rows, columns = self.code.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found = np.zeros(len(lonlat), dtype=np.int32)
        found[inside] = self.code[row[inside], column[inside]]
        return found


def wide_shapes(found: Survey) -> Wide:
    """Find the areas and premises that are wider than the halo can be trusted to hold."""
    ways = np.flatnonzero(np.asarray(found.way_flags) & (AREA | FACILITY))
    shapes: dict[int, list[BaseGeometry]] = {AREA: [], FACILITY: []}
    for way in ways.tolist():
        line = _line(found, way)
        if line is not None and _is_wide(line):
            _add(shapes, int(found.way_flags[way]), line, _filled([line]))
    for relation in found.relations:
        if relation.flags & (AREA | FACILITY):
            at = positions(found.way_id, relation.ways)
            lines = [
                line for way in at[at >= 0].tolist() if (line := _line(found, way)) is not None
            ]
            both = shapely.union_all(lines) if lines else None
            if both is not None and _is_wide(both):
                _add(shapes, relation.flags, both, _filled(lines))
    return Wide(*(objects_of(shapes[flag]) for flag in (AREA, FACILITY)))


def _add(
    shapes: dict[int, list[BaseGeometry]],
    flags: int,
    line: BaseGeometry,
    area: BaseGeometry,
) -> None:
    if flags & AREA:
        shapes[AREA].append(area)
    if flags & FACILITY:
        shapes[FACILITY].append(line)


def _line(found: Survey, way: int) -> shapely.LineString | None:
    nodes = np.asarray(found.way_nodes[found.way_offset[way] : found.way_offset[way + 1]])
    nodes = nodes[nodes >= 0]
    return shapely.LineString(found.lonlat(nodes)) if len(nodes) > 1 else None


def _is_wide(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    width = (east - west) * np.cos(np.radians(south))
    return bool(max(width, north - south) * METRES_A_DEGREE > WIDE_M)


def _filled(lines: Sequence[shapely.LineString]) -> BaseGeometry:
    """Give the land inside some lines; where they do not close, all that they could go round."""
    several = shapely.MultiLineString(list(lines))
    area: BaseGeometry = shapely.build_area(several)
    return shapely.convex_hull(several) if area.is_empty else shapely.make_valid(area)


def region_of(own: BaseGeometry, wide: Wide, halo_m: float) -> BaseGeometry:
    """Give the ground that a tile has to hold, in degrees.

    Parameters
    ----------
    own
        The tile's own ground.
    wide
        Areas and premises that are wider than the halo can be trusted to hold.
    halo_m
        How far around the own ground is held, in metres.
    """
    mine = wide.areas[shapely.intersects(wide.areas, own)] if len(wide.areas) else wide.areas
    base = shapely.union_all([own, *mine])
    ground = grown(base, halo_m)
    settled = grown(base, max(halo_m - SETTLED_M, 0.0))
    more = [ground]
    for shapes in (wide.areas, wide.outlines):
        near = shapes[shapely.intersects(shapes, settled)] if len(shapes) else shapes
        more += [grown(shape, BESIDE_M) for shape in near]
    return shapely.union_all(more)


def grown(shape: BaseGeometry, metres: float) -> BaseGeometry:
    """Give a shape in degrees with so many metres around it, on the ellipsoid."""
    west, south, east, north = shape.bounds
    middle = (west + east) / 2, (south + north) / 2
    there = pyproj.CRS(f"+proj=aeqd +lon_0={middle[0]} +lat_0={middle[1]} +datum=WGS84")
    dense = gpd.GeoSeries([shapely.segmentize(shape, 0.1)], crs=4326)
    wider = dense.to_crs(there).buffer(metres, quad_segs=4).to_crs(4326)
    found: BaseGeometry = shapely.make_valid(wider.iloc[0])
    return found


def cells_of(regions: Sequence[BaseGeometry]) -> Cells:
    """Lay a grid over regions; a cell that a region touches is held by its tile."""
    west, south, east, north = shapely.total_bounds(np.array(regions, dtype=object))
    middle = np.cos(np.radians((south + north) / 2))
    area = (east - west) * middle * (north - south) * METRES_A_DEGREE**2
    side = max(CELL_M, float(np.sqrt(area / _MOST_CELLS)))
    step = side / METRES_A_DEGREE / middle, side / METRES_A_DEGREE
    rows = int(np.ceil((north - south) / step[1])) + 1
    columns = int(np.ceil((east - west) / step[0])) + 1
    cells = Cells(west, south, step, np.zeros((rows, columns), np.int32), [frozenset()])
    known: dict[frozenset[int], int] = {frozenset(): 0}
    for tile, region in enumerate(regions):
        here, held = _touched(cells, region)
        part = cells.code[here]
        for code in np.unique(part[held]).tolist():
            holders = cells.holders[code] | {tile}
            if holders not in known:
                known[holders] = len(cells.holders)
                cells.holders.append(holders)
            part[held & (part == code)] = -known[holders]  # not looked at twice
        np.abs(part, out=part)
    return cells


def _touched(
    cells: Cells, region: BaseGeometry
) -> tuple[tuple[slice, slice], npt.NDArray[np.bool_]]:
    west, south, east, north = region.bounds
    first = int((west - cells.west) / cells.step[0]), int((south - cells.south) / cells.step[1])
    last = int((east - cells.west) / cells.step[0]), int((north - cells.south) / cells.step[1])
    here = slice(first[1], last[1] + 1), slice(first[0], last[0] + 1)
    x = cells.west + cells.step[0] * np.arange(first[0], last[0] + 1)
    y = cells.south + cells.step[1] * np.arange(first[1], last[1] + 1)
    west_of, south_of = (axis.ravel() for axis in np.meshgrid(x, y))
    boxes = shapely.box(west_of, south_of, west_of + cells.step[0], south_of + cells.step[1])
    shapely.prepare(region)
    return here, np.asarray(shapely.intersects(region, boxes)).reshape(len(y), len(x))


def held_ground(cells: Cells, tile: int) -> BaseGeometry:
    """Give the ground of the cells that a tile holds, in degrees."""
    mine = np.array([tile in holders for holders in cells.holders])[cells.code]
    strips = []
    for row in np.flatnonzero(mine.any(axis=1)).tolist():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], mine[row], [0]]).astype(np.int8)))
        x = cells.west + cells.step[0] * edges.reshape(-1, 2)
        y = np.full(len(x), cells.south + cells.step[1] * row)
        strips += [*shapely.box(x[:, 0], y, x[:, 1], y + cells.step[1])]
    return shapely.union_all(shapely.set_precision(np.array(strips, dtype=object), 1e-9))


def objects_of(shapes: Sequence[BaseGeometry]) -> npt.NDArray[np.object_]:
    """Give shapes as an array."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def tiles_at(cells: Cells, codes: Ints) -> frozenset[int]:
    """Give the tiles that hold any of some codes."""
    return frozenset().union(*(cells.holders[code] for code in codes))
