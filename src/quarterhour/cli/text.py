"""Tables and lists for a terminal, in which Chinese characters take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def width(text: str) -> int:
    """Columns that a text takes in a terminal.

    Examples
    --------
    >>> width("九网点"), width("nine")
    (6, 4)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def fitted(text: str, columns: int) -> str:
    """Cut a text to a number of columns, with an ellipsis where something was cut.

    Examples
    --------
    >>> fitted("社区卫生服务站", 9), fitted("park", 9)
    ('社区卫生…', 'park')
    """
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        used += width(character)
        if used > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def table_text(rows: Sequence[Sequence[str]], left: int = 1, indent: str = "  ") -> list[str]:
    r"""Align rows of cells; the first row is the heading, the first ``left`` columns are words.

    Examples
    --------
    >>> print("\n".join(table_text([["area", "met"], ["松园", "7"], ["Kamppi", "12"]])))
      area    met
      松园      7
      Kamppi   12
    """
    columns = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (room - width(cell)) if i < left else " " * (room - width(cell)) + cell
            for i, (cell, room) in enumerate(zip(row, columns, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def bullet_lines(sentences: Iterable[str]) -> list[str]:
    """Give each sentence a bullet, without repeating any."""
    return [f"  * {sentence}" for sentence in dict.fromkeys(sentences)]


def area_name(name: object, label: object) -> str:
    """Give the name of an area, or its index label where it has none."""
    return name if isinstance(name, str) and name else str(label)
