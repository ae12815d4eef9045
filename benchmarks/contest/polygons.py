"""W2: isochrones of 15 minutes around the same junctions."""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import quarterhour as qh
from contest.ground import CACHE, DATA, LIMIT_S, REACH_M, SPEED_M_S, Ground

Ask = Callable[[], np.ndarray]
EDGE_BUFFER_M = 25.0
PACE = qh.Profile("walker", SPEED_M_S)


def _draw(places: gpd.GeoDataFrame, network: qh.WalkNetwork, method: str) -> np.ndarray:
    asked = {"pace": PACE, "method": method, "reach_m": REACH_M}
    found = qh.isochrones(places, network, (LIMIT_S / 60,), **asked)
    return np.asarray(found.geometry.array)


class Ours:
    """Our isochrones, of a network that has drawn none before, in one call or one by one.

    A network keeps what it has worked out about the plane around its streets, and later
    isochrones are quicker. So every round is given a new network, with its indices made by
    drawing one isochrone; with ``used``, one that has drawn as many isochrones around other
    junctions instead. ``threads`` are as many as there are processors, or 1.
    """

    def __init__(
        self,
        ground: Ground,
        method: str,
        *,
        used: bool = False,
        single: bool = False,
        threads: int | None = None,
    ):
        self.ground, self.method, self.single, self.used = ground, method, single, used
        if threads:  # in this process alone; the function of that name hides the module
            module = import_module("quarterhour.walking.isochrones.isochrones")
            module.cores = lambda: threads
        self.places = ground.points(ground.origins)
        self.network = ground.network
        if used:
            _draw(ground.points(ground.other_origins), self.network, method)

    def before(self) -> None:
        """Between rounds, untimed."""
        if not self.used:
            self.network = replace(self.ground.network)
            _draw(self.places.head(1), self.network, self.method)

    def __call__(self) -> np.ndarray:
        if not self.single:
            return _draw(self.places, self.network, self.method)
        ones = [self.places.iloc[[k]] for k in range(len(self.places))]
        return np.concatenate([_draw(one, self.network, self.method) for one in ones])


def recipe(ground: Ground) -> Ask:
    """The OSMnx example: ego graph by time, edges buffered by 25 m, union, outer ring.

    Lines are taken from the ego graph directly, which is quicker than the look-ups in a table
    that the example makes.
    """
    import networkx as nx

    graph = ground.network.to_networkx()
    names = list(graph.nodes)
    for _, _, data in graph.edges(data=True):
        data["time"] = data["length"] / SPEED_M_S

    def one(node: int) -> shapely.Geometry:
        near = nx.ego_graph(graph, names[node], radius=LIMIT_S, distance="time")
        lines = gpd.GeoSeries([data["geometry"] for _, _, data in near.edges(data=True)])
        union = lines.buffer(EDGE_BUFFER_M).union_all()
        return shapely.Polygon(union.exterior)

    return lambda: np.array([one(node) for node in ground.origins], dtype=object)


def valhalla_tiles(city: str) -> Path:
    """Build Valhalla's tiles of the extract, once; returns the configuration."""
    import valhalla
    from valhalla.config import get_config

    folder = CACHE / f"valhalla-{city}"
    config = folder / "valhalla.json"
    if not (folder / "built").exists():
        folder.mkdir(parents=True, exist_ok=True)
        config.write_text(json.dumps(get_config(tile_extract="", tile_dir=folder)))
        program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        command = [program, "-c", config, DATA / f"{city}.osm.pbf"]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        (folder / "built").touch()
    return config


def valhalla(ground: Ground) -> Ask:
    """Valhalla's answer as the text it gives; :func:`read` makes polygons of it, untimed."""
    import valhalla as peer

    actor = peer.Actor(valhalla_tiles(ground.city))
    places = ground.points(ground.origins).to_crs(4326).geometry
    questions = [
        json.dumps(
            {
                "locations": [{"lon": point.x, "lat": point.y}],
                "costing": "pedestrian",
                "costing_options": {"pedestrian": {"walking_speed": SPEED_M_S * 3.6}},
                "contours": [{"time": LIMIT_S / 60}],
                "polygons": True,
            }
        )
        for point in places
    ]

    def ask() -> np.ndarray:
        return np.array([actor.isochrone(question) for question in questions], dtype=object)

    return ask


def read(answer: np.ndarray, ground: Ground) -> np.ndarray:
    """Polygons in the network's CRS, of whatever a contestant answers."""
    if not isinstance(answer[0], str):
        return answer
    shapes = []
    for text in answer:
        features = json.loads(text)["features"]
        parts = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
        shapes.append(shapely.make_valid(shapely.union_all(parts)))
    metric = gpd.GeoSeries(shapes, crs=4326).to_crs(ground.network.crs)
    return np.asarray(metric.array)


CONTESTANTS = {
    "quarterhour exact": partial(Ours, method="exact"),
    "quarterhour exact, network used before": partial(Ours, method="exact", used=True),
    "quarterhour exact, one by one": partial(Ours, method="exact", single=True),
    "quarterhour fast": partial(Ours, method="fast"),
    "quarterhour fast, network used before": partial(Ours, method="fast", used=True),
    "quarterhour fast, 1 thread": partial(Ours, method="fast", threads=1),
    "quarterhour fast, network used before, 1 thread": partial(
        Ours, method="fast", used=True, threads=1
    ),
    "quarterhour fast, one by one": partial(Ours, method="fast", single=True),
    "OSMnx recipe": recipe,
    "Valhalla": valhalla,
}

if __name__ == "__main__":
    valhalla_tiles(sys.argv[1])
