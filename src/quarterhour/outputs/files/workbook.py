"""The Excel workbook: what planners exchange, a sheet for each question."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import is_object_dtype

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, MissingExtraError
from quarterhour.outputs.files.plan_sheets import plan_sheets
from quarterhour.outputs.looks import LOOKS, shown_status
from quarterhour.outputs.plan_words import Plans, checked_plans, plan_text, plan_title
from quarterhour.outputs.report.method import methods_text, sources_text
from quarterhour.outputs.report.parts import area_names, counts_by, facility_names
from quarterhour.outputs.report.report import languages
from quarterhour.outputs.words import LANG, LANGS, Lang, limit, name_of, say
from quarterhour.places.own_columns import own_columns, unwritable, writable
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.directory import service_directory
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import (
    MET_SHARE,
    OBSERVED_SHARE,
    group_columns,
    observed_column,
)

SIGNS = {status: look.sign for status, look in LOOKS.items()}
"""As they stand in the sheet of areas and items: told apart without colour."""


class Sheet(NamedTuple):
    """A sheet: its name, its table, and how many columns stay when it is scrolled."""

    name: str
    table: pd.DataFrame
    frozen: int = 1


def write_workbook(
    card: Scorecard, path: str | Path, *, lang: Lang = LANG, plans: Plans = ()
) -> Path:
    """Write the results as an Excel workbook.

    Sheets: about (method, sources, what the signs mean), items, areas, areas × items, gaps,
    service directory, facilities, coverage (every measure), matches, and the manifest. Areas and
    facilities bear the ids of your own tables and all columns of these.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write (``.xlsx``), whole or not at all.
    lang
        Language of the sheets and their headings, ``"zh"`` or ``"en"``.
    plans
        Plans that were made of this scorecard: what :func:`quarterhour.compare`,
        :func:`quarterhour.site` and :func:`quarterhour.circles` give; as a mapping, by what they
        are called. Their sheets come after the others.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the language is not known, the file has another ending, or a plan is of another
        scorecard.
    MissingExtraError
        If openpyxl is not installed.
    OutputError
        If the file cannot be written.
    """
    if lang not in LANGS:
        msg = f"lang={lang!r} is not a language of the workbook: use 'zh' or 'en'."
        raise InputError(msg)
    if Path(path).suffix.lower() != ".xlsx":
        msg = f"{path}: the name of a workbook has to end in .xlsx."
        raise InputError(msg)
    if find_spec("openpyxl") is None:
        msg = "A workbook needs openpyxl: install it with pip install 'quarterhour[excel]'."
        raise MissingExtraError(msg)
    made = sheets(card, languages(lang)[0], plans)
    with whole_file(path) as part, pd.ExcelWriter(part, engine="openpyxl") as writer:
        for sheet in made:
            sheet.table.to_excel(writer, sheet_name=sheet.name, index=False)
            _dress(writer.sheets[sheet.name], sheet)
    return Path(path)


def sheets(card: Scorecard, lang: Lang, plans: Plans = ()) -> list[Sheet]:
    """Give the sheets of the workbook, in order."""
    named = checked_plans(card, plans)
    made = [
        Sheet(say(lang, "x_about"), _about(card, lang), 0),
        Sheet(say(lang, "x_items"), _items(card, lang), 2),
        Sheet(say(lang, "x_areas"), _areas(card, lang), 2),
        Sheet(say(lang, "x_grid"), _grid(card, lang), 2),
        Sheet(say(lang, "x_gaps"), _gaps(card, lang), 2),
        Sheet(say(lang, "x_directory"), _directory(card, lang), 2),
        Sheet(say(lang, "x_facilities"), _facilities(card, lang), 2),
        Sheet(say(lang, "x_coverage"), _texts(coverage(card)), 2),
        Sheet(say(lang, "x_matches"), _texts(card.matches), 2),
        Sheet(say(lang, "x_manifest"), _manifest(card), 1),
    ]
    for place, (name, plan) in enumerate(named, start=1):
        tables = plan_sheets(plan, lang)
        made += [Sheet(f"{title} {place}", _texts(table), 2) for title, table in tables]
        about = made[0].table
        told = plan_text(plan, lang)
        about.loc[len(about)] = [plan_title(plan, place, name, lang), told]
    if cleaned := sum(unwritable(sheet.table) for sheet in made):
        told = say(lang, "x_cleaned", {"n": cleaned})
        about = made[0].table
        about.loc[len(about)] = [say(lang, "x_caveat"), told]
    return [sheet._replace(table=_clean(sheet.table)) for sheet in made]


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out control characters, which no workbook can hold."""
    if not unwritable(table):
        return table
    made = table.rename(columns=lambda name: writable(str(name)))
    for name in made.select_dtypes(include=["object", "string"]):
        made[name] = [writable(v) if isinstance(v, str) else v for v in made[name]]
    return made


