"""The same place twice in one facility table, and the entrances of a place listed beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.arrays import components, in_order_of_labels
from quarterhour.errors import InputError
from quarterhour.places.frames import utm_of
from quarterhour.places.namesakes import (
    BRACKETED,
    ENTRANCE,
    best_names,
    extents_of,
    main_tags_of,
    near_namesakes,
    regions_of,
    spread_of,
    stem_of,
)

_JOINED_COLUMNS = ("typecode", "item")
_JOINED = "|"
_BRANCH_WORD = re.compile(r"(分?店|支行|营业厅|分理处)$")
_ENTRANCE_CODES = ("9910", "9914", "150501", "150907", "150908", "150909")

DISTANCE_M = 50.0
"""How far apart two rows of one place may be."""

ENTRANCE_M = 200.0
"""How far an entrance may be from its place."""

_Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Merged:
    """A facility table without its duplicates, and what was merged into what.

    `report` has one row per facility that is gone: facility, kept, reason ("duplicate" or
    "entrance"), distance_m, name, kept_name.
    """

    facilities: gpd.GeoDataFrame
    report: pd.DataFrame


def merge_duplicates(
    facilities: gpd.GeoDataFrame, *, distance_m: float = DISTANCE_M, entrance_m: float = ENTRANCE_M
) -> Merged:
    """Merge the same place listed twice, and fold entrances into their place.

    Two rows are the same place if their names agree (in NFKC, without punctuation, brackets that
    only one of them has left out), they are at most `distance_m` apart, and neither their Amap
    families nor their main OpenStreetMap tags contradict each other. A row named like another one
    plus 东门 or 出入口, or with an entrance's typecode, is an entrance of it within `entrance_m`.
    A car park named after a facility is a place of its own: it serves as public parking.

    Parameters
    ----------
    facilities
        A facility table with a CRS; a geographic one is measured in its UTM zone.
    distance_m
        How far apart two rows of one place may be.
    entrance_m
        How far an entrance may be from its place.

    Returns
    -------
    Merged
        The table that is left, in the old order, and the report. What a kept row lacks is taken
        from the rows merged into it; typecodes and declared items are joined.
    """
    kept, reasons, geometry = _same(facilities, distance_m, entrance_m)
    return Merged(_merged(facilities, kept, reasons), _report(facilities, geometry, kept, reasons))


def duplicates_of(facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Report what :func:`merge_duplicates` would merge, and leave the table as it is."""
    kept, reasons, geometry = _same(facilities, DISTANCE_M, ENTRANCE_M)
    return _report(facilities, geometry, kept, reasons)


@dataclass(frozen=True)
class Whole:
    """What rows have from the table that they are a part of.

    Its CRS in metres, the names of regions in it, how far a point of a named place may be from
    the point that stands for it, 500 m at most, and whether its labels can be compared.
    """

    crs: pyproj.CRS
    regions: tuple[str, ...]
    spread_m: float
    comparable: bool = True


def same_among(
    part: gpd.GeoDataFrame, whole: Whole
) -> tuple[_Places, npt.NDArray[np.str_], npt.NDArray[np.object_]]:
    """Say for each row of a part of a table which row of it it is merged into, and why."""
    return _same(part, DISTANCE_M, ENTRANCE_M, whole)


def metric_crs_of(facilities: gpd.GeoDataFrame) -> pyproj.CRS:
    """Give the CRS in which the places of a table are measured."""
    crs: pyproj.CRS = facilities.crs
    if len(facilities) and crs.is_geographic:
        crs = utm_of(facilities)
    return crs


_AT_THE_END = ("门", "口", ")")
"""With one of these every name ends that ends in an entrance."""


def families_of(facilities: gpd.GeoDataFrame, regions: tuple[str, ...]) -> list[str]:
    """Name for each row its family, as which a place and its entrances are named; "" for none."""
    known: dict[str, str] = {}
    for name in (names := best_names(facilities)):
        if name not in known:
            stem = stem_of(name, regions)
            while stem.endswith(_AT_THE_END) and (base := ENTRANCE.sub("", stem)) and base != stem:
                stem = base
            known[name] = stem
    return [known[name] for name in names]


def sizes_of(facilities: gpd.GeoDataFrame, crs: pyproj.CRS) -> npt.NDArray[np.float64]:
    """Give the diagonal of the box around each place, in metres."""
    return extents_of(np.asarray(facilities.geometry.to_crs(crs).array, dtype=object))


