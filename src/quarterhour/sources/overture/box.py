"""A box of a Parquet file: which row groups can hold some of it, and which rows do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


def checked_box(bbox: Box) -> Box:
    """Give a box as numbers.

    Raises
    ------
    InputError
        If it is none.
    """
    numbers = [float(value) for value in bbox] if len(tuple(bbox)) == 4 else []
    if not (numbers and np.isfinite(numbers).all()):
        msg = f"bbox={bbox!r}: give west, south, east and north, in degrees."
        raise InputError(msg)
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        msg = (
            f"bbox={bbox!r} is no box: west has to be less than east, south less than north, all "
            "in degrees; the order is west, south, east, north."
        )
        raise InputError(msg)
    return west, south, east, north


def groups_of(file: Any, box: Box | None) -> Iterator[int]:
    """Give the row groups that can hold something of the box, by the statistics of their bbox."""
    found = file.metadata
    places = {found.schema.column(at).path: at for at in range(found.num_columns)}
    ends = [places.get(f"bbox.{name}") for name in ("xmin", "ymin", "xmax", "ymax")]
    for group in range(found.num_row_groups):
        if box is None or _may_touch(found.row_group(group), ends, box):
            yield group


def _may_touch(group: Any, ends: list[int | None], box: Box) -> bool:
    west, south, east, north = box
    for at, (is_min, limit) in zip(
        ends, ((True, east), (True, north), (False, west), (False, south)), strict=True
    ):
        known = None if at is None else group.column(at).statistics
        if known is None or not known.has_min_max:
            continue
        if (known.min > limit) if is_min else (known.max < limit):
            return False
    return True


def touches(table: Any, box: Box) -> Any:
    """Mark rows whose box touches; by their geometry where they have no box."""
    xmin, ymin, xmax, ymax = bounds_of(table).T
    west, south, east, north = box
    return (xmin <= east) & (xmax >= west) & (ymin <= north) & (ymax >= south)


def bounds_of(table: Any) -> Floats:
    """Give west, south, east and north of each row; of its geometry where it has no box."""
    if "bbox" in table.column_names:
        boxes = table.column("bbox").combine_chunks()
        ends = (boxes.field(name) for name in ("xmin", "ymin", "xmax", "ymax"))
        return np.column_stack([np.asarray(one, dtype=np.float64) for one in ends])
    raw = np.fromiter(table.column("geometry").to_pylist(), dtype=object)
    return np.asarray(shapely.bounds(shapely.from_wkb(raw, on_invalid="ignore"))).reshape(-1, 4)
