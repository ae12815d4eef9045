"""Make the synthetic Chinese new town of `new-town/`, and the truth about it.

Nothing here is real: the town, its streets, compounds, shops and telephone numbers are invented
and put on farmland where no such town is. The script is seeded and deterministic: the same files
come out, byte for byte, each time. It does not import the library, so that `truth.csv` is an
independent answer: walking distances come from a closed form for a regular street grid.

    python make_new_town.py                 write the files to new-town/ beside this script
    python make_new_town.py --out FOLDER    write them elsewhere
    python make_new_town.py --check         also compare the closed form with a plain Dijkstra
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

import new_town_facilities as tables
from new_town_grid import RIVER, XS, YS, check_closed_form, snap, street_lines
from new_town_plan import (
    COMPOUNDS,
    GATE_SIDES,
    STREETS,
    Compound,
    Facility,
    make_compound,
    make_facilities,
)
from new_town_truth import (
    ITEMS,
    SNAP_LIMIT_M,
    require,
    require_robust,
    score,
    statuses,
    walks_from,
)
from new_town_walls import (
    CLINIC,
    COMMUNITY,
    COMMUNITY_BOX,
    COMMUNITY_EN,
    COMMUNITY_RESIDENTS,
    require_robust_walls,
    scored,
    seconds_to_health,
)
from pyproj import Transformer

SEED = 24
UTM = "EPSG:32650"  # zone 50 N: the town lies at about 116.9 E, 39.6 N
ORIGIN_E, ORIGIN_N = 490_010.0, 4_382_500.0
AMAP_COLUMNS = (
    *("id", "name", "type", "typecode", "address", "location", "tel"),
    *("pname", "cityname", "adname", "adcode", "business_area"),
)
TRUTH_COLUMNS = (
    *("id", "name", "items", "bait", "duplicate_of", "snapped"),
    *("lon_wgs84", "lat_wgs84", "note"),
)
Projection = Callable[[float, float], tuple[float, float]]


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Shift WGS 84 to GCJ-02 by the published formula (Krasovsky ellipsoid)."""
    a, ee = 6_378_245.0, 0.00669342162296594323
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + ripple
    d_lat += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + ripple
    d_lon += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    d_lon += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    phi = math.radians(lat)
    magic = 1 - ee * math.sin(phi) ** 2
    d_lat = math.degrees(d_lat / (a * (1 - ee) / (magic * math.sqrt(magic))))
    d_lon = math.degrees(d_lon / (a / math.sqrt(magic) * math.cos(phi)))
    return lon + d_lon, lat + d_lat


def make_projection() -> Projection:
    """Return town metres -> longitude and latitude with nine decimals (a tenth of a millimetre).

    Sines differ in the last bit between machines. So that the files do not, a value that lies
    within that noise of a rounding boundary is refused: pick another seed or move the thing.
    """
    transformer = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)

    def project(x: float, y: float) -> tuple[float, float]:
        lon, lat = transformer.transform(ORIGIN_E + x, ORIGIN_N + y)
        for value in (lon, lat):
            if abs((value * 1e9) % 1 - 0.5) < 1e-4:
                raise RuntimeError(f"({x}, {y}) lies on a rounding boundary")
        return round(lon, 9), round(lat, 9)

    return project


