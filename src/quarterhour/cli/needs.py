"""quarterhour needs: what groups lack, which demands nothing meets, where cars stand."""

from __future__ import annotations

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
)
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.scoring.scorecard import Scorecard

SHOWN = 20

_TITLES = {
    "groups": "Priority groups: who has every required item",
    "group_areas": "",
    "lacking": "What they lack",
    "demands": "Demands that nothing in reach is known to meet",
    "parking_areas": "Cars and spaces",
    "parking_lots": "",
    "visits": "What comes at times",
}
"""The tables that are written, with what stands above those that are printed."""

_PRINTED = {
    "groups": ("name", "required", "unit", "all_met", "some_unmet", "unknown", "share"),
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
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say what priority groups lack, which demands nothing meets, and where cars stand.

    SOURCE and the tables are those of `score`; ask for one of --groups, --demands and --parking,
    or for several. With --period, what comes at times is listed too.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import answered, require_sound
    from quarterhour.cli.delivery import require_writable
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
        require_writable(out)
    read = {name: _list(lists[name]) for name in ("demands", "resources")}
    card, _ = answered(options)
    tables, notes = _tables(card, options | read)
    files = [] if out is None else _written(tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(one) for name, one in tables.items()}
        echo_json(json_lines.text(told | {"notes": notes, "files": list(map(str, files))}))
        return
    lines = [line for name, table in tables.items() for line in _lines(name, table)]
    lines += [f"  {note}" for note in notes] + [f"Written: {path}" for path in files]
    echo("\n".join(lines).lstrip("\n"))


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
        say("Asking what groups need")
        found = group_needs(card, asked["groups"])
        tables |= {"groups": found.groups, "group_areas": found.areas, "lacking": found.lacking}
    if asked["demands"] is not None:
        say("Matching demands")
        matched = match_demands(card, asked["demands"], resources=asked["resources"])
        tables["demands"], notes = matched, [*notes, *matched.attrs["notes"]]
    if asked["parking"]:
        say("Placing cars")
        cars = parking(card, cars_per_household=asked["cars_per_household"])
        tables |= {"parking_areas": cars.areas, "parking_lots": cars.lots}
        notes += cars.notes
    if asked["period"]:
        tables["visits"] = visits(card.facilities, asked["period"])
    return tables, list(map(str, notes))


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


def _lines(name: str, table: pd.DataFrame) -> list[str]:
    from quarterhour.cli.text import table_text

    if not _TITLES[name]:
        return []
    if name == "demands":
        met = int((table["status"] == "met").sum())
        head = [f"  {met:,} of {len(table):,} demands are met"]
        table = table[table["status"] != "met"]
    else:
        head = []
    columns = _PRINTED[name]
    shown = table.head(SHOWN)
    rows = [list(columns), *([_cell(row[c]) for c in columns] for _, row in shown.iterrows())]
    lines = ["", _TITLES[name], *head, *(table_text(rows) if len(shown) else [])]
    more = len(table) - len(shown)
    return [*lines, f"  … and {more:,} more, see {name}.csv"] if more else lines


def _cell(value: Any) -> str:
    """A cell as people read it: nothing for what is not known."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return "" if str(value) in ("<NA>", "NaT") else str(value)
