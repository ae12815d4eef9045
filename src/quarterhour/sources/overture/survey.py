"""What files of Overture Maps hold, looked over by a few columns: to divide them into tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError, NetworkError
from quarterhour.sources.osm.buildings import RESIDENTIAL
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.sources.overture.box import Box, bounds_of
from quarterhour.sources.overture.files import Row, columns_of
from quarterhour.sources.overture.words import building_tags, land_tags


class Overview(NamedTuple):
    """The extent of the streets, where homes stand, and which land is wide, all in degrees.

    ``mapped`` says whether any land is residential, ``residences`` whether any building is said to
    be; ``areas`` and ``outlines`` are boxes round all residential land, and round other land.
    """

    extent: Box
    dwellings: Floats
    mapped: bool
    residences: bool
    areas: Floats
    outlines: Floats


def overview(path: Path) -> Overview:
    """Look over files by the columns bbox, class and subtype.

    Raises
    ------
    InputError
        If a file has no column bbox, which tiles are read by.
    NetworkError
        If there is no segment.
    """
    streets = _boxes(path, "segment", lambda row: row.get("subtype") in (None, "road"))
    if not len(streets):
        msg = f"{path} holds no segment, so there is no street to walk: there is nothing to divide."
        raise NetworkError(msg)
    said = _boxes(path, "building", lambda row: building_tags(row)["building"] in RESIDENTIAL)
    other = _boxes(path, "building", lambda row: building_tags(row)["building"] == "yes")
    homes = np.concatenate([said, other])
    areas = _boxes(path, "land_use", lambda row: _is_residential(land_tags(row)))
    outlines = _boxes(path, "land_use", lambda row: _is_premises(land_tags(row)))
    (west, south), (east, north) = streets[:, :2].min(axis=0), streets[:, 2:].max(axis=0)
    return Overview(
        (float(west), float(south), float(east), float(north)),
        (homes[:, :2] + homes[:, 2:]) / 2,
        bool(len(areas)),
        bool(len(said)),
        areas,
        outlines,
    )


def _is_residential(tags: Tags) -> bool:
    return tags.get("landuse") == "residential"


def _is_premises(tags: Tags) -> bool:
    return bool(tags) and not _is_residential(tags)


def _boxes(path: Path, kind: str, wanted: Callable[[Row], bool]) -> Floats:
    """Give the boxes of the rows of a type that are wanted by class and subtype."""
    found = [np.zeros((0, 4))]
    for table in columns_of(path, kind, ("bbox", "class", "subtype")):
        if "bbox" not in table.column_names:
            msg = (
                f"The rows of type {kind} in {path} have no column bbox, and tiles are read by it: "
                "take files of a release, or read the whole with read_overture."
            )
            raise InputError(msg)
        found.append(bounds_of(table)[_wanted(table, wanted)])
    return np.concatenate(found)


def _wanted(table: Any, wanted: Callable[[Row], bool]) -> Mask:
    """Judge each pair of class and subtype once."""
    names = [name for name in ("class", "subtype") if name in table.column_names]
    rows = list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    if not rows:
        return np.full(len(table), wanted({}))
    said = {row: wanted(dict(zip(names, row, strict=True))) for row in set(rows)}
    return np.array([said[row] for row in rows], dtype=bool)


def wide_boxes(boxes: Floats, least_m: float) -> Iterator[shapely.Polygon]:
    """Give those of some boxes, in degrees, that are longer than so many metres."""
    width = (boxes[:, 2] - boxes[:, 0]) * np.cos(np.radians(boxes[:, 1]))
    longest = np.maximum(width, boxes[:, 3] - boxes[:, 1]) * 111_320.0
    for west, south, east, north in boxes[longest > least_m]:
        yield shapely.box(west, south, east, north)
