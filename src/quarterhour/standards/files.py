"""Find the shipped checklists and build a checklist from its file and from what it builds upon.

A file may extend another one (``extends``: its items are inherited, changed, removed) and an item
may be recognised like an item of another one (``like``: tags, typecodes and name patterns).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

from quarterhour.errors import ChecklistError
from quarterhour.standards.items import (
    Group,
    HostRule,
    Item,
    Lines,
    frozen,
    merged_groups,
    rules_for,
    values_of,
)
from quarterhour.standards.schema import ITEM, Document, parse

MOST_BEHIND = 20
"""Checklists that may build upon each other in a row."""


@cache
def shipped() -> Mapping[str, Path]:
    """Return the files of the shipped checklists by name."""
    folder = Path(str(resources.files("quarterhour.standards") / "checklists"))
    found = {path.stem: path for path in folder.glob("*.toml")}
    return {name: found[name] for name in sorted(found)}


def find(name_or_path: str | PathLike[str]) -> Path:
    """Return the file of a shipped checklist's name or of a path."""
    name = str(name_or_path)
    if name in shipped():
        return shipped()[name]
    path = Path(name_or_path)
    if path.is_file():
        return path
    if path.suffix == ".toml" or path.parent != Path():
        raise ChecklistError(f"There is no checklist file {name}.")
    near = get_close_matches(name, shipped(), n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ChecklistError(
        f"There is no checklist {name!r}.{hint} Shipped are: {', '.join(shipped())}; "
        "a file of your own is loaded by its path."
    )


def lines_of(path: Path) -> Lines:
    """Give the checklist of a file; a shipped one is read once."""
    return _shipped_lines(path) if path in shipped().values() else read(path)


@cache
def _shipped_lines(path: Path) -> Lines:
    return read(path)


def read(path: Path, behind: tuple[str, ...] = ()) -> Lines:
    """Build the checklist of a file; `behind` are the files that build upon it."""
    if path.stem in behind:
        chain = " -> ".join((*behind, path.stem))
        raise ChecklistError(f"{path.name}: the checklist is built upon itself: {chain}.")
    if len(behind) > MOST_BEHIND:
        msg = f"{path.name}: {len(behind)} checklists build upon each other; {MOST_BEHIND} may."
        raise ChecklistError(msg)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ChecklistError(f"{path.name} cannot be read as UTF-8 text: {error}.") from None
    return _Builder(path, parse(text, path.name), (*behind, path.stem)).checklist()


@dataclass
class _Builder:
    """What is needed while one file becomes a checklist."""

    path: Path
    document: Document
    behind: tuple[str, ...]
    parents: dict[str, Lines] = field(default_factory=dict)

    def checklist(self) -> Lines:
        top = self.document.top
        base = self._parent("extends", top["extends"]) if "extends" in top else None
        model = self._parent("like", top["like"]) if "like" in top else base
        groups = tuple(Group(**row) for row in self.document.tables["groups"])
        groups = merged_groups(base.groups if base else (), groups)
        removed = self._removed(base)
        items = self._items(base, model, removed)
        self._check_groups({group.key for group in groups})
        if not items:
            what = "the checklist has no item: write at least one [[items]]."
            raise self.document.error("", 0, "items", what)
        self._check_named(items)
        used = {item.group for item in items}
        own = {name: value for name, value in top.items() if name not in {"extends", "like"}}
        if own["status"] == "unverified" and not own.get("missing"):
            what = "an unverified checklist has to say what is missing."
            raise self.document.error("", 0, "missing", what)
        shared = ("global_exclude", "typecode_veto", "osm_veto")
        inherited = {name: getattr(model, name) for name in shared} if model else {}
        inherited |= {"country": base.country} if base else {}
        return Lines(
            **{**inherited, **frozen(own)},
            items=items,
            groups=tuple(group for group in groups if group.key in used),
            hosts=self._hosts(items, base),
            removed=tuple(removed.items()),
        )

    def _parent(self, key: str, name: str, table: str = "", row: int = 0) -> Lines:
        if name not in self.parents:
            if set(name) & set("/\\:\x00") or name.endswith(".toml"):
                what = (
                    f"must be the name of a checklist, shipped or in this folder, without folder "
                    f"and without .toml; found {name!r}."
                )
                raise self.document.error(table, row, key, what)
            source = shipped().get(name) or self.path.with_name(f"{name}.toml")
            if not source.is_file():
                what = f"there is no checklist `{name}`, neither shipped nor beside this file."
                raise self.document.error(table, row, key, what)
            self.parents[name] = read(source, self.behind)
        return self.parents[name]

    def _removed(self, base: Lines | None) -> dict[str, str]:
        removed: dict[str, str] = {}
        for row, values in enumerate(self.document.tables["removed"]):
            if base is None or values["key"] not in base:
                what = f"there is no item `{values['key']}` to remove in what this file extends."
                raise self.document.error("removed", row, "key", what)
            removed[values["key"]] = values["why"]
        return removed

    def _items(
        self, base: Lines | None, model: Lines | None, removed: Mapping[str, str]
    ) -> tuple[Item, ...]:
        items = {item.key: item for item in base or () if item.key not in removed}
        for row, values in enumerate(self.document.tables["items"]):
            taken = self._taken(row, values["like"], model) if "like" in values else {}
            items[values["key"]] = self._item(row, items.get(values["key"]), taken)
        return tuple(items.values())

    def _taken(self, row: int, like: str, model: Lines | None) -> dict[str, Any]:
        """Return the recognition of the item that this one is recognised like."""
        of, _, key = like.rpartition(":")
        source = self._parent("like", of, "items", row) if of else model
        if source is None or key not in source:
            what = f"there is no item `{like}`; write it as `checklist:item`."
            raise self.document.error("items", row, "like", what)
        return {n: v for n, v in values_of(source[key]).items() if ITEM[n].recognition}

    def _item(self, row: int, base: Item | None, taken: Mapping[str, Any]) -> Item:
        given = self.document.tables["items"][row]
        defaults = {} if base else self.document.defaults
        values = {**defaults, **(values_of(base) if base else {}), **taken, **given}
        values.pop("like", None)
        for key, rule in ITEM.items():
            if rule.needed and key not in values:
                raise self.document.error("items", row, key, "missing; it has to be given.")
        if "limit_minutes" in given and "limit_m" in given:
            what = "an item has a limit in minutes or in metres, not both."
            raise self.document.error("items", row, "limit_m", what)
        # The limit that the item itself gives outranks one of the other unit that it inherits.
        if "limit_m" in given:
            values["limit_minutes"] = None
        elif "limit_minutes" in given:
            values["limit_m"] = None
        return Item(**frozen(values))

    def _check_groups(self, known: set[str]) -> None:
        for row, values in enumerate(self.document.tables["items"]):
            if "group" in values and values["group"] not in known:
                listed = ", ".join(sorted(known))
                what = f"there is no group `{values['group']}`; groups: {listed}."
                raise self.document.error("items", row, "group", what)

    def _check_named(self, items: tuple[Item, ...]) -> None:
        """Refuse keys in lists of names: nobody looks them up there."""
        known = {item.key for item in items}
        for row, values in enumerate(self.document.tables["items"]):
            for name in ("any_of", "parts"):
                for said in values.get(name, ()):
                    key = said in known and said != values["key"]
                    if key or (said.isascii() and "_" in said):
                        what = (
                            f"`{said}` names nothing here: write what people call such a place, "
                            'such as "菜市场", not the key of an item.'
                        )
                        raise self.document.error("items", row, name, what)

    def _hosts(self, items: tuple[Item, ...], base: Lines | None) -> tuple[HostRule, ...]:
        known = {item.key for item in items}
        rules = list(base.hosts) if base else []
        for row, values in enumerate(self.document.tables["hosts"]):
            for name in ("hosts", "implies"):
                for key in values[name]:
                    if key not in known:
                        near = get_close_matches(key, known, n=1)
                        hint = f" Did you mean `{near[0]}`?" if near else ""
                        what = f"there is no item `{key}` in this checklist.{hint}"
                        raise self.document.error("hosts", row, name, what)
            # Several hosts may imply each other; one alone cannot be evidence of itself.
            if len(alone := set(values["hosts"])) == 1 and alone & set(values["implies"]):
                what = f"`{alone.pop()}` would imply itself: name only what else it houses."
                raise self.document.error("hosts", row, "implies", what)
            rules.append(HostRule(**frozen(values)))
        return rules_for(rules, items)
