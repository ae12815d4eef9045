"""Trunk roads through a town, which nobody tagged for walkers: walked where streets end on them.

A trunk road is walked if it has a pavement or says so (``streets/access.py``). Where it runs
through a town and says nothing, it would part the streets that end on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quarterhour.arrays import components
from quarterhour.sources.osm.file import MISSING, FloatArray, IntArray, OsmFile
from quarterhour.sources.osm.shapes import gather
from quarterhour.streets import access

JOINT_EVERY_M = 200.0
"""A road of unsaid speed is built up where streets end on it so closely."""


def built_up_trunks(file: OsmFile, xy: FloatArray, walked: Sequence[int]) -> list[int]:
    """Find the trunk roads that are walked although nothing tells of pavements.

    They say nothing of walkers, and are roundabouts, or slow, lit or open to all, or streets end
    on them every 200 m; and together with those that they meet they join two places or more at
    which other walkable ways end.

    Parameters
    ----------
    file, xy
        The file, and its nodes in metres.
    walked
        The ways that are walked anyhow.
    """
    silent = file.ways_where(access.is_silent_trunk)
    if not silent:
        return []
    ended_on = np.zeros(len(file.node_id) + 1, bool)
    ended_on[file.way_nodes[gather(file.way_offset, walked)[0]]] = True
    ended_on[MISSING] = False
    found = [way for way in silent if _is_built_up(file, xy, way, ended_on)]
    if not found:
        return []
    nodes, row = _nodes_of(file, found)
    used, at = np.unique(nodes, return_inverse=True)
    label = components(len(used) + len(found), at, len(used) + row)
    joints = np.bincount(label[: len(used)], weights=ended_on[used], minlength=label.max() + 1)
    return [way for k, way in enumerate(found) if joints[label[len(used) + k]] > 1]


def _nodes_of(file: OsmFile, ways: Sequence[int]) -> tuple[IntArray, IntArray]:
    flat, row = gather(file.way_offset, ways)
    nodes = file.way_nodes[flat]
    return nodes[nodes != MISSING], row[nodes != MISSING]


def _is_built_up(file: OsmFile, xy: FloatArray, way: int, ended_on: np.ndarray) -> bool:
    said = access.is_built_up(file.way_tags[way])
    if said is not None:
        return said
    nodes, _ = _nodes_of(file, [way])
    joints = len(np.unique(nodes[ended_on[nodes]]))
    length = np.hypot(*np.diff(xy[nodes], axis=0).T).sum()
    return bool(joints > 1 and length / joints <= JOINT_EVERY_M)
