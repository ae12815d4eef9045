"""What a category of Overture's places is in the tags of OpenStreetMap (categories.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from quarterhour.sources.overture.files import Row


class _Table(NamedTuple):
    tag: Mapping[str, str]
    patterns: Mapping[str, str]
    vague: Mapping[str, str]
    together: Mapping[tuple[str, str], str]


@cache
def _table() -> _Table:
    text = files("quarterhour.sources.overture").joinpath("categories.toml").read_text("utf-8")
    told = tomllib.loads(text)
    together = {_pair(one): tag for one, tag in told["together"].items()}
    tags = {kind: tag for tag, kinds in told["tags"].items() for kind in kinds}
    return _Table(tags, told["patterns"], told["vague"], together)


def _pair(text: str) -> tuple[str, str]:
    one, other = text.split(" + ")
    return one, other


def categories_of(row: Row) -> tuple[list[str], list[str]]:
    """Give the categories of a place, the most exact first, and those that it has besides.

    Releases until 2025 have ``categories`` (primary, alternate); later ones ``taxonomy`` (primary,
    hierarchy, alternates) and ``basic_category``.

    Examples
    --------
    >>> categories_of({"categories": {"primary": "retail", "alternate": ["bakery"]}})
    (['retail'], ['bakery'])
    """
    taxonomy, categories = row.get("taxonomy") or {}, row.get("categories") or {}
    found: list[Any] = [taxonomy.get("primary"), categories.get("primary")]
    found += [row.get("basic_category"), *reversed(taxonomy.get("hierarchy") or [])]
    besides = [*(taxonomy.get("alternates") or []), *(categories.get("alternate") or [])]
    return _distinct(found), _distinct(besides)


def _distinct(values: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(one) for one in values if one))


def tags_of(categories: Iterable[str], besides: Collection[str] = ()) -> dict[str, str]:
    """Give the tags of OpenStreetMap that say what a place does; none where no item needs it.

    Parameters
    ----------
    categories
        Those of the place, the most exact first: the first that says something counts.
    besides
        Other categories that it has. They count only beside a category that says little, such as
        ``retail``, or together with one as the table says.

    Examples
    --------
    >>> tags_of(["sushi_restaurant"]), tags_of(["astrologer"])
    ({'amenity': 'restaurant'}, {})
    >>> tags_of(["shipping_center"]), tags_of(["shipping_center"], ["post_office"])
    ({'amenity': 'post_depot'}, {'amenity': 'post_office'})
    """
    told = next((tag for kind in categories if (tag := _tag(kind, besides))), "")
    parts = (one.partition("=") for one in told.split(" & ") if one)
    return {key: value for key, _, value in parts}


def _tag(kind: str, besides: Collection[str]) -> str:
    table = _table()
    for (one, other), tag in table.together.items():
        if one == kind and other in besides:
            return tag
    if kind not in table.vague:
        return _alone(kind)
    more = (_alone(other) for other in besides if other not in table.vague)
    return next(filter(None, more), table.vague[kind])


def _alone(kind: str) -> str:
    table = _table()
    fits = (tag for pattern, tag in table.patterns.items() if fnmatchcase(kind, pattern))
    return table.tag.get(kind) or next(fits, "")
