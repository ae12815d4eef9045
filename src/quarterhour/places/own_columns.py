"""The columns of a user's own table, as files of other programs can hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

import pandas as pd
from geopandas.array import GeometryDtype

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML, and so a workbook, cannot hold; map files end a text at the first of them."""


def own_columns(table: pd.DataFrame, taken: Collection[str] = ()) -> pd.DataFrame:
    """
    Give the columns of a table besides its shape, ready for a file.

    Parameters
    ----------
    table
        Areas or facilities.
    taken
        Names that the file has for columns of ours, compared without regard to case; a column
        of such a name is called ``<name>_original``.

    Returns
    -------
    own
        The same rows. Numbers, truths and texts are as they were; other geometries are WKT,
        lists and the like JSON, and columns of mixed cells texts.

    Examples
    --------
    >>> table = pd.DataFrame({"met": ["yes"], "tags": [["a", "b"]]})
    >>> own_columns(table, ["met"]).to_dict("records")
    [{'met_original': 'yes', 'tags': '["a", "b"]'}]
    """
    shape = getattr(table, "active_geometry_name", None)
    used = {name.lower() for name in taken}
    own: dict[str, pd.Series[Any]] = {}
    for name in table.columns:
        if name == shape:
            continue
        called = writable(str(name))
        while called.lower() in used:
            called = f"{called}_original"
        used.add(called.lower())
        own[called] = _cells(table[name])
    return pd.DataFrame(own, index=table.index)


def writable(text: str) -> str:
    r"""
    Give a text without the characters that no file of another program can hold.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    text
        Without control characters; line feeds and tabs stay.

    Examples
    --------
    >>> writable("甲\x0b乙")
    '甲乙'
    """
    return _UNWRITABLE.sub("", text)


def unwritable(table: pd.DataFrame) -> int:
    """
    Count the cells and names of a table that hold such characters.

    Parameters
    ----------
    table
        Any table.

    Returns
    -------
    count
        Names of columns included.
    """
    texts = table.select_dtypes(include=["object", "string"])
    cells = sum(_is_unwritable(cell) for name in texts for cell in texts[name])
    return cells + sum(_is_unwritable(name) for name in table.columns)


def _is_unwritable(value: Any) -> bool:
    return isinstance(value, str) and _UNWRITABLE.search(value) is not None


def _cells(column: pd.Series[Any]) -> pd.Series[Any]:
    """Cells of one kind, which a file can hold."""
    if isinstance(column.dtype, GeometryDtype):
        told = [None if shape is None else shape.wkt for shape in column]
        return pd.Series(told, index=column.index, dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return column
    if {type(cell) for cell in column if not _missing(cell)} == {bool}:
        return column.astype("boolean")
    return pd.Series([_told(cell) for cell in column], index=column.index, dtype=object)


def _told(cell: Any) -> str | None:
    if _missing(cell):
        return None
    if isinstance(cell, str):
        return writable(cell)
    if pd.api.types.is_list_like(cell) and not hasattr(cell, "wkt"):
        plain = sorted(map(str, cell)) if isinstance(cell, (set, frozenset)) else cell
        plain = plain.tolist() if hasattr(plain, "tolist") else plain
        return json.dumps(plain, ensure_ascii=False, default=str)
    return str(cell)


def _missing(cell: Any) -> bool:
    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))
