"""quarterhour compare: two scorecards side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.planning.comparison import Comparison

TABLES = ("turned", "areas", "items", "groups", "pairs", "unmatched")
"""The tables of a comparison, a file each."""


@click.command(
    "compare",
    short_help="Hold two scorecards beside each other.",
    epilog=example(
        "compare out/today out/with-market", "compare out/2024 out/2025 --out out/change"
    ),
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--shown", type=int, default=20, show_default=True, help="Rows to print per table.")
@click.option("--out", type=WRITTEN, help="Folder to write the tables and a figure to.")
@json_option
def command(before: Path, after: Path, shown: int, out: Path | None, as_json: bool) -> None:
    """Say who gained, who lost, what turned and why, from one scorecard to another.

    BEFORE and AFTER are folders that `score --out` wrote: with and without a scenario, or of two
    dates. Areas are matched by their labels.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.delivery import require_writable
    from quarterhour.planning.compare import compare
    from quarterhour.scoring.read import read_scorecard

    if out is not None:
        require_writable(out)
    found = compare(read_scorecard(before), read_scorecard(after))
    files = [] if out is None else _written(found, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(_flat(found, name)) for name in TABLES}
        told |= {"measure": found.measure, "files": [str(path) for path in files]}
        echo_json(json_lines.text(told))
        return
    echo("\n".join([*lines(found, max(shown, 0)), *(f"Written: {path}" for path in files)]))


def lines(found: Comparison, shown: int) -> list[str]:
    """Say what has changed, in lines for the terminal."""
    from quarterhour.cli.text import area_name

    told = [repr(found).strip("<>"), ""]
    kept = {
        "areas": found.areas[(found.areas["gained"] > 0) | (found.areas["lost"] > 0)],
        "items": found.items[(found.items["gained"] > 0) | (found.items["lost"] > 0)],
        "groups": found.groups[(found.groups["gained"] > 0) | (found.groups["lost"] > 0)],
    }
    for name, table in kept.items():
        told.append(f"{name.capitalize()} ({found.measure})")
        for label, row in table.head(shown).iterrows():
            called = area_name(row["name"], label) if name == "areas" else label
            told.append(f"  {called}: {row['gained']:,.0f} gained, {row['lost']:,.0f} lost")
        if len(table) > shown:
            told.append(f"  … and {len(table) - shown:,} more")
        if table.empty:
            told.append("  none gained or lost anything")
    told.append("Turned")
    names = found.areas["name"]
    told += [
        f"  {area_name(names.get(one['area']), one['area'])}, {one['item']}: "
        f"{one['status_before']} -> {one['status']} ({str(one['why']).replace('_', ' ')})"
        for one in found.turned.head(shown).to_dict("records")
    ]
    if len(found.turned) > shown:
        told.append(f"  … and {len(found.turned) - shown:,} more")
    told += [] if len(found.turned) else ["  nothing"]
    told += [
        f"Only {row.where}: {row.what} {row.label}"
        for row in found.unmatched.head(shown).itertuples()
    ]
    if len(found.unmatched) > shown:
        told.append(f"  … and {len(found.unmatched) - shown:,} more in one only")
    return told


def _flat(found: Comparison, name: str) -> pd.DataFrame:
    """Give a table of a comparison with its labels as a column."""
    table: pd.DataFrame = getattr(found, name)
    return table if table.index.name is None else table.reset_index()


def _written(found: Comparison, folder: Path) -> list[Path]:
    """Write the tables and a figure: all of them, or none."""
    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.plot_compare import plot_compare
    from quarterhour.places.written import write_csv

    say(f"Writing to {folder}")
    with whole_folder(folder) as scratch:
        for name in TABLES:
            path = scratch / f"{name}.csv"
            write_csv(_flat(found, name), path)
        plot_compare(found, scratch / "change.png", lang="en")
    return [*(folder / f"{name}.csv" for name in TABLES), folder / "change.png"]
