"""What is said of a country's answers as a whole: what was asked, of which tiles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd

from quarterhour.atomic import whole_file, whole_files
from quarterhour.errors import InputError
from quarterhour.scoring.plain_cells import cell_of, plain
from quarterhour.scoring.question import Question, as_data, pace_text, walker_of
from quarterhour.scoring.rules import read_period
from quarterhour.scoring.saved import UnwrittenPace, checklist_told
from quarterhour.sources.country.tiles import Tiles
from quarterhour.standards.checklist import Checklist
from quarterhour.walking.pace import off_street_speed_m_s

COUNTRY, GROUNDS, FAILED = "country.json", "tiles.parquet", "failed.json"
"""The files that say what was asked of a country, which tiles it has, and which failed."""


@dataclass(frozen=True, eq=False)
class Country:
    """What was asked, of what; and why tiles are not answered, where that is known."""

    question: Question
    tiles: gpd.GeoDataFrame
    source: dict[str, str]
    box: tuple[float, float, float, float]
    failed: dict[str, str]


def digest_of(question: Question) -> str:
    """Give a digest of all that is asked."""
    told = json.dumps(as_data(question), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def begun(out: Path, tiles: Tiles, question: Question) -> Question:
    """Give the question as of the day on which the folder was begun, and say there what it is.

    Raises
    ------
    InputError
        If the folder holds answers to another question, or of another country.
    """
    path = out / COUNTRY
    if not path.is_file():
        question = replace(question, valid_on=question.rules.day)
        _write(out, tiles, question)
        return question
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        known, sha256 = told["question"], told["source"]["sha256"]
        if question.valid_on is None and question.at is None and question.period is None:
            question = replace(question, valid_on=date.fromisoformat(known["valid_on"]))
        other = sha256 != tiles.source["sha256"] or told["tiles"] != list(tiles.names())
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): name another folder."
        raise InputError(msg) from error
    now = json.loads(json.dumps(as_data(question), default=str))
    if other or now != known:
        words = [name for name in now if now[name] != known.get(name)]
        what = "of other tiles" if other else f"to another question ({', '.join(words)})"
        msg = f"{out} holds answers {what}: name another folder."
        raise InputError(msg)
    return question


def _write(out: Path, tiles: Tiles, question: Question) -> None:
    told = {
        "source": tiles.source,
        "whole": vars(tiles.whole),
        "halo_m": tiles.halo_m,
        "divided": tiles.divided,
        "question": as_data(question),
        "pace": {"text": pace_text(question.pace), "speed": off_street_speed_m_s(question.pace)},
        "checklist": plain(asdict(question.checklist)),
        "tiles": list(tiles.names()),
    }
    about = {name: [getattr(t, name) for t in tiles.tiles] for name in ("name", "title")}
    dwellings = [tile.dwellings for tile in tiles.tiles]
    own = [tile.own for tile in tiles.tiles]
    grounds = gpd.GeoDataFrame({**about, "dwellings": dwellings}, geometry=own, crs=4326)
    with whole_files([out / COUNTRY, out / GROUNDS]) as parts:
        grounds.to_parquet(parts[out / GROUNDS], index=False)
        text = json.dumps(told, ensure_ascii=False, indent=1, default=str)
        parts[out / COUNTRY].write_text(text, encoding="utf-8")


def read_country(out: Path) -> Country:
    """Read what was asked of a country, and of which tiles.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path = out / COUNTRY
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        question = _question(told, checklist_told(cell_of(told["checklist"])))
        tiles = gpd.read_parquet(out / GROUNDS).set_index("name")
        west, south, east, north = told["whole"]["box"]
        box = float(west), float(south), float(east), float(north)
        return Country(question, tiles, dict(told["source"]), box, _failed(out))
    except (KeyError, TypeError, ValueError, OSError) as error:
        msg = f"{path} or {GROUNDS} cannot be read ({error}): score the tiles into another folder."
        raise InputError(msg) from error


def _question(told: Mapping[str, Any], checklist: Checklist) -> Question:
    asked = told["question"]
    pace = walker_of(asked["walker"])
    at, period = asked["at"], asked["period"]
    return Question(
        checklist=checklist,
        pace=UnwrittenPace(told["pace"]["text"], told["pace"]["speed"]) if pace is None else pace,
        quota=asked["quota"],
        surveyed=tuple(asked["surveyed"]),
        at=None if at is None else datetime.fromisoformat(at),
        contracted_only=asked["contracted_only"],
        mode=asked["mode"],
        min_satisfaction=asked["min_satisfaction"],
        period=None if period is None else read_period(period),
        horizon=asked["horizon"],
        snap_limit_m=asked["snap_limit_m"],
        valid_on=date.fromisoformat(asked["valid_on"]),
    )


def tell_failed(out: Path, tried: Mapping[str, str | None]) -> None:
    """Write why tiles failed; of those that did not (None), nothing is said any more."""
    told = {name: why for name, why in _failed(out).items() if name not in tried}
    told |= {name: why for name, why in tried.items() if why is not None}
    if told or (out / FAILED).is_file():
        with whole_file(out / FAILED) as path:
            path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _failed(out: Path) -> dict[str, str]:
    path = out / FAILED
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
