"""Files for other programs: an Excel workbook, a GeoPackage with styles inside, GeoParquet."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.atomic import whole_file
from quarterhour.outputs.files.qgis_style import class_style, place_style, status_style
from quarterhour.outputs.looks import CLASSES, shown_status
from quarterhour.places.own_columns import own_columns
from quarterhour.places.written import require_driver, with_ending, write_shapes
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import MET_SHARE

CLASS = "items_met_class"
NOTHING_KNOWN = "unknown"

_STYLES = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT, f_table_schema TEXT,
    f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT,
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""


def write_geopackage(card: Scorecard, path: str | Path) -> Path:
    """Write a GeoPackage that QGIS opens in colour: areas, facilities, and how to draw them.

    Layers ``areas`` (the summary, the class of its share met as ``items_met_class``, and the
    status of every item as ``item_<key>``) and ``facilities`` (those that serve an item, with
    ``items``), each with all columns of your own; tables ``results``, ``gaps`` and
    ``quarterhour_manifest``. The table ``layer_styles`` holds the style of the areas by
    items met, which QGIS takes by itself, and one by the status of each item, to choose from.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write (``.gpkg``), whole or not at all.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    areas = styled_areas(card).rename_axis("area")
    with whole_file(with_ending(path, ".gpkg")) as part:
        areas.to_file(part, layer="areas", driver="GPKG", index=True)
        places = _used_facilities(card)
        places.to_file(part, layer="facilities", driver="GPKG", index=True)
        with closing(sqlite3.connect(part)) as base, base:
            _add_table(base, "results", _plain(card.to_frame()))
            _add_table(base, "gaps", _plain(gaps(card)))
            manifest = pd.DataFrame({"manifest": [_manifest_text(card)]})
            _add_table(base, "quarterhour_manifest", manifest)
            _add_styles(base, card, _geometry_kind(areas), _geometry_kind(places))
    return Path(path)


def write_geoparquet(card: Scorecard, path: str | Path) -> Path:
    """Write the areas with their summary and the status of every item as GeoParquet.

    The manifest is in the metadata of the file, under ``quarterhour``.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write (``.parquet``), whole or not at all.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    OutputError
        If the file cannot be written.
    """
    target = with_ending(path, ".parquet")
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    with whole_file(target) as part:
        styled_areas(card).rename_axis("area").to_parquet(part, index=True)
        table = parquet.read_table(part)
        told = {**table.schema.metadata, b"quarterhour": _manifest_text(card).encode()}
        parquet.write_table(table.replace_schema_metadata(told), part)
    return Path(path)


def write_areas(card: Scorecard, path: str | Path) -> list[str]:
    """Write the areas with their results as the ending of a file says.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write, whole or not at all: ``.gpkg`` (with layers of facilities, tables and
        styles), ``.parquet`` (with the manifest), ``.fgb``, ``.shp`` or ``.geojson``.

    Returns
    -------
    list
        Sentences on what the format could not hold.

    Raises
    ------
    InputError
        If the ending is another one.
    MissingExtraError
        If pyarrow is not installed and GeoParquet is asked for.
    OutputError
        If the file cannot be written.
    """
    ending = require_driver(Path(path))
    if ending == ".gpkg":
        write_geopackage(card, path)
        return []
    if ending == ".parquet":
        write_geoparquet(card, path)
        return []
    table = styled_areas(card)
    labels = [str(label) for label in table.index]
    table = table.drop(columns="area", errors="ignore").reset_index(drop=True)
    table.insert(0, "area", labels)
    return write_shapes(table, Path(path))


def styled_areas(card: Scorecard) -> gpd.GeoDataFrame:
    """Give the areas with results, the class of items met, and hosts told apart in items."""
    table = card.area_table()
    marked = card.results.assign(shown=shown_status(card.results))
    wide = marked.pivot_table(
        index="area", columns="item", values="shown", aggfunc="first", sort=False
    ).add_prefix("item_")
    for name in wide:
        table[name] = wide[name].reindex(table.index)
    names = class_names()
    percent = np.minimum(table[MET_SHARE].to_numpy(dtype=np.float64) * 100, 99.999)
    place = np.searchsorted(CLASSES, np.nan_to_num(percent), side="right") - 1
    told = np.array(names, dtype=object)[place]
    told[np.isnan(percent)] = NOTHING_KNOWN
    table.insert(0, CLASS, told)
    return table


def class_names() -> list[str]:
    """Name the classes of the share of items met as they stand in the files.

    Examples
    --------
    >>> class_names()[-1]
    '90-100 %'
    """
    return [f"{low}-{high} %" for low, high in pairwise(CLASSES)]


def _used_facilities(card: Scorecard) -> gpd.GeoDataFrame:
    """The facilities that serve an item, with the keys of their items and their own columns."""
    items = card.matches.groupby("facility")["item"].agg(lambda keys: "|".join(dict.fromkeys(keys)))
    used = card.facilities.loc[card.facilities.index.isin(items.index)]
    # GeoPackage calls its own key fid, and names columns without regard to case.
    plain = own_columns(used, ["items", "facility", "fid", "geom", "geometry"])
    plain = plain.assign(items=items.reindex(plain.index))
    table = gpd.GeoDataFrame(plain, geometry=used.geometry, crs=used.crs)
    return table.rename_axis("facility")


def _geometry_kind(areas: gpd.GeoDataFrame) -> str:
    return "point" if bool((areas.geom_type == "Point").all()) else "polygon"


def _add_table(base: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    """Write a table without geometry, and tell the GeoPackage of it."""
    table.to_sql(name, base, index_label="fid", index=True)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        (name, name),
    )


def _add_styles(base: sqlite3.Connection, card: Scorecard, areas: str, places: str) -> None:
    """Store the styles of both layers, for the kinds of geometry that they have."""
    base.execute(_STYLES)
    whole = class_style(CLASS, class_names(), NOTHING_KNOWN, areas)
    styles = [("areas", "items met", whole, True)]
    styles += [
        ("areas", f"{item.key} {item.zh}", status_style(f"item_{item.key}", areas), False)
        for item in card.checklist
    ]
    if places == "point":  # QGIS splits a layer of mixed shapes; one style would fit none of them
        styles.append(("facilities", "facilities", place_style(), True))
    column = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
        "VALUES ('', '', ?, ?, ?, ?, '', ?, 'quarterhour', '')",
        [(layer, column[layer], *style) for layer, *style in styles],
    )
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Make labels texts, so that a database can hold them."""
    made = table.copy()
    for column in made.columns.intersection(["area", "facility"]):
        made[column] = made[column].map(lambda label: None if label is None else str(label))
    return made


def _manifest_text(card: Scorecard) -> str:
    return json.dumps(dict(card.manifest), ensure_ascii=False, default=str)
