"""Files of editors, and objects that are there in part: deleted, cut, drawn another way."""

from __future__ import annotations

import gzip
import re

import pytest

import osm_worlds as ow
from quarterhour.errors import InputError
from quarterhour.places.origins import origins
from quarterhour.sources.osm.read import read_osm

BASE = {1: (0, 0), 2: (200, 0), 3: (400, 0), 4: (200, 300)}
WAYS = [(10, [1, 2, 3]), (11, [1, 4]), (12, [4, 3])]


def base(**changes):
    """A street of 400 m and a way round it; ``way_11='action="delete"'`` adds an attribute."""
    text = ow.nodes(BASE) + "".join(ow.way_xml(i, refs, ow.STREET) for i, refs in WAYS)
    for name, attribute in changes.items():
        kind, osmid = name.split("_")
        text = text.replace(f'<{kind} id="{osmid}"', f'<{kind} id="{osmid}" {attribute}')
    return text


@pytest.mark.parametrize(
    "mark",
    [
        "action='delete' version='3' visible='true'",
        'action="delete"',
        'visible="false" version="2"',
    ],
)
@pytest.mark.parametrize("pack", [False, True])
def test_a_deleted_way_is_not_there(tmp_path, mark, pack):
    path = ow.write(tmp_path, base(way_11=mark))
    if pack:
        (tmp_path / "packed.osm.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = tmp_path / "packed.osm.gz"
    city = read_osm(path)
    assert 11 not in city.streets.edge_osmid
    assert ow.metres(city.streets, 1, 4) == pytest.approx(400 + 360.6, abs=1)
    assert "1 objects are marked as deleted: left out." in city.notes


def test_what_was_changed_but_not_deleted_stays(tmp_path):
    path = ow.write(tmp_path, base(way_11='action="modify" visible="true"'))
    city = read_osm(path)
    assert 11 in city.streets.edge_osmid
    assert not any("deleted" in note for note in city.notes)


def test_deleted_nodes_and_relations_are_not_there(tmp_path):
    clinic = ow.node_xml(7, 20, 20, {"amenity": "clinic"})
    gone = clinic.replace("<node", '<node action="delete"')
    assert len(read_osm(ow.write(tmp_path, base() + clinic)).facilities) == 1
    assert len(read_osm(ow.write(tmp_path, base() + gone)).facilities) == 0


def bounds(west, south, east, north):
    corners = [
        ow.TO_DEGREES.transform(ow.EAST + x, ow.NORTH + y)
        for x, y in [(west, south), (east, north)]
    ]
    (lon1, lat1), (lon2, lat2) = corners
    return f'<bounds minlon="{lon1}" minlat="{lat1}" maxlon="{lon2}" maxlat="{lat2}"/>'


def test_the_extent_is_what_all_bounds_cover(tmp_path):
    two = bounds(-50, -50, 300, 400) + bounds(301, -50, 900, 200)
    extent = read_osm(ow.write(tmp_path, two + base())).streets.extent
    west, _, east, _ = extent.bounds
    assert east - west == pytest.approx(950, abs=12)
    assert extent.area == pytest.approx(350 * 450 + 600 * 250, rel=0.02)


def test_bounds_that_lie_apart_are_said(tmp_path):
    two = bounds(-50, -50, 300, 400) + bounds(600, -50, 900, 200)
    city = read_osm(ow.write(tmp_path, two + base()))
    assert any("which lie apart" in note for note in city.notes)
    west, _, east, _ = city.streets.extent.bounds
    assert east - west == pytest.approx(950, abs=12)


@pytest.mark.parametrize("count", [1, 2])
def test_nodes_at_one_place_are_no_city(tmp_path, count):
    places = dict.fromkeys(range(1, count + 1), (0, 0))
    text = ow.nodes(places) + ow.way_xml(10, list(places), ow.STREET)
    with pytest.raises(InputError, match=f"All {count} nodes of the file lie at one place"):
        read_osm(ow.write(tmp_path, text))


def test_a_street_along_a_parallel_has_an_extent(tmp_path):
    text = re.sub(r'lat="[0-9.]+"', 'lat="60.17"', ow.nodes({1: (0, 0), 2: (200, 0)}))
    city = read_osm(ow.write(tmp_path, text + ow.way_xml(10, [1, 2], ow.STREET)))
    assert city.streets.extent.area > 0


# --- gates --------------------------------------------------------------------------------------


def gate_line(tags, node_tags=None):
    places = {8: (200, -20), 9: (200, 20)}
    street = ow.nodes({1: (0, 0), 3: (400, 0)}) + ow.node_xml(2, 200, 0, node_tags)
    return (
        street
        + ow.nodes(places)
        + ow.way_xml(10, [1, 2, 3], ow.STREET)
        + ow.way_xml(30, [8, 2, 9], tags)
    )


@pytest.mark.parametrize(
    ("tags", "node_tags", "open_"),
    [
        ({"barrier": "gate"}, None, True),
        ({"barrier": "gate", "locked": "yes"}, None, False),
        ({"barrier": "gate", "access": "no;private"}, None, False),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, None, True),
        ({"barrier": "lift_gate", "access": "private"}, None, True),
        ({"barrier": "gate", "locked": "yes"}, {"barrier": "gate", "foot": "yes"}, True),
        ({"barrier": "gate"}, {"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "wall"}, None, True),
    ],
)
def test_a_gate_drawn_as_a_line_is_a_gate(tmp_path, tags, node_tags, open_):
    streets = read_osm(ow.write(tmp_path, gate_line(tags, node_tags))).streets
    assert (ow.metres(streets, 1, 3) < 401) is open_


def test_a_gate_in_a_wall_is_the_way_out(tmp_path):
    corners = {1: (0, 0), 2: (90, 0), 7: (100, 0), 3: (110, 0), 4: (200, 0), 5: (200, 200)}
    corners |= {6: (0, 200), 20: (0, -20), 21: (300, -20)}
    home, ring = ow.box(40, 50, 50, 70, 70)
    text = (
        ow.nodes(corners)
        + home
        + ow.way_xml(30, [3, 4, 5, 6, 1, 2], {"barrier": "wall"})
        + ow.way_xml(31, [2, 7, 3], {"barrier": "gate"})
        + ow.way_xml(32, [1, 2, 7, 3, 4, 5, 6, 1], {"landuse": "residential"})
        + ow.way_xml(33, ring, {"building": "apartments"})
        + ow.way_xml(34, [20, 21], ow.STREET)
    )
    city = read_osm(ow.write(tmp_path, text))
    assert city.gates.index.tolist() == ["way/31"]
    assert city.gates["kind"].tolist() == ["gate"]
    assert origins(city.areas, city.buildings, city.gates)["way_out"].tolist() == ["gates"]


# --- squares that are cut -----------------------------------------------------------------------


def square(*members):
    places = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (-50, 0), 6: (200, 100)}
    inner, ring = ow.box(11, 30, 30, 70, 70)
    return (
        ow.nodes(places)
        + inner
        + ow.way_xml(20, [1, 2, 3], {})
        + ow.way_xml(21, [3, 4, 1], {})
        + ow.way_xml(22, ring, {})
        + ow.way_xml(30, [5, 1], ow.STREET)
        + ow.way_xml(31, [3, 6], ow.STREET)
        + ow.relation_xml(40, members, {"type": "multipolygon", "highway": "pedestrian"})
    )


def test_a_square_without_its_hole_is_crossed(tmp_path):
    parts = [("way", 20, "outer"), ("way", 21, "outer"), ("way", 99, "inner")]
    city = read_osm(ow.write(tmp_path, square(*parts)))
    assert ow.metres(city.streets, 1, 3) == pytest.approx(141.4, abs=0.5)
    assert any("1 squares are cut at the edge" in note for note in city.notes)


def test_a_square_without_half_of_its_outline_is_walked_along_the_rest(tmp_path):
    parts = [("way", 20, "outer"), ("way", 99, "outer"), ("way", 22, "inner")]
    city = read_osm(ow.write(tmp_path, square(*parts)))
    assert ow.metres(city.streets, 1, 3) == pytest.approx(200, abs=0.5)
    assert not city.streets.traits["square"].any()
