"""Every kind of file, good and bad, becomes the same arrays or one clear sentence."""

import bz2
import gzip

import numpy as np
import osmium
import pytest
import shapely

from osm_worlds import FOOTWAY, STREET, box, metres, node_xml, nodes, relation_xml, way_xml, write
from quarterhour.errors import InputError, NetworkError
from quarterhour.sources.osm.file import MISSING, read_file
from quarterhour.sources.osm.read import read_osm
from quarterhour.sources.osm.shapes import relation_areas, to_metres, utm, way_polygons

CROSS = {1: (0, 0), 2: (100, 0), 3: (100, 80)}


@pytest.fixture
def cross(tmp_path):
    return write(
        tmp_path,
        nodes(CROSS, n2={"name": "角, a=b 50% @"}),
        way_xml(11, [1, 2, 3], STREET | {"name": "学院路"}),
    )


def test_text_of_tags_comes_through_exactly(cross):
    file = read_file(cross)
    assert file.node_tags == {1: {"name": "角, a=b 50% @"}}
    assert file.way_tags == ({"highway": "residential", "name": "学院路"},)
    assert file.node_id.tolist() == [1, 2, 3]
    assert file.way_nodes.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("ending", "packer"), [("gz", gzip), ("bz2", bz2)])
def test_packed_files_read_the_same(cross, ending, packer):
    packed = cross.with_name(f"packed.osm.{ending}")
    packed.write_bytes(packer.compress(cross.read_bytes()))
    plain, again = read_osm(cross).streets, read_osm(packed).streets
    assert np.array_equal(plain.coords, again.coords)
    assert plain.sha256 == again.sha256
    assert plain.metadata["sha256"] != again.metadata["sha256"]


def test_pbf_reads_the_same(cross):
    packed = cross.with_name("packed.osm.pbf")
    with osmium.SimpleWriter(str(packed)) as writer:
        osmium.apply(str(cross), writer)
    assert read_osm(packed).streets.sha256 == read_osm(cross).streets.sha256


def test_ways_before_their_nodes_have_positions(tmp_path):
    way = way_xml(11, [1, 2, 3], STREET)
    network = read_osm(write(tmp_path, way, nodes(CROSS))).streets
    assert metres(network, 1, 3) == pytest.approx(180, abs=0.05)


def test_nodes_ways_and_relations_in_any_order(tmp_path):
    ring, refs = box(21, 0, 0, 50, 50)
    parts = [
        relation_xml(9, [("w", 12, "outer")], {"type": "multipolygon", "landuse": "residential"}),
        node_xml(1, *CROSS[1]),
        way_xml(11, [1, 2, 3], STREET),
        node_xml(3, *CROSS[3]),
        way_xml(12, refs, {}),
        node_xml(2, *CROSS[2]),
        ring,
    ]
    city = read_osm(write(tmp_path, *parts))
    assert metres(city.streets, 1, 3) == pytest.approx(180, abs=0.05)
    assert city.areas.index.tolist() == ["relation/9"]
    assert city.areas.area.iloc[0] == pytest.approx(2500, rel=1e-3)


def test_negative_ids_of_josm_have_positions(tmp_path):
    parts = nodes({-1: (0, 0), -2: (100, 0), 3: (100, 80)}), way_xml(-11, [-1, -2, 3], STREET)
    network = read_osm(write(tmp_path, *parts)).streets
    assert sorted(network.node_osmid.tolist()) == [-1, 3]
    assert metres(network, -1, 3) == pytest.approx(180, abs=0.05)
    assert network.edge_osmid.tolist() == [-11]


def test_a_node_given_twice_counts_once_in_its_last_place(tmp_path):
    again = node_xml(2, 300, 0)
    file = read_file(write(tmp_path, nodes(CROSS), again, way_xml(11, [1, 2], STREET)))
    assert len(file.node_id) == 3
    assert any("more than once" in note for note in file.notes)
    assert to_metres(file, utm(file))[1, 0] == pytest.approx(500_300, abs=0.2)


def test_a_street_is_not_drawn_over_nodes_the_file_lacks(tmp_path):
    places = {1: (0, 0), 2: (10, 0), 4: (500, 0), 5: (510, 0)}
    city = read_osm(write(tmp_path, nodes(places), way_xml(11, [1, 2, 3, 4, 5], STREET)))
    assert city.streets.edge_length_m.sum() == pytest.approx(20, abs=0.05)
    assert metres(city.streets, 1, 5) == np.inf
    assert any("1 of 5 way nodes are not in the file" in note for note in city.notes)


def test_a_node_without_a_position_is_left_out_and_counted(tmp_path):
    bare = '<node id="9"/>'
    file = read_file(write(tmp_path, nodes(CROSS), bare, way_xml(11, [1, 9, 2], STREET)))
    assert file.way_nodes.tolist() == [0, MISSING, 1]
    assert any("1 nodes without a position" in note for note in file.notes)


