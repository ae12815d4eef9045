"""Prepared questions, where tables are at hand: made, asked of areas and of many points."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Ints
from quarterhour.atomic import whole_folder
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.given import Given, places_given
from quarterhour.scoring import doorsteps_file, inquiry_file
from quarterhour.scoring.alone import Silence
from quarterhour.scoring.answer import doubts_of
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.doorsteps import Doorsteps, ItemWalks, flags
from quarterhour.scoring.found import Found, facilities_found, hold_facilities
from quarterhour.scoring.item_walks import rounds_of, sought
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.question import Question
from quarterhour.scoring.reach import Reach
from quarterhour.scoring.rules import Mode
from quarterhour.scoring.scorecard import Scorecard, answered
from quarterhour.scoring.searched import AtNodes, Searched
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, numbered
from quarterhour.streets.snap_grid import street_grid
from quarterhour.walking.isochrones.isochrones import isochrones
from quarterhour.walking.nearest import node_walks
from quarterhour.walking.node_walks import NodeWalks
from quarterhour.walking.pace import ADULT, Pace, off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of


def prepare(
    network: WalkNetwork,
    facilities: gpd.GeoDataFrame,
    checklist: Checklist | str | Question,
    *,
    pace: Pace | str = ADULT,
    surveyed: Collection[str] = (),
    at: str | datetime | None = None,
    mode: Mode = "function",
) -> Reach:
    """Make a question ready to be asked of any place, in a thousandth of the time.

    Facilities are classified and joined to the streets, and from every item's facilities is
    searched to every node of the streets, once. A place is then answered by looking up what the
    nodes at the ends of its street know.

    Parameters
    ----------
    network
        The streets.
    facilities
        Places, as in :func:`quarterhour.assess`.
    checklist
        What residents should reach; the key of a shipped checklist; or a whole
        :class:`quarterhour.Question`, with all that the following words say, and more.
    pace, surveyed, at, mode
        As in :func:`quarterhour.assess`.

    Returns
    -------
    Reach
        Ask it with :meth:`Reach.from_point`, :meth:`Reach.from_points`, :meth:`Reach.isochrone`,
        :meth:`Reach.score`. Facilities count as of today, or of the day that the question names.

    Raises
    ------
    InputError
        If a table breaks its contract, or an item asks for what nodes cannot know: several
        facilities, or such as come to the home or have no hours that can be read.
    NetworkError
        If no facility lies near a street.

    Warns
    -----
    QuarterhourWarning
        If the streets contradict the datum that the facilities were declared to have.
    """
    if isinstance(checklist, Question):
        question = checklist
    else:
        question = Question.of(checklist, pace=pace, surveyed=surveyed, at=at, mode=mode)
    if question.valid_on is None and question.at is None:
        question = replace(question, valid_on=question.rules.day)  # it stays that of its making
    inquiry = Inquiry(question, network, facilities)
    kept, found = inquiry.ready
    doubts: list[str] = kept.step("doubts", (kept.table("facilities", facilities), network), list)
    for doubt in doubts:
        warnings.warn(f"Facilities: {doubt}", QuarterhourWarning, stacklevel=2)
    return Reach(_doorsteps(question, network, found, inquiry.at_nodes), network.crs, inquiry)


@dataclass(frozen=True, eq=False)
class Inquiry:
    """What is asked, on which streets, to which facilities; made ready when first needed."""

    question: Question
    network: WalkNetwork
    facilities: gpd.GeoDataFrame

    def score(self, areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame | None) -> Scorecard:
        """Do what :meth:`Reach.score` does."""
        kept = self.ready[0].copy()
        searched = Searched()
        searched.at_nodes = self.at_nodes
        kept.put("searched", (), searched)
        return answered(self.question, Asked(areas, self.facilities, self.network, origins), kept)

    def isochrone(self, lon: float, lat: float, minutes: Sequence[float]) -> gpd.GeoDataFrame:
        """Do what :meth:`Reach.isochrone` does."""
        home = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=4326)
        home.attrs["datum"] = "wgs84"
        return isochrones(home, self.network, minutes=list(minutes), pace=self.question.pace)

    def answers(self, doorsteps: Doorsteps, places: Given) -> pd.DataFrame:
        """Do what :meth:`Reach.from_points` does."""
        table = places_given(places, "places")
        if not table.geom_type.eq("Point").all():
            msg = "The places are not all points: ask of areas with score(areas)."
            raise InputError(msg)
        xy = shapely.get_coordinates(table.geometry.to_crs(self.network.crs).array)
        found = doorsteps.at(xy)
        rows = [found.records(doorsteps, row) for row in range(len(table))]
        told = pd.DataFrame([one for several in rows for one in several])
        told.insert(0, "place", table.index.repeat(len(doorsteps.keys)))
        return told

    def save(self, doorsteps: Doorsteps, folder: Path) -> Path:
        """Do what :meth:`Reach.save` does."""
        with whole_folder(folder) as scratch:
            doorsteps_file.write(doorsteps, self.network.crs, scratch)
            inquiry_file.write(self.question, self.network, self.facilities, scratch)
        return folder

    @cached_property
    def ready(self) -> tuple[Kept, Found]:
        """What is known of the facilities, before anything is known of areas."""
        kept = Kept()
        mark = kept.table("facilities", self.facilities)
        kept.step("facilities", (mark,), lambda: hold_facilities(self.facilities, kept, mark))
        kept.step("doubts", (mark, self.network), lambda: doubts_of(self.facilities, self.network))
        nobody = gpd.GeoDataFrame({"area": []}, geometry=[], crs=self.network.crs)
        asked = Asked(nobody, self.facilities, self.network, nobody)
        return kept, facilities_found(self.question, asked, kept, mark, (None, None))

    @cached_property
    def at_nodes(self) -> tuple[AtNodes, ...]:
        """What every node knows of its nearest facilities."""
        question, found = self.question, self.ready[1]
        _require_known(question, found.matches)
        rounds = rounds_of(question.checklist, question.pace, question.horizon)
        matches = found.matches[found.matches["walk"] & (found.matches["counts"] == "yes")]
        known = []
        for one in sought(matches, found.ends, rounds):
            limit_s = seconds_of(one.minutes)
            item_of = one.matches["item"]
            walks, items = node_walks(one.places, item_of, self.network, limit_s, pace=one.pace)
            parts = one.places, np.asarray(item_of, dtype=object), items, _frozen(walks), one.hosts
            known.append(AtNodes(self.network, limit_s, one.pace, *parts))
        return tuple(known)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("question", "network", "facilities")}

    def __setstate__(self, parts: dict[str, Any]) -> None:
        for name, part in parts.items():
            object.__setattr__(self, name, part)


def _require_known(question: Question, matches: pd.DataFrame) -> None:
    """See that walks to the nearest facility are all that the question hangs on.

    Raises
    ------
    InputError
        If they are not.
    """
    several = [item.key for item in question.checklist if item.at_least > 1]
    perhaps = int((matches["counts"] == "perhaps").sum())
    coming = int(matches["no_walk"].sum())
    what = []
    if several:
        what.append(f"asks for several facilities of {', '.join(several)}")
    if perhaps:
        what.append(f"has {perhaps} facilities that count perhaps, as their hours are unknown")
    if coming:
        what.append(f"has {coming} facilities that come to the home or deliver")
    if what:
        msg = (
            f"This question cannot be prepared: it {'; it '.join(what)}, which is more than the "
            "walk to the nearest. Ask quarterhour.assess, or leave these out (mode='facility' "
            "counts nothing that comes or delivers)."
        )
        raise InputError(msg)


def _frozen(walks: NodeWalks) -> NodeWalks:
    for part in walks:
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    return walks


def _doorsteps(
    question: Question, network: WalkNetwork, found: Found, known: tuple[AtNodes, ...]
) -> Doorsteps:
    """Lay out what a doorstep needs, without any table."""
    checklist = question.checklist
    keys = checklist.keys()
    serving = found.ends.labels
    speed = off_street_speed_m_s(question.pace)
    blocks = tuple(_block(one, keys, serving) for one in known)
    direct = {str(key) for one in known if not one.hosts for key in one.items}
    surveyed = keys if "all" in question.surveyed else question.surveyed
    named = found.facilities["name"].reindex(serving) if "name" in found.facilities else None
    names = [""] * len(serving) if named is None else named.fillna("").astype(str).tolist()
    return Doorsteps(
        grid=street_grid(network),
        blocks=blocks,
        keys=keys,
        most=np.array([item.limit.most for item in checklist]),
        in_metres=np.array([item.limit.in_metres for item in checklist]),
        silence=Silence(flags(keys, found.shown), flags(keys, surveyed), flags(keys, direct)),
        speed_m_s=speed,
        snap_limit_m=question.snap_limit_m,
        extent=network.extent,
        labels=tuple(np.asarray(serving, dtype=object)),
        names=tuple(names),
    )


def _block(one: AtNodes, keys: tuple[str, ...], serving: pd.Index) -> ItemWalks:
    """Give walks with the items and facilities as numbers, places in the order of their streets."""
    at = one.walks.places.at
    in_order = at.take(np.argsort(at.edge, kind="stable"))
    places = Placed(numbered(len(one.places.labels)), in_order)
    item: Ints = np.array([keys.index(str(key)) for key in one.items], dtype=np.int64)
    facility = np.asarray(serving.get_indexer(one.places.labels), dtype=np.int64)
    return ItemWalks(one.hosts, one.walks._replace(places=places), item, facility)
