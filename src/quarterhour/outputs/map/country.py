"""The overview map of a country: districts by coverage, areas in them, pages of the tiles."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError
from quarterhour.outputs.credits import credit_html
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import SHOWN, look_table
from quarterhour.outputs.map.data import polygons_block
from quarterhour.outputs.map.page import (
    Language,
    block_html,
    framed,
    library_folder,
    one_script,
    policy,
    template,
    write_map,
)
from quarterhour.outputs.words import LANGS, name_of, notes_text, phrases, shares_down
from quarterhour.places.attribution import attributions
from quarterhour.places.notes import as_data
from quarterhour.places.written import with_ending
from quarterhour.scoring.country import tile_files
from quarterhour.scoring.country.results import CountryResults
from quarterhour.scoring.country.summing import TILE
from quarterhour.scoring.country.with_homes import ITEM
from quarterhour.scoring.summary_columns import MET_SHARE
from quarterhour.sources.country.tiles import Tiles

MOST_AREAS = 50_000
"""Of a country with more areas the overview shows districts alone, so that the file opens."""

AREA_M = 4.0
"""How far outlines of areas may be moved to spare points."""

_FINE = 3000  # parts of the extent by which outlines of districts may be moved
_NUMBERS = ("numerator", "implied", "denominator", "unknown")
_SCRIPTS = ("decode.js", "country.js")


def write_country_map(
    found: CountryResults,
    path: str | Path,
    *,
    by: gpd.GeoDataFrame | None = None,
    lang: Language | None = None,
    title: str | None = None,
    tiles: Tiles | None = None,
    only: Sequence[str] = (),
) -> list[Path]:
    """Write the overview map of a country, one file that needs no network; and maps of its tiles.

    Districts are coloured by the share of homes that have an item within reach, or of all answers
    that are met; nearer, areas are coloured by what they have. Tiles that are not answered are
    hatched and named. A click tells the numbers, and leads to the tile's own electronic map where
    there is one in the folder beside the overview: ``country-tiles`` beside ``country.html``.

    Parameters
    ----------
    found
        What :func:`quarterhour.open_results` opened.
    path
        File to write, whole or not at all.
    by
        Districts: polygons with ``name``. None: the tiles.
    lang
        ``"zh"`` or ``"en"``, in which the page begins.
        None: the language of the checklist's country, else of the environment, else English.
    title
        What stands above the map; by default the name of the checklist.
    tiles
        The tiles that were answered: each is asked again, for a map with its streets, places and
        checklists. Maps that are there, and newer than the answer, are left as they are. None:
        the overview alone.
    only
        Names of the tiles whose maps are written; none: all in which anybody lives.

    Returns
    -------
    list of Path
        The overview, and the maps of these tiles. A country of more than 50,000 areas is shown by
        districts alone, so that the file opens.

    Raises
    ------
    InputError
        If no tile with anybody in it is answered, the districts break their contract, a tile is
        another than was answered, or the file does not end in ``.html``.
    MissingExtraError
        If the package that ships the map library is not installed.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> found = qh.open_results("answers")  # doctest: +SKIP
    >>> qh.write_country_map(found, "country.html", tiles=tiles)  # doctest: +SKIP
    """
    lang = chosen_lang(lang, found.checklist)
    if lang not in ("zh", "en"):
        msg = f"lang={lang!r} is not a language of the map: use 'zh' or 'en'."
        raise InputError(msg)
    library, path = library_folder(), with_ending(path, ".html")
    pages = path.with_name(f"{path.stem}-tiles")
    written = [] if tiles is None else _write_pages(found, tiles, pages, lang, only)
    block = _block(found, by, _links(found, pages))
    block["page"] = {"lang": lang, "title": title or ""}
    own = {
        "title": html.escape(title or getattr(found.checklist, lang)),
        "policy": html.escape(policy(None)),
        "body": template("country.html"),
        "css": f"{template('map.css')}\n{template('country.css')}",
        "script": one_script({"LOOKS": look_table(), "WORDS": phrases()["country"]}, _SCRIPTS),
        "blocks": block_html("country", block),
    }
    with whole_file(path) as part:
        part.write_text(framed(own, library, lang), encoding="utf-8")
    return [path, *written]


def _write_pages(
    found: CountryResults, tiles: Tiles, folder: Path, lang: Language, only: Sequence[str]
) -> list[Path]:
    """Write the electronic map of each tile, ``<tile>.html``, where it is not there already."""
    names = list(only) or [path.stem for path in found.paths("areas")]
    for name in names:
        found.require(name)
    for name in names:
        page = folder / f"{name}.html"
        if not page.is_file() or page.stat().st_mtime < found.answered_at(name):
            title = str(found.tiles["title"].get(name) or name)
            write_map(found.again(tiles, name), page, lang=lang, title=title, tiles=None)
    return [folder / f"{name}.html" for name in names]


def _links(found: CountryResults, pages: Path) -> list[str]:
    """Give the address of each tile's map, as seen from the overview; empty where it has none."""
    return [
        quote(f"{pages.name}/{name}.html")
        if answered and (pages / f"{name}.html").is_file()
        else ""
        for name, answered in found.tiles["answered"].items()
    ]


