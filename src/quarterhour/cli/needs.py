"""quarterhour needs: what groups lack, which demands nothing meets, where cars stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    question_options,
    scenario_option,
    source_options,
    spoken_option,
)
from quarterhour.cli.spoken import more_lines, note_lines, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.scorecard import Scorecard

SHOWN = 20

_PRINTED = {
    "groups": ("group", "required", "unit", "all_met", "some_unmet", "unknown", "share"),
    "lacking": ("name", "group", "en", "reason", "residents", "median_minutes"),
    "demands": ("need", "area", "people", "status", "reason", "minutes", "resources"),
    "parking_areas": ("name", "window", "cars", "spaces", "placed", "without", "spare"),
    "visits": ("name", "recurrence", "at_least", "at_most", "first"),
}


@click.command(
    "needs",
    short_help="Say what groups lack, and which demands nothing meets.",
    epilog=example(
        "needs data/samples/helsinki.osm.pbf --groups needs.toml --demands 需求清单.csv",
        "needs --areas areas.gpkg --facilities poi.csv --network city.osm.pbf --parking",
    ),
)
@source_options
@question_options
@scenario_option
@click.option(
    "--groups",
    metavar="FILE",
    help="TOML file: a table for each priority group with required items, weights and pace.",
)
@click.option(
    "--demands", metavar="FILE", help="List of demands (需求清单): need, area, people; CSV or XLSX."
)
@click.option(
    "--resources", metavar="FILE", help="List of resources (资源清单): name, offers; CSV or XLSX."
)
@click.option(
    "--parking", is_flag=True, help="Hold cars against spaces in reach, by day and by night."
)
@click.option(
    "--cars-per-household", type=float, help="Cars of a household, where nobody counted cars."
)
@click.option("--out", type=WRITTEN, help="Folder for the tables, as CSV.")
@spoken_option
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say what priority groups lack, which demands nothing meets, and where cars stand.

    SOURCE and the tables are those of `score`; ask for one of --groups, --demands and --parking,
    or for several. With --period, what comes at times is listed too.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import answered, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.cli.inputs import require_files
    from quarterhour.cli.options import question_of
    from quarterhour.errors import InputError

    lists = {name: options[name] for name in ("groups", "demands", "resources")}
    if not (lists["groups"] or lists["demands"] or options["parking"]):
        msg = "needs asks nothing: give --groups FILE, --demands FILE or --parking."
        raise InputError(msg)
    if lists["resources"] and not lists["demands"]:
        msg = "--resources says who could meet demands: give --demands FILE as well."
        raise InputError(msg)
    require_files(*lists.items())
    require_sound(question_of(options))
    if out is not None:
        require_folder("--out", out)
    read = {name: _list(lists[name]) for name in ("demands", "resources")}
    card, _ = answered(options)
    tables, notes = _tables(card, options | read)
    files = [] if out is None else _written(tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(one) for name, one in tables.items()}
        echo_json(json_lines.text(told | {"notes": notes, "files": list(map(str, files))}))
        return
    lang = spoken()
    shown = _with_names(tables, lang)
    lines = [line for name, table in shown.items() for line in _lines(card, name, table, lang)]
    lines += [f"  {note}" for note in note_lines(notes, lang)]
    echo("\n".join([*lines, *written_lines(lang, files)]).lstrip("\n"))


def _list(path: str | None) -> pd.DataFrame | None:
    """Read a list, which has no positions."""
    if path is None:
        return None
    from quarterhour.sources.tables.sheets import read_excel
    from quarterhour.sources.tables.text_files import read_csv

    place = Path(path)
    if place.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        return read_excel(place, None)[0]
    return read_csv(place).table


def _tables(card: Scorecard, asked: dict[str, Any]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Ask what was asked for."""
    from quarterhour.planning.demands import match_demands
    from quarterhour.planning.parking import parking
    from quarterhour.planning.priority_groups import group_needs
    from quarterhour.scoring.visits import visits

    tables: dict[str, pd.DataFrame] = {}
    notes: list[str] = []
    if asked["groups"]:
        tell("asking_groups")
        found = group_needs(card, asked["groups"])
        tables |= {"groups": found.groups, "group_areas": found.areas, "lacking": found.lacking}
    if asked["demands"] is not None:
        tell("asking_demands")
        matched = match_demands(card, asked["demands"], resources=asked["resources"])
        tables["demands"], notes = matched, [*notes, *matched.attrs["notes"]]
    if asked["parking"]:
        tell("asking_cars")
        cars = parking(card, cars_per_household=asked["cars_per_household"])
        tables |= {"parking_areas": cars.areas, "parking_lots": cars.lots}
        notes += cars.notes
    if asked["period"]:
        tables["visits"] = visits(card.facilities, asked["period"])
    return tables, notes


def _written(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write the tables: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.places.written import write_csv

    with delivered_folder(folder) as (scratch, files):
        for name, table in tables.items():
            write_csv(table, scratch / f"{name}.csv")
    return files


def _with_names(tables: dict[str, pd.DataFrame], lang: Lang) -> dict[str, pd.DataFrame]:
    """Call priority groups by the names that they are given, or by the usual ones."""
    from quarterhour.cli.spoken import words
    from quarterhour.planning.priority_groups import GROUPS

    if "groups" not in tables:
        return tables
    given = dict(zip(tables["groups"]["group"], tables["groups"]["name"], strict=True))
    usual = {key: words()[lang][f"g_{key}"] for key in given if given[key] == GROUPS.get(key)}
    both = {name: tables[name] for name in ("groups", "lacking")}
    return tables | {
        name: one.assign(group=one["group"].map(given | usual)) for name, one in both.items()
    }


def _lines(card: Scorecard, name: str, table: pd.DataFrame, lang: Lang) -> list[str]:
    from quarterhour.cli.text import table_text

    if name not in _PRINTED:
        return []
    lines = ["", word(lang, f"needs_{name}")]
    if name == "demands":
        met = table["status"] == "met"
        lines.append(word(lang, "demands_met", {"n": f"{met.sum():,}", "of": f"{len(table):,}"}))
        table = table[~met]
    columns, shown = _PRINTED[name], table.head(SHOWN)
    rows = [[word(lang, f"c_{column}") for column in columns]]
    rows += [[_cell(card, c, row, lang) for c in columns] for row in shown.to_dict("records")]
    lines += table_text(rows) if len(shown) else []
    return [*lines, *more_lines(lang, len(table) - len(shown), f"{name}.csv")]


def _cell(card: Scorecard, column: str, row: Mapping[Any, Any], lang: Lang) -> str:
    """Give a cell as people read it: nothing for what is not known, words for keys."""
    from quarterhour.cli.spoken import words
    from quarterhour.outputs.words import minutes, name_of, percent, say

    value = row[column]
    if value is None or value != value or str(value) in ("<NA>", "NaT"):  # noqa: PLR0124 - NaN
        return ""
    if column in ("minutes", "median_minutes", "share"):
        return percent(value) if column == "share" else minutes(value)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if column == "en":
        return name_of(card.checklist[row["item"]], lang)
    if column in ("status", "reason", "unit", "window"):
        return words()[lang].get(f"v_{value}") or say(lang, value)
    return str(value)
