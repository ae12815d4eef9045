"""What streets say of the tables beside them, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Mask
from quarterhour.places.notes import Note
from quarterhour.places.origins import GATE_REACH_M
from quarterhour.streets import access
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import SNAP_LIMIT_M

ALMOST_M = 1.0
"""A dead end so near to another street was meant to meet it."""

_AWAY_DEG = 1.0
"""A row so far from the middle of its table lies in another town."""

_MOST = 0.5
"""Where more than this share of the buildings or gates lies at no area, one table is elsewhere."""

_SHOWN = 3
Sentence = tuple[bool, str]
"""A sentence, and whether it tells of something to mend."""


def of_streets(
    network: WalkNetwork, *, of_extract: bool, drawn_by_hand: bool
) -> Iterator[Sentence]:
    """
    Tell what is particular about streets: their parts, stairs, levels, words, and loose ends.

    Parameters
    ----------
    network
        The streets.
    of_extract
        Whether they come from an extract, whose reader tells of its tags itself.
    drawn_by_hand
        Whether they are lines of a table, whose ends may miss each other by a hair.
    """
    steps = np.asarray(network.traits["steps"], dtype=bool)
    if steps.any():
        named = np.array(["steps" in str(kind) for kind in network.traits["highway"]], dtype=bool)
        merged = int((steps & ~named).sum())
        more = "; {2:,} of them by a list of merged ways or a column" if merged else ""
        sentence = f"{{0:,}} edges are steps ({{1:,.2f}} km){more}: no wheelchair passes."
        km, n = network.edge_length_m[steps].sum() / 1000.0, steps.sum()
        note = Note("edges_steps_merged" if merged else "edges_steps", sentence, n, km, merged)
        yield False, note
    side = network.traits["off_ground"]
    if (side != 0).any() and (side == 0).any():
        sentence = (
            "{0:,} edges run below the ground and {1:,} above it: {2:,} of them are joined at "
            "their ends only, and no home is led to them."
        )
        ends_only = network.passed_over[side != 0].sum()
        below, above = (side < 0).sum(), (side > 0).sum()
        yield False, Note("edges_off_ground", sentence, below, above, ends_only)
    for key in () if of_extract else ("foot", "access"):
        odd = _not_understood(network.traits[key])
        if odd:
            sentence = "Values of {0} on streets that say nothing of walkers: {1}."
            yield False, Note("street_values_odd", sentence, key, odd)
    if drawn_by_hand:
        loose = _loose_ends(network)
        if loose:
            sentence = (
                "{0:,} dead ends lie within {1:g} m of another street and do not join it: mend the "
                "drawing, or read the streets with join_m=, the distance within which vertices are "
                "one, or split_crossings=True."
            )
            yield True, Note("loose_ends", sentence, loose, ALMOST_M)


def _not_understood(values: Any) -> str:
    """List the values that neither allow nor forbid walkers, with their counts."""
    counts = pd.Series(values, dtype=object).astype(str).value_counts()
    odd = {
        str(value): int(count) for value, count in counts.items() if access.says_nothing(str(value))
    }
    told = [f"{value!r} ({count:,} edges)" for value, count in list(odd.items())[:_SHOWN]]
    rest = len(odd) - len(told)
    return ", ".join(told) + (f" and {rest:,} more" if rest > 0 else "")


def _loose_ends(network: WalkNetwork) -> int:
    """Count the dead ends that nearly touch a street of their level, of another edge."""
    ends = network.edge_nodes
    dead = np.flatnonzero(np.bincount(ends.ravel(), minlength=network.n_nodes) == 1)
    if not len(dead):
        return 0
    edge_of = np.full(network.n_nodes, -1, dtype=np.int64)
    edge_of[ends.ravel()] = np.repeat(np.arange(network.n_edges), 2)
    own = edge_of[dead]
    points = shapely.points(network.node_xy[dead])
    tree = shapely.STRtree(network.lines)
    which, hit = tree.query(points, "dwithin", distance=ALMOST_M)
    level = network.traits["off_ground"]
    apart = (hit != own[which]) & (level[hit] == level[own[which]])
    return len(np.unique(which[apart]))


def of_areas(
    areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, gates: gpd.GeoDataFrame | None
) -> Iterator[Sentence]:
    """
    Tell how the areas are lived in and left, and whether buildings and gates lie at them at all.

    Parameters
    ----------
    areas
        The areas.
    homes
        Their origins, whose notes are told.
    gates
        A table of gates of another file than the areas, if there is one.
    """
    for note in homes.attrs["notes"]:
        code, _, *counts = note.parts() if isinstance(note, Note) else ("", "")
        yield code == "homes_in_no_area" and counts[0] > _MOST * counts[1], note
    if gates is None or gates.empty:
        return
    outlines = shapely.boundary(np.asarray(areas.geometry.to_crs(homes.crs).array, dtype=object))
    at = np.asarray(gates.geometry.to_crs(homes.crs).array, dtype=object)
    near = np.unique(shapely.STRtree(outlines).query(at, "dwithin", distance=GATE_REACH_M)[0])
    if len(at) - len(near) > _MOST * len(at):
        sentence = (
            "{0:,} of {1:,} gates stand at the outline of no area (within {2:g} m): do both tables "
            "have the datum and the CRS that was said?"
        )
        astray = len(at) - len(near)
        yield True, Note("gates_astray", sentence, astray, len(at), GATE_REACH_M)


def nearest_on_other_levels(shapes: npt.NDArray[np.object_], network: WalkNetwork) -> int:
    """
    Count the places whose nearest street runs below or above them: they join one on the ground.

    Parameters
    ----------
    shapes
        Places in the CRS of the streets.
    network
        The streets.
    """
    elsewhere = network.passed_over & (network.traits["off_ground"] != 0)
    if not elsewhere.any() or not len(shapes):
        return 0
    tree = shapely.STRtree(network.lines)
    place, edge = tree.query_nearest(shapes, max_distance=SNAP_LIMIT_M, all_matches=True)
    on_ground = np.zeros(len(shapes), dtype=bool)
    on_ground[place[~elsewhere[edge]]] = True
    led = np.zeros(len(shapes), dtype=bool)
    led[place] = True
    return int((led & ~on_ground).sum())


def exchanged_axes(
    table: gpd.GeoDataFrame, lost: Mask, network: WalkNetwork | None
) -> tuple[int, str]:
    """
    Count the rows that lie elsewhere and would lie here if longitude and latitude were exchanged.

    Parameters
    ----------
    table
        Places with a CRS.
    lost
        Which of them lie far from every street; without streets, all may.
    network
        The streets, if there are any: else most of the rows say where "here" is.

    Returns
    -------
    count, example
        How many, and the first of them as ``"60.17, 24.94"``.
    """
    centres = np.asarray(shapely.centroid(np.asarray(table.geometry.to_crs(4326).array)))
    lon, lat = shapely.get_x(centres), shapely.get_y(centres)
    if network is not None:
        streets = gpd.GeoSeries(shapely.points(network.node_xy), crs=network.crs).to_crs(4326)
        box = np.asarray(streets.total_bounds)
    else:
        middle = np.array([np.nanmedian(lon), np.nanmedian(lat)])
        box = np.concatenate([middle - _AWAY_DEG, middle + _AWAY_DEG])
    found = lost & ~_within(lon, lat, box) & _within(lat, lon, box)
    if not found.any():
        return 0, ""
    first = int(np.flatnonzero(found)[0])
    return int(found.sum()), f"{lon[first]:.6g}, {lat[first]:.6g}"


def _within(x: Floats, y: Floats, box: npt.NDArray[np.float64]) -> Mask:
    near = 0.01  # a kilometre: places just outside the data
    found = (x >= box[0] - near) & (x <= box[2] + near)
    return np.asarray(found & (y >= box[1] - near) & (y <= box[3] + near), dtype=bool)
