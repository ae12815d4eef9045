"""The files of one answered tile: Parquet tables, and last of all the one that says it is done."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.atomic import whole_file, whole_files
from quarterhour.errors import InputError, MissingExtraError
from quarterhour.scoring.by_part import SUMMED
from quarterhour.scoring.country.with_homes import homes_table
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.sources.country.tiles import Tile

TABLES = ("areas", "homes", "results", "coverage", "left_out")
"""Folders of tables, each with a file ``<tile>.parquet``; areas and homes are GeoParquet."""

SHAPED = ("areas", "homes")
"""Tables with geometry."""

DONE, CENSUS = "done", "census"
"""Folders of what is said of each tile, ``<tile>.json``: that it is answered, and what it holds."""


def require_parquet() -> None:
    """See that Parquet can be written.

    Raises
    ------
    MissingExtraError
        If it cannot.
    """
    if find_spec("pyarrow") is None:
        msg = "The answers of tiles are Parquet files: install quarterhour[parquet] or [cluster]."
        raise MissingExtraError(msg)


def table_path(out: Path, table: str, name: str) -> Path:
    """Give the file of a table of a tile."""
    return out / table / f"{name}.parquet"


def done_path(out: Path, name: str) -> Path:
    """Give the file that says that a tile is answered."""
    return out / DONE / f"{name}.json"


def read_table(out: Path, table: str, name: str) -> pd.DataFrame:
    """Read a table of a tile, with plain texts.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path = table_path(out, table, name)
    try:
        found = gpd.read_parquet(path) if table in SHAPED else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): score tile {name} again into this folder."
        raise InputError(msg) from error
    for column in found.columns[[isinstance(kind, pd.StringDtype) for kind in found.dtypes]]:
        cells = found[column].astype(object)
        found[column] = cells.where(cells.notna(), None)
    if table in SHAPED:
        found.attrs["datum"] = "wgs84"  # of OpenStreetMap
    return found


def columns_of(paths: Sequence[Path]) -> list[str]:
    """Name the columns that a table has in any of its files."""
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    return [*dict.fromkeys(name for path in paths for name in parquet.read_schema(path).names)]


