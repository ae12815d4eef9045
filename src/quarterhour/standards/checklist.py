"""A standard as frozen data: the items that a service circle is to have, read from TOML.

``Checklist.load("beijing-2011")`` reads a shipped checklist, ``Checklist.load("mine.toml")`` one
of the user's own. The format is described in ``docs/checklists.md``.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from quarterhour.errors import ChecklistError, QuarterhourWarning
from quarterhour.shown import Shown
from quarterhour.standards.items import (
    Group,
    Item,
    Lines,
    frozen,
    merged_groups,
    rules_for,
    values_of,
)
from quarterhour.standards.schema import ITEM, complaint

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T", "Item", "Group")
_WARNED: set[str] = set()  # checklists whose gaps have been told once in this process


@dataclass(frozen=True, repr=False)
class Checklist(Lines, Shown):
    """A standard: its items in the order of the source, their groups and the host rules."""

    @classmethod
    def load(cls, name_or_path: str | PathLike[str]) -> Self:
        """Read a shipped checklist by its name, or a file of your own by its path.

        Parameters
        ----------
        name_or_path
            A name from :func:`checklists`, or the path of a TOML file.

        Returns
        -------
        Checklist
            The checklist. If it is unverified, one warning per process says what is missing.
        """
        from quarterhour.standards.files import find, lines_of  # noqa: PLC0415 - slow to load

        lines = lines_of(find(name_or_path))
        checklist = cls(**{part.name: getattr(lines, part.name) for part in fields(lines)})
        if checklist.status == "unverified" and checklist.key not in _WARNED:
            _WARNED.add(checklist.key)
            warnings.warn(
                f"Checklist {checklist.key} is unverified: {checklist.missing}",
                QuarterhourWarning,
                stacklevel=2,
            )
        return checklist

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the checklist to a TOML file of its own, which :meth:`load` reads again.

        Parameters
        ----------
        path
            File to write, such as ``"our-town.toml"``; written whole or not at all. It says
            every line in full. Lines that the checklist has left out stand in a comment.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        from quarterhour.standards.write import write  # noqa: PLC0415

        return write(self, Path(path))

    @cached_property
    def sha256(self) -> str:
        """A digest of everything the checklist says, for the manifest of a result."""
        told = asdict(self)
        del told["country"]  # which bears on no answer
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def __repr__(self) -> str:
        return (
            f"<Checklist {self.key} {self.zh}: {len(self.items)} items in "
            f"{len(self.groups)} groups, {self.status}>"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per item, indexed by its key; lists are joined by "; "."""
        import pandas as pd  # noqa: PLC0415 - a checklist is read without it

        zh = {group.key: group.zh for group in self.groups}
        rows = [
            {
                "item": item.key,
                "number": number,
                "zh": item.zh,
                "en": item.en,
                "group": item.group,
                "group_zh": zh[item.group],
                **{
                    name: "; ".join(value) if isinstance(value, tuple) else value
                    for name, value in values_of(item).items()
                    if name not in {"key", "zh", "en", "group"}
                },
            }
            for number, item in enumerate(self.items, start=1)
        ]
        names = [f.name for f in fields(Item) if f.name not in {"key", "zh", "en", "group"}]
        columns = ["item", "number", "zh", "en", "group", "group_zh", *names]
        return pd.DataFrame(rows, columns=columns).set_index("item")

    def only(
        self, *, groups: Iterable[str] | None = None, kinds: Iterable[str] | None = None
    ) -> Checklist:
        """Return the checklist with only the items of these groups and of these kinds."""
        wanted_groups = _chosen("group", groups, {group.key for group in self.groups})
        wanted_kinds = _chosen("kind", kinds, set(ITEM["kind"].choices))
        items = tuple(
            item for item in self.items if item.group in wanted_groups and item.kind in wanted_kinds
        )
        kept = tuple(group for group in self.groups if any(i.group == group.key for i in items))
        # A host rule stands as long as its host can still be recognised.
        return replace(self, items=items, groups=kept, hosts=rules_for(self.hosts, items))

    def extend(self, items: Iterable[Item], groups: Iterable[Group] = ()) -> Checklist:
        """Return the checklist with further items (自选动作) after its own (规定动作)."""
        new_items, new_groups = tuple(items), tuple(groups)
        for item in new_items:
            if item.key in self:
                raise ChecklistError(
                    f"Checklist {self.key} has an item {item.key!r} already; "
                    "use override() to change it."
                )
            _require_sound(item.key, values_of(item))
        result = replace(
            self, items=self.items + new_items, groups=merged_groups(self.groups, new_groups)
        )
        known = {group.key for group in result.groups}
        for item in new_items:
            if item.group not in known:
                raise ChecklistError(
                    f"Item {item.key!r} is in group {item.group!r}, which the checklist does not "
                    f"have ({', '.join(sorted(known))}); pass it with groups=."
                )
        return result

    def override(self, changes: Mapping[str, Mapping[str, Any]]) -> Checklist:
        """Return the checklist with some values of some items changed.

        Parameters
        ----------
        changes
            For each item key the new values, such as ``{"pharmacy": {"limit_minutes": 10}}``.
            A limit in one unit takes the place of one in the other.
        """
        known = {f.name for f in fields(Item)} - {"key"}
        for key, values in changes.items():
            self[key]  # raises if the checklist does not have it
            for name in values:
                if name not in known:
                    raise ChecklistError(
                        f"An item has no {name!r} to override; it has: {', '.join(sorted(known))}."
                    )
            _require_sound(key, values)
        items = tuple(
            replace(item, **_one_limit(frozen(changes[item.key]))) if item.key in changes else item
            for item in self.items
        )
        return replace(self, items=items)

    def translated(self, names: Mapping[str, str], *, language: str = "en") -> Checklist:
        """Return the checklist with names of items, groups and itself in other words.

        Parameters
        ----------
        names
            New name by key of an item, of a group or of the checklist.
        language
            Which of the two names is replaced, "en" or "zh"; another language takes the
            place of the English name.
        """
        if language not in {"en", "zh"}:
            raise ChecklistError(f"language must be 'en' or 'zh', found {language!r}.")
        known = {self.key, *self.keys(), *(group.key for group in self.groups)}
        unknown = sorted(set(names) - known)
        if unknown:
            raise ChecklistError(f"Checklist {self.key} has nothing called {', '.join(unknown)}.")
        own: dict[str, Any] = {language: names[self.key]} if self.key in names else {}
        return replace(
            self,
            items=tuple(_renamed(item, names, language) for item in self.items),
            groups=tuple(_renamed(group, names, language) for group in self.groups),
            **own,
        )

    def diff(self, other: Checklist) -> pd.DataFrame:
        """Return one row per difference: item, what, and the value here and there."""
        import pandas as pd  # noqa: PLC0415

        rows: list[tuple[str, str, object, object]] = []
        for key in dict.fromkeys((*self.keys(), *other.keys())):
            if key not in other:
                rows.append((key, "only here", self[key].zh, None))
            elif key not in self:
                rows.append((key, "only there", None, other[key].zh))
            else:
                here, there = values_of(self[key]), values_of(other[key])
                rows += [(key, n, here[n], there[n]) for n in here if here[n] != there[n]]
        return pd.DataFrame(rows, columns=["item", "difference", "here", "there"])


