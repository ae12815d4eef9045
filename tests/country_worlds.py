"""A country of one long street, small enough to be cut and assessed in a moment."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

import quarterhour as qh
from osm_worlds import STREET, box, node_xml, nodes, relation_xml, way_xml
from quarterhour.scoring.country.answering import card_of
from quarterhour.scoring.country.census import items_in
from quarterhour.scoring.question import Question
from worlds import checklist, item

LONG_M = 14_000
STEP_M = 200

QUESTION = Question.of(
    checklist(
        item(
            "food", osm=("shop=supermarket",), limit_minutes=6.0, kind="public", citation="made up"
        ),
        item(
            "pharmacy",
            osm=("amenity=pharmacy",),
            limit_minutes=2.0,
            kind="public",
            citation="made up",
        ),
        item("park", osm=("leisure=park",), limit_minutes=2.0, kind="public", citation="made up"),
        item(
            "hospital",
            osm=("amenity=hospital",),
            limit_minutes=2.0,
            kind="public",
            citation="made up",
        ),
    )
)
"""Six minutes are 450 m: a halo of 3.1 km is wide enough for it."""


def _streets() -> list[str]:
    """Two streets from west to east, joined every 400 m, and one that nothing joins."""
    xs = range(0, LONG_M + 1, STEP_M)
    places = {1 + k: (x, 0) for k, x in enumerate(xs)}
    places |= {1001 + k: (x, 400) for k, x in enumerate(xs)}
    north = STREET | {"sidewalk": "separate"}
    ways = []
    for k in range(1, len(xs)):
        ways.append(way_xml(10_000 + k, [k, k + 1], STREET | {"name": "Lange Straße"}))
        ways.append(way_xml(12_000 + k, [1000 + k, 1001 + k], north))
    ways += [way_xml(20 + k, [1 + k, 1001 + k], STREET) for k in range(0, len(xs), 2)]
    alone = {3001: (6000, 1500), 3002: (7500, 1500)}
    return [nodes(places | alone), *ways, way_xml(9, [3001, 3002], STREET)]


def _homes() -> list[str]:
    """Houses in rows along both streets, and some beside the street that nothing joins."""
    parts = []
    for k, x in enumerate(range(20, LONG_M, 70)):
        y = (10, 410)[k % 2] if 3000 < x < 11_000 else 10
        corners, ring = box(100_000 + 10 * k, x, y, x + 10, y + 10)
        parts += [corners, way_xml(1000 + k, ring, {"building": "house"})]
    for k in range(4):
        corners, ring = box(200_000 + 10 * k, 6100 + 300 * k, 1510, 6110 + 300 * k, 1520)
        parts += [corners, way_xml(5000 + k, ring, {"building": "house"})]
    return parts


def _land() -> list[str]:
    """Residential areas across every seam, one of them a relation; a wide park; shops."""
    parts = []
    for k, x in enumerate(range(1500, LONG_M, 1500)):
        corners, ring = box(300_000 + 10 * k, x - 130, 5, x + 140, 60)
        parts += [corners, way_xml(6000 + k, ring, {"landuse": "residential", "name": f"Hof {k}"})]
    outer, ring = box(400_000, 6700, 300, 7300, 500)
    hole, inner = box(400_010, 6950, 350, 7050, 390)
    members = [("w", 6500, "outer"), ("w", 6501, "inner")]
    parts += [outer, hole, way_xml(6500, ring, {}), way_xml(6501, inner, {})]
    land = {"type": "multipolygon", "landuse": "residential"}
    # a park of 2.4 km, which the street enters in the west alone; in the east a fence is beside it
    corners, ring = box(400_100, 8900, -300, 11_300, -20)
    parts += [corners, way_xml(6600, ring, {"leisure": "park"})]
    parts += [nodes({400_200: (8800, -150), 400_201: (9000, -150)})]
    parts += [way_xml(30_000, [45, 400_200, 400_201], STREET)]
    shops = [300, 3100, 7290, 11_100]
    parts += [node_xml(500_000 + k, x, 15, {"shop": "supermarket"}) for k, x in enumerate(shops)]
    parts.append(node_xml(600_000, 60, 15, {"amenity": "pharmacy"}))
    return [*parts, relation_xml(1, members, land)]


def country(folder: Path) -> Path:
    """Write the country, sorted by type and id as extracts are."""
    import re  # noqa: PLC0415

    text = "".join([*_streets(), *_homes(), *_land()])
    found = re.findall(r"<(node|way|relation) id=\"(\d+)\".*?</\1>", text)
    wholes = re.findall(r"<(?:node|way|relation) id=\"\d+\".*?</(?:node|way|relation)>", text)
    kinds = ["node", "way", "relation"]
    order = sorted(range(len(found)), key=lambda k: (kinds.index(found[k][0]), int(found[k][1])))
    path = folder / "country.osm"
    inside = "".join(wholes[k] for k in order)
    path.write_text(f'<osm version="0.6">{inside}</osm>', encoding="utf-8")
    return path


def uncut(path: Path, question: Question) -> qh.Scorecard:
    """Assess an extract as one."""
    city = qh.read_osm(path)
    data = gpd.GeoSeries([city.streets.extent], crs=city.streets.crs)
    homes = qh.origins(city.areas, city.buildings, city.gates, data=data)
    asked = (city.areas, city.facilities, city.streets, question.checklist)
    return qh.assess(*asked, origins=homes, pace=question.pace)


def cards_of(tiles: qh.Tiles, question: Question) -> list[qh.Scorecard]:
    """Give the scorecards of all tiles in which anybody lives."""
    here = [items_in(tiles.path(name), question) for name in tiles.names()]
    every = frozenset().union(*here)
    cards = [card_of(tiles, name, question, every) for name in tiles.names()]
    return [card for card in cards if card is not None]


def walks_of(card: qh.Scorecard) -> pd.DataFrame:
    """The seconds of every home to every item, by where the home is."""
    at = card.origins.geometry
    home = card.origins["area"].astype(str) + "@" + at.x.round(2).astype(str)
    home += "," + at.y.round(2).astype(str)
    times = card.times.assign(home=card.times["origin"].map(home))
    return times.set_index(["home", "item", "host"]).sort_index()


def differences(whole: qh.Scorecard, cards: list[qh.Scorecard]) -> list[str]:
    """Say in what tiles differ from the whole; nothing is what is wanted."""
    return [
        *_differences(
            whole.results.set_index(["area", "item"]),
            pd.concat([card.results for card in cards]).set_index(["area", "item"]),
            {"median_minutes": 1e-6 / 60, "worst_minutes": 1e-6 / 60, "share": 1e-9},
        ),
        *_walk_differences(walks_of(whole), pd.concat([walks_of(card) for card in cards])),
    ]


def _differences(one: pd.DataFrame, other: pd.DataFrame, close: dict[str, float]) -> list[str]:
    found = [f"{n} rows twice" for n in [int(other.index.duplicated().sum())] if n]
    found += [f"lacks {row}" for row in one.index.difference(other.index)]
    found += [f"has more: {row}" for row in other.index.difference(one.index)]
    if found:
        return found
    other = other.loc[one.index]
    for name in one.columns.intersection(other.columns):
        a, b = one[name], other[name]
        if name in close or a.dtype.kind == "f":
            same = ((a - b).abs() <= close.get(name, 1e-6)) | (a.isna() & b.isna())
        else:
            same = a.astype(object).fillna("-") == b.astype(object).fillna("-")
        found += [f"{name} of {row}: {a[row]}, {b[row]}" for row in one.index[~same]]
    return found


def _walk_differences(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """A tile that has nothing of an item has no rows of it."""
    strange = other.index.difference(one.index)
    both = one.index.intersection(other.index)
    a, b = one.loc[both, "seconds"], other.loc[both, "seconds"]
    same = ((a - b).abs() <= 1e-6) | (a.isna() & b.isna())
    found = [f"a walk more: {row}" for row in strange]
    found += [f"walk of {row}: {a[row]}, {b[row]}" for row in both[~same.to_numpy()]]
    lacking = one.loc[one.index.difference(other.index)]
    return found + [f"lacks the walk of {row}" for row in lacking.index[lacking["seconds"].notna()]]
