"""The Excel workbook: a work plan (工作台账) that people go on working in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, MissingExtraError
from quarterhour.outputs.files.card_sheets import (
    areas_sheet,
    directory_sheet,
    ledger_sheet,
    method_sheet,
    overview_sheet,
    signs_sheet,
)
from quarterhour.outputs.files.plan_sheets import plan_sheets, plan_titles
from quarterhour.outputs.files.sheet import Block, Sheet, write_sheet
from quarterhour.outputs.files.work_plan import (
    NOTHING_WRITTEN,
    Written,
    gone_sheet,
    plan_sheet,
    read_written,
)
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.plan_words import Plans, checked_plans, plan_text, plan_title
from quarterhour.outputs.words import LANGS, Lang, require_lang, say
from quarterhour.places.own_columns import unwritable, writable
from quarterhour.scoring.scorecard import Scorecard

_SHEETS = ("overview", "gaps", "areas", "grid", "facilities", "directory", "method", "gone")


def write_workbook(
    card: Scorecard,
    path: str | Path,
    *,
    lang: Lang | None = None,
    plans: Plans = (),
    edited: str | Path | None = None,
) -> Path:
    """Write the results as an Excel workbook to go on working in.

    Sheets: overview (with every item), work plan (what is missing where; columns for measure,
    responsible unit, deadline and progress are empty, with words to choose from), areas,
    areas × items, facilities, service directory, and method. Areas and facilities bear the ids of
    your own tables and all columns of these.

    Written again over a workbook that people have edited, what they typed in the work plan, and
    columns that they added to it, stay with their area and item; what was typed beside gaps that
    are none any more is kept on a sheet of its own; their own sheets stay (drawings in them do not:
    openpyxl cannot keep these).

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write (``.xlsx``), whole or not at all.
    lang
        Language of the sheets and their headings, ``"zh"`` or ``"en"``.
        None: the language of the checklist's country, else of the environment, else
        English.
    plans
        Plans that were made of this scorecard, as :func:`quarterhour.write_report` takes them; as a
        mapping, by what they are called. Their sheets come after the others.
    edited
        The workbook in which people have typed; none: the one at ``path``, if there is one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the language is not known, the file has another ending, a plan is of another
        scorecard, or what people typed cannot be kept.
    MissingExtraError
        If openpyxl is not installed.
    OutputError
        If the file cannot be written.
    """
    lang = chosen_lang(lang, card.checklist)
    require_lang(lang, "not a language of the workbook")
    if Path(path).suffix.lower() != ".xlsx":
        msg = f"{path}: the name of a workbook has to end in .xlsx."
        raise InputError(msg)
    if find_spec("openpyxl") is None:
        msg = "A workbook needs openpyxl: install it with pip install 'quarterhour[excel]'."
        raise MissingExtraError(msg)
    before = _edited(Path(path if edited is None else edited), asked=edited is not None)
    written = NOTHING_WRITTEN
    if before is not None:
        written = read_written(card, before, Path(path if edited is None else edited))
    made = sheets(card, lang, plans, written)
    with whole_file(path) as part:
        _book(made, before).save(part)
    return Path(path)


def sheets(
    card: Scorecard, lang: Lang, plans: Plans = (), written: Written = NOTHING_WRITTEN
) -> list[Sheet]:
    """Give the sheets of the workbook, in order."""
    named = checked_plans(card, plans)
    plan, gone = plan_sheet(card, lang, written)
    of_plans: list[Sheet] = []
    told: list[tuple[str, str]] = []
    for place, (name, one) in enumerate(named, start=1):
        of_plans += [
            Sheet(f"{title} {place}", [Block(table)], formats, 2)
            for title, table, formats in plan_sheets(one, lang)
        ]
        told.append((plan_title(one, place, name, lang), plan_text(one, lang)))
    made = [
        overview_sheet(card, lang),
        plan,
        areas_sheet(card, lang),
        signs_sheet(card, lang),
        ledger_sheet(card, lang),
        directory_sheet(card, lang),
        *of_plans,
        *([gone_sheet(card, lang, written, gone)] if gone else []),
    ]
    cleaned = sum(unwritable(block.table) for sheet in made for block in sheet.blocks)
    if cleaned:
        told.append((say(lang, "x_caveat"), say(lang, "x_cleaned", {"n": cleaned})))
    told += [
        (say(lang, "x_printing"), f"{sheet.name}{say(lang, 'colon')}{sheet.ledger}")
        for sheet in made
        if sheet.ledger
    ]
    made.insert(6, method_sheet(card, lang, told))
    return [_clean(sheet) for sheet in made]


def has_plan(path: Path) -> bool:
    """Whether a file is a workbook of ours, in which people may have typed."""
    return find_spec("openpyxl") is not None and _edited(path, asked=False) is not None


def _edited(path: Path, *, asked: bool) -> Any:
    """Open the workbook in which people may have typed; nothing where there is none of ours.

    Raises
    ------
    InputError
        If it is a workbook that cannot be read, or one was named that is not there.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - an extra

    if not path.is_file():
        if asked:
            msg = f"{path}: no such workbook; leave out edited= to write a new one."
            raise InputError(msg)
        return None
    if not asked and not zipfile.is_zipfile(path):
        return None
    try:
        book = load_workbook(path)
    except Exception as error:
        msg = (
            f"{path}: the workbook that is there cannot be read ({error}), so what was typed in it "
            "cannot be kept. Move it away, or write to another file."
        )
        raise InputError(msg) from error
    ours = any(say(lang, "x_gaps") in book.sheetnames for lang in LANGS)
    if asked and not ours:
        msg = f"{path}: no workbook of ours: it has no sheet {say('zh', 'x_gaps')!r}."
        raise InputError(msg)
    return book if ours else None


def _book(made: Sequence[Sheet], before: Any) -> Any:
    """Make the workbook: our sheets first, then those that people added."""
    from openpyxl import Workbook  # noqa: PLC0415 - an extra

    book = Workbook() if before is None else before
    names = {say(lang, f"x_{key}") for lang in LANGS for key in _SHEETS}
    plans = "|".join(re.escape(title) for lang in LANGS for title in plan_titles(lang))
    for name in book.sheetnames:
        if before is None or name in names or re.fullmatch(rf"(?:{plans}) \d+", name):
            del book[name]
    for place, sheet in enumerate(made):
        write_sheet(sheet, book.create_sheet(sheet.name, place))
    book.active = 0
    return book


def _clean(sheet: Sheet) -> Sheet:
    """Leave out control characters, which no workbook can hold."""
    return sheet._replace(
        blocks=[block._replace(table=_clean_table(block.table)) for block in sheet.blocks]
    )


def _clean_table(table: pd.DataFrame) -> pd.DataFrame:
    if not unwritable(table):
        return table
    made = table.rename(columns=lambda name: writable(str(name)))
    for name in made.select_dtypes(include=["object", "string"]):
        made[name] = [writable(v) if isinstance(v, str) else v for v in made[name]]
    return made
