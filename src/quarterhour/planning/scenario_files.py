"""Scenarios in files: GeoJSON (RFC 7946), and layers that were drawn in QGIS."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from quarterhour.atomic import whole_file
from quarterhour.errors import DatumError, InputError
from quarterhour.places.contracts import listed
from quarterhour.places.datum import convert_datum, declare_datum, needs_datum
from quarterhour.planning.proposal import WGS84, projected, require_degrees
from quarterhour.sources.tables.vector_files import read_vector
from quarterhour.walking.pace import Profile, profile, profiles

_PLACES = ("at", "to", "line")
"""Fields of changes that are the geometry of a feature."""

_OPEN = ("values", "traits")
"""Fields that hold whatever other attributes a feature has."""

_PASSED = frozenset({"fid", "ogc_fid", "id", "comment", "remark", "备注", "说明", "told"})
"""Attributes of a feature that say nothing of a change."""

_WORDS = {
    "新增设施": "add_facility",
    "迁移设施": "move_facility",
    "关闭设施": "close_facility",
    "调整设施": "change_facility",
    "开门": "open_gate",
    "拆墙": "remove_wall",
    "新增道路": "add_link",
    "封闭道路": "close_street",
    "接通道路": "join_streets",
    "双向通行": "open_both_ways",
    "调整项目": "change_item",
    "调整步行者": "change_walker",
}


def record(changes: Iterable[Any]) -> list[dict[str, Any]]:
    """Give changes as plain data: the features of a GeoJSON file."""
    return [_feature(change) for change in changes]


def write_changes(changes: Iterable[Any], name: str, path: Path) -> Path:
    """Write changes to a GeoJSON file, whole or not at all.

    Raises
    ------
    InputError
        If a walker has no name.
    OutputError
        If the file cannot be written.
    """
    for change in changes:
        if change.kind == "change_walker" and "pace" in _feature(change)["properties"]:
            msg = (
                f"{change} cannot be written: a file can only name a walker of "
                f"quarterhour.profiles ({', '.join(profiles()['name'])}) and a speed."
            )
            raise InputError(msg)
    whole = {"type": "FeatureCollection", "name": name, "datum": "wgs84"}
    whole["features"] = record(changes)  # type: ignore[assignment]
    text = json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False)
    with whole_file(path) as part:
        part.write_text(text + "\n", encoding="utf-8")
    return path


def _feature(change: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"change": change.kind}
    geometry = None
    for one in fields(change):
        value = getattr(change, one.name)
        if one.name in _PLACES:
            geometry = _geometry(change, value)
        elif one.name in _OPEN:
            properties |= {key: _plain(cell) for key, cell in value.items()}
        elif one.name != "crs" and value not in ("", None):
            properties[one.name] = _plain(value)
    if change.kind == "change_walker":
        properties |= _walker(change)
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _geometry(change: Any, value: Any) -> dict[str, Any] | None:
    """The place of a change in WGS 84, outlines counter-clockwise."""
    if value is None:
        return None
    found = projected(value, change.crs, WGS84)
    flat: Any = shapely.orient_polygons(shapely.force_2d(found), exterior_cw=False)
    return dict(mapping(flat))


def _plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _walker(change: Any) -> dict[str, Any]:
    """Name a walker, and its speed where that is not its own; or say the pace, to be read only."""
    walker = change.walker
    if isinstance(walker, str):
        return {"walker": walker}
    if isinstance(walker, Profile) and walker.name in set(profiles()["name"]):
        if walker == profile(walker.name):
            return {"walker": walker.name}
        if walker == profile(walker.name, speed_m_s=walker.speed_m_s):
            speed = change.speed_kmh or walker.speed_m_s * 3.6
            return {"walker": walker.name, "speed_kmh": speed}
    return {"walker": "", "pace": str(walker)}


def read_changes(
    path: Path, kinds: Mapping[str, Any], datum: str | None, layer: str | None
) -> tuple[tuple[Any, ...], str]:
    """Read changes from a file, and the name of the plan.

    Raises
    ------
    InputError
        If the file cannot be read, or a feature is no change.
    DatumError
        If places lie in China and the datum is not known.
    """
    if not path.exists():
        msg = f"There is no file {path}."
        raise InputError(msg)
    if path.suffix.lower() in {".json", ".geojson"}:
        rows, shapes, name, told = _read_json(path)
    else:
        table = read_vector(path, layer)[0]
        if not isinstance(table, gpd.GeoDataFrame) or table.crs is None:
            msg = f"{path} has no CRS, so nobody knows where its changes are: set one in QGIS."
            raise InputError(msg)
        shapes = list(table.geometry.to_crs(WGS84))
        rows = table.drop(columns=table.geometry.name).to_dict("records")
        name, told = path.stem, None
    shapes = _in_wgs84(shapes, told or datum, path)
    if not rows:
        msg = f"{path} has no change in it."
        raise InputError(msg)
    changes = []
    for number, (row, place) in enumerate(zip(rows, shapes, strict=True), start=1):
        try:
            changes.append(_change(row, place, kinds))
        except InputError as error:
            msg = f"{path.name}, change {number}: {error}"
            raise type(error)(msg) from error
    return tuple(changes), name


def _read_json(path: Path) -> tuple[list[dict[str, Any]], list[Any], str, str | None]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        msg = f"{path} is no JSON: {str(error).splitlines()[0]}."
        raise InputError(msg) from error
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list):
        msg = f"{path} is no GeoJSON: a scenario is a FeatureCollection with a feature per change."
        raise InputError(msg)
    crs = json.dumps(whole.get("crs") or "")
    if crs != '""' and not any(word in crs for word in ("CRS84", "4326")):
        msg = f"{path} names another CRS than WGS 84; GeoJSON is in WGS 84 (RFC 7946): {crs[:80]}."
        raise InputError(msg)
    rows, shapes = [], []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            msg = f"{path}, change {number} is no feature with properties."
            raise InputError(msg)
        rows.append(dict(feature["properties"]))
        geometry = feature.get("geometry")
        try:
            shapes.append(None if geometry is None else shape(geometry))
        except (AttributeError, KeyError, TypeError, ValueError, shapely.GEOSException) as error:
            msg = f"{path}, change {number} has a geometry that cannot be read: {error}."
            raise InputError(msg) from error
    datum = whole.get("datum")
    return rows, shapes, str(whole.get("name") or path.stem), str(datum) if datum else None


def _in_wgs84(shapes: list[Any], datum: str | None, path: Path) -> list[Any]:
    """Give shapes in WGS 84, where they are in another datum.

    Raises
    ------
    DatumError
        If they lie in China and the datum is not known.
    """
    known = [k for k, one in enumerate(shapes) if one is not None and not one.is_empty]
    for k in known:
        require_degrees(shapes[k], WGS84, f"{path.name}, change {k + 1}")
    if not known:
        return shapes
    table = gpd.GeoDataFrame(geometry=[shapes[k] for k in known], crs=WGS84)
    if datum is None:
        if needs_datum(table):
            msg = (
                f"{path} has places in China and does not say in which datum: pass datum='wgs84', "
                "'gcj02' (Amap, Tencent), 'bd09' (Baidu) or 'cgcs2000', or write it into the file "
                '("datum": "gcj02" beside "features").'
            )
            raise DatumError(msg)
        return shapes
    moved = convert_datum(declare_datum(table, datum), "wgs84")
    found = list(shapes)
    for k, one in zip(known, moved.geometry, strict=True):
        found[k] = one
    return found


def _change(row: Mapping[str, Any], place: Any, kinds: Mapping[str, Any]) -> Any:
    """Make a change of a feature.

    Raises
    ------
    InputError
        If it is none.
    """
    cells = {str(key): _cell(value) for key, value in row.items()}
    cells = {key: value for key, value in cells.items() if value is not None}
    word = str(cells.pop("change", "") or _by_shape(cells, place)).strip()
    kind = kinds.get(_WORDS.get(word, word))
    if kind is None:
        told = f"{word!r} is no change" if word else "nothing says what it changes"
        msg = f"{told}: give the attribute change, one of {', '.join(kinds)}."
        raise InputError(msg)
    names = {one.name for one in fields(kind)} - {"crs"}
    open_field = next((name for name in _OPEN if name in names), None)
    given: dict[str, Any] = {}
    rest = cells.pop(open_field, {}) if open_field else {}
    rest = dict(rest) if isinstance(rest, Mapping) else {}
    for key, value in cells.items():
        if key in names and key not in _PLACES and key != open_field:
            given[key] = value
        elif key not in _PASSED or (kind.kind == "change_facility" and key == "id"):
            rest[key] = value
    if open_field:
        given[open_field] = rest
    elif rest:
        own = sorted(names.difference(_PLACES))
        msg = f"{kind.kind} has no {listed(rest)}; it has {', '.join(own) or 'no attribute'}."
        raise InputError(msg)
    field = next((name for name in _PLACES if name in names), None)
    if field and place is not None and not place.is_empty:
        given[field] = place
    needed = [one.name for one in fields(kind) if one.default is one.default_factory is MISSING]
    if missing := [name for name in needed if name not in given]:
        told = ", ".join("a geometry" if name in _PLACES else name for name in missing)
        msg = f"{kind.kind} needs {told}."
        raise InputError(msg)
    return kind(**given)


def _by_shape(cells: Mapping[str, Any], place: Any) -> str:
    """What a feature without a word for it is: a line a link, a point of an item a facility."""
    if place is None or place.is_empty:
        return ""
    if place.geom_type in {"LineString", "MultiLineString"}:
        return "add_link"
    return "add_facility" if cells.get("item") else ""


def _cell(value: Any) -> Any:
    """Give what a cell says; nothing where it is empty."""
    if isinstance(value, (dict, list)):
        return value
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, str):
        return value.strip() or None
    return _plain(value)
