"""Names of array types, what is worked out on bare arrays, and on how many cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.integer[Any]]
"""Whole numbers of any width: of a whole city, half of it makes half the memory."""


def narrow(count: int) -> type[np.signedinteger[Any]]:
    """Choose the width that whole numbers below a count need."""
    return np.int32 if count < 1 << 31 else np.int64


PIECE = 1 << 15
"""So many rows at once are worked on where the steps in between take more than the result."""


def pieces(count: int) -> Iterator[slice]:
    """Cut so many rows into pieces of at most ``PIECE``."""
    return (slice(at, min(at + PIECE, count)) for at in range(0, count, PIECE))


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def runs(
    first: npt.NDArray[np.integer[Any]], count: npt.NDArray[np.integer[Any]], dtype: Any = np.int64
) -> npt.NDArray[Any]:
    """Give the places of runs, end to end: run i is ``first[i]`` and the ``count[i] - 1`` after it.

    Examples
    --------
    >>> runs(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    places = np.arange(count.sum(), dtype=dtype)
    places += np.repeat((first - np.cumsum(count) + count).astype(dtype), count)
    return places


def handed_over(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Freeze an array that nobody else writes to, so that :func:`own` need not copy it."""
    values.flags.writeable = False
    return values


def own(values: npt.ArrayLike, dtype: Any = None) -> npt.NDArray[Any]:
    """Give an array that nobody else can write to: a copy, unless it was handed over.

    Examples
    --------
    >>> mine = handed_over(np.arange(3.0))
    >>> own(mine) is mine, own(mine[1:]) is mine, own(mine, np.int64) is mine
    (True, False, False)
    """
    if isinstance(values, np.ndarray) and values.flags.c_contiguous and values.flags.owndata:
        same_kind = dtype is None or values.dtype == np.dtype(dtype)
        if same_kind and not values.flags.writeable:
            return values
    return np.array(values, dtype=dtype, order="C")


def read_only(*arrays: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    """Give arrays as they may not be written to.

    A loop is compiled anew for arrays that may: what comes of a file as well as of a computation
    is handed over in one way.

    Examples
    --------
    >>> [one.flags.writeable for one in read_only(np.zeros(2), np.ones(3))]
    [False, False]
    """
    views = tuple(one.view() for one in arrays)
    for one in views:
        one.flags.writeable = False
    return views


def components(n_nodes: int, one: npt.ArrayLike, other: npt.ArrayLike) -> Ints:
    """Number the connected parts of a graph, in the order of their first nodes.

    Here and not from scipy, whose graph routines take 0.2 s to load in every process.

    Parameters
    ----------
    n_nodes
        How many nodes there are.
    one, other
        The ends of each edge.

    Returns
    -------
    part
        For each node the number of the part that it belongs to.

    Examples
    --------
    >>> components(5, [3, 0], [1, 4]).tolist()
    [0, 1, 2, 1, 0]
    """
    root = np.arange(n_nodes)
    u, v = np.asarray(one, dtype=np.int64), np.asarray(other, dtype=np.int64)
    while len(u):
        # Roots hang themselves under smaller ones, and their nodes follow them up.
        np.minimum.at(root, np.maximum(u, v), np.minimum(u, v))
        while not np.array_equal(root, above := root[root]):
            root = above
        apart = root[u] != root[v]
        u, v = root[u[apart]], root[v[apart]]
    return np.asarray(np.unique(root, return_inverse=True)[1], dtype=np.int64)


def in_order_of_labels(labels: npt.ArrayLike) -> Ints:
    """Give the rows in the order of their labels, so that no answer hangs on that of a file.

    Labels of several kinds, which cannot be compared, are in the order of their texts.

    Examples
    --------
    >>> in_order_of_labels(["b", "c", "a"]).tolist()
    [2, 0, 1]
    """
    known = np.asarray(labels, dtype=object)
    try:
        order = np.argsort(known, kind="stable")
    except TypeError:
        order = np.argsort(known.astype(str), kind="stable")
    return np.asarray(order, dtype=np.int64)


def are_comparable(labels: npt.ArrayLike) -> bool:
    """Tell whether labels are of kinds that can be compared with each other."""
    known = np.asarray(labels, dtype=object)
    try:
        np.argsort(known, kind="stable")
    except TypeError:
        return False
    return True
