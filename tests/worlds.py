"""Tiny worlds whose answer is known, and places strewn over real ones."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point

from quarterhour.places.origins import origins
from quarterhour.scoring.assess import assess
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.sources.osm.read import City, read_osm
from quarterhour.sources.tables.read import (
    read_areas,
    read_buildings,
    read_facilities,
    read_gates,
)
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Group, Item
from quarterhour.streets.network import WalkNetwork

CRS = "EPSG:32650"
SAMPLES = Path(__file__).parents[1] / "data" / "samples"


@cache
def helsinki() -> City:
    """The real sample with its mapped areas, read once for all tests."""
    return read_osm(SAMPLES / "helsinki.osm.pbf", areas="mapped")


@cache
def new_town() -> Scorecard:
    """The synthetic town against the Beijing checklist, assessed once for all tests."""
    town = SAMPLES / "new-town"
    areas = read_areas(town / "compounds.geojson", datum="wgs84")
    buildings = read_buildings(town / "buildings.geojson", datum="wgs84")
    gates = read_gates(town / "gates.geojson", datum="wgs84")
    facilities = read_facilities(town / "amap_poi.csv", datum="gcj02")
    streets = read_osm(town / "streets.osm").streets
    homes = origins(areas, buildings, gates)
    return assess(areas, facilities, streets, Checklist.load("beijing-2011"), origins=homes)


_KNOWN: dict[str, WalkNetwork] = {}


def network_of(*lines, crs=CRS, **columns) -> WalkNetwork:
    """A network of lines given as lists of coordinates; columns become traits.

    The same lines are the same network, which nobody can change; what warns is made anew.
    """
    asked = repr((lines, crs, sorted(columns.items())))
    if asked in _KNOWN:
        return _KNOWN[asked]
    table = gpd.GeoDataFrame(columns, geometry=[LineString(line) for line in lines], crs=crs)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made = WalkNetwork.from_edges(table)
    for one in said:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if not said and "..." not in asked:  # as a long array is told
        _KNOWN[asked] = made
    return made


def points(*xy, crs=CRS, index=None, **columns) -> gpd.GeoDataFrame:
    """A table of points given as coordinates; a column may be one value for all."""
    table = gpd.GeoDataFrame(geometry=[Point(p) for p in xy], index=index, crs=crs)
    return table.assign(**columns)


def line_world() -> WalkNetwork:
    """One straight street of 1,000 m from (0, 0) to (1000, 0)."""
    return network_of([(0, 0), (1000, 0)])


def cross_world() -> WalkNetwork:
    """Four streets of 500 m that meet at (0, 0)."""
    arms = [(500, 0), (-500, 0), (0, 500), (0, -500)]
    return network_of(*([(0, 0), arm] for arm in arms))


@cache
def grid_world(n: int = 11, block_m: float = 100.0) -> WalkNetwork:
    """A square grid of n × n streets with one edge per block side."""
    at = np.arange(n) * block_m
    end = at[-1]
    rows = [LineString([(x, y) for x in at]) for y in at]
    columns = [LineString([(x, y) for y in at]) for x in at]
    assert rows[0].length == end
    return WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=rows + columns, crs=CRS))


def island_world() -> WalkNetwork:
    """A long street, a scrap of street 30 m beside it, and a small island 500 m away."""
    return network_of([(0, 0), (2000, 0)], [(1000, 30), (1050, 30)], [(1000, 500), (1200, 500)])


def bridge_world() -> WalkNetwork:
    """Two streets that cross at (0, 0) without meeting: one is a bridge."""
    return network_of([(-500, 0), (500, 0)], [(0, -500), (0, 500)], bridge=["", "yes"])


def strewn(network: WalkNetwork, n: int, seed: int, spread_m: float = 60.0) -> gpd.GeoDataFrame:
    """Seeded points near streets, some of them too far away to be snapped."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(network.n_edges, n, p=network.edge_length_m / network.edge_length_m.sum())
    on = shapely.line_interpolate_point(network.lines[edge], rng.random(n), normalized=True)
    off = rng.normal(0.0, spread_m / 2, (n, 2))
    off[: n // 10] = 0.0  # some lie exactly on a street
    xy = shapely.get_coordinates(on) + off
    labels = [f"p{i}" for i in rng.permutation(n)]
    return gpd.GeoDataFrame(geometry=shapely.points(xy), index=labels, crs=network.crs)


def item(key: str, **values) -> Item:
    """A line of a checklist: one that maps show well, within 15 minutes, unless said."""
    defaults = {"zh": f"项{key}", "en": key.title(), "group": "g", "kind": "point"}
    return Item(key, **(defaults | {"checkability": "A", "limit_minutes": 15.0} | values))


def checklist(*items: Item, hosts=()) -> Checklist:
    """A checklist of these items, with a group for each that they name."""
    groups = tuple(Group(g, f"组{g}", g) for g in dict.fromkeys(i.group for i in items))
    return Checklist("tiny", "小", "Tiny", items, groups, tuple(hosts), country="CN")


def squares(*xy, size=20.0, index=None, crs=CRS, **columns) -> gpd.GeoDataFrame:
    """Square areas centred on the given coordinates."""
    half = size / 2
    shapes = [shapely.box(x - half, y - half, x + half, y + half) for x, y in xy]
    return gpd.GeoDataFrame(geometry=shapes, index=index, crs=crs).assign(**columns)
