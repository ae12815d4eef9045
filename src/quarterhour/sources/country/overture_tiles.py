"""Tiles of Overture Maps: nothing is cut, each is read straight from the files by its box."""

from __future__ import annotations

from pathlib import Path

import shapely

from quarterhour.sources.country.regions import WIDE_M, Wide, objects_of, region_of
from quarterhour.sources.country.split import (
    Division,
    dwellings_on,
    known_tiles,
    tile_name,
    whole_of,
)
from quarterhour.sources.country.tiles import Tile, Tiles, write_manifest
from quarterhour.sources.overture.files import digest_of_files
from quarterhour.sources.overture.survey import Overview, overview, wide_boxes

UNCUT = "no one, for they are read straight from the files"


def divide_overture(source: Path, folder: Path, division: Division, halo_m: float) -> Tiles:
    """Divide files of Overture Maps into tiles; only what the tiles are is written.

    Parameters
    ----------
    source
        A folder or file, which has to stay where it is.
    folder
        Where the tiles are described.
    division
        How it is divided. Tiles on whose own ground nobody lives are left out.
    halo_m
        How far each tile reaches beyond its own ground.

    Raises
    ------
    InputError
        If the files cannot be read, or the folder describes tiles of something else.
    OutputError
        If the folder cannot be written to.
    """
    told = {"name": source.name, "sha256": digest_of_files(source)}
    told |= {"osm_timestamp": "", "overture": str(source.resolve())}
    found = known_tiles(folder, told, division, halo_m)
    if found is not None:
        return found
    seen = overview(source)
    whole = whole_of(seen.extent, mapped=seen.mapped, residences=seen.residences)
    grounds = objects_of(division.own(seen.dwellings, whole.box))
    titles = division.titles or ("",) * len(grounds)
    counts = dwellings_on(seen.dwellings, grounds)
    wide = Wide(*(objects_of([*wide_boxes(some, WIDE_M)]) for some in (seen.areas, seen.outlines)))
    lived = [k for k in range(len(grounds)) if counts[k] or _has_land(seen, grounds[k])]
    tiles = tuple(
        Tile(
            name=tile_name(number, len(lived)),
            own=grounds[k],
            held=shapely.box(*region_of(grounds[k], wide, halo_m).bounds),
            dwellings=counts[k],
            sha256=told["sha256"],
            title=titles[k],
        )
        for number, k in enumerate(lived)
    )
    made = Tiles(folder, tiles, told, whole, halo_m, str(division), UNCUT)
    write_manifest(made)
    return made


def _has_land(seen: Overview, ground: shapely.Geometry) -> bool:
    return bool(shapely.intersects(shapely.box(*seen.areas.T), ground).any())
