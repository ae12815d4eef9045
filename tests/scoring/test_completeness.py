from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import Point

from quarterhour.errors import InputError
from quarterhour.scoring.completeness import completeness
from quarterhour.standards.checklist import Checklist


def shops(count: int) -> gpd.GeoDataFrame:
    points = [Point(number, 0) for number in range(count)]
    table = {"typecode": ["060200"] * count, "name": ["便利店"] * count}
    return gpd.GeoDataFrame(table, geometry=points, crs=32650)


@pytest.fixture
def beijing() -> Checklist:
    return Checklist.load("beijing-2011")


def test_no_post_office_is_told_from_no_data(beijing: Checklist) -> None:
    # 15,000 residents: 27 shops and about one post office would be usual.
    table = completeness(shops(25), beijing, residents=15_000)
    assert table.loc["convenience_store", "expected"] == pytest.approx(27.0, abs=0.1)
    assert table.loc["convenience_store", "verdict"] == "plausible"
    assert table.loc["postal_outlet", "expected"] == pytest.approx(1.0, abs=0.1)
    assert table.loc["postal_outlet", "verdict"] == "cannot tell"
    assert table.loc["food_market", "verdict"] == "likely missing from the data"
    assert table.loc["barber_shop", "verdict"] == "cannot tell"
    assert table["expected"].isna().sum() == 27


def test_a_city_without_post_offices_is_a_gap_in_the_data(beijing: Checklist) -> None:
    table = completeness(shops(25), beijing, residents=150_000)
    assert table.loc["postal_outlet", "verdict"] == "likely missing from the data"
    assert table.loc["convenience_store", "verdict"] == "fewer than expected"
    assert table.loc["convenience_store", "chance"] < 0.001


def test_the_area_stands_for_residents(beijing: Checklist) -> None:
    table = completeness(shops(25), beijing, area_km2=0.9)
    assert table.loc["convenience_store", "expected"] == pytest.approx(27.0, abs=0.1)
    assert "guessing 16,667 residents per km²" in table.loc["convenience_store", "basis"]


def test_sizes_that_make_no_sense(beijing: Checklist) -> None:
    with pytest.raises(InputError, match="Give residents= or area_km2="):
        completeness(shops(1), beijing)
    with pytest.raises(InputError, match="residents must be above 0; found -5"):
        completeness(shops(1), beijing, residents=-5)
