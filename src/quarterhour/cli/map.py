"""quarterhour map: the electronic map, one file that opens offline."""

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


@click.command(
    "map",
    short_help="Write the electronic map, one file that opens offline.",
    epilog=example("map data/samples/helsinki.osm.pbf --out out/helsinki-map.html --lang en"),
)
@source_options
@question_options
@scenario_option
@click.option("--out", type=WRITTEN, required=True, help="File to write: .html.")
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
def command(out: Path, as_json: bool, **options: Any) -> None:
    """Write the electronic map, one file that opens offline.

    SOURCE and the tables are those of `score`.
    """
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import (
        delivered,
        require_ending,
        require_files_writable,
        tell_written,
    )
    from quarterhour.cli.isochrones import parsed_minutes
    from quarterhour.outputs.map.page import OSM_TILES, library_folder, write_map

    limits = tuple(parsed_minutes(options["minutes"]))
    require_ending("--out", out, ".html")
    library_folder()
    require_files_writable([out])
    card, _ = answered(options)
    with delivered([out]) as parts:
        write_map(
            card,
            parts[out],
            lang=options["lang"],
            isochrones=options["isochrones"],
            minutes=limits,
            title=options["title"],
            tiles=OSM_TILES if options["tiles"] else None,
        )
    tell_written([out], as_json=as_json)
