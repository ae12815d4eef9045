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
    spoken_option,
)
from quarterhour.cli.spoken import spoken, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.scorecard import Scorecard


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
@spoken_option
@json_option
def command(
    shown: int, out: Path | None, why: bool, by: str | None, as_json: bool, **options: Any
) -> None:
    """List what is missing where, for most residents first.

    SOURCE and the tables are those of `score`. What is unknown is not known to be missing, and
    is not listed.
    """
    import pandas as pd

    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import delivered, require_ending, require_files_writable
    from quarterhour.cli.scorecard_text import gap_lines, walk_lines
    from quarterhour.outputs.words import number
    from quarterhour.places.written import write_csv
    from quarterhour.scoring.gaps import gaps
    from quarterhour.scoring.why_not import why_not

    files = [] if out is None else [out]
    for path in files:
        require_ending("--out", path, ".csv")
    require_files_writable(files)
    card, _ = answered(options)
    lang, most = spoken(), max(shown, 0)
    ranked = why or by is not None
    table = pd.DataFrame(why_not(card, by) if why else gaps(card, by) if ranked else gaps(card))
    if out is not None:
        with delivered(files) as parts:
            write_csv(table, parts[out])
    if as_json:
        rows = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        echo_json(
            json_lines.text(json_lines.missing(card, files) | {"gaps": json_lines.rows(rows)})
        )
        return
    told = ranked_lines(card, table, lang, most) if ranked else gap_lines(card, lang, most)
    unknown = {"n": number(int((card.results["status"] == "unknown").sum()))}
    told = [*walk_lines(card, lang), "", *told, word(lang, "gaps_unknown", unknown)]
    echo("\n".join(told + written_lines(lang, files)))


def ranked_lines(card: Scorecard, table: pd.DataFrame, lang: Lang, shown: int) -> list[str]:
    """Tabulate gaps that are ranked, or that say what stands in their way."""
    import pandas as pd

    from quarterhour.cli.text import fitted, table_text
    from quarterhour.outputs.parameter_words import item_names
    from quarterhour.outputs.report.parts import area_names
    from quarterhour.outputs.words import minutes, number, say

    ranked, why = "rank" in table, "in_the_way" in table
    keys = ["part", "rank", "item", "areas"] if ranked else ["area", "item"]
    keys += ["residents_without", *(["short_by", "in_the_way"] if why else [])]
    rows = [[word(lang, key) for key in keys]]
    called, names = area_names(card, lang).to_dict(), item_names(card, lang)
    for row in table.head(shown).to_dict("records"):
        item = fitted(names[row["item"]], 32)
        if ranked:
            part = word(lang, "whole_city") if row["part"] == "all" else str(row["part"])
            cells = [fitted(part, 24), str(row["rank"]), item, str(row["areas"])]
        else:
            cells = [fitted(called[row["area"]], 24), item]
        cells.append(number(row["residents_without"]))
        if why:
            short = row["minutes_short"]
            cells.append("" if pd.isna(short) else minutes(short))
            cells.append(say(lang, f"way_{row['in_the_way']}") if row["in_the_way"] else "")
        rows.append(cells)
    rest, of = len(table) - shown, number(len(table))
    title = word(lang, "gaps_head_residents", {"n": min(shown, len(table)), "of": of})
    more = [word(lang, "more_out", {"n": number(rest)})] if rest > 0 else []
    return [title, *table_text(rows, left=2 if not ranked else 3), *more]
