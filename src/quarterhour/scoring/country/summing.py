"""Coverage of a country: the four numbers of its tiles, added up by part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.errors import InputError
from quarterhour.places.contracts import POLYGONS, check_places
from quarterhour.places.notes import Note
from quarterhour.scoring.by_part import MEASURES, SUMMED, Wider, counted_by_part
from quarterhour.scoring.coverage import COLUMNS, with_shares
from quarterhour.scoring.parts import By, Parts, parts_of, whole
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist

TILE = "tile"
"""Tell a coverage by tile."""

ALL_ITEMS = "all_items"
"""The measure that a tile cannot count without knowing what is known elsewhere."""

_MEASURES = (*SUMMED, ALL_ITEMS)
_NUMBERS = ["numerator", "implied", "denominator", "unknown", "at_least"]
_KEYS = ["measure", "item", "unit", "part"]
_CODES = ("in_no_part", "in_several_parts", "parts_without_residents")
_AT_ONCE = 64  # tables of tiles that are held before they are added up


@dataclass
class Summing:
    """What is summed, by what, and what there is to say of it when it is done."""

    checklist: Checklist
    measures: tuple[str, ...]
    by: By | None
    plain: bool
    seen: dict[object, None] = field(default_factory=dict)
    outlines: dict[object, Any] = field(default_factory=dict)
    said: dict[str, Note] = field(default_factory=dict)

    @classmethod
    def of(
        cls, checklist: Checklist, measure: str | Iterable[str] | None, by: By | None
    ) -> Summing:
        """See what is asked.

        Raises
        ------
        InputError
            If there is no such measure, it cannot be summed, or polygons break their contract.
        """
        wanted = [measure] if isinstance(measure, str) else list(measure or SUMMED[:4])
        if strange := [str(one) for one in wanted if one not in _MEASURES]:
            known = [one for one in strange if one in MEASURES]
            why = "is not summed over tiles" if known else "is no measure"
            msg = f"{', '.join(known or strange)} {why}: ask for some of {', '.join(_MEASURES)}."
            raise InputError(msg)
        if isinstance(by, gpd.GeoDataFrame):
            check_places(by, "polygons", POLYGONS)
        measures = tuple(one for one in _MEASURES if one in wanted)
        return cls(checklist, measures, by, plain=measure is None and by is None)

    @property
    def notes(self) -> list[str]:
        """Who is in no part, or in several."""
        return [self.said[code] for code in _CODES if code in self.said]

    def add_notes(self, notes: Iterable[str]) -> None:
        """Add up what is said of tiles."""
        for note in notes:
            if isinstance(note, Note):
                code, sentence, *told = note.parts()
                before = self.said[code].parts()[2:] if code in self.said else (0,) * len(told)
                both = [a + b for a, b in zip(before, told, strict=True)]
                self.said[code] = Note(code, sentence, *both)

    def table(self, tables: Iterable[pd.DataFrame], titles: pd.Series[Any] | None) -> pd.DataFrame:
        """Add tables of tiles up, and give shares, parts and their shapes."""
        table = _added(table[table["measure"].isin(self.measures)] for table in tables)
        if self.by is not None:
            polygons = self.by.index if isinstance(self.by, gpd.GeoDataFrame) else []
            table = _with_nobody(table, dict.fromkeys([*polygons, *self.seen]))
        table["items"] = self._ordered(table["items"])
        table = _until_all_are_in(table)
        table = with_shares(table)
        if self.by is None:
            order = self._order(table, ["all"])
            front = [*COLUMNS] if self.plain else [*COLUMNS, "items"]
            return pd.DataFrame(table.iloc[order][front].reset_index(drop=True))
        labels = self._labels(table)
        table = table.iloc[self._order(table, labels)].reset_index(drop=True)
        told = table[["measure", "item", "part", *COLUMNS[2:], "items"]].copy()
        return self._with_shapes(_named(told, self._names(titles)))

    def _labels(self, table: pd.DataFrame) -> list[object]:
        """Give the parts in their order; in none of them last."""
        if isinstance(self.by, gpd.GeoDataFrame):
            return [*self.by.index, None]
        found = [part for part in table["part"].unique() if not pd.isna(part)]
        return [*sorted(found, key=str), None]

    def _order(self, table: pd.DataFrame, labels: list[object]) -> Any:
        but = [f"all_but_{less}" for less in range(1, len(self.checklist) + 1)]
        groups = [group.key for group in self.checklist.groups]
        items = ["all", *but, *self.checklist.keys(), *groups]
        part = {label: row for row, label in enumerate(labels)}
        return np.lexsort(
            (
                [part[None if pd.isna(one) else one] for one in table["part"]],
                [items.index(key) for key in table["item"]],
                [_MEASURES.index(measure) for measure in table["measure"]],
            )
        )

    def _ordered(self, cells: pd.Series[Any]) -> list[str]:
        """Name every item once, in the order of the checklist."""
        named = [set(cell.split(", ")) for cell in cells]
        keys = self.checklist.keys()
        return [", ".join(key for key in keys if key in one) for one in named]

    def _names(self, titles: pd.Series[Any] | None) -> pd.Series[Any] | None:
        if isinstance(self.by, gpd.GeoDataFrame):
            return cast("pd.Series[Any] | None", self.by.get("name"))
        return titles if titles is not None and (titles != "").any() else None

    def _with_shapes(self, table: pd.DataFrame) -> pd.DataFrame:
        for column in table.columns.intersection(["part", "part_name"]):
            cells = table[column].astype(object)
            table[column] = cells.where(cells.notna(), None)
        if not self.outlines:
            return table
        shapes, crs = self.outlines, self.outlines["crs"]
        there = [shapes.get(label) for label in table["part"]]
        found: pd.DataFrame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(there, crs=crs))
        return found


def by_tile(tables: Iterable[tuple[str, pd.DataFrame]], by: By | None) -> Iterator[pd.DataFrame]:
    """Give what tiles counted themselves, all in one part or each in its own."""
    for name, table in tables:
        part = "all" if by is None else name
        yield table.assign(part=part, at_least=table["numerator"]).astype({"part": object})


def wider_of(tables: Iterable[pd.DataFrame]) -> Wider:
    """Say what is known anywhere, of the coverage of every tile."""
    items: set[str] = set()
    people = False
    for table in tables:
        known = table["denominator"] > 0
        items |= set(table.loc[(table["measure"] == "area") & known, "item"])
        counted = table.loc[table["measure"] == "population", ["denominator", "unknown"]]
        people |= bool((counted > 0).to_numpy().any())
    return Wider(frozenset(items), people)


def counted(
    cards: Iterable[Scorecard], summing: Summing, columns: Collection[str], wider: Wider | None
) -> Iterator[pd.DataFrame]:
    """Count tiles by part; ``columns`` are those that the areas of any tile have."""
    by = summing.by
    for card in cards:
        if isinstance(by, str) and by in columns and by not in card.areas:
            card.areas[by] = None
        near = _beside(by, card) if isinstance(by, gpd.GeoDataFrame) else by
        parts = whole(card) if near is None else parts_of(card, near)
        summing.seen |= dict.fromkeys(parts.labels)
        _keep_outlines(summing, parts)
        table, notes = counted_by_part(card, summing.measures, parts, None, wider)
        if by is not None:
            summing.add_notes(notes)
        yield table[(table[_NUMBERS] != 0).any(axis=1) | (table["items"] != "")]


def _beside(layer: gpd.GeoDataFrame, card: Scorecard) -> gpd.GeoDataFrame:
    """Give the polygons where a tile is: the others have nobody of it."""
    both = [*card.areas.geometry.array, *card.origins.geometry.array]
    ground = gpd.GeoSeries([shapely.box(*shapely.total_bounds(both))], crs=card.areas.crs)
    near = layer.sindex.query(ground.to_crs(layer.crs).envelope.iloc[0], sort=True)
    return layer.iloc[near if len(near) else [0]]


def _keep_outlines(summing: Summing, parts: Parts) -> None:
    if parts.shapes is None:
        return
    labels, shapes = parts.labels, parts.shapes
    if isinstance(summing.by, gpd.GeoDataFrame):  # also of those in which nobody lives
        if summing.outlines:
            return
        labels, shapes = summing.by.index, summing.by.geometry.to_crs(parts.shapes.crs)
    summing.outlines |= dict(zip(labels, shapes, strict=True))
    summing.outlines["crs"] = parts.shapes.crs


def _added(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Add numbers up, some tables at a time."""
    held: list[pd.DataFrame] = []
    for table in tables:
        held.append(table[[*_KEYS, *_NUMBERS, "items"]])
        if len(held) == _AT_ONCE:
            held = [_sum(held)]
    return _sum(held)


