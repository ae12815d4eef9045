"""quarterhour isochrones: from points, a table, or the areas of an extract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    pace_option,
    progress_option,
    reach_option,
    speed_option,
    spoken_option,
    table_options,
)
from quarterhour.cli.spoken import more_lines, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo
from quarterhour.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from quarterhour.outputs.words import Lang
    from quarterhour.streets.network import WalkNetwork

SHOWN = 30
SECONDS = 180
"""Limits of so many minutes are likely to be in seconds."""


@dataclass(frozen=True)
class Rings:
    """What was asked for: from where, how far, drawn how, written where."""

    network: str
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    origins: str | None
    datum: str | None
    minutes: str
    pace: tuple[str, ...]
    speed_kmh: float | None
    direction: Literal["from", "to"]
    method: Literal["exact", "fast"]
    reach_m: float
    out: Path | None
    layer: tuple[str, ...]
    columns: tuple[str, ...]
    crs: tuple[str, ...]
    rejects: tuple[str, ...]
    progress: bool


@click.command(
    "isochrones",
    short_help="Draw what lies within a walk of so many minutes.",
    epilog=example(
        "isochrones data/samples/helsinki.osm.pbf --lon 24.9414 --lat 60.1719 \\\n"
        "    --minutes 5,10,15 --out out/station.gpkg",
        "isochrones data/samples/helsinki.osm.pbf --lon 24.9414 --lat 60.1719 \\\n"
        "    --pace adult --pace wheelchair --out out/two-walkers.gpkg",
    ),
)
@click.argument("network")
@click.option("--lon", type=float, multiple=True, help="Longitude of a point; repeat it.")
@click.option("--lat", type=float, multiple=True, help="Latitude of a point; repeat it.")
@click.option("--origins", help="Table of points or areas instead of --lon and --lat.")
@click.option("--datum", help="Datum of the points: wgs84, gcj02, bd09 or cgcs2000.")
@table_options
@click.option("--minutes", default="5,10,15", show_default=True, help="Limits.")
@pace_option(several=True)
@speed_option
@click.option(
    "--direction",
    type=click.Choice(["from", "to"]),
    default="from",
    show_default=True,
    help="Walks from the places, or to them.",
)
@click.option(
    "--method",
    type=click.Choice(["exact", "fast"]),
    default="exact",
    show_default=True,
    help="How finely to draw.",
)
@reach_option
@click.option(
    "--out", type=WRITTEN, help="File to write: .gpkg, .geojson (WGS 84), .parquet, .fgb or .shp."
)
@spoken_option
@progress_option
def command(**options: Any) -> None:
    """Draw what lies within a walk of so many minutes.

    NETWORK is an OpenStreetMap extract, a saved network or street lines. Without --lon and --lat
    or --origins, the isochrones of the extract's residential areas are drawn.
    """
    echo("\n".join(run(Rings(**options))))


def run(rings: Rings) -> list[str]:
    """Draw the isochrones, write them, and give the text to show.

    Raises
    ------
    QuarterhourError
        If something is wrong with what was given.
    """
    from quarterhour.cli.asking import profile_of
    from quarterhour.cli.delivery import require_files_writable
    from quarterhour.cli.scorecard_text import closed_lines
    from quarterhour.outputs.walker_words import walker_words
    from quarterhour.places.written import require_driver, write_shapes
    from quarterhour.walking.isochrones.isochrones import isochrones
    from quarterhour.walking.pace import closed_streets

    limits = parsed_minutes(rings.minutes)
    if rings.out is not None:
        require_driver(rings.out)
        require_files_writable([rings.out])
    paces = [profile_of(name, rings.speed_kmh) for name in dict.fromkeys(rings.pace)]
    places, network = _read(rings)
    tell("drawing", {"limits": len(limits), "places": f"{len(places):,}"})
    found = isochrones(
        places,
        network,
        limits,
        pace=paces,
        direction=rings.direction,
        method=rings.method,
        reach_m=rings.reach_m,
    )
    lang = spoken()
    lines: list[str] = []
    for pace in paces:
        mine = found[found["pace"] == str(pace)]
        told = {"pace": walker_words(pace, lang), "reach": f"{found.attrs['reach_m']:g}"}
        lines += ["", word(lang, f"walking_{rings.direction}", told)]
        lines += closed_lines(closed_streets(pace, network), lang)
        lines += _table_lines(mine, places, lang)
    lines = lines[1:]
    if rings.out is not None:
        cut = write_shapes(found, rings.out)
        lines += ["", *cut, *written_lines(lang, [rings.out])]
    return lines


def parsed_minutes(text: str) -> list[float]:
    """Read limits from text.

    Examples
    --------
    >>> parsed_minutes("5,10, 15")
    [5.0, 10.0, 15.0]
    """
    try:
        limits = [float(part) for part in text.split(",")]
    except ValueError:
        msg = f"--minutes has to be numbers with commas between them (5,10,15), not {text!r}."
        raise InputError(msg) from None
    if all(limit >= SECONDS for limit in limits):
        meant = ",".join(f"{limit / 60:g}" for limit in limits)
        msg = (
            f"--minutes {text}: nobody walks so long. If these are seconds, say --minutes {meant}."
        )
        raise InputError(msg)
    return limits


def _read(rings: Rings) -> tuple[gpd.GeoDataFrame, WalkNetwork]:
    from quarterhour.cli.inputs import read_streets, require_files, ways_of
    from quarterhour.sources.osm.read import read_osm
    from quarterhour.sources.tables import read as tables

    _require_pairs(rings)
    require_files(("origins", rings.origins), ("network", rings.network))
    is_osm = rings.network.lower().endswith(tables.OSM)
    given = {"origins": rings.origins, "network": None if is_osm else rings.network}
    ways = ways_of(rings, [name for name, path in given.items() if path is not None])
    points = rings.origins if rings.origins is not None else _points(rings)
    if points is None and not is_osm:
        msg = "From where? Give --lon and --lat, or a table of points or areas with --origins."
        raise InputError(msg)
    places = None
    if points is not None:
        places = tables.read_areas(points, datum=rings.datum, **ways.get("origins", {}))
    tell("reading", {"path": rings.network})
    if places is not None and not is_osm:
        return places, read_streets(rings.network, rings.datum, ways.get("network"))
    city = read_osm(rings.network, progress=rings.progress)
    if places is None and city.areas.empty:
        msg = f"{rings.network} maps no residential area: give --lon and --lat, or --origins."
        raise InputError(msg)
    return city.areas if places is None else places, city.streets


def _require_pairs(rings: Rings) -> None:
    if len(rings.lon) != len(rings.lat):
        msg = f"There are {len(rings.lon)} --lon and {len(rings.lat)} --lat: give them in pairs."
        raise InputError(msg)
    if rings.lon and rings.origins is not None:
        msg = "Give points (--lon, --lat) or a table (--origins), not both."
        raise InputError(msg)
    for lon, lat in zip(rings.lon, rings.lat, strict=True):
        if abs(lat) > 90 >= abs(lon):
            msg = f"--lat {lat:g} is no latitude: with --lon {lat:g} --lat {lon:g} it is a point."
            raise InputError(msg)


def _points(rings: Rings) -> pd.DataFrame | None:
    import pandas as pd

    if not rings.lon:
        return None
    names = [f"{lon:g}, {lat:g}" for lon, lat in zip(rings.lon, rings.lat, strict=True)]
    return pd.DataFrame({"name": names, "lon": rings.lon, "lat": rings.lat})


def _table_lines(found: gpd.GeoDataFrame, places: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    from quarterhour.cli.text import area_name, fitted, table_text

    names = dict(zip(places.index, places["name"], strict=True)) if "name" in places else {}
    wide = found.pivot_table(index="origin", columns="minutes", values="area_m2", sort=False)
    heads = (word(lang, "ha", {"minutes": f"{minutes:g}"}) for minutes in wide.columns)
    rows = [[word(lang, "origin"), *heads]]
    for label, areas in wide.head(SHOWN).iterrows():
        off = word(lang, "not_snapped")
        cells = [f"{area / 10_000:,.1f}" if area > 0 else off for area in areas]
        rows.append([fitted(area_name(names.get(label), label), 30), *cells])
    return [*table_text(rows), *more_lines(lang, len(wide) - SHOWN)]
