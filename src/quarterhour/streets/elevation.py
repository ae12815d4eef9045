"""Heights of the nodes of a network, from an elevation raster or from the caller."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from quarterhour.arrays import Floats
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.rasters import opened_raster
from quarterhour.streets.heights import (
    HIGHEST_M,
    LOWEST_M,
    STEEP,
    sound_heights,
    spikes,
)
from quarterhour.streets.network import WalkNetwork

FEW_STEEP = 5
"""Fewer streets that are too steep are left to the report."""


@dataclass(frozen=True, eq=False, repr=False)
class Elevation:
    """Heights at the nodes of one network; make it with :func:`elevation_at_nodes`.

    Attributes
    ----------
    node_m
        ``(n,)`` metres above the raster's zero, NaN where not known; read-only.
    source
        Where they come from, as results are to say it.
    outside
        Nodes that the raster does not cover.
    no_data
        Nodes that it covers, with no height around them.
    odd
        Cells, or heights given, that are not believed: no ground is so high or low, or they
        stand off all around them as spikes do.
    """

    node_m: Floats
    source: str
    outside: int = 0
    no_data: int = 0
    odd: int = 0

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """``(n,)`` whether a node's height is known."""
        return np.isfinite(self.node_m)

    def slopes(self, network: WalkNetwork) -> Floats:
        """``(m,)`` rise over run of each edge from u to v.

        Bridges and tunnels are level: a raster knows the ground below or above them. So are
        edges of no length, and edges with an end whose height is not known.

        Raises
        ------
        InputError
            If the heights belong to a network with another number of nodes.
        """
        change = _changes(network, self)
        run = network.edge_length_m
        off_ground = network.traits["bridge"] | network.traits["tunnel"]
        on_ground = np.isfinite(change) & (run > 0) & ~off_ground.astype(bool)
        return np.divide(change, run, out=np.zeros(len(run)), where=on_ground)

    def __str__(self) -> str:
        return f"{self.source} ({self.known.mean():.1%} of nodes)"

    def __repr__(self) -> str:
        low, high = np.nanmin(self.node_m), np.nanmax(self.node_m)
        return f"<Elevation: {len(self.node_m):,} nodes, {low:.1f} to {high:.1f} m, {self}>"


def elevation_at_nodes(
    network: WalkNetwork, raster: str | Path | npt.ArrayLike, *, band: int = 1
) -> Elevation:
    """Take the height of every node from a raster, or from an array.

    Parameters
    ----------
    network
        The streets.
    raster
        A GeoTIFF (or whatever rasterio opens) with heights in metres, in any CRS; or one
        number per node, NaN where not known.
    band
        Band of the raster.

    Returns
    -------
    Elevation
        Heights between the centres of the four cells around each node, weighted bilinearly.
        Cells without data are left out of the weighting; a node with none but such cells has no
        height, nor has a node outside the raster: they are counted, and a warning says how many.

    Raises
    ------
    InputError
        If the file cannot be read, has no CRS or no such band, an array does not fit, or no
        node has a height.
    MissingExtraError
        If rasterio is not installed.
    """
    if isinstance(raster, (str, Path)):
        found = _sampled(network, Path(raster), band)
    else:
        node_m = np.array(raster, dtype=np.float64)
        node_m, given = sound_heights(node_m), np.isfinite(node_m)
        odd = int((given & np.isnan(node_m)).sum())
        found = Elevation(node_m, "heights given", no_data=int((~given).sum()), odd=odd)
    if found.node_m.shape != (network.n_nodes,):
        msg = f"{network.n_nodes} heights are needed, one per node; got {found.node_m.shape}."
        raise InputError(msg)
    if not found.known.any():
        msg = (
            f"No node has a height in {found.source}: {found.outside} lie outside, "
            f"{found.no_data} where it has no data. Check that both cover the same place."
        )
        raise InputError(msg)
    if not found.known.all():
        msg = (
            f"{(~found.known).sum():,} of {network.n_nodes:,} nodes have no height in "
            f"{found.source} ({found.outside:,} outside, {found.no_data:,} without data): "
            "the edges there count as level."
        )
        warnings.warn(msg, QuarterhourWarning, stacklevel=2)
    _warn_of_odd(found, network)
    found.node_m.flags.writeable = False
    return found


def _warn_of_odd(found: Elevation, network: WalkNetwork) -> None:
    """Say how many heights were not believed, and which streets are hardly ever so steep."""
    if found.odd:
        msg = (
            f"{found.odd:,} heights in {found.source} are not believed and left out: no ground is "
            f"below {LOWEST_M:,.0f} or above {HIGHEST_M:,.0f} m, or they are spikes. Declare how "
            "the raster writes cells without data."
        )
        warnings.warn(msg, QuarterhourWarning, stacklevel=3)
    steep = (np.abs(found.slopes(network)) > STEEP) & (network.edge_length_m > 5.0)
    steep &= ~network.traits["steps"].astype(bool)
    if steep.sum() >= FEW_STEEP:
        msg = (
            f"{steep.sum():,} of {network.n_edges:,} streets are steeper than {STEEP:.0%} by "
            f"{found.source}: are there cells without data, spikes, or heights in feet?"
        )
        warnings.warn(msg, QuarterhourWarning, stacklevel=3)


