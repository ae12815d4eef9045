"""Tables as arrays, WKB and JSON in a zip, and back: types, labels and order as they were."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.scoring.plain_cells import NotPlainError, cell_of, plain

_Array = npt.NDArray[Any]
_MADE = (1980, 1, 1, 0, 0, 0)  # the same content is the same bytes, whenever it is written


class Pack:
    """A zip that is being written: arrays and JSON, each under a name of its own.

    ``as_text`` names what only its text could be written of.
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._n = 0
        self.as_text: list[str] = []

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def put(self, name: str, content: bytes) -> str:
        """Write bytes."""
        info = zipfile.ZipInfo(name, _MADE)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, content)
        return name

    def json(self, content: Any, name: str = "") -> str:
        """Write JSON, and give the name under which it is."""
        self._n += 1
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return self.put(name or f"cells/{self._n}.json", text.encode("utf-8", "surrogatepass"))

    def array(self, values: _Array) -> str:
        """Write an array of numbers, and give the name under which it is."""
        self._n += 1
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(values), allow_pickle=False)
        return self.put(f"arrays/{self._n}.npy", buffer.getvalue())

    def blob(self, content: bytes) -> str:
        """Write bytes, and give the name under which they are."""
        self._n += 1
        return self.put(f"blobs/{self._n}", content)

    def cells(self, cells: Any, what: str) -> str:
        """Write cells of any plain kind; of others their text, which is remembered."""
        said = []
        for cell in cells:
            try:
                said.append(plain(cell))
            except NotPlainError:
                said.append(str(cell))
                if what not in self.as_text:
                    self.as_text.append(what)
        return self.json(said)


