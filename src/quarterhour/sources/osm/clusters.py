"""Homes in no mapped area: clusters of them, named by their street or neighbourhood."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.osm import areas as osm_areas
from quarterhour.sources.osm.file import FloatArray, OsmFile
from quarterhour.sources.osm.places import points
from quarterhour.sources.osm.shapes import Shapes
from quarterhour.streets.network import WalkNetwork

QUARTERS = ("neighbourhood", "quarter", "suburb", "hamlet", "village", "town")
"""Kinds of ``place`` nodes that name a cluster where no street does."""

QUARTER_M = 1000.0
"""A place node farther away than this does not name a cluster."""

BESIDE_DATA_M = 100.0
"""How far beyond the extent of the data homes of the file are still somebody's."""

ROADS_PER_HOME_M = 10_000.0
"""With more metres of street per home than this, a file shows roads and not who lives there."""


def inner_points(shapes: Shapes) -> Shapes:
    """Points that stand for buildings: centroids, or points inside where those are outside."""
    centroid = shapely.centroid(shapes)
    inside = shapely.intersects(shapes, centroid)
    return np.where(inside, centroid, shapely.point_on_surface(shapes))


def outside(homes: Shapes, areas: Shapes) -> npt.NDArray[np.bool_]:
    """Whether each home lies in none of the areas."""
    found = np.ones(len(homes), dtype=bool)
    if len(areas) and len(homes):
        found[np.unique(shapely.STRtree(areas).query(inner_points(homes), "intersects")[0])] = False
    return found


def clusters_beside(homes: Shapes, areas: Shapes, extent: shapely.Geometry) -> Shapes:
    """Clusters of the homes, without the land of the areas.

    A building that the border of an extract crosses is in the file whole, and so are the streets
    before it: it is a home, too, though its middle lies beyond. Its results are edge_affected.
    """
    at = inner_points(homes)
    beside = shapely.dwithin(extent, at, BESIDE_DATA_M) & ~shapely.intersects(extent, at)
    theirs = shapely.buffer(homes[beside], osm_areas.JOIN_M, quad_segs=2)
    known = shapely.union_all([extent, *theirs])
    shapes = shapely.intersection(osm_areas.cluster_buildings(homes), known)
    near, area = shapely.STRtree(areas).query(shapes, "intersects")
    for one in np.unique(near):
        land = shapely.union_all(areas[area[near == one]])
        shapes[one] = shapely.difference(shapes[one], land)
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_dimensions(parts) == 2]
    lived_in = np.unique(shapely.STRtree(parts).query(at, "intersects")[1])
    return np.asarray(parts[lived_in], dtype=object)


def with_first_homes(
    clusters: Shapes, homes: Shapes, labels: npt.NDArray[np.object_]
) -> tuple[Shapes, npt.NDArray[np.object_]]:
    """Give clusters from west to east, and the label of the first home that lives in each.

    A home on the line between two clusters lives in the western one; one where nobody else lives
    is none.
    """
    bounds = shapely.bounds(clusters).reshape(-1, 4)
    clusters = clusters[np.lexsort(bounds.T[::-1])]
    home, cluster = shapely.STRtree(clusters).query(inner_points(homes), "intersects")
    order = np.lexsort((cluster, home))
    home, once = np.unique(home[order], return_index=True)
    lived_in, first = np.unique(cluster[order][once], return_index=True)
    return clusters[lived_in], labels[home[first]]


def only_roads(n_homes: int, streets: WalkNetwork) -> bool:
    """Tell whether a file shows so few homes that it is one of roads."""
    return n_homes * ROADS_PER_HOME_M < float(streets.edge_length_m.sum())


def named(
    table: gpd.GeoDataFrame, clusters: pd.Index, streets: WalkNetwork, file: OsmFile, xy: FloatArray
) -> gpd.GeoDataFrame:
    """Name clusters by the street that runs longest through them, else by the quarter."""
    if len(clusters) == 0:
        return table
    shapes = np.asarray(table.geometry.loc[clusters].array, dtype=object)
    names = _streets_of(shapes, streets)
    bare = np.flatnonzero(pd.isna(names))
    names[bare] = _quarters_of(shapes[bare], file, xy)
    told = pd.Series(names, dtype=object)
    # Of several on one street the second is called 2.
    turn = told.groupby(told, dropna=False).cumcount().to_numpy() + 1
    several = told.notna().to_numpy() & (turn > 1)
    told[several] = [f"{name} {k}" for name, k in zip(told[several], turn[several], strict=True)]
    every = table["name"].astype(object)
    every.loc[clusters] = told.to_numpy()
    return table.assign(name=every)


def _streets_of(shapes: Shapes, streets: WalkNetwork) -> npt.NDArray[np.object_]:
    labels = streets.traits["name"]
    with_name = np.flatnonzero(labels != "")
    tree = shapely.STRtree(streets.lines[with_name])
    shape, hit = tree.query(shapes, "intersects")
    line = with_name[hit]
    metres = shapely.length(shapely.intersection(shapes[shape], streets.lines[line]))
    table = pd.DataFrame({"shape": shape, "name": labels[line], "metres": metres})
    best = table.groupby(["shape", "name"], sort=True)["metres"].sum().reset_index()
    best = best.sort_values(["shape", "metres"], ascending=[True, False], kind="stable")
    best = best.drop_duplicates("shape")
    names: npt.NDArray[np.object_] = np.full(len(shapes), None, dtype=object)
    names[best["shape"].to_numpy()] = best["name"].to_numpy(dtype=object)
    return names


def _quarters_of(shapes: Shapes, file: OsmFile, xy: FloatArray) -> npt.NDArray[np.object_]:
    named = file.nodes_where(lambda tags: bool(tags.get("place") in QUARTERS and tags.get("name")))
    named_nodes = {at: file.node_tags[at]["name"] for at in named}
    names: npt.NDArray[np.object_] = np.full(len(shapes), None, dtype=object)
    if named_nodes and len(shapes):
        tree = shapely.STRtree(points(xy, list(named_nodes)))
        shape, hit = tree.query_nearest(shapes, max_distance=QUARTER_M, all_matches=False)
        names[shape] = np.array(list(named_nodes.values()), dtype=object)[hit]
    return names


def clusters_of_rest(
    areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, streets: WalkNetwork
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Clusters of the homes that lie in no area, as a table, and what there is to say of it.

    ``buildings`` are the homes.
    """
    shapes = np.asarray(areas.geometry.array, dtype=object)
    homes = np.asarray(buildings.geometry.array, dtype=object)
    alone = outside(homes, shapes)
    left, labels = homes[alone], np.asarray(buildings.index, dtype=object)[alone]
    if len(left) == 0:
        return osm_areas.clusters_table(homes[:0], labels, streets.crs), []
    found = with_first_homes(clusters_beside(left, shapes, streets.extent), left, labels)
    clusters = osm_areas.clusters_table(*found, streets.crs)
    note = Note(
        "clusters_of_rest",
        "{0} of {1} residential buildings lie in no mapped residential area: {2} clusters of "
        "them, less than 40 m apart, are areas too.",
        len(left),
        len(homes),
        len(clusters),
    )
    return clusters, [note]
