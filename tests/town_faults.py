"""The synthetic new town with faults planted in its streets, as mappers make them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import worlds
from quarterhour import Scorecard, read_osm

STREETS = worlds.SAMPLES / "new-town" / "streets.osm"
Plant = Callable[[ET.Element], None]


def way_called(town: ET.Element, name: str, first: str = "") -> ET.Element:
    """The way of a street; of several of the name the one that begins at a node."""
    for way in town.iter("way"):
        tags = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        if tags.get("name") == name and first in {"", way.find("nd").get("ref")}:
            return way
    raise AssertionError(name)


def node_between(town: ET.Element, one: str, other: str, share: float, number: int) -> str:
    """A new node some way from one node to another."""
    nodes = {node.get("id"): node for node in town.iter("node")}
    a, b = nodes[one], nodes[other]
    at = {
        axis: float(a.get(axis)) + share * (float(b.get(axis)) - float(a.get(axis)))
        for axis in ("lat", "lon")
    }
    told = {name: f"{value:.9f}" for name, value in at.items()}
    new = ET.Element("node", {**a.attrib, "id": str(number), **told})
    town.insert(list(town).index(b) + 1, new)
    return str(number)


def bar(name: str, one: str, other: str, number: int) -> Plant:
    """A fence across a street, half way between two of its junctions."""

    def plant(town: ET.Element) -> None:
        way = way_of(town, name, one, other)
        node = node_between(town, one, other, 0.5, number)
        refs = [nd.get("ref") for nd in way.findall("nd")]
        at = max(refs.index(one), refs.index(other))
        way.insert(at, ET.Element("nd", {"ref": node}))
        found = next(one for one in town.iter("node") if one.get("id") == node)
        ET.SubElement(found, "tag", {"k": "barrier", "v": "fence"})

    return plant


def falls_short(name: str, one: str, other: str, metres: float, number: int) -> Plant:
    """A street that ends some metres before the junction that it should end at."""

    def plant(town: ET.Element) -> None:
        way = way_of(town, name, one, other)
        length = 160.0 if name == "云桥路" else 300.0
        node = node_between(town, one, other, 1 - metres / length, number)
        next(nd for nd in way.findall("nd") if nd.get("ref") == other).set("ref", node)

    return plant


def one_way(name: str, first: str = "", word: str = "yes") -> Plant:
    """A street that is tagged as if one may walk it in one direction only."""

    def plant(town: ET.Element) -> None:
        ET.SubElement(way_called(town, name, first), "tag", {"k": "oneway:foot", "v": word})

    return plant


def way_of(town: ET.Element, name: str, one: str, other: str) -> ET.Element:
    """The way of a street that two nodes are on."""
    for way in town.iter("way"):
        tags = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        refs = {nd.get("ref") for nd in way.findall("nd")}
        if tags.get("name") == name and {one, other} <= refs:
            return way
    raise AssertionError(name)


@cache
def town_with(*plants: Plant) -> Scorecard:
    """The town as assessed on streets with these faults, once for all tests."""
    tree = ET.parse(STREETS)  # noqa: S314 - our own file
    for plant in plants:
        plant(tree.getroot())
    with TemporaryDirectory() as folder:
        path = Path(folder) / "streets.osm"
        tree.write(path, encoding="utf-8", xml_declaration=True)
        return sound().again(network=read_osm(path).streets)


@cache
def sound() -> Scorecard:
    """The town as it is."""
    return worlds.new_town()
