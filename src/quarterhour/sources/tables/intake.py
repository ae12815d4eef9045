"""From whatever a caller has to a table in WGS 84 that keeps its contract.

The steps are the same for facilities, areas, buildings and gates: open, recognise the columns,
find the places, declare the datum, repair, set apart what has no place, convert, check.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.atomic import whole_file
from quarterhour.errors import DatumError, InputError, OutputError
from quarterhour.places.attribution import attribution_of
from quarterhour.places.carried import reading
from quarterhour.places.contracts import check_index, listed
from quarterhour.places.datum import convert_datum, from_wgs84, needs_datum, undeclared
from quarterhour.places.frames import check_columns
from quarterhour.places.notes import Listing, Note
from quarterhour.places.written import write_csv
from quarterhour.sources.tables import amap, sheets, text_files, vector_files
from quarterhour.sources.tables.encodings import broken_note, decode
from quarterhour.sources.tables.locate import Opened, Request, locate
from quarterhour.sources.tables.numbers import read_numbers
from quarterhour.sources.tables.own_labels import LABELLED, has_own_index, own_labels

TEXT = frozenset({".csv", ".txt", ".tsv"})
EXCEL = frozenset({".xlsx", ".xlsm"})
QUANTITIES = (
    "residents",
    *(f"residents_{group}" for group in ("elderly", "child", "disabled", "low_income", "entitled")),
    "households",
    "cars",
    "cars_day",
    "spaces",
    "capacity",
    "capacity_day",
    "capacity_night",
    "levels",
    "satisfaction_n",
)
JSON = frozenset({".json", ".jsonl", ".ndjson", ".geojson"})


def take_in(source: Any, request: Request) -> tuple[gpd.GeoDataFrame, list[str]]:
    """
    Read a table of places.

    Parameters
    ----------
    source
        A path, a GeoDataFrame, or a DataFrame with columns that say where each row is.
    request
        What is wanted.

    Returns
    -------
    table
        In WGS 84 (or a CRS based on it), with `attrs` as the contracts say. Its cells are as
        they came; `quarterhour.sources.tables.read` turns them into numbers and the like.
    warnings
        Those of the notes that the caller should not have to look for.
    """
    opened = open_source(source, request)
    located, rejected, declared = locate(opened, request)
    if located.empty:
        raise InputError(
            f"Not one of the {len(opened.table)} rows of {opened.source} has a usable position: "
            f"{listed(rejected['reason'].unique())}."
        )
    if request.rejects is not None:
        write_rejects(rejected, Path(request.rejects))
    if len(rejected):
        opened.warnings.append(_rejects_note(rejected, request))
    located = _labelled(located, source, opened, request)
    _read_quantities(located, opened)
    result = _to_wgs84(located, declared, opened, request.what)
    notes = [*opened.notes, *opened.warnings]
    result.attrs |= reading(opened.source, len(result), notes, _reject_counts(rejected))
    if whose := attribution_of(result):
        result.attrs["attribution"] = whose
    return result, opened.warnings


def _labelled(
    located: gpd.GeoDataFrame, source: Any, opened: Opened, request: Request
) -> gpd.GeoDataFrame:
    """Label the rows: by what the table itself says, else by their number."""
    said = request.columns or {}
    if has_own_index(opened.table) and "id" not in said:
        return located
    if request.what in LABELLED:
        found = own_labels(located, request.what, said)
        opened.notes.extend(found.notes)
        opened.warnings.extend(found.warnings)
        if found.labels is not None:
            return located.set_axis(found.labels)
    return located if isinstance(source, gpd.GeoDataFrame) else located.reset_index(drop=True)


def open_source(source: Any, request: Request) -> Opened:
    """
    Open whatever the caller passed.

    Parameters
    ----------
    source
        A path, a GeoDataFrame or a DataFrame.
    request
        What is wanted.

    Returns
    -------
    opened
        The table as it came.
    """
    if isinstance(source, pd.DataFrame):
        check_columns(source, request.what)
        check_index(source, request.what)
        table = source.copy()
        return Opened(table, "the table", notes=list(source.attrs.get("notes", ())))
    if not isinstance(source, (str, Path)):
        raise InputError(
            f"The {request.what} have to be a path or a GeoDataFrame, not {type(source).__name__}."
        )
    path = Path(source)
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    if path.is_file():
        return _open_file(path, request)
    return _from_map_file(path, request)


def _from_map_file(path: Path, request: Request) -> Opened:
    table, notes, warnings = vector_files.read_vector(path, request.layer)
    return Opened(table, str(path), notes, warnings)


def _open_file(path: Path, request: Request) -> Opened:
    """Open a file by what it is called, and a workbook by what it is."""
    suffix = path.suffix.lower()
    wanted = list((request.columns or {}).values())
    if suffix in TEXT or path.name.lower().endswith(tuple(f"{one}.gz" for one in TEXT)):
        read = text_files.read_csv(path, wanted)
        return Opened(read.table, str(path), read.notes, read.warnings, reasons=read.reasons)
    if suffix in EXCEL or (suffix in sheets.NEW_BY_OLD_NAME and is_zipfile(path)):
        table, notes = sheets.read_excel(path, request.layer, wanted)
        return Opened(table, str(path), notes)
    if suffix in sheets.OLD:
        sheets.refuse_old(path)
    if suffix not in JSON:
        return _from_map_file(path, request)
    text = decode(path.read_bytes(), str(path))
    if (answer := _service_answer(text.text, path)) is not None:
        table, notes = answer
        opened = Opened(table, str(path), notes, service=notes[0])
    else:
        opened = Opened(vector_files.read_geojson(text, path), str(path))
    if text.encoding not in ("UTF-8", "UTF-8 (BOM)"):
        opened.notes.append(Note("read_as", "Read as {0}.", text.encoding))
    if text.broken:
        opened.warnings.append(broken_note(text.broken, str(path), text.encoding))
    return opened


def write_rejects(rejected: pd.DataFrame, path: Path) -> None:
    """
    Write the rows that were left out, with the reason, as CSV that Excel opens.

    Parameters
    ----------
    rejected
        The rows; the index says which.
    path
        The file to write; it is complete or not there. Text that a spreadsheet would run is
        written with an apostrophe before it.
    """
    try:
        with whole_file(path) as part:
            write_csv(pd.DataFrame(rejected).rename_axis("row"), part, index=True)
    except OutputError as error:
        raise OutputError(f"The rejects cannot be written: {error}") from error


def _read_quantities(located: gpd.GeoDataFrame, opened: Opened) -> None:
    """Read the columns that hold quantities; the unit may stand in their headers."""
    for role in QUANTITIES:
        if role in located.columns:
            header = opened.headers.get(role, role)
            located[role], notes = read_numbers(located[role], header, role)
            opened.notes.extend(notes)


def _service_answer(text: str, path: Path) -> tuple[pd.DataFrame, list[str]] | None:
    """Read a JSON file if it is an answer of a map service, not GeoJSON."""
    document = amap.parse(text, str(path))
    if isinstance(document, dict) and document.get("type") in ("FeatureCollection", "Feature"):
        return None
    answer = amap.places_in(document, str(path))
    if answer is None and path.suffix.lower() != ".geojson":
        raise InputError(
            f"{path} is neither GeoJSON nor an answer of Amap or Baidu "
            "(an object with 'features', 'pois' or 'results')."
        )
    return answer


def _to_wgs84(
    places: gpd.GeoDataFrame, declared: str | None, opened: Opened, what: str
) -> gpd.GeoDataFrame:
    """Convert to WGS 84, or refuse places in China that nobody declared."""
    if declared is None:
        if needs_datum(places):
            hint = f" ({opened.service.rstrip('.')})" if opened.service else ""
            raise DatumError(undeclared(what) + hint)
        places.attrs |= {"datum": "wgs84", "declared_datum": None}
        return places
    result = convert_datum(places, "wgs84", datum=declared)
    result.attrs["declared_datum"] = declared
    if declared in ("gcj02", "bd09") and not _shifts(places, declared):
        opened.notes.append(
            Note(
                "not_shifted",
                "The {0} are declared {1}, but lie where no map is shifted; their coordinates "
                "stayed as they were.",
                what,
                declared,
            )
        )
    return result


def _shifts(places: gpd.GeoDataFrame, datum: str) -> bool:
    """Tell whether a datum shifts any of the places."""
    west, south, east, north = places.to_crs(4326).total_bounds
    lon, lat = (
        np.array([west, east, (west + east) / 2]),
        np.array([south, north, (south + north) / 2]),
    )
    return not np.array_equal(np.stack(from_wgs84(lon, lat, datum)), np.stack([lon, lat]))


def _reject_counts(rejected: pd.DataFrame) -> dict[str, int]:
    """Count the rows that are left out by reason, whatever they hold."""
    if rejected.empty:
        return {}
    reasons = rejected["reason"].str.replace(r"'.*'", "...", regex=True)
    counts = reasons.str.replace(r"^\S+, \S+ is not", "it is not", regex=True).value_counts()
    return {str(reason): int(count) for reason, count in counts.items()}


def _rejects_note(rejected: pd.DataFrame, request: Request) -> str:
    counts = _reject_counts(rejected)
    why = Listing(counts.items())
    where = f"; they are in {request.rejects}" if request.rejects is not None else ""
    return Note(
        "rows_left_out",
        "{0} rows of {1} have no usable position and are left out (rows {2}): {3}{4}.",
        len(rejected),
        request.what,
        listed(rejected.index),
        why,
        where,
    )
