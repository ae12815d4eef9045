"""quarterhour series: a saved question asked of one year after another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option, spoken_option
from quarterhour.cli.spoken import spoken, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.planning.series import Series


@click.command(
    "series",
    short_help="Ask a saved question of one year after another.",
    epilog=example("series out/2025", "series out/2025 --day 2015 --day 2020 --day 2025-06-30"),
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--day",
    "days",
    multiple=True,
    help="A year or a day (2020, 2020-06-30); several times. Not given: every year in which "
    "a facility comes or goes.",
)
@click.option("--out", type=WRITTEN, help="Folder to write days.csv and coverage.csv to.")
@spoken_option
@json_option
def command(folder: Path, days: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Say how coverage has changed from year to year.

    FOLDER is what `score --out` wrote, of facilities with the columns valid_from and valid_to.
    The answer of a year is that of its last day.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import read_card
    from quarterhour.cli.delivery import require_folder
    from quarterhour.planning.series import series

    if out is not None:
        require_folder("--out", out)
    found = series(read_card(folder), list(days) or None)
    tables = {"days": found.days.reset_index(), "coverage": found.coverage}
    tables = {name: table.assign(day=table["day"].astype(str)) for name, table in tables.items()}
    files = [] if out is None else _written(tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(table) for name, table in tables.items()}
        told |= {"measure": found.measure, "files": [str(path) for path in files]}
        echo_json(json_lines.text(told))
        return
    lang = spoken()
    echo("\n".join([*_lines(found, lang), *written_lines(lang, files)]))


def _lines(found: Series, lang: Lang) -> list[str]:
    from quarterhour.outputs.plan_words import count_text
    from quarterhour.outputs.words import number, percent

    days = found.days
    ends = {"first": days.index[0], "last": days.index[-1]}
    lines = [word(lang, "days", {"n": len(days), **ends}), ""]
    for day, row in days.iterrows():
        known = row["met"] + row["unmet"]
        counts = {name: number(row[name]) for name in ("new", "gone", "met")}
        share = {"share": percent(row["met"] / known)} if known else {}
        told = {"day": day, "n": number(row["facilities"]), "known": number(known), **counts}
        told["share"] = word(lang, "day_share", share) if known else ""
        told |= {n: count_text(row[n], found.measure, lang) for n in ("gained", "lost")}
        lines.append(word(lang, "day", told))
    return lines


def _written(tables: dict[str, Any], folder: Path) -> list[Path]:
    """Write the tables: all of them, or none."""
    from quarterhour.atomic import whole_folder
    from quarterhour.places.written import write_csv

    with whole_folder(folder) as scratch:
        for name, table in tables.items():
            write_csv(table, scratch / f"{name}.csv")
    return [folder / f"{name}.csv" for name in tables]
