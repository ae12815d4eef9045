"""Facilities of two sources: what both list is one place, with the evidence of both."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

import quarterhour as qh
from quarterhour.errors import DatumError, InputError
from worlds import checklist, item, network_of, squares

OSM = {
    "node/1": ("Corner Shop", "shop", "convenience", 0),
    "node/2": ("Blue Door Cafe", "amenity", "cafe", 100),
    "node/3": ("First Bank", "amenity", "bank", 200),
    "node/4": ("City Pharmacy", "amenity", "pharmacy", 300),
    "node/5": ("Mario's", "amenity", "restaurant", 400),
    "node/6": (None, "amenity", "bench", 500),
    "node/7": ("Station", "railway", "station", 600),
    "node/8": ("Dollar House", "shop", "variety_store", 700),
}
OVERTURE = {
    "p1": ("CORNER SHOP", "shop", "yes", 20),  # a shop of some kind: the same
    "p2": ("Blue Door Cafe", "amenity", "restaurant", 110),  # kin
    "p3": ("First Bank", "amenity", "atm", 203),  # another kind: two places
    "p4": ("City Pharmacy", "amenity", "pharmacy", 390),  # too far
    "p5": ("Marios", "amenity", "restaurant", 405),
    "p6": ("Luigi's", "amenity", "restaurant", 400),
    "p7": (None, "amenity", "bench", 500),  # nameless: nobody knows
    "p8": ("Corner Shop", "shop", "convenience", 30),  # of two the one with the same tags
}
KNOWN = {"node/1": "p8", "node/2": "p2", "node/5": "p5"}


def table(rows: dict[str, tuple[str | None, str, str, int]], whose: str) -> gpd.GeoDataFrame:
    told = [{"name": name, key: value} for name, key, value, _ in rows.values()]
    where = [Point(x, 10) for *_, x in rows.values()]
    found = gpd.GeoDataFrame(told, index=list(rows), geometry=where, crs=32650)
    found.attrs = {"datum": "wgs84", "attribution": whose, "notes": [f"{len(rows)} rows"]}
    return found


@pytest.fixture
def pair() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    second = table(OVERTURE, "© OpenStreetMap contributors, © Overture Maps Foundation, Meta")
    second["confidence"] = np.linspace(0.3, 1.0, len(second))
    return table(OSM, "osm"), second


def test_known_pairs_are_found_and_no_other(
    pair: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    merged = qh.merge_places(*pair)
    places = merged.facilities
    assert places["also"].dropna().to_dict() == KNOWN
    alone = [label for label in OVERTURE if label not in KNOWN.values()]
    assert places.index.tolist() == [*OSM, *alone]
    assert dict(zip(merged.report["kept"], merged.report["facility"], strict=True)) == KNOWN
    assert merged.report.set_index("kept")["distance_m"].to_dict() == {
        "node/1": 30.0, "node/2": 10.0, "node/5": 5.0,
    }  # fmt: skip
    notes = " ".join(places.attrs["notes"])
    assert "3 places are in both tables, 5 in the first alone, 5 in the second alone" in notes
    assert "1 pairs have one name and stand together, but are of other kinds" in notes
    assert places.attrs["attribution"] == (
        "© OpenStreetMap contributors, © Overture Maps Foundation, Meta"
    )
    assert places.attrs["datum"] == "wgs84"


def test_the_evidence_of_both_is_kept(pair: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    before = [one.copy() for one in pair]
    places = qh.merge_places(*pair).facilities
    assert places.loc["node/2", "amenity"] == "cafe;restaurant"
    assert places.loc["node/1", "shop"] == "convenience"
    assert places.loc["node/1", "name"] == "Corner Shop"
    assert places.loc["node/1", "confidence"] == pair[1].loc["p8", "confidence"]
    assert np.isnan(places.loc["node/4", "confidence"])
    for was, now in zip(before, pair, strict=True):
        pd.testing.assert_frame_equal(was, now)


def test_an_area_says_more_than_a_point_and_other_crs_are_converted() -> None:
    park = {"name": ["West Park"], "leisure": ["park"]}
    one = gpd.GeoDataFrame(park, index=["w"], geometry=[Point(100, 100)], crs=32650)
    two = gpd.GeoDataFrame(park, index=["o"], geometry=[box(90, 90, 190, 190)], crs=32650)
    merged = qh.merge_places(one, two.to_crs(4326)).facilities
    assert len(merged) == 1
    assert merged.crs == one.crs
    assert merged.geometry.iloc[0].area == pytest.approx(10_000, rel=1e-6)
    assert len(qh.merge_places(one, two.iloc[:0]).facilities) == 1
    assert len(qh.merge_places(one.iloc[:0], two).facilities) == 1


def test_each_place_has_one_partner_at_most() -> None:
    many = {f"a{n}": ("Kiosk", "shop", "kiosk", 4 * n) for n in range(5)}
    few = {"b0": ("Kiosk", "shop", "kiosk", 9), "b1": ("Kiosk", "shop", "kiosk", 0)}
    merged = qh.merge_places(table(many, "osm"), table(few, "© B"))
    assert merged.facilities["also"].dropna().to_dict() == {"a0": "b1", "a2": "b0"}
    assert len(merged.facilities) == 5


def test_a_merged_place_counts_once_and_serves_what_either_says(
    pair: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    asked = checklist(
        item("eat", osm=("amenity=restaurant",), at_least=2),
        item("coffee", osm=("amenity=cafe",)),
        item("shop", osm=("shop=convenience",), at_least=2),
    )
    streets, areas = network_of([(-100, 0), (900, 0)]), squares((0, 0), residents=10.0, name="a")
    first, second = pair
    card = qh.assess(areas, qh.merge_places(first, second).facilities, streets, asked)
    served = card.matches.groupby("item")["facility"].agg(list).to_dict()
    assert served["eat"] == ["node/2", "node/5", "p6"]
    assert served["coffee"] == ["node/2"]
    assert served["shop"] == ["node/1"]
    alone = qh.assess(areas, first, streets, asked)
    assert alone.matches.groupby("item")["facility"].agg(list)["eat"] == ["node/5"]


def test_a_place_of_two_sources_is_surer() -> None:
    streets, areas = network_of([(-100, 0), (900, 0)]), squares((0, 0), residents=10.0, name="a")
    asked = checklist(item("shop", osm=("shop=convenience",), kind="commercial"))
    one = table({"node/1": ("Corner Shop", "shop", "convenience", 400)}, "osm")
    two = table({"p1": ("Corner Shop", "shop", "convenience", 410)}, "© B")
    sources = [qh.ClosedPlaces(0.1, 0.1, open_by_confidence=((1.0, 60, 100),))]

    def there(places: gpd.GeoDataFrame) -> float:
        card = qh.assess(areas, places, streets, asked, surveyed="all")
        return float(qh.uncertainty(card, 3000, sources=sources).results["p_met"].iloc[0])

    assert there(two.assign(confidence=0.5)) == pytest.approx(61 / 102, abs=0.03)
    both = qh.merge_places(one, two.assign(confidence=0.5)).facilities
    assert there(both) == pytest.approx(0.9, abs=0.02)


def test_what_cannot_be_merged_is_said(pair: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    first, second = pair
    with pytest.raises(InputError, match="8 labels are in both tables, such as 'node/1'"):
        qh.merge_places(first, first)
    with pytest.raises(
        InputError, match=r"The second table of facilities has the label .* more than once"
    ):
        qh.merge_places(first, pd.concat([second, second.iloc[:1]]))
    with pytest.raises(InputError, match="The first table of facilities has no CRS"):
        qh.merge_places(first.set_crs(None, allow_override=True), second)
    moved = second.copy()
    moved.attrs["datum"] = "gcj02"
    with pytest.raises(DatumError, match="The first table is in wgs84 and the second in gcj02"):
        qh.merge_places(first, moved)


def test_real_facilities_find_their_doubles_again(samples: Path) -> None:
    """Of an extract's named places some are listed again, some metres off and by other tags."""
    first = qh.read_osm(samples / "helsinki.osm.pbf").facilities
    named = first[first["name"].notna() & (first["shop"].notna() | first["amenity"].notna())]
    again = named.sample(300, random_state=17)
    rng = np.random.default_rng(17)
    spots = again.geometry.representative_point()
    moved = gpd.GeoSeries(
        [Point(p.x + dx, p.y + dy) for p, (dx, dy) in zip(spots, rng.normal(0, 8, (300, 2)),
                                                          strict=True)],
        index=again.index, crs=first.crs,
    )  # fmt: skip
    second = gpd.GeoDataFrame(
        {"name": again["name"].str.upper(), "confidence": 0.9, "shop": again["shop"].notna()},
        geometry=moved,
    ).set_axis("p/" + again.index)
    second["shop"] = np.where(second["shop"], "yes", None)
    second["amenity"] = again["amenity"].to_numpy()
    merged = qh.merge_places(first, second)
    found = merged.report
    same_name = first["name"].str.upper()
    right = [
        "p/" + kept == gone or same_name[kept] == second.loc[gone, "name"]
        for kept, gone in zip(found["kept"], found["facility"], strict=True)
    ]
    assert all(right)
    assert len(found) >= 290
    assert len(merged.facilities) == len(first) + 300 - len(found)
