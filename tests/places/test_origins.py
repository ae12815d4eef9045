"""Origins: who lives where in an area, and by which gate they leave it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

import worlds
from quarterhour.errors import InputError
from quarterhour.places.grids import GRID_M
from quarterhour.places.origins import GATE_REACH_M, origins


def table(*shapes, index=None, crs=worlds.CRS, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=crs)


def block(x, y, size=10.0):
    """A square building with its lower left corner at (x, y)."""
    return box(x, y, x + size, y + size)


AREA = box(0, 0, 200, 100)


# --- residences ---------------------------------------------------------------------------------


def test_residents_are_spread_by_floor_area():
    homes = table(block(10, 10), block(50, 10, 20), levels=[6.0, 3.0])
    found = origins(table(AREA, residents=[900]), homes)
    assert found["share"].tolist() == pytest.approx([600 / 1800, 1200 / 1800])
    assert found["residents"].tolist() == pytest.approx([300, 600])
    assert found["kind"].tolist() == ["building", "building"]
    assert found["way_out"].tolist() == ["open", "open"]
    assert [(p.x, p.y) for p in found.geometry] == [(15, 15), (60, 20)]
    assert "2 residential buildings by floor area" in found.attrs["notes"][0]
    assert "0 without levels" in found.attrs["notes"][0]


def test_unknown_levels_take_the_median_of_the_area_else_of_all():
    first, second = AREA, box(1000, 0, 1200, 100)
    homes = table(
        *(block(10 + 20 * k, 10) for k in range(4)),
        block(1010, 10),
        block(1030, 10),
        levels=[2.0, 4.0, 8.0, np.nan, np.nan, 0.0],
    )
    found = origins(table(first, second, residents=[1800, 100]), homes)
    assert found["residents"].tolist() == pytest.approx([200, 400, 800, 400, 50, 50])
    assert "3 without levels take the median" in found.attrs["notes"][0]


def test_without_any_levels_footprints_decide():
    found = origins(table(AREA), table(block(10, 10), block(50, 10, 30)))
    assert found["share"].tolist() == pytest.approx([0.1, 0.9])


def test_only_residential_buildings_count():
    homes = table(
        block(10, 10),
        block(40, 10),
        block(70, 10),
        residential=[True, False, False],
        maybe_residential=[False, False, True],
    )
    found = origins(table(AREA), homes)
    assert [p.x for p in found.geometry] == [15, 75]
    shops = table(block(10, 10), residential=[False])
    found = origins(table(AREA), shops)
    assert set(found["kind"]) == {"grid"}
    assert found.attrs["notes"][0] == "None of the buildings is residential."


def test_buildings_outside_and_on_shared_borders():
    west, east = box(0, 0, 100, 100), box(100, 0, 200, 100)
    homes = table(block(95, 40), block(300, 300), block(150, 40))
    found = origins(table(west, east, index=["w", "e"]), homes)
    assert found["area"].tolist() == ["w", "e"]
    assert found["share"].tolist() == [1, 1]


def test_an_angular_building_lies_within_itself():
    angle = Polygon([(10, 10), (60, 10), (60, 20), (20, 20), (20, 60), (10, 60)])
    found = origins(table(AREA), table(angle))
    assert shapely.intersects(angle, found.geometry.iloc[0])


def test_an_area_without_buildings_gets_a_grid():
    found = origins(table(AREA, box(1000, 0, 1010, 10), residents=[80, 5]))
    assert found["kind"].tolist() == ["grid"] * 9
    assert found["area"].tolist() == [0] * 8 + [1]
    assert found["residents"].tolist() == [10.0] * 8 + [5.0]
    first = found[found["area"] == 0]
    assert sorted(set(first.geometry.x)) == [25, 75, 125, 175]
    assert sorted(set(first.geometry.y)) == [25, 75]
    assert f"spread evenly over a {GRID_M:g} m grid" in found.attrs["notes"][-1]


def test_the_grid_is_fixed_in_the_plane():
    """Two neighbours cut from one area share its grid: no point falls twice or is lost."""
    whole = origins(table(AREA)).geometry
    halves = origins(table(box(0, 0, 100, 100), box(100, 0, 200, 100))).geometry
    assert sorted(whole.to_wkt()) == sorted(halves.to_wkt())


def test_a_point_area_is_its_own_origin():
    found = origins(table(Point(5, 6), AREA, residents=[40, 50]), table(block(10, 10)))
    assert found["kind"].tolist() == ["point", "building"]
    assert found["residents"].tolist() == [40, 50]
    assert (found.geometry.iloc[0].x, found.geometry.iloc[0].y) == (5, 6)


def test_residents_that_are_not_known_stay_unknown():
    homes = table(block(10, 10), block(1010, 10), block(1030, 10))
    both = table(AREA, box(1000, 0, 1200, 100), residents=[np.nan, 100])
    found = origins(both, homes)
    assert found["residents"].tolist() == pytest.approx([np.nan, 50, 50], nan_ok=True)
    assert origins(table(AREA))["residents"].isna().all()
    nullable = table(AREA, block(1000, 0), residents=pd.array([None, 70], dtype="Int64"))
    found = origins(nullable, at="point")
    assert found["residents"].tolist() == pytest.approx([np.nan, 70], nan_ok=True)


def test_labels_of_the_areas_are_kept():
    homes = table(block(1010, 10), block(10, 10), block(1030, 10))
    areas = table(AREA, box(1000, 0, 1200, 100), index=pd.Index(["学院路", "b"], name="name"))
    found = origins(areas, homes)
    assert found["area"].tolist() == ["学院路", "b", "b"]
    assert found.index.tolist() == [0, 1, 2]
    assert found.index.name == "origin"
    assert found.groupby("area")["share"].sum().tolist() == pytest.approx([1, 1])


def test_degrees_are_projected_and_the_inputs_left_alone():
    areas = table(AREA, residents=[100]).set_crs(32650, allow_override=True)
    shifted = areas.translate(500_000, 4_400_000).to_frame("geometry").to_crs(4326)
    homes = table(block(10, 10)).translate(500_000, 4_400_000).to_frame("geometry").to_crs(4326)
    shifted.attrs["datum"] = homes.attrs["datum"] = "wgs84"
    before = shifted.to_wkt().copy(), homes.to_wkt().copy()
    found = origins(gpd.GeoDataFrame(shifted), gpd.GeoDataFrame(homes))
    assert found.crs.to_epsg() == 32650
    assert (found.geometry.x.iloc[0], found.geometry.y.iloc[0]) == pytest.approx(
        (500_015, 4_400_015), abs=1e-3
    )
    assert before[0].equals(shifted.to_wkt())
    assert before[1].equals(homes.to_wkt())


def test_feet_are_projected_to_metres():
    areas = table(box(980_000, 190_000, 981_000, 191_000), crs=2263)
    assert {axis.unit_name for axis in origins(areas).crs.axis_info} == {"metre"}


# --- gates --------------------------------------------------------------------------------------


def compound(**columns):
    return table(AREA, **({"area_kind": ["compound"]} | columns))


def test_gates_belong_to_the_outline_they_are_near():
    gates = table(
        Point(0, 50),
        Point(100, 100 + GATE_REACH_M - 0.1),
        Point(100, 100 + GATE_REACH_M + 0.1),
        Point(100, 50),
    )
    found = origins(compound(), table(block(10, 10)), gates)
    exits = {(p.x, p.y) for p in found["exits"].iloc[0].geoms}
    assert exits == {(0, 50), (100, 100 + GATE_REACH_M - 0.1)}
    assert found["way_out"].tolist() == ["gates"]
    assert found.attrs["notes"][0] == "1 of 1 areas are left through their gates."


def test_a_gate_between_two_compounds_serves_both():
    areas = table(box(0, 0, 100, 100), box(110, 0, 200, 100), walled=[True, True])
    found = origins(areas, gates=table(Point(105, 50)), at="point")
    assert [len(e.geoms) for e in found["exits"]] == [1, 1]


def test_only_compounds_are_left_through_gates():
    areas = table(
        AREA,
        box(1000, 0, 1200, 100),
        box(2000, 0, 2200, 100),
        area_kind=["community", "compound", None],
        walled=[False, None, True],
    )
    gates = table(Point(0, 50), Point(1000, 50))
    found = origins(areas, gates=gates, at="point")
    assert found["way_out"].tolist() == ["open", "gates", "wall_without_gate"]
    assert found["exits"].isna().tolist() == [True, False, True]
    assert "1 have a wall and no known gate" in found.attrs["notes"][0]


def test_where_nothing_is_said_of_walls_gates_are_believed():
    found = origins(table(AREA, Point(0, 40)), gates=table(Point(0, 50)), at="point")
    assert found["way_out"].tolist() == ["gates", "open"]


def test_a_wall_round_every_part_of_an_area():
    parts = MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)])
    found = origins(table(parts, walled=[True]), gates=table(Point(300, 5), Point(0, 5)))
    assert len(found["exits"].iloc[0].geoms) == 2


def test_gates_in_degrees_are_converted():
    areas = gpd.GeoDataFrame(geometry=[box(500_000, 4_400_000, 500_200, 4_400_100)], crs=worlds.CRS)
    gates = gpd.GeoDataFrame(geometry=[Point(500_000, 4_400_050)], crs=worlds.CRS).to_crs(4326)
    gates.attrs["datum"] = "wgs84"
    found = origins(areas, gates=gates, at="point")
    gate = found["exits"].iloc[0].geoms[0]
    assert (gate.x, gate.y) == pytest.approx((500_000, 4_400_050), abs=1e-3)


# --- other places to start ----------------------------------------------------------------------


def test_at_the_gate_walks_start_at_the_gates():
    areas = table(AREA, box(1000, 0, 1200, 100), walled=[True, True], residents=[10, 20])
    found = origins(areas, table(block(10, 10)), table(Point(0, 50), Point(200, 50)), at="gate")
    assert found["kind"].tolist() == ["gate", "point"]
    assert found["residents"].tolist() == [10, 20]
    assert found["exits"].isna().all()
    assert shapely.get_num_geometries(found.geometry.iloc[0]) == 2
    assert found.attrs["at"] == "gate"


def test_at_the_point_is_inside_the_area():
    horseshoe = Polygon(
        [(0, 0), (90, 0), (90, 90), (80, 90), (80, 10), (10, 10), (10, 90), (0, 90)]
    )
    found = origins(table(AREA, horseshoe), table(block(10, 10)), at="point")
    assert found["kind"].tolist() == ["point", "point"]
    assert (found.geometry.iloc[0].x, found.geometry.iloc[0].y) == (100, 50)
    assert shapely.intersects(horseshoe, found.geometry.iloc[1])


def test_another_kind_of_place_is_refused():
    with pytest.raises(InputError, match="at='door' is not a kind of origin"):
        origins(table(AREA), at="door")


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"areas": table(AREA, crs=None)}, "areas have no CRS"),
        ({"areas": table(AREA, residents=[-1])}, "negative number of residents"),
        ({"gates": table(AREA)}, "gates have to be Point"),
        ({"gates": table(Point(0, 0), crs=None)}, "gates have no CRS"),
        ({"buildings": table(block(0, 0), crs=None)}, "buildings have no CRS"),
        ({"buildings": table(block(0, 0), None)}, "buildings have no geometry"),
        ({"buildings": table(Point(0, 0))}, "buildings have to be"),
        ({"buildings": table(block(0, 0), levels=["six"])}, "'levels' of the buildings"),
    ],
)
def test_tables_that_break_their_contract_are_refused(tables, says):
    with pytest.raises(InputError, match=says):
        origins(**({"areas": table(AREA)} | tables))


def test_empty_tables_of_buildings_and_gates_are_as_none():
    nothing = table().set_geometry([]).set_crs(worlds.CRS)
    found = origins(table(AREA, walled=[True]), nothing, nothing)
    assert set(found["kind"]) == {"grid"}
    assert set(found["way_out"]) == {"wall_without_gate"}


@pytest.mark.parametrize("word", ["是", "yes", "True", "有", True, 1])
def test_words_for_walled_close_a_compound(word):
    assert origins(table(AREA, walled=[word]))["way_out"].unique().tolist() == ["wall_without_gate"]
    assert origins(table(AREA, walled=["否"]))["way_out"].unique().tolist() == ["open"]
