"""The lines of a standard as frozen data: items, groups, host rules, and a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from quarterhour.errors import ChecklistError
from quarterhour.standards.limits import Limit


@dataclass(frozen=True)
class Item:
    """One line of a checklist, and how a facility that serves it is recognised."""

    key: str
    zh: str
    en: str
    group: str
    kind: str
    checkability: str
    limit_minutes: float | None = None
    limit_m: float | None = None
    at_least: int = 1
    weight: float = 1.0
    required: bool = True
    form: str = "point"
    any_of: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    osm: tuple[str, ...] = ()
    osm_confidence: str = "medium"
    osm_proxy: tuple[str, ...] = ()
    access_exclude: tuple[str, ...] = ()
    amap: tuple[str, ...] = ()
    amap_needs_name: tuple[str, ...] = ()
    amap_exclude: tuple[str, ...] = ()
    veto_except: tuple[str, ...] = ()
    include: str = ""
    include_typed: str = ""
    exclude: str = ""
    tier: str = ""
    citation: str = ""
    status: str = "unverified"
    note: str = ""

    @cached_property
    def limit(self) -> Limit:
        """How far residents should have to walk at most: metres outrank minutes."""
        return Limit(self.limit_minutes, self.limit_m)


@dataclass(frozen=True)
class Group:
    """A heading of a checklist, such as 四场."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True)
class HostRule:
    """A facility of one of `hosts` houses what `implies` names: evidence, not observation."""

    hosts: tuple[str, ...]
    implies: tuple[str, ...]
    strength: float
    basis: str
    citation: str


@dataclass(frozen=True, repr=False)
class Lines:
    """A standard: its items in the order of the source, their groups and the host rules."""

    key: str
    zh: str
    en: str
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    hosts: tuple[HostRule, ...] = ()
    global_exclude: str = ""
    typecode_veto: tuple[str, ...] = ()
    osm_veto: tuple[str, ...] = ()
    citation: str = ""
    status: str = "unverified"
    missing: str = ""
    note: str = ""
    removed: tuple[tuple[str, str], ...] = ()
    country: str = ""

    def __getitem__(self, key: str) -> Item:
        for item in self.items:
            if item.key == key:
                return item
        near = get_close_matches(key, self.keys(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(self.keys())}."
        raise ChecklistError(f"Checklist {self.key} has no item {key!r}; {hint}")

    def __contains__(self, key: object) -> bool:
        return any(item.key == key for item in self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of the items, in order."""
        return tuple(item.key for item in self.items)


def rules_for(rules: Iterable[HostRule], items: Iterable[Item]) -> tuple[HostRule, ...]:
    """Return the rules cut down to the items that are there."""
    known = {item.key for item in items}
    cut = (
        replace(
            rule,
            hosts=tuple(key for key in rule.hosts if key in known),
            implies=tuple(key for key in rule.implies if key in known),
        )
        for rule in rules
    )
    return tuple(rule for rule in cut if rule.hosts and rule.implies)


def values_of(item: Item) -> dict[str, Any]:
    """Return an item's values by name, its tuples left as they are."""
    return {f.name: getattr(item, f.name) for f in fields(item)}


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with lists turned into tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


def merged_groups(old: tuple[Group, ...], new: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups of both, a new one in the place of an old one of its key."""
    return tuple({group.key: group for group in (*old, *new)}.values())
