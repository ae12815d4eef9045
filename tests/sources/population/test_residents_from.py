"""Residents from points, polygons, cells and rasters: by hand, exact shares, and nobody lost."""

from __future__ import annotations

import sys

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin
from shapely import box

import quarterhour as qh
import worlds

EAST, NORTH = 500_000.0, 4_400_000.0
"""A corner on the ground, so that degrees can be had of it."""

CORNER = np.array([EAST, NORTH])


def at(*corners) -> gpd.GeoDataFrame:
    """Rectangles, by metres east and north of the corner."""
    shapes = [box(EAST + a, NORTH + b, EAST + c, NORTH + d) for a, b, c, d in corners]
    return gpd.GeoDataFrame(geometry=shapes, crs=worlds.CRS)


def partition(n=7, size=1000.0, seed=4) -> gpd.GeoDataFrame:
    """A square cut into districts whose borders run anyhow; they cover it and share no land."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform(0, size, (n, 2)) + CORNER)
    whole = box(EAST, NORTH, EAST + size, NORTH + size)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=whole))
    return gpd.GeoDataFrame(geometry=shapely.intersection(cells, whole), crs=worlds.CRS)


def raster(path, values, *, transform=None, crs=worlds.CRS, **profile):
    values = np.asarray(values, dtype=profile.pop("dtype", "float64"))
    if transform is None:
        transform = from_origin(EAST, NORTH + 100 * len(values), 100, 100)
    height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        **profile,
    ) as file:
        file.write(values, 1)
    return path


def test_points_belong_to_the_area_around_them():
    areas = at((0, 0, 100, 100), (100, 0, 200, 100), (500, 0, 600, 100))
    people = worlds.points(
        *((EAST + 50, NORTH + 50), (EAST + 100, NORTH + 50), (EAST + 900, NORTH)),
        population=[10, 20, 40],
    )
    told = qh.residents_from(areas, people.to_crs(4326))
    # The second lies on the border of both, and is counted once.
    assert told["residents"].sum() == 30
    assert told["residents_from"].iloc[2] == "unknown"
    assert np.isnan(told["residents"].iloc[2])
    assert (
        "30 of 70 residents of 3 points live in the places; 40 live elsewhere."
        in (told.attrs["notes"])
    )
    assert "residents" not in areas


def test_land_is_shared_by_size_and_overlaps_count_once():
    areas = at((0, 0, 100, 100), (50, 0, 100, 100))
    census = at((0, 0, 200, 100)).assign(pop=[400.0])
    told = qh.residents_from(areas, census)
    assert told["residents"].tolist() == pytest.approx([200, 100], rel=1e-12)
    assert "200 of 400 residents" in told.attrs["notes"][0]


def test_census_people_live_in_residential_buildings_and_none_is_lost():
    rng = np.random.default_rng(8)
    census = partition(9).assign(人口=rng.integers(0, 3000, 9))
    xy = rng.uniform(20, 980, (200, 2)) + CORNER
    homes = worlds.squares(*map(tuple, xy), size=12.0)
    homes["levels"] = rng.integers(1, 20, 200).astype(float)
    homes["residential"] = rng.random(200) < 0.8
    each = qh.residents_from(homes, census, buildings=homes)
    total = census["人口"].sum()
    assert each["residents"].sum() == pytest.approx(total, rel=1e-9)
    assert each["residents"].notna().tolist() == homes["residential"].tolist()
    # By hand, in one district: by footprint × levels.
    inside = homes.centroid.within(census.geometry.iloc[0]) & homes["residential"]
    floor = homes.loc[inside, "levels"]
    expected = floor / floor.sum() * census["人口"].iloc[0]
    assert each.loc[inside, "residents"].to_numpy() == pytest.approx(expected.to_numpy())
    districts = partition(4, seed=1)
    there = qh.residents_from(districts, census, buildings=homes)
    assert there["residents"].sum() == pytest.approx(total, rel=1e-9)
    # Homes go by their own residents then.
    walked = qh.origins(there, each)
    assert walked["residents"].sum() == pytest.approx(total, rel=1e-9)
    assert walked.groupby("area")["share"].sum().to_numpy() == pytest.approx(np.ones(4))
    alone = qh.origins(there, homes)
    assert not np.allclose(np.sort(alone["share"]), np.sort(walked["share"]))


def test_people_where_no_home_is_known_are_told():
    census = at((0, 0, 100, 100), (100, 0, 200, 100)).assign(pop=[300, 44])
    homes = worlds.squares((EAST + 50, NORTH + 50), size=10.0)
    told = qh.residents_from(at((0, 0, 200, 100)), census, buildings=homes)
    assert told["residents"].tolist() == [300]
    notes = " ".join(told.attrs["notes"])
    assert "300 of 344 residents of 2 polygons" in notes
    assert "44 residents are counted where no residential building is known" in notes


@pytest.mark.parametrize("crs", [worlds.CRS, "EPSG:4326", "ESRI:54009"])
def test_cells_of_a_raster_are_cut_exactly(tmp_path, crs):
    areas = partition(11)
    there = areas.to_crs(crs)
    left, bottom, right, top = there.total_bounds
    n = 23
    rng = np.random.default_rng(2)
    values = rng.gamma(1.0, 30.0, (n, n))
    grid = from_origin(left, top, (right - left) / n, (top - bottom) / n)
    path = raster(tmp_path / "pop.tif", values, transform=grid, crs=crs)
    told = qh.residents_from(areas, path)
    once = shapely.union_all(there.geometry.array)
    cells = [
        box(left + i * grid.a, top + (j + 1) * grid.e, left + (i + 1) * grid.a, top + j * grid.e)
        for j in range(n)
        for i in range(n)
    ]
    share = shapely.area(shapely.intersection(cells, once)) / shapely.area(np.array(cells))
    assert told["residents"].sum() == pytest.approx((share * values.ravel()).sum(), rel=1e-9)
    by_hand = shapely.area(shapely.intersection(cells, there.geometry.iloc[3]))
    expected = (by_hand / shapely.area(np.array(cells)) * values.ravel()).sum()
    assert told["residents"].iloc[3] == pytest.approx(expected, rel=1e-9)
    if crs == worlds.CRS:
        assert told["residents"].sum() == pytest.approx(values.sum(), rel=1e-9)
        assert "; 0 live elsewhere" in told.attrs["notes"][0]


@pytest.mark.parametrize("nodata", [-99999.0, None])
def test_cells_without_data_are_nobody_and_counted(tmp_path, nodata):
    areas = at((0, 0, 100, 100), (100, 0, 200, 100))
    path = raster(tmp_path / "pop.tif", [[7.0, -99999.0]], nodata=nodata)
    told = qh.residents_from(areas, path)
    assert told["residents"].iloc[0] == pytest.approx(7)
    assert np.isnan(told["residents"].iloc[1])
    assert any("1 raster have no number" in note for note in told.attrs["notes"])


def test_a_turned_raster_and_its_scale(tmp_path):
    turned = Affine.translation(EAST, NORTH) * Affine.rotation(30) * Affine.scale(50, 50)
    path = raster(
        tmp_path / "pop.tif", np.full((4, 4), 10, "uint8"), transform=turned, dtype="uint8"
    )
    with rasterio.open(path, "r+") as file:
        file.scales = (0.5,)
    around = at((-400, -400, 400, 400))
    assert qh.residents_from(around, path)["residents"].tolist() == pytest.approx([80], rel=1e-9)


def test_over_buildings_a_raster_keeps_its_people(tmp_path):
    path = raster(tmp_path / "pop.tif", [[60.0, 30.0], [0.0, 5.0]])
    homes = worlds.squares(
        *((EAST + 20, NORTH + 150), (EAST + 60, NORTH + 150), (EAST + 150, NORTH + 150)),
        size=10.0,
    ).assign(levels=[1.0, 2.0, 9.0])
    told = qh.residents_from(at((0, 0, 200, 200)), path, buildings=homes)
    assert told["residents"].tolist() == pytest.approx([90])
    assert told["residents_from"].tolist() == ["raster_over_buildings"]
    each = qh.residents_from(homes, path, buildings=homes)
    assert each["residents"].tolist() == pytest.approx([20, 40, 30])


def test_squares_around_points_and_hexagons_are_cells():
    areas = partition(5)
    middles = [(EAST + x, NORTH + y) for x in (250, 750) for y in (250, 750)]
    table = worlds.points(*middles, pop=[10.0, 20, 30, 40])
    told = qh.residents_from(areas, table, cell_m=500)
    assert told["residents"].sum() == pytest.approx(100, rel=1e-9)
    hexagons = h3.grid_disk(h3.latlng_to_cell(39.75, 117.0, 9), 2)
    counted = pd.DataFrame({"hex": hexagons, "pop": np.arange(len(hexagons), dtype=float)})
    outlines = gpd.GeoDataFrame(
        geometry=[shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(c)]) for c in hexagons],
        crs=4326,
    )
    each = qh.residents_from(outlines, counted)
    assert each["residents"].to_numpy() == pytest.approx(counted["pop"].to_numpy(), abs=1e-6)
    whole = outlines.dissolve()
    whole.geometry = whole.geometry.buffer(1e-5)
    total = counted["pop"].sum()
    assert qh.residents_from(whole, counted)["residents"].sum() == pytest.approx(total, rel=1e-9)
    indexed = counted.set_index("hex")
    assert qh.residents_from(whole, indexed)["residents"].sum() == pytest.approx(total, rel=1e-9)
    middle = outlines.set_geometry(outlines.centroid)
    shared = qh.residents_from(middle, counted)
    assert shared["residents"].to_numpy() == pytest.approx(counted["pop"].to_numpy())


def test_points_share_alike_in_the_cell_around_them():
    places = worlds.points((EAST + 1, NORTH + 1), (EAST + 9, NORTH + 9), (EAST + 50, NORTH + 1))
    cells = at((0, 0, 10, 10), (40, 0, 60, 10), (80, 0, 90, 10)).assign(pop=[10, 7, 3])
    told = qh.residents_from(places, cells)
    assert told["residents"].tolist() == [5, 5, 7]
    assert "17 of 20 residents of 3 polygons live in the places; 3" in told.attrs["notes"][0]


def test_a_column_and_floor_area_are_sources_too():
    areas = at((0, 0, 100, 100), (100, 0, 200, 100)).assign(census=[12.0, None])
    told = qh.residents_from(areas, column="census")
    assert told["residents_from"].tolist() == ["column", "unknown"]
    homes = worlds.squares((EAST + 50, NORTH + 50), size=30.0, levels=2.0)
    dwelt = qh.residents_from(areas, buildings=homes)
    assert dwelt["residents"].tolist()[0] == 60
    replaced = qh.residents_from(told, at((0, 0, 200, 100)).assign(pop=[50.0]))
    assert replaced["residents"].tolist() == pytest.approx([25, 25])
    assert "1 numbers of residents that were given are replaced." in replaced.attrs["notes"]


def test_published_sums_are_held_against():
    areas = at((0, 0, 100, 100), (100, 0, 200, 100)).assign(official=[20, 90])
    source = at((0, 0, 100, 100), (100, 0, 200, 100)).assign(pop=[25.0, 80.0])
    by_label = qh.residents_from(areas, source, published={0: 20, 1: 90})
    by_column = qh.residents_from(areas, source, "pop", published="official")
    for told in (by_label, by_column):
        assert told["residents_difference"].tolist() == pytest.approx([5, -10])
        assert told.attrs["notes"][-1] == "105 residents are counted, 110 are published: -4.5 %."
    with pytest.raises(qh.QuarterhourError, match="places that are not there, such as 'x'"):
        qh.residents_from(areas, source, published={"x": 1})
    with pytest.raises(qh.QuarterhourError, match="nothing can be held against"):
        qh.residents_from(areas, source, published=0)


def wrong_sources():
    people = worlds.points((EAST + 5, NORTH + 5), pop=[5.0])
    yield {"source": people, "column": "人数"}, "no column '人数'; they have"
    yield {"source": people.rename(columns={"pop": "p"})}, "No column of the table is known"
    yield {"source": people.assign(pop=["many"])}, "1 cells of 'pop' hold no number"
    yield {"source": people.assign(pop=[-200.0])}, "are negative"
    yield {"source": people.assign(pop=[np.inf])}, "are infinite"
    yield {"source": people.assign(pop=[np.nan])}, "not one number"
    yield {"source": people.iloc[:0]}, "is empty"
    yield {"source": people, "buildings": at((0, 0, 9, 9))}, "leave buildings= out"
    yield {"source": people.set_geometry(people.translate(1e4))}, "None of the 1 places"
    yield {"source": people, "cell_m": -1}, "no size of a cell"
    yield {"source": at((0, 0, 9, 9)).assign(pop=1.0), "cell_m": 5}, "polygons already"
    yield {"source": pd.DataFrame({"pop": [1.0]})}, "needs one column of H3 cells"
    yield {"source": 12}, "The source is a int"
    yield {"source": "grid.csv"}, "is a table .* read it first"
    yield {"source": "nowhere.tif"}, "cannot be read as a raster"
    yield {}, "No column of the table is known"


@pytest.mark.parametrize(("asked", "told"), list(wrong_sources()))
def test_what_cannot_be_counted_is_said(asked, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        qh.residents_from(at((0, 0, 100, 100)), **asked)


def test_points_to_points_and_mixed_places_are_refused():
    people = worlds.points((EAST + 5, NORTH + 5), pop=[5.0])
    with pytest.raises(qh.QuarterhourError, match="these places are points too"):
        qh.residents_from(people, people)
    mixed = gpd.GeoDataFrame(pd.concat([at((0, 0, 9, 9)), people], ignore_index=True))
    with pytest.raises(qh.QuarterhourError, match="Some places are points and some polygons"):
        qh.residents_from(mixed, at((0, 0, 50, 50)).assign(pop=1.0))
    with pytest.raises(qh.QuarterhourError, match="points and some polygons: pass them"):
        qh.residents_from(at((0, 0, 9, 9)), mixed.assign(pop=1.0))


def test_rasters_that_lack_something(tmp_path, monkeypatch):
    areas = at((0, 0, 100, 100))
    far = raster(tmp_path / "far.tif", [[1.0]], transform=from_origin(0, 0, 100, 100))
    with pytest.raises(qh.QuarterhourError, match="does not reach the places"):
        qh.residents_from(areas, far)
    near = raster(tmp_path / "near.tif", [[1.0]])
    with pytest.raises(qh.QuarterhourError, match=r"1 band\(s\), not 2"):
        qh.residents_from(areas, near, band=2)
    bare = raster(tmp_path / "bare.tif", [[1.0]], crs=None)
    with pytest.raises(qh.QuarterhourError, match="has no CRS"):
        qh.residents_from(areas, bare)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(ImportError, match="needs rasterio"):
        qh.residents_from(areas, near)


def test_another_datum_is_refused(tmp_path):
    areas = at((0, 0, 100, 100))
    areas.attrs["datum"] = "gcj02"
    with pytest.raises(qh.QuarterhourError, match="residents are in wgs84, the areas in gcj02"):
        qh.residents_from(areas, raster(tmp_path / "pop.tif", [[1.0]]))


def test_buildings_with_residents_weigh_homes():
    area = at((0, 0, 200, 100)).assign(residents=[100.0])
    homes = worlds.squares(
        *((EAST + 20, NORTH + 50), (EAST + 60, NORTH + 50), (EAST + 90, NORTH + 50)), size=10.0
    ).assign(levels=1.0, residents=[30.0, 0.0, np.nan])
    walked = qh.origins(area, homes)
    # The second is empty; the third is not known: at the mean of the others, 15 per building.
    assert walked["residents"].tolist() == pytest.approx([100 * 30 / 45, 100 * 15 / 45])
    assert any("2 of 3 buildings have a number" in note for note in walked.attrs["notes"])
    with pytest.raises(qh.QuarterhourError, match="negative or infinite"):
        qh.origins(area, homes.assign(residents=-1.0))


def test_pieces_that_overlap_are_told():
    here = h3.latlng_to_cell(39.75, 117.0, 9)
    outline = gpd.GeoDataFrame(
        geometry=[shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(here)])], crs=4326
    )
    for more in (here, h3.cell_to_parent(here, 8)):
        table = pd.DataFrame({"h3": [here, more], "pop": [10.0, 70.0]})
        with pytest.warns(qh.QuarterhourWarning, match="1 pairs of cells share land"):
            qh.residents_from(outline, table)
    with pytest.warns(qh.QuarterhourWarning, match="1 pairs of polygons share land"):
        told = qh.residents_from(
            at((0, 0, 100, 100)), at((0, 0, 50, 50), (0, 0, 100, 100)).assign(pop=[1.0, 2.0])
        )
    assert told["residents"].tolist() == pytest.approx([3])


def test_a_column_called_h3_goes_before_others_like_it():
    here = h3.latlng_to_cell(39.75, 117.0, 9)
    outline = gpd.GeoDataFrame(
        geometry=[shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(here)])], crs=4326
    )
    table = pd.DataFrame({"parent": [h3.cell_to_parent(here, 8)], "h3": [here], "pop": [10.0]})
    assert qh.residents_from(outline, table)["residents"].tolist() == pytest.approx([10])


def test_areas_without_a_number_take_that_of_their_buildings():
    areas = at((0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100))
    homes = worlds.squares(
        *((EAST + 20, NORTH + 50), (EAST + 60, NORTH + 50), (EAST + 150, NORTH + 50)), size=10.0
    ).assign(levels=1.0, residents=[30.0, 10.0, 7.0])
    walked = qh.origins(areas.assign(residents=[np.nan, 700.0, np.nan]), homes)
    people = walked.groupby("area")["residents"].sum(min_count=1)
    assert people.tolist()[:2] == [40, 700]
    assert np.isnan(people.iloc[2])
    assert any(
        "1 of 3 areas have no number of residents and take" in n for n in walked.attrs["notes"]
    )
    areas.attrs["datum"] = homes.attrs["datum"] = "wgs84"
    bare = qh.origins(areas, homes)
    assert bare.groupby("area")["residents"].sum().tolist() == [40, 7, 0]
    shop = worlds.points((EAST, NORTH), item=["shop"])
    shop.attrs["datum"] = "wgs84"
    card = qh.assess(
        areas,
        shop,
        worlds.network_of([(EAST, NORTH), (EAST + 4000, NORTH)]),
        worlds.checklist(worlds.item("shop")),
        origins=bare,
    )
    assert qh.coverage(card, "population")["numerator"].tolist() == [47]
