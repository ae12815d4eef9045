"""The objects of an OpenStreetMap file as flat arrays, however they were decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quarterhour.arrays import Floats, Ints
from quarterhour.sources.osm.tag_text import Tags

Members = tuple[tuple[str, int, str], ...]
"""Type (n, w or r), id and role of each member of a relation."""


class Objects(NamedTuple):
    """All objects of a file: nodes by id, no object twice.

    Way ``w`` runs through the nodes with the ids ``refs[way_offset[w]:way_offset[w + 1]]``;
    ``node_tags`` are by position, of the nodes that have any. ``newest`` is when the last object
    was edited, in the text of OSM, where the objects were asked for it.
    """

    node_id: Ints
    lon: Floats
    lat: Floats
    node_tags: Mapping[int, Tags]
    way_id: Ints
    way_offset: Ints
    refs: Ints
    way_tags: tuple[Tags, ...]
    relation_id: tuple[int, ...]
    relation_tags: tuple[Tags, ...]
    relation_members: tuple[Members, ...]
    newest: str
    notes: tuple[str, ...] = ()
