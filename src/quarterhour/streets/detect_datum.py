"""Which datum do these coordinates have? Ask the streets.

Places keep a certain distance from carriageways: shops stand beside a street, not on it and
seldom far from any; drawn streets lie on it. Shifted by half a kilometre, they lie anywhere. So
each candidate datum is tried, and the distances of the places to the nearest carriageway are
compared with those after small made-up shifts of 40 to 130 m: only under the right datum do they
differ from what chance gives. Where the streets were cut out for the same place as the table,
the share of places that fall inside the data is a second piece of evidence. Of outlines (compounds,
buildings) a third is how many of them carriageways run through: right ones have streets round them.

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

from quarterhour.arrays import Floats, Mask
from quarterhour.places.contracts import check_frame
from quarterhour.places.datum import convert_datum, to_wgs84
from quarterhour.places.datum_fit import (
    CANDIDATES,
    FEWEST_SHAPES,
    clearance,
    said_datum,
    small_shifts,
)
from quarterhour.places.frames import utm_of
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap_grid import StreetGrid
from quarterhour.streets.street_arrays import kept_with

FEWEST = 20
"""Fewer places than this in the data tell nothing."""

_ROAD_WORDS = (
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service road"
)
_CARRIAGEWAYS = frozenset(_ROAD_WORDS.split())
_EDGES_M = np.array([0.5, 2.0, 4.0, 6.0, 8.0, 13.0, 20.0, 30.0, 60.0])
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
        distances differ from chance), `score` (all evidence together). For polygons also `cut`
        (how many have a carriageway in them), `cut_by_chance` and `clear` (how rare that is).
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
    outlines = _outlines(there)
    fewest = FEWEST if len(outlines) < FEWEST_SHAPES else FEWEST_SHAPES
    if len(there) < fewest:
        reason = f"Cannot tell the datum of {len(there)} places; at least {fewest} are needed."
        return DatumGuess(None, 1.0 / len(CANDIDATES), pd.DataFrame(index=list(CANDIDATES)), reason)
    lon, lat = _samples(there)
    road = _carriageways(network)
    grid = kept_with(network, "carriageways", lambda: StreetGrid.of(network, road).on_the_plane())
    rows = [_evidence(lon, lat, name, network, grid) for name in CANDIDATES]
    evidence = pd.DataFrame(rows, index=pd.Index(CANDIDATES, name="datum"))
    share = evidence["inside_share"]
    counts = share.max() >= _EXTENT_AT_LEAST
    evidence["score"] = evidence["pattern"] + (_EXTENT_WEIGHT * share if counts else 0.0)
    if len(outlines) >= FEWEST_SHAPES:
        cut = [_cut(outlines, name, network, network.lines[road]) for name in CANDIDATES]
        evidence[["cut", "cut_by_chance", "clear"]] = np.array(cut)
        evidence["score"] += evidence["clear"]
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
    said = said_datum(table)
    if said is None:
        return None
    declared = table.attrs.get("declared_datum") or said
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
        metric = table.geometry.to_crs(utm_of(table))
        steps = [_steps(shape) for shape in metric.to_numpy()]
        degrees = gpd.GeoSeries(np.concatenate(steps), crs=metric.crs).to_crs(table.crs)
        xy = shapely.get_coordinates(degrees.to_numpy())
    if len(xy) > _MOST:
        xy = np.random.default_rng(0).permutation(xy)[:_MOST]
    places = gpd.GeoSeries(shapely.points(xy), crs=table.crs).to_crs(4326)
    return places.x.to_numpy(), places.y.to_numpy()


def _outlines(table: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the polygons of a table, in degrees; some tell as much as all."""
    shapes = table.geometry[table.geom_type.isin(["Polygon", "MultiPolygon"])]
    return shapes.sample(min(len(shapes), _MOST // 10), random_state=0).to_crs(4326)


def _cut(
    outlines: gpd.GeoSeries, name: str, network: WalkNetwork, streets: NDArray[np.object_]
) -> tuple[int, float, float]:
    """Try one datum: how many outlines do carriageways run through, and is that chance."""

    def convert(xy: Floats) -> Floats:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], name))

    shapes = gpd.GeoSeries(shapely.transform(outlines.to_numpy(), convert), crs=4326)
    there = np.asarray(shapes.to_crs(network.crs).array, dtype=object)
    return clearance(there[shapely.intersects(network.extent, there)], streets)


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


def _carriageways(network: WalkNetwork) -> Mask:
    """Mark the carriageways; all streets where hardly any edge is known to be one."""
    road = np.isin(network.traits["highway"].astype(str), list(_CARRIAGEWAYS))
    return road if road.sum() >= FEWEST else np.ones(network.n_edges, dtype=bool)


def _evidence(
    lon: Floats, lat: Floats, name: str, network: WalkNetwork, grid: StreetGrid
) -> dict[str, float]:
    """Try one datum: where do the places fall, and how far are they from carriageways."""
    places = gpd.GeoSeries(gpd.points_from_xy(*to_wgs84(lon, lat, name)), crs=4326)
    xy = shapely.get_coordinates(places.to_crs(network.crs).to_numpy())
    xy = xy[shapely.contains_xy(network.extent, xy[:, 0], xy[:, 1])]
    found = {"inside": len(xy), "inside_share": len(xy) / max(len(lon), 1)}
    if len(xy) < FEWEST:
        return found | {"median_m": np.nan, "pattern": 0.0}

    def distance_m(shift: Floats) -> Floats:
        return grid.nearest(xy + shift, np.inf)[2]

    here_m = distance_m(np.zeros(2))
    chance = np.array([_histogram(distance_m(shift)) for shift in small_shifts()])
    return found | {
        "median_m": float(np.median(here_m)),
        "pattern": _surprise(_histogram(here_m), chance),
    }


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
    if "cut" in evidence:
        cut = evidence["cut"].to_numpy(int)
        why += f"; carriageways run through {cut[best]} of the outlines, against {cut[second]}"
    if score[best] - score[second] < _MARGIN:
        reason = f"Cannot tell the datum; {CANDIDATES[best]} fits best, but not clearly: {why}."
        return DatumGuess(None, confidence, evidence, reason)
    reason = f"The datum is {CANDIDATES[best]} (confidence {confidence:.2f}): {why}."
    return DatumGuess(CANDIDATES[best], confidence, evidence, reason)
