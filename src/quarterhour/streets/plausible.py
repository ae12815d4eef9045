"""Whether the numbers of a network can be those of streets: whole, finite, and no shorter than air.

Numbers that are cast or believed without a look come out as other streets, not as errors: a node
number beyond 2³¹ wraps round, half of one names its neighbour, and a length of zero under a line
of 180 m is walked in no time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, own, pieces
from quarterhour.errors import NetworkError

_SHORT = 0.1
_SHORT_M = 10.0


def whole_numbers(values: npt.ArrayLike, what: str, kind: Any = np.int64) -> npt.NDArray[Any]:
    """
    Return whole numbers as an array of a type that holds them all.

    Raises
    ------
    NetworkError
        If one is no number, not whole, or too large.

    Examples
    --------
    >>> whole_numbers([0.0, 2.0], "edge_nodes")
    array([0, 2])
    """
    try:
        given = np.asarray(values)
        if given.dtype == object:
            given = np.asarray(given.tolist())
        if given.size == 0:
            return np.zeros(given.shape, dtype=kind)
        if given.dtype.kind not in "iuf":
            msg = f"{what} has to be whole numbers; found {given.dtype.name}."
            raise NetworkError(msg)
    except (ValueError, OverflowError) as error:
        msg = f"{what} has to be a table of whole numbers: {error}."
        raise NetworkError(msg) from None
    limits = np.iinfo(kind)
    if given.dtype.kind == "f":
        bad = ~np.isfinite(given) | (given != np.floor(given))
        bad |= (given < limits.min) | (given >= float(limits.max))
    else:
        bad = (given < limits.min) | (given > limits.max)
    if bad.any():
        msg = (
            f"{what} has to be whole numbers from {limits.min} to {limits.max}; "
            f"{bad.sum():,} are not, such as {given[bad][0]}."
        )
        raise NetworkError(msg)
    return own(given, kind)


def require_lengths(length_m: Floats, xy: Floats, nodes: npt.NDArray[np.int32]) -> None:
    """
    Refuse streets that are far shorter than the straight line between their ends.

    Raises
    ------
    NetworkError
        If some are.
    """
    straight = np.empty(len(nodes))
    for piece in pieces(len(nodes)):
        u, v = nodes[piece].T
        straight[piece] = np.hypot(*(xy[v] - xy[u]).T)
    short = (straight > _SHORT_M) & (length_m < _SHORT * straight)
    if short.any():
        worst = np.flatnonzero(short)[np.argmax(straight[short])]
        msg = (
            f"{short.sum():,} of {len(length_m):,} edges are given a length of less than a tenth "
            f"of the straight line between their ends, such as {length_m[worst]:g} m for "
            f"{straight[worst]:,.0f} m (edge {worst}): are the lengths in another unit, or "
            "missing? Leave edge_length_m out to measure the lines."
        )
        raise NetworkError(msg)


def require_extent(extent: Any) -> None:
    """
    Refuse an extent that is no finite polygon.

    Raises
    ------
    NetworkError
        If it is none.
    """
    polygon = isinstance(extent, shapely.Polygon | shapely.MultiPolygon)
    if not polygon or extent.is_empty or not np.all(np.isfinite(extent.bounds)):
        found = type(extent).__name__ if not polygon else f"one with the bounds {extent.bounds}"
        msg = f"The extent has to be a polygon with finite coordinates; found {found}."
        raise NetworkError(msg)


def require_arrays(xy: Floats, nodes: npt.NDArray[np.int32], line: Floats, offset: Ints) -> None:
    """Refuse arrays that are none of a network.

    Raises
    ------
    NetworkError
        If there is no edge, an edge names a node that is not there, lines have other shapes than
        their offsets say, or a coordinate is no finite number.
    """
    m = len(nodes)
    if m == 0:
        msg = "There is no edge in the network: no street here can be walked."
        raise NetworkError(msg)
    if nodes.min() < 0 or nodes.max() >= len(xy):
        msg = f"Edges name nodes {nodes.min()} to {nodes.max()}, but there are {len(xy)} nodes."
        raise NetworkError(msg)
    fits = offset.shape == (m + 1,) and offset[0] == 0 and offset[-1] == len(line)
    if not fits or np.any(np.diff(offset) < 2):
        msg = f"coord_offset has to cut {len(line)} coordinates into {m} lines of two or more."
        raise NetworkError(msg)
    if not (np.all(np.isfinite(xy)) and np.all(np.isfinite(line))):
        msg = "A coordinate of the network is not a finite number."
        raise NetworkError(msg)
