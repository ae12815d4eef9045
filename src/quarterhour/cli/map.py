"""quarterhour map: the electronic map, one file that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from quarterhour.cli.map_country import (
    country_options,
    is_country,
    map_country,
    require_no_country,
)
from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    lang_option,
    question_options,
    reach_option,
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
@lang_option("Language in which the map begins; it has a switch.")
@click.option("--title", help="What stands above the map.")
@click.option("--minutes", default="5,10,15", show_default=True, help="Limits of the isochrones.")
@click.option(
    "--isochrones/--no-isochrones", default=True, help="Whether to draw isochrones of the areas."
)
@reach_option
@click.option(
    "--tiles/--no-tiles", default=True, help="Whether the map has a switch for an online base map."
)
@country_options
@click.option("--tianditu-key", help="Your key of 天地图, to have it as the online base map.")
@json_option
def command(out: Path, as_json: bool, **options: Any) -> None:
    """Write the electronic map, one file that opens offline.

    SOURCE and the tables are those of `score`. Of a folder of a country's answers, which `score
    TILES --out` wrote, it is the overview: districts, areas, and the way to pages of the tiles.
    """
    if is_country(options["source"]):
        map_country(out, as_json, options)
        return
    require_no_country(options)
    from quarterhour.cli.asking import answered
    from quarterhour.cli.delivery import (
        delivered,
        require_ending,
        require_files_writable,
        tell_written,
    )
    from quarterhour.cli.isochrones import parsed_minutes
    from quarterhour.outputs.map.page import library_folder, write_map

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
            reach_m=options["reach_m"],
            title=options["title"],
            tiles=_tiles_of(options),
            backdrop=_backdrop_of(options),
        )
    tell_written([out], as_json=as_json)


def _tiles_of(options: dict[str, Any]) -> Any:
    """Give the online base map that the reader may switch on, if any."""
    from quarterhour.outputs.map.page import OSM_TILES, tianditu

    if options["tianditu_key"]:
        return tianditu(options["tianditu_key"])
    return OSM_TILES if options["tiles"] else None


def _backdrop_of(options: dict[str, Any]) -> Any:
    """Read water, green, railways and buildings of an extract, where one was given."""
    from quarterhour.sources.osm.backdrop import read_backdrop

    source = str(options.get("source") or "")
    if not source.endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        return None
    return read_backdrop(source)
