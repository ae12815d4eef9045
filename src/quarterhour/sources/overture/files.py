"""The Parquet files of a release of Overture Maps, however they were laid: rows, by their type.

Files come from the official downloader (one a type), from DuckDB (any name, several types in
one file) or as the folders of the release (``theme=…/type=…/*.parquet``); as GeoParquet or as plain
Parquet with WKB. What a row is, is told by its column ``type``, else by the folder or the name of
the file, else by the columns that only one type has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.notes import Listing, Note
from quarterhour.sources.overture.box import Box, groups_of, touches
from quarterhour.sources.overture.heard import Heard

Row = Mapping[str, Any]

_EVERY = ("id", "geometry", "bbox", "sources", "type", "names", "subtype", "class")
TYPES: Mapping[str, tuple[str, ...]] = {
    "segment": (
        "connectors",
        "connector_ids",
        "subclass",
        "subclass_rules",
        "access_restrictions",
        "level_rules",
        "road_flags",
        "road_surface",
        "speed_limits",
    ),
    "connector": (),
    "place": (
        "categories",
        "taxonomy",
        "basic_category",
        "confidence",
        "operating_status",
        "brand",
        "phones",
        "websites",
        "addresses",
    ),
    "building": ("height", "num_floors", "is_underground"),
    "land_use": (),
    "infrastructure": (),
    "division_area": ("admin_level",),
}
"""The types that are read, and which columns of each besides those that every type has."""

_ONLY = {
    "connectors": "segment",
    "connector_ids": "segment",
    "categories": "place",
    "taxonomy": "place",
    "basic_category": "place",
    "num_floors": "building",
    "division_id": "division_area",
}
"""Columns that one type alone has."""

OVERTURE = "© Overture Maps Foundation"
_PLACES = {"meta": "Meta", "Microsoft": "Microsoft", "Foursquare": "Foursquare"}
_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}(?:-(?:alpha|beta))?\.\d+")

FOOTERS: dict[tuple[str, int, int], tuple[Any, str]] = {}
"""What files say of their row groups, by path, size and time: read once for all tiles."""

_MOST_FOOTERS = 512


@dataclass
class Release:
    """The rows of a release by type, and what to know about them.

    ``heard`` has how many bytes were read, of how many, and the hash of those.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)
    attribution: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)

    def of(self, kind: str) -> list[Row]:
        """Give the rows of a type."""
        return self.rows.get(kind, [])

    @property
    def credit(self) -> str:
        """Name those whose data it is: Overture asks for this, and its segments are of OSM."""
        of_osm = "OpenStreetMap" in self.attribution or self.of("segment")
        osm = ["© OpenStreetMap contributors"] if of_osm else []
        others = [name for key, name in _PLACES.items() if key in self.attribution]
        return ", ".join([*osm, OVERTURE, *others])


def shapes_of(rows: Iterable[Row]) -> npt.NDArray[np.object_]:
    """Give the geometry of each row; none where it cannot be read.

    Examples
    --------
    >>> shapes_of([{"geometry": shapely.to_wkb(shapely.Point(1, 2))}, {"geometry": None}]).tolist()
    [<POINT (1 2)>, None]
    """
    raw = np.fromiter((row.get("geometry") for row in rows), dtype=object)
    return np.asarray(shapely.from_wkb(raw, on_invalid="ignore"), dtype=object)


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


def kinds_in(path: Path) -> set[str]:
    """Say which types a file or folder of Overture Maps holds; none where it is something else."""
    if not path.exists() or not is_overture(path):
        return set()
    pq = _parquet()
    found: set[str] = set()
    for file in _parquet_files(path):
        try:
            names = set(pq.read_schema(file).names)
            if not {"id", "geometry"} <= names or not names & {"sources", *_ONLY}:
                continue
            kind = _kind_of(file, names)
            if kind is None and "type" in names:
                told = pq.read_table(file, columns=["type"]).column("type").unique()
                found |= {str(one) for one in told.to_pylist()}
            elif kind is not None:
                found.add(kind)
        except (OSError, ValueError):
            continue  # whoever reads it says what is wrong with it
    return found & TYPES.keys()


