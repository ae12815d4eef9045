"""The work plan (工作台账): what is missing where, and what people write beside it.

Whoever keeps the plan types measure, unit, deadline and progress into it, and columns of their
own. When the workbook is written again over it, what was typed stays with its area and item.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.outputs.files.card_sheets import walks, with_units
from quarterhour.outputs.files.sheet import COUNT, MINUTES, SHARE, TEXT, Block, Sheet
from quarterhour.outputs.obstacle_words import obstacle_text, obstacles_of
from quarterhour.outputs.report.parts import area_names, facility_names
from quarterhour.outputs.words import LANGS, Lang, full_width, metres_up, minutes_up, name_of, say
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard

TYPED = ("plan_measure", "plan_unit", "plan_deadline", "plan_progress")
"""The columns in which people write, by the keys of their words."""

OFFERED = {
    "plan_measure": "plan_measure_words",
    "plan_unit": "plan_unit_words",
    "plan_progress": "plan_progress_words",
}
"""Columns in which words are offered, and the keys of these."""

YEARS_AHEAD = 5

Key = tuple[str, str]
"""An area and an item: the area's id, and the item's name or key."""


class Written(NamedTuple):
    """What people typed in a workbook.

    Attributes
    ----------
    cells
        By area and item, what stands in which column (a key of `TYPED`, or their own heading).
    names
        By area and item, what area and item were called there.
    """

    cells: dict[Key, dict[str, Any]]
    names: dict[Key, tuple[str, str]]


NOTHING_WRITTEN = Written({}, {})


def plan_sheet(card: Scorecard, lang: Lang, written: Written) -> tuple[Sheet, list[Key]]:
    """Give the plan with what was typed, and which of that has no row in it any more."""
    found = with_units(gaps(card), card)
    names, named = area_names(card, lang), facility_names(card, lang)
    median, formats = walks(found, "median", lang)
    worst, more = walks(found, "worst", lang)
    why = obstacles_of(card, found)
    nearest = found["facility"] if why is None else found["facility"].fillna(why["place"])
    table: dict[str, Any] = {
        "id": found["area"].map(str),
        say(lang, "area"): found["area"].map(names),
        say(lang, "item"): found[lang].map(full_width) if lang == "zh" else found[lang],
        say(lang, "reason"): [say(lang, str(reason)) for reason in found["reason"]],
        say(lang, "beyond"): found["residents_without"],
        say(lang, "beyond_homes"): found["share_without"],
        **median,
        **worst,
        say(lang, "nearest"): [named.get(label, "") for label in nearest],
    }
    obstacles, formats_of_obstacles = _obstacles(why, lang)
    table |= obstacles
    table[say(lang, "edge")] = found["edge_affected"].map({True: say(lang, "yes"), False: ""})
    keys = list(zip(table["id"], found["item"], strict=True))
    own = list(
        dict.fromkeys(n for cells in written.cells.values() for n in cells if n not in TYPED)
    )
    for column in (*TYPED, *own):
        head = say(lang, column) if column in TYPED else column
        table[head] = pd.Series(
            [written.cells.get(key, {}).get(column) for key in keys], dtype=object
        )
    if found["residents_without"].isna().all():
        del table[say(lang, "beyond")]  # nobody has counted
    typed = [*(say(lang, column) for column in TYPED), *own]
    formats |= (
        more
        | formats_of_obstacles
        | {"id": TEXT, say(lang, "beyond"): COUNT, say(lang, "beyond_homes"): SHARE}
    )
    sheet = Sheet(
        say(lang, "x_gaps"), [Block(pd.DataFrame(table))], formats, 3, _choices(card, lang), typed
    )
    gone = [key for key in written.cells if key not in set(keys)]
    return sheet, gone


def _obstacles(told: pd.DataFrame | None, lang: Lang) -> tuple[dict[str, Any], dict[str, str]]:
    """How much lacks, how far round one walks, and what stands in the way; with the formats."""
    if told is None:
        return {}, {}
    table = {
        say(lang, "short_minutes"): minutes_up(told["minutes_short"]),
        say(lang, "short_metres"): metres_up(told["metres_short"]),
        say(lang, "detour"): told["detour"].round(1),
    }
    formats = dict(zip(table, (MINUTES, COUNT, MINUTES), strict=True))
    table = {head: column for head, column in table.items() if column.notna().any()}
    texts = [obstacle_text(row, lang) for row in told.to_dict("records")]
    return table | {say(lang, "in_the_way"): texts}, formats


def _choices(card: Scorecard, lang: Lang) -> dict[str, list[str]]:
    """What is offered in the cells that people fill in."""
    year = int(str(card.manifest["made_at"])[:4])
    ends = [say(lang, "plan_by_end", {"year": year + n}) for n in range(YEARS_AHEAD)]
    offered = {say(lang, "plan_deadline"): ends}
    for column, words in OFFERED.items():
        offered[say(lang, column)] = say(lang, words).split("|")
    return offered


def gone_sheet(card: Scorecard, lang: Lang, written: Written, gone: list[Key]) -> Sheet:
    """What was typed beside gaps that are none any more: kept, with what became of them."""
    status = card.results.assign(area=card.results["area"].map(str)).set_index(["area", "item"])
    areas = {str(label) for label in card.areas.index}
    rows = []
    for area, item in gone:
        called = written.names[area, item]
        if (area, item) in status.index:
            now = say(lang, str(status.loc[(area, item), "status"]))
        else:
            now = say(lang, "plan_no_area" if area not in areas else "plan_no_item")
        cells = {
            say(lang, name) if name in TYPED else name: value
            for name, value in written.cells[area, item].items()
        }
        head = {"id": area, say(lang, "area"): called[0], say(lang, "item"): called[1]}
        rows.append(head | {say(lang, "plan_now"): now} | cells)
    table = pd.DataFrame(rows).astype(object)
    typed = list(table.columns[4:])
    return Sheet(say(lang, "x_gone"), [Block(table)], {"id": TEXT}, 3, {}, typed)


def read_written(card: Scorecard, book: Any, path: Path) -> Written:
    """Read what people typed in a workbook of ours, of whatever language.

    Raises
    ------
    InputError
        If its sheet has lost the columns that say which area and item a row is of.
    """
    written = Written({}, {})
    for key in ("x_gone", "x_gaps"):
        for lang in LANGS:
            if say(lang, key) in book.sheetnames:
                _read_sheet(card, book[say(lang, key)], lang, written, path)
    return written


def _read_sheet(card: Scorecard, sheet: Any, lang: Lang, written: Written, path: Path) -> None:
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    told = _ours(lang)
    heads = [
        whole if (whole := _unbroken(name)) in told else str(name) if name is not None else ""
        for name in (rows[0] if rows else [])
    ]
    missing = [name for name in ("id", say(lang, "item")) if name not in heads]
    if missing:
        msg = (
            f"{path}: sheet {sheet.title!r} has no column {' and no '.join(missing)} in its first "
            "row, so what was typed in it cannot be kept: put the heading back, or write to "
            "another file."
        )
        raise InputError(msg)
    ours = {say(lang, name): name for name in TYPED}
    keys = {
        name: item.key
        for item in card.checklist
        for one in LANGS
        for name in (name_of(item, one), str(getattr(item, one)))  # with either kind of brackets
    }
    for row in rows[1:]:
        values = dict(zip(heads, row, strict=True))
        typed = {
            ours.get(name, name): value
            for name, value in values.items()
            if name and name not in told and value not in (None, "")
        }
        area, item = values["id"], values[say(lang, "item")]
        if typed and area is not None and item is not None:
            key = (_label(area), keys.get(str(item), str(item)))
            written.names[key] = str(values.get(say(lang, "area")) or ""), str(item)
            cells = written.cells.setdefault(key, {})
            cells |= {n: _both(cells[n], v) if n in cells else v for n, v in typed.items()}


def _ours(lang: Lang) -> set[str]:
    """Headings of what we write, which is written anew."""
    keys = ["area", "item", "reason", "beyond", "beyond_homes", "nearest", "edge", "plan_now"]
    keys += ["short_minutes", "short_metres", "detour", "in_the_way"]
    units = [f"{which}_{unit}" for which in ("median", "worst") for unit in ("minutes", "metres")]
    return {"id", *(say(lang, key) for key in (*keys, *units))}


def _unbroken(name: Any) -> str:
    """Give a heading on one line: a long one is broken before its brackets."""
    return str(name or "").replace("\n(", " (").replace("\n", "")


def _label(value: Any) -> str:
    """Give an id as a text, as it was before a spreadsheet made a number of it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _both(one: Any, other: Any) -> Any:
    """What stands in two rows of one area and item."""
    return one if one == other else f"{one}; {other}"
