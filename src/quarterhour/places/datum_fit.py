"""How well outlines and lines fit each other: what betrays a wrong datum without any street.

Streets run round houses and compounds, walls run round houses, and gates stand in walls. Under a
wrong datum, half a kilometre away, they cut each other as chance has it. Chance is measured by
small made-up shifts.
"""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from quarterhour.arrays import Floats
from quarterhour.errors import QuarterhourWarning
from quarterhour.places.datum import convert_datum, datum_name, needs_datum
from quarterhour.places.notes import Note

CANDIDATES = ("wgs84", "gcj02", "bd09")
FEWEST_SHAPES = 5
"""Fewer outlines or gates than this tell nothing."""

IN_WALL_M = 15.0
_RADII_M = (40.0, 70.0, 100.0, 130.0)
_DIRECTIONS = 16
_DRAWN_M = 1.0  # outlines are drawn no better
_INDEPENDENT = 20.0  # houses stand in rows: more that are cut tell no more
_MARGIN = 2.5
_MOST = 200


def small_shifts() -> Floats:
    """Return made-up shifts: rings far smaller than what tells two datums apart."""
    angle = np.linspace(0.0, 2.0 * np.pi, _DIRECTIONS, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([radius * ring for radius in _RADII_M])


def clearance(shapes: NDArray[np.object_], lines: NDArray[np.object_]) -> tuple[int, float, float]:
    """
    Say how rarely lines run through outlines, against what chance would give.

    Parameters
    ----------
    shapes, lines
        Outlines and lines, in metres.

    Returns
    -------
    tuple
        How many outlines are cut, how many are cut by chance, and the evidence that this is no
        chance (a log likelihood ratio; 0 where as many or more are cut).
    """
    inner = shapely.buffer(shapes, -_DRAWN_M)
    inner = inner[~shapely.is_empty(inner)]
    if len(inner) > _MOST:
        inner = np.random.default_rng(0).permutation(inner)[:_MOST]
    tree = shapely.STRtree(lines)

    def cut(shift: Floats) -> int:
        there = shapely.transform(inner, lambda xy: xy + shift)
        return len(np.unique(tree.query(there, "intersects")[0]))

    here, chance = cut(np.zeros(2)), float(np.mean([cut(shift) for shift in small_shifts()]))
    return here, chance, _rarity(here, chance)


def _rarity(here: int, chance: float) -> float:
    if here >= chance:
        return 0.0
    told = chance - here + (here * np.log(here / chance) if here else 0.0)
    return float(told * min(1.0, _INDEPENDENT / chance))


def said_datum(table: gpd.GeoDataFrame) -> str | None:
    """Return the datum that a table in WGS 84 was declared to have had; none if nobody said."""
    declared = table.attrs.get("declared_datum") or table.attrs.get("datum")
    if declared is None:
        return None
    name = datum_name(declared)
    return "wgs84" if name == "cgcs2000" else name


def declared_anew(table: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """Return a table as it would be in WGS 84 had its coordinates been declared otherwise."""
    said = said_datum(table)
    if said is None or said == datum:
        return table
    raw = convert_datum(table, said, datum="wgs84")
    return convert_datum(raw, "wgs84", datum=datum)


def doubt_beside(
    table: gpd.GeoDataFrame | None, areas: gpd.GeoDataFrame, shapes: NDArray[np.object_], what: str
) -> list[str]:
    """
    Warn if buildings or gates fit the areas under another datum than the declared one.

    Parameters
    ----------
    table
        Buildings (polygons) or gates (points).
    areas, shapes
        The areas, and their outlines in the same metric CRS.
    what
        "buildings" or "gates".

    Returns
    -------
    list
        A note that names the likely datum, or nothing.
    """
    said = None if table is None else said_datum(table)
    if table is None or said is None or len(table) < FEWEST_SHAPES or not needs_datum(table):
        return []
    polygons = shapes[np.isin(shapely.get_type_id(shapes), (3, 6))]
    source = table.attrs.get("source")  # as text: records of two readings agree
    if source is not None and str(source) == str(areas.attrs.get("source")):
        return []  # one file is in one datum
    if len(polygons) == 0 or str(table.attrs.get("datum")) not in ("wgs84", "cgcs2000"):
        return []
    scores = {
        datum: _fit(declared_anew(table, datum), polygons, areas.crs, what) for datum in CANDIDATES
    }
    best = max(scores, key=lambda datum: scores[datum])
    if scores[best] - scores[said] < _MARGIN:
        return []
    note = Note(
        "buildings_in_another_datum" if what == "buildings" else "gates_in_another_datum",
        "The {2} were declared {0}, but they fit the areas as {1}: one of the two tables has "
        'another datum than was said. Read the {2} again with datum="{1}", or the areas in '
        "theirs, unless you know better.",
        str(table.attrs.get("declared_datum") or said),
        best,
        what,
    )
    warnings.warn(str(note), QuarterhourWarning, stacklevel=3)
    return [note]


def _fit(table: gpd.GeoDataFrame, polygons: NDArray[np.object_], crs: object, what: str) -> float:
    """Return how well gates stand in walls, or houses within them."""
    metric = table.to_crs(crs)
    there = np.asarray(metric.geometry[metric.geometry.notna()].array, dtype=object)
    walls = shapely.boundary(polygons)
    if what == "gates":
        near = shapely.STRtree(walls).query(there, "dwithin", distance=IN_WALL_M)[0]
        # Of gates in no wall, chance puts a few into one; a handful more tells.
        return float(min(len(np.unique(near)), _INDEPENDENT) / 2)
    inside = len(np.unique(shapely.STRtree(polygons).query(there, "intersects")[0]))
    # Houses that touch no area at all are cut by no wall either: that is no evidence.
    return clearance(there, walls)[2] * inside / max(len(there), 1)
