"""Extracts across 180°: their west is beyond their east, and a middle would lie round the world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quarterhour.sources.osm.file import OsmFile

_HALF = 180.0


def in_one_piece(file: OsmFile) -> OsmFile:
    """
    Return an extract whose longitudes run on beyond 180° where it lies on both sides of it.

    What is wide either way stays as it is.
    """
    lon = np.asarray(file.lon)
    if len(lon) == 0 or np.ptp(lon) <= _HALF:
        return file
    on = np.where(lon < 0, lon + 2 * _HALF, lon)
    if np.ptp(on) >= _HALF / 2:
        return file
    boxes = tuple(_on(box) for box in file.boxes)
    return replace(file, lon=on, box=None if file.box is None else _on(file.box), boxes=boxes)


def _on(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    west, east = (x + 2 * _HALF if x < 0 else x for x in (west, east))
    return min(west, east), south, max(west, east), north
