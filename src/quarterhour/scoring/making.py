"""All that made a number, as the manifest of a scorecard tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import geopandas as gpd

from quarterhour.scoring.digested import Digested
from quarterhour.scoring.found import Found, Since
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.left_out import Where, left_out_of
from quarterhour.scoring.manifest import Manifest, describe_network, describe_table, manifest
from quarterhour.scoring.question import Question, as_data
from quarterhour.scoring.rules import Period
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.walking.pace import closed_streets

_PARAMETERS = (
    "pace",
    "speed_m_s",
    "closed_streets",
    "quota",
    "surveyed",
    "shown",
    "at",
    "valid_on",
    "contracted_only",
    "mode",
    "min_satisfaction",
    "period",
    "origins_at",
    "snap_limit_m",
    "horizon",
    "limits",
)
"""The order in which a manifest tells them."""


class Making(NamedTuple):
    """What a manifest is told of, as it was when the question was answered.

    ``marks`` are those of the areas, the facilities and the homes, which keep copies of them.
    """

    question: Question
    marks: tuple[Any, Any, Any]
    network: WalkNetwork
    found: Found
    starts: Placed
    doubts: Mapping[str, list[str]]
    made_at: datetime
    days: Period

    def told(self, kept: Kept) -> Manifest:
        """Tell it."""
        question, network, found = self.question, self.network, self.found
        names = ("areas", "facilities", "origins")
        tables = {name: (mark, mark.copy) for name, mark in zip(names, self.marks, strict=True)}
        inputs = _inputs(question, network, tables, kept)
        inputs["facilities"]["kind"] = found.kind
        for name, said in self.doubts.items():
            inputs[name]["notes"] += said
        inputs["facilities"]["notes"] += found.notes
        pace = question.pace
        closed = kept.step("closed", (pace, network), lambda: closed_streets(pace, network))
        parameters = question.parameters() | {
            "closed_streets": dict(closed),
            "shown": sorted(found.shown),
            "origins_at": tables["origins"][1].attrs.get("at"),
        }
        made: dict[str, Any] = manifest(inputs, {name: parameters[name] for name in _PARAMETERS})
        made["made_at"] = self.made_at.isoformat(timespec="seconds")
        return made | {
            "question": as_data(question),
            "left_out": self._left_out(kept).to_dict("records"),
        }

    def _left_out(self, kept: Kept) -> Any:
        areas, facilities, homes = (mark.copy for mark in self.marks)
        area_mark, facility_mark, home_mark = self.marks
        network, question, found = self.network, self.question, self.found
        homes_at = area_mark, home_mark
        since = Since.of(kept, facility_mark, facilities).known(kept, "where", *homes_at, network)
        where = kept.step(
            "where",
            (facility_mark, *homes_at, network),
            lambda: Where.of(areas, homes, facilities, network, since),
        )
        rules = question.rules
        asked = (*homes_at, facility_mark, network, question.snap_limit_m)
        places = self.starts, found.ends
        return kept.step(
            "left out",
            (*asked, question.checklist, rules, self.days),
            lambda: left_out_of(
                areas, homes, facilities, found.matches, network, places, where, found.rows
            ),
        )


def _inputs(
    question: Question,
    network: WalkNetwork,
    tables: dict[str, tuple[object, gpd.GeoDataFrame]],
    kept: Kept,
) -> dict[str, Any]:
    """Describe what went in; every description is a copy that may be written to."""
    checklist = question.checklist
    inputs: dict[str, Any] = {}
    for name, (mark, table) in tables.items():
        told = kept.step(f"about {name}", (mark,), partial(_about, name, table, mark, kept))
        inputs[name] = told | {"notes": list(told["notes"])}
    about = kept.step("about network", (network,), lambda: describe_network(network))
    inputs["network"] = dict(about)
    inputs["checklist"] = {
        "key": checklist.key,
        "items": len(checklist),
        "status": checklist.status,
        "sha256": checklist.sha256,
    }
    return inputs


def _about(name: str, table: gpd.GeoDataFrame, mark: object, kept: Kept) -> dict[str, Any]:
    """Describe a table; rows that are as they were are not digested again."""
    if name != "facilities":
        return describe_table(table)
    before = Since.of(kept, mark, table).known(kept, "digest")
    digested = kept.step("digest", (mark,), lambda: Digested.of(table, before))
    return describe_table(table, digested.sha256)
