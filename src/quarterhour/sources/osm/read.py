"""Read an OpenStreetMap extract: streets, facilities, residential areas, buildings, gates."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from tqdm.auto import tqdm

from quarterhour.errors import InputError
from quarterhour.places.carried import reading
from quarterhour.places.notes import Note
from quarterhour.shown import Shown
from quarterhour.sources.osm import areas as osm_areas
from quarterhour.sources.osm import buildings as osm_buildings
from quarterhour.sources.osm import clusters as osm_clusters
from quarterhour.sources.osm import places as osm_places
from quarterhour.sources.osm import shapes as osm_shapes
from quarterhour.sources.osm import walls as osm_walls
from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.file import FloatArray, OsmFile, read_file
from quarterhour.sources.osm.streets import read_streets
from quarterhour.streets.network import WalkNetwork

STAGES = 5

Wanted = Literal["all", "mapped"]


@dataclass(frozen=True)
class City(Shown):
    """What an OpenStreetMap extract holds, all in one metric CRS.

    Attributes
    ----------
    streets
        The walkable network.
    facilities
        Shops, schools, parks, stops ...: OSM tags as columns, mapped ``entrances``.
    areas
        Residential areas, no two on the same land: those that are mapped, then clusters of the
        residential buildings outside them.
    buildings
        All building areas with ``levels``, ``residential`` and ``maybe_residential``.
    gates
        Gates and entrances that walkers may pass.
    notes
        What the reader has to know: things left out, guessed or cut, with their numbers.
    divisions
        Administrative areas, the largest first: ``name``, ``subtype``. Overture Maps has them; an
        OpenStreetMap extract gives none (``None``).

    Examples
    --------
    >>> from quarterhour.sources.osm.read import read_osm
    >>> city = read_osm("data/samples/helsinki.osm.pbf")  # doctest: +SKIP
    >>> city.areas.crs.name  # doctest: +SKIP
    'WGS 84 / UTM zone 35N'
    """

    streets: WalkNetwork
    facilities: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    divisions: gpd.GeoDataFrame | None = None

    def __repr__(self) -> str:
        return (
            f"<City: {self.streets!r}, {len(self.facilities):,} facilities, "
            f"{len(self.areas):,} areas, {len(self.buildings):,} buildings, "
            f"{len(self.gates):,} gates>"
        )


@dataclass(frozen=True)
class Whole:
    """What a part of a country has from the whole, so that it is read as the whole would be.

    Attributes
    ----------
    box
        Extent of the whole: west, south, east and north, in degrees.
    crs
        CRS in metres of the whole.
    mapped
        Whether any residential area is mapped in the whole.
    residences
        Whether any building of the whole is said to be residential.
    """

    box: tuple[float, float, float, float]
    crs: str
    mapped: bool
    residences: bool


def read_osm(path: str | Path, *, areas: Wanted = "all", progress: bool = False) -> City:
    """Read an OpenStreetMap extract.

    Parameters
    ----------
    path
        A ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2`` file.
    areas
        "all": every residential building lies in an area, those outside mapped ones in clusters
        that are named by their street or neighbourhood. "mapped": only mapped areas, and
        clusters where none is mapped at all.
    progress
        Show a progress bar.

    Returns
    -------
    City
        Streets, facilities, residential areas, buildings and gates in the UTM zone of the data.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, cut off, or not OpenStreetMap data, or ``areas``
        is neither word.
    NetworkError
        If the file holds no way that can be walked.
    """
    if areas not in ("all", "mapped"):
        msg = f"areas={areas!r} is not known: use 'all' (who lives anywhere) or 'mapped'."
        raise InputError(msg)
    path = Path(path)
    with _stages(progress) as stage, no_collection():
        stage("reading the file")
        return city_of(in_one_piece(read_file(path)), path, areas=areas, stage=stage)


def city_of(
    file: OsmFile,
    path: Path,
    *,
    areas: Wanted,
    stage: Callable[[str], None] = lambda _: None,
    whole: Whole | None = None,
) -> City:
    """Make a city of a file that is read.

    Parameters
    ----------
    file
        All its objects.
    path
        Where it came from, for messages and descriptions.
    areas
        As in :func:`read_osm`.
    stage
        Told what is being made.
    whole
        What the file is a part of, if it is one; its extent is that of the file already.
    """
    crs = osm_shapes.utm(file) if whole is None else pyproj.CRS(whole.crs)
    xy = osm_shapes.to_metres(file, crs)
    extent, how = osm_shapes.extent(file, crs)
    file = replace(file, lon=file.lon[:0].copy(), lat=file.lat[:0].copy())  # metres will do now
    stage("streets")
    streets, street_notes = read_streets(file, xy, crs, extent, path.name)
    stage("facilities")
    facilities, facility_notes = osm_places.read_facilities_osm(file, xy, crs)
    stage("buildings and gates")
    buildings, building_notes = osm_buildings.read_buildings_osm(file, xy, crs)
    gates, gate_notes = osm_buildings.read_gates(file, xy, crs, _outline_ways(file))
    stage("residential areas")
    found, area_notes = _read_areas(file, xy, extent, streets, (buildings, gates), whole)
    buildings["maybe_residential"] = osm_buildings.settle_maybe_residential(
        buildings, facilities, found
    )
    if areas == "all" and (len(found) or (whole is not None and whole.mapped)):
        found, more = _with_the_rest(found, buildings, streets)
        area_notes += more
    clusters = found.index[found["source"] == osm_areas.CLUSTER]
    found = osm_clusters.named(found, clusters, streets, file, xy)
    tables = {"facilities": facilities, "areas": found, "buildings": buildings, "gates": gates}
    notes = {
        "facilities": facility_notes,
        "areas": area_notes,
        "buildings": building_notes,
        "gates": gate_notes,
    }
    for name, table in tables.items():
        table.attrs.update(
            datum="wgs84",
            declared_datum="wgs84",
            attribution=file.attribution,
            **reading(str(path), len(table), notes[name], {}),
        )
    told = [*file.notes, how, *street_notes]
    told += [note for part in notes.values() for note in part]
    return City(streets=streets, **tables, notes=tuple(told))


@contextmanager
def no_collection() -> Iterator[None]:
    """Hold Python's cycle collector off: it would look at every tag again and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _outline_ways(file: OsmFile) -> list[int]:
    """Return the ways whose entrances are gates: walls, and outlines of residential areas."""
    areas = file.ways_where(osm_areas.is_residential)
    return sorted({*areas, *osm_walls.wall_ways(file)})


