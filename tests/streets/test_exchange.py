"""Networks from tables of lines and from OSMnx graphs, and back to OSMnx."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import pandas as pd
import pyproj
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

import worlds
from quarterhour.errors import NetworkError, QuarterhourWarning
from quarterhour.sources.tables.read import read_network
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.travel_times import travel_times

TINY_OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="60.1700" lon="24.9400"/>
  <node id="2" lat="60.1710" lon="24.9400"/>
  <node id="3" lat="60.1720" lon="24.9400"/>
  <node id="4" lat="60.1710" lon="24.9420"/>
  <node id="5" lat="60.1715" lon="24.9410"/>
  <node id="6" lat="60.1705" lon="24.9410"/>
  <node id="7" lat="60.1725" lon="24.9405"/>
  <node id="8" lat="60.1725" lon="24.9395"/>
  <node id="9" lat="60.1710" lon="24.9450"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="residential"/><tag k="name" v="学院路"/></way>
  <way id="11"><nd ref="2"/><nd ref="5"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <way id="12"><nd ref="2"/><nd ref="6"/><nd ref="4"/><tag k="highway" v="steps"/></way>
  <way id="13"><nd ref="3"/><nd ref="7"/><nd ref="8"/><nd ref="3"/>
    <tag k="highway" v="service"/></way>
  <way id="14"><nd ref="4"/><nd ref="9"/><tag k="highway" v="footway"/></way>
</osm>
"""


def table(*lines, crs=worlds.CRS, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(lines), crs=crs)


# --- from a table of lines ----------------------------------------------------------------------


def test_lines_are_joined_where_they_share_a_vertex():
    cross = table(LineString([(0, 0), (9, 0), (20, 0)]), LineString([(9, -5), (9, 0)]))
    network = WalkNetwork.from_edges(cross)
    assert (network.n_nodes, network.n_edges) == (4, 3)
    assert sorted(network.edge_length_m) == [5, 9, 11]
    assert len(network.component_length_m) == 1


def test_lines_that_merely_cross_are_not_joined():
    network = worlds.bridge_world()
    assert (network.n_nodes, network.n_edges) == (4, 2)
    assert len(network.component_length_m) == 2


def test_vertices_that_no_other_line_has_are_no_nodes():
    network = worlds.network_of([(0, 0), (10, 5), (20, 0), (30, 5)])
    assert (network.n_nodes, network.n_edges) == (2, 1)
    assert shapely.get_num_points(network.lines[0]) == 4


def test_a_ring_is_one_edge_from_a_node_to_itself():
    network = worlds.network_of([(0, 0), (10, 0), (10, 10), (0, 0)])
    assert network.edge_nodes.tolist() == [[0, 0]]
    assert network.edge_length_m[0] == pytest.approx(20 + np.hypot(10, 10))


def test_two_lines_between_the_same_nodes_stay_two():
    network = worlds.network_of([(0, 0), (10, 0)], [(0, 0), (5, 8), (10, 0)])
    assert network.n_edges == 2
    assert network.n_nodes == 2


def test_the_parts_of_a_multilinestring_are_streets_of_their_own():
    both = MultiLineString([[(0, 0), (10, 0)], [(50, 0), (80, 0)]])
    network = WalkNetwork.from_edges(table(both, highway=["path"]))
    assert network.edge_length_m.tolist() == [10, 30]
    assert network.traits["highway"].tolist() == ["path", "path"]


def test_a_line_cut_in_two_keeps_its_traits_on_both_parts():
    streets = table(
        LineString([(0, 0), (9, 0), (20, 0)]),
        LineString([(9, -5), (9, 0)]),
        name=["学院路", None],
        highway=[["residential", "path"], "steps"],
        bridge=["yes", "no"],
        steps=[np.nan, "True"],
        layer=["1", "many"],
        oneway_foot=[-1, 0],
        osmid=[[44, 45], "way/7"],
        other=[1, 2],
    )
    network = WalkNetwork.from_edges(streets)
    traits = {name: values.tolist() for name, values in network.traits.items()}
    assert traits["name"] == ["学院路", "学院路", ""]
    assert traits["highway"] == ["residential", "residential", "steps"]
    assert traits["bridge"] == [True, True, False]
    assert traits["steps"] == [False, False, True]
    assert traits["layer"] == [1, 1, 0]
    assert traits["oneway_foot"] == [-1, -1, 0]
    assert network.edge_osmid.tolist() == [44, 44, 0]
    assert "other" not in traits


