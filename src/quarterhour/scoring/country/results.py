"""A country's answer where it lies: tables that wait, and coverage summed tile by tile."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError, MissingExtraError, QuarterhourWarning
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.scoring.country import tile_files
from quarterhour.scoring.country.answering import card_of
from quarterhour.scoring.country.country_file import COUNTRY, read_country
from quarterhour.scoring.country.summing import ALL_ITEMS, TILE, Summing, by_tile, counted, wider_of
from quarterhour.scoring.country.with_homes import card_with_homes
from quarterhour.scoring.parts import By
from quarterhour.scoring.question import Question
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.sources.country.tiles import Tiles
from quarterhour.standards.checklist import Checklist


@dataclass(frozen=True, eq=False)
class CountryResults:
    """The answers of the tiles of a country, where they lie.

    Attributes
    ----------
    folder
        What :func:`quarterhour.assess_tiles` wrote.
    tiles
        One row per tile, by its name: ``title`` (where boundaries were given), ``dwellings`` on
        its own ground, ``answered``, ``areas`` and ``homes`` in its answer, ``why`` it has none
        (empty where it was not tried), and its own ground (WGS 84).
    question
        What was asked. A pace that no file can hold tells its name, and cannot walk.
    notes
        What every number of this country has to be read with: tiles that are not answered, and
        tiles whose answers are older than what is known of the others.
    source
        Name, digest and age of the extract.
    box
        Its west, south, east and north, in degrees.
    """

    folder: Path
    tiles: gpd.GeoDataFrame
    question: Question
    notes: tuple[str, ...]
    source: dict[str, str]
    box: tuple[float, float, float, float]

    @property
    def missing(self) -> tuple[str, ...]:
        """Tiles that are not answered: who lives there is in no number."""
        return tuple(self.tiles.index[~self.tiles["answered"]])

    @property
    def checklist(self) -> Checklist:
        """What was asked for."""
        return self.question.checklist

    def columns(self, table: str = "areas") -> list[str]:
        """Name the columns that a table has in any tile."""
        return tile_files.columns_of(self.paths(table))

    def paths(self, table: str) -> list[Path]:
        """Give the Parquet files of a table, one a tile in which anybody lives.

        Any reader of Parquet takes them, such as DuckDB: ``SELECT item, count(*) FROM
        read_parquet('answers/results/*.parquet', union_by_name=true) WHERE status = 'unmet' GROUP
        BY item``.

        Parameters
        ----------
        table
            ``"areas"``, ``"homes"`` (both GeoParquet), ``"results"``, ``"coverage"`` or
            ``"left_out"``.

        Raises
        ------
        InputError
            If there is no such table.
        """
        if table not in tile_files.TABLES:
            msg = f"There is no table {table!r} of a country: {', '.join(tile_files.TABLES)}."
            raise InputError(msg)
        return [tile_files.table_path(self.folder, table, name) for name in self._peopled()]

    def lazy(self, table: str = "areas") -> Any:
        """Give a table of Dask with a partition a tile: nothing is read before it is used.

        Parameters
        ----------
        table
            As for :meth:`paths`; areas and homes come as ``dask_geopandas.GeoDataFrame``.

        Raises
        ------
        InputError
            If there is no such table, or no tile with anybody in it is answered.
        MissingExtraError
            If dask-geopandas is not installed.

        Examples
        --------
        >>> areas = qh.open_results("answers").lazy()  # doctest: +SKIP
        >>> areas[areas["unmet"] > 10].compute().plot()  # doctest: +SKIP
        """
        if find_spec("dask_geopandas") is None:
            msg = (
                "Tables that wait need dask-geopandas: pip install 'quarterhour[cluster]'; or read "
                f"{self.folder / table}/*.parquet with DuckDB."
            )
            raise MissingExtraError(msg)
        import dask.dataframe as dd  # noqa: PLC0415 - an extra
        import dask_geopandas  # noqa: F401, PLC0415 - tells Dask of tables with geometry

        paths = self._some(self.paths(table))
        empty = tile_files.empty_of(table, paths)
        read = tile_files.Reader(table, empty)
        return dd.from_map(read, paths, meta=empty)  # type: ignore[no-untyped-call]

    def require(self, name: str) -> None:
        """See that a tile is answered.

        Raises
        ------
        InputError
            If it is not, or nobody lives there.
        """
        if name not in self._peopled():
            msg = f"Tile {name} of {self.folder} has no answer, or nobody lives there."
            raise InputError(msg)

    def card(self, name: str) -> Scorecard:
        """Give a tile's answer as a scorecard that can be counted, and asked nothing else.

        It has areas, homes and results; streets, facilities and walks are not kept:
        :func:`quarterhour.assess_tile` gives a scorecard with all of them.

        Raises
        ------
        InputError
            If the tile is not answered, or nobody lives there.
        """
        self.require(name)
        tables = {
            table: tile_files.read_table(self.folder, table, name)
            for table in ("areas", "homes", "results")
        }
        areas = tables["areas"].set_index("area")
        return card_with_homes(areas, tables["homes"], tables["results"], self.checklist)

    def again(self, tiles: Tiles, name: str) -> Scorecard:
        """Ask a tile again what was asked of it, and give its scorecard with all that it needs.

        Parameters
        ----------
        tiles
            The tiles that were answered.
        name
            Which of them.

        Raises
        ------
        InputError
            If it is not answered, is another than was answered, or cannot be read.
        """
        self.require(name)
        done = tile_files.read_done(self.folder, name)
        if done is None or tiles[name].sha256 != done["sha256"]:
            msg = (
                f"Tile {name} of {tiles.folder} is not the one that is answered in {self.folder}: "
                "score it again."
            )
            raise InputError(msg)
        card = card_of(tiles, name, self.question, {*done["here"], *done["elsewhere"]})
        if card is None:
            msg = f"Nobody lives on the own ground of tile {name}: there is nothing to assess."
            raise InputError(msg)
        return card

    def answered_at(self, name: str) -> float:
        """Give when a tile was answered, in seconds since 1970."""
        return tile_files.done_path(self.folder, name).stat().st_mtime

    def coverage(
        self, measure: str | Iterable[str] | None = None, by: By | None = None
    ) -> pd.DataFrame:
        """Give the coverage of the country or of its parts, one tile at a time.

        Numerators, denominators and what is unknown are the sums of those of the tiles, and equal
        those of :func:`quarterhour.coverage` of the uncut country.

        Parameters
        ----------
        measure
            As in :func:`quarterhour.coverage`; ``designation`` is not summed.
        by
            As in :func:`quarterhour.coverage`, and ``"tile"``, with ``part_name`` where tiles have
            titles.

        Returns
        -------
        DataFrame
            As of :func:`quarterhour.coverage`; ``attrs["notes"]`` begins with :attr:`notes`.

        Raises
        ------
        InputError
            If there is no such measure or part, or no tile with anybody in it is answered.

        Examples
        --------
        >>> found = qh.open_results("answers")  # doctest: +SKIP
        >>> found.coverage("residence", by=districts)  # doctest: +SKIP
        """
        summing = Summing.of(self.checklist, measure, by)
        names = self._some(self._peopled())
        counts = ((name, tile_files.read_table(self.folder, "coverage", name)) for name in names)
        with_all, of_tiles = ALL_ITEMS in summing.measures, isinstance(by, str) and by == TILE
        if not with_all and (by is None or of_tiles):
            tables = by_tile(counts, by)
        else:
            cards = (self.card(name) for name in names)
            wider = wider_of(table for _, table in counts) if with_all else None
            tables = counted(cards, summing, self.columns(), wider)
        table = summing.table(tables, self.tiles["title"] if of_tiles else None)
        table.attrs["notes"] = [*self.notes, *summing.notes]
        return table

    def _peopled(self) -> list[str]:
        return [*self.tiles.index[self.tiles["answered"] & (self.tiles["areas"] > 0)]]

    def _some(self, found: list[Any]) -> list[Any]:
        if not found:
            msg = f"{self.folder} has nothing to count: nobody lives in the tiles answered."
            raise InputError(msg)
        return found

    def __repr__(self) -> str:
        lacks = f", {len(self.missing)} not answered" if self.missing else ""
        areas, homes = (int(self.tiles[name].sum()) for name in ("areas", "homes"))
        return (
            f"<CountryResults: {len(self.tiles)} tiles{lacks}, {areas:,} areas, {homes:,} homes, "
            f"in {self.folder}>"
        )


def open_results(folder: str | Path) -> CountryResults:
    """Open the answers of a country's tiles; no table is read.

    Parameters
    ----------
    folder
        What :func:`quarterhour.assess_tiles` or ``quarterhour score TILES --out`` wrote.

    Returns
    -------
    CountryResults

    Raises
    ------
    InputError
        If there are none, or what is said of them cannot be read.
    MissingExtraError
        If pyarrow is not installed.

    Warns
    -----
    QuarterhourWarning
        If tiles are not answered, or were answered before more was known of the others.

    Examples
    --------
    >>> import quarterhour as qh
    >>> found = qh.open_results("answers")  # doctest: +SKIP
    >>> found.coverage()  # doctest: +SKIP
    """
    tile_files.require_parquet()
    folder = Path(folder)
    if not is_results(folder):
        msg = (
            f"{folder} holds no answers of a country ({COUNTRY} is missing): score its tiles "
            "with quarterhour score TILES --out."
        )
        raise InputError(msg)
    country = read_country(folder)
    done = {name: tile_files.read_done(folder, name) for name in country.tiles.index}
    told = [one or {} for one in done.values()]
    tiles = country.tiles.assign(
        answered=[bool(one) for one in told],
        areas=[int(one.get("areas", 0)) for one in told],
        homes=[int(one.get("homes", 0)) for one in told],
        why=[
            "" if one else country.failed.get(name, "")
            for name, one in zip(done, told, strict=True)
        ],
    )
    notes = (*_of_missing(tiles), *_of_outdated({n: one for n, one in done.items() if one}))
    for note in notes:
        warnings.warn(note, QuarterhourWarning, stacklevel=2)
    return CountryResults(folder, tiles, country.question, notes, country.source, country.box)


def is_results(folder: Path) -> bool:
    """Tell whether a folder holds the answers of a country."""
    return (folder / COUNTRY).is_file()


def _of_missing(tiles: gpd.GeoDataFrame) -> list[str]:
    lacking = tiles[~tiles["answered"]]
    if lacking.empty:
        return []
    homes, of = int(lacking["dwellings"].sum()), int(tiles["dwellings"].sum())
    told = (
        "{0} of {1} tiles are not answered ({2}): {3:,} of {4:,} residential buildings are in no "
        "number of this country. Score the tiles again into this folder."
    )
    some = listed(lacking.index)
    return [Note("tiles_not_answered", told, len(lacking), len(tiles), some, homes, of)]


def _of_outdated(done: dict[str, dict[str, Any]]) -> list[str]:
    """Say which tiles were answered when less was known of what the others have."""
    known = {name: {*one["here"], *one["elsewhere"]} for name, one in done.items()}
    every = set().union(*known.values()) if known else set()
    old = [name for name, items in known.items() if items != every]
    if not old:
        return []
    told = (
        "{0} tiles ({1}) were answered before it was known what others have: they say of some "
        "items that nobody knows of any. Score the tiles again into this folder."
    )
    return [Note("tiles_outdated", told, len(old), listed(old))]
