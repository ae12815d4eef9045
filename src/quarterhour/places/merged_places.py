"""Facilities of two sources as one table, in which a place that both list is one row."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.errors import DatumError, InputError
from quarterhour.places.attribution import OSM, attribution_of
from quarterhour.places.carried import reading
from quarterhour.places.duplicates import DISTANCE_M, Merged, metric_crs_of
from quarterhour.places.namesakes import (
    BRACKETED,
    MAIN_KEYS,
    best_names,
    extents_of,
    main_tags_of,
    near_namesakes,
    regions_of,
    spread_of,
    stem_of,
)
from quarterhour.places.notes import Note

ALSO = "also"
"""The column with the label that a place has in the second table."""

_OF_OSM = "© OpenStreetMap contributors"
_KIN: tuple[frozenset[str], ...] = (
    frozenset(
        f"amenity={value}"
        for value in (
            "restaurant", "fast_food", "cafe", "bar", "pub", "biergarten", "food_court", "canteen",
            "ice_cream",
        )
    )
    | {"shop=bakery", "shop=pastry", "shop=deli", "shop=coffee", "shop=confectionery"},
    frozenset(
        f"shop={value}"
        for value in (
            "supermarket", "convenience", "general", "greengrocer", "deli", "butcher",
            "health_food", "variety_store",
        )
    ),
    frozenset({"amenity=fuel", "shop=convenience"}),
    frozenset({"amenity=pharmacy", "shop=chemist", "healthcare=pharmacy"}),
    frozenset({"amenity=doctors", "amenity=clinic", "healthcare=doctor", "healthcare=clinic"}),
    frozenset({"amenity=kindergarten", "amenity=childcare"}),
    frozenset({"amenity=college", "amenity=university"}),
    frozenset({"amenity=post_office", "amenity=post_depot"}),
    frozenset({"leisure=fitness_centre", "leisure=sports_centre"}),
    frozenset({"leisure=park", "leisure=garden", "leisure=nature_reserve"}),
)  # fmt: skip
"""Tags that two sources give to one kind of place; ``key=yes`` is kin to any value of its key."""

_Rows = npt.NDArray[np.intp]


def merge_places(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, *, distance_m: float = DISTANCE_M
) -> Merged:
    """Make one table of the facilities of two sources, with the evidence of both.

    A place of one is a place of the other if their names agree as in
    :func:`quarterhour.merge_duplicates`, they are at most ``distance_m`` apart, and their main tags
    are the same or kin (a restaurant and a place of fast food, ``shop=yes`` and any shop). Each
    place has one partner at most: of several the one with the same tags, then the nearest.

    Parameters
    ----------
    first, second
        Tables of facilities with a CRS, such as those of OpenStreetMap and of Overture Maps, whose
        labels differ.
    distance_m
        How far apart, in metres, a place may be in the two.

    Returns
    -------
    Merged
        ``facilities`` in the CRS and with the labels of ``first``; places of ``second`` alone come
        after them. A place of both has its label in ``second`` in the column ``also``, what
        ``first`` lacks from ``second``, the tags of both (``a;b`` where they differ), and an area
        rather than a point. ``attrs`` name whose data both are, and the notes count what is in
        both and in one alone. ``report`` has one row per place of both: ``facility`` (its label in
        ``second``), ``kept``, ``reason``, ``distance_m``, ``name``, ``kept_name``.

    Raises
    ------
    InputError
        If a table has no CRS, a label is repeated or in both tables.
    DatumError
        If the two are of different datums.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> kind = {"name": ["Corner Shop"], "crs": 32650}
    >>> one = gpd.GeoDataFrame({"name": ["Corner Shop"], "shop": ["convenience"]},
    ...     geometry=[Point(0, 0)], index=["node/1"], crs=32650)
    >>> two = gpd.GeoDataFrame({"name": ["Corner Shop", "Bank"], "shop": ["yes", None]},
    ...     geometry=[Point(9, 0), Point(50, 0)], index=["p1", "p2"], crs=32650)
    >>> merge_places(one, two).facilities["also"].to_dict()
    {'node/1': 'p1', 'p2': None}
    """
    second = _required(first, second)
    mine, theirs, apart, unlike = _partners(first, second, distance_m)
    table = _joined(first, second, mine, theirs)
    report = pd.DataFrame(
        {
            "facility": second.index[theirs],
            "kept": first.index[mine],
            "reason": "in both",
            "distance_m": apart.round(1),
            "name": best_names(second.iloc[theirs]),
            "kept_name": best_names(first.iloc[mine]),
        }
    )
    table.attrs = _attrs(first, second, len(mine), unlike, len(table))
    return Merged(table, report)


def _required(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Hold the tables to what a merge needs; give the second in the CRS of the first."""
    for name, table in (("first", first), ("second", second)):
        if table.crs is None:
            msg = f"The {name} table of facilities has no CRS; set one with set_crs()."
            raise InputError(msg)
        if not table.index.is_unique:
            again = table.index[table.index.duplicated()][0]
            msg = f"The {name} table of facilities has the label {again!r} more than once."
            raise InputError(msg)
    if len(shared := first.index.intersection(second.index)):
        msg = (
            f"{len(shared)} labels are in both tables, such as {shared[0]!r}: give one of them "
            "labels of its own, as in second.set_axis('b/' + second.index.astype(str))."
        )
        raise InputError(msg)
    datums = [table.attrs.get("datum") for table in (first, second)]
    if all(datums) and datums[0] != datums[1]:
        msg = (
            f"The first table is in {datums[0]} and the second in {datums[1]}: convert one of them "
            "with convert_datum."
        )
        raise DatumError(msg)
    return second if second.crs == first.crs else second.to_crs(first.crs)


