"""Places as the web services of Amap (v3, v5) and Baidu answer, as flat rows of text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.notes import Note

# Parts of an answer whose fields belong to the place itself.
_NESTED = ("biz_ext", "business", "navi", "detail_info")
_LISTS = {"pois": "Amap", "results": "Baidu", "result": "Baidu"}


def places_in(document: Any, source: str) -> tuple[pd.DataFrame, list[str]] | None:
    """
    Return the places that a JSON document holds, if it is an answer of Amap or Baidu.

    Parameters
    ----------
    document
        One answer, a list of answers (pages), or a list of places.
    source
        What to call the file in errors.

    Returns
    -------
    table, notes
        One row per place with text cells, and what was found; None if it is something else.
    """
    pages = document if isinstance(document, list) else [document]
    if not pages or not all(isinstance(page, dict) for page in pages):
        return None
    services = {name for page in pages for key, name in _LISTS.items() if key in page}
    if services:
        for number, page in enumerate(pages, 1):
            _refuse_error(page, f"{source}, answer {number}")
        rows = [place for page in pages for place in _places_of(page)]
        service = " and ".join(sorted(services))
    elif isinstance(document, list) and "location" in pages[0] and "type" not in _types(pages):
        rows, service = pages, "Amap" if "typecode" in pages[0] else "Amap or Baidu"
    else:
        for page in pages:
            _refuse_error(page, source)
        return None
    notes: list[str] = [
        Note(
            "answers",
            "{0} places in {1} answer(s) of {2}.",
            len(rows),
            len(pages) if services else 1,
            service,
        )
    ]
    table = pd.DataFrame([_flat(row) for row in rows], dtype=object)
    key = next((key for key in ("id", "uid") if key in table.columns), None)
    if key is not None and (double := int(table[key].dropna().duplicated().sum())):
        notes.append(
            Note(
                "places_repeated",
                "{0} places occur more than once (same {1}); all are kept.",
                double,
                key,
            )
        )
    return table, notes


def parse(text: str, source: str) -> Any:
    """
    Parse a JSON text, or one JSON document per line.

    Parameters
    ----------
    text
        The text.
    source
        What to call the file in errors.

    Returns
    -------
    document
        The document; a list of the lines' documents.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{source} is nested too deep to be a table of places.") from None
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            if len(lines) > 1:
                return [json.loads(line) for line in lines]
        except (json.JSONDecodeError, RecursionError):
            pass
        raise InputError(f"{source} is not JSON: {error}.") from error


def _types(pages: list[dict[str, Any]]) -> set[str]:
    """Return a mark for GeoJSON features, which have locations of their own."""
    return {"type"} if any(page.get("type") == "Feature" for page in pages) else set()


def _refuse_error(page: dict[str, Any], source: str) -> None:
    """Raise if an answer says that the request failed."""
    status = page.get("status")
    failed_amap = str(status) == "0" and "infocode" in page
    failed_baidu = isinstance(status, int) and status != 0 and "message" in page
    if failed_amap or failed_baidu:
        said = page.get("info") or page.get("message")
        raise InputError(f"{source} holds no places but the error {said!r} of the map service.")


def _places_of(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in _LISTS:
        found = page.get(key)
        if isinstance(found, list):
            yield from (place for place in found if isinstance(place, dict))
            return


def _flat(place: dict[str, Any]) -> dict[str, str | None]:
    """Return one place with the fields of its parts beside its own."""
    row = {name: _text(value) for name, value in place.items() if name not in _NESTED}
    for part in _NESTED:
        inner = place.get(part)
        if isinstance(inner, dict):
            for name, value in inner.items():
                target = str(_BAIDU_NAMES.get(name, name) if part == "detail_info" else name)
                if row.get(target) is None:
                    row[target] = _text(value)
    return row


_BAIDU_NAMES = {"navi_location": "entr_location", "tag": "type", "type": "baidu_type"}


def _text(value: Any) -> str | None:
    """Return a cell: a pair of coordinates as "lng,lat", nothing where the service wrote []."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, dict) and {"lng", "lat"} <= set(value):
        return f"{value['lng']},{value['lat']}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip() or None
