"""Read Overture Maps: the same city as of an OpenStreetMap extract, of the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.errors import InputError, NetworkError
from quarterhour.places.carried import reading
from quarterhour.places.notes import Note
from quarterhour.sources.osm.areas import CLUSTER_LABEL
from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.read import City, Wanted, city_of, no_collection
from quarterhour.sources.overture.files import Box, Release, read_release
from quarterhour.sources.overture.objects import Objects
from quarterhour.sources.overture.places import places_table
from quarterhour.sources.overture.segments import add_segments
from quarterhour.sources.overture.words import (
    Unread,
    building_tags,
    infrastructure_tags,
    land_tags,
)

OVERTURE = "© Overture Maps Foundation"
_PLACES = {"meta": "Meta", "Microsoft": "Microsoft", "Foursquare": "Foursquare"}


def read_overture(
    path: str | Path | Iterable[str | Path],
    bbox: Box | None = None,
    *,
    areas: Wanted = "all",
    progress: bool = False,
) -> City:
    """Read files of Overture Maps.

    Streets come from segments and connectors, facilities from places (and from land use and
    infrastructure, where they are given), buildings and residential areas from buildings and land
    use. Any but the segments may be missing.

    Parameters
    ----------
    path
        A folder (as the release lays it: ``theme=…/type=…/*.parquet``, or one file a type), a file
        that holds several types, or several files. Releases of 2024 to 2026.
    bbox
        West, south, east, north, in degrees: only what touches it, and only the row groups of the
        files that can hold some of it are read.
    areas
        As in :func:`quarterhour.read_osm`.
    progress
        Show a progress bar.

    Returns
    -------
    City
        As :func:`quarterhour.read_osm` gives it; facilities have ``category`` and ``confidence``
        (0 to 1: how sure Overture is that the place exists), and are labelled with Overture's ids.

    Raises
    ------
    InputError
        If there is no such file, one cannot be read or is of something else, or ``bbox`` is none.
    NetworkError
        If nothing can be walked.
    MissingExtraError
        If pyarrow is not installed.

    Examples
    --------
    >>> import quarterhour as qh
    >>> city = qh.read_overture("overture/", bbox=(-105.3, 39.95, -105.2, 40.05))  # doctest: +SKIP
    >>> city.facilities[["name", "category", "confidence"]].head()  # doctest: +SKIP
    """
    from tqdm.auto import tqdm  # noqa: PLC0415 - as slow to load as it is seldom needed

    given = Path(path) if isinstance(path, (str, Path)) else [Path(one) for one in path]
    box = None if bbox is None else _checked(bbox)
    where = given if isinstance(given, Path) else given[0].parent
    with no_collection(), tqdm(total=6, disable=not progress, unit="stage", leave=False) as bar:

        def stage(name: str) -> None:
            bar.set_description(f"Overture Maps: {name}")
            bar.update()

        stage("reading the files")
        release = read_release(given, box)
        if not release.count("segment"):
            found = ", ".join(kind for kind in release.rows if release.count(kind))
            msg = (
                f"{where} holds no segment, so there is no street to walk: it has {found}. Add the "
                "files of type=segment and type=connector."
            )
            raise NetworkError(msg)
        objects, notes = _objects(release)
        extent = objects.bounds if box is None else box
        file = in_one_piece(objects.frozen(extent, release.sha256))
        city = city_of(file, where, areas=areas, stage=stage)
    return _finished(city, release, objects, notes, where, boxed=box is not None)


def _checked(bbox: Box) -> Box:
    numbers = [float(value) for value in bbox] if len(tuple(bbox)) == 4 else []
    if not (numbers and np.isfinite(numbers).all()):
        msg = f"bbox={bbox!r}: give west, south, east and north, in degrees."
        raise InputError(msg)
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        msg = (
            f"bbox={bbox!r} is no box: west has to be less than east, south less than north, all "
            "in degrees; the order is west, south, east, north."
        )
        raise InputError(msg)
    return west, south, east, north


def _objects(release: Release) -> tuple[Objects, list[str]]:
    """Put the rows in the words of OpenStreetMap."""
    objects, unread = Objects(), Unread()
    rows = release.rows
    if release.count("connector"):
        mine = rows["connector"]
        shapes = shapely.from_wkb(np.array(mine["geometry"], dtype=object), on_invalid="ignore")
        lonlat = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
        for name, at in zip(mine["id"], lonlat, strict=True):
            if np.isfinite(at).all():
                objects.place_connector(str(name), at)
    notes = add_segments(objects, rows["segment"], unread)
    loose, known = objects.unused()
    if loose:
        text = "{0} of {1} connectors are named by no segment that is here."
        notes.append(Note("overture_loose", text, loose, known))
    if not len(objects):
        msg = "None of the segments is a road with a line: there is no street to walk."
        raise NetworkError(msg)
    for kind, words in (
        ("building", building_tags),
        ("land_use", land_tags),
        ("infrastructure", infrastructure_tags),
    ):
        if release.count(kind):
            notes += _add_shapes(objects, rows[kind], words, kind)
    return objects, notes + unread.notes()


def _add_shapes(objects: Objects, rows: dict[str, list[Any]], words: Any, kind: str) -> list[str]:
    shapes = shapely.from_wkb(np.array(rows["geometry"], dtype=object), on_invalid="ignore")
    lost = 0
    for at, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            lost += 1
            continue
        tags = words({name: values[at] for name, values in rows.items()})
        if not tags:
            continue
        if shape.geom_type == "Point":
            lonlat = (shape.x, shape.y)
            if not ("barrier" in tags and objects.tag_nodes_at(lonlat, tags)):
                objects.node(lonlat, tags, str(rows["id"][at]))
        else:
            objects.shape(shape, tags, str(rows["id"][at]))
    if not lost:
        return []
    return [Note("overture_shapes", "{0} rows of type {1} have no shape: left out.", lost, kind)]


def _finished(
    city: City, release: Release, objects: Objects, notes: list[str], where: Path, *, boxed: bool
) -> City:
    """Give tables the ids of Overture, add its places, and say whose data these are."""
    tables = {}
    for name in ("facilities", "areas", "buildings", "gates"):
        table = getattr(city, name)
        labels = [_own_label(str(label), objects.labels) for label in table.index]
        again = pd.Index(labels, dtype=object)
        tables[name] = table if again.duplicated().any() else table.set_axis(again)
    facilities = tables["facilities"]
    if release.count("place"):
        places, more = places_table(release.rows["place"], city.streets.crs)
        kept = dict(facilities.attrs)
        both = pd.concat([facilities.dropna(axis="columns", how="all"), places])
        facilities = gpd.GeoDataFrame(both, geometry="geometry", crs=city.streets.crs)
        facilities.attrs = kept
        notes = [*notes, *more]
    else:
        more = []
    credit = _credit(release)
    tables["facilities"] = facilities
    for name, table in tables.items():
        told = [*table.attrs.get("notes", []), *(more if name == "facilities" else [])]
        table.attrs |= reading(str(where), len(table), told, {})
        table.attrs["attribution"] = credit
    extent = (
        Note("overture_extent_box", "The extent is the box that was asked for.")
        if boxed
        else Note("overture_extent_all", "The extent is the bounding box of the segments.")
    )
    told = [note for note in city.notes if getattr(note, "code", "") != "extent_header"]
    notes = [*release.notes, *notes, extent, *told]
    return City(streets=city.streets, **tables, notes=tuple(notes))


def _own_label(label: str, labels: Mapping[str, str]) -> str:
    """Give the id of Overture; a cluster of homes has that of its first home."""
    cluster = CLUSTER_LABEL if label.startswith(CLUSTER_LABEL) else ""
    mine = label.removeprefix(cluster)
    return cluster + labels.get(mine, mine)


def _credit(release: Release) -> str:
    """Name those whose data it is: Overture asks for this."""
    others = [name for key, name in _PLACES.items() if key in release.attribution]
    osm = ["© OpenStreetMap contributors"] if "OpenStreetMap" in release.attribution else []
    return ", ".join([*osm, OVERTURE, *others]) if (osm or others) else OVERTURE
