"""Who is assigned to a circle: the official measure, in which no walking is."""

from __future__ import annotations

import warnings
from typing import TypeAlias

import pandas as pd

from quarterhour.errors import InputError, QuarterhourWarning

Circles: TypeAlias = pd.DataFrame | str
"""One row per community and circle; or the column of the areas that names their circle."""


def assigned(known: pd.Index, circles: pd.DataFrame) -> pd.DataFrame:
    """Give the pairs of community and circle whose community is known, each once.

    Parameters
    ----------
    known
        Labels of all communities.
    circles
        The assignments, in columns ``community`` and ``circle``.

    Returns
    -------
    DataFrame
        ``community``, ``circle``.

    Raises
    ------
    InputError
        If a column is missing.

    Warns
    -----
    QuarterhourWarning
        If circles have communities that are not known.
    """
    missing = {"community", "circle"} - set(circles.columns)
    if missing:
        raise InputError(
            f"The table of circles has no column {' and no column '.join(sorted(missing))}; it "
            "needs one row per community and circle, in columns community and circle."
        )
    pairs = circles[["community", "circle"]].dropna().drop_duplicates()
    strange = pairs[~pairs["community"].isin(known)]
    if len(strange):
        warnings.warn(
            f"{strange['community'].nunique()} communities of the circles are not in the table of "
            f"communities and do not count, such as {strange['community'].iloc[0]!r}.",
            QuarterhourWarning,
            stacklevel=3,
        )
    return pairs[pairs["community"].isin(known)]


def circles_of(areas: pd.DataFrame, circles: Circles) -> pd.DataFrame:
    """Give the assignments of areas, from a table or from one of their own columns.

    Raises
    ------
    InputError
        If there is no such column, or the table lacks one.
    """
    if isinstance(circles, str):
        if circles not in areas:
            msg = f"The areas have no column {circles!r} that could name their circle."
            raise InputError(msg)
        circles = pd.DataFrame({"community": areas.index, "circle": areas[circles].to_numpy()})
    return assigned(areas.index, circles)