def _sum(tables: list[pd.DataFrame]) -> pd.DataFrame:
    several = pd.concat(tables, ignore_index=True).groupby(_KEYS, dropna=False, sort=False)
    told = several.agg({**dict.fromkeys(_NUMBERS, "sum"), "items": ", ".join})
    return pd.DataFrame(told.reset_index())


def _until_all_are_in(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out levels of all_items beyond the first at which everyone is in, in every part."""
    mine = table["measure"] == ALL_ITEMS
    if not mine.any():
        return table
    less = table["item"].str.extract(r"^all_but_(\d+)$")[0].fillna("0").astype(int)
    short = mine & (table["numerator"] < table["denominator"])
    most = int(less[short].max()) + 1 if short.any() else 0
    return table[~mine | (less <= most)]


def _with_nobody(table: pd.DataFrame, labels: Iterable[object]) -> pd.DataFrame:
    """Add a row for each part of which a measure counts nothing."""
    lines = table[_KEYS[:3]].drop_duplicates()
    every = lines.merge(pd.DataFrame({"part": pd.Series([*labels], dtype=object)}), how="cross")
    found = pd.concat([table, every.assign(**dict.fromkeys(_NUMBERS, 0.0), items="")])
    return pd.DataFrame(found.drop_duplicates(_KEYS, ignore_index=True))


def _named(table: pd.DataFrame, names: pd.Series[Any] | None) -> pd.DataFrame:
    if names is not None:
        table.insert(3, "part_name", table["part"].map(names))
    return table