def _read_areas(
    file: OsmFile,
    xy: FloatArray,
    extent: shapely.Polygon,
    streets: WalkNetwork,
    beside: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    whole: Whole | None,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    found, notes = osm_areas.find_areas(file, xy, extent)
    buildings, gates = beside
    if len(found.label) or (whole is not None and whole.mapped):
        walled = osm_walls.find_walled(file, xy, found.outline, found.tags)
        compound = osm_walls.find_compounds(
            found.outline, walled, gates.geometry.to_numpy(), streets
        )
        kind = np.where(compound, "compound", "community").astype(object)
        return osm_areas.areas_table(found, streets.crs, walled, kind), notes
    return _fallback(buildings, streets, notes, whole)


def _with_the_rest(
    areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, streets: WalkNetwork
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add clusters of the residential buildings that lie in no area."""
    lived_in = buildings["residential"] | buildings["maybe_residential"]
    clusters, notes = osm_clusters.clusters_of_rest(areas, buildings[lived_in], streets)
    if len(clusters) == 0:
        return areas, notes
    return gpd.GeoDataFrame(pd.concat([areas, clusters]), crs=streets.crs), notes


def _fallback(
    buildings: gpd.GeoDataFrame, streets: WalkNetwork, notes: list[str], whole: Whole | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Take clusters of buildings where no residential area is mapped."""
    homes, what = buildings["residential"], "residential buildings"
    if not (homes.any() if whole is None else whole.residences):
        homes, what = buildings["maybe_residential"], "buildings of unsaid kind (building=yes)"
    if whole is None and homes.any() and osm_clusters.only_roads(int(homes.sum()), streets):
        notes.append(
            Note(
                "nobody_lives_here",
                "The file maps no residential area, and {0} {1} along {2:,.0f} km of streets: "
                "as far as the data know, nobody lives here. Give areas or buildings of your own.",
                homes.sum(),
                what,
                streets.edge_length_m.sum() / 1000,
            )
        )
        nothing = np.empty(0, dtype=object)
        return osm_areas.clusters_table(nothing, nothing, streets.crs), notes
    lived_in = np.asarray(buildings.geometry.array, dtype=object)[homes.to_numpy(bool)]
    labels = np.asarray(buildings.index, dtype=object)[homes.to_numpy(bool)]
    shapes, labels = osm_clusters.with_first_homes(
        osm_areas.cluster_buildings(lived_in), lived_in, labels
    )
    if len(shapes):
        notes.append(
            Note(
                "clusters_stand_in",
                "The file maps no residential area: {0} clusters of {1} {2} (less than 40 m "
                "apart, large ones cut by a 500 m grid) stand in for them.",
                len(shapes),
                homes.sum(),
                what,
            )
        )
    else:
        notes.append(
            Note(
                "nowhere_to_live",
                "The file maps neither residential areas nor residential buildings.",
            )
        )
    return osm_areas.clusters_table(shapes, labels, streets.crs), notes


@contextmanager
def _stages(progress: bool) -> Iterator[Callable[[str], None]]:
    """Show a bar that moves on when a stage is named, and is full at the end."""
    with tqdm(total=STAGES, disable=not progress, unit="stage", leave=False) as bar:
        named: list[str] = []

        def stage(name: str) -> None:
            bar.update(1 if named else 0)
            named.append(name)
            bar.set_description(f"OpenStreetMap: {name}")

        yield stage
        bar.update()
