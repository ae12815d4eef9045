"""quarterhour gaps: what is missing, for most residents first."""

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
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    import pandas as pd


@click.command(
    "gaps",
    short_help="List what is missing, for most residents first.",
    epilog=example("gaps data/samples/helsinki.osm.pbf --surveyed healthcare --shown 20"),
)
@source_options
@question_options
@scenario_option
@click.option("--why", is_flag=True, help="Say what stands in the way of each, and how much lacks.")
@click.option(
    "--by",
    help='Rank items for the whole ("city"), each area ("area"), or a column of the areas.',
)
@click.option("--shown", type=int, default=50, show_default=True, help="Rows to print.")
@click.option("--out", type=WRITTEN, help="File to write all of them to: .csv.")
@json_option
def command(
    shown: int, out: Path | None, why: bool, by: str | None, as_json: bool, **options: Any
) -> None:
    """List what is missing where, for most residents first.

    SOURCE and the tables are those of `score`. What is unknown is not known to be missing, and
    is not listed.
    """
    import pandas as pd

    from quarterhour.cli import json_lines, text
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import delivered, require_ending, require_files_writable
    from quarterhour.places.written import write_csv
    from quarterhour.scoring.gaps import gaps
    from quarterhour.scoring.why_not import why_not

    files = [] if out is None else [out]
    for path in files:
        require_ending("--out", path, ".csv")
    require_files_writable(files)
    card, _ = answered(options)
    if why or by is not None:
        table = pd.DataFrame(why_not(card, by) if why else gaps(card, by))
        told = [*text.walk_lines(card), "", *ranked_lines(table, max(shown, 0))]
    else:
        table, told = gaps(card), [*text.walk_lines(card), "", *text.gap_lines(card, max(shown, 0))]
    if out is not None:
        with delivered(files) as parts:
            write_csv(table, parts[out])
    if as_json:
        rows = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        echo_json(
            json_lines.text(json_lines.missing(card, files) | {"gaps": json_lines.rows(rows)})
        )
        return
    unknown = int((card.results["status"] == "unknown").sum())
    told.append(f"  {unknown:,} area-item pairs are unknown and not listed")
    echo("\n".join(told + [f"Written: {path}" for path in files]))


def ranked_lines(table: pd.DataFrame, shown: int) -> list[str]:
    """Tabulate gaps that are ranked, or that say what stands in their way."""
    import pandas as pd

    from quarterhour.cli.text import area_name, count_text, fitted, minutes_text, table_text

    ranked = "rank" in table
    why = "in_the_way" in table
    head = ["part", "rank", "item", "areas"] if ranked else ["area", "item"]
    head += ["residents without", *(["minutes short", "in the way"] if why else [])]
    rows = [head]
    for row in table.head(shown).to_dict("records"):
        if ranked:
            cells = [fitted(str(row["part"]), 24), str(row["rank"]), row["item"], str(row["areas"])]
        else:
            cells = [fitted(area_name(row["name"], row["area"]), 24), row["item"]]
        cells.append(count_text(row["residents_without"]))
        if why:
            short = row["minutes_short"]
            cells.append("" if pd.isna(short) else minutes_text(short))
            cells.append(str(row["in_the_way"]).replace("_", " "))
        rows.append(cells)
    rest = len(table) - shown
    title = f"What is missing: {min(shown, len(table))} of {len(table):,}"
    more = [f"  … and {rest:,} more: take them to a file with --out"] if rest > 0 else []
    return [title, *table_text(rows, left=2 if not ranked else 3), *more]