def _same(
    facilities: gpd.GeoDataFrame,
    distance_m: float,
    entrance_m: float,
    whole: Whole | None = None,
) -> tuple[_Places, npt.NDArray[np.str_], npt.NDArray[np.object_]]:
    """Say for each row which row it is merged into, and why; and give its geometry in metres."""
    if not facilities.index.is_unique:
        raise InputError("The facility table's index has a label more than once.")
    if facilities.crs is None:
        raise InputError("The facility table has no CRS; set one with set_crs().")
    metric, crs = facilities, metric_crs_of(facilities) if whole is None else whole.crs
    if facilities.crs != crs:
        metric = facilities.to_crs(crs)
    rows = _Rows.of(metric, whole)
    first, second = rows.pairs(distance_m)
    comparable = whole is None or whole.comparable
    kept = _representatives(facilities, first, second, comparable=comparable)
    entrance, host = rows.entrances(entrance_m, np.flatnonzero(kept == np.arange(len(kept))))
    reasons = np.where(kept != np.arange(len(kept)), "duplicate", "")
    reasons[entrance] = "entrance"
    kept[entrance] = host
    kept = kept[kept]  # a duplicate of an entrance goes to the entrance's place
    return kept, reasons, rows.geometry


@dataclass(frozen=True)
class _Rows:
    """Names, codes and positions of the rows, as far as sameness needs them."""

    stems: list[str]
    brackets: list[str]
    families: list[frozenset[str]]
    entrance_code: npt.NDArray[np.bool_]
    main_tags: list[frozenset[str]]
    geometry: npt.NDArray[np.object_]
    xy: npt.NDArray[np.float64]
    spread_m: float

    @classmethod
    def of(cls, table: gpd.GeoDataFrame, whole: Whole | None = None) -> _Rows:
        names = best_names(table)
        regions = regions_of(table) if whole is None else whole.regions
        geometry = np.asarray(table.geometry.array, dtype=object)
        points = shapely.point_on_surface(geometry)
        codes = _codes(table)
        stems = [stem_of(name, regions) for name in names]
        named = np.array([bool(stem) for stem in stems], dtype=bool)
        return cls(
            stems,
            [_BRANCH_WORD.sub("", " ".join(BRACKETED.findall(name))) for name in names],
            [frozenset(code[:2] for code in own) for own in codes],
            np.array([bool(own) and own[0].startswith(_ENTRANCE_CODES) for own in codes], bool),
            main_tags_of(table),
            geometry,
            np.column_stack([shapely.get_x(points), shapely.get_y(points)]),
            spread_of(extents_of(geometry), named) if whole is None else whole.spread_m,
        )

    def pairs(self, distance_m: float) -> tuple[_Places, _Places]:
        """Return the pairs of rows that are the same place."""
        near = near_namesakes(self.stems, self.xy, self.spread_m + distance_m)
        first, second = near[:, 0], near[:, 1]
        apart = shapely.distance(self.geometry[first], self.geometry[second])
        close = np.flatnonzero(apart <= distance_m)
        same = [place for place in close.tolist() if self._agree(first[place], second[place])]
        return first[same], second[same]

    def _agree(self, one: int, other: int) -> bool:
        brackets = {self.brackets[one], self.brackets[other]} - {""}
        families = self.families[one], self.families[other]
        tags = self.main_tags[one], self.main_tags[other]
        return (
            len(brackets) < 2
            and not (all(families) and families[0].isdisjoint(families[1]))
            and not (all(tags) and tags[0].isdisjoint(tags[1]))
            and self.entrance_code[one] == self.entrance_code[other]
        )

    def entrances(self, distance_m: float, among: _Places) -> tuple[_Places, _Places]:
        """Return the rows that are entrances, and the row of the place of each."""
        by_stem: dict[str, list[int]] = {}
        for row in among.tolist():
            if self.stems[row]:
                by_stem.setdefault(self.stems[row], []).append(row)
        found: list[tuple[int, int]] = []
        for row in among.tolist():
            base = ENTRANCE.sub("", self.stems[row])
            hosts = by_stem.get(base, []) if base and base != self.stems[row] else []
            hosts = [host for host in hosts if not self.entrance_code[host] and host != row]
            if hosts:
                apart = shapely.distance(self.geometry[hosts], self.geometry[row])
                best = int(np.argmin(apart))
                if apart[best] <= distance_m:
                    found.append((row, hosts[best]))
        pairs = np.array(found, dtype=np.intp).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


