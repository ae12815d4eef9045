"""Which items of a checklist a tile holds anything for: what one tile lacks, another may have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pyproj
import shapely

from quarterhour.errors import InputError
from quarterhour.scoring.question import Question
from quarterhour.scoring.service import in_service
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
    wanted = osmium.filter.KeyFilter(*FACILITY_KEYS, *FACILITY_VALUES)
    kinds: dict[tuple[str | None, ...], Tags] = {}  # what is tagged alike is looked at once
    try:
        for one in osmium.FileProcessor(str(path)).with_filter(wanted):
            tags = dict(one.tags)
            kinds.setdefault(tuple(map(tags.get, _KEYS)), tags)
    except RuntimeError as error:
        msg = f"{path} cannot be read as OpenStreetMap data ({error}): it is damaged."
        raise InputError(msg) from error
    found = [tags for tags in kinds.values() if facility_tags(tags) and not is_closed(tags)]
    if not found:
        return frozenset()
    n = len(found)
    nowhere = np.asarray(shapely.points(np.zeros((n, 2))), dtype=object)
    picked = Picked([str(row) for row in range(n)], found, nowhere, [])
    table = tag_table(picked, _KEYS, pyproj.CRS(4326))
    matches = classify(table, question.checklist, hosts=False)
    rows_of = np.asarray(table.index.get_indexer(matches["facility"]), dtype=np.int64)
    counted, _ = in_service(matches, table, question.checklist, question.rules, rows_of)
    mine = counted[counted["walk"] & (counted["counts"] == "yes")]
    return frozenset(mine["item"].astype(str))
