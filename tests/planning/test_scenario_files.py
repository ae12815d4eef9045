"""Scenarios in files: what is written is read again, and what is no scenario is said."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
from shapely import LineString, Point, Polygon

import quarterhour as qh
from quarterhour.errors import DatumError, InputError

ALL = qh.Scenario(
    (
        qh.AddFacility((24.9, 60.1), "pharmacy", "new", values={"opening_hours": "24/7"}),
        qh.AddFacility(Polygon([(24, 60), (24, 60.1), (24.1, 60.1)]), "park"),
        qh.MoveFacility("node/1", (24.8, 60.2)),
        qh.CloseFacility(17),
        qh.ChangeFacility("shop", {"capacity": 0, "item": "pharmacy"}),
        qh.OpenGate((24.9, 60.1), "court", "east gate"),
        qh.RemoveWall("court"),
        qh.AddLink([(24.9, 60.1), (24.91, 60.1)], "bridge", {"steps": True}),
        qh.CloseStreet("Main Street"),
        qh.CloseStreet(at=(24.9, 60.1)),
        qh.ChangeItem("pharmacy", {"limit_minutes": 10}),
        qh.ChangeWalker("elderly", 3.0),
    ),
    "every kind",
)


def test_every_change_is_written_and_read(tmp_path):
    path = ALL.save(tmp_path / "plan.json")
    again = qh.read_scenario(path)
    assert again.name == "every kind"
    assert again.to_frame().equals(ALL.to_frame())
    for one, other in zip(ALL, again, strict=True):
        if not isinstance(getattr(one, "at", None), Polygon):
            assert one == other
    whole = json.loads(path.read_text(encoding="utf-8"))
    ring = whole["features"][1]["geometry"]["coordinates"][0]
    assert Polygon(ring).exterior.is_ccw  # RFC 7946
    assert "crs" not in whole


def test_metres_are_written_as_degrees_and_walkers_by_name(tmp_path):
    plan = qh.Scenario(
        [
            qh.AddFacility((500_000.0, 4_400_000.0), "pharmacy", crs="EPSG:32650"),
            qh.ChangeWalker(qh.profile("elderly", speed_m_s=1.0)),
        ]
    )
    again = qh.read_scenario(plan.save(tmp_path / "plan.geojson"))
    assert again.changes[0].at.x == pytest.approx(117.0)
    assert again.changes[1] == qh.ChangeWalker("elderly", 3.6)
    own = qh.Scenario([qh.ChangeWalker(lambda network: network.edge_length_m)])
    with pytest.raises(InputError, match="can only name a walker"):
        own.save(tmp_path / "own.json")


def test_a_layer_drawn_in_qgis(tmp_path):
    bridge = LineString([(24.9, 60.1), (24.91, 60.1)])
    layer = gpd.GeoDataFrame(
        {
            "change": [None, None, "close_street", "关闭设施"],
            "item": ["pharmacy", None, None, None],
            "name": ["new", "bridge", None, None],
            "facility": [None, None, None, "node/1"],
            "comment": ["corner", None, None, "to be sold"],
        },
        geometry=[
            Point(24.9, 60.1),
            bridge,
            Point(24, 60),
            None,
        ],
        crs=4326,
    ).to_crs(3067)
    layer.to_file(tmp_path / "plan.gpkg", driver="GPKG")
    plan = qh.read_scenario(tmp_path / "plan.gpkg")
    kinds = ["add_facility", "add_link", "close_street", "close_facility"]
    assert [change.kind for change in plan] == kinds
    assert plan.changes[0].at.x == pytest.approx(24.9)
    assert plan.changes[3].facility == "node/1"


def features(*rows: tuple[object, dict[str, object]], **more: object) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": geometry, "properties": properties}
            for geometry, properties in rows
        ],
        **more,
    }


def point(x: float, y: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [x, y]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is no JSON"),
        ([1], "no GeoJSON"),
        (features(), "no change in it"),
        (features((None, {"change": "fly"})), "change 1: 'fly' is no change"),
        (features((point(1, 2), {})), "nothing says what it changes"),
        (features((None, {"change": "close_facility"})), "needs facility"),
        (features((None, {"change": "open_gate"})), "needs a geometry"),
        (features((None, {"change": "remove_wall", "area": 1, "wall": 2})), "has no wall"),
        (features((point(60.1, 124), {"change": "open_gate"})), "may be exchanged"),
        (features((point(1, 2), {"change": "add_link"})), "needs one line"),
        (features(({"type": "Point"}, {"change": "open_gate"})), "cannot be read"),
        (features((None, {"change": "remove_wall", "area": 1}), crs="EPSG:3857"), "another CRS"),
    ],
)
def test_what_is_no_scenario_is_said(tmp_path, content, says):
    path = tmp_path / "plan.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=says):
        qh.read_scenario(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        qh.read_scenario(tmp_path / "plan.json")


def test_in_china_the_datum_is_told_by_the_file_or_by_the_caller(tmp_path):
    path = tmp_path / "plan.json"
    spot = (point(116.4, 39.9), {"change": "add_facility", "item": "pharmacy"})
    path.write_text(json.dumps(features(spot)), encoding="utf-8")
    with pytest.raises(DatumError, match="does not say in which datum"):
        qh.read_scenario(path)
    shifted = qh.read_scenario(path, datum="gcj02").changes[0].at
    lon, lat = qh.to_wgs84(116.4, 39.9, "gcj02")
    assert (shifted.x, shifted.y) == pytest.approx((float(lon), float(lat)))
    path.write_text(json.dumps(features(spot, datum="wgs84")), encoding="utf-8")
    assert qh.read_scenario(path, datum="gcj02").changes[0].at.x == 116.4
