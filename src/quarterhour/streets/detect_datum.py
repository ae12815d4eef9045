"""Which datum do these coordinates have? Ask the streets.

Places keep a certain distance from carriageways: shops stand beside a street, not on it and
seldom far from any; drawn streets lie on it. Shifted by half a kilometre, they lie anywhere. So
each candidate datum is tried, and the distances of the places to the nearest carriageway are
compared with those after small made-up shifts of 40 to 130 m: only under the right datum do they
differ from what chance gives. Where the streets were cut out for the same place as the table,
the share of places that fall inside the data is a second piece of evidence.

CGCS2000 agrees with WGS 84 within decimetres and cannot be told from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from quarterhour.arrays import Floats
from quarterhour.places.contracts import check_frame
from quarterhour.places.datum import convert_datum, datum_name, to_wgs84
from quarterhour.streets.network import WalkNetwork

CANDIDATES = ("wgs84", "gcj02", "bd09")
FEWEST = 20
"""Fewer places than this in the data tell nothing."""

_ROAD_WORDS = (
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service road"
)
_CARRIAGEWAYS = frozenset(_ROAD_WORDS.split())
_EDGES_M = np.array([0.5, 2.0, 4.0, 6.0, 8.0, 13.0, 20.0, 30.0, 60.0])
_RADII_M = (40.0, 70.0, 100.0, 130.0)
_DIRECTIONS = 16
_STEP_M = 25.0  # along lines and outlines
_MOST = 2_000  # places looked at; more tell no more
_MARGIN = 2.5  # how far the best candidate has to be ahead
_EXTENT_WEIGHT = 8.0
_EXTENT_AT_LEAST = 0.7


@dataclass(frozen=True)
class DatumGuess:
    """
    What the streets say about the datum of a table.

    Attributes
    ----------
    datum
        "wgs84", "gcj02" or "bd09"; None if it cannot be told.
    confidence
        From 1/3 (no idea) to 1: the best candidate's weight among the three.
    evidence
        One row per candidate: `inside` (places in the extent of the streets), `inside_share`,
        `median_m` (to the nearest carriageway), `pattern` (by how many standard deviations the
        distances differ from chance), `score` (pattern and extent together).
    reason
        A sentence.
    """

    datum: str | None
    confidence: float
    evidence: pd.DataFrame
    reason: str

    def __str__(self) -> str:
        return self.reason


def detect_datum(points: gpd.GeoDataFrame | gpd.GeoSeries, network: WalkNetwork) -> DatumGuess:
    """
    Tell which datum aligns places or lines best with the streets.

    Parameters
    ----------
    points
        Facilities, areas, or street lines, with a CRS, in a datum that nobody knows. What is
        declared in `attrs` is not looked at.
    network
        The streets, in WGS 84.

    Returns
    -------
    guess
        The datum, or that it cannot be told, with the evidence.
    """
    table = points.to_frame("geometry") if isinstance(points, gpd.GeoSeries) else points
    check_frame(table, "points")
    there = table[table.geometry.notna() & ~table.geometry.is_empty]
    if len(there) < FEWEST:
        reason = f"Cannot tell the datum of {len(there)} places; at least {FEWEST} are needed."
        return DatumGuess(None, 1.0 / len(CANDIDATES), pd.DataFrame(index=list(CANDIDATES)), reason)
    lon, lat = _samples(there)
    streets = _carriageways(network)
    rows = [_evidence(lon, lat, name, network, streets) for name in CANDIDATES]
    evidence = pd.DataFrame(rows, index=pd.Index(CANDIDATES, name="datum"))
    share = evidence["inside_share"]
    counts = share.max() >= _EXTENT_AT_LEAST
    evidence["score"] = evidence["pattern"] + (_EXTENT_WEIGHT * share if counts else 0.0)
    return _judge(evidence)


def contradiction(table: gpd.GeoDataFrame, network: WalkNetwork) -> str | None:
    """
    Say so if the streets contradict the datum that a table was declared to have.

    Parameters
    ----------
    table
        A table as a reader returns it, in WGS 84, with `attrs["declared_datum"]`.
    network
        The streets, in WGS 84.

    Returns
    -------
    sentence
        What is wrong and what to pass; None if nothing speaks against the declaration.
    """
    declared = table.attrs.get("declared_datum")
    if declared is None:
        return None
    said = "wgs84" if datum_name(declared) == "cgcs2000" else datum_name(declared)
    guess = detect_datum(convert_datum(table, said), network)
    if guess.datum is None or guess.datum == said:
        return None
    return (
        f"The table was declared {declared}, but the streets say {guess.datum}. {guess.reason} "
        f'Read it again with datum="{guess.datum}" unless you know better.'
    )


def _samples(table: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return places as longitudes and latitudes: points, or steps along lines and outlines."""
    shapes = table.geometry[(table.geom_type == "Point") & ~_on_street(table)]
    if len(shapes) >= FEWEST:
        xy = shapely.get_coordinates(shapes.to_numpy())
    else:
        metric = table.geometry.to_crs(table.estimate_utm_crs())
        steps = [_steps(shape) for shape in metric.to_numpy()]
        degrees = gpd.GeoSeries(np.concatenate(steps), crs=metric.crs).to_crs(table.crs)
        xy = shapely.get_coordinates(degrees.to_numpy())
    if len(xy) > _MOST:
        xy = np.random.default_rng(0).permutation(xy)[:_MOST]
    places = gpd.GeoSeries(shapely.points(xy), crs=table.crs).to_crs(4326)
    return places.x.to_numpy(), places.y.to_numpy()