def test_rings_touching_in_several_nodes_are_put_together(tmp_path):
    outer, refs = box(1, 0, 0, 100, 100)
    touching = nodes({11: (0, 50), 12: (50, 0), 13: (60, 60)})
    members = [("w", 1, "outer"), ("w", 2, "inner")]
    path = write(
        tmp_path,
        outer,
        touching,
        way_xml(1, [1, 12, *refs[1:4], 11, 1], {}),
        way_xml(2, [11, 12, 13, 11], {}),
        relation_xml(1, members, {"type": "multipolygon", "building": "yes"}),
        relation_xml(2, members[:1] * 2, {"type": "multipolygon"}),
    )
    file = read_file(path)
    twice, never = relation_areas(file, to_metres(file, utm(file)), [0, 1])
    hole = shapely.Polygon([(0, 50), (50, 0), (60, 60)]).area
    assert twice.area == pytest.approx(10_000 - hole, rel=1e-3)
    assert twice.is_valid
    assert never is None


def test_timestamp_of_the_newest_object_where_the_header_has_none(tmp_path):
    text = write(tmp_path, nodes(CROSS), way_xml(11, [1, 2], STREET)).read_text()
    text = text.replace('<node id="2"', '<node timestamp="2021-05-04T03:02:01Z" id="2"')
    text = text.replace('<way id="11"', '<way timestamp="2020-05-04T03:02:01Z" id="11"')
    path = tmp_path / "dated.osm"
    path.write_text(text)
    assert read_osm(path).streets.metadata["osm_timestamp"] == "2021-05-04T03:02:01Z"


def test_extent_is_the_box_of_the_header(tmp_path):
    west, south = 26.99, 60.15
    bounds = f'<bounds minlon="{west}" minlat="{south}" maxlon="27.02" maxlat="60.19"/>'
    city = read_osm(write(tmp_path, bounds, nodes(CROSS), way_xml(11, [1, 2, 3], STREET)))
    assert city.streets.extent.area == pytest.approx(4_450 * 1_665, rel=0.02)
    assert any("header" in note for note in city.notes)


