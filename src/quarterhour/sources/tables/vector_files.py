"""GeoPackage, GeoJSON, Shapefile, FlatGeobuf and GeoParquet files as GeoDataFrames."""

from __future__ import annotations

import codecs
import io
import warnings
import zipfile
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pandas.api.types import is_numeric_dtype

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables.encodings import BROKEN, CODECS, Text, broken_note, guess

_WGS84 = 4326
_IN_ZIP = (".shp", ".gpkg", ".geojson", ".fgb", ".tab", ".mif")
PARQUET = frozenset({".parquet", ".geoparquet", ".pq"})
_BEGINNINGS = {
    ".gpkg": (b"SQLite format 3\x00", "GeoPackage"),
    ".fgb": (b"fgb", "FlatGeobuf file"),
    ".shp": (b"\x00\x00\x27\x0a", "Shapefile"),
    ".zip": (b"PK", "zip file"),
}
_NAMES_OTHERS = (b"<OGRVRTDataSource", b"<VRTDataset", b"<GDAL_WMS")  # texts that name other files
_UNREADABLE = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.CRSError,
    shapely.errors.ShapelyError,
    ValueError,
    KeyError,
    OverflowError,
)


def read_vector(path: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, list[str], list[str]]:
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
    notes, warnings
        What was found out about the file.
    """
    if path.suffix.lower() in PARQUET:
        return _read_parquet(path), [], []
    _require_own_format(path)
    place = _inside_zip(path)
    try:
        layers = pyogrio.list_layers(place)
    except (*_UNREADABLE, RuntimeError) as error:
        raise InputError(f"{path} cannot be read as a map file: {_short(error)}.") from error
    chosen = _choose_layer([(str(name), kind) for name, kind in layers], layer, path)
    found = shapefile_encoding(path, chosen)
    try:
        table = _read_layer(place, chosen, None if found is None else "ISO-8859-1")
    except (*_UNREADABLE, RuntimeError) as error:
        raise InputError(f"{path} cannot be read: {_short(error)}.") from error
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"Layer {chosen!r} of {path} has no geometries.")
    notes: list[str] = [Note("layer", "Read from layer {0!r}.", chosen)] if len(layers) > 1 else []
    if found is None:
        return table, notes, []
    table, broken = _decoded(table, found.encoding)
    notes.append(found.note(path))
    return table, notes, [broken_note(broken, str(path), found.encoding)] if broken else []


def edges_layer(path: str | Path) -> str | None:
    """
    Return the layer of streets of a graph that OSMnx saved, which holds its nodes as well.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    layer
        "edges" beside "nodes"; None for any other file.
    """
    if Path(path).suffix.lower() != ".gpkg" or not Path(path).is_file():
        return None
    try:
        names = {str(name) for name, _ in pyogrio.list_layers(path)}
    except (*_UNREADABLE, RuntimeError):
        return None
    return "edges" if names == {"edges", "nodes"} else None


def read_geojson(text: Text, path: Path) -> gpd.GeoDataFrame:
    """
    Read GeoJSON from its text, in whatever encoding the file is.

    Parameters
    ----------
    text
        The text.
    path
        The file that it came from.

    Returns
    -------
    table
        Without a CRS where the coordinates are no degrees: GeoJSON that names none counts as
        WGS 84, and nobody knows what its metres are.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = io.BytesIO(text.text.encode("utf-8", errors="replace"))
            table = gpd.read_file(data, on_invalid="ignore")
    except (*_UNREADABLE, RuntimeError) as error:
        raise InputError(f"{path} cannot be read as a map file: {_short(error)}.") from error
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{path} has no geometries.")
    if table.crs == _WGS84 and not _degrees(table):
        table = table.set_crs(None, allow_override=True)
    return table


class Encoding(NamedTuple):
    """The encoding of a Shapefile's table, and what the file says of it."""

    encoding: str
    said: str

    def note(self, path: Path) -> str:
        """Return the sentence that tells it."""
        if not self.said:
            return Note(
                "shapefile_encoding",
                "The Shapefile does not name its encoding; read as {0}.",
                self.encoding,
            )
        if same_codec(self.said, self.encoding):
            return Note("read_as", "Read as {0}.", self.encoding)
        return Note(
            "cpg_wrong",
            "The .cpg file of {0} says {1}, but the text is {2}; read as {2}.",
            path.name,
            self.said,
            self.encoding,
        )