def test_points_repeated_within_a_centimetre_and_stumps_are_left_out():
    streets = table(LineString([(0, 0), (0.001, 0), (10, 0)]), LineString([(10, 0), (10, 0.002)]))
    network = WalkNetwork.from_edges(streets)
    assert network.n_edges == 1
    assert network.edge_length_m[0] == pytest.approx(10)


def test_degrees_are_projected_to_metres():
    streets = table(LineString([(116.3, 39.9), (116.3, 39.91)]), crs=4326)
    network = WalkNetwork.from_edges(streets)
    assert network.crs.to_epsg() == 32650
    assert network.edge_length_m[0] == pytest.approx(1110, abs=5)


def test_rows_without_a_line_are_passed():
    streets = table(LineString([(0, 0), (9, 0)]), None, LineString())
    assert WalkNetwork.from_edges(streets).n_edges == 1


@pytest.mark.parametrize(
    ("streets", "says"),
    [
        (table(LineString([(0, 0), (9, 0)]), crs=None), "no CRS"),
        (table(None, LineString()), "no line in it"),
        (table(LineString([(0, 0), (9, 0)]), Point(0, 0)), "also holds Point"),
        (table(LineString([(0, 0), (0, 0.001)])), "no line of any length"),
    ],
)
def test_tables_that_are_no_streets_are_refused(streets, says):
    with pytest.raises(NetworkError, match=says):
        WalkNetwork.from_edges(streets)


# --- from and to networkx -----------------------------------------------------------------------


def write_streets(source, target):
    """Streets alone, cut to the nodes that the extract holds: OSMnx wants every node of a way."""
    nodes, streets = {}, []
    for thing in osmium.FileProcessor(str(source)):
        if thing.is_node():
            nodes[thing.id] = osmium.osm.mutable.Node(id=thing.id, location=thing.location)
        elif thing.is_way() and "highway" in thing.tags and "area" not in thing.tags:
            inside = [node.ref for node in thing.nodes if node.ref in nodes]
            if len(inside) > 1:
                streets.append(thing.replace(nodes=inside, tags=dict(thing.tags)))
    with osmium.SimpleWriter(str(target)) as writer:
        for ref in sorted({ref for way in streets for ref in way.nodes}):
            writer.add_node(nodes[ref])
        for way in streets:
            writer.add_way(way)


@pytest.fixture(scope="module")
def osm_files(tmp_path_factory):
    """Small .osm files for OSMnx: written here, the synthetic town, and Helsinki converted."""
    folder = tmp_path_factory.mktemp("osm")
    tiny, helsinki = folder / "tiny.osm", folder / "helsinki.osm"
    tiny.write_text(TINY_OSM, encoding="utf-8")
    write_streets(worlds.SAMPLES / "helsinki.osm.pbf", helsinki)
    return {
        "tiny": tiny,
        "town": worlds.SAMPLES / "new-town" / "streets.osm",
        "helsinki": helsinki,
    }


CLOSED = {"motorway", "motorway_link", "construction", "private", "no", "permit", "delivery"}


def walkable(graph):
    """A graph without the edges that say that they are closed to walkers, or not built."""
    for u, v, key, data in list(graph.edges(keys=True, data=True)):
        said = [data.get("highway"), data.get("access")]
        words = [w for value in said for w in (value if isinstance(value, list) else [value])]
        if CLOSED & set(words):
            graph.remove_edge(u, v, key)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    return graph


@pytest.mark.parametrize(
    ("name", "simplify"),
    [("tiny", True), ("tiny", False), ("town", True), ("town", False), ("helsinki", True)],
)
def test_an_osmnx_graph_goes_in_and_comes_out(osm_files, name, simplify):
    graph = walkable(ox.graph_from_xml(osm_files[name], simplify=simplify, retain_all=True))
    nx.set_node_attributes(graph, ox.stats.count_streets_per_node(graph), "street_count")
    before = ox.stats.basic_stats(graph)
    metres = before["street_length_total"]
    network = WalkNetwork.from_networkx(graph)
    assert network.n_nodes == len(graph)
    assert network.n_edges == before["street_segment_count"]
    assert network.edge_length_m.sum() == pytest.approx(metres, rel=1e-9)
    # OSMnx measures on a sphere, the network on the ellipsoid.
    assert network.line_length_m.sum() == pytest.approx(metres, rel=5e-3)
    again = network.to_networkx()
    assert set(again.nodes) == set(graph.nodes)
    after = ox.stats.basic_stats(again)
    assert after["street_length_total"] == pytest.approx(metres, rel=1e-9)
    for key in ("n", "intersection_count", "street_segment_count"):
        assert after[key] == before[key], key


