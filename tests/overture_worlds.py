"""A small city as Overture Maps has it, of three releases, in three layouts; and its OSM twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from osm_worlds import EAST, NORTH, TO_DEGREES, node_xml, way_xml, write

SIDE, BLOCKS = 150.0, 5
RELEASES = ("2024-06", "2024-12", "2026-06")
LAYOUTS = ("folders", "a file a type", "one file")

HOMES = [(x, y) for x in (40.0, 340.0, 640.0) for y in (60.0, 360.0, 610.0)]
PLACES = {
    "pharmacy": ((70.0, 10.0), {"amenity": "pharmacy"}),
    "supermarket": ((310.0, 160.0), {"shop": "supermarket"}),
    "sushi_restaurant": ((690.0, 745.0), {"amenity": "restaurant"}),
    "park": ((450.0, 590.0), {"leisure": "park"}),
    "elementary_school": ((160.0, 620.0), {"amenity": "school"}),
    "lawyer": ((200.0, 310.0), {"office": "lawyer"}),
}


ZH = {"pharmacy": "药房"}
ESTATE = [(20.0, 30.0), (130.0, 30.0), (130.0, 140.0), (20.0, 140.0)]
GREEN = [(470.0, 20.0), (580.0, 20.0), (580.0, 130.0), (470.0, 130.0)]
STOP, TOILETS = (230.0, 5.0), (530.0, 300.0)
GATE = (3, 0)
OVER = (0.25, 0.75)
"""The part of the footbridge that is one."""

TWINS = {
    "way/3100": "land-estate",
    "way/3101": "land-green",
    "node/3200": "stop",
    "node/3201": "toilets",
    "node/19": "gate",
} | {f"node/{3000 + n}": f"place-{kind}" for n, kind in enumerate(PLACES)}
"""Labels of the twin by those of Overture."""


def label_of(label: str) -> str:
    """Give the label in Overture of what the twin has under a label of its own."""
    if label in TWINS:
        return TWINS[label]
    return label.replace("way/200", "home-")  # as the twin numbers homes


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = TO_DEGREES.transform(EAST + x, NORTH + y)
    return round(lon, 7), round(lat, 7)


def wkb(shape: Any) -> bytes:
    return bytes(shapely.to_wkb(shape))


def line(*places: tuple[float, float]) -> bytes:
    return wkb(shapely.LineString([lonlat(*place) for place in places]))


def crossing(i: int, j: int) -> str:
    return f"c-{i}-{j}"


def _streets() -> list[dict[str, Any]]:
    """Streets along and across, each one segment with a connector at every crossing."""
    rows = []
    steps = range(BLOCKS + 1)
    for n in steps:
        for along in (True, False):
            ends = [(i, n) if along else (n, i) for i in steps]
            places = [(SIDE * i, SIDE * j) for i, j in ends]
            rows.append(
                {
                    "id": f"{'east' if along else 'north'}-{n}",
                    "geometry": line(*places),
                    "subtype": "road",
                    "class": "residential",
                    "names": {"primary": f"Street {n}"},
                    "connectors": [
                        {"connector_id": crossing(*end), "at": at / BLOCKS}
                        for at, end in enumerate(ends)
                    ],
                }
            )
    # The part of one street between its second and third crossing is closed to walkers.
    rows[0]["access_restrictions"] = [
        {"access_type": "denied", "when": {"mode": ["foot"]}, "between": [1 / 5, 2 / 5]},
        {"access_type": "denied", "when": {"heading": "backward"}},
    ]
    return rows


def _stairs() -> dict[str, Any]:
    """Stairs across a block, from corner to corner."""
    return {
        "id": "stairs",
        "geometry": line((SIDE, SIDE), (2 * SIDE, 2 * SIDE)),
        "subtype": "road",
        "class": "steps",
        "connectors": [
            {"connector_id": crossing(1, 1), "at": 0.0},
            {"connector_id": crossing(2, 2), "at": 1.0},
        ],
    }


def _bridge() -> dict[str, Any]:
    """A footbridge over a crossing, from corner to corner of two blocks."""
    return {
        "id": "bridge",
        "geometry": line((3 * SIDE, 3 * SIDE), (5 * SIDE, 5 * SIDE)),
        "subtype": "road",
        "class": "footway",
        "connectors": [
            {"connector_id": crossing(3, 3), "at": 0.0},
            {"connector_id": crossing(5, 5), "at": 1.0},
        ],
        "road_flags": [{"values": ["is_bridge"], "between": list(OVER)}],
        "level_rules": [{"value": 1, "between": list(OVER)}],
    }


def _ring(corners: list[tuple[float, float]]) -> bytes:
    return wkb(shapely.Polygon([lonlat(*one) for one in corners]))


def _point(x: float, y: float) -> bytes:
    return wkb(shapely.Point(lonlat(x, y)))


def _grounds() -> dict[str, list[dict[str, Any]]]:
    """Land use and infrastructure."""
    estate = {"id": "land-estate", "geometry": _ring(ESTATE), "subtype": "residential"}
    green = {"id": "land-green", "geometry": _ring(GREEN), "subtype": "park", "class": "park"}
    stop = {"id": "stop", "geometry": _point(*STOP), "subtype": "transit", "class": "bus_stop"}
    toilets = {"id": "toilets", "geometry": _point(*TOILETS), "class": "toilets"}
    gate = {"id": "gate", "geometry": _point(*(SIDE * n for n in GATE)), "class": "gate"}
    estate |= {"class": "residential", "names": {"primary": "The Estate"}}
    toilets["subtype"], gate["subtype"] = "waste_management", "barrier"
    return {"land_use": [estate, green], "infrastructure": [stop, toilets, gate]}


def _kinds(category: str, release: str) -> dict[str, Any]:
    if release == "2026-06":
        hierarchy = ["eat_and_drink", category] if "restaurant" in category else [category]
        taxonomy = {"primary": category, "hierarchy": hierarchy, "alternates": None}
        return {"taxonomy": taxonomy, "basic_category": category, "operating_status": "open"}
    return {"categories": {"primary": category, "alternate": None}}


def rows_of(release: str) -> dict[str, list[dict[str, Any]]]:
    segments = [*_streets(), _stairs(), _bridge()]
    for row in segments:
        if release == "2024-06":
            row["connector_ids"] = [one["connector_id"] for one in row.pop("connectors")]
    connectors = [
        {"id": crossing(i, j), "geometry": wkb(shapely.Point(lonlat(SIDE * i, SIDE * j)))}
        for i in range(BLOCKS + 1)
        for j in range(BLOCKS + 1)
    ]
    buildings = []
    for n, (x, y) in enumerate(HOMES):
        corners = [(x, y), (x + 20, y), (x + 20, y + 12), (x, y + 12)]
        shape = shapely.Polygon([lonlat(*one) for one in corners])
        told = {"subtype": "residential", "class": "apartments", "num_floors": 4}
        buildings.append({"id": f"home-{n}", "geometry": wkb(shape), **told})
    places = [
        {
            "id": f"place-{category}",
            "geometry": wkb(shapely.Point(lonlat(*at))),
            "names": {
                "primary": category.replace("_", " ").title(),
                "common": {"zh": ZH[category]} if category in ZH else None,
            },
            "confidence": 0.9,
            **_kinds(category, release),
        }
        for category, (at, _) in PLACES.items()
    ]
    found = {"segment": segments, "connector": connectors, "building": buildings, "place": places}
    return found | _grounds()


def with_box(row: dict[str, Any]) -> dict[str, Any]:
    west, south, east, north = shapely.bounds(shapely.from_wkb(row["geometry"])).tolist()
    return {**row, "bbox": {"xmin": west, "xmax": east, "ymin": south, "ymax": north}}


def city(folder: Path, release: str, layout: str) -> Path:
    """Write the city; give what is read."""
    by_type = {kind: [with_box(row) for row in rows] for kind, rows in rows_of(release).items()}
    themes = {"building": "buildings", "place": "places"}
    themes |= dict.fromkeys(("land_use", "infrastructure"), "base")
    folder.mkdir(parents=True, exist_ok=True)
    if layout == "one file":
        rows = [{**row, "type": kind} for kind, part in by_type.items() for row in part]
        keys = dict.fromkeys(key for row in rows for key in row)
        path = folder / "all.parquet"
        pq.write_table(pa.Table.from_pylist([{k: r.get(k) for k in keys} for r in rows]), path)
        return path
    for kind, rows in by_type.items():
        keys = dict.fromkeys(key for row in rows for key in row)
        table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in rows])
        if layout == "folders":
            place = folder / f"theme={themes.get(kind, 'transportation')}" / f"type={kind}"
            place.mkdir(parents=True)
            pq.write_table(table, place / "part-00000.parquet")
        else:
            pq.write_table(table, folder / f"{kind}.parquet")
    return folder


def twin(folder: Path) -> Path:
    """The same city as an OpenStreetMap extract."""
    steps = range(BLOCKS + 1)

    def number(i: int, j: int) -> int:
        return 1 + i * (BLOCKS + 1) + j

    parts = [
        node_xml(number(i, j), SIDE * i, SIDE * j, {"barrier": "gate"} if (i, j) == GATE else {})
        for i in steps
        for j in steps
    ]
    ways = []
    for n in steps:
        for along in (True, False):
            refs = [number(i, n) if along else number(n, i) for i in steps]
            tags = {"highway": "residential", "name": f"Street {n}"}
            if along and n == 0:
                ways += [
                    way_xml(900, refs[:2], tags),
                    way_xml(901, refs[1:3], {**tags, "foot": "no"}),
                    way_xml(902, refs[2:], tags),
                ]
            else:
                ways.append(way_xml(100 + 2 * n + along, refs, tags))
    ways.append(way_xml(950, [number(1, 1), number(2, 2)], {"highway": "steps"}))
    for n, at in enumerate(OVER):
        parts.append(node_xml(960 + n, *((3 + 2 * at) * SIDE for _ in range(2))))
    for n, (refs, tags) in enumerate(
        [
            ([number(3, 3), 960], {}),
            ([960, 961], {"bridge": "yes", "layer": "1"}),
            ([961, number(5, 5)], {}),
        ]
    ):
        ways.append(way_xml(960 + n, refs, {"highway": "footway", **tags}))
    grounds = [
        (ESTATE, {"landuse": "residential", "name": "The Estate"}),
        (GREEN, {"leisure": "park"}),
    ]
    for n, (corners, tags) in enumerate(grounds):
        first = 3300 + 4 * n
        parts += [node_xml(first + k, *one) for k, one in enumerate(corners)]
        ways.append(way_xml(3100 + n, [*range(first, first + 4), first], tags))
    parts.append(node_xml(3200, *STOP, {"highway": "bus_stop"}))
    parts.append(node_xml(3201, *TOILETS, {"amenity": "toilets"}))
    for n, (x, y) in enumerate(HOMES):
        first = 1000 + 4 * n
        corners = [(x, y), (x + 20, y), (x + 20, y + 12), (x, y + 12)]
        parts += [node_xml(first + k, *one) for k, one in enumerate(corners)]
        ids = [first, first + 1, first + 2, first + 3, first]
        ways.append(way_xml(2000 + n, ids, {"building": "apartments", "building:levels": "4"}))
    for n, (category, (at, tags)) in enumerate(PLACES.items()):
        name = category.replace("_", " ").title()
        named = {"name": name} | ({"name:zh": ZH[category]} if category in ZH else {})
        parts.append(node_xml(3000 + n, *at, {**tags, **named}))
    return write(folder, *parts, *ways, name="twin.osm")


def division(folder: Path, name: str) -> None:
    """Add a division to a city of a file a type, in which all of it lies."""
    side = SIDE * BLOCKS
    shape = _ring([(-50.0, -50.0), (side + 50, -50.0), (side + 50, side + 50), (-50.0, side + 50)])
    told = {"names": {"primary": name}, "subtype": "locality", "class": "land"}
    row = with_box({"id": "division", "geometry": shape, "division_id": "town", **told})
    pq.write_table(pa.Table.from_pylist([row]), folder / "division_area.parquet")
