"""A folder that holds results without what they were asked of, as older versions wrote it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.errors import ChecklistError, InputError, QuarterhourWarning
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.question import Question, checklist_of, pace_text, walker_of
from quarterhour.scoring.rules import read_period
from quarterhour.scoring.saved import Parts, UnwrittenPace
from quarterhour.standards.checklist import Checklist
from quarterhour.walking.pace import Pace, profile, profiles

_FILES = ("areas.gpkg", "results.csv", "summary.csv", "matches.csv")


@dataclass(frozen=True)
class NotAtHand:
    """Stands for an input that is not in the folder; whoever asks it for anything is told so."""

    what: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(name)
        self._refuse()

    def __len__(self) -> int:
        return int(self._refuse())

    def __getitem__(self, key: object) -> Any:
        return self._refuse()

    def _refuse(self) -> Any:
        msg = (
            f"This scorecard was read from a folder that holds its results alone, without "
            f"{self.what}: ask again with card.again(…), which says what to pass."
        )
        raise InputError(msg)


def read_results(
    folder: Path, manifest: Mapping[str, Any], checklist: Checklist | str | None
) -> tuple[Parts, tuple[str, ...]]:
    """Read the results of a folder, and say what it does not hold.

    Raises
    ------
    InputError
        If a file is missing or damaged, or the results do not fit the checklist.
    """
    if lacking := [name for name in _FILES if not (folder / name).is_file()]:
        msg = (
            f"The folder {folder} lacks {', '.join(lacking)}: take another copy of it, or score "
            "anew."
        )
        raise InputError(msg)
    try:
        areas = gpd.read_file(folder / "areas.gpkg").set_index("area")
        dtype = {"area": areas.index.dtype, "facility": str}
        results = pd.read_csv(folder / "results.csv", encoding="utf-8-sig", dtype=dtype)
        summary = pd.read_csv(folder / "summary.csv", encoding="utf-8-sig", dtype=dtype)
        matches = pd.read_csv(folder / "matches.csv", encoding="utf-8-sig", dtype={"facility": str})
        areas = _areas(areas, summary.set_index("area"))
        results = _results(results, areas)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        msg = (
            f"The results in {folder} are damaged, or were not written by quarterhour ({error}): "
            "take another copy of the folder, or score anew."
        )
        raise InputError(msg) from error
    lines = _lines(manifest, results, checklist)
    question, missing = _question(manifest, lines)
    absent: dict[str, Any] = {
        name: NotAtHand(what)
        for name, what in (
            ("network", "the streets"),
            ("facilities", "the facilities"),
            ("origins", "the homes"),
            ("times", "the walks"),
        )
    }
    asked = Asked(areas, absent["facilities"], absent["network"], None)
    parts = Parts(
        results=results,
        areas=areas,
        matches=matches,
        checklist=lines,
        manifest=manifest,
        question=question,
        asked=asked,
        **absent,
    )
    return parts, missing


def _areas(areas: gpd.GeoDataFrame, summary: pd.DataFrame) -> gpd.GeoDataFrame:
    """Keep of the areas what is theirs, and the way out of them, which only homes tell."""
    kept = gpd.GeoDataFrame(
        {name: summary[name].reindex(areas.index) for name in ("name", "residents", "way_out")},
        geometry=areas.geometry,
        crs=areas.crs,
    )
    for name in ("name", "way_out"):
        kept[name] = kept[name].astype(object).where(kept[name].notna(), None)
    kept.index.name = None
    return kept


def _results(results: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the results the kinds of cells that they had.

    Raises
    ------
    ValueError
        If they are of other areas, or their words are not known.
    """
    if not results["area"].isin(areas.index).all() or results["area"].nunique() != len(areas):
        msg = "results.csv and areas.gpkg are of different areas"
        raise ValueError(msg)
    if not results["status"].isin(["met", "unmet", "unknown"]).all():
        msg = "results.csv has statuses that are not known"
        raise ValueError(msg)
    place = results["facility"].astype(object)
    return results.assign(
        facility=place.where(place.notna(), None),
        edge_affected=results["edge_affected"].astype(bool),
        share=results["share"].astype(np.float64),
    )


def _lines(
    manifest: Mapping[str, Any], results: pd.DataFrame, given: Checklist | str | None
) -> Checklist:
    """Give the checklist of the results.

    Raises
    ------
    InputError
        If it is not at hand, or is another one.
    """
    about, limits = manifest["inputs"]["checklist"], manifest["parameters"]["limits"]
    key = str(about["key"])
    try:
        found = checklist_of(key if given is None else given)
    except ChecklistError as error:
        msg = (
            f"The results were scored against the checklist {key!r}, which is not shipped: pass "
            "it as checklist=… ."
        )
        raise InputError(msg) from error
    here = {item.key: str(item.limit) for item in found}
    there = {str(name): str(limit) for name, limit in limits.items()}
    if here != there or set(results["item"]) != set(here):
        differ = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
        msg = (
            f"The results were scored against another {key} than {found.key}: "
            f"{', '.join(differ[:5]) or 'items'} differ. Pass the one of then as checklist=… ."
        )
        raise InputError(msg)
    if found.sha256 != about.get("sha256"):
        msg = (
            f"The checklist {key} has changed since these results were written: items and limits "
            "are the same, but names, weights and how places are recognised are those of now."
        )
        warnings.warn(msg, QuarterhourWarning, stacklevel=4)
    return found


def _question(
    manifest: Mapping[str, Any], checklist: Checklist
) -> tuple[Question, tuple[str, ...]]:
    """Make the question of what the manifest tells, and say what has to be given to ask it."""
    told = manifest["parameters"]
    missing: tuple[str, ...] = ("areas", "origins", "facilities", "network")
    pace: Pace | None = walker_of(manifest.get("question", {}).get("walker", {}))
    for name in profiles()["name"]:
        if pace_text(profile(name)) == told["pace"]:
            pace = profile(name)
    if pace is None:
        pace, missing = UnwrittenPace(told["pace"], told["speed_m_s"]), (*missing, "pace")
    at = told.get("at")
    question = Question(
        checklist=checklist,
        pace=pace,
        quota=told["quota"],
        surveyed=tuple(told["surveyed"]),
        at=None if at is None else datetime.fromisoformat(at),
        contracted_only=told["contracted_only"],
        mode=told["mode"],
        min_satisfaction=told.get("min_satisfaction"),
        period=None if told.get("period") is None else read_period(told["period"]),
        horizon=told["horizon"],
        snap_limit_m=told["snap_limit_m"],
    )
    return question, missing
