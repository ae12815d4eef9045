"""How a status looks, once for every output: colours, pattern, sign.

Whoever draws or prints a status takes it from here: the terminal, figures, the electronic map
(its scripts get this table when the page is written), report, cards, workbook, QGIS and notebook.
Pattern, lightness and sign each tell the statuses apart without colour.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Pattern = Literal["", "stripes", "hatch", "dots", "crosses"]


@dataclass(frozen=True)
class Look:
    """How one status is drawn.

    Attributes
    ----------
    face
        Colour of the ground.
    ink
        Colour of the pattern on it, and of letters.
    pattern
        What is drawn on the ground.
    sign
        One character, for a cell that has no other room.
    mark
        Colour of a sign that stands alone, dark enough to be read on white.
    tint
        Ground under black letters, in a spreadsheet.
    """

    face: str
    ink: str
    pattern: Pattern
    sign: str
    mark: str
    tint: str


LOOKS: dict[str, Look] = {
    "met": Look("#2a6fa8", "#ffffff", "", "✓", "#14598c", "#cfe3f2"),
    "implied": Look("#cfe3f2", "#14598c", "stripes", "(✓)", "#14598c", "#e8f1f8"),
    "unmet": Look("#fdba74", "#7a3c00", "hatch", "✗", "#a34f00", "#fdba74"),
    "unknown": Look("#ffffff", "#6b7280", "dots", "?", "#4a4f5a", "#ededed"),
}
"""The statuses, in the order in which they are listed."""

SHOWN = tuple(LOOKS)
"""The statuses as readers see them: what only a host implies is not quite met."""

NOTHING_KNOWN = Look("#ededed", "#777777", "crosses", "–", "#4a4f5a", "#ededed")
"""An area of which nothing is known."""

CLASSES = (0, 25, 50, 75, 90, 100)
"""Bounds of the classes of the share met, in per cent; the last class is narrow because most
areas of a built city are near its end."""

# Lightness falls from class to class, so that the order is seen without colour (YlGnBu).
CLASS_FACES = ("#f7f4c0", "#b5dfb8", "#5bb8c4", "#2a7fb8", "#1f3b8c")
CLASS_INKS = ("#222222", "#222222", "#222222", "#ffffff", "#ffffff")
"""The colours of the classes, and of letters on each."""

CROSS = "#6b3300"
"""The cross in the report's mark of what is unmet, and minutes beyond the limit."""

PLACE = "#5b2a86"
"""A facility."""


GROUNDS = ("#8dd3c7", "#bebada", "#fdb462", "#b3de69", "#80b1d3", "#fccde5", "#d9d9d9")
"""Grounds of circles: neighbours differ, and each has its number, so that no colour is needed."""

NEW, CENTRE, LEFT, THERE = "#b5179e", "#1b4f72", "#8b0000", "#3c4148"
"""What a plan makes, the centre of a circle, who is in none, and what is there already."""


BLIND = ("#fdae61", "#d7301f", "#67000d")
"""Streets from which one walks too far: the darker the farther, or the more items."""


GROUND = {"green": "#dfecd2", "water": "#c5dcee", "building": "#e3dfd7", "railway": "#7d7d86"}
"""What lies below the areas: pale, so that statuses stand out."""


def shown_status(results: pd.DataFrame) -> pd.Series[Any]:
    """Tell what is met by a host apart from what is met: the status that a reader sees.

    Examples
    --------
    >>> told = {"status": ["met", "met"], "reason": ["within_limit", "implied_by_host"]}
    >>> shown_status(pd.DataFrame(told)).tolist()
    ['met', 'implied']
    """
    return results["status"].where(results["reason"] != "implied_by_host", "implied")


def rests_on_hosts(summary: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which areas would be in a lower class without what hosts imply.

    Examples
    --------
    >>> told = {"items_met_share": [0.8, 0.8, 0.8], "items_observed_share": [0.8, 0.76, 0.7]}
    >>> rests_on_hosts(pd.DataFrame(told)).tolist()
    [False, False, True]
    """
    both = summary[["items_met_share", "items_observed_share"]].to_numpy(dtype=np.float64)
    percent = np.minimum(np.nan_to_num(both) * 100, 99.999)
    place = np.searchsorted(CLASSES, percent, side="right")
    return np.asarray(place[:, 1] < place[:, 0])


def look_table() -> dict[str, Any]:
    """Give the looks as plain data, for a page's own scripts."""
    return {
        "statuses": {status: asdict(look) for status, look in LOOKS.items()},
        "nothing": asdict(NOTHING_KNOWN),
        "bounds": list(CLASSES),
        "classes": list(CLASS_FACES),
        "place": PLACE,
        "blind": list(BLIND),
        "ground": dict(GROUND),
        "plan": {"grounds": list(GROUNDS), "new": NEW, "centre": CENTRE, "left": LEFT},
    }
