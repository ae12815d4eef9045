"""Which facility serves which items of a checklist, and on what evidence.

A facility may serve several items (一室多用). Evidence is a declared item, a tag of OpenStreetMap,
an Amap typecode, a name, or a host: a building that documents say houses the item. The rules,
their order and their strengths are told in ``docs/checklists.md``.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.frames import bare
from quarterhour.places.names import Names
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.evidence_declared import declared_items
from quarterhour.standards.evidence_tags import Tags
from quarterhour.standards.evidence_typecodes import CodeFit, Typecodes
from quarterhour.standards.items import Item
from quarterhour.standards.patterns import needed_characters

# How far each kind of evidence is believed: a judgement, printed with every match. A second
# kind that agrees adds a tenth.
STRENGTH = {"declared": 1.0, "typecode": 0.8, "name": 0.5, "proxy": 0.3}
TAG_STRENGTH = {"medium": 0.9, "low": 0.7, "very low": 0.4}
AGREEMENT = 0.1
EVIDENCE = ("declared", "tag", "typecode", "name", "host")


@dataclass(frozen=True)
class Found:
    """What speaks for one item in each row of a facility table, and what was held against it."""

    item: Item
    declared: Mask
    tag: npt.NDArray[np.int16]  # the position of the tag that matched, plus 1; 0 if none
    proxy: npt.NDArray[np.int16]
    typecode: Mask
    name: Mask
    name_places: tuple[npt.NDArray[np.intp], ...]
    name_texts: dict[int, str]
    excluded: dict[str, Mask] = field(default_factory=dict)

    @cached_property
    def observed(self) -> Mask:
        """Rows with evidence of their own, a proxy tag not counted."""
        tagged: Mask = self.tag > 0
        return self.declared | tagged | self.typecode | self.name


@dataclass(frozen=True)
class Table:
    """A facility table made ready for the search: its names, tags, typecodes and declarations."""

    index: pd.Index
    names: Names
    tags: Tags
    codes: Typecodes
    declared: dict[str, Mask]

    @classmethod
    def of(cls, facilities: pd.DataFrame, checklist: Checklist, item_column: str) -> Table:
        """Check and collect what the search needs."""
        if not facilities.index.is_unique:
            twice = facilities.index[facilities.index.duplicated()].tolist()[0]
            raise InputError(
                f"The facility table's index has {twice!r} more than once; give every facility "
                "a label of its own, for example with reset_index(drop=True)."
            )
        plain = bare(facilities)
        return cls(
            facilities.index,
            Names.of(plain),
            Tags(plain),
            Typecodes.of(plain),
            declared_items(plain, checklist, item_column),
        )

    def __len__(self) -> int:
        return len(self.index)


def classify(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    hosts: bool = True,
    proxies: bool = False,
    item_column: str = "item",
) -> pd.DataFrame:
    """Match facilities to the items of a checklist.

    Parameters
    ----------
    facilities
        Places with any of: a column of declared items, OpenStreetMap keys as columns, Amap
        `typecode`, `name`, `name:zh`, `name:en`.
    checklist
        The checklist whose items are looked for.
    hosts
        Whether a facility that documents say houses an item counts for it.
    proxies
        Whether a substitute counts, such as a park for an outdoor sports centre.
    item_column
        The column of declared items, several joined by "|".

    Returns
    -------
    pandas.DataFrame
        One row per facility and item: facility, item, evidence (the strongest kind: declared,
        tag, typecode, name or host), strength (0 to 1) and detail (all that matched).
    """
    table = Table.of(facilities, checklist, item_column)
    tags = (tag for item in checklist for tag in item.osm + item.osm_proxy)
    readable = table.names.columns or table.codes.present or table.tags.present(tags)
    if len(table) and not readable and item_column not in facilities.columns:
        warnings.warn(
            "The facility table has no name, no typecode, no OpenStreetMap key of the checklist "
            f"and no column {item_column!r} of declared items, so nothing in it can be recognised.",
            QuarterhourWarning,
            stacklevel=2,
        )
    return _result(table, checklist, _parts_of(table, checklist, hosts=hosts, proxies=proxies))


def served_by(
    facilities: gpd.GeoDataFrame, checklist: Checklist, *, hosts: bool
) -> list[tuple[int, str, str]]:
    """Say what :func:`classify` says of a few facilities: row, key of the item, and evidence."""
    keys = checklist.keys()
    parts = _parts_of(Table.of(facilities, checklist, "item"), checklist, hosts=hosts)
    return [
        (row, keys[part.item], evidence)
        for part in parts
        for row, evidence in zip(part.rows.tolist(), part.evidence, strict=True)
    ]


def _parts_of(
    table: Table, checklist: Checklist, *, hosts: bool, proxies: bool = False
) -> list[_Part]:
    numbers = {key: number for number, key in enumerate(checklist.keys())}
    everything = list(search(table, checklist, proxies=proxies))
    parts = [_matches(table, one, numbers[one.item.key]) for one in everything]
    if hosts:
        parts += _implied(table, checklist, numbers, everything)
    return parts


def search(
    table: Table, checklist: Checklist, *, proxies: bool = False, account: bool = False
) -> Iterator[Found]:
    """Search a table for each item in turn that anything in it could speak for.

    With `account` it is searched for every item, and so are the rows that a veto on typecodes or
    tags keeps from being found by name, so that the vetoes can be counted.
    """
    vetoed_by_tag = table.tags.any_of(checklist.osm_veto) > 0
    general = checklist.global_exclude
    rules = _Rules(checklist.typecode_veto, vetoed_by_tag, general, proxies=proxies, all=account)
    for item in checklist:
        if account or _may_be_there(table, item):
            yield _search_item(table, item, rules)
        elif item.key in table.declared:
            yield _declared_alone(table, item)


@dataclass(frozen=True)
class _Rules:
    """What holds for all items of one search."""

    typecode_veto: tuple[str, ...]
    vetoed_by_tag: Mask
    global_exclude: str | None
    proxies: bool
    all: bool


def _may_be_there(table: Table, item: Item) -> bool:
    """Whether anything in a table could speak for an item, beside what is declared."""
    if table.codes.present or table.tags.present(item.osm) or table.tags.present(item.osm_proxy):
        return True
    needed = (needed_characters(one) for one in (item.include, item.include_typed) if one)
    there = table.names.characters
    return any(one is None or not one.isdisjoint(there) for one in needed)


def _declared_alone(table: Table, item: Item) -> Found:
    """Give what speaks for an item of which there is nothing but declarations."""
    nobody, no_tag = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=np.int16)
    declared, names = table.declared[item.key], table.names.columns
    return Found(item, declared, no_tag, no_tag, nobody, nobody, names, {})


def _search_item(table: Table, item: Item, rules: _Rules) -> Found:
    tag, proxy = table.tags.any_of(item.osm), table.tags.any_of(item.osm_proxy)
    tagged: Mask = tag > 0
    code = table.codes.for_item(item, rules.typecode_veto)
    tag_veto = rules.vetoed_by_tag & ~tagged & (proxy == 0)
    if not rules.proxies:
        proxy = np.zeros_like(proxy)
    wanted = ~code.blocked & ~tag_veto
    named, texts = _named(table, item, code, wanted | rules.all)
    typecode = code.fits | (code.needs_name & named)
    alone = named & ~tagged & ~typecode
    vetoes = {"typecode_veto": alone & code.blocked, "osm_veto": alone & tag_veto}
    named &= wanted | typecode | tagged
    candidates = tagged | (proxy > 0) | typecode | named
    against = {
        **_excluded_by_name(table, item, rules, candidates),
        "access": table.tags.has("access", item.access_exclude) & candidates,
    }
    stays = candidates.copy()
    for mask in against.values():
        stays &= ~mask
    return Found(
        item,
        table.declared.get(item.key, np.zeros(len(table), dtype=bool)),
        np.where(stays, tag, 0),
        np.where(stays, proxy, 0),
        typecode & stays,
        named & stays,
        table.names.columns,
        texts,
        {**against, **vetoes} if rules.all else {},
    )


def _named(table: Table, item: Item, code: CodeFit, wanted: Mask) -> tuple[Mask, dict[int, str]]:
    """Return the rows whose name says the item, and by distinct name the words that do."""
    texts: dict[int, str] = {}
    rows = np.zeros(len(table), dtype=bool)
    for pattern, among in ((item.include, wanted), (item.include_typed, code.needs_name)):
        if pattern:
            places = table.names.in_rows(among & ~rows)
            found = _hits(table.names, pattern, places, branches=False)
            if not found:
                continue
            hits = np.zeros(len(places), dtype=bool)
            hits[list(found)] = True
            rows |= table.names.rows_with(hits, len(table)) & among
            texts = {**found, **texts}
    return rows, texts


def _hits(names: Names, pattern: str, among: Mask, *, branches: bool = True) -> dict[int, str]:
    """Search names for a pattern, those alone that have a character which it cannot do without."""
    needed = needed_characters(pattern)
    if not among.any() or (needed is not None and needed.isdisjoint(names.characters)):
        return {}
    if needed is not None:
        among = among & names.with_any(needed)
    return names.search(re.compile(pattern), among, branches=branches)


def _excluded_by_name(table: Table, item: Item, rules: _Rules, candidates: Mask) -> dict[str, Mask]:
    if not candidates.any():
        nobody = np.zeros(len(table), dtype=bool)
        return {"item_exclude": nobody, "global_exclude": nobody}
    among = table.names.in_rows(candidates)
    masks = {}
    reasons = (("item_exclude", item.exclude), ("global_exclude", rules.global_exclude))
    for reason, pattern in reasons:
        if pattern:
            hits = np.zeros(len(among), dtype=bool)
            hits[list(_hits(table.names, pattern, among))] = True
            masks[reason] = table.names.rows_with(hits, len(table)) & candidates
    return masks


# --- from masks to the table of matches -------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """The matches of one item: row positions and what is said about each."""

    rows: npt.NDArray[np.intp]
    item: int
    evidence: list[str]
    strength: npt.NDArray[np.float64]
    detail: list[str]


def _matches(table: Table, found: Found, number: int) -> _Part:
    rows = np.flatnonzero(found.observed | (found.proxy > 0))
    if len(rows) == 0:
        return _Part(rows, number, [], np.zeros(0), [])
    kinds = {
        "declared": found.declared[rows],
        "tag": found.tag[rows] > 0,
        "typecode": found.typecode[rows],
        "name": found.name[rows],
        "proxy": found.proxy[rows] > 0,
    }
    strength = np.zeros(len(rows))
    agreeing = np.zeros(len(rows), dtype=np.int64)
    believed = {**STRENGTH, "tag": TAG_STRENGTH[found.item.osm_confidence]}
    evidence = np.full(len(rows), "", dtype=object)
    for kind, mask in kinds.items():
        evidence[mask & (strength == 0)] = "tag" if kind == "proxy" else kind
        agreeing += mask
        strength = np.where(mask, np.maximum(strength, believed[kind]), strength)
    strength = np.minimum(1.0, strength + AGREEMENT * (agreeing - 1))
    detail = [_detail(table, found, row) for row in rows.tolist()]
    return _Part(rows, number, evidence.tolist(), strength.round(2), detail)


def _detail(table: Table, found: Found, row: int) -> str:
    said = []
    if found.declared[row]:
        said.append("declared")
    if found.tag[row]:
        said.append(found.item.osm[found.tag[row] - 1])
    if found.typecode[row]:
        said.append(f"typecode {table.codes.text(row)}")
    if found.name[row]:
        texts = (found.name_texts.get(int(places[row]), "") for places in found.name_places)
        said.append(f"name {next(filter(None, texts))}")
    if found.proxy[row]:
        said.append(f"proxy {found.item.osm_proxy[found.proxy[row] - 1]}")
    return "; ".join(said)


def _implied(
    table: Table, checklist: Checklist, numbers: dict[str, int], everything: list[Found]
) -> list[_Part]:
    observed = {found.item.key: found.observed for found in everything}
    held = {key: mask.copy() for key, mask in observed.items()}
    parts = []
    for rule in checklist.hosts:
        hosts = [key for key in reversed(rule.hosts) if key in observed]
        if not hosts:
            continue
        host = np.full(len(table), "", dtype=object)
        for key in hosts:
            host[observed[key]] = key
        for key in rule.implies:
            mine = held.setdefault(key, np.zeros(len(table), dtype=bool))
            rows = np.flatnonzero((host != "") & ~mine)
            mine[rows] = True
            detail = [f"implied by {host[row]} ({rule.basis})" for row in rows.tolist()]
            strength = np.full(len(rows), rule.strength)
            parts.append(_Part(rows, numbers[key], ["host"] * len(rows), strength, detail))
    return parts


def _result(table: Table, checklist: Checklist, parts: list[_Part]) -> pd.DataFrame:
    rows = np.concatenate([part.rows for part in parts] or [np.zeros(0, dtype=np.int64)])
    items = np.concatenate(
        [np.full(len(part.rows), part.item) for part in parts] or [np.zeros(0, dtype=np.int64)]
    )
    order = np.lexsort((items, rows))
    strengths = np.concatenate([part.strength for part in parts] or [np.zeros(0)])
    evidence = np.array([e for part in parts for e in part.evidence], dtype=object)
    details = np.array([d for part in parts for d in part.detail], dtype=object)
    result = pd.DataFrame(
        {
            "facility": table.index.take(rows[order]),
            "item": np.array(checklist.keys(), dtype=object)[items[order]],
            "evidence": evidence[order],
            "strength": strengths[order].astype(np.float64),
            "detail": details[order],
        }
    )
    result.attrs = {
        "checklist": checklist.key,
        "facilities": len(table),
        "unmatched": int(len(table) - len(np.unique(rows))),
    }
    return result
