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
    spoken_option,
)
from quarterhour.cli.score_tiles import cluster_options, is_tiles, require_no_cluster, score_tiles
from quarterhour.cli.spoken import spoken, tell, word
from quarterhour.cli.streams import echo, echo_json

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
@click.option(
    "--out", type=WRITTEN, help="Folder to write the results to; or a file for the areas alone."
)
@cluster_options
@spoken_option
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Score residential areas against a checklist.

    SOURCE is an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz, .osm.bz2). Tables take the place
    of what is in it; without SOURCE, --areas, --facilities and --network are needed.

    SOURCE may also be a folder of tiles, which `split` wrote: --workers or --scheduler say who
    scores them, and --out takes a folder of Parquet files. The same command goes on where it was
    broken off.

    --out takes a folder for all tables and a map, or a file for the areas with their results:
    .gpkg, .geojson (WGS 84), .parquet, .fgb or .shp.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import files_lines
    from quarterhour.cli.scorecard_text import scorecard_lines

    if is_tiles(options["source"]):
        score_tiles(out, as_json, options)
        return
    require_no_cluster(options)
    alone = out is not None and _is_file(out)
    card, notes = answered(options)
    cut: list[str] = []
    files: list[Path] = []
    if out is not None and alone:
        cut, files = write_areas(card, out), [out]
    elif out is not None:
        files = write_results(card, out)
    if as_json:
        echo_json(json_lines.text(json_lines.score(card, [*notes, *cut], files)))
        return
    lang = spoken()
    lines = scorecard_lines(card, lang, notes)
    lines += ["", *cut] if cut else []
    if files:
        lines += ["", word(lang, "written_head"), *files_lines(files)]
    echo("\n".join(lines))


def _is_file(out: Path) -> bool:
    """Tell if one file is asked for, and see that it, or the folder, can be written."""
    from quarterhour.cli.delivery import require_files_writable, require_folder
    from quarterhour.places.written import DRIVERS, require_driver

    if out.suffix.lower() not in DRIVERS or out.is_dir():
        require_folder("--out", out)
        return False
    require_driver(out)
    require_files_writable([out])
    return True


def write_areas(card: Scorecard, path: Path) -> list[str]:
    """Write the areas to one file; say what its format could not hold."""
    from quarterhour.outputs.files import exports

    tell("writing", {"path": path})
    return exports.write_areas(card, path)


def write_results(card: Scorecard, folder: Path) -> list[Path]:
    """Write the scorecard, its coverage, its gaps and a map: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.outputs.figures.figures import plot_items_met
    from quarterhour.places.written import write_csv
    from quarterhour.scoring.coverage import coverage
    from quarterhour.scoring.gaps import gaps

    with delivered_folder(folder) as (scratch, files):
        card.save(scratch)
        write_csv(coverage(card), scratch / "coverage.csv")
        write_csv(gaps(card), scratch / "gaps.csv")
        plot_items_met(card, scratch / "map.png", lang=spoken())
    return files