def _about(card: Scorecard, lang: Lang) -> pd.DataFrame:
    rows = [
        (say(lang, "report"), name_of(card.checklist, lang)),
        (say(lang, "methods").split("、")[-1].split(". ")[-1], methods_text(card, lang)),
        *((SIGNS[status], say(lang, f"legend_{status}")) for status in SIGNS),
        (say(lang, "x_caveat"), say(lang, "not_official")),
        *((say(lang, "x_sources"), text) for text in sources_text(card, lang)),
    ]
    return pd.DataFrame(rows, columns=["", str(card.manifest["made_at"])])


def _items(card: Scorecard, lang: Lang) -> pd.DataFrame:
    rates = coverage(card)
    people = bool(rates.loc[rates["measure"] == "population", "denominator"].sum())
    measure, unit = ("population", "residents") if people else ("residence", "residences")
    mine = rates[rates["measure"] == measure].set_index("item")
    counts = counts_by(card, "item")
    names = {one.key: name_of(one, lang) for one in card.checklist.groups}
    unit = say(lang, f"unit_{unit}")
    table = pd.DataFrame(
        {
            say(lang, "no"): range(1, len(card.checklist) + 1),
            say(lang, "item"): [name_of(item, lang) for item in card.checklist],
            "key": card.checklist.keys(),
            say(lang, "group"): [names[item.group] for item in card.checklist],
            say(lang, "limit"): [limit(item, lang) for item in card.checklist],
        }
    )
    for status in SIGNS:
        table[say(lang, status)] = counts[status].to_numpy()
    shares = mine.reindex(card.checklist.keys())
    table[say(lang, "x_within", {"unit": unit})] = shares["numerator"].to_numpy()
    table[say(lang, "x_known", {"unit": unit})] = shares["denominator"].to_numpy()
    table[say(lang, "not_known", {"unit": unit})] = shares["unknown"].to_numpy()
    for column, key in (
        ("share", "share"),
        ("share_observed", "x_seen"),
        ("share_at_least", "x_least"),
        ("share_at_most", "x_most"),
    ):
        table[say(lang, key)] = shares[column].to_numpy()
    return table


def _areas(card: Scorecard, lang: Lang) -> pd.DataFrame:
    summary = card.summary().drop(columns="name")
    names = area_names(card, lang)
    summary.insert(0, say(lang, "area"), names)
    columns = group_columns(card.checklist)
    groups = {columns[g.key]: name_of(g, lang) for g in card.checklist.groups}
    words = {
        "residents": "residents",
        "met": "met",
        "observed": "x_observed",
        "implied": "x_of_hosts",
        "unmet": "unmet",
    }
    words |= {"unknown": "unknown", MET_SHARE: "complete", "edge_affected": "edge"}
    words |= {OBSERVED_SHARE: "x_complete_seen"}
    seen = say(lang, "x_observed")
    groups |= {
        observed_column(columns[g.key]): f"{name_of(g, lang)} ({seen})"
        for g in card.checklist.groups
    }
    heads = {column: say(lang, key) for column, key in words.items()}
    return _with_own(summary.rename(columns=groups | heads), card.areas, ("name", "residents"))


def _facilities(card: Scorecard, lang: Lang) -> pd.DataFrame:
    """The facilities that serve an item, with all that their own table says of them."""
    matches = card.matches.drop_duplicates(["facility", "item"])
    names = {item.key: name_of(item, lang) for item in card.checklist}
    kind = matches["evidence"] == "host"
    told = matches["item"].map(names)
    comma = say(lang, "comma")
    items = told[~kind].groupby(matches["facility"]).agg(comma.join)
    hosts = told[kind].groupby(matches["facility"]).agg(comma.join)
    used = card.facilities.loc[card.facilities.index.isin(matches["facility"])]
    table = pd.DataFrame(index=used.index)
    table[say(lang, "facility")] = used.get("name")
    table[say(lang, "x_serves")] = items.reindex(used.index)
    table[say(lang, "implied")] = hosts.reindex(used.index)
    return _with_own(table, used, ("name",))


def _with_own(table: pd.DataFrame, source: pd.DataFrame, told: tuple[str, ...]) -> pd.DataFrame:
    """Put the label before a table, and behind it the columns of the user's that are not told."""
    rest = source.drop(columns=list(told), errors="ignore")
    if "id" in rest and (rest["id"].map(str) == rest.index.map(str)).all():
        rest = rest.drop(columns="id")
    own = own_columns(rest, ["id", *table.columns])
    labelled = pd.concat([table, own], axis=1).rename_axis("id").reset_index()
    for name in labelled.select_dtypes(include=["datetimetz"]):
        labelled[name] = labelled[name].map(str)  # a workbook has no time zones
    return _texts(labelled)


def _grid(card: Scorecard, lang: Lang) -> pd.DataFrame:
    signs = card.results.assign(sign=shown_status(card.results).map(SIGNS))
    wide = signs.pivot_table(index="area", columns="item", values="sign", aggfunc="first")
    wide = wide.reindex(index=card.areas.index, columns=list(card.checklist.keys()))
    wide.columns = pd.Index([f"{n} {name_of(i, lang)}" for n, i in enumerate(card.checklist, 1)])
    wide.insert(0, say(lang, "area"), area_names(card, lang))
    return _texts(wide.rename_axis("id").reset_index())


