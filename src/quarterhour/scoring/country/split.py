"""Cut a country into tiles that can be assessed one by one."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from quarterhour.errors import InputError
from quarterhour.scoring.country.reaching import halo_of
from quarterhour.scoring.question import Question
from quarterhour.sources.country.overture_tiles import divide_overture
from quarterhour.sources.country.split import Division, split_extract
from quarterhour.sources.country.tiles import Tiles
from quarterhour.sources.overture.files import is_overture
from quarterhour.standards.checklist import Checklist


def split(
    source: str | Path,
    out: str | Path,
    question: Question | Checklist | str,
    *,
    tiles: int | None = None,
    grid_km: float | None = None,
    boundaries: gpd.GeoDataFrame | None = None,
) -> Tiles:
    """Cut an OpenStreetMap extract into tiles, each with all that its residents can reach.

    The extract is looked over once, divided, and cut in one pass whatever the number of tiles: by
    osmium-tool where it is installed and has memory enough, else by pyosmium. Tiles that are there
    already are not cut again.

    Parameters
    ----------
    source
        The extract, sorted by type and id, as extracts are; or a folder of Overture Maps, of which
        nothing is cut: its tiles are read straight from it, wherever it stays.
    out
        Folder for the tiles.
    question
        What will be asked, or the key of a checklist: the halo around each tile is as wide as its
        limits and its walker need. Tiles serve every question that needs no wider one.
    tiles
        Divide it into so many boxes with even numbers of dwellings; without this, ``grid_km`` or
        ``boundaries``, into as many as have 20,000 dwellings at the most.
    grid_km
        Divide it into squares of this side.
    boundaries
        Divide it by polygons, such as districts; ``name`` is kept. What lies in none of them is
        not assessed, what lies in several by the first.

    Returns
    -------
    Tiles

    Raises
    ------
    InputError
        If the extract cannot be read or is not sorted, the division is none, or the folder holds
        tiles of something else.
    OutputError
        If the folder cannot be written to.

    Examples
    --------
    >>> import quarterhour as qh
    >>> qh.split("country.osm.pbf", "tiles", "beijing-2011", tiles=64)  # doctest: +SKIP
    """
    question = question if isinstance(question, Question) else Question.of(question)
    grounds, titles = _grounds(boundaries)
    division = Division(tiles=tiles, grid_km=grid_km, grounds=grounds, titles=titles)
    make = divide_overture if is_overture(Path(source)) else split_extract
    return make(Path(source), Path(out), division, halo_of(question))


def _grounds(
    boundaries: gpd.GeoDataFrame | None,
) -> tuple[tuple[BaseGeometry, ...], tuple[str, ...]]:
    if boundaries is None:
        return (), ()
    if boundaries.crs is None:
        msg = "The boundaries have no CRS. Set one, for example with set_crs('EPSG:4326')."
        raise InputError(msg)
    lands = boundaries.geometry.to_crs(4326)
    if not len(lands) or not lands.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        kinds = ", ".join(sorted(set(lands.geom_type.astype(str)))) or "none"
        msg = f"Boundaries are polygons, and these are {kinds}: give one polygon a tile."
        raise InputError(msg)
    whole = lands if lands.is_valid.all() else lands.make_valid()
    names = boundaries.get("name", boundaries.index)
    return tuple(whole.array), tuple(str(name) for name in names)