def read_release(
    given: Path | Iterable[Path],
    box: Box | None,
    kinds: Collection[str] = tuple(TYPES),
    *,
    some: bool = True,
) -> Release:
    """Read the rows of some types; of a box only those that touch it.

    Parameters
    ----------
    given
        A folder, a file, or several files.
    box
        West, south, east, north; row groups that lie outside are not read.
    kinds
        Which types.
    some
        Whether there has to be something.

    Raises
    ------
    InputError
        If there is no Parquet file, one cannot be read, they are of several releases, or none
        holds a type that is asked for.
    MissingExtraError
        If pyarrow is not installed.
    """
    pq = _parquet()
    files = _parquet_files(given)
    _require_one_release(files)
    release = Release()
    for path in files:
        try:
            with release.heard.open(path) as stream:
                file = pq.ParquetFile(stream, metadata=_footer(path, release.heard, pq))
                _read_file(path, file, box, kinds, release)
        except (ValueError, OSError) as error:
            if isinstance(error, InputError):
                raise
            msg = f"{path} cannot be read as Parquet ({error}): download it again."
            raise InputError(msg) from error
    if unused := sorted(release.unused):
        text = "Types that are not used: {0}."
        release.notes.append(Note("overture_types", text, Listing(unused)))
    if some and not any(release.rows.values()):
        msg = _nothing(given, box, kinds, release.unused)
        raise InputError(msg)
    _without_doubles(release)
    return release


def digest_of_files(given: Path) -> str:
    """Give a digest of what files say of their row groups, which is short however long they are."""
    heard, pq = Heard(), _parquet()
    for path in _parquet_files(given):
        _footer(path, heard, pq)
        heard.hear(path.stat().st_size, path.name.encode())
    return heard.sha256


def columns_of(given: Path, kind: str, columns: Collection[str]) -> Iterator[Any]:
    """Give some columns of all rows of a type, a row group at a time, as tables of pyarrow."""
    pq = _parquet()
    files = _parquet_files(given)
    _require_one_release(files)
    for path in files:
        file = pq.ParquetFile(path, metadata=_footer(path, Heard(), pq))
        names = set(file.schema_arrow.names)
        own = _kind_of(path, names)
        if own not in (None, kind):
            continue
        wanted = [name for name in (*columns, *(["type"] if own is None else [])) if name in names]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=wanted, use_threads=False)
            if own is None and "type" in names:
                table = table.filter([one == kind for one in table.column("type").to_pylist()])
            yield table


def _parquet() -> Any:
    try:
        import pyarrow.parquet as pq  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "Overture files are Parquet: install pyarrow with pip install 'quarterhour[parquet]'."
        raise MissingExtraError(msg) from error
    return pq


def _footer(path: Path, heard: Heard, pq: Any) -> Any:
    """Give what a file says of its row groups, read once however many tiles are read of it."""
    about = path.stat()
    key = (str(path.resolve()), about.st_size, about.st_mtime_ns)
    if key not in FOOTERS:
        own = Heard()
        with own.open(path) as stream:
            metadata = pq.ParquetFile(stream).metadata
        heard.read += own.read
        if len(FOOTERS) >= _MOST_FOOTERS:
            FOOTERS.clear()
        FOOTERS[key] = metadata, own.sha256
    metadata, sha256 = FOOTERS[key]
    heard.know(sha256)
    return metadata


def _nothing(
    given: Path | Iterable[Path], box: Box | None, kinds: Collection[str], unused: set[str]
) -> str:
    where = given if isinstance(given, Path) else ", ".join(map(str, given))
    if box is not None:
        told = ", ".join(f"{value:g}" for value in box)
        return f"{where} holds nothing of Overture Maps within {told} (west, south, east, north)."
    found = f": it has {', '.join(sorted(unused))}" if unused else ""
    return f"{where} holds none of {', '.join(kinds)}{found}. Pass files of Overture Maps."


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


