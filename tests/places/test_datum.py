from __future__ import annotations

import json
from math import cos, pi, sin, sqrt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon

import quarterhour.places.datum as d
from quarterhour.errors import DatumError, QuarterhourError

BEIJING = (116.3912, 39.9075)  # Tiananmen
METRE_DEG = 1 / 111_195


def metres(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Return how far east and north a datum's image of a WGS 84 point lies."""
    x, y = d.from_wgs84(lon, lat, datum)
    return (
        float((x - lon) / METRE_DEG * np.cos(np.radians(lat))),
        float((y - lat) / METRE_DEG),
    )


def mainland_points(count: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(73.5, 135, count * 3), rng.uniform(18, 53.6, count * 3)
    inside = d.in_mainland(lon, lat)
    return lon[inside][:count], lat[inside][:count]


@pytest.mark.parametrize(
    ("place", "datum", "total_m", "east_m", "north_m"),
    [
        (BEIJING, "gcj02", 555, 533, 156),
        (BEIJING, "bd09", 1368, 1085, 836),
        ((121.5447, 31.2214), "gcj02", 472, 409, -237),  # Shanghai Pudong
        ((121.5447, 31.2214), "bd09", 1113, None, None),
        ((117.1848, 34.2618), "gcj02", 547, 530, -137),  # Xuzhou
        ((117.1848, 34.2618), "bd09", 1241, None, None),
        ((113.2644, 23.1291), "gcj02", 621, None, None),  # Guangzhou
        ((87.6168, 43.8256), "gcj02", 265, None, None),  # Urumqi
    ],
)
def test_offsets_are_those_of_the_literature(place, datum, total_m, east_m, north_m):
    # The references name cities, not coordinates: 2 % of tolerance for where in the city.
    east, north = metres(*place, datum)
    assert np.hypot(east, north) == pytest.approx(total_m, rel=0.02)
    if east_m is not None:
        assert east == pytest.approx(east_m, abs=30)
        assert north == pytest.approx(north_m, abs=30)


def test_forward_is_the_public_formula_to_the_last_digit():
    # Worked by hand from the published coefficients, one point, plain floats.
    lon, lat = BEIJING
    x, y = lon - 105, lat - 35
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    dlat += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    dlat += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    dlon += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    dlon += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    e2, a, phi = 0.00669342162296594323, 6378245.0, lat / 180 * pi
    magic = 1 - e2 * sin(phi) ** 2
    expected = (
        lon + dlon * 180 / (a / sqrt(magic) * cos(phi) * pi),
        lat + dlat * 180 / (a * (1 - e2) / (magic * sqrt(magic)) * pi),
    )
    assert d.from_wgs84(lon, lat, "gcj02") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_round_trip_in_the_mainland_is_below_a_millimetre(datum):
    lon, lat = mainland_points(200_000)
    assert len(lon) == 200_000
    back = d.to_wgs84(*d.from_wgs84(lon, lat, datum), datum)
    error_m = np.hypot(back[0] - lon, back[1] - lat) / METRE_DEG
    assert error_m.max() < 1e-4


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_round_trip_is_exact_at_borders_seas_and_abroad_too(datum):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(60, 150, 20_000), rng.uniform(-5, 60, 20_000)
    back = d.to_wgs84(*d.from_wgs84(lon, lat, datum), datum)
    assert (np.hypot(back[0] - lon, back[1] - lat) / METRE_DEG).max() < 1e-3


@pytest.mark.parametrize(
    ("lon", "lat", "gcj02", "bd09"),
    [
        (114.1694, 22.3193, True, True),  # Hong Kong
        (113.5439, 22.1987, True, True),  # Macau
        (121.5654, 25.0330, False, True),  # Taipei
        (126.9780, 37.5665, False, False),  # Seoul
        (105.8342, 21.0278, False, False),  # Hanoi
        (106.9177, 47.9184, False, False),  # Ulaanbaatar
        (24.9384, 60.1699, False, False),  # Helsinki
    ],
)
def test_shifts_where_the_maps_shift(lon, lat, gcj02, bd09):
    for datum, shifted in (("gcj02", gcj02), ("bd09", bd09)):
        x, y = d.from_wgs84(lon, lat, datum)
        assert ((x, y) != (lon, lat)) is shifted
        assert bool(np.hypot(*metres(lon, lat, datum)) > 200) is shifted


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        (*BEIJING, True),
        (114.0579, 22.5431, True),  # Shenzhen, 4 km from Hong Kong
        (113.5767, 22.2707, True),  # Zhuhai
        (110.33, 20.02, True),  # Haikou
        (122.3896, 29.988, True),  # Putuoshan, an island
        (127.53, 50.245, True),  # Heihe, across the river from Russia
        (97.85, 24.01, True),  # Ruili, at Myanmar
        (75.99, 39.47, True),  # Kashgar
        (114.1694, 22.3193, False),  # Hong Kong
        (114.03, 22.445, False),  # Yuen Long
        (113.5439, 22.1987, False),  # Macau
        (121.5654, 25.0330, False),  # Taipei
        (126.9780, 37.5665, False),  # Seoul
        (131.886, 43.1155, False),  # Vladivostok
        (139.69, 35.69, False),  # Tokyo
        (85.324, 27.7172, False),  # Kathmandu
    ],
)
def test_mainland_outline(lon, lat, inside):
    assert bool(d.in_mainland(lon, lat)) is inside


