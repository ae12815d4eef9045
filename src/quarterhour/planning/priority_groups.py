"""Priority groups: what older people, children and others need first, and what they lack."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist

GROUPS = {
    "entitled": "优抚对象",
    "elderly": "老年人",
    "disabled": "残疾人",
    "child": "未成年人",
    "low_income": "低保对象",
}
"""The priority groups of the Beijing opinion, and what they are called there."""

_KEYS = ("name", "residents", "pace", "required", "weights")


@dataclass(frozen=True)
class _Need:
    """What one group needs, as :func:`group_needs` is told it."""

    key: str
    name: str
    column: str
    pace: Any = None
    required: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class GroupNeeds:
    """What priority groups have and lack.

    Attributes
    ----------
    groups
        One row per group: ``group``, ``name``, ``pace``, ``required`` (how many items), ``unit``
        (residents of the group, or areas where nobody counts them), ``all_met``, ``some_unmet``
        and ``unknown`` (who has every required item, lacks one, or of whom it is not known),
        ``share`` (of those of whom it is known) and ``items_met_share``, the mean of the areas'
        weighted by who lives there.
    areas
        One row per area and group: ``area``, ``name``, ``group``, ``residents`` of the group,
        ``status`` of its required items together, ``met``, ``unmet`` and ``unknown`` (how many
        of these), ``items_met_share`` (weight of the items met over that of those met or unmet,
        by the group's weights).
    lacking
        What is missing, most residents first: ``area``, ``name``, ``group``, ``item``, ``zh``,
        ``en``, ``reason``, ``residents`` of the group who are without it (as many of a hundred as
        of all residents of the area), ``median_minutes`` and ``facility``.
    """

    groups: pd.DataFrame
    areas: pd.DataFrame
    lacking: pd.DataFrame

    def __repr__(self) -> str:
        known = self.groups[self.groups["share"].notna()]
        told = ", ".join(
            f"{group} {share:.0%} of the {unit} of whom it is known"
            for group, share, unit in zip(
                known["group"], known["share"], known["unit"], strict=True
            )
        )
        return f"<GroupNeeds: every required item: {told or 'not known'}>"


def group_needs(
    card: Scorecard, needs: Mapping[str, Mapping[str, Any]] | str | PathLike[str]
) -> GroupNeeds:
    """Ask for each priority group what it needs, at the pace that it walks.

    Parameters
    ----------
    card
        The scorecard.
    needs
        For each group what is asked: ``{"elderly": {"required": ["health_station"], "weights":
        {"food_market": 2}, "pace": "elderly", "residents": "residents_elderly"}}``, or a TOML
        file of such tables. ``required`` are items that the group has to have; ``weights`` take
        the place of those of the checklist in the share of items met; ``pace`` is who walks (that
        of the scorecard if it is not said); ``residents`` is the column of the areas that counts
        the group, ``residents_<group>`` if it is not said; ``name`` is what it is called.

    Returns
    -------
    GroupNeeds

    Raises
    ------
    InputError
        If a group asks for an item that the checklist does not have, a weight is none, or a
        column that is named is not there.

    Examples
    --------
    >>> asked = {"elderly": {"required": ["health_station"], "pace": "elderly"}}
    >>> group_needs(card, asked).lacking  # doctest: +SKIP
    """
    asked = [_need(key, values, card) for key, values in _tables(needs).items()]
    parts = []
    for need in asked:
        mine = card if need.pace is None else card.again(pace=need.pace)
        people = _people(card, need.column)
        areas = _by_area(mine, need, people)
        parts.append((_in_all(mine, need, areas), areas, _lacking(mine, need, people)))
    some = [part[2] for part in parts if not part[2].empty]
    missing: pd.DataFrame = pd.concat(some or [parts[0][2]], ignore_index=True)
    missing = missing.sort_values("residents", ascending=False, kind="stable")
    return GroupNeeds(
        pd.DataFrame([part[0] for part in parts]),
        pd.concat([part[1] for part in parts], ignore_index=True),
        missing.reset_index(drop=True),
    )


def _tables(needs: object) -> Mapping[str, Any]:
    """Give the needs as tables.

    Raises
    ------
    InputError
        If the file cannot be read, or there is no group.
    """
    if isinstance(needs, (str, PathLike)):
        path = Path(needs)
        try:
            needs = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            msg = f"The needs of the groups cannot be read from {path}: {error}."
            raise InputError(msg) from error
    if not isinstance(needs, Mapping) or not needs:
        msg = (
            "needs asks of no group: give one such as {'elderly': {'required': ['health_station'], "
            "'pace': 'elderly'}}."
        )
        raise InputError(msg)
    return needs


def _need(key: str, values: Any, card: Scorecard) -> _Need:
    """Hold what is asked for one group to what there is.

    Raises
    ------
    InputError
        If it is not there.
    """
    if not isinstance(values, Mapping):
        msg = f"The needs of {key} are {values!r}: give a table with required, weights or pace."
        raise InputError(msg)
    if strange := [name for name in values if name not in _KEYS]:
        msg = (
            f"The needs of {key} say {', '.join(map(str, strange))}: known are {', '.join(_KEYS)}."
        )
        raise InputError(msg)
    required, weights = values.get("required", ()), values.get("weights", {})
    required = (required,) if isinstance(required, str) else tuple(dict.fromkeys(required))
    keys = [_item_key(card.checklist, word, key) for word in required]
    heavy = {_item_key(card.checklist, word, key): value for word, value in weights.items()}
    for word, value in heavy.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value < float("inf"):
            msg = f"The weight of {word} for {key} is {value!r}: give a number from 0 up."
            raise InputError(msg)
    column = values.get("residents", f"residents_{key}")
    if "residents" in values and column not in card.areas:
        msg = (
            f"The areas have no column {column!r} that counts {key}: they have "
            f"{', '.join(map(str, card.areas.columns))}."
        )
        raise InputError(msg)
    if column in card.areas and not pd.api.types.is_numeric_dtype(card.areas[column]):
        msg = f"The column {column!r} of the areas has to hold numbers: use pandas.to_numeric."
        raise InputError(msg)
    name = values.get("name", GROUPS.get(key, key))
    return _Need(key, str(name), column, values.get("pace"), tuple(keys), heavy)


def _item_key(checklist: Checklist, word: str, group: str) -> str:
    """Give the key of an item named by its key, or its Chinese or English name.

    Raises
    ------
    InputError
        If there is none.
    """
    for item in checklist:
        if word in (item.key, item.zh, item.en):
            return item.key
    known = ", ".join(checklist.keys())
    msg = f"{group} needs {word!r}, which {checklist.key} does not have: {known}."
    raise InputError(msg)


def _people(card: Scorecard, column: str) -> pd.Series[float]:
    """The residents of a group in each area; NaN where nobody counts them."""
    if column not in card.areas:
        return pd.Series(np.nan, index=card.areas.index)
    people: pd.Series[float] = card.areas[column].astype(float)
    return people


def _by_area(card: Scorecard, need: _Need, people: pd.Series[float]) -> pd.DataFrame:
    results, labels = card.results, card.areas.index
    area = labels.get_indexer(pd.Index(results["area"]))
    asked = results["item"].isin(need.required).to_numpy()
    weight = results["item"].map(
        {item.key: need.weights.get(item.key, item.weight) for item in card.checklist}
    )

    def total(mask: Any, values: Any = None) -> Floats:
        cells = mask.astype(float) if values is None else mask * values
        return np.asarray(np.bincount(area, cells, minlength=len(labels)))

    heavy = weight.to_numpy(dtype=float)
    is_ = {word: (results["status"] == word).to_numpy() for word in ("met", "unmet", "unknown")}
    count = {word: total(mask & asked).astype(int) for word, mask in is_.items()}
    known = total(~is_["unknown"], heavy)
    share = np.full(len(labels), np.nan)
    np.divide(total(is_["met"], heavy), known, out=share, where=known > 0)
    choices = [count["unmet"] > 0, count["unknown"] > 0]
    status = np.select(choices, ["unmet", "unknown"], "met").astype(object)
    if not need.required:
        status[:] = "unknown"
    names = card.areas["name"] if "name" in card.areas else pd.Series(None, labels, dtype=object)
    told = {"area": labels, "name": names.to_numpy(), "group": need.key}
    told |= {"residents": people.to_numpy(), "status": status, **count, "items_met_share": share}
    return pd.DataFrame(told)


def _in_all(card: Scorecard, need: _Need, areas: pd.DataFrame) -> dict[str, Any]:
    """Add the areas up: residents of the group, or areas where nobody counts them."""
    counted = areas["residents"].notna().any()
    weight = areas["residents"].fillna(0.0) if counted else pd.Series(1.0, index=areas.index)
    by_status = weight.groupby(areas["status"]).sum()
    met, unmet, unknown = (float(by_status.get(w, 0.0)) for w in ("met", "unmet", "unknown"))
    share = areas["items_met_share"]
    there = share.notna() & (weight > 0)
    whole = float(weight[there].sum())
    return {
        "group": need.key,
        "name": need.name,
        "pace": card.manifest["parameters"]["pace"],
        "required": len(need.required),
        "unit": "residents" if counted else "areas",
        "all_met": met,
        "some_unmet": unmet,
        "unknown": unknown,
        "share": met / (met + unmet) if met + unmet else np.nan,
        "items_met_share": float((share * weight)[there].sum()) / whole if whole else np.nan,
    }


def _lacking(card: Scorecard, need: _Need, people: pd.Series[float]) -> pd.DataFrame:
    results = card.results
    rows = results[(results["status"] == "unmet") & results["item"].isin(need.required)]
    items = {item.key: item for item in card.checklist}
    names = card.areas["name"] if "name" in card.areas else pd.Series(None, card.areas.index)
    without = people.reindex(rows["area"]).to_numpy() * (1 - rows["share"].to_numpy())
    return pd.DataFrame(
        {
            "area": rows["area"].to_numpy(),
            "name": names.reindex(rows["area"]).to_numpy(dtype=object),
            "group": need.key,
            "item": rows["item"].to_numpy(),
            "zh": [items[key].zh for key in rows["item"]],
            "en": [items[key].en for key in rows["item"]],
            "reason": rows["reason"].to_numpy(),
            "residents": without,
            "median_minutes": rows["median_minutes"].to_numpy(),
            "facility": rows["facility"].to_numpy(dtype=object),
        }
    )