def write_geojson(path: Path, features: list[dict[str, object]]) -> None:
    lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features]
    body = ",\n".join(lines)
    text = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n{body}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def feature(kind: str, coordinates: object, properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": properties["id"],
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def write_compounds(folder: Path, compounds: list[Compound], project: Projection) -> None:
    areas, buildings, gates = [], [], []
    for number, c in enumerate(compounds, start=1):
        ring = [list(project(*xy)) for xy in (*c.ring, c.ring[0])]
        key = f"c{number:02d}"
        about = {
            "id": key,
            "name": c.name,
            "name:en": c.en,
            "area_kind": "compound",
            "walled": True,
            "residents": c.residents,
            "source": "synthetic",
        }
        areas.append(feature("Polygon", [ring], about))
        for k, (x, y, w, d, levels) in enumerate(c.buildings, start=1):
            corners = ((x, y), (x + w, y), (x + w, y + d), (x, y + d), (x, y))
            outline = [list(project(*xy)) for xy in corners]
            house = {"id": f"{key}-b{k:03d}", "name": f"{c.name}{k}号楼", "compound": c.name}
            house |= {"building": "apartments", "levels": levels, "residential": True}
            buildings.append(feature("Polygon", [outline], house))
        for k, (side, x, y) in enumerate(c.gates, start=1):
            gate = {"id": f"{key}-g{k}", "name": f"{c.name}{GATE_SIDES[side]}", "compound": c.name}
            gate |= {"kind": "gate", "access": None, "foot": "yes"}
            gates.append(feature("Point", list(project(x, y)), gate))
    write_geojson(folder / "compounds.geojson", areas)
    write_geojson(folder / "buildings.geojson", buildings)
    write_geojson(folder / "gates.geojson", gates)


def write_streets(path: Path, project: Projection) -> None:
    """Write OSM XML: the streets, and a motorway, a railway and a river that nobody walks on."""
    nodes: dict[tuple[float, float], int] = {}
    ways: list[tuple[list[int], dict[str, str]]] = []

    def node(x: float, y: float) -> int:
        return nodes.setdefault((x, y), 1001 + len(nodes))

    for key, x0, y0, x1, y1 in street_lines():
        street = key if key != "bridge" else "v4"
        name, english, highway, more = STREETS[street]
        tags = {"highway": highway, "name": name, "name:en": english, "surface": "asphalt", **more}
        if key == "bridge":
            tags |= {"bridge": "yes", "layer": "1"}
        stops = [(x, y0) for x in XS] if key.startswith("h") else [(x0, y) for y in YS]
        inside = [(x, y) for x, y in stops if x0 <= x <= x1 and y0 <= y <= y1]
        ways.append(([node(x, y) for x, y in inside], tags))
    motorway = {"highway": "motorway", "name": "京云高速", "oneway": "yes", "foot": "no"}
    ways.append(([node(-300.0, -1400.0), node(-300.0, 4000.0)], motorway))
    ways.append(([node(3500.0, -1400.0), node(3500.0, 4000.0)], {"railway": "rail"}))
    river = {"waterway": "river", "name": "云河"}
    ways.append(([node(-1400.0, 980.0), node(4500.0, 980.0)], river))
    bank = [node(x, y) for x in (-1400.0, 4500.0) for y in RIVER]
    water = {"natural": "water", "water": "river", "name": "云河"}
    ways.append(([bank[0], bank[2], bank[3], bank[1], bank[0]], water))

    corners = [project(x, y) for x in (-1500.0, 4600.0) for y in (-1500.0, 4120.0)]
    west, east = min(c[0] for c in corners), max(c[0] for c in corners)
    south, north = min(c[1] for c in corners), max(c[1] for c in corners)
    box = f'minlat="{south:.9f}" minlon="{west:.9f}" maxlat="{north:.9f}" maxlon="{east:.9f}"'
    stamp = 'version="1" timestamp="2026-01-01T00:00:00Z" visible="true"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<osm version="0.6" generator="make_new_town.py (synthetic, CC0)">',
        f"  <bounds {box}/>",
    ]
    for (x, y), number in nodes.items():
        lon, lat = project(x, y)
        lines.append(f'  <node id="{number}" {stamp} lat="{lat:.9f}" lon="{lon:.9f}"/>')
    for number, (refs, tags) in enumerate(ways, start=2001):
        lines.append(f'  <way id="{number}" {stamp}>')
        lines += [f'    <nd ref="{ref}"/>' for ref in refs]
        lines += [f"    <tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
        lines.append("  </way>")
    lines.append("</osm>")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_amap(path: Path, facilities: list[Facility], project: Projection) -> None:
    """Write a table as Amap gives it."""
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(AMAP_COLUMNS)
        for f in facilities:
            kind = "|".join(tables.TYPES[code] for code in f.typecode.split("|"))
            lon, lat = to_gcj02(*project(f.x, f.y))
            along = f.x if f.street[0] == "h" else f.y
            number = int(f.id[2:], 36) % 1000
            # Amap writes an empty list where it has nothing
            tel = f"0999-555{number:04d}" if number % 3 == 0 else "[]"
            address = f"{STREETS[f.street][0]}{2 * int(along / 12) + 1}号"
            writer.writerow(
                (
                    f.id,
                    f.name,
                    kind,
                    f.typecode,
                    address if number % 7 else "[]",
                    f"{lon:.6f},{lat:.6f}",
                    tel,
                    "示例省",
                    "云河市",
                    "云河新区",
                    "999901",
                    "云河" if number % 2 else "[]",
                )
            )


def write_facility_truth(path: Path, facilities: list[Facility], project: Projection) -> None:
    """Write what each row of the table really is."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        for f in facilities:
            lon, lat = project(f.x, f.y)
            writer.writerow(
                (
                    f.id,
                    f.name,
                    "|".join(item for item in ITEMS if item in f.items),
                    "|".join(item for item in ITEMS if item in f.bait),
                    f.duplicate_of,
                    "yes" if snap(f.x, f.y)[0] <= SNAP_LIMIT_M else "no",
                    f"{lon:.9f}",
                    f"{lat:.9f}",
                    f.note,
                )
            )


def write_community(path: Path, project: Projection) -> None:
    west, south, east, north = COMMUNITY_BOX
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    about = {
        "id": "s01",
        "name": COMMUNITY,
        "name:en": COMMUNITY_EN,
        "area_kind": "community",
        "walled": False,
        "residents": COMMUNITY_RESIDENTS,
        "source": "synthetic",
    }
    ring = [list(project(*xy)) for xy in corners]
    write_geojson(path, [feature("Polygon", [ring], about)])


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def describe(compounds: list[Compound], facilities: list[Facility], project: Projection) -> None:
    """Print what the town shows: the counts, and what careless reading would change."""
    walks = walks_from(compounds, facilities)
    base = statuses(compounds, facilities, walks)
    for status, reason in sorted(set(base)):
        print(f"{status:8} {reason:16} {base.count((status, reason)):4}")

    def changed(other: list[tuple[str, str]]) -> int:
        return sum(a != b for a, b in zip(base, other, strict=True))

    open_walks = walks_from(compounds, facilities, walls=False)
    print("walking through walls changes", changed(statuses(compounds, facilities, open_walks)))
    believed = [replace(f, items=f.items | f.bait) for f in facilities]
    print("believing every trap changes", changed(statuses(compounds, believed, walks)))
    traps = [k for k, f in enumerate(facilities) if f.bait]
    for k in traps:
        fooled = [*facilities[:k], believed[k], *facilities[k + 1 :]]
        effect = changed(statuses(compounds, fooled, walks))
        print(f"  {facilities[k].name} taken for {', '.join(facilities[k].bait)}: {effect}")
    back = Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    moved = []
    for f in facilities:
        east, north = back.transform(*to_gcj02(*project(f.x, f.y)))
        moved.append(replace(f, x=east - ORIGIN_E, y=north - ORIGIN_N))
    shifted = statuses(compounds, moved, walks_from(compounds, moved))
    print("reading GCJ-02 as WGS 84 changes", changed(shifted))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "new-town")
    parser.add_argument("--check", action="store_true", help="compare with a plain Dijkstra")
    arguments = parser.parse_args()

    rng = random.Random(SEED)
    compounds = [make_compound(spec, rng) for spec in COMPOUNDS]
    facilities = sorted(make_facilities(rng), key=lambda f: f.id)
    require_robust(compounds, facilities)
    project = make_projection()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_compounds(arguments.out, compounds, project)
    write_streets(arguments.out / "streets.osm", project)
    write_amap(arguments.out / "amap_poi.csv", facilities, project)
    write_facility_truth(arguments.out / "facility_truth.csv", facilities, project)
    walks = walks_from(compounds, facilities)
    both = zip(compounds, walks, strict=True)
    rows = [row for compound, own in both for row in score(compound, facilities, own)]
    write_rows(arguments.out / "truth.csv", rows)
    require_robust_walls(compounds, facilities)
    write_amap(arguments.out / "clinic.csv", [CLINIC], project)
    write_community(arguments.out / "community.geojson", project)
    write_rows(arguments.out / "clinic_truth.csv", scored(compounds, facilities))
    write_rows(arguments.out / "clinic_seconds.csv", seconds_to_health(compounds, facilities))
    if arguments.check:
        worst = check_closed_form(300, random.Random(SEED + 1))
        print(f"closed form against Dijkstra: largest difference {worst:.9f} m")
        require(worst < 1e-6, "the closed form is wrong")
        describe(compounds, facilities, project)


if __name__ == "__main__":
    main()
