"""The label of a row: an id of its own where the table has one, else its number.

Results are known by these labels. A row number changes with every sorting of the table; an id in
a column of its own (``id``, 编号, code …) does not, and other tables are joined by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables.columns import key

_PLAIN = "id @id 编号 ids"
_OF = {
    "areas": "area_id community_id compound_id 小区id 小区编号 小区编码 小区代码 社区id 社区编号 "
    "社区编码 社区代码 区域编号 区域编码 区域代码 居委会代码 统计用区划代码 区划代码",
    "facilities": "facility_id poi_id 设施id 设施编号 设施编码 设施代码 网点编号 门店编号 门店编码 "
    "机构编号 机构编码 机构代码 统一社会信用代码 学校代码",
}
_PERHAPS = "唯一标识 标识码 标识 uid uuid guid osm_id 编码 代码 code"
LABELLED = frozenset(_OF)
"""Tables whose rows results are known by."""

_MOST = 0.5
"""A column that names less than this share of the rows for themselves is no column of ids."""


class Labels(NamedTuple):
    """Labels for the rows of a table, None where it has no ids; and what there is to tell."""

    labels: pd.Index | None
    notes: list[str]
    warnings: list[str]


def own_labels(table: pd.DataFrame, what: str, said: Mapping[str, str] | None) -> Labels:
    """
    Find the ids of the rows of a table; the columns stay as they are.

    Parameters
    ----------
    table
        The table, its columns called by their roles, its index the row numbers.
    what
        "areas" or "facilities".
    said
        What the caller says of the columns; the role ``id`` goes before all that is recognised.

    Returns
    -------
    labels
        Rows whose id is missing or occurs more than once are called by their row number.
    """
    labels = Labels(None, [], [])
    for name, plain in _candidates(table.columns, what, said):
        # A place that is listed twice is merged later; an area that is known by no id is not.
        told = labels.warnings if plain and what == "areas" else labels.notes
        ids = _as_labels(table[name])
        missing, repeated = ids.isna(), ids.duplicated(keep=False) & ids.notna()
        bad = (missing | repeated).to_numpy()
        if bad.mean() > 1 - _MOST:
            told.append(_not_used(name, int(repeated.sum()), int(missing.sum()), len(table)))
            continue
        if bad.any():
            rows = [f"row {number}" for number in table.index[bad]]
            told.append(_by_row(name, int(repeated.sum()), int(missing.sum()), rows))
            ids = ids.map(str)
            ids[bad] = rows
        return labels._replace(labels=pd.Index(ids.to_numpy()))
    return labels


def _not_used(name: str, repeated: int, missing: int, of: int) -> Note:
    return Note(
        "ids_not_used",
        "The column {0!r} does not name the rows: of {3} ids {1} occur more than once and {2} are "
        "missing. They are known by something else, else by their row number.",
        name,
        repeated,
        missing,
        of,
    )


def _by_row(name: str, repeated: int, missing: int, rows: list[str]) -> Note:
    return Note(
        "ids_by_row",
        "Of the ids in the column {0!r}, {1} occur more than once and {2} are missing; these rows "
        "are known by their row number: {3}.",
        name,
        repeated,
        missing,
        listed(rows),
    )


def has_own_index(table: pd.DataFrame) -> bool:
    """
    Tell whether the index of a table is more than row numbers.

    Parameters
    ----------
    table
        Any table.

    Returns
    -------
    own
        True if the index has a name, or holds something else than whole numbers.

    Examples
    --------
    >>> has_own_index(pd.DataFrame({"a": [1]})), has_own_index(pd.DataFrame({"a": [1]}, ["x"]))
    (False, True)
    """
    index = table.index
    return index.name is not None or not pd.api.types.is_integer_dtype(index.dtype)


def _candidates(
    columns: pd.Index, what: str, said: Mapping[str, str] | None
) -> list[tuple[str, bool]]:
    """Columns that may hold ids, and whether they say so plainly, the likeliest first."""
    if "id" in (said or {}):
        return [("id", True)]
    known = {key(str(name)): name for name in reversed(columns)}
    aliases = [(alias, True) for alias in f"{_PLAIN} {_OF[what]}".split()]
    aliases += [(alias, False) for alias in _PERHAPS.split()]
    found = [(known[key(alias)], plain) for alias, plain in aliases if key(alias) in known]
    return list(dict(reversed(found)).items())[::-1]


def _as_labels(column: pd.Series[Any]) -> pd.Series[Any]:
    """Ids as they are; without blanks around them, and whole numbers as such."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        whole = bool((np.isnan(numbers) | (numbers == np.rint(numbers))).all())
        if whole and not np.isnan(numbers).any():
            return column.astype("int64")
        if whole:
            return column.astype("Int64").astype(object).where(~np.isnan(numbers), None)
        return column.astype(object).where(~np.isnan(numbers), None)
    told = [_text(value) for value in column]
    return pd.Series(told, index=column.index, dtype=object)


def _text(value: Any) -> Any:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return str(value).strip() or None