def _gaps(card: Scorecard, lang: Lang) -> pd.DataFrame:
    found = _with_units(gaps(card), card)
    named = facility_names(card, lang)
    names = area_names(card, lang)
    return pd.DataFrame(
        {
            "id": found["area"].map(str),
            say(lang, "area"): found["area"].map(names),
            say(lang, "item"): found[lang],
            say(lang, "reason"): [say(lang, str(reason)) for reason in found["reason"]],
            say(lang, "beyond"): found["residents_without"],
            say(lang, "beyond_homes"): found["share_without"],
            **_walks(found, "median", lang),
            **_walks(found, "worst", lang),
            say(lang, "nearest"): [named.get(label, "") for label in found["facility"]],
            say(lang, "edge"): found["edge_affected"].map({True: say(lang, "yes"), False: ""}),
        }
    )


def _directory(card: Scorecard, lang: Lang) -> pd.DataFrame:
    found = _with_units(service_directory(card), card)
    names = area_names(card, lang)
    return pd.DataFrame(
        {
            "id": found["area"].map(str),
            say(lang, "area"): found["area"].map(names),
            say(lang, "item"): found[lang],
            say(lang, "status"): [say(lang, str(status)) for status in found["status"]],
            say(lang, "facility"): found["name"],
            **_walks(found, "walk", lang),
            say(lang, "people_going"): found["share"],
            say(lang, "implied"): found["implied"].map({True: say(lang, "yes"), False: ""}),
            say(lang, "address"): found["address"],
            say(lang, "hours"): found["opening_hours"],
            say(lang, "phone"): found["phone"],
        }
    )


def _with_units(found: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    keys = [item.key for item in card.checklist if item.limit.in_metres]
    return found.assign(in_metres=found["item"].isin(keys))


def _walks(found: pd.DataFrame, which: str, lang: Lang) -> dict[str, pd.Series[float]]:
    """Give walks in the unit of the items' limits: a column of minutes, of metres, or of each."""
    before = "" if which == "walk" else f"{which}_"
    minutes = found[f"{before}minutes"].round(1)
    if f"{before}metres" not in found:
        return {say(lang, f"{which}_minutes"): minutes}
    metres = found[f"{before}metres"].round(0)
    told = {say(lang, f"{which}_metres"): metres}
    if not (found["in_metres"].all() and len(found)):
        minutes = minutes.mask(found["in_metres"])
        told = {say(lang, f"{which}_minutes"): minutes} | told
    return told


def _manifest(card: Scorecard) -> pd.DataFrame:
    """One row for each value of the manifest, by its path."""
    rows: list[tuple[str, str]] = []

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                walk(f"{path}.{key}" if path else str(key), inner)
        else:
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            rows.append((path, told))

    walk("", json.loads(json.dumps(dict(card.manifest), ensure_ascii=False, default=str)))
    return pd.DataFrame(rows, columns=["name", "value"])


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    """Make columns of mixed labels texts: a spreadsheet has no other labels."""
    made = table.copy()
    for name in made.columns[[is_object_dtype(kind) for kind in made.dtypes]]:
        made[name] = made[name].map(lambda v: v if isinstance(v, str) else _cell(v))
    return made


def _cell(value: Any) -> Any:
    return "" if value is None or pd.isna(value) else str(value)


def _dress(sheet: Any, made: Sheet) -> None:
    """Freeze the head, set widths, filter, shares as per cent, statuses in colour."""
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - an extra
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet.freeze_panes = sheet.cell(row=2, column=made.frozen + 1)
    if len(made.table):
        sheet.auto_filter.ref = sheet.dimensions
    fills = {
        look.sign: PatternFill("solid", fgColor=look.tint.strip("#").upper())
        for look in LOOKS.values()
    }
    for place, name in enumerate(made.table.columns, start=1):
        letter = get_column_letter(place)
        column = made.table[name]
        longest = max([_width(str(name)) / 2, *(_width(str(v)) for v in column.head(200))])
        sheet.column_dimensions[letter].width = min(max(longest + 2, 6), 60)
        head = sheet[f"{letter}1"]
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        is_share = column.dtype.kind == "f" and bool(column.dropna().between(0, 1).all())
        for row, value in enumerate(column, start=2):
            cell = sheet.cell(row=row, column=place)
            if is_share and column.notna().any():
                cell.number_format = "0.0%"
            elif isinstance(value, str) and value in fills:
                cell.fill, cell.alignment = fills[value], Alignment(horizontal="center")
            elif made.frozen == 0:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
                cell.data_type = "s"  # a name from somebody's table is no formula


def _width(text: str) -> float:
    """Columns that a text takes; Chinese characters take two."""
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in text)
