"""quarterhour report: the check-up report, and files that go with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    lang_option,
    question_options,
    scenario_option,
    source_options,
)
from quarterhour.cli.spoken import tell
from quarterhour.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from quarterhour.outputs.report.sections import Section
    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.scorecard import Scorecard


@click.command(
    "report",
    short_help="Write the check-up report, and files that go with it.",
    epilog=example(
        "report data/samples/helsinki.osm.pbf --out out/helsinki.html --lang both",
        "report city.osm.pbf --out out/report.html --cards out/cards.html --workbook out/city.xlsx",
    ),
)
@source_options
@question_options
@scenario_option
@click.option(
    "--out", type=WRITTEN, required=True, help="Report to write: .html, or .pdf (needs a Chromium)."
)
@lang_option("Language of what is written.", "both")
@click.option("--title", help="What stands on top of the report, such as the name of the place.")
@click.option("--cards", type=WRITTEN, help="Also service cards: .html or .pdf.")
@click.option("--workbook", type=WRITTEN, help="Also an Excel workbook: .xlsx.")
@click.option("--geopackage", type=WRITTEN, help="Also a GeoPackage for QGIS: .gpkg.")
@click.option("--geoparquet", type=WRITTEN, help="Also GeoParquet: .parquet.")
@click.option(
    "--before",
    type=click.Path(path_type=Path),
    help="Folder of an older scorecard, such as last year's: what changed, and why.",
)
@click.option(
    "--targets",
    type=click.Path(path_type=Path),
    help="TOML file of targets: what was reached of each, and when it is met.",
)
@click.option(
    "--sure",
    is_flag=True,
    help="Also how sure each coverage is: intervals of 1,000 draws, and the close calls.",
)
@json_option
def command(out: Path, as_json: bool, **options: Any) -> None:
    """Write the check-up report (体检报告), and files that go with it.

    SOURCE and the tables are those of `score`. The report is one HTML file that opens offline
    and prints well. With a scenario it tells what that brings.
    """
    from quarterhour.cli.asking import answered_with_before
    from quarterhour.cli.delivery import (
        delivered,
        require_ending,
        require_files_writable,
        require_page,
        tell_written,
    )
    from quarterhour.outputs.report.report import write_report

    endings = {"workbook": ".xlsx", "geopackage": ".gpkg", "geoparquet": ".parquet"}
    require_page("--out", out)
    asked = {name: path for name in ("cards", *endings) if (path := options[name]) is not None}
    for name, path in asked.items():
        if name == "cards":
            require_page("--cards", path)
        else:
            require_ending(f"--{name}", path, endings[name])
    _require_packages(asked)
    files = [out, *asked.values()]
    if len({path.resolve() for path in files}) < len(files):
        msg = "Two of the files to write have the same name: give each its own."
        raise InputError(msg)
    require_files_writable(files)
    options["targets"], last = _targets(options["targets"]), _older(options["before"])
    card, unchanged, _ = answered_with_before(options)
    plans = _plans(card, unchanged, last, options)
    sections = _sections(card, options)
    with delivered(files) as parts:
        told = {"lang": options["lang"], "title": options["title"]}
        write_report(card, parts[out], sections=sections, plans=plans, **told)
        _write_others(card, asked, parts, (options["lang"], plans))
    tell_written(files, as_json=as_json)


def _targets(path: Path | None) -> dict[str, dict[str, Any]]:
    """Read the targets, by a key of their own."""
    if path is None:
        return {}
    from quarterhour.planning.targets import read_targets

    rows = read_targets(path)
    return {str(one.get("key") or f"{path.stem} {n}"): one for n, one in enumerate(rows, start=1)}


def _older(folder: Path | None) -> Scorecard | None:
    """Read the older scorecard before the long work."""
    if folder is None:
        return None
    from quarterhour.scoring.read import read_scorecard

    return read_scorecard(folder)


def _plans(
    card: Scorecard, unchanged: Scorecard | None, last: Scorecard | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Say what the scenario brings, what has changed since the older scorecard, and by targets.

    The last two are of what there is, without the scenario.
    """
    from quarterhour.planning.compare import compare
    from quarterhour.planning.targets import progress

    now = card if unchanged is None else unchanged
    plans: dict[str, Any] = {}
    if unchanged is not None:
        plans[Path(options["scenario"]).stem] = compare(unchanged, card)
    if last is not None:
        plans[options["before"].name] = compare(last, now)
    goals = options["targets"]
    return plans | {key: progress(one, now) for key, one in goals.items()}


def _sections(card: Scorecard, options: dict[str, Any]) -> tuple[Section, ...]:
    """Give the sections of the report, with how sure it is where that was asked for."""
    from quarterhour.outputs.report.sections import SECTIONS

    if not options["sure"]:
        return SECTIONS
    from quarterhour.outputs.report.how_sure import how_sure_of
    from quarterhour.planning.uncertainty import uncertainty

    tell("draws", {"n": "1,000"})
    return (*SECTIONS, how_sure_of(uncertainty(card, progress=options["progress"])))


def _require_packages(asked: dict[str, Path]) -> None:
    """See before the long work that the extras are installed."""
    from importlib.util import find_spec

    needs = {"workbook": ("openpyxl", "excel"), "geoparquet": ("pyarrow", "parquet")}
    for option, (package, extra) in needs.items():
        if option in asked and find_spec(package) is None:
            msg = f"--{option} needs {package}: pip install 'quarterhour[{extra}]'."
            raise MissingExtraError(msg)


def _write_others(
    card: Scorecard, asked: dict[str, Path], parts: dict[Path, Path], said: tuple[Any, Any]
) -> None:
    """Write what goes with the report; what people typed in a workbook that is there stays."""
    from quarterhour.outputs.files.exports import write_geopackage, write_geoparquet
    from quarterhour.outputs.files.workbook import has_plan, write_workbook
    from quarterhour.outputs.report.cards import write_cards

    lang, plans = said
    if "cards" in asked:
        write_cards(card, parts[asked["cards"]], lang=lang)
    if "workbook" in asked:
        path, one = asked["workbook"], cast("Lang | None", "zh" if lang == "both" else lang)
        edited = path if has_plan(path) else None
        write_workbook(card, parts[path], lang=one, plans=plans, edited=edited)
    if "geopackage" in asked:
        write_geopackage(card, parts[asked["geopackage"]])
    if "geoparquet" in asked:
        write_geoparquet(card, parts[asked["geoparquet"]])
