"""Bad input: each case gives one clear sentence, and nothing is written by halves."""

from __future__ import annotations

import inspect
import re
from importlib import resources

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

import quarterhour as qh
import worlds
from quarterhour import errors
from quarterhour.errors import (
    ChecklistError,
    DatumError,
    InputError,
    MissingExtraError,
    NetworkError,
    OutputError,
    QuarterhourError,
)

BOWTIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def refused(call, error, says) -> str:
    """Call, and return the one sentence it ends with."""
    with pytest.raises(error, match=says) as caught:
        call()
    text = str(caught.value)
    assert isinstance(caught.value, QuarterhourError)
    assert isinstance(caught.value, ValueError)
    assert text.rstrip().endswith((".", "?", ")", "]")), text
    assert "Traceback" not in text
    assert len(text) < 600
    return text


# --- the tree -----------------------------------------------------------------------------------


def test_the_tree_is_as_drawn():
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__)
    there = {n for n, c in inspect.getmembers(errors, inspect.isclass) if c is not QuarterhourError}
    assert set(drawn) | {"QuarterhourWarning"} == there
    for name in drawn:
        assert issubclass(getattr(errors, name), QuarterhourError)
    assert issubclass(QuarterhourError, ValueError)
    assert issubclass(DatumError, InputError)
    assert issubclass(ChecklistError, InputError)
    assert issubclass(MissingExtraError, ImportError)
    assert issubclass(errors.QuarterhourWarning, UserWarning)


# --- tables in memory ---------------------------------------------------------------------------


def areas(**columns) -> gpd.GeoDataFrame:
    return worlds.squares((100, 0), (400, 0), **columns)


def facilities(**columns) -> gpd.GeoDataFrame:
    return worlds.points((50, 0), (500, 0), **({"item": "shop"} | columns))


def with_shapes(table, *shapes):
    return table.set_geometry(gpd.GeoSeries(list(shapes), index=table.index, crs=table.crs))


def lonlat(table, *xy):
    points = gpd.GeoSeries([Point(p) for p in xy], index=table.index, crs=4326)
    return table.set_geometry(points)


def without_crs(table):
    return table.set_crs(None, allow_override=True)