class Unpack:
    """A zip that is read; whatever is wrong with it is an exception of some kind."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)

    def __enter__(self) -> Unpack:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def get(self, name: str) -> bytes:
        """Read bytes; a changed byte is found by its checksum."""
        return self._zip.read(name)

    def json(self, name: str) -> Any:
        """Read JSON."""
        return json.loads(self.get(name).decode("utf-8", "surrogatepass"))

    def array(self, name: str) -> _Array:
        """Read an array of numbers; nothing in it is executed."""
        return np.asarray(np.load(io.BytesIO(self.get(name)), allow_pickle=False))

    def cells(self, name: str) -> list[Any]:
        """Read cells."""
        return [cell_of(said) for said in self.json(name)]


def write_table(pack: Pack, table: pd.DataFrame, what: str) -> dict[str, Any]:
    """Write a table, and give what :func:`read_table` needs."""
    geo = isinstance(table, gpd.GeoDataFrame)
    return {
        "columns": _write(pack, table.columns, f"names of columns of {what}"),
        "index": _write(pack, table.index, f"labels of {what}"),
        "cells": [
            _write(pack, table.iloc[:, i], f"{what}.{table.columns[i]}")
            for i in range(len(table.columns))
        ],
        "geometry": plain(table.active_geometry_name) if geo else None,
        "geo": geo,
        "attrs": _write_attrs(pack, table.attrs, what),
    }


def _write_attrs(pack: Pack, attrs: Mapping[Any, Any], what: str) -> str:
    """Write what a table carries beside its cells; of what is not plain, its text."""
    told = {}
    for key, value in attrs.items():
        told[key] = value if _is_plain(value) else str(value)
        if not _is_plain(value):
            pack.as_text.append(f"{what}.attrs[{key!r}]")
    return pack.cells([told], what)


def _is_plain(value: Any) -> bool:
    try:
        plain(value)
    except NotPlainError:
        return False
    return True


def read_table(pack: Unpack, told: dict[str, Any]) -> Any:
    """Read a table that :func:`write_table` wrote."""
    index = _index(pack, told["index"])
    some = [_values(pack, one) for one in told["cells"]]
    parts = [pd.Series(values, index=index, dtype=values.dtype) for values in some]
    table = pd.DataFrame(dict(enumerate(parts)), index=index)
    table.columns = _index(pack, told["columns"])
    if told["geo"]:
        table = gpd.GeoDataFrame(table, geometry=cell_of(told["geometry"]))
    table.attrs = pack.cells(told["attrs"])[0]
    return table


def _index(pack: Unpack, told: dict[str, Any]) -> pd.Index:
    name = cell_of(told["name"])
    if told["kind"] == "range":
        start, stop, step = told["range"]
        return pd.RangeIndex(start, stop, step, name=name)
    values = _values(pack, told)
    index: pd.Index = pd.Index(values, name=name, dtype=values.dtype)
    return index


def _write(pack: Pack, column: pd.Series[Any] | pd.Index, what: str) -> dict[str, Any]:
    told = _told(pack, column, what)
    return told | {"name": plain(column.name) if _is_plain(column.name) else str(column.name)}


def _told(pack: Pack, column: Any, what: str) -> dict[str, Any]:
    dtype = column.dtype
    if isinstance(column, pd.RangeIndex):
        return {"kind": "range", "range": [column.start, column.stop, column.step]}
    if isinstance(dtype, gpd.array.GeometryDtype):
        return _told_shapes(pack, column)
    if isinstance(dtype, pd.CategoricalDtype):
        array = column.array
        return {
            "kind": "category",
            "codes": pack.array(array.codes),
            "categories": _write(pack, array.categories, what),
            "ordered": bool(array.ordered),
        }
    if isinstance(dtype, np.dtype) and dtype.kind in "biufmM":
        numbers = column.to_numpy()
        times = dtype.kind in "mM"  # whole numbers of their unit
        cells = pack.array(numbers.view("i8") if times else numbers)
        return {"kind": "numbers", "cells": cells, "times": dtype.str if times else None}
    return _told_words(pack, column) or {
        "kind": "cells",
        "cells": pack.cells(column, what),
        "dtype": str(dtype),
    }


def _told_words(pack: Pack, column: Any) -> dict[str, Any] | None:
    """Write texts once each; none where there are cells of other kinds."""
    if not (column.dtype == np.dtype(object) or isinstance(column.dtype, pd.StringDtype)):
        return None
    cells = np.asarray(column.array, dtype=object)
    own = isinstance(column.dtype, pd.StringDtype)  # there whatever is no text is missing
    if not all(type(cell) is str or cell is None or own for cell in cells):
        return None
    place: dict[str, int] = {}
    codes = [place.setdefault(c, len(place)) if type(c) is str else -1 for c in cells]
    return {
        "kind": "words",
        "codes": pack.array(np.array(codes, dtype=np.int32)),
        "words": pack.json(list(place)),
        "dtype": str(column.dtype),
    }


def _told_shapes(pack: Pack, column: Any) -> dict[str, Any]:
    shapes = np.asarray(column.array, dtype=object)
    wkb = [b"" if one is None else one for one in shapely.to_wkb(shapes)]
    crs = column.array.crs
    return {
        "kind": "shapes",
        "wkb": pack.blob(b"".join(wkb)),
        "sizes": pack.array(np.array([len(one) for one in wkb], dtype=np.int64)),
        "crs": None if crs is None else [crs.srs, crs.to_wkt()],
    }


def _values(pack: Unpack, told: dict[str, Any]) -> Any:
    kind = told["kind"]
    if kind == "numbers":
        numbers = pack.array(told["cells"])
        return numbers.view(told["times"]) if told["times"] else numbers
    if kind == "range":
        return np.arange(*told["range"])
    if kind == "shapes":
        return _shapes(pack, told)
    if kind == "category":
        categories = _index(pack, told["categories"])
        codes = pack.array(told["codes"])
        return pd.Categorical.from_codes(codes, categories, ordered=told["ordered"])
    cells = _cells(pack, told)
    return cells if told["dtype"] == "object" else pd.array(list(cells), dtype=told["dtype"])


def _cells(pack: Unpack, told: dict[str, Any]) -> _Array:
    if told["kind"] == "words":
        words = np.array([*pack.json(told["words"]), None], dtype=object)
        return np.asarray(words[pack.array(told["codes"])])
    some = pack.cells(told["cells"])
    cells = np.empty(len(some), dtype=object)
    for place, cell in enumerate(some):  # one by one, so that lists stay cells
        cells[place] = cell
    return cells


def _shapes(pack: Unpack, told: dict[str, Any]) -> gpd.array.GeometryArray:
    content, sizes = pack.get(told["wkb"]), pack.array(told["sizes"])
    ends = np.cumsum(sizes)
    if len(content) != (ends[-1] if len(ends) else 0):
        msg = "shapes are cut off"
        raise ValueError(msg)
    wkb = [content[b - n : b] or None for b, n in zip(ends.tolist(), sizes.tolist(), strict=True)]
    shapes = shapely.from_wkb(np.array(wkb, dtype=object)) if wkb else np.array([], dtype=object)
    return gpd.array.GeometryArray(shapes, crs=None if told["crs"] is None else crs_of(told["crs"]))


def crs_of(told: list[str]) -> pyproj.CRS:
    """Give a CRS by the text that it was made of, where that still means the same."""
    text, wkt = told
    exact = pyproj.CRS.from_wkt(wkt)
    try:
        named = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return exact
    return named if named == exact else exact
