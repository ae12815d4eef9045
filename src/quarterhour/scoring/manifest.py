"""What made a number: versions, inputs and parameters, as plain data."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

import geopandas as gpd

from quarterhour.places.attribution import attribution_of
from quarterhour.places.carried import joined_note
from quarterhour.places.notes import as_data
from quarterhour.scoring.digested import Digested
from quarterhour.streets.network import WalkNetwork

_PACKAGES = (
    "quarterhour",
    "geopandas",
    "networkx",
    "numba",
    "numpy",
    "osmium",
    "osmnx",
    "pandas",
    "pyproj",
    "scipy",
    "shapely",
)

Manifest = Mapping[str, Any]
"""Nested plain data that json can write."""


def table_digest(table: gpd.GeoDataFrame) -> str:
    """SHA-256 of a table: its CRS, index, columns by name, and every geometry."""
    return Digested.of(table).sha256


def describe_table(table: gpd.GeoDataFrame, sha256: str | None = None) -> dict[str, Any]:
    """Rows, digest, CRS, datum, source and what its reader had to say of it."""
    return {
        "rows": len(table),
        "sha256": sha256 or table_digest(table),
        "crs": str(table.crs),
        "datum": table.attrs.get("datum"),
        "declared_datum": table.attrs.get("declared_datum"),
        "source": str(source) if (source := table.attrs.get("source")) is not None else None,
        "attribution": attribution_of(table),
        "notes": [*table.attrs.get("notes", []), *filter(None, [joined_note(table)])],
    }


def describe_network(network: WalkNetwork) -> dict[str, Any]:
    """Size, digest, CRS, connectedness and origin of a street network."""
    source = dict(network.metadata)
    source["source_sha256"] = source.pop("sha256", "")  # of the file, not of the network
    return {
        **source,
        "nodes": network.n_nodes,
        "edges": network.n_edges,
        "sha256": network.sha256,
        "crs": network.crs.to_string(),
        **network.component_summary(),
    }


def manifest(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Collect versions, inputs and parameters, with the time of making.

    Parameters
    ----------
    inputs
        Descriptions of what went in, by name.
    parameters
        Every choice that bears on the result, by name.
    """
    versions = {name: _version(name) for name in _PACKAGES}
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": versions,
        "inputs": {name: _with_data(one) for name, one in inputs.items()},
        "parameters": dict(parameters),
    }


def _with_data(described: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the code and the values of notes beside their sentences."""
    if "notes" not in described:
        return dict(described)
    return {**described, "notes_data": as_data(described["notes"])}


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