BAD_TABLES = {
    "empty areas": ({"areas": areas().iloc[:0]}, InputError, "table of areas is empty"),
    "empty facilities": ({"facilities": facilities().iloc[:0]}, InputError, "facilities is empty"),
    "areas no CRS": ({"areas": without_crs(areas())}, InputError, "areas have no CRS"),
    "facilities no CRS": ({"facilities": without_crs(facilities())}, InputError, "have no CRS"),
    "swapped": (
        {"facilities": lonlat(facilities(), (39.9, 116.3), (39.9, 116.4))},
        InputError,
        "latitude and longitude the wrong way round",
    ),
    "metres as degrees": (
        {"facilities": lonlat(facilities(), (500_000, 4_400_000), (500_100, 4_400_000))},
        InputError,
        "say that they hold degrees",
    ),
    "null geometry": (
        {"areas": with_shapes(areas(), box(0, 0, 9, 9), None)},
        InputError,
        r"1 of the areas have no geometry \(1\)",
    ),
    "empty geometry": (
        {"facilities": with_shapes(facilities(), Point(0, 0), Point())},
        InputError,
        r"1 of the facilities have no geometry \(1\)",
    ),
    "invalid geometry": (
        {"areas": with_shapes(areas(), box(0, 0, 9, 9), BOWTIE)},
        InputError,
        r"1 of the areas have invalid geometries \(1\)",
    ),
    "infinite": (
        {"facilities": with_shapes(facilities(), Point(0, 0), Point(np.inf, 0))},
        InputError,
        "not finite numbers",
    ),
    "lines as areas": (
        {"areas": with_shapes(areas(), box(0, 0, 9, 9), LineString([(0, 0), (9, 9)]))},
        InputError,
        "areas have to be .*Polygon.*1 LineString",
    ),
    "duplicate index": (
        {"areas": areas().set_index(np.array([7, 7]))},
        InputError,
        r"index of the areas is not unique \(7",
    ),
    "duplicate facilities": (
        {"facilities": facilities().set_index(np.array(["x", "x"]))},
        InputError,
        "index of the facilities is not unique",
    ),
    "negative residents": (
        {"areas": areas(residents=[10.0, -5.0])},
        InputError,
        r"1 of the areas have a negative number of residents \(1\)",
    ),
    "residents in words": (
        {"areas": areas(residents=["10", "many"])},
        InputError,
        "'residents' has to hold numbers",
    ),
    "unknown kind of area": ({"areas": areas(area_kind="village")}, InputError, "kind village"),
    "a plain table": (
        {"facilities": facilities().drop(columns="geometry")},
        InputError,
        "have to be a GeoDataFrame",
    ),
    "another datum": (
        {"facilities": facilities().set_crs(worlds.CRS)},
        DatumError,
        "are in gcj02, the streets in wgs84",
    ),
    "areas elsewhere": (
        {"areas": worlds.squares((90_000, 0))},
        NetworkError,
        "None of the 1 areas lies on the street network",
    ),
    "facilities elsewhere": (
        {"facilities": worlds.points((500, 900), (500, 901), item="shop")},
        NetworkError,
        "None of the 2 facilities lies within 100 m of a street",
    ),
    "areas beside every street": (
        {"areas": worlds.squares((300, 500))},
        NetworkError,
        "None of the .* origins lies within 100 m of a street",
    ),
    "an item of no list": (
        {"facilities": facilities(item="shopp")},
        InputError,
        "Did you mean 'shop'",
    ),
}
BAD_TABLES["another datum"][0]["facilities"].attrs["datum"] = "gcj02"


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables(case):
    tables, error, says = BAD_TABLES[case]
    wide = worlds.network_of([(0, 0), (1000, 0)], [(1000, 0), (1000, 900)])
    good = {"areas": areas(), "facilities": facilities(), "network": wide}
    checklist = worlds.checklist(worlds.item("shop"))
    refused(lambda: qh.assess(**(good | tables), checklist=checklist), error, says)


def test_missing_residents_are_no_error():
    table = areas(residents=[10.0, np.nan])
    card = qh.assess(
        table, facilities(), worlds.line_world(), worlds.checklist(worlds.item("shop"))
    )
    assert card.summary()["residents"].isna().tolist() == [False, True]
    population = qh.coverage(card).iloc[0]
    assert (population["denominator"], population["unknown"]) == (10, 0)


# --- files --------------------------------------------------------------------------------------

SEA = """<osm version="0.6">
  <node id="1" lat="60.17" lon="24.94"/><node id="2" lat="60.18" lon="24.95"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="waterway" v="river"/></way>
</osm>"""
READERS = [qh.read_areas, qh.read_facilities, qh.read_buildings, qh.read_gates, qh.read_network]