def test_every_outline_is_valid_and_says_where_it_comes_from():
    text = (Path(d.__file__).parent / "china.geojson").read_text(encoding="utf-8")
    for feature in json.loads(text)["features"]:
        assert feature["properties"]["source"]
        assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid


def test_scalars_arrays_nan_and_shapes():
    lon, lat = d.to_wgs84(*BEIJING)
    assert isinstance(lon, float)
    grid = d.from_wgs84(np.full((3, 1), 116.0), np.full((1, 4), 39.0), "bd09")
    assert grid[0].shape == (3, 4)
    lon, lat = d.to_wgs84([116.0, np.nan], [39.0, 39.0])
    assert np.isnan(lon[1])
    assert np.isfinite([lon[0], lat[0]]).all()
    assert d.to_wgs84([], [])[0].shape == (0,)


def test_the_arguments_are_not_changed():
    lon, lat = np.array([116.0]), np.array([39.0])
    d.to_wgs84(lon, lat, "bd09")
    assert (lon[0], lat[0]) == (116.0, 39.0)


def test_cgcs2000_is_wgs84_by_another_name():
    assert d.from_wgs84(*BEIJING, "cgcs2000") == BEIJING
    assert d.to_wgs84(*BEIJING, "EPSG:4490") == BEIJING


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GCJ-02", "gcj02"), ("火星坐标", "gcj02"), ("Amap", "gcj02"), ("高德", "gcj02"),
        ("BD-09", "bd09"), ("bd09ll", "bd09"), ("百度", "bd09"), ("Baidu", "bd09"),
        ("WGS 84", "wgs84"), ("EPSG:4326", "wgs84"), ("CGCS2000", "cgcs2000"),
        ("epsg:4490", "cgcs2000"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(written, name):
    assert d.datum_name(written) == name


@pytest.mark.parametrize("written", ["", "nad27", "GCJ 03", None, 84])
def test_unknown_names(written):
    with pytest.raises(DatumError, match="wgs84, gcj02, bd09, cgcs2000") as error:
        d.to_wgs84(*BEIJING, datum=written)
    assert isinstance(error.value, QuarterhourError)


def a_table(crs: int = 4326, at: tuple[float, float] = BEIJING) -> gpd.GeoDataFrame:
    lon, lat = at
    shapes = [
        Point(lon, lat),
        LineString([(lon, lat), (lon + 0.01, lat)]),
        Polygon([(lon, lat), (lon + 0.01, lat), (lon, lat + 0.01)]),
        None,
    ]
    table = gpd.GeoDataFrame({"name": list("abcd")}, geometry=shapes, crs=4326, index=list("wxyz"))
    table["entrances"] = gpd.GeoSeries(
        [MultiPoint([(lon, lat)]), None, None, None], index=table.index, crs=4326
    )
    return table.to_crs(crs) if crs == 4326 else table.set_geometry(table.geometry.to_crs(crs))


@pytest.mark.parametrize("crs", [4326, 4490, 32650])
def test_tables_are_converted_in_every_geometry_column(crs):
    table = d.declare_datum(a_table(crs), "高德")
    assert table.attrs["datum"] == "gcj02"
    before = table.to_wkb()
    moved = d.convert_datum(table)
    assert table.to_wkb().equals(before), "the argument was changed"
    assert (moved.crs, list(moved.index)) == (table.crs, list("wxyz"))
    assert moved.attrs["datum"] == "wgs84"
    assert moved.attrs["declared_datum"] == "gcj02"
    assert moved.geometry.isna().tolist() == [False, False, False, True]
    degrees = moved.to_crs(4326)
    expected = d.to_wgs84(*BEIJING, "gcj02")
    assert degrees.geometry["w"].coords[0] == pytest.approx(expected, abs=1e-9)
    assert degrees.geometry["y"].exterior.coords[0] == pytest.approx(expected, abs=1e-9)
    entrance = moved["entrances"].iloc[0].geoms[0]
    assert entrance.coords[0] == pytest.approx(expected, abs=1e-9)
    again = d.convert_datum(moved, "gcj02")
    assert again.geometry.iloc[:3].geom_equals_exact(table.geometry.iloc[:3], 1e-6).all()


def test_tables_without_datum_or_crs_are_refused():
    with pytest.raises(DatumError, match="not declared"):
        d.convert_datum(a_table())
    with pytest.raises(DatumError, match="CRS"):
        d.convert_datum(a_table().set_crs(None, allow_override=True), datum="gcj02")


def test_needs_datum_and_check():
    assert d.needs_datum(a_table())
    assert d.needs_datum(a_table(32650))
    helsinki = a_table(at=(24.94, 60.17))
    assert not d.needs_datum(helsinki)
    assert not d.needs_datum(a_table().iloc[3:])
    d.check_datum(helsinki)
    with pytest.raises(DatumError, match=r'facilities lie in mainland China.*datum="gcj02"'):
        d.check_datum(a_table(), "facilities")
    with pytest.raises(DatumError, match="are in gcj02"):
        d.check_datum(d.declare_datum(a_table(), "gcj02"), "facilities")
    for datum in ("wgs84", "cgcs2000"):
        d.check_datum(d.declare_datum(a_table(), datum))
