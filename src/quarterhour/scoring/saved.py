"""The file ``asked.zip`` of a saved scorecard: the question, what it was asked of, the answer.

Tables are arrays, WKB and JSON, the streets a saved network, the walker its numbers; nothing in
the file is executed when it is read. ``docs/decisions/0015-saved-scorecards.md`` tells why.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.kept import same_cells
from quarterhour.scoring.manifest import Manifest
from quarterhour.scoring.plain_cells import NotPlainError, cell_of, plain
from quarterhour.scoring.plain_tables import Pack, Unpack, read_table, write_table
from quarterhour.scoring.question import Question, pace_text
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Group, HostRule, Item
from quarterhour.streets.elevation import Elevation
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace, Profile, Seconds, Sloped, off_street_speed_m_s

NAME = "asked.zip"
FORMAT = 1
"""Counted up when an older version could not read what is written."""

_HEAD = "scorecard.json"
_STREETS = "streets.npz"
_WORDS = tuple(one.name for one in fields(Question) if one.name not in ("checklist", "pace"))
"""The words of a question that are plain data as they are."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What a scorecard is made of, as it is written and read."""

    results: pd.DataFrame
    areas: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    matches: pd.DataFrame
    times: pd.DataFrame
    network: WalkNetwork
    checklist: Checklist
    manifest: Manifest
    question: Question | None
    asked: Asked | None


_TABLES = ("results", "areas", "origins", "matches", "times")


@dataclass(frozen=True)
class UnwrittenPace:
    """Stands for a pace that no file can hold: it tells which one it was, and cannot walk."""

    told: str
    speed_m_s: float

    def __call__(self, _: WalkNetwork) -> Seconds:
        """Refuse to walk.

        Raises
        ------
        InputError
            Always.
        """
        msg = (
            f"The scorecard was made with the pace {self.told}, a function that no file can hold: "
            "pass it as pace=… ."
        )
        raise InputError(msg)

    def __str__(self) -> str:
        return self.told


def write(parts: Parts, path: Path) -> list[str]:
    """Write a scorecard to a file; give the names of cells of which only the text is written."""
    with Pack(path) as pack:
        told: dict[str, Any] = {
            "format": FORMAT,
            "quarterhour": str(parts.manifest.get("versions", {}).get("quarterhour")),
            "manifest": plain(_writable(parts.manifest)),
            "checklist": plain(asdict(parts.checklist)),
            "tables": {n: write_table(pack, getattr(parts, n), n) for n in _TABLES},
        }
        asked = parts.asked
        given = parts.facilities if asked is None else asked.facilities
        told["tables"]["facilities"] = write_table(pack, given, "facilities")
        told["reached"] = _write_reached(pack, given, parts.facilities)
        told["question"] = write_question(pack, parts.question)
        told["origins_given"] = asked is not None and asked.origins is not None
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            streets = parts.network.save(Path(folder) / _STREETS)
            pack.put(_STREETS, streets.read_bytes())
        told["as_text"] = list(dict.fromkeys(pack.as_text))
        pack.json(told, _HEAD)
        return list(told["as_text"])


def read(path: Path) -> Parts:
    """Read a scorecard that :func:`write` wrote.

    Raises
    ------
    InputError
        If the file is damaged, another one, or of a later version.
    """
    try:
        with Unpack(path) as pack:
            told = pack.json(_HEAD)
            _require_format(told, path)
            return _parts(pack, told)
    except InputError:
        raise
    except Exception as error:  # zipfile, json, numpy and shapely raise many kinds
        why = str(error) or type(error).__name__
        msg = (
            f"{path} is damaged, or was not written by quarterhour ({why}). Take another copy of "
            "the folder, or score anew."
        )
        raise InputError(msg) from error


def _require_format(told: dict[str, Any], path: Path) -> None:
    """See that this version can read what was written.

    Raises
    ------
    InputError
        If a later version wrote it.
    """
    if told["format"] != FORMAT:
        msg = (
            f"{path} was written by quarterhour {told['quarterhour']} in format {told['format']}; "
            f"this version reads format {FORMAT}: use that version, or score anew."
        )
        raise InputError(msg)


