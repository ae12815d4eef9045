"""quarterhour circles: which communities belong to which service circle."""

from __future__ import annotations

from dataclasses import replace
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
from quarterhour.cli.spoken import more_lines, note_lines, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.cli.inputs import Inputs
    from quarterhour.outputs.words import Lang
    from quarterhour.planning.circles import Circles

SHOWN = 40


@click.command(
    "circles",
    short_help="Say which communities belong to which service circle.",
    epilog=example(
        "circles data/samples/helsinki.osm.pbf --residents 2500 --at-least 2000 \\\n"
        "    --at-most 4000 --limit 10 --out out/circles"
    ),
)
@source_options
@question_options
@click.option(
    "--residents", type=float, default=15_000, show_default=True, help="Residents of a circle."
)
@click.option("--at-least", type=float, default=12_000, show_default=True, help="Fewest residents.")
@click.option("--at-most", type=float, default=20_000, show_default=True, help="Most residents.")
@click.option(
    "--limit", type=float, default=15, show_default=True, help="Minutes on foot to the centre."
)
@click.option("--centres", help="Table of centres that there are; each keeps its circle.")
@click.option("--borders", help="Column of the areas: no circle has members of two of its values.")
@click.option(
    "--m2-per-person",
    type=float,
    default=30,
    show_default=True,
    help="Floor area per resident, for areas whose residents nobody has counted.",
)
@click.option("--out", type=WRITTEN, help="Folder for circles, tables, a map and a report.")
@spoken_option
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say which communities belong to which service circle (服务圈), around which centre.

    SOURCE and the tables are those of `score`. Everyone in a circle walks to its centre within
    the limit; who can be in no circle is listed with the reason.
    """
    from quarterhour.cli.asking import assess_inputs, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.cli.inputs import Sources, read_inputs, require_files
    from quarterhour.cli.options import of_options, question_of
    from quarterhour.planning.circles import CircleTerms, circles, require_sizes
    from quarterhour.sources.tables.read import read_areas

    question = question_of(options)
    require_sound(question)
    sizes = {name: options[name] for name in ("residents", "at_least", "at_most", "limit")}
    require_sizes(**sizes)
    require_files(("centres", options["centres"]))
    if out is not None:
        require_folder("--out", out)
    given = options["centres"]
    centres = None if given is None else read_areas(given, datum=options["datum"])
    read = read_inputs(of_options(Sources, options))
    inputs = _counted(read, options["m2_per_person"])
    card = assess_inputs(inputs, question)
    tell("circling")
    made = circles(card, **sizes, centres=centres, terms=CircleTerms(options["borders"]))
    files = [] if out is None else write_circles(made, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        table = made.circles.drop(columns="geometry")
        told: dict[str, Any] = {"circles": rows(table), "members": rows(made.members)}
        told |= {"left_out": rows(made.left_out), "gap": made.gap}
        echo_json(text(told | {"notes": list(inputs.notes), "files": list(map(str, files))}))
        return
    lang = spoken()
    lines = [*_lines(made, lang), *note_lines(inputs.notes[len(read.notes) :], lang)]
    echo("\n".join(lines + written_lines(lang, files)))


def write_circles(made: Circles, folder: Path) -> list[Path]:
    """Write circles and centres (WGS 84), the tables, a map and a report: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.outputs.figures.plot_plans import plot_circles
    from quarterhour.outputs.report.report import write_report
    from quarterhour.places.written import write_csv, write_geojson

    with delivered_folder(folder) as (scratch, files):
        for name, table in (("circles", made.circles), ("centres", made.centres)):
            told = table.assign(centre=table["centre"].astype(str))
            write_geojson(told, scratch / f"{name}.geojson")
        for name, rows in (("members", made.members), ("left_out", made.left_out)):
            write_csv(rows, scratch / f"{name}.csv")
        plot_circles(made, scratch / "circles.png", lang=spoken())
        write_report(made.card, scratch / "report.html", lang="both", plans=[made])
    return files


def _counted(inputs: Inputs, m2_per_person: float) -> Inputs:
    """Estimate residents where nobody has counted them and the homes are known."""
    from quarterhour.places.residents import residents_by_floor_area

    areas, buildings = inputs.areas, inputs.buildings
    if areas.empty or buildings is None or buildings.empty:
        return inputs
    if "residents" in areas and areas["residents"].notna().all():
        return inputs
    told = residents_by_floor_area(areas, buildings, m2_per_person=m2_per_person)
    return replace(inputs, areas=told, notes=(*inputs.notes, told.attrs["notes"][-1]))


def _lines(made: Circles, lang: Lang) -> list[str]:
    from quarterhour.cli.text import table_text
    from quarterhour.outputs.plan_words import plan_lines
    from quarterhour.outputs.words import minutes, number, say

    table = made.circles.head(SHOWN)
    columns = {
        "circle": table["circle"].astype(str),
        "residents": table["residents"].map(number),
        "areas": table["areas"].astype(str),
        "mean_minutes": table["mean_minutes"].map(minutes),
        "longest_minutes": table["longest_minutes"].map(minutes),
        "items_had": table["items"].astype(str),
    }
    head = [word(lang, key) for key in columns]
    rows = [head, *map(list, zip(*columns.values(), strict=True))]
    lines = [*plan_lines(made, lang), "", *table_text(rows)]
    lines += more_lines(lang, len(made.circles) - SHOWN)
    left = made.left_out.groupby("reason", sort=False)["residents"].agg(["sum", "size"])
    lines += ["", word(lang, "no_circle")] if len(left) else []
    for reason, row in left.iterrows():
        told = {"residents": number(row["sum"]), "areas": number(row["size"])}
        told["why"] = say(lang, f"circle_{reason}")
        lines.append(f"  {word(lang, 'left_of', told)}")
    return lines
