"""The plan of the synthetic new town: compounds, gates, houses, and facilities on the ground."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import new_town_facilities as tables
from new_town_grid import RIVER, XS, YS, nearest_street, place_on

T = TypeVar("T")
WALL_SETBACK_M = 30.0
GATE_SIDES = {"N": "北门", "S": "南门", "E": "东门", "W": "西门"}

STREETS = {  # name, English name, highway value, more tags
    "h0": ("南环路", "South Ring Road", "tertiary", {}),
    "h1": ("杏林路", "Xinglin Road", "residential", {}),
    "h2": ("南湖路", "Nanhu Road", "secondary", {"sidewalk": "both"}),
    "h3": ("滨河南路", "Binhe South Road", "residential", {}),
    "h4": ("滨河北路", "Binhe North Road", "residential", {}),
    "h5": ("云河大街", "Yunhe Avenue", "primary", {"sidewalk": "both", "lanes": "6"}),
    "h6": ("新华街", "Xinhua Street", "secondary", {"sidewalk": "both"}),
    "h7": ("学府街", "Xuefu Street", "tertiary", {}),
    "h8": ("北环路", "North Ring Road", "tertiary", {}),
    "v0": ("西环路", "West Ring Road", "tertiary", {}),
    "v1": ("槐花巷", "Huaihua Lane", "living_street", {}),
    "v2": ("建设路", "Jianshe Road", "secondary", {"sidewalk": "both"}),
    "v3": ("菜园街", "Caiyuan Street", "residential", {}),
    "v4": ("云桥路", "Yunqiao Road", "primary", {"sidewalk": "both", "lanes": "4"}),
    "v5": ("和平巷", "Heping Lane", "residential", {"oneway": "yes"}),
    "v6": ("朝阳路", "Chaoyang Road", "secondary", {"sidewalk": "both"}),
    "v7": ("银杏巷", "Yinxing Lane", "unclassified", {}),
    "v8": ("东环路", "East Ring Road", "tertiary", {}),
}

# name, English name, block (column, row), residents, floors (low, high), gates (side, fraction)
COMPOUNDS = (
    ("云河家园", "Yunhe Jiayuan", (3, 4), 32_400, (18, 26), (("N", 0.3), ("E", 0.6), ("W", 0.5))),
    ("阳光花园", "Yangguang Huayuan", (2, 4), 9_800, (11, 18), (("N", 0.5), ("S", 0.5))),
    ("翠湖嘉园", "Cuihu Jiayuan", (4, 4), 8_600, (11, 16), (("W", 0.7), ("N", 0.5))),
    ("锦绣华庭", "Jinxiu Huating", (5, 5), 7_200, (11, 15), (("N", 0.5),)),
    ("梧桐苑", "Wutong Yuan", (1, 6), 5_600, (6, 11), (("W", 0.4), ("N", 0.5))),
    ("书香里", "Shuxiang Li", (3, 6), 11_500, (6, 11), (("N", 0.3), ("N", 0.75))),
    ("和平里小区", "Hepingli", (5, 2), 6_400, (6, 11), (("S", 0.5), ("E", 0.5))),
    ("杏林小区", "Xinglin", (0, 1), 2_300, (4, 6), (("W", 0.5),)),
    ("松园", "Song Yuan", (7, 0), 2_100, (3, 6), (("W", 0.5),)),
    ("柳岸新居", "Liu'an Xinju", (4, 2), 5_200, (6, 11), (("N", 0.5), ("W", 0.3))),
    ("银杏苑", "Yinxing Yuan", (7, 7), 3_400, (4, 8), (("S", 0.5), ("E", 0.5))),
    (
        "南湖雅居",
        "Nanhu Yaju",
        (2, 1),
        6_800,
        (6, 11),
        (("N", 0.5), ("E", 0.4), ("S", 0.3), ("W", 0.5)),
    ),
)


@dataclass(frozen=True)
class Facility:
    name: str
    typecode: str
    items: frozenset[str]
    bait: frozenset[str]
    x: float
    y: float
    street: str
    id: str = ""
    duplicate_of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Compound:
    name: str
    en: str
    residents: int
    ring: tuple[tuple[float, float], ...]
    gates: tuple[tuple[str, float, float], ...]  # side, x, y
    buildings: tuple[tuple[int, int, int, int, int], ...]  # west, south, width, depth, levels


def make_compound(spec: tuple, rng: random.Random) -> Compound:
    """Build one compound: its wall, its gates on the wall, and slabs of flats inside."""
    name, en, (column, row), residents, (low, high), gates = spec
    west, east = XS[column] + WALL_SETBACK_M, XS[column + 1] - WALL_SETBACK_M
    south, north = YS[row] + WALL_SETBACK_M, YS[row + 1] - WALL_SETBACK_M
    cut = 24.0 if residents > 6_000 else 0.0  # the larger ones have a bevelled corner
    ring = [(west, south), (east, south), (east, north - cut), (east - cut, north), (west, north)]
    placed = []
    for side, fraction in gates:
        gx, gy = west + fraction * (east - west), south + fraction * (north - south)
        placed.append(
            {
                "N": (side, gx, north),
                "S": (side, gx, south),
                "E": (side, east, gy),
                "W": (side, west, gy),
            }[side]
        )
    buildings = []
    width, depth = (46, 14) if high <= 11 else (40, 16)
    gap_x, gap_y = 16, 26 if high <= 11 else 36
    y = int(south) + 26
    while y + depth <= north - 26:
        x = int(west) + 22
        while x + width <= east - 26:
            levels = low + int(rng.random() * (high - low + 1))
            buildings.append((x, y, width, depth, levels))
            x += width + gap_x
        y += depth + gap_y
    unique = tuple(dict.fromkeys(ring))
    return Compound(name, en, residents, unique, tuple(placed), tuple(buildings))


def make_facilities(rng: random.Random) -> list[Facility]:
    """Put every facility on the ground, then the duplicates, and give each an Amap id."""
    rows = [
        Facility(name, code, as_items(items), frozenset(), *place_on(*place), place[0])
        for name, code, items, place in tables.CIVIC
    ]
    rows += [
        Facility(
            name, code, as_items(items), as_items(bait), *place_on(*place), place[0], note="trap"
        )
        for name, code, items, bait, place in tables.TRAPS
    ]
    rows += [shop for item in tables.STRETCHES for shop in make_shops(item, rng)]
    rows += make_compound_points(rng)
    taken: set[str] = set()
    rows = [replace(f, id=amap_id(rng, taken)) for f in rows]
    return [*rows, *make_duplicates(rows, rng, taken)]


def as_items(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split("|") if part)


def make_shops(item: str, rng: random.Random) -> Iterable[Facility]:
    """Yield the shops of one kind: brand and branch, some way along a stretch, off the street."""
    used: set[str] = set()
    for (street, start, end), number in tables.STRETCHES[item].items():
        for _ in range(number):
            brand, code = pick(rng, tables.SHOPS[item])
            while True:
                along = round(start + rng.random() * (end - start), 2)
                offset = round((7 + 15 * rng.random()) * (1 if rng.random() < 0.5 else -1), 2)
                x, y = place_on(street, along, offset)
                crossings = XS if street[0] == "h" else YS
                if min(abs(along - c) for c in crossings) > 45 and not RIVER[0] < y < RIVER[1]:
                    break
            road = STREETS[street][0]
            name = f"{brand}({road}店)"
            if item == "financial_outlet":
                name = f"{brand}({road}支行)" if "ATM" not in brand else f"{brand}({road})"
            if name in used:
                name = name.replace(f"({road}", f"({road}第{len(used)}")
            used.add(name)
            yield Facility(name, code, as_items(item), frozenset(), x, y, street)


def make_compound_points(rng: random.Random) -> Iterable[Facility]:
    """Yield the rows Amap has for the compounds themselves: a point and a gate, no facility."""
    for spec in COMPOUNDS:
        compound = make_compound(spec, random.Random(0))  # only its gates are used
        side, x, y = compound.gates[0]
        dx, dy = {"N": (0, 6), "S": (0, -6), "E": (6, 0), "W": (-6, 0)}[side]
        street = nearest_street(x, y)
        note = "compound"
        none: frozenset[str] = frozenset()
        yield Facility(
            f"{compound.name}({GATE_SIDES[side]})",
            "991400",
            none,
            none,
            x + dx,
            y + dy,
            street,
            note=note,
        )
        along = round(4 * rng.random(), 2)
        yield Facility(compound.name, "120302", none, none, x + along, y + dy, street, note=note)


def make_duplicates(
    rows: list[Facility], rng: random.Random, taken: set[str]
) -> Iterable[Facility]:
    """Return the same places a second time, as POI tables have them: a little off, renamed."""
    real = [f for f in rows if f.items and not f.note]
    for number in range(24):
        first = pick(rng, real)
        real.remove(first)
        shift = round((3 + 8 * rng.random()) * (1 if rng.random() < 0.5 else -1), 2)
        dx, dy = (shift, 0.0) if first.street[0] == "h" else (0.0, shift)
        renamed = first.name.replace("(", "（").replace(")", "）")
        if number % 3 == 1:
            renamed = first.name.replace("店)", ")")
        elif number % 3 == 2:
            renamed = f"云河{first.name}" if "云河" not in first.name else first.name
        yield replace(
            first,
            name=renamed,
            x=round(first.x + dx, 2),
            y=round(first.y + dy, 2),
            id=amap_id(rng, taken),
            duplicate_of=first.id,
            note="duplicate",
        )


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """Pick one, from `random()` alone, whose sequence Python promises to keep."""
    return choices[int(rng.random() * len(choices))]


def amap_id(rng: random.Random, taken: set[str]) -> str:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    while True:
        code = "B0" + "".join(pick(rng, letters) for _ in range(8))
        if code not in taken:
            taken.add(code)
            return code
