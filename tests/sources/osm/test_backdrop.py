"""The ground of a map: water, green, railways, buildings."""

from __future__ import annotations

from pathlib import Path

import pytest

import osm_worlds as osm
import worlds
from quarterhour.errors import InputError
from quarterhour.sources.osm.backdrop import KINDS, kind_of, read_backdrop


def test_each_kind_is_found_with_its_shape_and_name(tmp_path: Path) -> None:
    parts, rings = [], []
    for k in range(3):
        corners, ring = osm.box(10 * k + 1, 200.0 * k, 0, 200.0 * k + 90, 80)
        parts.append(corners)
        rings.append(ring)
    ways = [
        osm.way_xml(1, rings[0], {"leisure": "park", "name": "北海公园"}),
        osm.way_xml(2, rings[1], {"natural": "water"}),
        osm.way_xml(3, rings[2], {"building": "apartments"}),
        osm.way_xml(4, [1, 11], {"railway": "rail"}),
        osm.way_xml(5, [2, 12], {"railway": "subway", "tunnel": "yes"}),
        osm.way_xml(6, [3, 13], {"waterway": "riverbank"}),
        osm.way_xml(7, [1, 21], osm.STREET),
    ]
    table = read_backdrop(osm.write(tmp_path, *parts, *ways))
    found = dict(zip(table.index, table["kind"], strict=True))
    assert found == {"way/1": "green", "way/2": "water", "way/3": "building", "way/4": "railway"}
    assert table.loc["way/1", "name"] == "北海公园"
    assert set(table["kind"]) <= set(KINDS)
    assert table.crs.is_projected


def test_a_building_in_a_park_is_a_building() -> None:
    assert kind_of({"building": "yes", "leisure": "park"}) == "building"
    assert kind_of({"building": "no", "leisure": "park"}) == "green"
    assert kind_of({"railway": "disused"}) == ""


def test_a_real_extract_has_all_of_it() -> None:
    table = read_backdrop(worlds.SAMPLES / "helsinki.osm.pbf")
    assert set(table["kind"]) == set(KINDS)
    lines = table[table["kind"] == "railway"].geom_type
    assert set(lines) <= {"LineString", "MultiLineString"}


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.osm"):
        read_backdrop(tmp_path / "none.osm")
