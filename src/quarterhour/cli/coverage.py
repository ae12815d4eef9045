"""quarterhour coverage: named measures of a saved scorecard, by part, by group, and how even."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option, spoken_option
from quarterhour.cli.spoken import more_lines, note_lines, settle, spoken, word, written_lines
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.country.results import CountryResults
    from quarterhour.scoring.parts import By
    from quarterhour.scoring.scorecard import Scorecard


@click.command(
    "coverage",
    short_help="Tell named coverage measures, by district, hexagon or group.",
    epilog=example(
        "coverage out/helsinki --measure population --measure all_items",
        "coverage out/helsinki --measure residence --by h3:9 --out hexagons.geojson",
        "coverage out/helsinki --group adult --group elderly --measure residence",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--measure",
    "measures",
    multiple=True,
    help="population, residence, area, item, group, all_items or designation; several times. "
    "Not given: the first four.",
)
@click.option(
    "--by",
    help="A column of the areas, the size of square cells in metres (500), h3:9, or a file of "
    "polygons (districts); of a country also tile.",
)
@click.option("--datum", help="Datum of the file of polygons: wgs84, gcj02, bd09 or cgcs2000.")
@click.option(
    "--circles",
    help="For designation: a CSV file with the columns community and circle, or the column of "
    "the areas that names their circle.",
)
@click.option(
    "--group", "groups", multiple=True, help="A walker (adult, elderly …); several times."
)
@click.option("--equity", is_flag=True, help="Say how unevenly minutes and items are spread.")
@click.option("--shown", type=int, default=40, show_default=True, help="Rows to print.")
@click.option("--out", type=WRITTEN, help="File to write all rows to: .csv, or .geojson, .gpkg …")
@spoken_option
@json_option
def command(folder: Path, shown: int, out: Path | None, as_json: bool, **asked: Any) -> None:
    """Tell named coverage measures of a saved scorecard.

    FOLDER is what `score --out` wrote, of a city or of the tiles of a country. Each row says its
    numerator, its denominator and what is unknown; what only hosts imply is told apart.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import read_card
    from quarterhour.cli.delivery import delivered, require_files_writable
    from quarterhour.places.written import require_driver
    from quarterhour.scoring.country.results import is_results, open_results

    files = [] if out is None else [out]
    if out is not None and out.suffix.lower() != ".csv":
        require_driver(out)
    require_files_writable(files)
    card: Scorecard | CountryResults
    if is_results(folder):
        card = open_results(folder)
        settle(card.checklist)
        table, notes = _table_of_tiles(card, asked)
    else:
        card = read_card(folder)
        table, notes = _table(card, asked)
    if out is not None:
        with delivered(files) as parts:
            _write(table, parts[out])
    if as_json:
        plain = table.drop(columns="geometry", errors="ignore")
        told: dict[str, Any] = {"coverage": json_lines.rows(plain), "notes": notes}
        echo_json(json_lines.text(told | {"files": [str(path) for path in files]}))
        return
    lang = spoken()
    lines = _lines(card, table, lang, even=asked["equity"])
    more = more_lines(lang, len(lines) - max(shown, 0))
    lines = [*lines[: max(shown, 0)], *more, *note_lines(notes, lang)]
    echo("\n".join([*lines, *written_lines(lang, files)]))


