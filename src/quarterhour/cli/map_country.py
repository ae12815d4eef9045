"""quarterhour map of a country's answers: the overview, and a page for each tile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from quarterhour.cli.options import asked_besides, options, require_none
from quarterhour.errors import InputError

country_options = options(
    click.option("--by", help="Of a country's answers: a file of districts (tiles without it)."),
    click.option(
        "--pages",
        type=click.Path(path_type=Path),
        help="Of a country's answers: the folder of its tiles, of each of which a map is written "
        "beside the overview.",
    ),
    click.option(
        "--tile",
        "only",
        multiple=True,
        help="Of a country's answers: the tile whose map is written; repeat it.",
    ),
)
"""How a country's answers are drawn."""

_KNOWN = {"source", "out", "lang", "title", "as_json", "by", "pages", "only", "datum", "progress"}


def is_country(source: str | None) -> bool:
    """Tell whether a source is a folder of a country's answers."""
    if source is None or not Path(source).is_dir():
        return False
    from quarterhour.scoring.country.results import is_results

    return is_results(Path(source))


def require_no_country(given: dict[str, Any]) -> None:
    """See that nothing is said of a country where there is none.

    Raises
    ------
    InputError
        If something is.
    """
    names = {"by": "--by", "pages": "--pages", "only": "--tile"}
    require_none(given, names, "for the answers of a country, which score TILES --out writes")


def map_country(out: Path, as_json: bool, given: dict[str, Any]) -> None:
    """Write the overview of a country, and the pages that are asked for.

    Raises
    ------
    InputError
        If something is asked that the answers cannot tell any more.
    """
    from quarterhour.cli.delivery import require_ending, require_files_writable, tell_written
    from quarterhour.outputs.map.country import write_country_map
    from quarterhour.outputs.map.page import library_folder
    from quarterhour.scoring.country.results import open_results
    from quarterhour.sources.country.tiles import open_tiles
    from quarterhour.sources.tables.read import read_areas

    _require_of_answers(given)
    require_ending("--out", out, ".html")
    library_folder()
    require_files_writable([out])
    found, lang = open_results(given["source"]), given["lang"]
    by = None if given["by"] is None else read_areas(Path(given["by"]), datum=given["datum"])
    tiles = None if given["pages"] is None else open_tiles(given["pages"])
    told = {"lang": lang, "title": given["title"], "only": given["only"]}
    tell_written(write_country_map(found, out, by=by, tiles=tiles, **told), as_json=as_json)


def _require_of_answers(given: dict[str, Any]) -> None:
    """See that nothing is asked anew: the answers are there.

    Raises
    ------
    InputError
        If something is.
    """
    if named := asked_besides(given, _KNOWN):
        msg = (
            f"{given['source']} holds a country's answers, whose question is its own: leave out "
            f"{named}."
        )
        raise InputError(msg)
    if given["only"] and given["pages"] is None:
        msg = "--tile names the tiles whose maps are written: say with --pages where the tiles are."
        raise InputError(msg)
