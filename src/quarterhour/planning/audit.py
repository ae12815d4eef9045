"""The audit of the streets: what may be wrong with them, and how many residents it cuts off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.planning.compare import compare
from quarterhour.planning.fault_bounds import HAIR, Worth, bounds_of
from quarterhour.planning.faults import KINDS, Fault, Repair, faults_of, street_of
from quarterhour.planning.proposal import Proposal
from quarterhour.planning.scenarios import Scenario, scenario
from quarterhour.planning.street_changes import AddLink
from quarterhour.planning.through import item_costs, weight_of
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.walking.pace import off_street_speed_m_s

COLUMNS = (
    "fault", "kind", "street", "way", "area", "metres", "cut_off", "exact", "resident_minutes",
    "repair",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """Faults of the streets and walls, those first that cut off most.

    Attributes
    ----------
    faults
        One row per fault: ``fault`` (its name, such as near_miss-3: the same for the same data),
        ``kind`` (a word of :data:`quarterhour.planning.faults.KINDS`), ``street`` and ``way``
        (name, and number in OpenStreetMap, 0 where there is none), ``area`` (of a wall),
        ``metres`` (how wide the gap is, or how long the street or wall), ``cut_off`` (who have
        an item less within its limit because of it), ``exact`` (the whole assessment was asked
        with the repair; else nobody is cut off beyond that number), ``resident_minutes`` (how
        much longer all their walks to items are, counted up to the limits; a bound where not
        exact), ``repair`` (what would mend it, ""
        where nobody can say), geometry in WGS 84. ``attrs["found"]`` counts by kind all that
        were found, listed or not.
    changes
        The changes that mend each fault, by its name.
    measure
        ``residents``, or ``residences`` where residents are not known everywhere.
    card
        The scorecard that was asked.
    """

    faults: gpd.GeoDataFrame
    changes: dict[str, tuple[Repair, ...]]
    measure: str
    card: Scorecard

    def repair(self, *names: str) -> Scenario:
        """Give the repairs of faults as a scenario, each change with the name of its fault.

        Parameters
        ----------
        *names
            Names of faults, as in the column ``fault``; several as several, or as a list.

        Raises
        ------
        InputError
            If there is no such fault, or nobody can say what would mend it.
        """
        asked = [one for name in names for one in ([name] if isinstance(name, str) else name)]
        if not asked:
            msg = "Which faults? Name them, such as audit.repair('near_miss-1')."
            raise InputError(msg)
        changes: list[Any] = []
        for name in dict.fromkeys(asked):
            if name not in self.changes:
                some = ", ".join(list(self.faults["fault"])[:5]) or "there is none"
                msg = f"There is no fault {name!r}; the worst are: {some}."
                raise InputError(msg)
            if not self.changes[name]:
                kind = self.faults.set_index("fault")["kind"][name]
                msg = (
                    f"{name} ({KINDS[kind]}) has no repair of its own: mend it in the data, "
                    "or write a scenario."
                )
                raise InputError(msg)
            changes += self.changes[name]
        return Scenario(tuple(changes), f"repair of {', '.join(dict.fromkeys(asked))}")

    @property
    def found(self) -> int:
        """How many faults were found, listed or not."""
        return sum(self.faults.attrs["found"].values())

    def __repr__(self) -> str:
        table = self.faults
        worst = table["cut_off"].max() if len(table) else 0
        kinds = ", ".join(f"{n} {kind}" for kind, n in table["kind"].value_counts().items())
        of = f"of {self.found:,} " if self.found > len(table) else ""
        return (
            f"<Audit: {len(table):,} {of}faults ({kinds or 'none'}); the worst cuts off "
            f"{worst:,.0f} {self.measure}; {int(table['exact'].sum())} exact>"
        )


def audit(card: Scorecard, *, exact: int = 20, show: int = 200) -> Audit:
    """Look for what may be wrong with the streets and walls, and say whom it cuts off.

    Looked for are pieces that are joined to no other, streets that end just short of another (up
    to 15 m), barriers, crossings without a node, bridges and tunnels that hang over the street
    they end on, ways that are walked in one direction only, and walls without a gate that leads
    anywhere. Whether it is a fault of the data or so on the ground, a map or a visit has to tell.

    Parameters
    ----------
    card
        The scorecard whose streets are looked at.
    exact
        For how many of the worst the whole assessment is asked with the repair.
    show
        How many are told at most, those first that cut off most; ``Audit.found`` says how many
        there are.

    Returns
    -------
    Audit
        Ranked by the residents that each cuts off: who would have an item more within its limit,
        were it mended alone. ``Audit.repair`` gives the repairs as a scenario, by name.

    Notes
    -----
    For those that are not exact: who could walk by way of a single gap within the limit, or, for
    all else, by way of the place were all such faults mended at once. What one alone can do is no
    more than that.

    Raises
    ------
    InputError
        If the scorecard does not know its question.
    """
    question = Proposal.of(card).question
    if exact < 0 or show < 1:
        msg = f"exact={exact}, show={show}: give how many, at least 0 and 1."
        raise InputError(msg)
    found = faults_of(card, question.pace)
    names = _names(found)
    found = [_named(fault, name) for fault, name in zip(found, names, strict=True)]
    bounds = bounds_of(card, found)
    order = sorted(range(len(found)), key=lambda i: (-bounds[i].cut_off, -bounds[i].minutes, i))
    rows = []
    asked = 0
    for i in order[:show]:
        worth = bounds[i]
        if asked < exact and found[i].repair:
            asked += 1
            worth, found[i] = _asked(card, found[i], worth)
        rows.append(_row(card, names[i], found[i], worth))
    rows.sort(key=lambda row: (not row["exact"], -row["cut_off"], -row["resident_minutes"]))
    kept = [found[names.index(row["fault"])] for row in rows]
    shapes = gpd.GeoSeries([one.shape for one in kept], crs=card.network.crs).to_crs(4326)
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=shapes)
    table.attrs["found"] = dict(Counter(fault.kind for fault in found).most_common())
    changes = {row["fault"]: one.repair for row, one in zip(rows, kept, strict=True)}
    measure = "residents" if card.origins["residents"].notna().all() else "residences"
    return Audit(table, changes, measure, card)


def _names(found: Iterable[Fault]) -> list[str]:
    """Number the faults of each kind."""
    count: dict[str, int] = {}
    names = []
    for fault in found:
        count[fault.kind] = count.get(fault.kind, 0) + 1
        names.append(f"{fault.kind}-{count[fault.kind]}")
    return names


def _named(fault: Fault, name: str) -> Fault:
    """Give the fault with its name in its repairs, so that a scenario records it."""
    return replace(fault, repair=tuple(replace(one, name=name) for one in fault.repair))


def _row(card: Scorecard, name: str, fault: Fault, worth: Worth) -> dict[str, Any]:
    street, way = street_of(card.network, fault)
    told = list(dict.fromkeys(_told(one) for one in fault.repair))
    return {
        "fault": name,
        "kind": fault.kind,
        "street": street,
        "way": way,
        "area": card.areas.index[fault.area] if fault.area >= 0 else None,
        "metres": fault.metres,
        "cut_off": worth.cut_off,
        "exact": worth.exact,
        "resident_minutes": worth.minutes,
        "repair": ", ".join(told[:3]) + (", …" if len(told) > 3 else ""),
    }


def _told(repair: Repair) -> str:
    """Say what a repair does."""
    if isinstance(repair, AddLink):
        metres = gpd.GeoSeries([repair.line], crs=repair.crs)
        return f"a link of {metres.length.iloc[0]:.1f} m"
    words = {"join_streets": "join them there", "open_both_ways": "walk it both ways"}
    return words.get(repair.kind, "a gate")


def _asked(card: Scorecard, fault: Fault, bound: Worth) -> tuple[Worth, Fault]:
    """Ask the whole assessment with the repair; one that cannot be made is none."""
    try:
        mended = scenario(card, list(fault.repair))
    except QuarterhourError:
        return bound, replace(fault, repair=())
    saved = _minutes_saved(card, mended)
    gained = compare(card, mended).gained
    return Worth(gained, saved if saved > HAIR else 0.0, exact=True), fault


def _minutes_saved(before: Scorecard, after: Scorecard) -> float:
    """Minutes that residents walk less to items, counted up to the limits."""
    most = np.array([item.limit.most for item in before.checklist], dtype=float)
    speed = off_street_speed_m_s(Proposal.of(before).question.pace)
    in_metres = np.array([item.limit.in_metres for item in before.checklist])
    unit = np.where(in_metres, 1 / speed, 1.0) / 60.0
    walks = [
        np.minimum(item_costs(one.times, before.origins.index, before.checklist), most)
        for one in (before, after)
    ]
    sooner: Floats = np.clip(walks[0] - walks[1], 0.0, None)
    return float(weight_of(before) @ (sooner @ unit))
