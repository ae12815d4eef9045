"""The commands that make something to look at: map, report, gaps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    choice_options,
    example,
    json_option,
    lang_option,
    of_options,
    source_options,
)
from quarterhour.cli.run import Choices, Sources
from quarterhour.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from quarterhour.scoring.scorecard import Scorecard


@click.command(
    "map",
    short_help="Write the electronic map, one file that opens offline.",
    epilog=example("map data/samples/helsinki.osm.pbf --out out/helsinki-map.html --lang en"),
)
@source_options
@choice_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write: .html.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Language in which the map begins; it has a switch.",
)
@click.option("--title", help="What stands above the map.")
@click.option("--minutes", default="5,10,15", show_default=True, help="Limits of the isochrones.")
@click.option(
    "--isochrones/--no-isochrones", default=True, help="Whether to draw isochrones of the areas."
)
@click.option(
    "--tiles/--no-tiles", default=True, help="Whether the map has a switch for an online base map."
)
@json_option
def map_command(out: Path, as_json: bool, **options: Any) -> None:
    """Write the electronic map, one file that opens offline.

    SOURCE and the tables are those of `score`.
    """
    from quarterhour.cli.isochrones import parsed_minutes  # noqa: PLC0415 - slow to load
    from quarterhour.outputs.map.page import OSM_TILES, library_folder, write_map  # noqa: PLC0415

    limits = tuple(parsed_minutes(options["minutes"]))
    _require_ending("--out", out, ".html")
    library_folder()
    card = _assessed([out], options)
    with _delivered([out]) as parts:
        write_map(
            card,
            parts[out],
            lang=options["lang"],
            isochrones=options["isochrones"],
            minutes=limits,
            title=options["title"],
            tiles=OSM_TILES if options["tiles"] else None,
        )
    _tell([out], as_json)


@click.command(
    "report",
    short_help="Write the check-up report, and files that go with it.",
    epilog=example(
        "report data/samples/helsinki.osm.pbf --out out/helsinki.html --lang both",
        "report city.osm.pbf --out out/report.html --cards out/cards.html --workbook out/city.xlsx",
    ),
)
@source_options
@choice_options
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Report to write: .html."
)
@lang_option
@click.option("--title", help="What stands on top of the report, such as the name of the place.")
@click.option("--cards", type=click.Path(path_type=Path), help="Also service cards: .html.")
@click.option("--workbook", type=click.Path(path_type=Path), help="Also an Excel workbook: .xlsx.")
@click.option(
    "--geopackage", type=click.Path(path_type=Path), help="Also a GeoPackage for QGIS: .gpkg."
)
@click.option("--geoparquet", type=click.Path(path_type=Path), help="Also GeoParquet: .parquet.")
@json_option
def report_command(out: Path, as_json: bool, **options: Any) -> None:
    """Write the check-up report (体检报告), and files that go with it.

    SOURCE and the tables are those of `score`. The report is one HTML file that opens offline
    and prints well.
    """
    from quarterhour.outputs.report.report import write_report  # noqa: PLC0415 - slow to load

    endings = {"cards": ".html", "workbook": ".xlsx"}
    endings |= {"geopackage": ".gpkg", "geoparquet": ".parquet"}
    _require_ending("--out", out, ".html")
    asked = {name: options[name] for name in endings if options[name] is not None}
    for name, path in asked.items():
        _require_ending(f"--{name}", path, endings[name])
    _require_packages(asked)
    files = [out, *asked.values()]
    if len({path.resolve() for path in files}) < len(files):
        msg = "Two of the files to write have the same name: give each its own."
        raise InputError(msg)
    card = _assessed(files, options)
    with _delivered(files) as parts:
        write_report(card, parts[out], lang=options["lang"], title=options["title"])
        _write_others(card, {name: parts[path] for name, path in asked.items()}, options["lang"])
    _tell(files, as_json)


@click.command(
    "gaps",
    short_help="List what is missing, for most residents first.",
    epilog=example("gaps data/samples/helsinki.osm.pbf --surveyed pharmacy --shown 20"),
)
@source_options
@choice_options
@click.option("--shown", type=int, default=50, show_default=True, help="Rows to print.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write all of them to: .csv.")
@json_option
def gaps_command(shown: int, out: Path | None, as_json: bool, **options: Any) -> None:
    """List what is missing where, for most residents first.

    SOURCE and the tables are those of `score`. What is unknown is not known to be missing, and
    is not listed.
    """
    from quarterhour.cli import json_lines as cli_json  # noqa: PLC0415 - slow to load
    from quarterhour.cli import text as cli_text  # noqa: PLC0415
    from quarterhour.scoring.gaps import gaps  # noqa: PLC0415

    files = [] if out is None else [out]
    if out is not None:
        _require_ending("--out", out, ".csv")
    card = _assessed(files, options)
    if out is not None:
        with _delivered(files) as parts:
            # A byte-order mark, so that spreadsheets show Chinese names as they are.
            gaps(card).to_csv(parts[out], index=False, encoding="utf-8-sig")
    if as_json:
        click.echo(cli_json.text(cli_json.missing(card, files)))
        return
    lines = [*cli_text.walk_lines(card), "", *cli_text.gap_lines(card, max(shown, 0))]
    unknown = int((card.results["status"] == "unknown").sum())
    lines.append(f"  {unknown:,} area-item pairs are unknown and not listed")
    click.echo("\n".join(lines + [f"Written: {path}" for path in files]))


COMMANDS = (map_command, report_command, gaps_command)
"""What the command line adds."""


def _assessed(files: list[Path], options: dict[str, Any]) -> Scorecard:
    """See that all can be written, then read and assess."""
    from quarterhour.cli import run as cli_run  # noqa: PLC0415 - slow to load

    for path in files:
        cli_run.require_writable(path.parent)
    choices = of_options(Choices, options)
    cli_run.require_sound(choices)
    return cli_run.assess_inputs(cli_run.read_inputs(of_options(Sources, options)), choices)


@contextmanager
def _delivered(files: list[Path]) -> Iterator[dict[Path, Path]]:
    """Give a temporary path for each file; they are all put in place if all went well."""
    from quarterhour.atomic import whole_file  # noqa: PLC0415
    from quarterhour.cli.run import say  # noqa: PLC0415

    say(f"Writing {', '.join(map(str, files))}")
    with TemporaryDirectory(prefix="quarterhour-") as scratch:
        parts = {path: Path(scratch) / str(i) / path.name for i, path in enumerate(files)}
        for part in parts.values():
            part.parent.mkdir()
        yield parts
        for path, part in parts.items():
            with whole_file(path) as place:
                shutil.copyfile(part, place)


def _require_ending(option: str, path: Path, ending: str) -> None:
    if path.suffix.lower() != ending:
        msg = f"{option} {path}: the name of this file has to end in {ending}."
        raise InputError(msg)


def _require_packages(asked: dict[str, Path]) -> None:
    """See before the long work that the extras are installed."""
    from importlib.util import find_spec  # noqa: PLC0415

    needs = {"workbook": ("openpyxl", "excel"), "geoparquet": ("pyarrow", "parquet")}
    for option, (package, extra) in needs.items():
        if option in asked and find_spec(package) is None:
            msg = f"--{option} needs {package}: pip install 'quarterhour[{extra}]'."
            raise MissingExtraError(msg)


def _write_others(card: Scorecard, asked: dict[str, Path], lang: Any) -> None:
    """Write what goes with the report."""
    from quarterhour.outputs.files.exports import write_geopackage, write_geoparquet  # noqa: PLC0415
    from quarterhour.outputs.files.workbook import write_workbook  # noqa: PLC0415
    from quarterhour.outputs.report.cards import write_cards  # noqa: PLC0415

    if "cards" in asked:
        write_cards(card, asked["cards"], lang=lang)
    if "workbook" in asked:
        write_workbook(card, asked["workbook"], lang="zh" if lang == "both" else lang)
    if "geopackage" in asked:
        write_geopackage(card, asked["geopackage"])
    if "geoparquet" in asked:
        write_geoparquet(card, asked["geoparquet"])


def _tell(files: list[Path], as_json: bool) -> None:
    from quarterhour.cli.json_lines import text  # noqa: PLC0415 - slow to load

    if as_json:
        click.echo(text({"files": [str(path) for path in files]}))
    else:
        click.echo("\n".join(f"Written: {path}" for path in files))
