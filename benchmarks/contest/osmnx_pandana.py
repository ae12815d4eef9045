"""What one would write with OSMnx and pandana to score a city: PBF in, table of items met out.

It does less than ``quarterhour score``: walks begin at the middle of an area and end at that of a
facility, both moved to the nearest junction for nothing; areas are those mapped as residential;
facilities are told by tags alone. The tags are those of the same checklist.

``python -m contest.osmnx_pandana PBF CHECKLIST FOLDER``
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
import osmium
import osmnx as ox
import pandana
import pandas as pd

SPEED_M_S = 1.25
LIMIT_M = 900.0 * SPEED_M_S
NOT_WALKED = (
    *("abandoned", "bus_guideway", "construction", "cycleway", "motor", "motorway"),
    *("motorway_link", "no", "planned", "platform", "proposed", "raceway", "razed"),
    *("rest_area", "services"),
)
TAGGED = osmium.filter.EmptyTagFilter()


def main(pbf: str, checklist: str, folder: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    items = tomllib.loads(Path(checklist).read_text(encoding="utf-8"))["items"]
    rules = {item["key"]: [rule.split(" & ") for rule in item.get("osm", [])] for item in items}
    keys = {pair.split("=")[0] for rule in rules.values() for pairs in rule for pair in pairs}
    keep(pbf, out / "streets.osm", walked)
    keep(pbf, out / "places.osm", lambda tags: residential(tags) or any(k in tags for k in keys))

    graph = ox.project_graph(ox.graph_from_xml(out / "streets.osm", bidirectional=True))
    nodes, edges = ox.graph_to_gdfs(graph)
    edges = edges.reset_index()
    ends = edges["u"], edges["v"]
    net = pandana.Network(nodes["x"], nodes["y"], *ends, edges[["length"]], twoway=False)

    tags = {**dict.fromkeys(keys, True), "landuse": ["residential"]}
    places = ox.features_from_xml(out / "places.osm", tags=tags).to_crs(nodes.crs).reset_index()
    points = places.geometry.representative_point()
    areas = places[places["landuse"] == "residential"]
    homes = points[areas.index]
    home_nodes = net.get_node_ids(homes.x, homes.y)

    area_names = areas["element"] + "/" + areas["id"].astype(str)
    rows = []
    for key, any_of in rules.items():
        mine = points[matching(places, any_of)]
        metres = pd.Series(np.inf, index=nodes.index)
        if len(mine):
            net.set_pois(key, LIMIT_M, 1, mine.x, mine.y)
            metres = net.nearest_pois(LIMIT_M, key, num_pois=1, max_distance=np.inf)[1]
        seconds = metres.reindex(home_nodes.to_numpy()).to_numpy() / SPEED_M_S
        rows.append(pd.DataFrame({"area": area_names.to_numpy(), "item": key, "seconds": seconds}))
    table = pd.concat(rows, ignore_index=True)
    table["met"] = np.isfinite(table["seconds"])
    table.to_csv(out / "results.csv", index=False)
    summary = table.groupby("area", sort=False)["met"].mean()
    summary.to_csv(out / "summary.csv")
    sys.stdout.write(f"{len(areas)} areas, {len(table)} results, {summary.mean():.3f} met\n")


def keep(pbf: str, path: Path, wanted: object) -> None:
    """Write nodes and ways that are wanted, with what they are made of, as XML.

    OSMnx refuses ways that the extract has cut and relations that lack a member: what is missing
    is left out of ways, and relations are left out.
    """
    with osmium.BackReferenceWriter(path, ref_src=pbf, overwrite=True) as writer:
        for thing in osmium.FileProcessor(pbf).with_locations().with_filter(TAGGED):
            if thing.is_relation() or not wanted(thing.tags):
                continue
            if thing.is_node():
                writer.add(thing)
                continue
            there = [node.ref for node in thing.nodes if node.location.valid()]
            if len(there) == len(thing.nodes):
                writer.add(thing)
            elif len(there) >= 2:
                writer.add(thing.replace(nodes=there))


def walked(tags: osmium.osm.TagList) -> bool:
    """OSMnx's own filter of streets to walk on, in short."""
    return (
        "highway" in tags
        and tags["highway"] not in NOT_WALKED
        and tags.get("area") != "yes"
        and tags.get("foot") != "no"
        and tags.get("service") != "private"
        and tags.get("access") != "private"
    )


def residential(tags: osmium.osm.TagList) -> bool:
    return tags.get("landuse") == "residential"


def matching(places: pd.DataFrame, any_of: list[list[str]]) -> pd.Series:
    found = pd.Series(False, index=places.index)
    for pairs in any_of:
        fits = pd.Series(True, index=places.index)
        for key, value in (pair.split("=") for pair in pairs):
            fits &= places[key] == value if key in places else False
        found |= fits
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