def _partners(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, distance_m: float
) -> tuple[_Rows, _Rows, npt.NDArray[np.float64], int]:
    """Give the rows of places that are in both, how far apart, and how many namesakes differ."""
    both = _stacked(first, second)
    both = both.to_crs(metric_crs_of(both))
    shapes = np.asarray(both.geometry.array, dtype=object)
    names, regions = best_names(both), regions_of(both)
    stems = [stem_of(name, regions) for name in names]
    brackets = [" ".join(BRACKETED.findall(name)) for name in names]
    points = shapely.point_on_surface(shapes)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    spread = spread_of(extents_of(shapes), np.array([bool(stem) for stem in stems], dtype=bool))
    near = near_namesakes(stems, xy, spread + distance_m)
    near = near[(near[:, 0] < len(first)) & (near[:, 1] >= len(first))]
    apart = shapely.distance(shapes[near[:, 0]], shapes[near[:, 1]])
    tags = main_tags_of(both)
    fits = [
        (_likeness(tags[one], tags[other]), far, one, other)
        for (one, other), far in zip(near.tolist(), apart.tolist(), strict=True)
        if far <= distance_m and len({brackets[one], brackets[other]} - {""}) < 2
    ]
    taken: set[int] = set()
    pairs = []
    for like, far, one, other in sorted(fits):
        if like < _UNLIKE and not {one, other} & taken:
            taken |= {one, other}
            pairs.append((one, other - len(first), far))
    unlike = sum(like == _UNLIKE and not {one, other} & taken for like, _, one, other in fits)
    found = np.array(sorted(pairs), dtype=float).reshape(-1, 3)
    return found[:, 0].astype(np.intp), found[:, 1].astype(np.intp), found[:, 2], unlike


_UNLIKE = 2


def _likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """Tell how tags agree: 0 where one is the same or missing, 1 where kin, else unlike."""
    if not one or not other or one & other:
        return 0
    general = _in_general(one, other) or _in_general(other, one)
    kin = any(one & group and other & group for group in _KIN)
    return 1 if general or kin else _UNLIKE


def _in_general(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a tag of one, such as ``shop=yes``, says in general what one of the other says."""
    keys = tuple(tag.removesuffix("yes") for tag in one if tag.endswith("=yes"))
    return any(tag.startswith(keys) for tag in other) if keys else False


def _stacked(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    tables = []
    for table in (first, second):
        place = table.geometry.name
        said = table.notna().any() | (table.columns == place)
        tables.append(table.loc[:, said].rename(columns={place: "geometry"}))
    return gpd.GeoDataFrame(pd.concat(tables), geometry="geometry", crs=first.crs)


def _joined(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, mine: _Rows, theirs: _Rows
) -> gpd.GeoDataFrame:
    """Give the table: rows of the first, completed from the second, and then those of it alone."""
    both = _stacked(first, second)
    partner = theirs + len(first)
    for column in both.columns:
        values = both[column].to_numpy(dtype=object, copy=True)
        own, other = values[mine], values[partner]
        if column == "geometry":
            flat = shapely.get_dimensions(own) < shapely.get_dimensions(other)
            values[mine] = np.where(flat, other, own)
            both = both.set_geometry(gpd.GeoSeries(values, index=both.index, crs=both.crs))
            continue
        merged = own.copy()
        for row, (has, gets) in enumerate(zip(own, other, strict=True)):
            merged[row] = _cell(column, has, gets)
        values[mine] = merged
        both[column] = pd.Series(values, index=both.index).infer_objects()
    also = np.full(len(both), None, dtype=object)
    also[mine] = second.index.to_numpy(dtype=object)[theirs]
    both[ALSO] = pd.Series(also, index=both.index, dtype=object)
    kept = np.ones(len(both), dtype=bool)
    kept[partner] = False
    return both[kept]


def _cell(column: str, has: Any, gets: Any) -> Any:
    """Join two cells of one place: what is there counts; tags that differ are both kept."""
    if has is None or has != has:  # noqa: PLR0124 - NaN, in a column of anything
        return gets
    if column not in MAIN_KEYS or not isinstance(gets, str) or not isinstance(has, str):
        return has
    parts = list(dict.fromkeys(part.strip() for part in f"{has};{gets}".split(";")))
    return ";".join([part for part in parts if part != "yes"] or ["yes"])


def _attrs(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, both: int, unlike: int, rows: int
) -> dict[Any, Any]:
    """Say whose data both are, and how many places are in which."""
    told: list[str] = [*first.attrs.get("notes", ()), *second.attrs.get("notes", ())]
    text = "{0} places are in both tables, {1} in the first alone, {2} in the second alone."
    told.append(Note("merged_places", text, both, len(first) - both, len(second) - both))
    if unlike:
        text = "{0} pairs have one name and stand together, but are of other kinds: kept as two."
        told.append(Note("merged_unlike", text, unlike))
    left_out: dict[str, int] = {}
    for table in (first, second):
        for reason, count in table.attrs.get("left_out", {}).items():
            left_out[reason] = left_out.get(reason, 0) + count
    sources = [str(table.attrs.get("source", "a table")) for table in (first, second)]
    whose = [attribution_of(table) for table in (first, second)]
    told_of = [_OF_OSM if one == OSM else one for one in whose]
    parts = dict.fromkeys(part for one in told_of for part in one.split(", ") if part)
    attrs = {**second.attrs, **first.attrs, **reading(" + ".join(sources), rows, told, left_out)}
    return attrs | ({"attribution": ", ".join(parts)} if parts else {})
