"""A country made of copies of one extract: every copy is that city again, elsewhere on Earth."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import osmium
import pytest

import quarterhour as qh
import worlds

CITIES = 4
HELSINKI = worlds.SAMPLES / "helsinki.osm.pbf"


@pytest.fixture(scope="module")
def made():
    """The script that makes countries; it is no part of the package."""
    script = Path(__file__).parents[3] / "benchmarks" / "country.py"
    spec = importlib.util.spec_from_file_location("country", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def country(made, tmp_path_factory):
    to = tmp_path_factory.mktemp("country") / "country.osm.pbf"
    return made.make_country([HELSINKI], CITIES, to)


def test_objects_are_sorted_and_every_id_is_given_once(country):
    order, ids, blank = "nwr", {kind: [] for kind in "nwr"}, 0
    kinds = []
    for one in osmium.FileProcessor(str(country)):
        kind = one.type_str()
        kinds.append(order.index(kind))
        ids[kind].append(one.id)
        blank += kind == "w" and len(one.nodes) == 0
    assert kinds == sorted(kinds)
    assert all(np.all(np.diff(found) > 0) for found in ids.values())
    alone = sum(1 for _ in osmium.FileProcessor(str(HELSINKI)))
    assert sum(map(len, ids.values())) == CITIES * alone
    assert blank == 0


def test_every_copy_has_the_streets_of_the_city_to_the_micrometre(made, country):
    city, whole = worlds.helsinki().streets, qh.read_osm(country).streets
    number = whole.edge_osmid // 10**11
    assert np.array_equal(np.unique(number), np.arange(1, CITIES + 1))
    alone = np.lexsort((city.edge_length_m, city.edge_osmid))
    for copy in range(1, CITIES + 1):
        mine = np.flatnonzero(number == copy)
        mine = mine[np.lexsort((whole.edge_length_m[mine], whole.edge_osmid[mine]))]
        assert np.array_equal(whole.edge_osmid[mine] % 10**11, city.edge_osmid[alone])
        np.testing.assert_allclose(
            whole.edge_length_m[mine], city.edge_length_m[alone], rtol=0, atol=1e-6
        )
