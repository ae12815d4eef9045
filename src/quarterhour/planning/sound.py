"""What a planning question has to be made of: a scorecard, whole numbers, shares, a sound CRS."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.given import check_walked_datum
from quarterhour.scoring.scorecard import Scorecard


def require_scorecard(card: Any, verb: str) -> None:
    """See that a scorecard is asked.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(card, Scorecard):
        msg = (
            f"quarterhour.{verb} asks a scorecard, as quarterhour.assess and read_scorecard give "
            f"it, not {type(card).__name__}."
        )
        raise InputError(msg)


def require_places(table: Any, what: str) -> gpd.GeoDataFrame:
    """See that something is a table of places, each with a label of its own; give it.

    Raises
    ------
    InputError
        If it is none, has no CRS, or two rows have the same label.
    DatumError
        If it is in another datum than the streets, or in China and in none that is declared.
    """
    if not isinstance(table, gpd.GeoDataFrame):
        msg = f"{what} are a table of places (GeoDataFrame), not {type(table).__name__}."
        raise InputError(msg)
    if table.crs is None:
        msg = f"The {what.lower()} have no CRS. Set one, for example with set_crs('EPSG:4326')."
        raise InputError(msg)
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()].unique()
        msg = (
            f"The index of the {what.lower()} has a label more than once ({listed(twice)}): give "
            "each row one of its own, for example with reset_index(drop=True)."
        )
        raise InputError(msg)
    check_walked_datum(table, what.lower())
    return table


def require_whole(value: Any, name: str, least: int, of: str) -> None:
    """See that a number is whole and large enough; ``of`` says what it counts.

    Raises
    ------
    InputError
        If it is not.
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < least:
        msg = f"{name}={value!r}: give a whole number of {of}, at least {least}."
        raise InputError(msg)


def is_above_zero(value: Any) -> bool:
    """Tell whether something is a number above 0, and finite."""
    return isinstance(value, Real) and 0 < float(value) < np.inf


def told_number(value: Any) -> str:
    """Give a number as people write it; what is none as it was given.

    Examples
    --------
    >>> told_number(12000.0), told_number(0.5), told_number("many")
    ('12,000', '0.5', "'many'")
    """
    return f"{float(value):,.10g}" if isinstance(value, Real) else repr(value)


def require_part(share: Any, name: str) -> None:
    """See that a share is above 0 and at most 1.

    Raises
    ------
    InputError
        If it is not.
    """
    if not is_above_zero(share) or share > 1:
        per_cent = is_above_zero(share) and share <= 100
        hint = f"; {share:g} % is {share / 100:g}" if per_cent else ""
        msg = (
            f"{name}={told_number(share)} is no share: give a number above 0, at most 1, such as "
            f"0.95{hint}."
        )
        raise InputError(msg)


def require_crs(crs: Any, what: str) -> None:
    """See that a CRS is one.

    Raises
    ------
    InputError
        If nobody knows it.
    """
    try:
        pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        msg = f"{what}: crs={crs!r} is no CRS: give one such as 'EPSG:4326' or 'EPSG:32650'."
        raise InputError(msg) from error
