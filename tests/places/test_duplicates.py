from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import MultiPoint, Point, box

from quarterhour.errors import InputError
from quarterhour.places.duplicates import duplicates_of, merge_duplicates


def places(*rows: dict[str, object], crs: object = 32650) -> gpd.GeoDataFrame:
    geometry = [row.pop("at") for row in rows]
    points = [Point(at, 0) if isinstance(at, int | float) else at for at in geometry]
    return gpd.GeoDataFrame(list(rows), geometry=points, crs=crs)


def test_the_same_name_nearby_is_one_place() -> None:
    table = places(
        {"name": "好邻居便利店(东门店)", "typecode": "060200", "at": 0.0},
        {"name": "好邻居便利店（东门店）", "typecode": "060201", "tel": "12", "at": 30.0},
        {"name": "好邻居便利店(西门店)", "typecode": "060200", "at": 20.0},
        {"name": "好邻居便利店(东门店)", "typecode": "060200", "at": 90.0},
    )
    merged = merge_duplicates(table)
    assert merged.facilities.index.tolist() == [1, 2, 3]
    assert merged.facilities.loc[1, "typecode"] == "060201|060200"
    row = merged.report.iloc[0]
    assert (row["facility"], row["kept"], row["reason"], row["distance_m"]) == (
        0, 1, "duplicate", 30.0,
    )  # fmt: skip
    assert len(merged.report) == 1
    assert "tel" in table.columns
    assert len(table) == 4
    pd.testing.assert_frame_equal(duplicates_of(table), merged.report)


def test_what_the_kept_row_lacks_is_taken_over() -> None:
    table = places(
        {"name": "和平药店", "tel": "1", "item": "pharmacy", "hours": None, "at": 0.0},
        {"name": "和平 药店", "tel": None, "item": "laundry", "hours": "9-18", "at": 5.0},
    )
    only = merge_duplicates(table).facilities.iloc[0]
    assert (only["tel"], only["hours"]) == ("1", "9-18")
    assert set(only["item"].split("|")) == {"pharmacy", "laundry"}


def test_contradictions_keep_places_apart() -> None:
    table = places(
        {"name": "中国银行", "amenity": "bank", "at": 0.0},
        {"name": "中国银行", "amenity": "atm", "at": 3.0},
        {"name": "阳光", "typecode": "060200", "at": 100.0},
        {"name": "阳光", "typecode": "120302", "at": 103.0},
        {"name": "市场站", "railway": "tram_stop", "at": 150.0},
        {"name": "市场站", "place": "square", "at": 150.0},
        {"name": None, "amenity": "bench", "at": 200.0},
        {"name": None, "amenity": "bench", "at": 200.0},
    )
    assert merge_duplicates(table).report.empty


def test_a_polygon_is_kept_over_its_point() -> None:
    table = places(
        {"name": "人民公园", "leisure": "park", "operator": "city", "at": Point(90, 90)},
        {"name": "人民公园", "leisure": "park", "operator": None, "at": box(0, 0, 100, 100)},
    )
    merged = merge_duplicates(table)
    assert merged.facilities.geometry.iloc[0].geom_type == "Polygon"
    assert merged.facilities["operator"].tolist() == ["city"]


def test_an_entrance_goes_to_its_place() -> None:
    table = places(
        {"name": "东升图书馆", "typecode": "140500", "at": 0.0},
        {"name": "东升图书馆东门", "typecode": "991000", "at": 60.0},
        {"name": "东升图书馆(西门)", "typecode": "991000", "at": -60.0},
        {"name": "东升图书馆停车场", "typecode": "150904", "at": 80.0},
        {"name": "东升图书馆停车场入口", "typecode": "150907", "at": 85.0},
        {"name": "远处东门", "typecode": "991000", "at": 70.0},
    )
    merged = merge_duplicates(table)
    assert merged.facilities["name"].tolist() == ["东升图书馆", "东升图书馆停车场", "远处东门"]
    assert merged.report["reason"].tolist() == ["entrance"] * 3
    doors = merged.facilities["entrances"]
    assert doors.loc[0].equals(MultiPoint([(60, 0), (-60, 0)]))
    assert doors.loc[3].equals(MultiPoint([(85, 0)]))
    assert doors.loc[5] is None


def test_known_entrances_stay() -> None:
    table = places(
        {"name": "馆", "at": 0.0},
        {"name": "馆南门", "at": 10.0},
    )
    table["entrances"] = gpd.GeoSeries([MultiPoint([(1, 1)]), None], crs=table.crs)
    doors = merge_duplicates(table).facilities["entrances"].loc[0]
    assert len(doors.geoms) == 2


def test_degrees_are_measured_in_metres() -> None:
    table = gpd.GeoDataFrame(
        {"name": ["药店", "药店", "药店"]},
        geometry=[Point(116.3, 40.0), Point(116.3003, 40.0), Point(116.31, 40.0)],
        crs=4326,
    )
    merged = merge_duplicates(table)
    assert merged.facilities.index.tolist() == [0, 2]
    assert merged.report["distance_m"].tolist() == pytest.approx([25.6], abs=0.2)
    assert merged.facilities.crs == table.crs


def test_tables_that_cannot_be_merged() -> None:
    with pytest.raises(InputError, match="no CRS"):
        merge_duplicates(places({"name": "a", "at": 0.0}, crs=None))
    table = places({"name": "a", "at": 0.0}, {"name": "a", "at": 1.0})
    with pytest.raises(InputError, match="more than once"):
        merge_duplicates(table.set_index(pd.Index([1, 1])))
    empty = merge_duplicates(places({"name": "a", "at": 0.0}).iloc[:0])
    assert empty.facilities.empty
    assert empty.report.empty


def test_the_synthetic_town_is_merged_as_its_truth_says(samples: Path) -> None:
    folder = samples / "new-town"
    with (folder / "facility_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        truth = {row["id"]: row for row in csv.DictReader(file)}
    poi = pd.read_csv(folder / "amap_poi.csv", dtype=str, encoding="utf-8-sig")
    poi = poi.drop_duplicates("id").set_index("id")
    lon = [float(truth[label]["lon_wgs84"]) for label in poi.index]
    lat = [float(truth[label]["lat_wgs84"]) for label in poi.index]
    table = gpd.GeoDataFrame(poi, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    report = merge_duplicates(table).report
    merged = report[report["reason"] == "duplicate"]
    found = {frozenset(pair) for pair in zip(merged["facility"], merged["kept"], strict=True)}
    said = {
        frozenset((label, row["duplicate_of"]))
        for label, row in truth.items()
        if row["duplicate_of"] and label in poi.index
    }
    assert found == said


def test_which_row_is_kept_does_not_hang_on_the_order_of_the_rows() -> None:
    rows: list[dict[str, object]] = [
        {"name": "和平药店", "tel": tel, "at": 5.0 * k} for k, tel in enumerate(("3", "1", "2"))
    ]
    table = places(*rows).set_axis(["p3", "p1", "p2"])
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        merged = merge_duplicates(table.iloc[order])
        assert merged.facilities.index.tolist() == ["p1"]
        assert set(merged.report["facility"]) == {"p2", "p3"}
    mixed = duplicates_of(table.set_axis(["p3", 7, "p2"]))
    assert set(mixed["kept"]) == {7}