def elevation_summary(network: WalkNetwork, elevation: Elevation) -> dict[str, float]:
    """Say what the heights do to the edges.

    Parameters
    ----------
    network, elevation
        Streets, and the heights of their nodes.

    Returns
    -------
    dict
        ``nodes``, ``nodes_outside``, ``nodes_no_data``; ``edges``, ``edge_share`` (share of
        edges with a height at both ends), ``edges_sloped`` (not level, bridges and tunnels
        apart); ``mean_change_m`` (mean absolute difference in height of those with heights),
        ``mean_slope`` and ``steepest`` (absolute rise over run; the mean is by length).

    Raises
    ------
    InputError
        If the heights belong to another network.
    """
    change = _changes(network, elevation)
    slope = np.abs(elevation.slopes(network))
    known = np.isfinite(change)
    metres = network.edge_length_m.sum()
    return {
        "nodes": float(network.n_nodes),
        "nodes_outside": float(elevation.outside),
        "nodes_no_data": float(elevation.no_data),
        "edges": float(network.n_edges),
        "edge_share": float(known.mean()),
        "edges_sloped": float((slope > 0).sum()),
        "mean_change_m": float(np.abs(change[known]).mean()) if known.any() else float("nan"),
        "mean_slope": float(slope @ network.edge_length_m / metres) if metres else 0.0,
        "steepest": float(slope.max()),
    }


def _changes(network: WalkNetwork, elevation: Elevation) -> Floats:
    """Height of v over u, NaN where one of them is not known."""
    if len(elevation.node_m) != network.n_nodes:
        msg = (
            f"The heights are those of {len(elevation.node_m)} nodes, the network has "
            f"{network.n_nodes}: take them with elevation_at_nodes(network, ...) of this network."
        )
        raise InputError(msg)
    u, v = network.edge_nodes.T
    return np.asarray(elevation.node_m[v] - elevation.node_m[u])


def _sampled(network: WalkNetwork, path: Path, band: int) -> Elevation:
    with opened_raster(path, band, "Reading elevations", "heights") as (rasterio, data):
        to_raster = pyproj.Transformer.from_crs(network.crs, data.crs.to_wkt(), always_xy=True)
        x, y = to_raster.transform(*network.node_xy.T)
        a, b, c, d, e, f = (~data.transform)[:6]
        column, row = a * x + b * y + c, d * x + e * y + f
        inside = (column >= 0) & (column <= data.width) & (row >= 0) & (row <= data.height)
        node_m, odd = np.full(network.n_nodes, np.nan), 0
        if inside.any():
            node_m[inside], odd = _bilinear(rasterio, data, band, column[inside], row[inside])
    lost = int(np.isnan(node_m[inside]).sum())
    return Elevation(node_m, path.name, int((~inside).sum()), lost, odd)


def _bilinear(
    rasterio: Any, data: Any, band: int, column: Floats, row: Floats
) -> tuple[Floats, int]:
    """Heights at pixel coordinates, from the part of the raster around them; cells not believed."""
    degrees = 111_320.0 if data.crs.is_geographic else 1.0
    cell_m = degrees * float(np.hypot(data.transform.a, data.transform.d))
    # Cell centres lie at halves; beyond the outermost centres the outermost cell counts.
    x = np.clip(column - 0.5, 0, data.width - 1)
    y = np.clip(row - 0.5, 0, data.height - 1)
    left, top = (np.floor(c).astype(np.int64) for c in (x, y))
    right = np.minimum(left + 1, data.width - 1)
    bottom = np.minimum(top + 1, data.height - 1)
    x0, y0 = int(left.min()), int(top.min())
    window = rasterio.windows.Window(x0, y0, int(right.max()) - x0 + 1, int(bottom.max()) - y0 + 1)
    cells = data.read(band, window=window, masked=True).astype(np.float64)
    cells = cells * data.scales[band - 1] + data.offsets[band - 1]
    raw = cells.filled(np.nan)
    height = sound_heights(raw)
    odd = np.zeros(height.shape, dtype=bool)
    for r in (top - y0, bottom - y0):
        for c in (left - x0, right - x0):
            odd[r, c] |= (
                spikes(height, (r, c), cell_m) | (np.isnan(height) & np.isfinite(raw))[r, c]
            )
    height[odd] = np.nan
    fx, fy = x - left, y - top
    total, weight = np.zeros(len(x)), np.zeros(len(x))
    for r, wy in ((top, 1 - fy), (bottom, fy)):
        for c, wx in ((left, 1 - fx), (right, fx)):
            z = height[r - y0, c - x0]
            share = np.where(np.isfinite(z), wx * wy, 0.0)
            total += share * np.nan_to_num(z)
            weight += share
    heights = np.full(len(x), np.nan)
    return np.divide(total, weight, out=heights, where=weight > 0), int(odd.sum())
