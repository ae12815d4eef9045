"""quarterhour compare: two scorecards side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.planning.change import Causes
    from quarterhour.planning.comparison import Comparison

TABLES = ("turned", "areas", "items", "groups", "pairs", "unmatched", "matched")
"""The tables of a comparison, a file each."""

CAUSES = {
    "causes": "table",
    "causes_inputs": "inputs",
    "causes_turned": "turned",
    "causes_items": "items",
    "causes_areas": "areas",
}
"""The tables of what a change is due to, by the names of their files."""


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
@click.option(
    "--causes/--no-causes",
    default=True,
    show_default=True,
    help="Say what the change is due to; asks the question of every mixture of what differs.",
)
@json_option
def command(
    before: Path, after: Path, shown: int, out: Path | None, causes: bool, as_json: bool
) -> None:
    """Say who gained, who lost, what turned and why, from one scorecard to another.

    BEFORE and AFTER are folders that `score --out` wrote: with and without a scenario, of two
    dates, or of two sources. Areas are matched by their ids, those without by the land that they
    share. What the change is due to is told where both folders hold their inputs.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.delivery import require_writable
    from quarterhour.planning.compare import compare

    if out is not None:
        require_writable(out)
    found = compare(before, after)
    tables = {name: _flat(getattr(found, name)) for name in TABLES}
    due_to, why_not = _due_to(found) if causes else (None, "")
    if due_to is not None:
        tables |= {name: _flat(getattr(due_to, what)) for name, what in CAUSES.items()}
    files = [] if out is None else _written(found, tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(table) for name, table in tables.items()}
        told |= {"measure": found.measure, "files": [str(path) for path in files]}
        told |= {"causes_unknown": why_not} if why_not else {}
        echo_json(json_lines.text(told))
        return
    text = [*lines(found, max(shown, 0)), *cause_lines(due_to, why_not)]
    echo("\n".join([*text, *(f"Written: {path}" for path in files)]))


def _due_to(found: Comparison) -> tuple[Causes | None, str]:
    """Work out what a change is due to, or say why that cannot be told."""
    from quarterhour.errors import QuarterhourError

    try:
        return found.causes, ""
    except QuarterhourError as error:
        return None, str(error)


def cause_lines(due_to: Causes | None, why_not: str) -> list[str]:
    """Say what a change is due to, in lines for the terminal."""
    if due_to is None:
        return [f"What it is due to is not known: {why_not}"] if why_not else []
    told = [f"Due to (answers that turned, answers met, {due_to.measure} × items within)"]
    for cause, row in due_to.table[due_to.table["changed"]].iterrows():
        parts = f"{row['turned']:.4g} turned, {row['met']:+.4g} met, {row['within']:+,.0f} within"
        told.append(f"  {cause}: {parts}")
        mine = due_to.inputs[due_to.inputs["cause"] == cause]
        told += [f"    {what}" for what in mine["what"]]
    return told


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


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table with its labels as a column."""
    return table if table.index.name is None else table.reset_index()


def _written(found: Comparison, tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write the tables and a figure: all of them, or none."""
    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.plot_compare import plot_compare
    from quarterhour.places.written import write_csv

    say(f"Writing to {folder}")
    with whole_folder(folder) as scratch:
        for name, table in tables.items():
            write_csv(table, scratch / f"{name}.csv")
        plot_compare(found, scratch / "change.png", lang="en")
    return [*(folder / f"{name}.csv" for name in tables), folder / "change.png"]
