"""Facilities, areas, buildings, gates and streets from the files that planners have.

GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet, CSV, Excel, the JSON of Amap's and Baidu's
place services, OpenStreetMap extracts, and GeoDataFrames. Everything comes out in WGS 84 (or a
CRS based on it); `attrs["notes"]` tells what was recognised, converted and left out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError, NetworkError, QuarterhourWarning
from quarterhour.places.cell_words import AREA_KINDS, named
from quarterhour.places.contracts import (
    check_areas,
    check_buildings,
    check_facilities,
    check_points,
    listed,
)
from quarterhour.places.notes import Note
from quarterhour.sources.overture.files import kinds_in
from quarterhour.sources.overture.places import read_places
from quarterhour.sources.tables.attributes import read_attributes, read_truths
from quarterhour.sources.tables.intake import take_in
from quarterhour.sources.tables.locate import Request
from quarterhour.sources.tables.typecodes import read_typecodes
from quarterhour.sources.tables.vector_files import edges_layer
from quarterhour.streets.joints import JOIN_M
from quarterhour.streets.network import WalkNetwork

if TYPE_CHECKING:
    import networkx as nx

Table: TypeAlias = str | Path | pd.DataFrame  # a GeoDataFrame is a DataFrame
OSM = (".osm", ".pbf", ".osm.gz", ".osm.bz2", ".osm.xml")


def read_facilities(
    source: Table,
    *,
    datum: str | None = None,
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    rejects: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """
    Read a table of facilities.

    Parameters
    ----------
    source
        A file, a GeoDataFrame, or a DataFrame with longitudes and latitudes. Of files of Overture
        Maps (one, or a folder) the places are read, which are in WGS 84.
    datum
        What the coordinates are in: "wgs84", "gcj02" (Amap, Tencent), "bd09" (Baidu), "bd09mc"
        (Baidu's metres) or "cgcs2000". Needed in mainland China; the table is converted to WGS 84.
    crs
        The CRS of a source that does not name its own; of columns without one, EPSG:4326.
    columns
        Role to column name, where a column is not recognised by itself, as in
        ``{"name": "招牌", "lon": "E", "lat": "N"}``. The roles are id (the label of each row),
        name, name:zh, name:en, lon, lat, location ("lon,lat"), latlon ("lat,lon"), wkt, typecode,
        type, item, address, phone, opening_hours, service_mode, contracted, shared, status,
        capacity, valid_from, valid_to, owner, consent, counted, recurrence, satisfaction,
        satisfaction_attitude, satisfaction_ability, satisfaction_n, satisfaction_date, source.
    layer
        Which layer of a GeoPackage, or sheet of an Excel file.
    rejects
        A CSV file to write the rows to that have no usable position, with the reasons.

    Returns
    -------
    facilities
        A table that keeps the contract of facilities.

    Warns
    -----
    QuarterhourWarning
        If rows are left out, or geometries had to be repaired.
    """
    if _is_osm(source):
        return _from_city(source, "facilities")
    if isinstance(source, (str, Path)) and "place" in kinds_in(Path(source)):
        _refuse_options({"crs": crs, "columns": columns, "layer": layer}, source)
        return read_places(source)
    request = Request("facilities", datum, crs, columns, layer, rejects)
    table = _read(source, request)
    notes = table.attrs["notes"]
    if "typecode" in table.columns:
        table["typecode"], said = read_typecodes(table["typecode"])
        notes.extend(said)
    read_attributes(table, notes)
    check_facilities(table, mended=True)
    return table


def read_areas(
    source: Table,
    *,
    datum: str | None = None,
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    rejects: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """
    Read a table of residential areas: polygons or points.

    Parameters
    ----------
    source, datum, crs, layer, rejects
        As in `read_facilities`.
    columns
        Role to column name. The roles are id, name, residents, area_kind, walled, address, source,
        and those of the position.

    Returns
    -------
    areas
        A table that keeps the contract of areas.

    Warns
    -----
    QuarterhourWarning
        If rows are left out, or geometries had to be repaired.
    """
    if _is_osm(source):
        return _from_city(source, "areas")
    table = _read(source, Request("areas", datum, crs, columns, layer, rejects))
    notes = table.attrs["notes"]
    if "residents" in table.columns:
        unknown = int(table["residents"].isna().sum())
        if unknown:
            notes.append(
                Note(
                    "areas_no_residents",
                    "{0} of {1} areas have no number of residents.",
                    unknown,
                    len(table),
                )
            )
    else:
        notes.append(
            Note(
                "no_column_of_residents",
                "No column of residents was recognised, so nothing can be said per resident; "
                'pass columns={{"residents": ...}} if there is one.',
            )
        )
    read_truths(table, "walled", notes)
    if "area_kind" in table.columns:
        table["area_kind"] = named(table["area_kind"], AREA_KINDS)
    check_areas(table, mended=True)
    return table


def read_buildings(
    source: Table,
    *,
    datum: str | None = None,
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    rejects: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """
    Read a table of building footprints.

    Parameters
    ----------
    source, datum, crs, layer, rejects
        As in `read_facilities`.
    columns
        Role to column name. The roles are name, building, levels, residential, and those of the
        position.

    Returns
    -------
    buildings
        A table that keeps the contract of buildings.

    Warns
    -----
    QuarterhourWarning
        If rows are left out, or geometries had to be repaired.
    """
    if _is_osm(source):
        return _from_city(source, "buildings")
    table = _read(source, Request("buildings", datum, crs, columns, layer, rejects))
    # A building that does not say counts as a home, as in a table without the column.
    read_truths(table, "residential", table.attrs["notes"], silent=True)
    check_buildings(table, mended=True)
    return table


def read_gates(
    source: Table,
    *,
    datum: str | None = None,
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    rejects: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """
    Read a table of gates: the points at which compounds are left.

    Parameters
    ----------
    source, datum, crs, layer, rejects
        As in `read_facilities`.
    columns
        Role to column name. The roles are name, kind, access, foot, and those of the position.

    Returns
    -------
    gates
        A table that keeps the contract of gates.

    Warns
    -----
    QuarterhourWarning
        If rows are left out, or geometries had to be repaired.
    """
    if _is_osm(source):
        return _from_city(source, "gates")
    table = _read(source, Request("gates", datum, crs, columns, layer, rejects))
    if "kind" not in table.columns:
        table["kind"] = "gate"
    for name in ("access", "foot"):
        if name not in table.columns:
            table[name] = None
    check_points(table, "gates", mended=True)
    return table


def read_network(
    source: str | Path | gpd.GeoDataFrame | nx.MultiDiGraph[Any] | WalkNetwork,
    *,
    datum: str | None = None,
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    split_crossings: bool = False,
    join_m: float = JOIN_M,
) -> WalkNetwork:
    """
    Read the streets that people walk on.

    Parameters
    ----------
    source
        An OpenStreetMap extract, a network saved with `WalkNetwork.save` (.npz), an OSMnx graph
        (as `networkx.MultiDiGraph` or a GraphML file), or street lines (a GeoDataFrame or file).
    datum
        The datum of street lines in China, as in `read_facilities`.
    crs
        The CRS of lines that do not name their own.
    columns
        Role to column name: osmid, name, highway.
    layer
        Which layer of a GeoPackage; of one that OSMnx wrote, ``edges`` is read.
    split_crossings
        Join street lines wherever they cross or end on each other, for tables that draw a whole
        street as one line. Without it they are joined where they share a vertex; bridges and
        tunnels that the table names stay apart in either case.
    join_m
        Vertices of street lines that are so near to each other, in metres, are one joint.

    Returns
    -------
    streets
        The network.

    Warns
    -----
    QuarterhourWarning
        If lines are left out, cross without a joint, or lie in a CRS of untrue metres.
    """
    if isinstance(source, WalkNetwork):
        return source
    if not isinstance(source, (str, Path, pd.DataFrame)):
        return WalkNetwork.from_networkx(_graph(source))
    if isinstance(source, (str, Path)):
        suffix = Path(source).suffix.lower()
        if suffix in (".npz", ".graphml") or _is_osm(source):
            _check_exists(source)
            _refuse_options(
                {"datum": datum, "crs": crs, "columns": columns, "layer": layer}, source
            )
        if suffix == ".npz":
            return WalkNetwork.load(source)
        if _is_osm(source):
            from quarterhour.sources.osm.read import read_osm  # noqa: PLC0415 - osmium loads slowly

            return read_osm(source).streets
        if suffix == ".graphml":
            return WalkNetwork.from_networkx(_read_graphml(Path(source)))
    layer = layer or (edges_layer(source) if isinstance(source, (str, Path)) else None)
    lines = _read(source, Request("streets", datum, crs, columns, layer, None))
    return WalkNetwork.from_edges(lines, split_crossings=split_crossings, join_m=join_m)


def _read(source: Any, request: Request) -> gpd.GeoDataFrame:
    """Take a table in, and warn in the name of the reader that was called."""
    table, notes = take_in(source, request)
    for note in notes:
        warnings.warn(note, QuarterhourWarning, stacklevel=3)
    return table


def _is_osm(source: Any) -> bool:
    return isinstance(source, (str, Path)) and str(source).lower().endswith(OSM)


def _from_city(path: Any, part: str) -> gpd.GeoDataFrame:
    """Read an OpenStreetMap extract and return one of its tables."""
    from quarterhour.sources.osm.read import read_osm  # noqa: PLC0415 - osmium loads slowly

    _check_exists(path)
    table: gpd.GeoDataFrame = getattr(read_osm(path), part)
    return table


def _check_exists(path: str | Path) -> None:
    if not Path(path).exists():
        raise InputError(f"There is no file {path}.")


def _refuse_options(options: Mapping[str, Any], source: str | Path) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{listed(given)} cannot be given for {source}: the file says it itself.")


def _graph(source: Any) -> nx.MultiDiGraph[Any]:
    import networkx as nx  # noqa: PLC0415 - loads slowly

    if isinstance(source, nx.Graph) and not isinstance(source, nx.MultiDiGraph):
        return nx.MultiDiGraph(source)  # both directions of one street are one edge again
    if not isinstance(source, nx.MultiDiGraph):
        raise NetworkError(
            "The streets have to be a file, a GeoDataFrame of lines, a networkx.MultiDiGraph or a "
            f"WalkNetwork, not {type(source).__name__}."
        )
    return source


def _read_graphml(path: Path) -> nx.MultiDiGraph[Any]:
    """Read a graph that OSMnx or networkx wrote; what its values mean is seen to by the streets."""
    import networkx as nx  # noqa: PLC0415 - loads slowly

    try:
        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(nx.read_graphml(path, force_multigraph=True))
    except Exception as error:  # its parsers raise many things
        raise InputError(
            f"{path} is no GraphML file that networkx or OSMnx wrote, or it is damaged "
            f"({type(error).__name__}: {error})."
        ) from error
    if all(re.fullmatch(r"-?\d+", str(node)) for node in graph):
        graph = nx.relabel_nodes(graph, int)
    return graph
