"""Tables written for other programs: map files by their ending, and CSV that spreadsheets open.

GeoJSON follows RFC 7946: WGS 84 without a ``crs`` member, outer rings counter-clockwise, seven
decimals (a centimetre). A cell of text in a CSV file that begins with ``=``, ``+``, ``-`` or ``@``
is written with an apostrophe before it: spreadsheets would run it as a formula.
"""

from __future__ import annotations

import shutil
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.atomic import whole_file, whole_files
from quarterhour.errors import InputError, MissingExtraError

DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "GeoParquet",
    ".shp": "ESRI Shapefile",
}
"""What shapes are written as, by the ending of the file."""

DECIMALS = 7
"""Of degrees in GeoJSON: a centimetre."""

_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHORT = 10  # characters of a column name in a Shapefile
_LIVE = ("=", "+", "-", "@", "\t", "\r")


def with_ending(path: str | Path, ending: str, *others: str) -> Path:
    """
    See that a file has the ending by which other programs know what is in it, or one of others.

    Raises
    ------
    InputError
        If it has another one.
    MissingExtraError
        If it asks for GeoParquet and pyarrow is not installed.
    """
    endings = (ending, *others)
    if Path(path).suffix.lower() not in endings:
        msg = f"{path}: the name of this file has to end in {' or '.join(endings)}."
        raise InputError(msg)
    if ending in DRIVERS:
        require_driver(Path(path))
    return Path(path)


def require_driver(path: Path) -> str:
    """
    See that the ending of a file says how shapes are to be written, and return it.

    Raises
    ------
    InputError
        If it does not.
    MissingExtraError
        If it asks for GeoParquet and pyarrow is not installed.
    """
    ending = path.suffix.lower()
    if ending not in DRIVERS:
        msg = f"{path}: shapes are written as {', '.join(DRIVERS)}."
        raise InputError(msg)
    if ending == ".parquet" and find_spec("pyarrow") is None:
        msg = "GeoParquet needs pyarrow: install it with pip install 'quarterhour[parquet]'."
        raise MissingExtraError(msg)
    return ending


def write_shapes(table: gpd.GeoDataFrame, path: Path) -> list[str]:
    """
    Write a table of shapes, whole or not at all.

    Parameters
    ----------
    table
        With a CRS; GeoJSON is written in WGS 84.
    path
        File whose ending is one of ``DRIVERS``.

    Returns
    -------
    list
        Sentences on what the format could not hold.
    """
    ending = require_driver(path)
    if ending == ".shp":
        return _write_shapefile(table, path)
    with whole_file(path) as part:
        if ending == ".geojson":
            write_geojson(table, part)
        elif ending == ".parquet":
            table.to_parquet(part, index=False)
        else:
            table.to_file(part, driver=DRIVERS[ending], index=False)
    return []


def write_geojson(table: gpd.GeoDataFrame, path: Path, *, index: bool = False) -> None:
    """Write GeoJSON as RFC 7946 has it; what is an area stays one where seven decimals pinch it."""
    flat = table.to_crs(4326)
    flat = flat.set_geometry(gpd.GeoSeries(_on_grid(flat), index=flat.index, crs=4326))
    flat.to_file(path, driver="GeoJSON", index=index, RFC7946="YES")


def _on_grid(table: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Round areas to seven decimals, without the lines and points that hairs of them leave."""
    shapes = np.array(table.geometry.array, dtype=object)
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    rounded = shapely.set_precision(shapes[areas], 10.0**-DECIMALS)
    kept = ~shapely.is_empty(rounded)
    shapes[np.flatnonzero(areas)[kept]] = rounded[kept]
    return shapes


def write_csv(table: pd.DataFrame, path: Path, *, index: bool = False) -> None:
    """Write a table as CSV whose text no spreadsheet runs."""
    safe = table.reset_index() if index else table
    texts = [name for name in safe.columns if not pd.api.types.is_numeric_dtype(safe[name])]
    safe = safe.assign(**{name: safe[name].map(harmless) for name in texts})
    safe.columns = [harmless(name) for name in safe.columns]
    # A byte-order mark, so that spreadsheets show Chinese names as they are.
    safe.to_csv(path, index=False, encoding="utf-8-sig")


def harmless(cell: Any) -> Any:
    """
    Return a cell as a spreadsheet shows it and does not run it.

    Examples
    --------
    >>> [harmless(cell) for cell in ("=1+1", "-5.5", "-", "药店", 3)]
    ["'=1+1", '-5.5', "'-", '药店', 3]
    """
    if not isinstance(cell, str) or not cell.startswith(_LIVE):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def _write_shapefile(table: gpd.GeoDataFrame, path: Path) -> list[str]:
    """Write the five files of a Shapefile, and say which names had to be cut."""
    names = _short_names([str(name) for name in table.columns if name != table.geometry.name])
    short = table.rename(columns=names)
    targets = [path.with_suffix(ending) for ending in _SIDECARS]
    with whole_files(targets) as parts:
        scratch = next(iter(parts.values())).parent / f"{path.stem}-shapefile"
        scratch.mkdir()
        made = scratch / "shapes.shp"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of widths of numbers
            short.to_file(made, driver="ESRI Shapefile", index=False, encoding="UTF-8")
        for target in targets:
            shutil.move(made.with_suffix(target.suffix), parts[target])
        shutil.rmtree(scratch)
    cut = [f"{old} as {new}" for old, new in names.items() if old != new]
    if not cut:
        return []
    return [f"A Shapefile holds names of {_SHORT} characters: {', '.join(cut)}."]


def _short_names(names: list[str]) -> dict[str, str]:
    """Cut names to what a Shapefile holds, each one of its own."""
    taken: set[str] = set()
    short: dict[str, str] = {}
    for name in names:
        cut = name.encode()[:_SHORT].decode(errors="ignore")
        number = 1
        while cut.lower() in taken:
            tail = f"_{number}"
            cut = name.encode()[: _SHORT - len(tail)].decode(errors="ignore") + tail
            number += 1
        taken.add(cut.lower())
        short[name] = cut
    return short