def checklists() -> pd.DataFrame:
    """Return a table of the shipped checklists, one row each, indexed by name."""
    import pandas as pd  # noqa: PLC0415

    from quarterhour.standards.files import lines_of, shipped  # noqa: PLC0415

    rows = [
        {
            "checklist": one.key,
            "zh": one.zh,
            "en": one.en,
            "items": len(one.items),
            "groups": len(one.groups),
            "status": one.status,
            "unverified_items": sum(item.status == "unverified" for item in one.items),
            "missing": one.missing,
            "citation": one.citation,
        }
        for one in (lines_of(path) for path in shipped().values())
    ]
    return pd.DataFrame(rows).set_index("checklist")


def _require_sound(key: str, values: Mapping[str, Any]) -> None:
    """Hold values that are given in Python to what a file may say."""
    for name, value in values.items():
        if wrong := complaint(name, value):
            raise ChecklistError(f"Item {key!r}: `{name}` {wrong}")


def _one_limit(values: dict[str, Any]) -> dict[str, Any]:
    """A limit in metres ends one in minutes, and the other way round."""
    for given, other in (("limit_m", "limit_minutes"), ("limit_minutes", "limit_m")):
        if values.get(given) is not None:
            return {other: None, **values}
    return values


def _renamed(thing: _T, names: Mapping[str, str], language: str) -> _T:
    new: dict[str, Any] = {language: names[thing.key]} if thing.key in names else {}
    return replace(thing, **new)


def _chosen(word: str, wanted: Iterable[str] | None, known: set[str]) -> set[str]:
    chosen = known if wanted is None else {wanted} if isinstance(wanted, str) else set(wanted)
    unknown = sorted(chosen - known)
    if unknown:
        raise ChecklistError(
            f"There is no {word} {', '.join(unknown)}; there is: {', '.join(sorted(known))}."
        )
    return chosen