def _require_one_release(files: list[Path]) -> None:
    """See that files are of one release, as far as their folders and names say."""
    told = {name[0]: path for path in files if (name := _RELEASE.search(path.as_posix()))}
    if len(told) > 1:
        first, second = sorted(told)[:2]
        msg = (
            f"These files are of {len(told)} releases of Overture Maps: {told[first]} of {first}, "
            f"{told[second]} of {second}. Read one release at a time: pass its folder."
        )
        raise InputError(msg)


def _read_file(
    path: Path, file: Any, box: Box | None, kinds: Collection[str], release: Release
) -> None:
    names = set(file.schema_arrow.names)
    if not {"id", "geometry"} <= names:
        msg = (
            f"{path} is no file of Overture Maps: it has no column "
            f"{' and no '.join(sorted({'id', 'geometry'} - names))}; it has "
            f"{', '.join(sorted(names)[:12])}."
        )
        raise InputError(msg)
    kind = _kind_of(path, names)
    if "type" not in names and kind is None and file.metadata.num_rows:
        msg = (
            f"{path} does not say what its rows are: it has no column type, no folder type=… "
            "and no column that one type alone has. Name it after its type, such as "
            "segment.parquet."
        )
        raise InputError(msg)
    if kind is not None and kind not in kinds:
        release.unused |= {kind} - TYPES.keys()
        return
    several = kinds if kind is None else [kind]
    wanted = {*_EVERY, *(column for one in several for column in TYPES[one])}
    wanted -= {"bbox"} if box is None else set()
    columns = [name for name in file.schema_arrow.names if name in wanted]
    for group in groups_of(file, box):
        # One thread, so that the bytes are read, and hashed, in one order.
        table = file.read_row_group(group, columns=columns, use_threads=False)
        if box is not None:
            table = table.filter(touches(table, box))
            table = table.drop_columns([name for name in columns if name == "bbox"])
        _take(table, kind, kinds, release)


def _kind_of(path: Path, names: set[str]) -> str | None:
    """Say what all rows of a file are, where its folder, columns or name tell."""
    for part in (path.name, *reversed(path.parts)):
        if found := re.search(r"type=([a-z_]+)", part):
            return found[1]
    only = {_ONLY[name] for name in names & _ONLY.keys()}
    if len(only) == 1 and "type" not in names:
        return only.pop()
    if "type" in names:
        return None
    named = [kind for kind in TYPES if re.search(rf"(^|[^a-z]){kind}s?([^a-z]|$)", path.stem)]
    return named[0] if len(named) == 1 else None


def _take(table: Any, kind: str | None, kinds: Collection[str], release: Release) -> None:
    """Add the rows of a table to those of their types."""
    for row in table.to_pylist():
        mine = row.pop("type", None) if kind is None else kind
        if mine not in kinds:
            release.unused |= {str(mine)} - TYPES.keys()
            continue
        release.rows.setdefault(mine, []).append(row)
        release.attribution.update(
            str(one["dataset"]) for one in row.get("sources") or () if one.get("dataset")
        )


def _without_doubles(release: Release) -> None:
    """Keep the first of the rows of one id, as of files that overlap, and count the others."""
    for kind, rows in release.rows.items():
        named = [row for row in rows if row["id"] is not None]
        if nameless := len(rows) - len(named):
            text = "{0} rows of type {1} have no id: left out."
            release.notes.append(Note("overture_no_id", text, nameless, kind))
        first: dict[str, Row] = {}
        for row in named:
            first.setdefault(str(row["id"]), row)
        if again := len(named) - len(first):
            text = "{0} rows of type {1} are listed again under an id that is there: left out."
            release.notes.append(Note("overture_again", text, again, kind))
        release.rows[kind] = list(first.values())
