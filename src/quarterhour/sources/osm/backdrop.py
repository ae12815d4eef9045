"""What a map shows behind its subject: water, green, railways and buildings of an extract."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.file import read_file
from quarterhour.sources.osm.places import pick, tag_table
from quarterhour.sources.osm.shapes import to_metres, utm
from quarterhour.sources.osm.tag_text import Tags

KINDS = ("green", "water", "railway", "building")
"""What is read, in the order in which it is drawn."""

_GREEN = {
    "leisure": {"park", "garden", "nature_reserve", "pitch", "golf_course", "common"},
    "landuse": {"grass", "forest", "recreation_ground", "village_green", "meadow", "cemetery"},
    "natural": {"wood", "scrub", "grassland", "heath"},
}
_WATER = {
    "natural": {"water", "bay"},
    "waterway": {"riverbank", "dock"},
    "landuse": {"reservoir", "basin"},
}
_RAILWAYS = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail"})


def read_backdrop(path: str | Path) -> gpd.GeoDataFrame:
    """Read water, green, railways and buildings of an OpenStreetMap extract, for a map's ground.

    Nothing of it bears on any score. Railways below the ground are left out.

    Parameters
    ----------
    path
        A file that :func:`quarterhour.read_osm` reads.

    Returns
    -------
    GeoDataFrame
        ``kind`` (one of :data:`KINDS`), ``name``, and shapes in the UTM zone of the data.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not OpenStreetMap data.
    """
    file = in_one_piece(read_file(Path(path)))
    crs = utm(file)
    picked, _ = pick(file, to_metres(file, crs), lambda tags: kind_of(tags) != "")
    table = tag_table(picked, ["name"], crs)
    table["kind"] = np.array([kind_of(tags) for tags in picked.tags], dtype=object)
    dimension = shapely.get_dimensions(np.asarray(table.geometry.array, dtype=object))
    fits = dimension == np.where(table["kind"] == "railway", 1, 2)
    found = table[fits]
    found.attrs = {"datum": "wgs84", "attribution": file.attribution}
    return found


def kind_of(tags: Tags) -> str:
    """Tell what of the ground an object is; "" if nothing.

    Examples
    --------
    >>> kind_of({"leisure": "park"}), kind_of({"railway": "rail"}), kind_of({"shop": "yes"})
    ('green', 'railway', '')
    """
    if tags.get("building", "no") != "no":
        return "building"
    for kind, known in (("water", _WATER), ("green", _GREEN)):
        if any(tags.get(key) in words for key, words in known.items()):
            return kind
    if tags.get("railway") in _RAILWAYS and tags.get("tunnel", "no") == "no":
        return "railway"
    return ""
