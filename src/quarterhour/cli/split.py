"""quarterhour split: an extract cut into tiles that can be scored one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    USUAL,
    WRITTEN,
    checklist_names,
    example,
    json_option,
    pace_option,
    spoken_option,
)
from quarterhour.cli.options import speed_option as speed
from quarterhour.cli.spoken import spoken, tell, word
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang


@click.command(
    "split",
    short_help="Cut a country into tiles.",
    epilog=example(
        "split country.osm.pbf --out tiles --tiles 64",
        "split country.osm.pbf --out tiles --boundaries districts.gpkg",
        "score tiles --out answers --workers 4",
    ),
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=WRITTEN, required=True, help="Folder for the tiles.")
@click.option("--tiles", type=int, help="Number of tiles with even numbers of dwellings.")
@click.option("--grid-km", type=float, help="Side of the squares of a grid, in kilometres.")
@click.option("--boundaries", help="Table of polygons: a tile of each.")
@click.option("--datum", help="Datum of the boundaries: wgs84, gcj02, bd09 or cgcs2000.")
@click.option(
    "--checklist",
    default=USUAL[0],
    shell_complete=checklist_names,
    help="What will be asked: name or TOML file. The longer its limits, the wider the halo.  "
    f"[default: {USUAL[0]}, whose halo is that of {USUAL[1]}]",
)
@pace_option()
@speed
@spoken_option
@json_option
def command(out: Path, source: Path, as_json: bool, **options: Any) -> None:
    """Cut an OpenStreetMap extract into tiles, each with all that its residents can reach.

    SOURCE is read twice, whatever the number of tiles; without --tiles, --grid-km or --boundaries
    it is divided into tiles of 20,000 dwellings at the most. Tiles that are there already are not
    cut again: the same command goes on where it was broken off. A folder of Overture Maps is not
    cut: the tiles are read from it.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import profile_of
    from quarterhour.cli.delivery import require_folder
    from quarterhour.scoring.country.split import split
    from quarterhour.scoring.question import Question
    from quarterhour.sources.country.overture_tiles import UNCUT

    require_folder("--out", out)
    pace = profile_of(options["pace"], options["speed_kmh"])
    question = Question.of(options["checklist"], pace=pace)
    lands = _boundaries(options["boundaries"], options["datum"])
    tell("cutting", {"path": source})
    ways = {"tiles": options["tiles"], "grid_km": options["grid_km"], "boundaries": lands}
    made = split(source, out, question, **ways)
    if as_json:
        tiles = [
            {"tile": one.name, "title": one.title, "dwellings": one.dwellings, "sha256": one.sha256}
            for one in made.tiles
        ]
        about = {"divided": made.divided, "halo_m": made.halo_m, "cut_by": made.cut_by}
        echo_json(json_lines.text({**about, "folder": str(out), "tiles": tiles}))
        return
    most = max(one.dwellings for one in made.tiles)
    lang = spoken()
    told = {"source": source.name, "n": len(made), "path": out, "divided": _divided(ways, lang)}
    told["cut_by"] = word(
        lang, "split_uncut" if made.cut_by == UNCUT else "split_cut", {"tool": made.cut_by}
    )
    told |= {"most": f"{most:,}", "halo": f"{made.halo_m:,.0f}"}
    echo(word(lang, "split", told))


def _divided(ways: Mapping[str, Any], lang: Lang) -> str:
    """Say how a country was divided."""
    if ways["boundaries"] is not None:
        return word(lang, "split_boundaries", {"n": len(ways["boundaries"])})
    if ways["grid_km"] is not None:
        return word(lang, "split_grid", {"km": f"{ways['grid_km']:g}"})
    return word(lang, "split_tiles" if ways["tiles"] else "split_enough", {"n": ways["tiles"]})


def _boundaries(path: str | None, datum: str | None) -> Any:
    if path is None:
        return None
    from quarterhour.sources.tables.read import read_areas

    tell("reading", {"path": path})
    return read_areas(path, datum=datum)
