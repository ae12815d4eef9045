"""What every contestant is given: the same streets, seconds, facilities and origins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse

import quarterhour as qh

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
CACHE = ROOT / ".cache" / "benchmarks"

SPEED_M_S = 1.25
LIMIT_S = 900.0
REACH_M = 50.0
"""How far off the street isochrones are drawn: what this table was first measured with."""

CATEGORIES = 30
PORTO_NODES = 76_411
"""Facilities grow with the city in the growth runs; this city has 20 to 600 of a category."""

COPIES = {"porto-x4": ("porto", 4)}


@dataclass(frozen=True)
class Ground:
    """A city, and how much is asked."""

    city: str
    network: qh.WalkNetwork
    isochrones: int = 200
    pairs: int = 3000
    grows: bool = False

    @cached_property
    def seconds(self) -> np.ndarray:
        return np.repeat(self.network.edge_length_m[:, None] / SPEED_M_S, 2, axis=1)

    @cached_property
    def simple(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Streets as u < v and seconds: loops left out, the quickest of parallel ones kept."""
        u, v = np.sort(self.network.edge_nodes, axis=1).astype(np.int64).T
        s = self.seconds[:, 0]
        order = np.lexsort((s, v, u))
        u, v, s = u[order], v[order], s[order]
        keep = (u != v) & np.r_[True, (np.diff(u) != 0) | (np.diff(v) != 0)]
        return u[keep], v[keep], s[keep]

    @cached_property
    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same streets in both directions: tail, head, seconds."""
        u, v, s = self.simple
        return np.r_[u, v], np.r_[v, u], np.r_[s, s]

    def matrix(self) -> sparse.csr_matrix:
        tail, head, s = self.arcs
        return sparse.csr_matrix((s, (tail, head)), shape=(self.network.n_nodes,) * 2)

    @cached_property
    def categories(self) -> list[np.ndarray]:
        """Nodes with a facility, for each category."""
        rng = np.random.default_rng(15)
        sizes = np.linspace(20, 600, CATEGORIES)
        if self.grows:
            sizes = np.maximum(1, sizes * self.network.n_nodes / PORTO_NODES)
        # Some libraries find a node by its coordinates: it has to be alone there.
        cm = np.round(self.network.node_xy * 100).astype(np.int64)
        _, first, count = np.unique(cm, axis=0, return_index=True, return_counts=True)
        alone = np.sort(first[count == 1])
        return [rng.choice(alone, int(k), replace=False).astype(np.int32) for k in sizes]

    def _junctions(self) -> np.ndarray:
        degree = np.bincount(self.network.edge_nodes.ravel(), minlength=self.network.n_nodes)
        connected = self.network.component == 0
        if self.city in COPIES:  # the first copy, so that origins are those of the one city
            count = self.network.n_nodes // COPIES[self.city][1]
            xy = self.network.node_xy[:count]
            one = load(COPIES[self.city][0]).network
            assert np.array_equal(xy, one.node_xy)
            degree, connected = degree[:count], one.component == 0
        return np.flatnonzero(connected & (degree >= 3))

    @cached_property
    def origins(self) -> np.ndarray:
        """Junctions that isochrones begin at: no contestant has to snap them."""
        return self._some_junctions(200)

    @cached_property
    def other_origins(self) -> np.ndarray:
        """As many others."""
        return self._some_junctions(201)

    def _some_junctions(self, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return rng.choice(self._junctions(), self.isochrones, replace=False)

    @cached_property
    def table_nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Junctions of the travel-time table: origins and destinations."""
        chosen = np.random.default_rng(3000).choice(
            self._junctions(), 2 * self.pairs, replace=False
        )
        return chosen[: self.pairs], chosen[self.pairs :]

    def points(self, nodes: np.ndarray) -> gpd.GeoDataFrame:
        xy = self.network.node_xy[nodes]
        return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=self.network.crs)


def load(city: str, *, quick: bool = False, grows: bool = False) -> Ground:
    """Read a city's saved network; make it first if it is not there."""
    path = CACHE / f"{city}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        network = _copies(*COPIES[city]) if city in COPIES else _read(city)
        network.save(path)
    ground = Ground(city, qh.WalkNetwork.load(path), grows=grows)
    if quick:
        return replace(ground, isochrones=20, pairs=300)
    return ground


def _read(city: str) -> qh.WalkNetwork:
    return qh.read_osm(DATA / f"{city}.osm.pbf", progress=False).streets


def _copies(city: str, count: int) -> qh.WalkNetwork:
    """Several copies of a city side by side, 5 km apart."""
    one = load(city).network
    step = np.array([np.ptp(one.coords[:, 0]) + 5_000.0, 0.0])
    shifts = [k * step for k in range(count)]
    sizes = np.tile(np.diff(one.coord_offset), count)
    return qh.WalkNetwork.build(
        crs=one.crs,
        node_xy=np.concatenate([one.node_xy + shift for shift in shifts]),
        edge_nodes=np.concatenate([one.edge_nodes + k * one.n_nodes for k in range(count)]),
        coords=np.concatenate([one.coords + shift for shift in shifts]),
        coord_offset=np.concatenate([[0], np.cumsum(sizes)]),
        edge_length_m=np.tile(one.edge_length_m, count),
        traits={name: np.tile(values, count) for name, values in one.traits.items()},
    )
