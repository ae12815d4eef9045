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
)
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    from quarterhour.planning.links import LinkValues

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
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say which gate or footway more brings most residents within reach of an item more.

    SOURCE and the tables are those of `score`. Whether a footway can be built where it is worth
    most, a map or a visit has to tell.
    """
    from quarterhour.cli.asking import answered, require_sound
    from quarterhour.cli.delivery import require_writable
    from quarterhour.cli.inputs import require_files
    from quarterhour.cli.options import question_of
    from quarterhour.planning.links import link_value
    from quarterhour.planning.scenarios import read_scenario

    require_sound(question_of(options))
    given = options["candidates"]
    require_files(("candidates", given))
    if out is not None:
        require_writable(out)
    candidates = None if given is None else read_scenario(given, datum=options["datum"])
    card, _ = answered(options)
    say("Looking for gates and links")
    found = link_value(card, candidates, exact=options["exact"])
    files = [] if out is None else write_links(found, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = found.table.geometry.representative_point()
        table = found.table.drop(columns="geometry").assign(lon=points.x, lat=points.y)
        told = {"measure": found.measure, "links": rows(table), "files": list(map(str, files))}
        echo_json(text(told))
        return
    echo("\n".join([*_lines(found), *(f"Written: {path}" for path in files)]))


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


def _lines(found: LinkValues) -> list[str]:
    from quarterhour.cli.text import table_text

    rows = [["change", "area", "metres", "gained", "pairs", "best item", "lon, lat"]]
    points = found.table.geometry.representative_point()
    for row, point in zip(found.table.head(SHOWN).to_dict("records"), points, strict=False):
        gained = f"{row['gained']:,.0f}" if row["exact"] else "-"
        at = f"{point.x:.5f}, {point.y:.5f}"
        figures = [f"{row['length_m']:,.0f}", gained, f"{row['gained_pairs']:,.0f}"]
        rows.append([row["change"], _label(row["area"]), *figures, str(row["best_item"]), at])
    more = len(found.table) - SHOWN
    return [repr(found)[1:-1], "", *table_text(rows), *([f"… and {more} more"] * (more > 0))]
