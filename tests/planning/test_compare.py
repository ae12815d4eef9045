"""Two scorecards side by side: who gained, who lost, what turned and why."""

from __future__ import annotations

import numpy as np
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

CRS = worlds.CRS


def street(homes: dict[str, float], shops: dict[str, float], **columns: object) -> qh.Scorecard:
    """Homes of 100 residents, pharmacies with a limit of ten minutes, 3 km of street."""
    network = worlds.network_of(*([(x, 0), (x + 500, 0)] for x in range(0, 3000, 500)))
    at = [(x, 0) for x in homes.values()]
    areas = worlds.points(*at, index=list(homes), name=list(homes), residents=100.0)
    areas = areas.assign(**columns)
    shops_at = [(x, 0) for x in shops.values()]
    facilities = worlds.points(*shops_at, index=list(shops), name=list(shops), item="pharmacy")
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    items = worlds.item("pharmacy", limit_minutes=10), worlds.item("park", group="h")
    return qh.assess(areas, facilities, network, worlds.checklist(*items))


def test_a_move_gives_to_some_and_takes_from_others():
    card = street({"w": 100, "e": 2900}, {"a": 0})
    after = qh.scenario(card, qh.MoveFacility("a", (3000.0, 0.0), crs=CRS))
    found = qh.compare(card, after)
    assert found.areas[["gained", "lost"]].to_numpy().tolist() == [[0, 100], [100, 0]]
    assert found.items.loc["pharmacy"].tolist() == [100, 100, 1, 1]
    assert found.groups.loc["g"].tolist() == [100, 100]
    assert found.groups.loc["h"].tolist() == [0, 0]
    assert found.measure == "residents"
    turned = found.turned.set_index("area")
    assert turned.loc["e", ["status_before", "status"]].tolist() == ["unmet", "met"]
    assert turned["why"].tolist() == ["facility_changed", "facility_changed"]
    assert "1 turned met, 1 met no more; 100 residents gained an item, 100 lost one" in repr(found)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (qh.AddFacility((200.0, 0.0), "pharmacy", crs=CRS), "new_facility"),
        (qh.CloseFacility("b"), "facility_gone"),
        (qh.ChangeItem("pharmacy", {"limit_minutes": 20}), "limit_changed"),
        (qh.ChangeWalker("elderly", speed_kmh=9), "shorter_walk"),
        (qh.ChangeWalker("elderly", speed_kmh=2), "longer_walk"),
    ],
)
def test_why_an_answer_turned(change, why):
    shops = {"a": 1000, "b": 1200} if why in {"facility_gone"} else {"a": 1000}
    home = {"facility_gone": 1900, "longer_walk": 500}.get(why, 0)
    card = street({"w": home}, shops)
    found = qh.compare(card, qh.scenario(card, change))
    assert found.turned["why"].tolist() == [why]
    back = qh.compare(qh.scenario(card, change), card)
    assert back.items["lost"].tolist() == found.items["gained"].tolist()


def test_residences_are_counted_where_residents_are_not_known():
    card = street({"w": 100, "e": 2900}, {"a": 0}, residents=[100.0, np.nan])
    after = qh.scenario(card, qh.AddFacility((3000.0, 0.0), "pharmacy", crs=CRS))
    found = qh.compare(card, after)
    assert (found.measure, found.items.loc["pharmacy", "gained"]) == ("residences", 1)


def test_other_areas_are_matched_by_label_and_the_rest_is_told():
    one = street({"w": 100, "e": 2900}, {"a": 0})
    two = street({"e": 2900, "n": 10}, {"b": 3000})
    found = qh.compare(one, two)
    assert found.measure == "residents"  # the homes of e are the same in both
    assert found.areas.index.tolist() == ["e"]
    assert found.areas["gained"].tolist() == [100]
    assert found.unmatched.to_numpy().tolist() == [["area", "w", "before"], ["area", "n", "after"]]
    with pytest.raises(InputError, match="no area in common"):
        qh.compare(one, street({"x": 10}, {"b": 0}))


def test_a_home_in_two_areas_counts_once_in_sums():
    areas = worlds.squares((100, 0), (110, 0), size=150, index=["c", "d"], residents=80.0)
    shop = worlds.points((2900, 0), index=["a"], name="a", item="pharmacy")
    for table in (areas, shop):
        table.attrs["datum"] = "wgs84"
    network = worlds.network_of([(0, 0), (3000, 0)])
    homes = worlds.squares((100, 5))
    homes.attrs["datum"] = "wgs84"
    items = worlds.checklist(worlds.item("pharmacy", limit_minutes=10))
    origins = qh.origins(areas.assign(area_kind="community"), homes)
    card = qh.assess(areas, shop, network, items, origins=origins)
    after = qh.scenario(card, qh.AddFacility((100.0, 0.0), "pharmacy", crs=CRS))
    found = qh.compare(card, after)
    assert found.areas["gained"].tolist() == [80, 80]
    assert found.items["gained"].tolist() == [80]


def test_nothing_changed_is_nothing_turned():
    card = worlds.new_town()
    found = qh.compare(card, card)
    assert found.turned.empty
    assert found.items[["gained", "lost"]].to_numpy().sum() == 0
    assert (found.pairs["why"] == "").all()