def test_osmnx_functions_accept_the_result(osm_files):
    network = WalkNetwork.from_networkx(ox.graph_from_xml(osm_files["tiny"]))
    graph = ox.routing.add_edge_speeds(network.to_networkx(), fallback=4.5)
    graph = ox.routing.add_edge_travel_times(graph)
    route = ox.routing.shortest_path(graph, 1, 4, weight="length")
    assert route[0] == 1
    assert route[-1] == 4
    nodes, edges = ox.convert.graph_to_gdfs(graph)
    assert len(edges) == 2 * network.n_edges
    assert edges.crs == nodes.crs == network.crs
    ends = shapely.get_coordinates(shapely.get_point(edges.geometry.array, 0))
    at = nodes.loc[edges.index.get_level_values("u"), ["x", "y"]]
    assert np.allclose(ends, at)
    x, y = nodes.loc[3, ["x", "y"]]
    u, v, _ = ox.distance.nearest_edges(graph, x, y)
    assert 3 in (u, v)


def test_directions_traits_and_ids_survive(osm_files):
    graph = ox.graph_from_xml(osm_files["tiny"])
    network = WalkNetwork.from_networkx(graph)
    assert sorted(network.edge_osmid) == [10, 10, 11, 12, 13, 14]
    by_id = dict(zip(network.edge_osmid.tolist(), range(network.n_edges), strict=True))
    assert network.traits["steps"][by_id[12]]
    assert network.traits["name"][by_id[10]] == "学院路"
    loop = network.edge_nodes[by_id[13]]
    assert loop[0] == loop[1]
    assert sorted(network.node_osmid) == [1, 2, 3, 4, 9]
    assert network.metadata["source"] == "networkx"


def test_parallel_edges_and_self_loops_are_kept():
    network = worlds.network_of(
        [(0, 0), (100, 0)],
        [(0, 0), (50, 80), (100, 0)],
        [(0, 0), (50, -80), (100, 0)],  # as long as the one before, on the other side
        [(100, 0), (150, 0), (150, 50), (100, 0)],
    )
    again = WalkNetwork.from_networkx(network.to_networkx())
    assert again.n_edges == network.n_edges == 4
    assert sorted(again.edge_length_m) == pytest.approx(sorted(network.edge_length_m))
    sides = {round(float(line.centroid.y)) for line in again.lines[1:3]}
    assert len(sides) == 2


def times(network, seed=1):
    homes, shops = worlds.strewn(network, 30, seed), worlds.strewn(network, 30, seed + 1)
    return travel_times(homes, shops, network, 30).to_frame()


def one_way_world():
    """A square whose one-way edges are drawn with, against and across the order of its nodes."""
    square = [
        [(0, 0), (100, 0)],
        [(100, 100), (100, 0)],
        [(0, 100), (100, 100)],
        [(0, 0), (0, 100)],
    ]
    return worlds.network_of(*square, oneway_foot=[1, -1, -1, 0], incline=["up", "5%", "-3%", ""])


@pytest.mark.parametrize(
    "make",
    [
        worlds.grid_world,
        worlds.cross_world,
        worlds.island_world,
        one_way_world,
        lambda: worlds.helsinki().streets,
    ],
    ids=["grid", "cross", "island", "one-way", "helsinki"],
)
def test_a_round_trip_gives_the_same_times(make):
    network = make()
    homes, shops = worlds.strewn(network, 40, 1), worlds.strewn(network, 40, 2)
    again = WalkNetwork.from_networkx(network.to_networkx())
    assert again.n_edges == network.n_edges
    pd.testing.assert_frame_equal(
        travel_times(homes, shops, network, 30).to_frame(),
        travel_times(homes, shops, again, 30).to_frame(),
        rtol=1e-9,
    )


