"""The Parquet files of a release of Overture Maps, however they were laid: by type, part by part.

Files come from the official downloader (one a type), from DuckDB (any name, several types in
one file) or as the folders of the release (``theme=…/type=…/*.parquet``); as GeoParquet or as plain
Parquet with WKB. What a row is, is told by its column ``type``, else by the folder or the name of
the file, else by the columns that only one type has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.notes import Note

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

TYPES = {
    "segment": ("subtype", "class", "connectors", "connector_ids", "names", "subclass"),
    "connector": (),
    "place": ("categories", "taxonomy", "basic_category", "names", "confidence"),
    "building": ("subtype", "class", "height", "num_floors", "names", "is_underground"),
    "land_use": ("subtype", "class", "names"),
    "infrastructure": ("subtype", "class", "names"),
}
"""What is read, and some columns of each."""

_ONLY = {
    "connectors": "segment",
    "connector_ids": "segment",
    "categories": "place",
    "taxonomy": "place",
    "basic_category": "place",
    "num_floors": "building",
}
"""Columns that one type alone has."""

_WANTED = (
    "id",
    "geometry",
    "bbox",
    "sources",
    "type",
    "subtype",
    "class",
    "subclass",
    "names",
    "connectors",
    "connector_ids",
    "subclass_rules",
    "access_restrictions",
    "level_rules",
    "road_flags",
    "road_surface",
    "speed_limits",
    "road",
    "categories",
    "taxonomy",
    "basic_category",
    "confidence",
    "operating_status",
    "brand",
    "phones",
    "websites",
    "addresses",
    "height",
    "num_floors",
    "is_underground",
    "level",
)


@dataclass
class Release:
    """The rows of a release by type, as lists of plain values, and what to know about them."""

    rows: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    sha256: str = ""
    attribution: set[str] = field(default_factory=set)

    def count(self, kind: str) -> int:
        """How many rows there are of a type."""
        return len(self.rows.get(kind, {}).get("id", ()))


def is_overture(path: Path) -> bool:
    """Whether a path is a folder with Parquet files in it, or one such file.

    Examples
    --------
    >>> is_overture(Path("city.osm.pbf")), is_overture(Path("segment.parquet"))
    (False, True)
    """
    if path.is_dir():
        return next(path.rglob("*.parquet"), None) is not None
    return path.suffix.lower() == ".parquet"


def read_release(given: Path | Iterable[Path], box: Box | None) -> Release:
    """Read the rows of the types that are used; of a box only those that touch it.

    Parameters
    ----------
    given
        A folder, a file, or several files.
    box
        West, south, east, north; row groups that lie outside are not read.

    Raises
    ------
    InputError
        If there is no Parquet file, one cannot be read, or none holds a type that is used.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        msg = "Overture files are Parquet: install pyarrow with pip install 'quarterhour[parquet]'."
        raise MissingExtraError(msg) from error
    release, digest, unused = Release(), hashlib.sha256(), set[str]()
    for path in _parquet_files(given):
        try:
            file = pq.ParquetFile(path)
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
            _read_file(path, file, box, release, unused)
        except (pa.ArrowException, OSError) as error:
            msg = f"{path} cannot be read as Parquet ({error}): download it again."
            raise InputError(msg) from error
    if unused:
        kinds = ", ".join(sorted(unused))
        release.notes.append(Note("overture_types", "Types that are not used: {0}.", kinds))
    if not any(release.count(kind) for kind in TYPES):
        msg = _nothing(given, box, unused)
        raise InputError(msg)
    release.sha256 = digest.hexdigest()
    return release


def _nothing(given: Path | Iterable[Path], box: Box | None, unused: set[str]) -> str:
    where = given if isinstance(given, Path) else ", ".join(map(str, given))
    if box is not None:
        told = ", ".join(f"{value:g}" for value in box)
        return f"{where} holds nothing of Overture Maps within {told} (west, south, east, north)."
    found = f": it has {', '.join(sorted(unused))}" if unused else ""
    return f"{where} holds none of {', '.join(TYPES)}{found}. Pass files of Overture Maps."


