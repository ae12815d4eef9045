"""Whose data a table is made of: told by its reader, carried by the table, named wherever shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

OSM = "osm"
SYNTHETIC = "synthetic"
_WORDS = {OSM: OSM, "openstreetmap": OSM, SYNTHETIC: SYNTHETIC, "合成": SYNTHETIC}
_IDS = ("osmid", "osm_id", "osm_way_id")


def attribution_of(table: pd.DataFrame) -> str:
    """
    Say whose data a table is made of.

    Parameters
    ----------
    table
        A table of places or of street lines.

    Returns
    -------
    attribution
        What ``table.attrs["attribution"]`` says: ``"osm"``, ``"synthetic"``, or a sentence that is
        printed as it is, such as ``"© City of X"``. Where it says nothing, "osm" for a table with
        a column of OpenStreetMap's ids, or what a column ``source`` says throughout; else "".

    Examples
    --------
    >>> attribution_of(pd.DataFrame({"osm_id": [25, 26]})), attribution_of(pd.DataFrame({"a": [1]}))
    ('osm', '')
    """
    if said := table.attrs.get("attribution"):
        return str(said)
    if "source" in table:
        words = {str(word).strip().lower() for word in table["source"].dropna()}
        if len(words) == 1 and (word := words.pop()) in _WORDS:
            return _WORDS[word]
    has_ids = any(name in table and has_osm_ids(table[name]) for name in _IDS)
    return OSM if has_ids else ""


def has_osm_ids(ids: pd.Series[Any]) -> bool:
    """Tell whether a column holds ids at all: our own streets are numbered 0."""
    return any(str(one).strip() not in ("", "0", "0.0") for one in ids.dropna())


def attributions(inputs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """
    List whose data a scorecard is made of, each once.

    Parameters
    ----------
    inputs
        The descriptions of the inputs in its manifest.
    """
    said = [str(one.get("attribution") or "") for one in inputs.values()]
    return list(dict.fromkeys(one for one in said if one))