def _on_street(table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mark stops and the like, which stand on the street and not beside it."""
    marked = np.zeros(len(table), dtype=bool)
    for name in ("highway", "public_transport", "railway"):
        if name in table.columns:
            marked |= table[name].notna().to_numpy()
    if "typecode" in table.columns:
        marked |= table["typecode"].astype(str).str.startswith("1507").to_numpy()
    return marked


def _steps(shape: Any) -> NDArray[np.object_]:
    """Return points along a line or an outline; a point itself."""
    if shape.geom_type in ("Point", "MultiPoint"):
        return np.asarray(shapely.get_parts(shape), dtype=object)
    line = shapely.boundary(shape) if "Polygon" in shape.geom_type else shape
    along = np.arange(_STEP_M / 2, max(line.length, _STEP_M), _STEP_M)
    return np.asarray(shapely.line_interpolate_point(line, along), dtype=object)


def _carriageways(network: WalkNetwork) -> NDArray[np.object_]:
    """Return the lines of carriageways; all lines where hardly any edge is known to be one."""
    road = np.isin(network.traits["highway"].astype(str), list(_CARRIAGEWAYS))
    return network.lines[road] if road.sum() >= FEWEST else network.lines


def _evidence(
    lon: Floats, lat: Floats, name: str, network: WalkNetwork, streets: NDArray[np.object_]
) -> dict[str, float]:
    """Try one datum: where do the places fall, and how far are they from carriageways."""
    places = gpd.GeoSeries(gpd.points_from_xy(*to_wgs84(lon, lat, name)), crs=4326)
    xy = shapely.get_coordinates(places.to_crs(network.crs).to_numpy())
    xy = xy[shapely.contains_xy(network.extent, xy[:, 0], xy[:, 1])]
    found = {"inside": len(xy), "inside_share": len(xy) / max(len(lon), 1)}
    if len(xy) < FEWEST:
        return found | {"median_m": np.nan, "pattern": 0.0}
    tree = shapely.STRtree(streets)

    def distance_m(shift: Floats) -> Floats:
        moved = shapely.points(xy + shift)
        nearest = tree.query_nearest(moved, all_matches=False)[1]
        return np.asarray(shapely.distance(moved, streets[nearest]))

    here_m = distance_m(np.zeros(2))
    chance = np.array([_histogram(distance_m(shift)) for shift in _shifts()])
    return found | {
        "median_m": float(np.median(here_m)),
        "pattern": _surprise(_histogram(here_m), chance),
    }


def _shifts() -> Floats:
    """Return made-up shifts: rings far smaller than what tells two datums apart."""
    angle = np.linspace(0.0, 2.0 * np.pi, _DIRECTIONS, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([radius * ring for radius in _RADII_M])


def _histogram(distance_m: Floats) -> Floats:
    classes = np.searchsorted(_EDGES_M, distance_m)
    return np.bincount(classes, minlength=len(_EDGES_M) + 1).astype(float)


def _surprise(here: Floats, chance: Floats) -> float:
    """Return by how many standard deviations a histogram is odder than those of chance."""
    expected = chance.mean(axis=0)

    def oddness(counts: Floats) -> Floats:
        # The 1 keeps a class with hardly any expectation from deciding by itself.
        return np.asarray(((counts - expected) ** 2 / (expected + 1.0)).sum(axis=-1))

    by_chance = oddness(chance)
    return float((oddness(here) - by_chance.mean()) / max(float(by_chance.std()), 1e-9))


def _judge(evidence: pd.DataFrame) -> DatumGuess:
    """Weigh the candidates."""
    score, inside = evidence["score"].to_numpy(float), evidence["inside"].to_numpy(int)
    share, pattern = evidence["inside_share"].to_numpy(float), evidence["pattern"].to_numpy(float)
    best, second = np.argsort(-score)[:2]
    confidence = float(1.0 / np.exp(score - score[best]).sum())
    if inside.max() < FEWEST:
        reason = (
            f"Cannot tell the datum: at most {inside.max()} places lie in the extent of the "
            f"streets; {FEWEST} are needed."
        )
        return DatumGuess(None, 1.0 / len(evidence), evidence, reason)
    why = (
        f"{share[best]:.0%} of the places lie in the extent of the streets and their distances "
        f"from carriageways are {pattern[best]:.1f} standard deviations from chance, against "
        f"{share[second]:.0%} and {pattern[second]:.1f} for {CANDIDATES[second]}"
    )
    if score[best] - score[second] < _MARGIN:
        reason = f"Cannot tell the datum; {CANDIDATES[best]} fits best, but not clearly: {why}."
        return DatumGuess(None, confidence, evidence, reason)
    reason = f"The datum is {CANDIDATES[best]} (confidence {confidence:.2f}): {why}."
    return DatumGuess(CANDIDATES[best], confidence, evidence, reason)