def _parquet_files(given: Path | Iterable[Path]) -> list[Path]:
    if isinstance(given, Path):
        if not given.exists():
            msg = f"No such file or folder: {given}."
            raise InputError(msg)
        found = sorted(given.rglob("*.parquet")) if given.is_dir() else [given]
        if not found:
            msg = f"{given} holds no .parquet file."
            raise InputError(msg)
        return found
    files = [Path(one) for one in given]
    if missing := [str(one) for one in files if not one.is_file()]:
        msg = f"No such file: {', '.join(missing)}."
        raise InputError(msg)
    return files


def _read_file(path: Path, file: Any, box: Box | None, release: Release, unused: set[str]) -> None:
    names = set(file.schema_arrow.names)
    if not {"id", "geometry"} <= names:
        msg = (
            f"{path} is no file of Overture Maps: it has no column "
            f"{' and no '.join(sorted({'id', 'geometry'} - names))}; it has "
            f"{', '.join(sorted(names)[:12])}."
        )
        raise InputError(msg)
    kind = _kind_of(path, names)
    columns = [name for name in _WANTED if name in names]
    for group in _groups(file, box):
        table = file.read_row_group(group, columns=columns)
        if box is not None:
            table = table.filter(_touches(table, box))
        if not table.num_rows:
            continue
        kinds = table.column("type").to_pylist() if "type" in columns else None
        if kinds is None and kind is None:
            msg = (
                f"{path} does not say what its rows are: it has no column type, no folder type=… "
                "and no column that one type alone has. Name it after its type, such as "
                "segment.parquet."
            )
            raise InputError(msg)
        _take(table, kinds or [kind] * table.num_rows, release, unused)


def _kind_of(path: Path, names: set[str]) -> str | None:
    for part in (path.name, *reversed(path.parts)):
        if found := re.search(r"type=([a-z_]+)", part):
            return found[1]
    only = {_ONLY[name] for name in names & _ONLY.keys()}
    if len(only) == 1:
        return only.pop()
    named = [kind for kind in TYPES if re.search(rf"(^|[^a-z]){kind}s?([^a-z]|$)", path.stem)]
    return named[0] if len(named) == 1 else None


def _groups(file: Any, box: Box | None) -> Iterator[int]:
    """Give the row groups that can hold something of the box, by the statistics of their bbox."""
    found = file.metadata
    for group in range(found.num_row_groups):
        if box is None or _may_touch(found.row_group(group), box):
            yield group


def _may_touch(group: Any, box: Box) -> bool:
    west, south, east, north = box
    limits = {"bbox.xmin": ("min", east), "bbox.ymin": ("min", north)}
    limits |= {"bbox.xmax": ("max", west), "bbox.ymax": ("max", south)}
    for at in range(group.num_columns):
        column = group.column(at)
        which = limits.get(column.path_in_schema)
        known = column.statistics
        if which is None or known is None or not known.has_min_max:
            continue
        if which[0] == "min" and known.min > which[1]:
            return False
        if which[0] == "max" and known.max < which[1]:
            return False
    return True


def _touches(table: Any, box: Box) -> Any:
    """Mark rows whose box touches; by their geometry where they have no box."""
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    if "bbox" in table.column_names:
        boxes = table.column("bbox").combine_chunks()
        xmin, ymin, xmax, ymax = (
            np.asarray(boxes.field(name), dtype=float) for name in ("xmin", "ymin", "xmax", "ymax")
        )
    else:
        shapes = shapely.from_wkb(table.column("geometry").to_pylist())
        xmin, ymin, xmax, ymax = shapely.bounds(shapes).T
    west, south, east, north = box
    return (xmin <= east) & (xmax >= west) & (ymin <= north) & (ymax >= south)


def _take(table: Any, kinds: list[str], release: Release, unused: set[str]) -> None:
    """Add rows to those of their types."""
    cells = {name: table.column(name).to_pylist() for name in table.column_names if name != "bbox"}
    by_kind: dict[str, list[int]] = {}
    for row, kind in enumerate(kinds):
        by_kind.setdefault(str(kind), []).append(row)
    for kind, rows in by_kind.items():
        if kind not in TYPES:
            unused.add(kind)
            continue
        mine = release.rows.setdefault(kind, {name: [] for name in _WANTED if name != "bbox"})
        for name, column in mine.items():
            values = cells.get(name)
            column.extend([None] * len(rows) if values is None else [values[row] for row in rows])
        for sources in cells.get("sources", ()):
            release.attribution.update(
                one["dataset"] for one in sources or () if one.get("dataset")
            )
