"""Premises that an OpenStreetMap extract calls vacant: rooms in which something new could open."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np

from quarterhour.errors import InputError
from quarterhour.places.carried import reading
from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.file import read_file
from quarterhour.sources.osm.places import FACILITY_KEYS, pick, tag_table
from quarterhour.sources.osm.read import no_collection
from quarterhour.sources.osm.shapes import to_metres, utm
from quarterhour.sources.osm.tag_text import Tags

_FORMER = re.compile(r"(?:disused|abandoned|was|closed):(?:" + "|".join(FACILITY_KEYS) + ")")
"""Keys of what a room was; what is demolished or not built yet is no room."""

_NOW = frozenset({"shop", "amenity", "office", "craft", "healthcare"})
_VACANT = frozenset({"vacant", "disused"})


def vacant_premises(path: str | Path) -> gpd.GeoDataFrame:
    """Read the premises that nothing is in: ``shop=vacant``, ``disused:shop=*`` and the like.

    They are candidates for :func:`quarterhour.site`: a table of places to which ``price``,
    ``capacity``, ``required`` and ``forbidden`` can be added.

    Parameters
    ----------
    path
        A ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2`` file.

    Returns
    -------
    GeoDataFrame
        One row per room, labelled as in OpenStreetMap (``node/7``): ``name``, ``was`` (the tag
        that says so, such as ``disused:shop=bakery``); in the UTM zone of the data.

    Raises
    ------
    InputError
        If the file cannot be read, or it calls no premises vacant.

    Examples
    --------
    >>> rooms = vacant_premises("city.osm.pbf")  # doctest: +SKIP
    >>> qh.site(card, "pharmacy", k=3, candidates=rooms)  # doctest: +SKIP
    """
    path = Path(path)
    with no_collection():
        file = in_one_piece(read_file(path))
        crs = utm(file)
        picked, _ = pick(file, to_metres(file, crs), lambda tags: vacant_tag(tags) != "")
    if not picked.label:
        msg = (
            f"{path.name} calls no premises vacant (shop=vacant, disused:shop=* …): give rooms "
            "that you know of as a table of candidates."
        )
        raise InputError(msg)
    was = np.array([vacant_tag(tags) for tags in picked.tags], dtype=object)
    table = tag_table(picked, ["name"], crs, {"was": was})
    table.attrs.update(
        datum="wgs84",
        declared_datum="wgs84",
        attribution=file.attribution,
        **reading(str(path), len(table), [], {}),
    )
    return table


def vacant_tag(tags: Tags) -> str:
    """Give the tag that says that a room is empty, if nothing else is in it; else ``""``.

    Examples
    --------
    >>> vacant_tag({"disused:shop": "bakery"}), vacant_tag({"shop": "vacant"})
    ('disused:shop=bakery', 'shop=vacant')
    >>> vacant_tag({"disused:shop": "bakery", "shop": "florist"})  # something is in it again
    ''
    """
    now = [key for key in _NOW & tags.keys() if tags[key] != "no"]
    if any(tags[key] not in _VACANT for key in now):
        return ""
    former = [key for key in sorted(tags) if _FORMER.fullmatch(key) and tags[key] != "no"]
    found = [*sorted(now), *former]
    return f"{found[0]}={tags[found[0]]}" if found else ""
