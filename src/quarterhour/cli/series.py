"""quarterhour series: a saved question asked of one year after another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option
from quarterhour.cli.streams import echo, echo_json


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
@json_option
def command(folder: Path, days: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Say how coverage has changed from year to year.

    FOLDER is what `score --out` wrote, of facilities with the columns valid_from and valid_to.
    The answer of a year is that of its last day.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.delivery import require_writable
    from quarterhour.planning.series import series

    if out is not None:
        require_writable(out)
    found = series(folder, list(days) or None)
    tables = {"days": found.days.reset_index(), "coverage": found.coverage}
    tables = {name: table.assign(day=table["day"].astype(str)) for name, table in tables.items()}
    files = [] if out is None else _written(tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(table) for name, table in tables.items()}
        told |= {"measure": found.measure, "files": [str(path) for path in files]}
        echo_json(json_lines.text(told))
        return
    lines = [repr(found).strip("<>"), ""]
    for row in tables["days"].to_dict("records"):
        known = row["met"] + row["unmet"]
        share = f" ({row['met'] / known:.1%})" if known else ""
        lines.append(
            f"  {row['day']}: {row['facilities']:,} facilities (+{row['new']:,} -{row['gone']:,}), "
            f"{row['met']:,} of {known:,} known answers met{share}; {row['gained']:,.0f} "
            f"{found.measure} gained an item, {row['lost']:,.0f} lost one"
        )
    echo("\n".join([*lines, *(f"Written: {path}" for path in files)]))


def _written(tables: dict[str, Any], folder: Path) -> list[Path]:
    """Write the tables: all of them, or none."""
    from quarterhour.atomic import whole_folder
    from quarterhour.places.written import write_csv

    with whole_folder(folder) as scratch:
        for name, table in tables.items():
            write_csv(table, scratch / f"{name}.csv")
    return [folder / f"{name}.csv" for name in tables]