@pytest.mark.parametrize("read", [*READERS, qh.read_osm], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["gone.geojson", "gone.csv", "gone.osm.pbf", "gone.gpkg"])
def test_a_missing_file_is_named(read, name, tmp_path):
    text = refused(lambda: read(tmp_path / name), InputError, "no file|not .* file|There is no")
    assert name in text


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.95])
def test_a_truncated_extract_is_refused(keep, tmp_path):
    whole = (worlds.SAMPLES / "helsinki.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: int(keep * len(whole))])
    refused(lambda: qh.read_osm(cut), InputError, r"cut\.osm\.pbf.*(cut off|empty)")


def test_an_extract_without_a_way_to_walk_is_refused(tmp_path):
    path = tmp_path / "sea.osm"
    path.write_text(SEA)
    text = refused(lambda: qh.read_osm(path), NetworkError, "walk")
    assert "sea.osm" in text


def test_a_file_that_is_something_else_is_refused(tmp_path):
    path = tmp_path / "photo.geojson"
    path.write_bytes(b"\x89PNG not a map")
    refused(lambda: qh.read_areas(path), InputError, r"photo\.geojson")


def saved(tmp_path, table):
    path = tmp_path / "table.gpkg"
    table.to_file(path)
    return path


def test_files_with_the_wrong_geometry_are_refused(tmp_path):
    path = saved(tmp_path, worlds.points((0, 0), (5, 5)))
    refused(lambda: qh.read_buildings(path), InputError, "buildings have to be")
    refused(lambda: qh.read_network(path), QuarterhourError, "streets have to be|be lines")


def test_an_empty_layer_is_refused(tmp_path):
    path = saved(tmp_path, areas().iloc[:0])
    refused(lambda: qh.read_areas(path), InputError, "empty")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_crs_is_refused(tmp_path):
    path = tmp_path / "table.shp"
    without_crs(areas()).to_file(path)
    refused(lambda: qh.read_areas(path), InputError, "CRS")


def test_swapped_columns_of_a_file_are_noticed(tmp_path):
    path = tmp_path / "poi.csv"
    path.write_text("name,lon,lat\na,39.9,116.3\nb,39.8,116.4\n", encoding="utf-8")
    text = refused(
        lambda: qh.read_facilities(path, datum="wgs84"), InputError, "wrong way round|swapped"
    )
    assert "lat" in text


def test_a_table_in_china_has_to_name_its_datum(tmp_path):
    path = tmp_path / "poi.csv"
    path.write_text("name,lon,lat\na,116.3,39.9\n", encoding="utf-8")
    refused(lambda: qh.read_facilities(path), DatumError, 'Pass datum="gcj02"')
    refused(lambda: qh.read_facilities(path, datum="pluto"), DatumError, "pluto")


# --- checklists ---------------------------------------------------------------------------------


def test_an_unknown_checklist_is_named_with_those_that_are_there():
    text = refused(lambda: qh.Checklist.load("beijing-2012"), ChecklistError, "beijing-2012")
    assert "beijing-2011" in text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('checkability = "C"', 'checkabilty = "C"', "`checkabilty` .*unknown key"),
        ('checkability = "A"', 'checkability = "Z"', "`checkability` .*must be one of"),
        ('kind = "public"', "kind = public", "TOML|syntax|[Ii]nvalid"),
    ],
    ids=["misspelt key", "value that is none", "broken syntax"],
)
def test_a_mistake_in_a_checklist_is_told_with_line_and_key(old, new, says, tmp_path):
    shipped = resources.files("quarterhour.standards") / "checklists" / "beijing-2011.toml"
    text = shipped.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    message = refused(lambda: qh.Checklist.load(path), ChecklistError, says)
    assert "mine.toml" in message
    assert re.search(rf"line {line}\b", message)


# --- output -------------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", ["out", "x/out"])
def test_an_unwritable_folder_leaves_nothing_behind(deep, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("mine")
    card = qh.assess(
        areas(), facilities(), worlds.line_world(), worlds.checklist(worlds.item("shop"))
    )
    refused(lambda: card.save(blocker / deep), OutputError, "Cannot make the folder")
    network = worlds.line_world()
    refused(lambda: network.save(blocker / deep), OutputError, "Cannot make the folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert blocker.read_text() == "mine"


def test_a_network_of_nothing_walkable_is_refused():
    nothing = gpd.GeoDataFrame(geometry=[], crs=worlds.CRS)
    refused(lambda: qh.WalkNetwork.from_edges(nothing), NetworkError, "no line in it")
    refused(lambda: qh.read_network(nothing), QuarterhourError, "empty|no line")


def test_shapes_are_left_as_they_were():
    """The cases above are built once: a check that mended its argument would spoil the next."""
    assert not shapely.is_valid(BAD_TABLES["invalid geometry"][0]["areas"].geometry.iloc[1])
