"""The same question for people who walk differently: adults, older people, wheelchairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError
from quarterhour.places.notes import Listing, Note
from quarterhour.scoring.assess import assess
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.parts import By
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace

Walkers = Mapping[str, Pace | str] | Iterable[str]
"""Groups and how they walk; or the names of walkers that are shipped."""

KINDS = ("population", "residence", "area")
"""Measures that groups are held side by side by."""


@dataclass(frozen=True, eq=False, repr=False)
class Groups:
    """One scorecard for each group of people, of the same question.

    Attributes
    ----------
    cards
        The scorecards, by group.
    counted
        Of each group the column that its residents are from; none where all residents stand for
        it ("were all to walk so").
    notes
        What a reader has to know, in sentences.
    """

    cards: dict[str, Scorecard]
    counted: dict[str, str | None]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        card: Scorecard,
        groups: Walkers,
        *,
        residents: Mapping[str, str] | None = None,
    ) -> Groups:
        """Ask the question of a scorecard again for each group.

        Parameters
        ----------
        card
            The scorecard.
        groups, residents
            As in :func:`quarterhour.assess_groups`.

        Raises
        ------
        InputError
            If there are no groups, or a column of residents is not there or no number.
        """
        walkers = _walkers(groups)
        columns = _columns(card.areas, walkers, residents or {})
        cards = {}
        for group, pace in walkers.items():
            column = columns[group]
            if column is None:
                cards[group] = card.again(pace=pace)
                continue
            people = _people(card.areas, column)
            areas = card.areas.assign(residents=people)
            row = card.areas.index.get_indexer(pd.Index(card.origins["area"]))
            lived = card.origins["share"].to_numpy(dtype=np.float64) * people[row]
            homes = card.origins.assign(residents=lived)
            areas.attrs, homes.attrs = dict(card.areas.attrs), dict(card.origins.attrs)
            cards[group] = card.again(pace=pace, areas=areas, origins=homes)
        return cls(cards, columns, tuple(_notes(columns)))

    def coverage(self, measure: str = "population", by: By | None = None) -> pd.DataFrame:
        """Give :func:`quarterhour.coverage` of every group, with the column ``group`` in front.

        Parameters
        ----------
        measure, by
            As there.

        Returns
        -------
        DataFrame
        """
        tables = []
        for group, card in self.cards.items():
            table = coverage(card, measure, by)
            table.insert(0, "group", group)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def to_frame(self, measure: str = "population") -> pd.DataFrame:
        """Give one row per item with the share of each group, and the gap between them.

        Groups are held side by side over the areas whose answer is known for all of them: what is
        unknown for some would make others look better or worse than they are. So these shares
        may differ from those of :meth:`coverage`, which counts each group by itself.

        Parameters
        ----------
        measure
            ``"population"``, ``"residence"`` or ``"area"``.

        Returns
        -------
        DataFrame
            Indexed by item: a column for each group, ``gap`` (the largest share less the
            smallest), ``least`` (the group that has it, where there is a gap) and ``areas`` (in
            which the answer is known for all); NaN where nothing is known.

        Raises
        ------
        InputError
            If the measure is none of the three.
        """
        if measure not in KINDS:
            msg = f"measure={measure!r} is not held side by side: use {', '.join(KINDS)}."
            raise InputError(msg)
        cards = list(self.cards.values())
        silent = np.any([card.results["status"] == "unknown" for card in cards], axis=0)
        tables = [coverage(_silenced(card, silent)) for card in cards]
        keys = list(cards[0].checklist.keys())
        columns = {
            group: table[table["measure"] == measure].set_index("item")["share"].reindex(keys)
            for group, table in zip(self.cards, tables, strict=True)
        }
        table = pd.DataFrame(columns, index=pd.Index(keys, name="item")).astype(float)
        shares = table.to_numpy()
        known = np.isfinite(shares).all(axis=1)
        gap = np.full(len(table), np.nan)
        gap[known] = shares[known].max(axis=1) - shares[known].min(axis=1)
        least = np.full(len(table), None, dtype=object)
        least[known] = np.array(list(self.cards), dtype=object)[shares[known].argmin(axis=1)]
        least[gap == 0] = None
        areas = pd.Series(~silent).groupby(cards[0].results["item"].to_numpy()).sum()
        return table.assign(gap=gap, least=least, areas=areas.reindex(keys))

    def __repr__(self) -> str:
        told = ", ".join(
            f"{group} ({card.manifest['parameters']['pace']})" for group, card in self.cards.items()
        )
        return f"<Groups: {told}>"


def assess_groups(
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    checklist: Checklist | str,
    groups: Walkers,
    *,
    origins: gpd.GeoDataFrame | None = None,
    residents: Mapping[str, str] | None = None,
    quota: float = 0.5,
) -> Groups:
    """Score areas for each group of people, as it walks.

    Parameters
    ----------
    areas, facilities, network, checklist, origins, quota
        As in :func:`quarterhour.assess`.
    groups
        How each walks, such as ``{"adult": "adult", "elderly": "elderly", "wheelchair":
        my_profile}``; or names of walkers alone, ``["adult", "elderly"]``.
    residents
        Columns of the areas that say how many of a group live there, such as
        ``{"elderly": "pop_65"}``; a column ``residents_<group>`` is found by itself. Of other
        groups all residents are counted, as if all walked so.

    Returns
    -------
    Groups
        For any other question, such as one at an hour, see ``Groups.of(card, groups)``.

    Raises
    ------
    InputError
        As :func:`quarterhour.assess`; or if a column is not there or no number.

    Examples
    --------
    >>> walkers = {"adult": "adult", "elderly": "elderly"}
    >>> assess_groups(areas, facilities, network, "beijing-2011", walkers)  # doctest: +SKIP
    """
    walkers = _walkers(groups)
    card = assess(
        areas,
        facilities,
        network,
        checklist,
        origins=origins,
        pace=next(iter(walkers.values())),
        quota=quota,
    )
    return Groups.of(card, walkers, residents=residents)


def _silenced(card: Scorecard, silent: Mask) -> Scorecard:
    """Take as unknown also what is unknown for another group."""
    results = card.results.copy()
    results.loc[silent, "status"] = "unknown"
    results.loc[silent & (results["reason"] == "implied_by_host"), "reason"] = "not_assessable"
    return replace(card, results=results)


def _walkers(groups: Walkers) -> dict[str, Pace | str]:
    if isinstance(groups, str):
        groups = [groups]
    pairs = dict(groups) if isinstance(groups, Mapping) else {name: name for name in groups}
    if not pairs:
        msg = 'There are no groups: give some, such as {"adult": "adult", "elderly": "elderly"}.'
        raise InputError(msg)
    return pairs


def _columns(
    areas: gpd.GeoDataFrame, walkers: Mapping[str, object], residents: Mapping[str, str]
) -> dict[str, str | None]:
    if strange := [str(name) for name in residents if name not in walkers]:
        msg = f"residents= names {', '.join(strange)}, which is no group: {', '.join(walkers)}."
        raise InputError(msg)
    found: dict[str, str | None] = {}
    for group in walkers:
        column = residents.get(group, f"residents_{group}")
        if column in areas:
            found[group] = column
        elif group in residents:
            msg = f"The areas have no column {column!r} with the residents of {group}."
            raise InputError(msg)
        else:
            found[group] = None
    return found


def _people(areas: gpd.GeoDataFrame, column: str) -> Floats:
    cells = areas[column]
    people = np.array(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    wrong = (np.isnan(people) & cells.notna().to_numpy()) | (people < 0) | np.isinf(people)
    if wrong.any():
        msg = f"{int(wrong.sum())} cells of {column!r} are no numbers of residents: correct them."
        raise InputError(msg)
    return people


def _notes(columns: Mapping[str, str | None]) -> list[str]:
    everyone = [group for group, column in columns.items() if column is None]
    if not everyone:
        return []
    told = (
        "Of {0} nobody has counted who they are: all residents stand for them, as if all walked so."
    )
    return [Note("groups_of_all", told, Listing(everyone))]
