"""What the commands are given: an extract, tables, or tables over an extract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour.cli.options import TABLES
from quarterhour.cli.spoken import NoteOf, spoken, tell, word
from quarterhour.errors import InputError
from quarterhour.sources.overture.files import is_overture

if TYPE_CHECKING:
    import geopandas as gpd

    from quarterhour.sources.osm.read import City, Wanted
    from quarterhour.streets.network import WalkNetwork


FOLDERS = (".gdb",)
"""Folders that are read as a file is."""


@dataclass(frozen=True)
class Sources:
    """Where the inputs are: an OpenStreetMap extract, tables, or tables over an extract.

    ``datum`` is that of all the tables, ``facilities_datum`` that of the facilities where it
    is another one (compounds surveyed in WGS 84, facilities from Amap).
    """

    source: str | None = None
    areas: str | None = None
    facilities: str | None = None
    network: str | None = None
    buildings: str | None = None
    gates: str | None = None
    osm_areas: Wanted = "all"
    bbox: str | None = None
    datum: str | None = None
    facilities_datum: str | None = None
    merge_facilities: bool = False
    layer: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    crs: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    progress: bool = True


@dataclass(frozen=True)
class Inputs:
    """What was read, and what there is to tell about it."""

    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    network: WalkNetwork
    buildings: gpd.GeoDataFrame | None
    gates: gpd.GeoDataFrame | None
    notes: tuple[str, ...]


def read_inputs(sources: Sources) -> Inputs:
    """Read an extract, tables, or both: a table that is given takes the extract's place.

    Raises
    ------
    InputError
        If areas, facilities or streets come from nowhere, or a file cannot be read.
    """
    missing = [
        f"--{name}"
        for name in ("areas", "facilities", "network")
        if sources.source is None and getattr(sources, name) is None
    ]
    if missing:
        msg = (
            f"Nothing to read: give an OpenStreetMap extract (.osm.pbf, .osm) or a folder of "
            f"Overture Maps, or "
            f"{', '.join(missing)}."
        )
        raise InputError(msg)
    require_files(("source", sources.source), *((n, getattr(sources, n)) for n in TABLES))
    ways = ways_of(sources, [name for name in TABLES if getattr(sources, name) is not None])
    city = _read_city(sources)
    city_notes = list(city.notes) if city else []
    notes: list[str] = []

    def table(name: str) -> Any:
        path = getattr(sources, name)
        if path is None:
            return None if city is None else getattr(city, name)
        return _read_table(name, sources, ways.get(name, {}), notes)

    areas, facilities, buildings, gates = (
        table(name) for name in ("areas", "facilities", "buildings", "gates")
    )
    if sources.merge_facilities:
        facilities = _with_those_of(city, sources.facilities, facilities, notes)
    own = city is not None and not sources.network
    network = (
        city.streets if city and own else _read_streets(sources, ways.get("network", {}), notes)
    )
    if city is not None and sources.areas and not sources.buildings:
        notes.append(word(spoken(), "own_buildings"))
    return Inputs(areas, facilities, network, buildings, gates, (*city_notes, *notes))


def _with_those_of(city: City | None, path: str | None, table: Any, notes: list[str]) -> Any:
    """Merge a table of facilities with those of the extract."""
    from quarterhour.places.merged_places import merge_places

    if city is None or path is None:
        msg = (
            "--merge-facilities takes two: an extract (or a folder of Overture Maps), and the "
            "table of --facilities."
        )
        raise InputError(msg)
    merged = merge_places(city.facilities, table).facilities
    said = merged.attrs["notes"]
    notes += [
        NoteOf("facilities", note) for note in said if getattr(note, "code", "")[:6] == "merged"
    ]
    return merged


def require_files(*paths: tuple[str, str | None]) -> None:
    """See that every file is there before the first, perhaps large, one is read.

    Raises
    ------
    InputError
        If one is not, or is something else than a file.
    """
    for role, path in paths:
        if path is not None:
            _require_file(role, path)


def _require_file(role: str, path: str) -> None:
    """Say in a sentence why something cannot be read as a file."""
    place = Path(path)
    if not path.strip():
        msg = f"The name given for {role} is empty: say which file to read."
    elif place.is_dir():
        if place.suffix.lower() in FOLDERS and role in TABLES:
            return
        if role in ("source", "facilities") and is_overture(place):
            return
        names = sorted(p.name for p in place.iterdir() if not p.name.startswith("."))
        inside = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        msg = f"{path} is a folder: name a file in it ({inside or 'it is empty'})."
    elif place.is_file():
        return
    elif place.exists():
        msg = f"{path} is a pipe or a device, not a file: save what comes from it, then name that."
    elif place.is_symlink():
        msg = f"There is no file {path}: it is a link to {place.readlink()}, which is not there."
    elif path == "-":
        msg = "There is no file -: standard input is not read; save it to a file, then name that."
    else:
        msg = f"There is no file {path}."
    raise InputError(msg)


def ways_of(sources: Any, tables: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Say for each table how it is to be read: layer, columns, crs, rejects.

    Raises
    ------
    InputError
        If it is not clear which table is meant, or a column or CRS is none.

    Examples
    --------
    >>> ways_of(Sources(layer=("poi",), columns=("lon=东",)), ["facilities"])
    {'facilities': {'layer': 'poi', 'columns': {'lon': '东'}}}
    """
    found: dict[str, dict[str, Any]] = {}
    for option in ("layer", "columns", "crs", "rejects"):
        for given in getattr(sources, option):
            table, value = _table_of(f"--{option}", given, tables)
            ways = found.setdefault(table, {})
            if option == "columns":
                ways.setdefault("columns", {}).update(_columns(given, value))
            elif option in ways:
                msg = f"--{option} is given twice for {table}: {ways[option]} and {value}."
                raise InputError(msg)
            else:
                ways[option] = _crs(value) if option == "crs" else value
    return found


