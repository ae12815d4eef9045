"""GeoPackage, GeoJSON, Shapefile, FlatGeobuf and GeoParquet files as GeoDataFrames."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
from pandas.api.types import is_numeric_dtype

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.contracts import listed

PARQUET = frozenset({".parquet", ".geoparquet", ".pq"})


def read_vector(path: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """
    Read one layer of a file.

    Parameters
    ----------
    path
        The file; a folder or a zip file may hold a Shapefile.
    layer
        Which layer, if there is more than one with geometries.

    Returns
    -------
    table
        The layer.
    notes
        What was found out about the file.
    """
    if path.suffix.lower() in PARQUET:
        return _read_parquet(path), []
    try:
        layers = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as error:
        raise InputError(f"{path} cannot be read as a map file: {_short(error)}.") from error
    chosen = _choose_layer([(str(name), kind) for name, kind in layers], layer, path)
    encoding = shapefile_encoding(path)
    try:
        table = _read_layer(path, chosen, encoding)
    except UnicodeDecodeError:
        # A Shapefile cuts names and cells at a number of bytes, through the middle of a character.
        table = _decoded(_read_layer(path, chosen, "ISO-8859-1"), encoding or "UTF-8")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {_short(error)}.") from error
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"Layer {chosen!r} of {path} has no geometries.")
    notes = [f"Read from layer {chosen!r}."] if len(layers) > 1 else []
    if encoding is not None:
        notes.append(f"The Shapefile does not name its encoding; read as {encoding}.")
    return table, notes


def shapefile_encoding(path: Path) -> str | None:
    """
    Find the encoding of a Shapefile that does not name it in a .cpg file.

    Parameters
    ----------
    path
        The .shp file.

    Returns
    -------
    encoding
        "UTF-8" or "GB18030"; None if it is no Shapefile, plain ASCII, or says so itself.
    """
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists():
        return None
    table = next(
        (file for file in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if file.exists()),
        None,
    )
    if table is None:
        return None
    data = table.read_bytes()[32:]  # past the header, which holds binary numbers
    if data.isascii():
        return None
    # Cells are cut at a number of bytes, so a few broken characters are normal in either encoding.
    broken = {
        name: data.decode(name, errors="replace").count("\ufffd") for name in ("utf-8", "gb18030")
    }
    return "UTF-8" if broken["utf-8"] <= broken["gb18030"] else "GB18030"


def _read_layer(path: Path, layer: str, encoding: str | None) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on field widths and the like
        return gpd.read_file(path, layer=layer, encoding=encoding)


def _decoded(table: gpd.GeoDataFrame, encoding: str) -> gpd.GeoDataFrame:
    """Decode the text of a table again that was read byte by byte; drop halves of characters."""

    def decode(text: object) -> object:
        if not isinstance(text, str):
            return text
        return text.encode("ISO-8859-1").decode(encoding, errors="ignore")

    result = table.copy()
    for name in table.columns:
        if name != table.active_geometry_name and not is_numeric_dtype(table[name]):
            result[name] = table[name].map(decode)
    return result.rename(columns={name: decode(name) for name in table.columns})


def _choose_layer(layers: list[tuple[str, object]], layer: str | None, path: Path) -> str:
    names = [name for name, _ in layers]
    if layer is not None:
        if layer not in names:
            raise InputError(f"{path} has no layer {layer!r}; it has {listed(names)}.")
        return layer
    spatial = [name for name, kind in layers if kind is not None]
    if not spatial:
        raise InputError(f"{path} has no layer with geometries.")
    if len(spatial) > 1:
        raise InputError(f"{path} has {len(spatial)} layers: {listed(spatial)}. Pass layer=...")
    return spatial[0]


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except ImportError as error:
        raise MissingExtraError(
            "Reading GeoParquet needs pyarrow: pip install 'quarterhour[parquet]'."
        ) from error
    except (ValueError, OSError) as error:
        raise InputError(f"{path} cannot be read as GeoParquet: {_short(error)}.") from error


def _short(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0].split(";")[0].rstrip(". ")
