"""Which residential areas are closed compounds: by the walls round them, or by their gates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Mask
from quarterhour.sources.osm.file import FloatArray, OsmFile
from quarterhour.sources.osm.shapes import Shapes, way_lines
from quarterhour.streets import access
from quarterhour.streets.network import WalkNetwork

WALLS = frozenset({"wall", "fence", "retaining_wall", "city_wall", "hedge"})
WALL_WITHIN_M = 5.0
WALL_SHARE = 0.5
GATE_WITHIN_M = 15.0
SAMPLE_M = 5.0


def wall_ways(file: OsmFile) -> list[int]:
    """Return the ways that are walls, fences or hedges."""
    return file.ways_where(lambda tags: tags.get("barrier") in WALLS)


def gate_ways(file: OsmFile) -> list[int]:
    """Return the gates that are drawn as lines: pieces of a wall, and no street of their own."""
    return file.ways_where(
        lambda tags: tags.get("barrier") in access.GATES and "highway" not in tags
    )


def find_walled(
    file: OsmFile, xy: FloatArray, outlines: Shapes, tags: npt.NDArray[np.object_]
) -> Mask:
    """Tell which areas have walls along at least half of their outline (within 5 m).

    Parameters
    ----------
    file, xy
        The file, and its nodes in metres.
    outlines
        The areas as drawn.
    tags
        Their tags: an area with a ``barrier`` tag of its own is walled along its outline.
    """
    walled = np.array([t.get("barrier") in WALLS for t in tags], bool)
    lines = way_lines(file, xy, wall_ways(file))
    lines = lines[shapely.get_dimensions(lines) == 1]
    if not len(lines) or not len(outlines):
        return walled
    tree = shapely.STRtree(lines)
    rings = shapely.boundary(outlines)
    near = np.unique(tree.query(rings, "dwithin", WALL_WITHIN_M)[0])
    points, row = shapely.get_coordinates(
        shapely.segmentize(rings[near], SAMPLE_M), return_index=True
    )
    beside = np.zeros(len(points), bool)
    beside[np.unique(tree.query(shapely.points(points), "dwithin", WALL_WITHIN_M)[0])] = True
    if len(near):
        walled[near] |= np.bincount(row, weights=beside) >= WALL_SHARE * np.bincount(row)
    return walled


def find_compounds(outlines: Shapes, walled: Mask, gates: Shapes, streets: WalkNetwork) -> Mask:
    """Tell which areas are compounds: walled, or entered through gates only.

    An area is entered through gates only if it has a gate within 15 m of its outline and every
    street that crosses the outline does so within 15 m of a gate.
    """
    compound = walled.copy()
    if not len(gates) or not len(outlines):
        return compound
    gate_tree, street_tree = shapely.STRtree(gates), shapely.STRtree(streets.lines)
    dead_ends = np.bincount(streets.edge_nodes.ravel(), minlength=streets.n_nodes) == 1
    ends = shapely.points(streets.node_xy[dead_ends])
    rings = shapely.boundary(outlines)
    gated = np.unique(gate_tree.query(rings, "dwithin", GATE_WITHIN_M)[0])
    for area in gated[~walled[gated]]:
        inner = streets.lines[street_tree.query(outlines[area], "intersects")]
        inner = inner[~shapely.touches(inner, outlines[area])]
        crossings = shapely.get_parts(shapely.intersection(inner, rings[area]))
        crossings = crossings[shapely.get_dimensions(crossings) == 0]
        if len(ends) and len(crossings):
            # a path that ends at the wall does not lead through it
            _, gap = shapely.STRtree(ends).query_nearest(
                crossings, return_distance=True, all_matches=False
            )
            crossings = crossings[gap > 0.01]
        at_gate = gate_tree.query(crossings, "dwithin", GATE_WITHIN_M)[0]
        compound[area] = len(np.unique(at_gate)) == len(crossings)
    return compound
