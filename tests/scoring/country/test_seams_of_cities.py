"""Two real cities, cut through the middle: every verdict and every second is that of the whole."""

from __future__ import annotations

import numpy as np
import osmium
import pytest
from osmium.osm.mutable import Node, Way

import quarterhour as qh
from country_worlds import cards_of, differences, uncut
from quarterhour.scoring.question import Question

HOMES, PLACES = 1500, 400
KINDS = [
    {"shop": "supermarket"},
    {"amenity": "pharmacy"},
    {"amenity": "school"},
    {"leisure": "park"},
    {"amenity": "clinic"},
    {"amenity": "library"},
]


def peopled(source, path):
    """Write an extract of streets alone with homes and places beside them."""
    at = {}
    last = {"n": 0, "w": 0}
    for one in osmium.FileProcessor(str(source)).with_locations():
        if one.is_node():
            last["n"] = max(last["n"], one.id)
        elif one.is_way():
            last["w"] = max(last["w"], one.id)
            if "highway" in one.tags:
                middle = one.nodes[len(one.nodes) // 2]
                at[one.id] = (middle.lon, middle.lat)
    rng = np.random.default_rng(15)
    spots = np.array(list(at.values()))[rng.permutation(len(at))[: HOMES + PLACES]] + 2e-4
    nodes, ways = [], []
    for k, (lon, lat) in enumerate(spots[:HOMES]):
        first = last["n"] + 1 + 4 * k
        corners = [(0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4)]
        nodes += [(first + c, (lon + x, lat + y), {}) for c, (x, y) in enumerate(corners)]
        ways.append((last["w"] + 1 + k, [first, first + 1, first + 2, first + 3, first]))
    first = last["n"] + 1 + 4 * HOMES
    for k, spot in enumerate(spots[HOMES:]):
        nodes.append((first + k, tuple(spot), KINDS[k % len(KINDS)]))
    with osmium.io.Reader(str(source), osmium.osm.NOTHING) as reader:
        header = reader.header()
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for one in osmium.FileProcessor(str(source), osmium.osm.NODE):
            writer.add_node(one)
        for osmid, place, tags in nodes:
            writer.add_node(Node(id=osmid, location=place, tags=tags))
        for one in osmium.FileProcessor(str(source), osmium.osm.WAY):
            writer.add_way(one)
        for osmid, refs in ways:
            writer.add_way(Way(id=osmid, nodes=refs, tags={"building": "house"}))
        for one in osmium.FileProcessor(str(source), osmium.osm.RELATION):
            writer.add_relation(one)
    return path


@pytest.fixture(scope="module", params=["las-palmas", "porto"])
def city(request, shared_data, tmp_path_factory):
    """A city's extract, a question, and what one run answers."""
    source = shared_data(f"{request.param}.osm.pbf")
    if request.param == "porto":
        source = peopled(source, tmp_path_factory.mktemp("porto") / "porto.osm.pbf")
    question = Question.of("moreno-2016" if request.param == "porto" else "beijing-2011")
    return source, question, uncut(source, question)


@pytest.mark.long
@pytest.mark.parametrize("number", [4, 9])
def test_a_city_in_tiles_is_the_city(city, tmp_path, number):
    source, question, whole = city
    tiles = qh.split(source, tmp_path / "tiles", question, tiles=number)
    cards = cards_of(tiles, question)
    assert len(cards) == number
    assert len(whole.areas) > 100
    assert differences(whole, cards) == []