def _table_of(option: str, given: str, tables: Sequence[str]) -> tuple[str, str]:
    """Take the name of the table off the front; without it, there may be only one."""
    name, colon, value = given.partition(":")
    if not value.strip() and (colon or not name.strip()):
        msg = f"{option} {given!r} is empty: say what to read."
        raise InputError(msg)
    if colon and name in (*TABLES, *tables):
        if name in tables:
            return name, value
        msg = f"{option} {given}: no table is given with --{name}."
        raise InputError(msg)
    if len(tables) == 1:
        return tables[0], given
    examples = " or ".join(f"{option} {table}:{given}" for table in tables[:2])
    msg = f"{option} {given}: of which table? " + (
        f"Say {examples}." if tables else "None is given (--areas, --facilities, --origins …)."
    )
    raise InputError(msg)


def _columns(given: str, value: str) -> dict[str, str]:
    """Read role=column, several with commas between them."""
    parts = value.split(",")
    if not all("=" in part for part in parts):
        parts = [value]  # the comma belongs to the name of a column
    pairs = [part.partition("=") for part in parts]
    if not all(role.strip() and column.strip() for role, _, column in pairs):
        msg = f"--columns {given} has to be ROLE=COLUMN, such as name=招牌 or lon=东."
        raise InputError(msg)
    return {role.strip(): column.strip() for role, _, column in pairs}


def _crs(value: str) -> str:
    """See that there is such a CRS; a bare number is one of EPSG."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    name = f"EPSG:{value.strip()}" if value.strip().isdigit() else value
    try:
        CRS.from_user_input(name)
    except CRSError:
        msg = f"--crs {value} is no CRS that is known: give its EPSG number, such as 4547."
        raise InputError(msg) from None
    return name


def _read_city(sources: Sources) -> City | None:
    if sources.source is None:
        return None
    from quarterhour.sources.osm.read import read_osm
    from quarterhour.sources.overture.read import read_overture

    tell("reading", {"path": sources.source})
    more: dict[str, Any] = {"areas": sources.osm_areas, "progress": sources.progress}
    if is_overture(Path(sources.source)):
        return read_overture(sources.source, _box(sources.bbox), **more)
    if sources.bbox is not None:
        msg = "--bbox cuts files of Overture Maps; cut an extract with osmium extract --bbox."
        raise InputError(msg)
    return read_osm(sources.source, **more)


def _box(given: str | None) -> tuple[float, float, float, float] | None:
    """Read four numbers with commas between them."""
    if given is None:
        return None
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        msg = f"--bbox {given} has to be WEST,SOUTH,EAST,NORTH in degrees."
        raise InputError(msg) from None
    return west, south, east, north


def _read_table(
    name: str, sources: Sources, ways: dict[str, Any], notes: list[str]
) -> gpd.GeoDataFrame:
    from quarterhour.sources.tables import read as tables

    path = getattr(sources, name)
    tell("reading", {"path": path})
    readers: dict[str, Callable[..., gpd.GeoDataFrame]] = {
        "areas": tables.read_areas,
        "facilities": tables.read_facilities,
        "buildings": tables.read_buildings,
        "gates": tables.read_gates,
    }
    datum = sources.datum
    if name == "facilities" and sources.facilities_datum is not None:
        datum = sources.facilities_datum
    found = readers[name](path, datum=datum, **ways)
    notes += [NoteOf(name, note) for note in found.attrs.get("notes", [])]
    return found


def _read_streets(sources: Sources, ways: dict[str, Any], notes: list[str]) -> WalkNetwork:
    from quarterhour.sources.tables import read as tables

    path = str(sources.network)
    tell("reading", {"path": path})
    if not path.lower().endswith(tables.OSM):
        return read_streets(path, sources.datum, ways)
    from quarterhour.sources.osm.read import read_osm

    city = read_osm(path, progress=sources.progress)
    notes += [NoteOf("streets", note) for note in city.notes]
    return city.streets


def read_streets(path: str, datum: str | None, ways: dict[str, Any] | None = None) -> WalkNetwork:
    """Read streets that are no extract: a saved network, GraphML or lines (which need a datum).

    Raises
    ------
    QuarterhourError
        If they cannot be read.
    """
    from quarterhour.sources.tables import read as tables

    own = path.lower().endswith((".npz", ".graphml"))
    return tables.read_network(path, datum=None if own else datum, **(ways or {}))