def _table(card: Scorecard, asked: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Ask for what was asked, and say what has to be known of it."""
    from quarterhour.errors import InputError
    from quarterhour.planning.equity import equity
    from quarterhour.planning.groups import Groups
    from quarterhour.scoring.coverage import coverage

    by, measures = _by(card.areas, asked["by"], asked["datum"]), list(asked["measures"]) or None
    if asked["equity"]:
        if asked["groups"] or measures or not (by is None or isinstance(by, str)):
            msg = "--equity takes --by with a column of the areas, and no --measure or --group."
            raise InputError(msg)
        return equity(card, by=by), []
    circles = _circles(asked["circles"])
    if not asked["groups"]:
        table = coverage(card, measures, by, circles=circles)
        return table, list(table.attrs.get("notes", []))
    if circles is not None or len(measures or [""]) > 1:
        msg = "--group takes one --measure, and no --circles: no walking is in designation."
        raise InputError(msg)
    groups = Groups.of(card, list(asked["groups"]))
    table = groups.coverage((measures or ["population"])[0], by)
    return table, [*groups.notes, *table.attrs.get("notes", [])]


def _table_of_tiles(found: CountryResults, asked: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Ask for what was asked of the answers of a country.

    Raises
    ------
    InputError
        If something is asked that is not summed over tiles.
    """
    from quarterhour.errors import InputError
    from quarterhour.scoring.country.summing import TILE

    if asked["equity"] or asked["groups"] or asked["circles"]:
        msg = (
            "The answers of a country are summed tile by tile: leave out --equity, --group and "
            "--circles, or ask them of one tile (quarterhour.assess_tile)."
        )
        raise InputError(msg)
    by = _by([TILE, *found.columns()], asked["by"], asked["datum"])
    table = found.coverage(list(asked["measures"]) or None, by)
    return table, list(table.attrs["notes"])


def _by(columns: Container[str], told: str | None, datum: str | None) -> By | None:
    """Read what the parts are: a column before all else, a number, or a file."""
    if told is None or told in columns:
        return told
    try:
        return float(told)
    except ValueError:
        pass
    if not Path(told).exists():
        return told  # h3:9, or what the library says what it could be
    return _polygons(Path(told), datum)


def _polygons(path: Path, datum: str | None) -> gpd.GeoDataFrame:
    from quarterhour.sources.tables.read import read_areas

    return read_areas(path, datum=datum)


def _circles(told: str | None) -> pd.DataFrame | str | None:
    import pandas as pd

    from quarterhour.errors import InputError

    if told is None or not Path(told).exists():
        return told
    try:
        return pd.read_csv(told, dtype={"community": str, "circle": str})
    except (ValueError, OSError) as error:
        msg = f"{told} cannot be read as a CSV file: {error}."
        raise InputError(msg) from error


def _lines(
    card: Scorecard | CountryResults, table: pd.DataFrame, lang: Lang, *, even: bool
) -> list[str]:
    """Say each row as a sentence; equity as numbers."""
    from quarterhour.outputs.measures import rows_text
    from quarterhour.outputs.plan_words import count_text
    from quarterhour.outputs.words import name_of, number, say, short

    if not even:
        return rows_text(card, table, lang=lang)
    names = {item.key: short(name_of(item, lang)) for item in card.checklist}
    names["all"] = word(lang, "all")
    told = []
    for row in table.to_dict("records"):
        numbers = say(lang, "comma").join(
            word(lang, name, {"n": f"{row[name]:.3f}"})
            for name in ("mean", "gini", "palma", "theil", "theil_between", "gap")
            if name in row and row[name] == row[name]
        )
        counts = {name: number(row[name]) for name in ("beyond", "unknown")}
        counts["counted"] = count_text(row["counted"], row["unit"], lang)
        of = {"of": word(lang, f"of_{row['of']}"), "item": names[row["item"]]}
        of |= {"numbers": numbers or word(lang, "equity_none"), **counts}
        told.append(word(lang, "equity", of))
    return told


def _write(table: pd.DataFrame, path: Path) -> None:
    import geopandas as gpd

    from quarterhour.errors import InputError
    from quarterhour.places.written import write_csv, write_shapes

    if path.suffix.lower() == ".csv":
        write_csv(table.drop(columns="geometry", errors="ignore"), path)
        return
    if not isinstance(table, gpd.GeoDataFrame):
        msg = f"{path.name}: these parts have no shapes; write them to a .csv file."
        raise InputError(msg)
    for note in write_shapes(table[table.geometry.notna()], path):
        say(note)
