"""Which items the data can show at all, so that silence about them says something."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

import pandas as pd

from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Item

MAPPED = frozenset("AB")
"""Checkabilities at which a map's silence says something: mapped as a place, at least partly."""


def items_shown(
    checklist: Checklist, facilities: pd.DataFrame, matches: pd.DataFrame
) -> frozenset[str]:
    """
    Tell which items the source of a facility table can show.

    A table in which somebody declared an item can show it, whatever its checkability. Other
    sources can show what is normally or partly mapped (checkability A or B), and of that
    OpenStreetMap, or any table without typecodes, only what it has tags for: a residents'
    committee that is known by chance from its name says nothing about the next one.

    Parameters
    ----------
    checklist
        The items.
    facilities
        The table.
    matches
        As :func:`quarterhour.classify` gives them.

    Returns
    -------
    keys
        The items; whether one occurs in the table at all is another question.
    """
    declared = set(matches.loc[matches["evidence"] == "declared", "item"])
    return shown_of(checklist, declared, source_kind(facilities, checklist))


def shown_of(checklist: Checklist, declared: Collection[str], kind: str) -> frozenset[str]:
    """Do what :func:`items_shown` does, of the items declared in a table of a kind."""
    return frozenset(
        item.key
        for item in checklist
        if item.key in declared or (item.checkability in MAPPED and _recognisable(item, kind))
    )


def source_kind(facilities: pd.DataFrame, checklist: Checklist) -> str:
    """
    Tell what kind of source a facility table is.

    Parameters
    ----------
    facilities
        The table.
    checklist
        The items whose tags are looked for.

    Returns
    -------
    kind
        "typecodes" (Amap and the like), "tags" (OpenStreetMap) or "names".
    """
    if "typecode" in facilities and facilities["typecode"].notna().any():
        return "typecodes"
    return kind_of(facilities.columns, checklist)


def kind_of(columns: Iterable[Hashable], checklist: Checklist) -> str:
    """Do what :func:`source_kind` does, of a table of some columns that has no typecode."""
    keys = {tag.partition("=")[0].strip() for item in checklist for tag in item.osm}
    return "tags" if not keys.isdisjoint(columns) else "names"


def _recognisable(item: Item, kind: str) -> bool:
    if kind != "tags":
        return True
    return bool(item.osm) and item.osm_confidence != "very low"
