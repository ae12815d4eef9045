"""What tables carry survives a join where they agree, and is refused where it does not."""

import copy

import geopandas as gpd
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, QuarterhourWarning
from quarterhour.places.carried import Source, joined_note, plain_record
from quarterhour.scoring.manifest import describe_table

LON, LAT = 116.3, 39.9


def read(tmp_path, name, rows, datum="gcj02", columns="lon,lat"):
    path = tmp_path / f"{name}.csv"
    lines = [f"{LON + 0.001 * i},{LAT}" for i in range(rows)]
    path.write_text("\n".join([f"{columns},name", *(f"{line},店" for line in lines)]), "utf-8")
    return qh.read_facilities(path, datum=datum)


def test_tables_of_one_datum_stay_declared_when_they_are_joined(tmp_path):
    north, south = read(tmp_path, "north", 2), read(tmp_path, "south", 3)
    both = pd.concat([north, south], ignore_index=True)
    assert both.attrs["datum"] == "wgs84"
    assert both.attrs["declared_datum"] == "gcj02"
    said = describe_table(both)
    assert "Of its 5 rows 2 were read from" in said["notes"][-1]
    assert said["source"].endswith("north.csv")
    assert type(said["source"]) is str
    assert describe_table(north)["notes"] == north.attrs["notes"], "read alone: nothing to add"


def test_what_differs_or_is_lost_is_refused(tmp_path):
    one = read(tmp_path, "one", 2)
    bare = gpd.GeoDataFrame(geometry=one.geometry.to_numpy(), crs=4326)
    for other in (read(tmp_path, "two", 2, "bd09"), read(tmp_path, "three", 2, "wgs84"), bare):
        both = pd.concat([one, other], ignore_index=True)
        assert "datum" not in both.attrs
        with pytest.raises(DatumError, match=r"call declare_datum\(joined"):
            qh.nearest(both.iloc[:1], both, streets(one))


def test_whose_data_it_is_must_be_the_same(tmp_path):
    one, two = read(tmp_path, "one", 2), read(tmp_path, "two", 2)
    two.attrs["attribution"] = "© City"
    assert "datum" not in pd.concat([one, two]).attrs


def test_rows_left_out_of_one_part_are_not_taken_for_those_of_all(tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text(f"lon,lat,name\n{LON},{LAT},a\n,,b\n", "utf-8")
    with pytest.warns(QuarterhourWarning, match="1 rows"):
        gaps = qh.read_facilities(path, datum="gcj02")
    both = pd.concat([read(tmp_path, "whole", 2), gaps], ignore_index=True)
    assert "rows left out) is known of" in describe_table(both)["notes"][-1]


def test_two_readings_are_told_apart_where_it_matters(tmp_path):
    """The houses of one file, the areas of another: no "one file is in one datum"."""
    one, two = read(tmp_path, "one", 2), read(tmp_path, "two", 2)
    assert str(one.attrs["source"]) != str(two.attrs["source"])
    assert plain_record(one.attrs) != plain_record(two.attrs)


def test_a_source_is_a_text_beside_texts():
    source = Source("a.csv", 3)
    assert source == "a.csv"
    assert source != "b.csv"
    assert {source: 1}["a.csv"] == 1
    assert copy.deepcopy(source).rows == 3
    assert plain_record({"source": source}) != plain_record({"source": Source("b.csv", 3)})


def test_a_scenario_that_adds_a_place_joins_nothing():
    table = worlds.points((107, 130), (500, 300), item=["shop", "bank"])
    table.attrs["source"] = Source("places.csv", 2)
    areas = worlds.squares((120, 120), size=60.0)
    lines = worlds.checklist(worlds.item("shop"), worlds.item("bank"))
    card = qh.assess(areas, table, worlds.grid_world(), lines)
    plan = qh.Scenario([qh.AddFacility((300.0, 300.0), "shop", crs=worlds.CRS)])
    after = qh.scenario(card, plan)
    assert len(after.facilities) == 3
    assert joined_note(after.facilities) is None


def streets(places):
    crs = places.estimate_utm_crs()
    x, y = places.to_crs(crs).geometry.iloc[0].coords[0]
    lines = gpd.GeoSeries.from_wkt([f"LINESTRING ({x - 500} {y}, {x + 500} {y})"], crs=crs)
    return qh.WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=lines))