def _parts(pack: Unpack, told: dict[str, Any]) -> Parts:
    tables = {name: read_table(pack, one) for name, one in told["tables"].items()}
    checklist = checklist_told(cell_of(told["checklist"]))
    with tempfile.TemporaryDirectory() as folder:
        streets = Path(folder) / _STREETS
        streets.write_bytes(pack.get(_STREETS))
        network = WalkNetwork.load(streets)
    given = tables["facilities"]
    question = asked = None
    if told["question"] is not None:
        question = read_question(pack, told["question"], checklist)
        origins = tables["origins"] if told["origins_given"] else None
        asked = Asked(tables["areas"], given, network, origins)
    facilities = _read_reached(pack, given, told["reached"])
    return Parts(
        **{name: tables[name] for name in _TABLES},
        facilities=facilities,
        network=network,
        checklist=checklist,
        manifest=cell_of(told["manifest"]),
        question=question,
        asked=asked,
    )


def _writable(value: Any) -> Any:
    """Give a manifest with the text of whatever is no plain data in it."""
    if isinstance(value, Mapping):
        return {key: _writable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_writable(one) for one in value)
    try:
        plain(value)
    except NotPlainError:
        return str(value)
    return value


def checklist_told(told: dict[str, Any]) -> Checklist:
    """Build the checklist of what ``asdict`` gave of it."""
    own = {
        "items": tuple(Item(**one) for one in told["items"]),
        "groups": tuple(Group(**one) for one in told["groups"]),
        "hosts": tuple(HostRule(**one) for one in told["hosts"]),
    }
    return Checklist(**(told | own))


def _write_reached(pack: Pack, given: gpd.GeoDataFrame, reached: gpd.GeoDataFrame) -> Any:
    """Write the columns in which facilities differ once walls are known; none if they do not."""
    if given is reached:
        return None
    if not (given.index.equals(reached.index) and set(given) <= set(reached)):
        return {"all": True, "table": write_table(pack, reached, "facilities reached")}
    new = [c for c in reached if c not in given or not same_cells(given[c], reached[c])]
    table = pd.DataFrame(reached)[new]
    table.attrs = dict(reached.attrs)
    return {"all": False, "table": write_table(pack, table, "facilities reached")}


def _read_reached(pack: Unpack, given: gpd.GeoDataFrame, told: Any) -> gpd.GeoDataFrame:
    if told is None:
        return given
    table = read_table(pack, told["table"])
    if told["all"]:
        return cast("gpd.GeoDataFrame", table)
    reached = given.copy()
    for name in table:
        reached[name] = table[name]
    reached.attrs = table.attrs
    return reached


def write_question(pack: Pack, question: Question | None) -> Any:
    """Write a question without its checklist; give what :func:`read_question` needs."""
    if question is None:
        return None
    words = {name: plain(getattr(question, name)) for name in _WORDS}
    return {"words": words, "pace": _write_pace(pack, question.pace)}


def read_question(pack: Unpack, told: dict[str, Any], checklist: Checklist) -> Question:
    """Read a question that :func:`write_question` wrote."""
    words = {name: cell_of(one) for name, one in told["words"].items()}
    return Question(checklist=checklist, pace=_read_pace(pack, told["pace"]), **words)


def _write_pace(pack: Pack, pace: Pace) -> dict[str, Any]:
    if type(pace) is Profile:
        return {"kind": "profile", "fields": plain(asdict(pace))}
    if type(pace) is Sloped and type(pace.walker) is Profile:
        heights = pace.elevation
        about = {n.name: getattr(heights, n.name) for n in fields(heights) if n.name != "node_m"}
        return {
            "kind": "sloped",
            "fields": plain(asdict(pace.walker)),
            "heights": pack.array(heights.node_m),
            "about": plain(about),
        }
    return {"kind": "other", "told": pace_text(pace), "speed": off_street_speed_m_s(pace)}


def _read_pace(pack: Unpack, told: dict[str, Any]) -> Pace:
    if told["kind"] == "other":
        return UnwrittenPace(told["told"], told["speed"])
    walker = Profile(**cell_of(told["fields"]))
    if told["kind"] == "profile":
        return walker
    heights = pack.array(told["heights"])
    heights.setflags(write=False)
    return Sloped(walker, Elevation(heights, **cell_of(told["about"])))
