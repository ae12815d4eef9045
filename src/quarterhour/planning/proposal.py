"""What a scenario changes: the tables, the streets and the question of a scorecard, as proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Self, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.errors import InputError
from quarterhour.places.carried import plain_record
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.planning.sound import require_crs
from quarterhour.scoring.at_hand import require_question
from quarterhour.scoring.question import Question
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.street_arrays import kept_with

WGS84 = "EPSG:4326"

Place: TypeAlias = "tuple[float, float] | BaseGeometry"
"""Where something is: a longitude and latitude in WGS 84, or a geometry."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """A scorecard's inputs with some changes made; the inputs themselves stay as they are."""

    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    network: WalkNetwork
    origins: gpd.GeoDataFrame
    question: Question

    @classmethod
    def of(cls, card: Scorecard) -> Self:
        """Start from what a scorecard was asked of.

        Raises
        ------
        InputError
            If the scorecard does not know its question.
        """
        question, asked = require_question(card.question, card.asked)
        return cls(asked.areas, asked.facilities, asked.network, card.origins, question)

    def with_facilities(self, facilities: gpd.GeoDataFrame, note: Note) -> Proposal:
        """Give the same with other facilities, and what was done to them in their notes."""
        return replace(self, facilities=noted(facilities, self.facilities, note))

    def with_origins(self, origins: gpd.GeoDataFrame, note: Note) -> Proposal:
        """Give the same with other origins, and what was done to them in their notes."""
        return replace(self, origins=noted(origins, self.origins, note))

    def with_network(self, network: WalkNetwork) -> Proposal:
        """Give the same with other streets, which say what was done in their metadata."""
        return replace(self, network=network)


def change_note(kind: str, told: str, what: object) -> Note:
    """Say in a note what was done by a change of some kind, and to what."""
    return Note(f"scenario_{kind}", "Scenario: {0}.", told, str(what))


def noted(table: gpd.GeoDataFrame, before: gpd.GeoDataFrame, note: Note) -> gpd.GeoDataFrame:
    """Give a table the attributes of the one before, with one note more."""
    notes = [*before.attrs.get("notes", []), note]
    table.attrs = {**plain_record(before.attrs), "notes": notes}
    return table


def geometry_of(place: Any, what: str) -> BaseGeometry:
    """Give the geometry of a place.

    Raises
    ------
    InputError
        If it is none, empty, or its coordinates are no numbers.
    """
    if isinstance(place, (tuple, list, np.ndarray)) and len(place) == 2:
        try:
            place = shapely.Point(float(place[0]), float(place[1]))
        except (TypeError, ValueError) as error:
            msg = f"{what}: {place!r} is no longitude and latitude: give two numbers."
            raise InputError(msg) from error
    if not isinstance(place, BaseGeometry) or place.is_empty:
        msg = f"{what} has no place ({place!r}): give (longitude, latitude) or a geometry."
        raise InputError(msg)
    if not np.isfinite(shapely.get_coordinates(place)).all():
        msg = f"{what} has coordinates that are no finite numbers: {place.wkt}."
        raise InputError(msg)
    return place


def require_degrees(shape: BaseGeometry, crs: str, what: str) -> None:
    """See that what is said to be in degrees can be.

    Raises
    ------
    InputError
        If it cannot, or the CRS is none.
    """
    if crs != WGS84:
        require_crs(crs, what)
        return
    x, y = np.abs(shapely.get_coordinates(shape)).max(axis=0)
    if x > 180 or y > 90:
        swapped = " Latitude and longitude may be exchanged." if y <= 180 and x <= 90 else ""
        msg = (
            f"{what} lies at {shape.wkt[:60]}, which is no longitude and latitude in WGS 84."
            f"{swapped} Where it is in metres, say in which CRS (crs='EPSG:…')."
        )
        raise InputError(msg)


def projected(shape: BaseGeometry, crs: str, to: Any) -> BaseGeometry:
    """Give a geometry in another CRS."""
    if to == crs:
        return shape
    found: BaseGeometry = gpd.GeoSeries([shape], crs=crs).to_crs(to).iloc[0]
    return found


def row_named(table: pd.DataFrame, word: Any, what: str) -> Any:
    """Give the index label of the row that is meant: by its label, or by a name that one has.

    Raises
    ------
    InputError
        If there is none, or there are several of the name.
    """
    if _is_label(table.index, word):
        return word
    text = str(word)
    as_text = table.index.astype(str)
    found = np.flatnonzero(as_text == text)
    if len(found) == 1:
        return table.index[found[0]]
    names = table["name"] if "name" in table else pd.Series("", index=table.index)
    found = np.flatnonzero(names.astype(str).to_numpy() == text)
    if len(found) == 1:
        return table.index[found[0]]
    if len(found) > 1:
        msg = (
            f"{len(found)} {what} are called {text!r}: say which by its index label "
            f"({listed(table.index[found])})."
        )
        raise InputError(msg)
    known = [*as_text, *names.dropna().astype(str).unique()]
    near = get_close_matches(text, known, n=3)
    hint = f" Did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
    msg = (
        f"There is no {text!r} among the {len(table):,} {what}: give an index label or a name."
        f"{hint}"
    )
    raise InputError(msg)


def _is_label(index: pd.Index, word: Any) -> bool:
    try:
        return bool(word in index) and not isinstance(word, bool)
    except TypeError:
        return False


def require_near_streets(
    shape: BaseGeometry, network: WalkNetwork, limit_m: float, what: str
) -> None:
    """See that something in the CRS of the streets is near one of them.

    Raises
    ------
    InputError
        If it is farther than a limit.
    """
    tree = kept_with(network, "tree of lines", lambda: shapely.STRtree(network.lines))
    far = float(tree.query_nearest(shape, return_distance=True)[1][0])
    if far > limit_m:
        msg = (
            f"{what} is {far:,.0f} m from the nearest street, farther than {limit_m:g} m: "
            "check its coordinates and their datum."
        )
        raise InputError(msg)
