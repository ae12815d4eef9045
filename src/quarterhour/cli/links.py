"""quarterhour links: which gate, wall or footway is worth most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    question_options,
    source_options,
    spoken_option,
)
from quarterhour.cli.spoken import more_lines, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.planning.links import LinkValues
    from quarterhour.scoring.scorecard import Scorecard

SHOWN = 15
"""Candidates that the terminal lists."""


@click.command(
    "links",
    short_help="Say which gate, wall or footway is worth most.",
    epilog=example("links data/samples/helsinki.osm.pbf --out out/links"),
)
@source_options
@question_options
@click.option("--candidates", help="Scenario of gates and links to value, instead of any.")
@click.option(
    "--exact",
    type=int,
    default=100,
    show_default=True,
    help="For how many of the best the whole assessment is asked again.",
)
@click.option("--out", type=WRITTEN, help="Folder to write all candidates and a scenario to.")
@spoken_option
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say which gate or footway more brings most residents within reach of an item more.

    SOURCE and the tables are those of `score`. Whether a footway can be built where it is worth
    most, a map or a visit has to tell.
    """
    from quarterhour.cli.asking import answered, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.cli.inputs import require_files
    from quarterhour.cli.options import question_of
    from quarterhour.planning.links import link_value
    from quarterhour.planning.scenarios import read_scenario

    require_sound(question_of(options))
    given = options["candidates"]
    require_files(("candidates", given))
    if out is not None:
        require_folder("--out", out)
    candidates = None if given is None else read_scenario(given, datum=options["datum"])
    card, _ = answered(options)
    tell("linking")
    found = link_value(card, candidates, exact=options["exact"])
    files = [] if out is None else write_links(found, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = found.table.geometry.representative_point()
        table = found.table.drop(columns="geometry").assign(lon=points.x, lat=points.y)
        told = {"measure": found.measure, "links": rows(table), "files": list(map(str, files))}
        echo_json(text(told))
        return
    lang = spoken()
    echo("\n".join([*_lines(card, found, lang), *written_lines(lang, files)]))


def write_links(found: LinkValues, folder: Path) -> list[Path]:
    """Write all candidates (WGS 84), and the best as a scenario: both, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.places.written import write_geojson

    with delivered_folder(folder) as (scratch, files):
        if len(found.table):
            table = found.table.assign(area=found.table["area"].map(_label))
            write_geojson(table, scratch / "links.geojson")
            found.scenario().save(scratch / "best.geojson")
    return files


def _label(area: Any) -> str:
    return "" if area is None else str(area)


def _lines(card: Scorecard, found: LinkValues, lang: Lang) -> list[str]:
    from quarterhour.cli.text import table_text
    from quarterhour.outputs.parameter_words import item_names
    from quarterhour.outputs.plan_words import count_text, unit_text
    from quarterhour.outputs.report.parts import area_names
    from quarterhour.outputs.words import NOTHING, number

    table = found.table
    if table.empty:
        return [word(lang, "links_none")]
    unit = {"unit": unit_text(found.measure, lang)}
    best = {"best": count_text(table["gained"].max(), found.measure, lang)}
    best["exact"] = number(table["exact"].sum())
    head = ("change", "area", "length", "helped", "pairs", "best_item", "lonlat")
    rows = [[word(lang, key, unit) for key in head]]
    names, items = area_names(card, lang).to_dict(), item_names(card, lang)
    points = table.geometry.representative_point()
    for row, point in zip(table.head(SHOWN).to_dict("records"), points, strict=False):
        area = NOTHING if row["area"] is None else str(names.get(row["area"], row["area"]))
        gained = number(row["gained"]) if row["exact"] else NOTHING
        figures = [number(row["length_m"]), gained, number(row["gained_pairs"])]
        item = items.get(row["best_item"], NOTHING)
        at = f"{point.x:.5f}, {point.y:.5f}"
        rows.append([word(lang, row["change"]), area, *figures, item, at])
    more = more_lines(lang, len(table) - SHOWN)
    title = word(lang, "links_head", {"n": number(len(table)), **best})
    return [title, "", *table_text(rows, left=2), *more]
