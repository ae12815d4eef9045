"""quarterhour score: residential areas against a checklist."""

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
    from quarterhour.scoring.scorecard import Scorecard

_NEW_TOWN = """score --areas compounds.geojson --buildings buildings.geojson \\
    --gates gates.geojson --network streets.osm --datum wgs84 \\
    --facilities amap_poi.csv --facilities-datum gcj02 --out out/new-town"""


@click.command(
    "score",
    short_help="Score residential areas against a checklist.",
    epilog=example(
        "score data/samples/helsinki.osm.pbf --out out/helsinki",
        "score data/samples/helsinki.osm.pbf --pace elderly --out out/elderly",
        _NEW_TOWN,
    ),
)
@source_options
@question_options
@scenario_option
@click.option("--out", type=WRITTEN, help="Folder to write the results to.")
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Score residential areas against a checklist.

    SOURCE is an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz, .osm.bz2). Tables take the place
    of what is in it; without SOURCE, --areas, --facilities and --network are needed.
    """
    from quarterhour.cli import json_lines, text
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import files_lines, require_writable

    if out is not None:
        require_writable(out)
    card, notes = answered(options)
    files = write_results(card, out) if out is not None else []
    if as_json:
        echo_json(json_lines.text(json_lines.score(card, notes, files)))
        return
    lines = text.scorecard_lines(card, notes)
    if files:
        lines += ["", "Written", *files_lines(files)]
    echo("\n".join(lines))


def write_results(card: Scorecard, folder: Path) -> list[Path]:
    """Write the scorecard, its coverage, its gaps and a map: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.figures import plot_completeness
    from quarterhour.places.written import write_csv
    from quarterhour.scoring.coverage import coverage
    from quarterhour.scoring.gaps import gaps

    say(f"Writing to {folder}")
    with whole_folder(folder) as scratch:
        card.save(scratch)
        write_csv(coverage(card), scratch / "coverage.csv")
        write_csv(gaps(card), scratch / "gaps.csv")
        plot_completeness(card, scratch / "map.png", lang="en")
        names = sorted(path.name for path in scratch.iterdir())
    return [folder / name for name in names]
