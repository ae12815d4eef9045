"""Areas and facilities the wrong way round are refused."""

from __future__ import annotations

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, InputError
from quarterhour.places.datum import check_datum

NETWORK = worlds.line_world()
LIST = worlds.checklist(worlds.item("shop"))


def test_exchanged_tables_are_refused():
    areas = worlds.points((100, 0), residents=100.0)
    shops = worlds.points((400, 0), item="shop")
    with pytest.raises(InputError, match="exchanged"):
        qh.assess(shops, areas, NETWORK, LIST)
    assert qh.assess(areas, shops, NETWORK, LIST).results["status"].tolist() == ["met"]


def test_areas_with_tags_of_facilities_are_areas():
    areas = worlds.points((100, 0), residents=100.0, shop="")
    shops = worlds.points((400, 0), item="shop", residents=0.0)
    assert qh.assess(areas, shops, NETWORK, LIST).results["status"].tolist() == ["met"]


def test_the_directory_holds_where_every_area_has_everything():
    areas = worlds.points((100, 0), residents=100.0)
    shops = worlds.points((400, 0), item="shop")
    found = qh.service_directory(qh.assess(areas, shops, NETWORK, LIST))
    assert found["implied"].tolist() == [False]
    assert found["minutes"].tolist() == pytest.approx([4.0])


def test_a_joined_table_says_how_to_mend_it():
    joined = worlds.points((116.39, 39.90), crs=4326)
    with pytest.raises(DatumError, match="concat drops the declaration"):
        check_datum(joined, "facilities")
