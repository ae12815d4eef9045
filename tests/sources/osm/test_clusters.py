"""Who lives in no mapped area is in a cluster, named by its street or neighbourhood."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from osm_worlds import STREET, box, node_xml, nodes, way_xml, write
from quarterhour.errors import InputError
from quarterhour.places.origins import origins
from quarterhour.sources.osm.clusters import clusters_beside
from quarterhour.sources.osm.read import read_osm

MAPPED = {"landuse": "residential", "name": "Ahornhof"}
HOUSE = {"building": "house"}


def patch(osmid, west, south, east, north, tags):
    corners, ring = box(osmid * 10, west, south, east, north)
    return corners + way_xml(osmid, ring, tags)


def street(first, xs, y, name):
    places = {first + k: (x, y) for k, x in enumerate(xs)}
    tags = STREET | ({"name": name} if name else {})
    return nodes(places) + way_xml(first, list(places), tags)


def town(tmp_path, *parts, areas="all"):
    """A mapped yard with a house, and houses outside of it along two streets."""
    fixed = [
        street(1, (0, 1000), 0, "Lange Gasse"),
        street(5, (0, 1000), 600, ""),
        nodes({9: (0, 0)}),
        way_xml(9, [1, 5], STREET),
        patch(20, 0, 10, 100, 100, MAPPED),
        patch(21, 40, 40, 50, 50, HOUSE),
        patch(22, 105, 10, 115, 20, HOUSE),
        patch(23, 600, 10, 610, 20, HOUSE),
        patch(24, 800, 610, 810, 620, HOUSE),
        node_xml(7, 850, 650, {"place": "neighbourhood", "name": "Oberfeld"}),
    ]
    return read_osm(write(tmp_path, *fixed, *parts), areas=areas)


def test_every_home_lies_in_an_area(tmp_path):
    city = town(tmp_path)
    assert city.areas["name"].tolist() == ["Ahornhof", "Lange Gasse", "Lange Gasse 2", "Oberfeld"]
    assert city.areas["source"].tolist() == ["landuse=residential"] + 3 * ["cluster of buildings"]
    assert city.areas.index.tolist() == [
        "way/20",
        "cluster/way/22",
        "cluster/way/23",
        "cluster/way/24",
    ]
    homes = origins(city.areas, city.buildings, city.gates)
    assert homes.groupby("area").size().tolist() == [1, 1, 1, 1]
    assert not homes["again"].any()
    assert any(
        "3 of 4 residential buildings lie in no mapped residential area: 3 clusters" in note
        for note in city.notes
    )


def test_clusters_take_no_land_of_mapped_areas(tmp_path):
    city = town(tmp_path)
    mapped, *rest = city.areas.geometry
    assert max(mapped.intersection(one).area for one in rest) < 1e-6


def test_only_mapped_areas_if_that_is_wanted(tmp_path):
    city = town(tmp_path, areas="mapped")
    assert city.areas["name"].tolist() == ["Ahornhof"]
    homes = origins(city.areas, city.buildings, city.gates)
    assert homes.attrs["left_out"] == {"in_no_area": 3}


def test_which_buildings_are_homes_does_not_depend_on_the_areas_wanted(tmp_path):
    unsaid = patch(30, 620, 10, 630, 20, {"building": "yes"})
    for areas in ("all", "mapped"):
        found = town(tmp_path, unsaid, areas=areas).buildings
        assert int((found["residential"] | found["maybe_residential"]).sum()) == 4


def test_a_file_of_roads_says_that_nobody_lives_there(tmp_path):
    lines = [street(100 + 10 * k, (0, 30_000), 100 * k, f"Straße {k}") for k in range(3)]
    path = write(tmp_path, *lines, patch(21, 40, 40, 50, 50, HOUSE))
    city = read_osm(path)
    assert len(city.areas) == 0
    assert any("as far as the data know, nobody lives here" in note for note in city.notes)


def test_another_word_is_refused(tmp_path):
    with pytest.raises(InputError, match="areas='every' is not known"):
        town(tmp_path, areas="every")


def test_a_home_that_the_border_of_the_extract_crosses_is_somebodys():
    extent = shapely.box(0, 0, 1000, 1000)
    spots = [(500, 500), (1005, 500), (1060, 700), (1300, 500)]
    homes = np.array([shapely.box(x - 10, y - 10, x + 10, y + 10) for x, y in spots], dtype=object)
    clusters = clusters_beside(homes, homes[:0], extent)
    held = [bool(shapely.intersects(clusters, shapely.Point(spot)).any()) for spot in spots]
    assert held == [True, True, True, False]


def ribbon(osmid, x0, n, y=1000, tags=None):
    """Houses 30 m apart, from west to east."""
    return [
        patch(osmid + k, x0 + 30 * k, y, x0 + 30 * k + 10, y + 10, tags or HOUSE) for k in range(n)
    ]


def test_a_cluster_is_the_same_however_far_the_data_reach(tmp_path):
    """A ribbon of houses far longer than any cluster: both ends read the middle alike."""
    beyond = street(900, (0, 9500), 2000, "")  # one extent for all
    parts = {k: ribbon(1000 + k * 100, 3000 * k, 100) for k in range(3)}
    found = {}
    for name, wanted in (("all", (0, 1, 2)), ("west", (0, 1)), ("east", (1, 2))):
        (tmp_path / name).mkdir()
        homes = [house for k in wanted for house in parts[k]]
        found[name] = town(tmp_path / name, *homes, beyond).areas
    assert len(found["all"]) > 18
    assert {"Oberfeld", "Oberfeld 2"} <= set(found["all"]["name"].dropna())
    for name, inner in (("west", (0, 4500)), ("east", (4500, 9000))):
        west = found["all"].geometry.bounds["minx"] - 500_000
        whole = found["all"][(west > inner[0] + 1) & (west < inner[1])]
        part = found[name].loc[whole.index]
        assert len(whole) > 5
        assert part.normalize().geom_equals_exact(whole.normalize(), 1e-6).all()


def test_a_home_on_the_line_between_two_clusters_lives_in_one(tmp_path):
    city = town(tmp_path, *ribbon(1000, 0, 60, y=495))  # the grid has a line at y = 500
    ids = city.areas.index[city.areas["source"] == "cluster of buildings"]
    assert len(set(ids)) == len(ids)
    homes = origins(city.areas, city.buildings, city.gates)
    assert len(homes) == len(city.buildings)
    assert not homes["again"].any()