def test_a_street_closed_one_way_on_foot_has_one_direction_in_the_graph():
    network = one_way_world()
    graph = network.to_networkx()
    assert graph.number_of_edges() == 5
    assert {d["oneway_foot"] for *_, d in graph.edges(data=True)} == {0, 1}
    corner = {tuple(map(round, xy)): i for i, xy in enumerate(network.node_xy)}
    a, b, c, d = (corner[p] for p in [(0, 0), (100, 0), (100, 100), (0, 100)])
    assert nx.has_path(graph, a, b)
    assert graph.has_edge(b, c)
    assert not graph.has_edge(c, b)
    assert graph.edges[b, c, 0]["incline"] == "-5%"
    assert graph.edges[c, d, 0]["incline"] == "3%"


def test_vehicles_one_way_does_not_bind_walkers():
    graph = nx.MultiDiGraph(crs=worlds.CRS)
    graph.add_node("a", x=0.0, y=0.0)
    graph.add_node("b", x=100.0, y=0.0)
    graph.add_edge("a", "b", oneway=True, length=110.0)
    network = WalkNetwork.from_networkx(graph)
    assert network.edge_length_m.tolist() == [110]
    assert network.node_osmid.tolist() == [-1, -1]
    back = travel_times(worlds.points((100, 0)), worlds.points((0, 0)), network).to_frame()
    assert back["seconds"].tolist() == pytest.approx([110 / 1.25])


def test_a_geometry_drawn_backwards_is_turned_round():
    graph = nx.MultiDiGraph(crs=worlds.CRS)
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, x=100.0, y=0.0)
    graph.add_edge(1, 2, geometry=LineString([(100, 0), (90, 40), (0, 0)]))
    network = WalkNetwork.from_networkx(graph)
    assert network.coords.tolist() == [[0, 0], [90, 40], [100, 0]]


def test_nodes_without_ids_of_their_own_are_numbered():
    graph = worlds.grid_world(3).to_networkx()
    assert sorted(graph.nodes) == list(range(9))
    assert graph.nodes[0]["street_count"] == 2


def broken_graph(**changes):
    graph = nx.MultiDiGraph(crs=changes.get("crs", worlds.CRS))
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, **({"x": 1.0} if changes.get("no_y") else {"x": 1.0, "y": 0.0}))
    if not changes.get("bare"):
        graph.add_edge(1, 2)
    return graph


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"crs": None}, "graph has no CRS"),
        ({"bare": True}, "graph has no edge"),
        ({"no_y": True}, "coordinates x and y"),
    ],
)
def test_graphs_that_are_no_streets_are_refused(changes, says):
    with pytest.raises(NetworkError, match=says):
        WalkNetwork.from_networkx(broken_graph(**changes))


# --- graphs as they come ------------------------------------------------------------------------


def chain(**attributes):
    """Three edges of 100 m in a row, both ways, as OSMnx has them; the middle one as told."""
    graph = nx.MultiDiGraph(crs=worlds.CRS)
    for i in range(4):
        graph.add_node(f"5-{i}", x=100.0 * i, y=0.0)
    for i in range(3):
        told = {"osmid": i + 1, "length": 100.0, "highway": "residential"}
        told |= attributes if i == 1 else {}
        graph.add_edge(f"5-{i}", f"5-{i + 1}", **told, reversed=False)
        graph.add_edge(f"5-{i + 1}", f"5-{i}", **told, reversed=True)
    return graph


@pytest.mark.parametrize("length", [None, float("nan"), [40.0, 60.0], "far", -5.0, 0.0, np.inf])
def test_an_edge_of_unknown_length_is_as_long_as_it_is_drawn(length):
    with pytest.warns(QuarterhourWarning, match="1 of 3 edges have a length that is none"):
        network = WalkNetwork.from_networkx(chain(length=length))
    assert network.edge_length_m.tolist() == [100, 100, 100]


def test_lengths_and_lines_may_be_text():
    network = WalkNetwork.from_networkx(
        chain(length="104.5", geometry="LINESTRING (100 0, 150 10, 200 0)", osmid="[7, 8]")
    )
    assert network.edge_length_m.tolist() == [100, 104.5, 100]
    assert network.edge_osmid.tolist() == [1, 7, 3]
    assert network.coords.tolist()[3] == [150, 10]