def empty_of(table: str, paths: Sequence[Path]) -> pd.DataFrame:
    """Give a table without rows that has the columns of all of its files."""
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    read = gpd.read_parquet if table in SHAPED else pd.read_parquet
    found = read(paths[0]).iloc[:0]
    for path in paths[1:]:
        if set(parquet.read_schema(path).names) - set(found.columns):
            more = read(path).iloc[:0]
            found = found.join(more[more.columns.difference(found.columns, sort=False)])
    return found


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads a file of a table with all columns that the table has anywhere."""

    table: str
    empty: pd.DataFrame

    def __call__(self, path: Path) -> pd.DataFrame:
        """Read it."""
        found = gpd.read_parquet(path) if self.table in SHAPED else pd.read_parquet(path)
        kinds = {n: k for n, k in self.empty.dtypes.items() if n != "geometry"}
        return found.reindex(columns=self.empty.columns).astype(kinds)


def write(out: Path, tile: Tile, card: Scorecard | None, told: Mapping[str, Any]) -> None:
    """Write what a tile answers: all of its files, or none that counts.

    Parameters
    ----------
    out
        The folder of the country's answers.
    tile
        The tile.
    card
        Its scorecard; none where nobody lives on its own ground.
    told
        What else is said of it.

    Raises
    ------
    OutputError
        If the disk takes no more.
    """
    paths = {} if card is None else {name: table_path(out, name, tile.name) for name in TABLES}
    with whole_files([*paths.values()]) as parts:
        if card is not None:
            for name, table in _tables(card, tile).items():
                table.to_parquet(parts[paths[name]], index=False)
    counts = {"areas": 0, "homes": 0} if card is None else _counts(card)
    said = {"tile": tile.name, "title": tile.title, "sha256": tile.sha256, **told, **counts}
    said["files"] = {name: path.stat().st_size for name, path in paths.items()}
    said["manifest"] = {} if card is None else card.manifest
    with whole_file(done_path(out, tile.name)) as path:  # the last: what is done says so
        text = json.dumps(said, ensure_ascii=False, indent=1, default=str)
        path.write_text(text, encoding="utf-8")


def _tables(card: Scorecard, tile: Tile) -> dict[str, pd.DataFrame]:
    areas = card.area_table().rename_axis("area").reset_index()
    areas.insert(
        1, "homes", card.origins["area"].value_counts().reindex(card.areas.index).to_numpy()
    )
    left_out = pd.DataFrame(card.manifest["left_out"])
    tables = {
        "areas": areas,
        "homes": homes_table(card),
        "results": card.results,
        "coverage": coverage(card, SUMMED),
        "left_out": left_out,
    }
    return {name: _typed(table, tile) for name, table in tables.items()}


def _typed(table: pd.DataFrame, tile: Tile) -> pd.DataFrame:
    """Give a table whose columns have one type in every tile, also where nothing is in them."""
    table = table.copy()
    for name in table.columns:
        cells = table[name]
        if isinstance(cells.dtype, gpd.array.GeometryDtype):
            continue
        if cells.dtype == object or isinstance(cells.dtype, (pd.StringDtype, pd.CategoricalDtype)):
            table[name] = _texts(cells)
        elif cells.dtype.kind in "iuf":
            table[name] = cells.astype(np.float64)
    table.insert(0, "tile", pd.Series(tile.name, index=table.index, dtype="string"))
    return table


def _texts(cells: pd.Series[Any]) -> Any:
    """Give cells as texts, None where nothing is in them; equal texts are written once."""
    try:
        codes, values = pd.factorize(cells.to_numpy(dtype=object))
    except TypeError:  # lists and the like, which cannot be looked up
        values = np.array([None])
    if all(isinstance(value, str) for value in values):  # 1 and True are equal, and no texts
        return pd.array([*values], dtype="string").take(codes, allow_fill=True)
    told = [None if _is_nothing(cell) else str(cell) for cell in cells]
    return pd.array(told, dtype="string")


def _is_nothing(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell))


def _counts(card: Scorecard) -> dict[str, int]:
    status = card.results["status"].value_counts()
    counts = {name: int(status.get(name, 0)) for name in ("met", "unmet", "unknown")}
    return {"areas": len(card.areas), "homes": len(card.origins), **counts}


def read_done(out: Path, name: str) -> dict[str, Any] | None:
    """Give what is said of an answered tile; none where it is not answered, or not whole.

    Raises
    ------
    InputError
        If what is said cannot be read.
    """
    path = done_path(out, name)
    if not path.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = {table: int(size) for table, size in told["files"].items()}
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): delete it, and the tile is answered again."
        raise InputError(msg) from error
    for table, size in files.items():
        there = table_path(out, table, name)
        if not there.is_file() or there.stat().st_size != size:
            return None
    return told


def is_done(told: Mapping[str, Any] | None, tile: Tile, elsewhere: Collection[str]) -> bool:
    """Tell whether what is said of a tile is what would be said now."""
    if told is None or told["sha256"] != tile.sha256:
        return False
    return set(told["elsewhere"]) == set(elsewhere) - set(told["here"])


def kept_census(out: Path, tile: Tile, digest: str) -> frozenset[str] | None:
    """Give the items that a tile was found to hold, if that is known."""
    path = out / CENSUS / f"{tile.name}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        same = (told["sha256"], told["question"]) == (tile.sha256, digest)
        return frozenset(told["here"]) if same else None
    except (OSError, KeyError, TypeError, ValueError):
        return None


def keep_census(out: Path, tile: Tile, digest: str, here: Collection[str]) -> None:
    """Write which items a tile holds."""
    with whole_file(out / CENSUS / f"{tile.name}.json") as path:
        told = {"sha256": tile.sha256, "question": digest, "here": sorted(here)}
        path.write_text(json.dumps(told), encoding="utf-8")