def test_extent_leaves_out_ways_that_reach_far_out(tmp_path):
    trees = {100 + i: (10.0 * i, 5.0 * i) for i in range(41)}
    far = nodes({1: (0, 0), 2: (100, 0), 3: (9000, 0)})
    city = read_osm(write(tmp_path, nodes(trees), far, way_xml(11, [1, 2, 3], STREET)))
    west, south, east, north = city.streets.extent.bounds
    assert (east - west, north - south) == pytest.approx((400, 200), abs=2)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.osm.pbf", b"", "is empty"),
        ("page.osm.pbf", b"<html><body>not found</body></html>", "cannot be read"),
        ("page.osm", b"<html/>", "cannot be read"),
        ("cut.osm", b'<osm version="0.6"><node id="1" lat="1" lon="2"/>', "cannot be read"),
        (
            "cut.osm.gz",
            gzip.compress(b'<osm version="0.6"></osm>' * 9, mtime=0)[:30],
            "cannot be read",
        ),
        ("roads.shp", b"x", "file name endings"),
        ("nothing.osm", b'<osm version="0.6"></osm>', "holds no objects"),
        (
            "ways.osm",
            b'<osm version="0.6"><way id="1"><nd ref="1"/><tag k="highway" v="path"/></way></osm>',
            "no nodes",
        ),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_osm(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        read_osm(tmp_path / "gone.osm.pbf")
    (tmp_path / "folder.osm.pbf").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_osm(tmp_path / "folder.osm.pbf")


def test_truncated_pbf(samples, tmp_path):
    whole = (samples / "helsinki.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2])
    before = set(tmp_path.iterdir())
    with pytest.raises(InputError, match="damaged, cut off"):
        read_osm(path)
    assert set(tmp_path.iterdir()) == before


def test_change_files_are_refused(tmp_path):
    path = tmp_path / "changes.osm"
    path.write_text(f'<osmChange version="0.6"><modify>{nodes(CROSS)}</modify></osmChange>')
    with pytest.raises(InputError, match="history or change file"):
        read_osm(path)


def test_no_walkable_way(tmp_path):
    path = write(tmp_path, nodes(CROSS), way_xml(11, [1, 2], {"highway": "motorway"}))
    with pytest.raises(NetworkError, match=r"no way that can be walked.*1 of them"):
        read_osm(path)


def test_walkable_way_without_positions(tmp_path):
    path = write(tmp_path, nodes(CROSS), way_xml(11, [8, 9], FOOTWAY))
    with pytest.raises(NetworkError, match="none of their nodes"):
        read_osm(path)


def test_progress_bar_counts_to_the_end(cross, capsys):
    read_osm(cross, progress=True)
    assert "OpenStreetMap: residential areas" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["helsinki", "monaco", pytest.param("las-palmas", marks=pytest.mark.long)]
)
def test_every_area_equals_the_one_that_osmium_assembles(shared_data, name):
    path = shared_data(f"{name}.osm.pbf")
    file = read_file(path)
    lonlat = np.column_stack([file.lon, file.lat])
    relations = relation_areas(file, lonlat, range(len(file.relation_id)))
    ways = [w for w, tags in enumerate(file.way_tags) if tags and tags.get("area") != "no"]
    mine = {("r", file.relation_id[r]): a for r, a in enumerate(relations) if a is not None}
    mine |= {
        ("w", int(file.way_id[w])): area
        for w, area in zip(ways, way_polygons(file, lonlat, ways), strict=True)
        if area is not None
    }
    to_wkb = osmium.geom.WKBFactory()
    theirs = {}
    for area in osmium.FileProcessor(str(path)).with_areas():
        if area.is_area():
            shape = shapely.from_wkb(bytes.fromhex(to_wkb.create_multipolygon(area)))
            theirs["w" if area.from_way() else "r", area.orig_id()] = shape
    assert mine.keys() == theirs.keys()
    keys = list(mine)
    here = shapely.area([mine[key] for key in keys])
    there = shapely.area([theirs[key] for key in keys])
    assert np.allclose(here, there, rtol=1e-6)


def test_files_larger_than_a_block_read_the_same(samples, monkeypatch):
    path = samples / "helsinki.osm.pbf"
    whole = read_file(path)
    monkeypatch.setattr("quarterhour.sources.osm.opl.BLOCK_BYTES", 10_000)
    pieces = read_file(path)
    for name in ("node_id", "lon", "lat", "way_id", "way_offset", "way_nodes"):
        assert np.array_equal(getattr(whole, name), getattr(pieces, name)), name
    assert whole.way_tags == pieces.way_tags
    assert whole.node_tags == pieces.node_tags
    assert whole.relation_members == pieces.relation_members


def test_helsinki_node_by_node(samples):
    """Every id, position and tag against osmium's own objects."""
    path = samples / "helsinki.osm.pbf"
    file = read_file(path)
    at = file.node_id.tolist()
    theirs = [
        (n.id, n.lon, n.lat, dict(n.tags)) for n in osmium.FileProcessor(str(path), osmium.osm.NODE)
    ]
    assert [n[0] for n in theirs] == at
    assert np.allclose([n[1] for n in theirs], file.lon, rtol=0, atol=1e-9)
    assert np.allclose([n[2] for n in theirs], file.lat, rtol=0, atol=1e-9)
    assert {i: n[3] for i, n in enumerate(theirs) if n[3]} == file.node_tags
    ways = list(map(way_parts, osmium.FileProcessor(str(path), osmium.osm.WAY)))
    assert [w[0] for w in ways] == file.way_id.tolist()
    assert [w[1] for w in ways] == [dict(t) for t in file.way_tags]
    refs = np.concatenate([w[2] for w in ways])
    present = file.way_nodes != MISSING
    assert np.array_equal(file.node_id[file.way_nodes[present]], refs[present])
    assert not np.isin(refs[~present], file.node_id).any()


def way_parts(way):
    return way.id, dict(way.tags), np.array([n.ref for n in way.nodes], np.int64)


def test_objects_that_say_the_same_share_their_tags_and_are_asked_once(tmp_path):
    spots = {k: (10.0 * k, 0) for k in range(1, 9)}
    file = read_file(
        write(
            tmp_path,
            nodes(spots, n2={"barrier": "gate"}, n5={"barrier": "gate"}, n7={"shop": "yes"}),
            way_xml(11, [1, 2, 3], STREET),
            way_xml(12, [3, 4], FOOTWAY),
            way_xml(13, [4, 5, 6], STREET),
            way_xml(14, [6, 7], {}),
        )
    )
    asked = []

    def is_street(tags):
        asked.append(tags)
        return tags.get("highway") == STREET["highway"]

    assert file.ways_where(is_street) == [0, 2]
    assert len(asked) == 2
    assert file.way_tags[0] is file.way_tags[2]
    assert file.ways_where(lambda _: True) == [0, 1, 2]
    assert file.nodes_where(lambda tags: "barrier" in tags) == [1, 4]
    assert file.node_tags[1] is file.node_tags[4]


@pytest.mark.parametrize(
    "text",
    ["100 %", "%20%", "%%", "a%20b", "a, b=c @d", "三号 门", "tab\there", "line\nbreak", "é%e9%é"],
)
def test_every_character_of_a_text_comes_through(tmp_path, text):
    packed, said = tmp_path / "world.osm.pbf", {"name": text}
    spots = nodes({1: (0, 0), 2: (9, 0)}, n2=said)
    plain = write(tmp_path, spots, way_xml(3, [1, 2], said))
    with osmium.SimpleWriter(str(packed)) as writer:
        osmium.apply(str(plain), writer)
    file = read_file(packed)
    assert file.node_tags[1] == said
    assert file.way_tags == (said,)
