"""quarterhour gaps: what is missing, for most residents first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@click.command(
    "gaps",
    short_help="List what is missing, for most residents first.",
    epilog=example("gaps data/samples/helsinki.osm.pbf --surveyed pharmacy --shown 20"),
)
@source_options
@question_options
@scenario_option
@click.option("--shown", type=int, default=50, show_default=True, help="Rows to print.")
@click.option("--out", type=WRITTEN, help="File to write all of them to: .csv.")
@json_option
def command(shown: int, out: Path | None, as_json: bool, **options: Any) -> None:
    """List what is missing where, for most residents first.

    SOURCE and the tables are those of `score`. What is unknown is not known to be missing, and
    is not listed.
    """
    from quarterhour.cli import json_lines, text
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import delivered, require_ending, require_files_writable
    from quarterhour.places.written import write_csv
    from quarterhour.scoring.gaps import gaps

    files = [] if out is None else [out]
    for path in files:
        require_ending("--out", path, ".csv")
    require_files_writable(files)
    card, _ = answered(options)
    if out is not None:
        with delivered(files) as parts:
            write_csv(gaps(card), parts[out])
    if as_json:
        echo_json(json_lines.text(json_lines.missing(card, files)))
        return
    lines = [*text.walk_lines(card), "", *text.gap_lines(card, max(shown, 0))]
    unknown = int((card.results["status"] == "unknown").sum())
    lines.append(f"  {unknown:,} area-item pairs are unknown and not listed")
    echo("\n".join(lines + [f"Written: {path}" for path in files]))
