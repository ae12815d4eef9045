"""The tiles of a country: a folder of extracts, and what each has from the whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.arrays import Ints
from quarterhour.atomic import whole_file
from quarterhour.errors import InputError
from quarterhour.sources.country.division import owner_of
from quarterhour.sources.osm.date_line import in_one_piece
from quarterhour.sources.osm.file import read_file
from quarterhour.sources.osm.read import City, Whole, city_of, no_collection
from quarterhour.sources.overture.files import digest_of_files
from quarterhour.sources.overture.read import read_part
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.traits import GOES_ON

NAME = "tiles.json"
"""The file that says what a folder of tiles holds."""

_FORM = 1


@dataclass(frozen=True)
class Tile:
    """A part of a country.

    Attributes
    ----------
    name
        What it is called; its file is ``<name>.osm.pbf``, if it is an extract.
    own
        Its own ground, in degrees: it answers for the areas that lie there.
    held
        The ground of which its file holds everything, in degrees: its own and the halo.
    dwellings
        How many residential buildings stand on its own ground.
    sha256
        Digest of its file; empty while it is not written.
    title
        What its own ground is called where boundaries were given.
    """

    name: str
    own: BaseGeometry
    held: BaseGeometry
    dwellings: int
    sha256: str = ""
    title: str = ""


@dataclass(frozen=True)
class Tiles:
    """A country cut into tiles, in a folder.

    Attributes
    ----------
    folder
        Where the tiles lie.
    tiles
        The tiles.
    source
        Name, digest and age of the extract that was cut.
    whole
        What every tile has from the whole: extent and CRS.
    halo_m
        How far each tile reaches beyond its own ground, in metres.
    divided
        How, in words.
    cut_by
        With what: osmium-tool or pyosmium.
    """

    folder: Path
    tiles: tuple[Tile, ...]
    source: dict[str, str]
    whole: Whole
    halo_m: float
    divided: str
    cut_by: str

    def __len__(self) -> int:
        return len(self.tiles)

    def names(self) -> tuple[str, ...]:
        """Give the names of the tiles."""
        return tuple(tile.name for tile in self.tiles)

    def __getitem__(self, name: str) -> Tile:
        """Give a tile by its name.

        Raises
        ------
        InputError
            If there is no such tile.
        """
        for tile in self.tiles:
            if tile.name == name:
                return tile
        some = ", ".join(self.names()[:5])
        msg = f"There is no tile {name} in {self.folder}; there are {some} …"
        raise InputError(msg)

    @property
    def straight(self) -> Path | None:
        """Files of Overture Maps that every tile is read from; none where tiles are extracts."""
        told = self.source.get("overture")
        return None if told is None else Path(told)

    def path(self, name: str) -> Path:
        """Give the file of a tile."""
        if self.straight is not None:
            return self.straight
        return self.folder / f"{self[name].name}.osm.pbf"

    def owner(self, points: npt.NDArray[np.object_]) -> Ints:
        """Give the number of the tile on whose own ground each point (degrees) lies, or -1."""
        own = np.empty(len(self.tiles), dtype=object)
        own[:] = [tile.own for tile in self.tiles]
        return owner_of(points, own)

    def require_whole(self, name: str) -> None:
        """See that the file of a tile is the one that was written.

        Raises
        ------
        InputError
            If it is not there, or is another.
        """
        tile, path = self[name], self.path(name)
        if self.straight is not None:
            if not path.exists() or digest_of_files(path) != self.source["sha256"]:
                msg = f"{path} is not what was divided: divide it again, into another folder."
                raise InputError(msg)
            return
        again = "split the country again, with the same words: only what lacks is written."
        if not path.is_file() or not tile.sha256:
            msg = f"Tile {name} is not there ({path}): {again}"
            raise InputError(msg)
        if sha256_of(path) != tile.sha256:
            msg = f"Tile {name} ({path}) is damaged, it is not what was written: {again}"
            raise InputError(msg)

    def read(self, name: str) -> City:
        """Read a tile as a part of the whole: in its CRS, with its extent.

        Raises
        ------
        InputError
            If the file is missing, or is not the one that was written.
        NetworkError
            If nothing in the tile can be walked.
        """
        self.require_whole(name)
        tile, path = self[name], self.path(name)
        if self.straight is not None:
            city = read_part(path, tile.held.bounds, self.whole)
            return replace(city, streets=_going_on(city.streets, tile.held))
        with no_collection():
            file = in_one_piece(read_file(path))
            file = replace(file, box=self.whole.box, boxes=())
            city = city_of(file, path, areas="all", whole=self.whole)
        return replace(city, streets=_going_on(city.streets, tile.held))

    def __repr__(self) -> str:
        return (
            f"<Tiles: {len(self.tiles)} of {self.source['name']}, {self.divided}, halo "
            f"{self.halo_m:,.0f} m, in {self.folder}>"
        )


def _going_on(network: WalkNetwork, held: BaseGeometry) -> WalkNetwork:
    """Mark the streets that lead out of the ground of which everything is known."""
    back = pyproj.Transformer.from_crs(network.crs, 4326, always_xy=True)
    x, y = back.transform(*network.node_xy.T)
    shapely.prepare(held)
    outside = ~shapely.contains_xy(held, x, y)
    parts = {part.name: getattr(network, part.name) for part in fields(network)}
    marked = outside[network.edge_nodes].any(axis=1)
    return type(network).build(**(parts | {"traits": {**network.traits, GOES_ON: marked}}))


def open_tiles(folder: str | Path) -> Tiles:
    """Open the tiles that :func:`quarterhour.split` wrote.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    Tiles

    Raises
    ------
    InputError
        If there are none.

    Examples
    --------
    >>> tiles = open_tiles("tiles/")  # doctest: +SKIP
    >>> tiles.read(tiles.names()[0]).areas  # doctest: +SKIP
    """
    folder = Path(folder)
    path = folder / NAME
    if not path.is_file():
        msg = f"{folder} holds no tiles ({NAME} is missing): make them with quarterhour split."
        raise InputError(msg)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        form = told["form"]
        if form != _FORM:
            msg = f"{path} has form {form}, and this version reads {_FORM}: split again."
            raise InputError(msg)
        tiles = tuple(_tile(one) for one in told["tiles"])
        whole = Whole(**{**told["whole"], "box": tuple(told["whole"]["box"])})
        rest = {name: told[name] for name in ("source", "halo_m", "divided", "cut_by")}
    except (KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"{path} cannot be read ({error}): split the country again."
        raise InputError(msg) from error
    return Tiles(folder=folder, tiles=tiles, whole=whole, **rest)


def _tile(told: dict[str, Any]) -> Tile:
    shapes = {name: shapely.from_geojson(json.dumps(told[name])) for name in ("own", "held")}
    return Tile(**{**told, **shapes})


def write_manifest(tiles: Tiles) -> None:
    """Write what a folder of tiles holds.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    told = {
        "form": _FORM,
        "source": tiles.source,
        "whole": {one.name: getattr(tiles.whole, one.name) for one in fields(tiles.whole)},
        "halo_m": tiles.halo_m,
        "divided": tiles.divided,
        "cut_by": tiles.cut_by,
        "tiles": [_told(tile) for tile in tiles.tiles],
    }
    with whole_file(tiles.folder / NAME) as path:
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _told(tile: Tile) -> dict[str, Any]:
    shapes = {name: json.loads(shapely.to_geojson(getattr(tile, name))) for name in ("own", "held")}
    return {one.name: getattr(tile, one.name) for one in fields(tile)} | shapes


def sha256_of(path: Path) -> str:
    """Give the digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def with_digests(tiles: Tiles, names: Iterable[str]) -> Tiles:
    """Give the tiles with the digests of some that have been written."""
    new = {name: sha256_of(tiles.path(name)) for name in names}
    known = tuple(replace(t, sha256=new.get(t.name, t.sha256)) for t in tiles.tiles)
    return replace(tiles, tiles=known)
