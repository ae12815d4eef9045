"""Isochrones from the command line: from points, a table, or the areas of an extract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from quarterhour.atomic import whole_file
from quarterhour.cli.run import profile_of, read_streets, require_files, require_writable, say
from quarterhour.cli.text import area_name, closed_lines, fitted, table_text
from quarterhour.errors import InputError, OutputError
from quarterhour.sources.osm.read import read_osm
from quarterhour.sources.tables import read as tables
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.isochrones.isochrones import isochrones
from quarterhour.walking.pace import closed_streets

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
SHOWN = 30


@dataclass(frozen=True)
class Rings:
    """What was asked for: from where, how far, drawn how, written where."""

    network: str
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    origins: str | None
    datum: str | None
    minutes: str
    walker: tuple[str, ...]
    speed_kmh: float | None
    direction: Literal["from", "to"]
    method: Literal["exact", "fast"]
    out: Path | None
    progress: bool


def run(rings: Rings) -> list[str]:
    """Draw the isochrones, write them, and give the text to show.

    Raises
    ------
    QuarterhourError
        If something is wrong with what was given.
    """
    limits = parsed_minutes(rings.minutes)
    if rings.out is not None:
        _require_driver(rings.out)
        require_writable(rings.out.parent)
    paces = [profile_of(name, rings.speed_kmh) for name in dict.fromkeys(rings.walker)]
    places, network = _read(rings)
    say(f"Drawing {len(limits)} isochrones for each of {len(places):,} places")
    found = isochrones(
        places,
        network,
        limits,
        pace=paces,
        direction=rings.direction,
        method=rings.method,
    )
    off = f"up to {found.attrs['reach_m']:g} m off the street"
    lines: list[str] = []
    for pace in paces:
        mine = found[found["pace"] == str(pace)]
        lines += ["", f"Walking {rings.direction}: {pace}; {off}"]
        lines += closed_lines(closed_streets(pace, network))
        lines += _table_lines(mine, places)
    lines = lines[1:]
    if rings.out is not None:
        _write(found, rings.out)
        lines += ["", f"Written: {rings.out}"]
    return lines


def parsed_minutes(text: str) -> list[float]:
    """Read limits from text.

    Examples
    --------
    >>> parsed_minutes("5,10, 15")
    [5.0, 10.0, 15.0]
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        msg = f"--minutes has to be numbers with commas between them (5,10,15), not {text!r}."
        raise InputError(msg) from None


def _read(rings: Rings) -> tuple[gpd.GeoDataFrame, WalkNetwork]:
    if len(rings.lon) != len(rings.lat):
        msg = f"There are {len(rings.lon)} --lon and {len(rings.lat)} --lat: give them in pairs."
        raise InputError(msg)
    if rings.lon and rings.origins is not None:
        msg = "Give points (--lon, --lat) or a table (--origins), not both."
        raise InputError(msg)
    require_files((rings.network, rings.origins))
    is_osm = rings.network.lower().endswith(tables.OSM)
    points: pd.DataFrame | str | None = rings.origins
    if rings.lon:
        names = [f"{lon:g}, {lat:g}" for lon, lat in zip(rings.lon, rings.lat, strict=True)]
        points = pd.DataFrame({"name": names, "lon": rings.lon, "lat": rings.lat})
    if points is None and not is_osm:
        msg = "From where? Give --lon and --lat, or a table of points or areas with --origins."
        raise InputError(msg)
    places = None if points is None else tables.read_areas(points, datum=rings.datum)
    say(f"Reading {rings.network}")
    if places is not None and not is_osm:
        return places, read_streets(rings.network, rings.datum)
    city = read_osm(rings.network, progress=rings.progress)
    if places is None and city.areas.empty:
        msg = f"{rings.network} maps no residential area: give --lon and --lat, or --origins."
        raise InputError(msg)
    return city.areas if places is None else places, city.streets


def _table_lines(found: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> list[str]:
    names = dict(zip(places.index, places["name"], strict=True)) if "name" in places else {}
    wide = found.pivot_table(index="origin", columns="minutes", values="area_m2", sort=False)
    rows = [["origin", *(f"{minutes:g} min, ha" for minutes in wide.columns)]]
    for label, areas in wide.head(SHOWN).iterrows():
        cells = [f"{area / 10_000:,.1f}" if area > 0 else "not snapped" for area in areas]
        rows.append([fitted(area_name(names.get(label), label), 30), *cells])
    more = [f"  … and {len(wide) - SHOWN:,} more"] if len(wide) > SHOWN else []
    return [*table_text(rows), *more]


def _require_driver(path: Path) -> None:
    if path.suffix.lower() not in DRIVERS:
        msg = f"{path}: isochrones are written as {' or '.join(DRIVERS)}."
        raise OutputError(msg)


def _write(found: gpd.GeoDataFrame, path: Path) -> None:
    driver = DRIVERS[path.suffix.lower()]
    # GeoJSON is WGS 84 by its standard.
    table = found.to_crs(4326) if driver == "GeoJSON" else found
    with whole_file(path) as part:
        table.to_file(part, driver=driver)