def _block(found: CountryResults, by: gpd.GeoDataFrame | None, links: list[str]) -> dict[str, Any]:
    measures = ["residence", "item"]
    whole = found.coverage(measures)
    table = found.coverage(measures, by=TILE if by is None else by)
    keys = ["all", *found.checklist.keys()]
    districts = _tile_grounds(found) if by is None else by.to_crs(4326)
    areas = _areas(found, districts if by is not None else None)
    notes = [str(note) for note in table.attrs["notes"]]
    told = {"notes": notes, "notes_data": as_data(table.attrs["notes"])}
    return {
        "checklist": {
            **{lang: name_of(found.checklist, lang) for lang in LANGS},
            "items": [{lang: name_of(i, lang) for lang in LANGS} for i in found.checklist],
        },
        "districts": {
            "name": [str(name) for name in districts.get("name", districts.index)],
            "shapes": polygons_block(_simple(districts), districts.crs),
            "numbers": _numbers(table, keys, [*districts.index]),
            "tiles": by is None,
        },
        "whole": _numbers(whole.assign(part="all"), keys, ["all"]),
        "tiles": {
            "name": [*found.tiles.index],
            "title": [*found.tiles["title"]],
            "page": links,
            "lacks": [int(not answered) for answered in found.tiles["answered"]],
            "why": [*found.tiles["why"]],
            "shapes": polygons_block(_simple(_tile_grounds(found)), found.tiles.crs),
        },
        "areas": areas,
        "counts": [int(found.tiles[name].sum()) for name in ("areas", "homes")],
        "notes": {lang: notes_text(told, lang) for lang in LANGS},
        "credit": credit_html(_sources(found), "en"),
        "source": [found.source["name"], found.source["osm_timestamp"]],
        "statuses": list(SHOWN),
    }


def _sources(found: CountryResults) -> list[str]:
    """Name whose data these are, as the manifest of a tile says."""
    told = tile_files.read_done(found.folder, found.paths("areas")[0].stem) or {}
    return attributions(told["manifest"]["inputs"])


def _tile_grounds(found: CountryResults) -> gpd.GeoDataFrame:
    """Give the tiles' own ground within the extract, each called by its title or its name."""
    titles = found.tiles["title"]
    name = titles.where(titles != "", found.tiles.index.to_series())
    box = shapely.box(*found.box)
    return gpd.GeoDataFrame({"name": name}, geometry=found.tiles.geometry.intersection(box))


def _simple(districts: gpd.GeoDataFrame) -> Any:
    """Spare points of outlines; neighbours still meet."""
    west, south, east, north = districts.total_bounds
    fine = max(east - west, north - south) / _FINE
    return np.asarray(shapely.coverage_simplify(districts.geometry.array, fine), dtype=object)


def _numbers(
    table: pd.DataFrame, keys: Sequence[str], labels: Sequence[object]
) -> dict[str, list[list[int]]]:
    """Give each number as a list of items of lists of districts."""
    mine = table[(table["measure"] == "residence") | (table["item"] == "all")]
    rows = pd.MultiIndex.from_arrays([mine["item"], mine["part"]])
    wanted = pd.MultiIndex.from_product([keys, labels])
    found = mine[list(_NUMBERS)].set_axis(rows).reindex(wanted).fillna(0.0).astype(np.int64)
    shape = (len(keys), len(labels))
    return {name: found[name].to_numpy().reshape(shape).tolist() for name in _NUMBERS}


def _areas(found: CountryResults, districts: gpd.GeoDataFrame | None) -> dict[str, Any] | None:
    """Give the areas with their statuses; none where there are too many."""
    if int(found.tiles["areas"].sum()) > MOST_AREAS:
        return None
    names = [path.stem for path in found.paths("areas")]
    keys = found.checklist.keys()
    columns = ["area", "name", MET_SHARE, *(f"{ITEM}{key}" for key in keys), "geometry"]
    read = [tile_files.read_table(found.folder, "areas", name)[columns] for name in names]
    table = pd.concat(read, ignore_index=True)
    implied = [_implied(found, name) for name in names]
    tile = np.repeat([found.tiles.index.get_loc(name) for name in names], [len(t) for t in read])
    shapes = np.asarray(gpd.GeoSeries(table["geometry"]).array, dtype=object)
    crs = pyproj.CRS(read[0].crs)
    district = tile
    if districts is not None:
        inside = shapely.point_on_surface(shapes)
        places = np.asarray(districts.to_crs(crs).geometry.array, dtype=object)
        at, which = shapely.STRtree(places).query(inside, "intersects")
        district = np.full(len(table), -1)
        district[at[::-1]] = which[::-1]
    code = {word: str(number) for number, word in enumerate(SHOWN)}
    statuses = []
    for key in keys:
        hosted = np.concatenate([one[key] for one in implied])
        words = table[f"{ITEM}{key}"].where(~hosted, "implied")
        statuses.append("".join(code[word] for word in words))
    share = (shares_down(table[MET_SHARE].astype(float)) * 1000).round().fillna(-1).astype(int)
    return {
        "label": table["area"].tolist(),
        "name": table["name"].fillna("").tolist(),
        "share": share.tolist(),
        "tile": tile.tolist(),
        "district": district.tolist(),
        "status": statuses,
        "shapes": polygons_block(shapely.simplify(shapes, AREA_M), crs),
    }


def _implied(found: CountryResults, name: str) -> Mapping[str, Any]:
    """Say of each item which areas of a tile have it only by a host, in their order."""
    results = tile_files.read_table(found.folder, "results", name)
    by_host = results["reason"] == "implied_by_host"
    return {str(key): rows.to_numpy() for key, rows in by_host.groupby(results["item"])}
