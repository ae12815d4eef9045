"""Read Overture Maps: the same city as of an OpenStreetMap extract, of the same rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.errors import NetworkError
from quarterhour.places.carried import reading
from quarterhour.places.notes import Note
from quarterhour.sources.osm.areas import CLUSTER_LABEL
from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.read import City, Wanted, Whole, city_of, no_collection
from quarterhour.sources.overture.box import Box, checked_box
from quarterhour.sources.overture.divisions import divisions_table, with_division
from quarterhour.sources.overture.files import Release, Row, read_release, shapes_of
from quarterhour.sources.overture.objects import Objects
from quarterhour.sources.overture.places import places_table
from quarterhour.sources.overture.segments import add_segments
from quarterhour.sources.overture.words import (
    Unread,
    building_tags,
    infrastructure_tags,
    land_tags,
)
from quarterhour.streets.edited import retold

Words = Callable[[Row], dict[str, str]]
"""Says what a row is in the tags of OpenStreetMap."""

_WORDS: Mapping[str, Words] = {
    "building": building_tags,
    "land_use": land_tags,
    "infrastructure": infrastructure_tags,
}


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
    use, administrative areas from divisions. Any but the segments may be missing.

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
        Where there are divisions, areas have the name of the smallest in which they lie
        (``division``), and ``divisions`` are their polygons.

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
    box = None if bbox is None else checked_box(bbox)
    where = given if isinstance(given, Path) else given[0].parent
    with no_collection(), tqdm(total=6, disable=not progress, unit="stage", leave=False) as bar:

        def stage(name: str) -> None:
            bar.set_description(f"Overture Maps: {name}")
            bar.update()

        stage("reading the files")
        release = read_release(given, box)
        if not release.of("segment"):
            found = ", ".join(release.rows)
            msg = (
                f"{where} holds no segment, so there is no street to walk: it has {found}. Add the "
                "files of type=segment and type=connector."
            )
            raise NetworkError(msg)
        objects, notes, extent = _objects(release)
        file = in_one_piece(objects.frozen(box or extent, release.heard.sha256))
        city = city_of(file, where, areas=areas, stage=stage)
    return _finished(city, release, objects, notes, where, boxed=box is not None)


def read_part(path: Path, box: Box, whole: Whole) -> City:
    """Read a part of a country, straight from its files: in the CRS and extent of the whole.

    Parameters
    ----------
    path
        A folder or file.
    box
        What the part holds.
    whole
        What it has from the whole.

    Raises
    ------
    InputError
        If a file cannot be read, or holds nothing there.
    NetworkError
        If nothing there can be walked.
    """
    with no_collection():
        release = read_release(path, box)
        if not release.of("segment"):
            msg = f"{path} holds no segment within this part: there is no street to walk."
            raise NetworkError(msg)
        objects, notes, _ = _objects(release)
        file = in_one_piece(objects.frozen(whole.box, release.heard.sha256))
        city = city_of(file, path, areas="all", whole=whole)
    return _finished(city, release, objects, notes, path, boxed=True)


def _objects(release: Release) -> tuple[Objects, list[str], Box]:
    """Put the rows in the words of OpenStreetMap; say how far the streets reach."""
    objects, unread = Objects(), Unread()
    notes = _place_connectors(objects, release.of("connector"))
    notes += add_segments(objects, release.of("segment"), unread)
    loose, known = objects.unused()
    if loose:
        text = "{0} of {1} connectors are named by no segment that is here."
        notes.append(Note("overture_loose", text, loose, known))
    if not len(objects):
        msg = "None of the segments is a road with a line: there is no street to walk."
        raise NetworkError(msg)
    extent = objects.bounds
    for kind, words in _WORDS.items():
        notes += _add_shapes(objects, release.of(kind), words, kind)
    return objects, notes + unread.notes(), extent


def _place_connectors(objects: Objects, rows: list[Row]) -> list[str]:
    shapes = shapes_of(rows)
    lonlat = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    there = np.asarray(np.isfinite(lonlat).all(axis=1))
    for row, at, known in zip(rows, lonlat, there, strict=True):
        if known:
            objects.place_connector(str(row["id"]), at)
    if there.all():
        return []
    text = "{0} connectors have no position: joined where their segments say."
    return [Note("overture_connectors_nowhere", text, int((~there).sum()))]


def _add_shapes(objects: Objects, rows: list[Row], words: Words, kind: str) -> list[str]:
    lost = 0
    for row, shape in zip(rows, shapes_of(rows), strict=True):
        if shape is None or shape.is_empty or (kind == "building" and not shape.area):
            lost += 1
            continue
        tags, label = words(row), str(row["id"])
        if not tags:
            continue
        if shape.geom_type == "Point":
            lonlat = (shape.x, shape.y)
            if not ("barrier" in tags and objects.tag_nodes_at(lonlat, tags, label)):
                objects.node(lonlat, tags, label)
        else:
            objects.shape(shape, tags, label)
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
    crs = city.streets.crs
    more: list[str] = []
    if rows := release.of("place"):
        places, more = places_table(rows, crs)
        tables["facilities"] = _together(tables["facilities"], places)
    divisions, said = divisions_table(release.of("division_area"), crs)
    tables["areas"] = with_division(tables["areas"], divisions)
    for name, table in tables.items():
        told = [*table.attrs.get("notes", []), *(more if name == "facilities" else [])]
        table.attrs |= reading(str(where), len(table), told, {})
        table.attrs["attribution"] = release.credit
    extent = (
        Note("overture_extent_box", "The extent is the box that was asked for.")
        if boxed
        else Note("overture_extent_all", "The extent is the bounding box of the segments.")
    )
    told = [note for note in city.notes if getattr(note, "code", "") != "extent_header"]
    notes = [*release.notes, *notes, *more, *said, *_part_read(release, boxed=boxed)]
    notes += [extent, *told]
    streets = retold(city.streets, {**city.streets.metadata, "attribution": release.credit})
    return City(streets=streets, **tables, notes=tuple(notes), divisions=divisions)


def _together(facilities: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    both = pd.concat([facilities.dropna(axis="columns", how="all"), places])
    table = gpd.GeoDataFrame(both, geometry="geometry", crs=places.crs)
    table.attrs = dict(facilities.attrs)
    return table


def _part_read(release: Release, *, boxed: bool) -> list[str]:
    """Say how much of the files was read, of which the hash in the manifest is."""
    heard = release.heard
    if not boxed or heard.read >= heard.size:
        return []
    text = "Read {0:,.1f} of {1:,.1f} MB: the parts of the files that touch the box."
    return [Note("overture_part_read", text, heard.read / 1e6, heard.size / 1e6)]


def _own_label(label: str, labels: Mapping[str, str]) -> str:
    """Give the id of Overture; a cluster of homes has that of its first home."""
    cluster = CLUSTER_LABEL if label.startswith(CLUSTER_LABEL) else ""
    mine = label.removeprefix(cluster)
    return cluster + labels.get(mine, mine)