@pytest.mark.parametrize(("factor", "unit"), [(0.001, "kilometres"), (3.28, "feet"), (7, "metres")])
def test_lengths_in_another_unit_are_found_out(factor, unit):
    graph = chain()
    for *_, data in graph.edges(data=True):
        data["length"] *= factor
    with pytest.raises(NetworkError, match=unit):
        WalkNetwork.from_networkx(graph)


@pytest.mark.parametrize("geometry", ["LINESTRING (0", "POINT (1 1)", Point(1, 1), 5])
def test_an_edge_that_is_drawn_as_no_line_is_refused(geometry):
    with pytest.raises(NetworkError, match="has to be a LineString"):
        WalkNetwork.from_networkx(chain(geometry=geometry))


@pytest.mark.parametrize("x", ["here", None, float("nan")])
def test_a_node_that_lies_nowhere_is_named(x):
    graph = chain()
    graph.nodes["5-2"]["x"] = x
    with pytest.raises(NetworkError, match="those of node '5-2' are"):
        WalkNetwork.from_networkx(graph)


def test_a_latitude_beyond_the_pole_is_refused():
    graph = chain()
    graph.graph["crs"] = "EPSG:4326"
    nx.set_node_attributes(graph, 95.0, "y")
    with pytest.raises(NetworkError, match="a latitude is at most 90"):
        WalkNetwork.from_networkx(graph)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"highway": "motorway"}, "highway=motorway"),
        ({"highway": ["residential", "construction"]}, "highway=construction"),
        ({"foot": "no"}, "foot=no"),
        ({"access": "no;private"}, "access=no;private"),
        ({"access": "['yes', 'private']"}, "access=private"),
    ],
)
def test_what_is_closed_is_left_out_of_graphs_and_of_lines(told, reason):
    with pytest.warns(QuarterhourWarning, match=f"1 of 3 .* left out: 1 × {reason}"):
        network = WalkNetwork.from_networkx(chain(**told))
    assert (network.n_edges, network.n_nodes) == (2, 4)
    lines = table(*[LineString([(i, 0), (i + 1, 0)]) for i in range(3)])
    for name, value in told.items():
        lines[name] = ["yes", value, None] if name != "highway" else ["path", value, None]
    with pytest.warns(QuarterhourWarning, match=f"1 of 3 .* left out: 1 × {reason}"):
        assert WalkNetwork.from_edges(lines).n_edges == 2


def test_what_says_that_one_may_walk_there_stays():
    network = WalkNetwork.from_networkx(chain(highway="motorway", access="no", foot="yes;permit"))
    assert network.n_edges == 3


def test_a_graph_of_which_nothing_is_open_is_refused():
    graph = chain()
    nx.set_edge_attributes(graph, "no", "foot")
    with pytest.warns(QuarterhourWarning), pytest.raises(NetworkError, match="No street"):
        WalkNetwork.from_networkx(graph)


def test_graphml_of_networkx_and_names_that_are_no_numbers(tmp_path):
    nx.write_graphml(chain(), tmp_path / "streets.graphml")
    network = read_network(tmp_path / "streets.graphml")
    assert network.edge_length_m.tolist() == [100, 100, 100]
    assert network.node_osmid.tolist() == [-1] * 4


@pytest.mark.parametrize("crs", [3857, 32635, 4547])
def test_degrees_that_say_they_are_metres_are_refused(crs):
    streets = table(LineString([(24.94, 60.17), (24.95, 60.18)]), crs=crs)
    with pytest.raises(NetworkError, match="they seem to be degrees"):
        WalkNetwork.from_edges(streets)


@pytest.mark.parametrize("kind", [nx.Graph, nx.MultiGraph, nx.DiGraph, nx.MultiDiGraph])
@pytest.mark.parametrize("form", ["wkb_hex", "wkt"])
def test_other_graphs_and_texts_of_lines(kind, form):
    line = LineString([(24.94, 60.17), (24.945, 60.172), (24.95, 60.17)])
    graph = kind(crs="EPSG:4326")
    graph.add_node("12-0", x=24.94, y=60.17)
    graph.add_node("b", x=24.95, y=60.17)
    graph.add_edge("12-0", "b", geometry=getattr(line, form))
    network = read_network(graph)
    assert network.n_edges == 1
    drawn = pyproj.Geod(ellps="WGS84").geometry_length(line)
    assert network.edge_length_m[0] == pytest.approx(drawn, rel=1e-3)
    assert "2 of 2 nodes have ids that are no whole numbers" in network.metadata["notes"]
