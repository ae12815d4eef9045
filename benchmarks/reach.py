"""What isochrones look like at several reaches off the street: holes, area, homes left outside.

    python benchmarks/reach.py [--lots 24] [--asked 8] [CITY …]

Draws the 15 minutes of homes chosen by lot (buildings of the extract; where it has fewer than 50,
its places), and asks ``travel_times`` from some of them which of the others they reach: those are
inside, or drawn outside though the search reaches them. Prints the table of decision 0011.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import quarterhour as qh

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
TOWN = ROOT / "data" / "samples" / "new-town"
CITIES = {
    "new-town": TOWN / "streets.osm",
    "haidian-2017": DATA / "beijing-haidian-2017.osm.pbf",
    "porto": DATA / "porto.osm.pbf",
    "helsinki": DATA / "helsinki.osm.pbf",
    "las-palmas": DATA / "las-palmas.osm.pbf",
}
MINUTES, REACHES_M, MOST = 15, (50.0, 60.0, 75.0, 100.0), 4000
Points = gpd.GeoDataFrame


def ground(city: str) -> tuple[qh.WalkNetwork, Points]:
    """Give the streets of a city, and points from which and to which people walk."""
    read = qh.read_osm(CITIES[city])
    homes = read.buildings
    if city == "new-town":
        homes = qh.read_buildings(TOWN / "buildings.geojson", datum="wgs84")
    if len(homes) < 50:
        homes = read.facilities
    at = shapely.centroid(homes.to_crs(read.streets.crs).geometry.to_numpy())
    points = gpd.GeoDataFrame(geometry=at, crs=read.streets.crs)
    joined = qh.snap_places(points, read.streets)["status"] == "snapped"
    return read.streets, points[joined.to_numpy()].reset_index(drop=True)


def by_lot(points: Points, count: int) -> Points:
    """Choose some, the same every time."""
    rng = np.random.default_rng(7)
    return points.iloc[np.sort(rng.choice(len(points), min(count, len(points)), replace=False))]


def looked_at(city: str, lots: int, asked: int) -> list[dict[str, Any]]:
    """Draw and ask; one row for each reach."""
    network, points = ground(city)
    places, others = by_lot(points, lots), by_lot(points, MOST)
    walks = qh.travel_times(places.head(asked), others, network, MINUTES).to_frame()
    walks = walks[walks["seconds"] <= 60 * MINUTES]
    rows = []
    for reach_m in REACHES_M:
        drawn = qh.isochrones(places, network, MINUTES, reach_m=reach_m)
        shape = drawn.set_index("origin").geometry
        parts = shapely.get_parts(shape.to_numpy())
        holes = shapely.polygons([ring for part in parts for ring in part.interiors])
        inside = shapely.covers(
            shape.loc[walks["origin"]].to_numpy(),
            others.geometry.loc[walks["destination"]].to_numpy(),
        )
        rows.append(
            {
                "holes": len(holes),
                "land": 100 * shapely.area(holes).sum() / drawn["area_m2"].sum(),
                "inside": 100 * inside.mean(),
                "walks": len(walks),
                "km2": drawn["area_m2"].median() / 1e6,
            }
        )
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", nargs="*", metavar="CITY", default=[*CITIES])
    parser.add_argument("--lots", type=int, default=24)
    parser.add_argument("--asked", type=int, default=8)
    given = parser.parse_args()
    reaches = " → ".join(f"{reach:g}" for reach in REACHES_M)
    print(
        f"| extract | holes, {reaches} m | land in holes, % of the area "
        "| walks that end inside, % | area, median km² |\n|---|--:|--:|--:|--:|"
    )
    for city in given.cities:
        rows = looked_at(city, given.lots, given.asked)
        told = [
            ", ".join(f"{row[key]:{how}}" for row in rows)
            for key, how in (("holes", ",d"), ("land", ".1f"), ("inside", ".1f"), ("km2", ".2f"))
        ]
        told[2] += f" of {rows[0]['walks']:,}"
        print(f"| {city} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
