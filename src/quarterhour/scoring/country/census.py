"""Which items of a checklist a tile holds anything for: what one tile lacks, another may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pyproj
import shapely

from quarterhour.errors import InputError
from quarterhour.scoring.question import Question
from quarterhour.scoring.service import in_service
from quarterhour.sources.country.tiles import Tiles
from quarterhour.sources.osm.pbf import decoded_blocks
from quarterhour.sources.osm.places import (
    FACILITY_KEYS,
    FACILITY_VALUES,
    MORE_COLUMNS,
    Picked,
    facility_tags,
    is_closed,
    tag_table,
)
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.sources.osm.wire import UnfitError
from quarterhour.sources.overture.files import read_release
from quarterhour.sources.overture.places import places_table
from quarterhour.sources.overture.words import infrastructure_tags, land_tags
from quarterhour.standards.classify import classify

_KEYS = [*FACILITY_KEYS, *FACILITY_VALUES, *MORE_COLUMNS]


def items_in(path: Path, question: Question) -> frozenset[str]:
    """Tell for which items something that counts is in an extract.

    Only tags are read, which takes a small part of the time that the extract takes.

    Parameters
    ----------
    path
        The extract.
    question
        What is asked.

    Raises
    ------
    InputError
        If the extract cannot be read.
    """
    kinds: dict[tuple[str | None, ...], Tags] = {}  # what is tagged alike is looked at once
    try:
        for tags in _tags_in(path):
            kinds.setdefault(tuple(map(tags.get, _KEYS)), tags)
    except RuntimeError as error:
        msg = f"{path} cannot be read as OpenStreetMap data ({error}): it is damaged."
        raise InputError(msg) from error
    return _items_of(kinds.values(), question)


def items_of(tiles: Tiles, name: str, question: Question) -> frozenset[str]:
    """Tell for which items something that counts is in a tile, be it an extract or not.

    Raises
    ------
    InputError
        If the tile cannot be read.
    """
    if tiles.straight is None:
        return items_in(tiles.path(name), question)
    kinds = {"land_use": land_tags, "infrastructure": infrastructure_tags}
    box = tiles[name].held.bounds
    release = read_release(tiles.straight, box, ["place", *kinds], some=False)
    found = _items_of(
        (tag(row) for kind, tag in kinds.items() for row in release.of(kind)), question
    )
    if not (rows := release.of("place")):
        return found
    return found | _items_in_table(places_table(rows, pyproj.CRS(4326))[0], question)


def _items_of(kinds: Iterable[Tags], question: Question) -> frozenset[str]:
    found = [tags for tags in kinds if facility_tags(tags) and not is_closed(tags)]
    if not found:
        return frozenset()
    n = len(found)
    nowhere = np.asarray(shapely.points(np.zeros((n, 2))), dtype=object)
    picked = Picked([str(row) for row in range(n)], found, nowhere, [])
    return _items_in_table(tag_table(picked, _KEYS, pyproj.CRS(4326)), question)


def _items_in_table(table: gpd.GeoDataFrame, question: Question) -> frozenset[str]:
    matches = classify(table, question.checklist, hosts=False)
    rows_of = np.asarray(table.index.get_indexer(matches["facility"]), dtype=np.int64)
    counted, _ = in_service(matches, table, question.checklist, question.rules, rows_of)
    mine = counted[counted["walk"] & (counted["counts"] == "yes")]
    return frozenset(mine["item"].astype(str))


def _tags_in(path: Path) -> Iterator[Tags]:
    """Give the tags of all that may be a facility, equal ones seldom twice."""
    keys = frozenset([*FACILITY_KEYS, *FACILITY_VALUES])
    try:
        for block in decoded_blocks(path):
            several = (block.node_tags.values(), block.way_tags, block.relation_tags)
            once = {id(tags): tags for some in several for tags in some}
            yield from (tags for tags in once.values() if not keys.isdisjoint(tags))
    except UnfitError:  # a form of PBF that libosmium alone knows
        wanted = osmium.filter.KeyFilter(*keys)
        yield from (dict(one.tags) for one in osmium.FileProcessor(str(path)).with_filter(wanted))
