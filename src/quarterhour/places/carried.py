"""What a reader writes down beside a table, so that tables that agree can be joined.

``pandas.concat`` keeps what tables carry only where all of it is equal, and where each was read
from differs always. The datum and whose data it is must be the same for a join to mean anything;
source, notes and counts tell of one reading each. They agree with those of any other reading, so
that tables of one datum stay declared when they are joined; that the record is then one of
several is found out by the number of rows, and said (:func:`joined_note`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from quarterhour.places.notes import Note


class Source(str):
    """Where a table was read from, and how many rows it had then."""

    rows: int

    def __new__(cls, text: str, rows: int = 0) -> Source:
        """Make it of a text and a number of rows."""
        source = super().__new__(cls, text)
        source.rows = rows
        return source

    def __eq__(self, other: object) -> bool:
        return True if isinstance(other, Source) else str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return Source, (str(self), self.rows)

    def __deepcopy__(self, memo: object) -> Source:
        return self


class Said(list[str]):
    """The notes of one reading."""

    def __eq__(self, other: object) -> bool:
        return True if isinstance(other, Said) else list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class Counted(dict[str, int]):
    """The rows that one reading left out, by reason."""

    def __eq__(self, other: object) -> bool:
        return True if isinstance(other, Counted) else dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


def reading(
    source: str, rows: int, notes: list[str], left_out: Mapping[str, int]
) -> dict[str, Any]:
    """Give what a reader writes into the ``attrs`` of its table."""
    return {"source": Source(source, rows), "notes": Said(notes), "left_out": Counted(left_out)}


def plain_record(attrs: Mapping[Any, Any]) -> dict[Any, Any]:
    """Give the record with plain values, which agree with nothing but their equals."""
    return {key: _plain(value) for key, value in attrs.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, Said):
        return list(value)
    return dict(value) if isinstance(value, Counted) else value


def joined_note(table: pd.DataFrame) -> Note | None:
    """Say that a table was joined from several, where it has more rows than were read.

    Examples
    --------
    >>> one = pd.DataFrame({"a": [1, 2]})
    >>> one.attrs["source"] = Source("north.csv", 2)
    >>> joined_note(one) is None
    True
    >>> print(joined_note(pd.concat([one, one])))
    Of its 4 rows 2 were read from north.csv, the others joined to them: what else is known of how \
the table was read (notes, rows left out) is known of north.csv alone.
    """
    source = table.attrs.get("source")
    if not isinstance(source, Source) or not 0 < source.rows < len(table):
        return None
    return Note(
        "joined",
        "Of its {0} rows {1} were read from {2}, the others joined to them: what else is known of "
        "how the table was read (notes, rows left out) is known of {2} alone.",
        len(table),
        source.rows,
        str(source),
    )
