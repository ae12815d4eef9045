"""The digest of a table, which is worked out again only where the table has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Ints
from quarterhour.places.frames import bare
from quarterhour.scoring.rows_before import RowsBefore

Hashes = npt.NDArray[np.uint64]


class Digested(NamedTuple):
    """The parts of a table's digest: its shapes as WKB, and a hash of the text of every cell."""

    sha256: str
    shapes: Mapping[Any, npt.NDArray[np.object_]]
    labels: Hashes
    cells: Mapping[Any, Hashes]

    @classmethod
    def of(
        cls, table: gpd.GeoDataFrame, before: tuple[Self, RowsBefore | None] | None = None
    ) -> Self:
        """Digest a table; ``before`` is the digest of another, and which rows are as they were."""
        known, rows = before or (None, None)
        if known is None or rows is None or not rows.few_others or not table.columns.is_unique:
            known, rows = None, None
        drawn = None if rows is None else (rows.row, np.flatnonzero(~rows.shapes))
        words = None if rows is None else (rows.row, np.flatnonzero(~rows.words))
        shapes: dict[Any, npt.NDArray[np.object_]] = {}
        plain: dict[Any, Any] = {}
        for name, column in bare(table).items():
            if isinstance(column.dtype, gpd.array.GeometryDtype):
                there = known is not None and rows is not None and name in rows.columns
                old = known.shapes.get(name) if known is not None and there else None
                shapes[name] = _taken(column, _wkb, old, drawn)
            else:
                plain[name] = column
        here = frozenset() if rows is None or known is None else rows.columns & known.cells.keys()
        cells = {} if words is None or known is None else _cells(plain, here, known.cells, words)
        cells |= {name: _hashes(column) for name, column in plain.items() if name not in cells}
        labels = pd.Series(table.index)
        index = _taken(labels, _hashes, None if known is None else known.labels, words)
        return cls(_sha256(table, shapes, index, cells), shapes, index, cells)


def _cells(
    plain: Mapping[Any, Any],
    here: frozenset[Any],
    known: Mapping[Any, Hashes],
    rows: tuple[Ints, Ints],
) -> dict[Any, Hashes]:
    """Hash the cells of columns that were there before; those of objects are hashed together."""
    row, anew = rows
    was = np.maximum(row, 0)
    cells = {name: known[name][was] for name in plain if name in here}
    if len(anew) == 0:
        return cells
    objects = [name for name in cells if plain[name].dtype == object]
    if objects:
        text = np.concatenate([plain[name].to_numpy()[anew] for name in objects])
        hashes = _hashes(pd.Series(text, dtype=object)).reshape(len(objects), len(anew))
        for name, mine in zip(objects, hashes, strict=True):
            cells[name][anew] = mine
    for name in set(cells) - set(objects):
        cells[name][anew] = _hashes(plain[name].iloc[anew])
    return cells


def _taken(column: Any, make: Any, old: Any, rows: tuple[Ints, Ints] | None) -> Any:
    """Take what is known of a column's rows, and make what is not."""
    if old is None or rows is None:
        return make(column)
    row, anew = rows
    found = old[np.maximum(row, 0)]
    if len(anew):
        found[anew] = make(column.iloc[anew])
    return found


def _wkb(column: Any) -> npt.NDArray[np.object_]:
    shapes = shapely.to_wkb(np.asarray(column.array, dtype=object))
    found = np.full(len(shapes), b"-", dtype=object)
    there = ~np.asarray(column.isna())
    found[there] = shapes[there]
    return found


def _hashes(column: Any) -> Hashes:
    """Hash the text of each cell."""
    return np.asarray(
        pd.util.hash_pandas_object(column.astype(str), index=False).to_numpy(), dtype=np.uint64
    )


def _sha256(
    table: gpd.GeoDataFrame,
    shapes: Mapping[Any, npt.NDArray[np.object_]],
    index: Hashes,
    cells: Mapping[Any, Hashes],
) -> str:
    digest = hashlib.sha256(f"{table.crs} {list(table.columns)}".encode())
    for wkb in shapes.values():
        digest.update(b"".join(wkb.tolist()))
    columns = [cells[name] for name in table.columns if name in cells]
    digest.update(_combined(columns if "index" in cells else [index, *columns]).tobytes())
    return digest.hexdigest()


def _combined(columns: list[Hashes]) -> Hashes:
    """Make one hash of each row, as ``pandas.util.hash_pandas_object`` does of a table."""
    found = np.full(len(columns[0]), 0x345678, dtype=np.uint64)
    factor, size = 1000003, len(columns)
    for place, column in enumerate(columns):
        found ^= column
        found *= np.uint64(factor)
        factor += 82520 + 2 * (size - place)
    return found + np.uint64(97531)
