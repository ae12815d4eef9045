"""Again: a saved question asked anew, and the first number that differs, with its cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.notes import Note
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.at_hand import require_at_hand
from quarterhour.scoring.question import pace_of
from quarterhour.scoring.read import read_scorecard
from quarterhour.scoring.scorecard import Scorecard, answered
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace

INPUTS = ("areas", "origins", "facilities", "network", "checklist")
COLUMNS = ["area", "item", "column", "saved", "now"]


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A saved scorecard and the same question asked now.

    Attributes
    ----------
    saved, now
        Both scorecards.
    differences
        One row per cell of the results that differs: ``area``, ``item``, ``column``, ``saved``,
        ``now``, in the order of the results. ``column`` is "row" where only one has the pair.
    causes
        Sentences on what else is different: inputs by their digests, parameters, versions.
    """

    saved: Scorecard
    now: Scorecard
    differences: pd.DataFrame
    causes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every number is the same."""
        return self.differences.empty

    def __str__(self) -> str:
        cells = f"{len(self.saved.results):,} results"
        if self.same:
            lines = [f"Reproduced: {cells} of {self.saved.manifest['made_at']} are the same."]
        else:
            first = self.differences.iloc[0]
            pairs = len(self.differences.drop_duplicates(["area", "item"]))
            where = f"{first['column']} of {first['item']} in area {first['area']}"
            was, is_now = _told(first["saved"]), _told(first["now"])
            told = f"Not reproduced: {pairs:,} of {cells} differ. The first:"
            lines = [f"{told} {where} was {was}, is {is_now}."]
            if not self.causes:
                lines.append("Inputs, parameters and versions are those of then.")
        return "\n".join([*lines, *self.causes])


def reproduce(
    folder: str | Path,
    *,
    areas: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    network: WalkNetwork | None = None,
    origins: gpd.GeoDataFrame | None = None,
    checklist: Checklist | str | None = None,
    pace: Pace | str | None = None,
) -> Reproduction:
    """Ask a saved question again, and tell the first number that differs, and why.

    Facilities are those that were valid on the day of then.

    Parameters
    ----------
    folder
        What :meth:`Scorecard.save` or ``quarterhour score --out`` wrote.
    areas, facilities, network, origins
        Inputs read anew, to be held to those of then; what is not given is taken from the folder.
    checklist, pace
        Where the folder does not hold them.

    Returns
    -------
    Reproduction
        Print it, or look at ``same``, ``differences`` and ``causes``.

    Raises
    ------
    InputError
        If the folder cannot be read, or an input is neither in it nor given.

    Examples
    --------
    >>> print(reproduce("out/2025"))  # doctest: +SKIP
    >>> reproduce("out/2025", facilities=today).differences  # doctest: +SKIP
    """
    saved = read_scorecard(folder, checklist=checklist)
    if (question := saved.question) is None or (asked := saved.asked) is None:
        msg = f"The scorecard in {folder} was put together by hand: it has no question to ask."
        raise InputError(msg)
    given = {"areas": areas, "facilities": facilities, "network": network, "pace": pace}
    lacking = [n for n in saved.missing if n != "origins" and given[n] is None]
    require_at_hand(lacking, saved)
    told = saved.manifest["parameters"]
    question = replace(question, valid_on=date.fromisoformat(told["valid_on"]))
    if pace is not None:
        question = replace(question, pace=pace_of(pace))
    homes = origins if origins is not None or areas is not None else asked.origins
    anew = Asked(
        areas=asked.areas if areas is None else areas,
        facilities=asked.facilities if facilities is None else facilities,
        network=asked.network if network is None else network,
        origins=homes,
    )
    now = answered(question, anew)
    return Reproduction(saved, now, _differences(saved, now), tuple(_causes(saved, now)))


def _differences(saved: Scorecard, now: Scorecard) -> pd.DataFrame:
    """List the cells of the results that differ; labels are compared as people read them."""
    key = ["area", "item"]
    one, other = (c.results.assign(area=c.results["area"].astype(str)) for c in (saved, now))
    both = one.merge(other, on=key, how="outer", suffixes=("", "_now"), indicator=True, sort=False)
    order = {pair: n for n, pair in enumerate(zip(one["area"], one["item"], strict=True))}
    place = [order.get(pair, len(order)) for pair in zip(both["area"], both["item"], strict=True)]
    both = both.assign(place=place).sort_values("place", kind="stable")
    parts = []
    alone = both[both["_merge"] != "both"]
    there = alone["_merge"].eq("left_only")
    parts.append(
        alone.assign(
            column="row",
            saved=there.map({True: "there", False: "not there"}),
            now=there.map({True: "not there", False: "there"}),
        )
    )
    pairs = both[both["_merge"] == "both"]
    for column in (c for c in one.columns if c not in key and c in other.columns):
        here, there_now = pairs[column], pairs[f"{column}_now"]
        mine = pairs[_differ(here, there_now)]
        parts.append(mine.assign(column=column, saved=mine[column], now=mine[f"{column}_now"]))
    parts = [part[["place", *COLUMNS]].astype(object) for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(parts, ignore_index=True).sort_values("place", kind="stable")
    return found[COLUMNS].reset_index(drop=True)


def _differ(one: pd.Series[Any], other: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if one.dtype.kind in "fiub" and other.dtype.kind in "fiub":
        same = one.to_numpy() == other.to_numpy()
        nothing = one.isna().to_numpy() & other.isna().to_numpy()
        return np.asarray(~(same | nothing), dtype=bool)
    pairs = zip(one, other, strict=True)
    return np.array([_told(a) != _told(b) for a, b in pairs], dtype=bool)


def _told(value: Any) -> str:
    if value is None or (not isinstance(value, str) and np.ndim(value) == 0 and pd.isna(value)):
        return "nothing"
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def _causes(saved: Scorecard, now: Scorecard) -> list[str]:
    """Say which inputs, parameters and versions are not those of then."""
    then, here = saved.manifest, now.manifest
    causes: list[str] = [
        _not_of_then(name, here["inputs"][name], then["inputs"][name])
        for name in INPUTS
        if name in then["inputs"]
        and then["inputs"][name].get("sha256") != here["inputs"][name].get("sha256")
    ]
    for kind, what in (("parameters", "parameter"), ("versions", "version of")):
        known: Mapping[str, Any] = then.get(kind, {})
        causes += [
            Note(
                f"other_{kind}",
                f"{what} {{0}}: {{1}}; then {{2}}.",
                name,
                _shown(here[kind].get(name)),
                _shown(value),
            )
            for name, value in known.items()
            if _plain(here[kind].get(name)) != _plain(value)
        ]
    return causes


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _not_of_then(name: str, now: Mapping[str, Any], then: Mapping[str, Any]) -> Note:
    """Say how large both are, where they come from and by which digests they are known."""
    unit = _UNITS.get(name, "rows")
    text = f"{{0}}: not those of then: {{1}} {unit} ({{2}}, sha256 {{3}}); "
    text += f"then {{4}} {unit} ({{5}}, sha256 {{6}})."
    (size, source, digest), (had, whence, known) = _about(now), _about(then)
    return Note(f"not_of_then_{name}", text, name, size, source, digest, had, whence, known)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


_UNITS = {"network": "edges", "checklist": "items"}


def _about(told: Mapping[str, Any]) -> tuple[str, str, str]:
    size = next((f"{told[n]:,}" for n in ("rows", "edges", "items") if n in told), "–")
    source = re.split(r"[/\\]", str(told.get("source") or told.get("key") or "–"))[-1]
    return size, source, str(told.get("sha256"))[:12]
