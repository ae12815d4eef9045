"""Columns of yes and no, of service modes and of days, as the readers make them of words."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from quarterhour.places.cell_words import (
    SERVICE_MODES,
    cells_not_understood,
    named,
    truths,
    unread,
    words_in,
)
from quarterhour.sources.tables import cells


def read_attributes(table: gpd.GeoDataFrame, notes: list[str]) -> None:
    """
    Read the columns of facilities that say whether and how a place serves.

    Parameters
    ----------
    table
        Facilities; its columns are put in their canonical form.
    notes
        Those of the table, to which the cells that are not understood are added.
    """
    for name in ("contracted", "shared"):  # consent and counted have a third answer: not asked yet
        read_truths(table, name, notes)
    if "service_mode" in table.columns:
        modes = table["service_mode"] = named(table["service_mode"], SERVICE_MODES)
        strange = [pd.notna(cell) and bool(words_in(cell, SERVICE_MODES)[1]) for cell in modes]
        _tell(modes[strange], "service_mode", notes)
    for name in ("valid_from", "valid_to", "satisfaction_date"):
        if name in table.columns:
            days = cells.dates(table[name])
            _tell(table[name][days.isna() & table[name].notna()], name, notes)
            table[name] = days


def read_truths(
    table: gpd.GeoDataFrame, name: str, notes: list[str], *, silent: bool = False
) -> None:
    """
    Make a column of yes and no True and False, if the table has it.

    Parameters
    ----------
    table, notes
        As in `read_attributes`.
    name
        The column.
    silent
        What a cell means that is empty or not understood.
    """
    if name in table.columns:
        said = truths(table[name], name)
        _tell(unread(table[name], said), name, notes)
        table[name] = said.map(lambda value: silent if value is None else value).astype(bool)


def _tell(column: pd.Series[Any], name: str, notes: list[str]) -> None:
    notes.extend(cells_not_understood(column, name))