def shapefile_encoding(path: Path, layer: str) -> Encoding | None:
    """
    Find the encoding of a Shapefile: by its text, whatever its .cpg file says.

    Parameters
    ----------
    path
        The .shp file, or the folder or zip file that holds it.
    layer
        The name of the Shapefile.

    Returns
    -------
    encoding
        None if it is no Shapefile, or plain ASCII, or if its text does not tell and the .cpg file
        may be right.
    """
    data = _part(path, layer, ".dbf")
    if data is None or data[32:].isascii():
        return None
    said = (_part(path, layer, ".cpg") or b"").decode("ascii", errors="replace").strip()
    found = guess(_dbf_text(data))
    if found is None or (found == "Windows-1252" and said):
        return None
    return Encoding(found, said)


def same_codec(one: str, other: str) -> bool:
    """
    Tell whether two names mean the same encoding; GBK and GB 2312 are parts of GB 18030.

    Parameters
    ----------
    one, other
        Names of encodings.

    Returns
    -------
    same
        True if so, False also where one is not known.
    """
    family = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}
    names = []
    for name in (one, other):
        try:
            codec = codecs.lookup(f"cp{name}" if name.isdigit() else name).name
        except LookupError:
            return False
        names.append(family.get(codec, codec))
    return names[0] == names[1]


def _part(path: Path, layer: str, suffix: str) -> bytes | None:
    """Return one of the files of a Shapefile."""
    wanted = f"{layer}{suffix}".lower()
    if path.suffix.lower() == ".zip" and path.is_file():
        try:
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    if name.lower().rsplit("/", 1)[-1] == wanted:
                        return packed.read(name)
        except (OSError, zipfile.BadZipFile, RuntimeError):
            return None
        return None
    if path.suffix.lower() not in (".shp", ".dbf", "") and not path.is_dir():
        return None
    folder = path if path.is_dir() else path.parent
    found = next((file for file in folder.iterdir() if file.name.lower() == wanted), None)
    return found.read_bytes() if found is not None and found.is_file() else None


def _dbf_text(data: bytes) -> bytes:
    """Return the field names and cells of a DBF file, without the numbers of its header."""
    end = int.from_bytes(data[8:10], "little")
    names = [data[at : at + 11].split(b"\0")[0] for at in range(32, max(end - 1, 32), 32)]
    return b" ".join(names) + b" " + data[max(end, 32) :].replace(b"\0", b" ")


def _require_own_format(path: Path) -> None:
    """
    Refuse a file that is not what its name says.

    GDAL opens a file with whatever driver knows its content: a text named x.gpkg may name another
    file, or an address, and that would be read.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(4_096)
    beginning, kind = _BEGINNINGS.get(path.suffix.lower(), (b"", "map file"))
    if not start.startswith(beginning) or any(text in start for text in _NAMES_OTHERS):
        held = "it is empty" if not start else f"it begins with {start[:12]!r}"
        raise InputError(f"{path} cannot be read as a map file: it is no {kind}, {held}.")


def _inside_zip(path: Path) -> Path | str:
    """Return the place of the map files in a zip file, which may be in one of its folders."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        return path
    try:
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if name.lower().endswith(_IN_ZIP)]
    except (OSError, zipfile.BadZipFile):
        return path
    names = [name for name in names if not name.startswith("__MACOSX")]
    if not names or any("/" not in name for name in names):
        return path
    inside = names[0] if len(names) == 1 else names[0].rpartition("/")[0]
    return f"/vsizip/{path.resolve()}/{inside}"


def _read_layer(path: Path | str, layer: str, encoding: str | None) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on field widths and the like
        # A ring that is not closed is told of as a row without a geometry.
        return gpd.read_file(path, layer=layer, encoding=encoding, on_invalid="ignore")


def _decoded(table: gpd.GeoDataFrame, encoding: str) -> tuple[gpd.GeoDataFrame, int]:
    """
    Decode the text of a table that was read byte by byte.

    A Shapefile cuts names and cells at a number of bytes, through the middle of a character: what
    is left of that character at the end goes. What else cannot be read is marked and counted.
    """
    codec = CODECS[encoding]
    broken = 0

    def decode(text: object) -> object:
        nonlocal broken
        if not isinstance(text, str):
            return text
        read = text.encode("ISO-8859-1", errors="replace").decode(codec, errors="replace")
        read = read.rstrip(BROKEN)
        broken += read.count(BROKEN)
        return read

    result = table.copy()
    for name in table.columns:
        if name != table.active_geometry_name and not is_numeric_dtype(table[name]):
            result[name] = table[name].map(decode)
    return result.rename(columns={name: decode(name) for name in table.columns}), broken


def _degrees(table: gpd.GeoDataFrame) -> bool:
    """Tell whether coordinates can be longitudes and latitudes, perhaps exchanged."""
    reach = table.total_bounds
    return bool(np.isnan(reach).any() or np.abs(reach).max() <= 360)


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
    except Exception as error:  # damaged bytes raise errors of three libraries
        raise InputError(f"{path} cannot be read as GeoParquet: {_short(error)}.") from error


def _short(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0].split(";")[0].rstrip(". ")
