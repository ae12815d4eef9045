"""Cut an extract into tiles: divided, each with its halo, resumed where it was broken off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.arrays import Floats
from quarterhour.atomic import whole_folder
from quarterhour.errors import InputError, OutputError
from quarterhour.sources.country.division import Box, by_dwellings, by_grid, owner_of
from quarterhour.sources.country.extracts import AT_ONCE, cut, cutter
from quarterhour.sources.country.regions import (
    cells_of,
    held_ground,
    objects_of,
    region_of,
    wide_shapes,
)
from quarterhour.sources.country.survey import AREA, RESIDENCE, Survey, header_of, survey
from quarterhour.sources.country.tiles import (
    NAME,
    Tile,
    Tiles,
    open_tiles,
    sha256_of,
    with_digests,
    write_manifest,
)
from quarterhour.sources.osm.read import Whole

DWELLINGS_A_TILE = 20_000
"""Tiles of even numbers of dwellings have at most so many where no number of tiles is given."""


@dataclass(frozen=True)
class Division:
    """How a country is to be divided: by one of these, or by even numbers of dwellings.

    Attributes
    ----------
    tiles
        Number of tiles with even numbers of dwellings.
    grid_km
        Side of the squares of a grid.
    grounds, titles
        Boundaries, in degrees, and what is inside them called.
    """

    tiles: int | None = None
    grid_km: float | None = None
    grounds: tuple[BaseGeometry, ...] = ()
    titles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [self.tiles is not None, self.grid_km is not None, bool(self.grounds)]
        if sum(given) > 1:
            msg = "A country is divided in one way: give tiles, grid_km or boundaries, one of them."
            raise InputError(msg)

    def __str__(self) -> str:
        if self.grounds:
            return f"by {len(self.grounds)} boundaries"
        if self.grid_km is not None:
            return f"by a grid of {self.grid_km:g} km"
        number = "as many as needed" if self.tiles is None else f"{self.tiles}"
        return f"by even numbers of dwellings ({number})"

    def own(self, dwellings: Floats, extent: Box) -> list[BaseGeometry]:
        """Give the ground of each tile."""
        if self.grounds:
            return list(self.grounds)
        if self.grid_km is not None:
            return list(by_grid(extent, self.grid_km))
        enough = max(-(-len(dwellings) // DWELLINGS_A_TILE), 1)
        tiles = enough if self.tiles is None else self.tiles
        return list(by_dwellings(dwellings, extent, tiles))


def split_extract(source: Path, folder: Path, division: Division, halo_m: float) -> Tiles:
    """Cut an extract into tiles.

    Parameters
    ----------
    source
        The extract.
    folder
        Where the tiles go; tiles that are there are not cut again.
    division
        How it is divided.
    halo_m
        How far each tile reaches beyond its own ground.

    Raises
    ------
    InputError
        If the extract cannot be read, or the folder holds tiles of something else.
    OutputError
        If the folder cannot be written to.
    """
    header_of(source)
    told = {"name": source.name, "sha256": sha256_of(source)}
    known = known_tiles(folder, told, division, halo_m)
    if known is not None and not _open(known):
        return known
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".quarterhour-", dir=folder) as scratch:
            found = survey(source, Path(scratch))
            told |= {"osm_timestamp": found.header.timestamp}
            tiles = known or _planned(found, folder, division, halo_m, told)
            return _written(source, found, tiles)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        msg = f"Cannot write to {folder}: {error.strerror or error}."
        raise OutputError(msg) from error


def known_tiles(
    folder: Path, source: dict[str, str], division: Division, halo_m: float
) -> Tiles | None:
    """Give the tiles that a run before has begun.

    Raises
    ------
    InputError
        If they are tiles of something else.
    """
    if not (folder / NAME).is_file():
        return None
    tiles = open_tiles(folder)
    same = tiles.source["sha256"] == source["sha256"] and tiles.divided == str(division)
    if not same or tiles.halo_m != halo_m:
        msg = (
            f"{folder} holds tiles of {tiles.source['name']}, divided {tiles.divided} with a halo "
            f"of {tiles.halo_m:,.0f} m, and now {source['name']} is to be divided {division} with "
            f"one of {halo_m:,.0f} m: name another folder, or delete this one."
        )
        raise InputError(msg)
    return tiles


def _open(tiles: Tiles) -> list[int]:
    """Give the tiles that are not written, or are not what was written."""
    return [
        number
        for number, tile in enumerate(tiles.tiles)
        if not tile.sha256
        or not tiles.path(tile.name).is_file()
        or sha256_of(tiles.path(tile.name)) != tile.sha256
    ]


def _planned(
    found: Survey, folder: Path, division: Division, halo_m: float, source: dict[str, str]
) -> Tiles:
    whole = _whole(found)
    dwellings = found.dwellings()
    own = division.own(dwellings, whole.box)
    counts = dwellings_on(dwellings, objects_of(own))
    wide = wide_shapes(found)
    cells = cells_of([region_of(ground, wide, halo_m) for ground in own])
    titles = division.titles or ("",) * len(own)
    tiles = tuple(
        Tile(
            name=tile_name(k, len(own)),
            own=ground,
            held=held_ground(cells, k),
            dwellings=counts[k],
            title=titles[k],
        )
        for k, ground in enumerate(own)
    )
    made = Tiles(folder, tiles, source, whole, halo_m, str(division), cutter(found, len(own)))
    write_manifest(made)
    return made


def dwellings_on(dwellings: Floats, grounds: npt.NDArray[np.object_]) -> list[int]:
    """Count the dwellings on the own ground of each tile."""
    whose = owner_of(np.asarray(shapely.points(dwellings), dtype=object), grounds)
    return [int(n) for n in np.bincount(whose[whose >= 0], minlength=len(grounds))]


def tile_name(number: int, of: int) -> str:
    """Name a tile by its number, counted from 0, so that names are in order."""
    return f"tile-{number + 1:0{len(str(of))}d}"


def _whole(found: Survey) -> Whole:
    """Say what every tile has from the whole."""
    box = found.header.box
    if box is None:
        xy = found.node_xy
        (west, south), (east, north) = (
            (np.asarray(edge, dtype=np.float64) * 1e-7).tolist() for edge in (xy.min(0), xy.max(0))
        )
        box = west, south, east, north
    return whole_of(box, mapped=found.has(AREA), residences=found.has(RESIDENCE))


def whole_of(box: Box, *, mapped: bool, residences: bool) -> Whole:
    """Say what every tile has from a whole of some extent."""
    zone = int(((box[0] + box[2]) / 2 + 180) // 6) % 60 + 1
    crs = f"EPSG:{(32600 if (box[1] + box[3]) / 2 >= 0 else 32700) + zone}"
    return Whole(box=box, crs=crs, mapped=mapped, residences=residences)


def _written(source: Path, found: Survey, tiles: Tiles) -> Tiles:
    wide = wide_shapes(found)
    cells = cells_of([region_of(tile.own, wide, tiles.halo_m) for tile in tiles.tiles])
    todo = _open(tiles)
    for first in range(0, len(todo), AT_ONCE):
        some = todo[first : first + AT_ONCE]
        names = [tiles.tiles[number].name for number in some]
        with whole_folder(tiles.folder) as scratch:
            targets = {
                number: scratch / tiles.path(name).name
                for number, name in zip(some, names, strict=True)
            }
            cut(source, found, cells, targets, tiles.cut_by)
        tiles = with_digests(tiles, names)
        write_manifest(tiles)
    return tiles
