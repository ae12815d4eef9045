"""Rooms that OpenStreetMap calls vacant, as candidates for new places."""

from __future__ import annotations

from pathlib import Path

import pytest

import osm_worlds
import quarterhour as qh
from quarterhour.errors import InputError
from quarterhour.sources.osm.vacant import vacant_tag

STREET = osm_worlds.nodes({1: (0, 0), 2: (400, 0)}) + osm_worlds.way_xml(
    1, [1, 2], osm_worlds.STREET
)
ROOMS = {
    10: ({"shop": "vacant", "name": "old bakery"}, "shop=vacant"),
    11: ({"disused:shop": "books"}, "disused:shop=books"),
    12: ({"disused:shop": "books", "shop": "florist"}, ""),
    13: ({"demolished:shop": "books"}, ""),
    14: ({"construction:amenity": "school"}, ""),
    15: ({"shop": "no", "was:amenity": "bank"}, "was:amenity=bank"),
    16: ({"disused:highway": "bus_stop"}, ""),
    17: ({"shop": "books"}, ""),
}


def town(folder: Path, rooms: list[int]) -> Path:
    places = {osmid: (20.0 * osmid, 10.0) for osmid in rooms}
    tags = {f"n{osmid}": ROOMS[osmid][0] for osmid in rooms}
    return osm_worlds.write(folder, STREET, osm_worlds.nodes(places, **tags))


@pytest.mark.parametrize("osmid", ROOMS)
def test_what_says_that_a_room_is_empty(osmid):
    tags, told = ROOMS[osmid]
    assert vacant_tag(tags) == told


def test_vacant_rooms_are_read_with_what_they_were(tmp_path):
    rooms = qh.vacant_premises(town(tmp_path, list(ROOMS)))
    assert rooms["was"].to_dict() == {
        "node/10": "shop=vacant",
        "node/11": "disused:shop=books",
        "node/15": "was:amenity=bank",
    }
    assert rooms["name"].iloc[0] == "old bakery"
    assert rooms.crs.is_projected
    assert rooms.attrs["datum"] == "wgs84"


def test_a_vacant_room_becomes_a_pharmacy(tmp_path):
    path = town(tmp_path, [11, 17])
    city = qh.read_osm(path)
    homes = city.facilities.geometry.iloc[[0]]
    areas = homes.to_frame("geometry").assign(name="home", residents=100.0)
    areas.attrs["datum"] = "wgs84"
    card = qh.assess(areas, city.facilities, city.streets, "beijing-2011")
    plan = qh.site(card, "pharmacy", k=1, candidates=qh.vacant_premises(path))
    assert plan.sites["candidate"].tolist() == ["node/11"]
    assert plan.value == 100
    after = qh.scenario(card, plan.scenario)
    assert after.results.set_index("item").loc["pharmacy", "status"] == "met"


def test_a_town_without_a_vacant_room_says_so(tmp_path):
    with pytest.raises(InputError, match="calls no premises vacant"):
        qh.vacant_premises(town(tmp_path, [17]))