def _codes(table: gpd.GeoDataFrame) -> list[list[str]]:
    if "typecode" not in table.columns:
        return [[] for _ in range(len(table))]
    return [re.findall(r"\d{6}", str(value)) for value in table["typecode"]]


def _representatives(
    table: gpd.GeoDataFrame, first: _Places, second: _Places, *, comparable: bool
) -> _Places:
    """Return for each row the row it is merged into: of a group the one that tells most.

    Of several that tell as much it is the one whose label comes first, wherever its row is.
    """
    count = len(table)
    group = components(count, first, second)
    area = shapely.get_dimensions(np.asarray(table.geometry.array, dtype=object)) == 2
    told = table.notna().sum(axis=1).to_numpy() + np.where(area, len(table.columns), 0)
    labels = table.index if comparable else table.index.astype(str)
    rank = np.argsort(in_order_of_labels(labels))
    order = np.lexsort((rank, -told, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    best = np.empty(len(starts), dtype=np.intp)
    best[group[order][starts]] = order[starts]
    return best[group]


def _report(
    table: gpd.GeoDataFrame,
    geometry: npt.NDArray[np.object_],
    kept: _Places,
    reasons: npt.NDArray[np.str_],
) -> pd.DataFrame:
    gone = np.flatnonzero(reasons != "")
    into = kept[gone]
    return pd.DataFrame(
        {
            "facility": table.index[gone],
            "kept": table.index[into],
            "reason": reasons[gone],
            "distance_m": shapely.distance(geometry[gone], geometry[into]).round(1),
            "name": best_names(table.iloc[gone]),
            "kept_name": best_names(table.iloc[into]),
        }
    )


def _merged(
    table: gpd.GeoDataFrame, kept: _Places, reasons: npt.NDArray[np.str_]
) -> gpd.GeoDataFrame:
    gone = np.flatnonzero(reasons != "")
    result = table.drop(index=table.index[gone])
    order = in_order_of_labels(table.index[gone])
    duplicates = gone[order][reasons[gone][order] == "duplicate"]
    _complete(result, table, duplicates, kept)
    doors = gone[reasons[gone] == "entrance"]
    if len(doors):
        _add_entrances(result, table, doors, kept)
    result.attrs = dict(table.attrs)
    return result


def _complete(
    result: gpd.GeoDataFrame, table: gpd.GeoDataFrame, gone: _Places, kept: _Places
) -> None:
    """Give each kept row what it lacks and a row merged into it has."""
    left = np.flatnonzero(kept == np.arange(len(kept)))
    for column in table.columns:
        if column in (table.geometry.name, "entrances"):
            continue
        values = table[column].to_numpy(dtype=object, copy=True)
        known = table[column].notna().to_numpy(copy=True)
        changed = False
        for row, into in zip(gone.tolist(), kept[gone].tolist(), strict=True):
            new = values[row]
            if known[row] and known[into] and column in _JOINED_COLUMNS:
                parts = f"{values[into]}{_JOINED}{new}".split(_JOINED)
                new = _JOINED.join(dict.fromkeys(parts))
            elif known[into] or not known[row]:
                continue
            values[into], known[into], changed = new, True, True
        if changed:
            result[column] = pd.Series(values[left], index=result.index)


def _add_entrances(
    result: gpd.GeoDataFrame, table: gpd.GeoDataFrame, doors: _Places, kept: _Places
) -> None:
    points: dict[int, list[shapely.Point]] = {}
    for row in doors.tolist():
        points.setdefault(int(kept[row]), []).append(table.geometry.iloc[row].centroid)
    left = np.flatnonzero(kept == np.arange(len(kept)))
    old = table["entrances"].array if "entrances" in table.columns else [None] * len(table)
    entrances = []
    for row in left.tolist():
        known = [] if old[row] is None else list(getattr(old[row], "geoms", [old[row]]))
        both = known + points.get(row, [])
        entrances.append(shapely.MultiPoint(both) if both else None)
    result["entrances"] = gpd.GeoSeries(entrances, index=result.index, crs=table.crs)
