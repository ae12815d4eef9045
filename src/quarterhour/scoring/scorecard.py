"""Area × item: what is met, what is not, and what the data cannot tell."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.atomic import whole_folder
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.own_columns import own_columns, writable
from quarterhour.places.written import write_csv, write_geojson
from quarterhour.scoring import saved
from quarterhour.scoring.answer import answer
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.at_hand import require_at_hand, require_question
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.later import Later, with_beside, with_waiting
from quarterhour.scoring.left_out import COLUMNS, left_out_of
from quarterhour.scoring.manifest import Manifest
from quarterhour.scoring.near import Known
from quarterhour.scoring.question import Question
from quarterhour.scoring.rules import Mode, Period
from quarterhour.scoring.summary_columns import MET_SHARE, Summary, group_columns, observed_column
from quarterhour.scoring.unchanged import SAME, Same, given_or
from quarterhour.scoring.views import Views
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace

STATUSES = ("met", "unmet", "unknown")
REASONS = (
    "within_limit",
    "needs_no_walk",
    "implied_by_host",
    "beyond_limit",
    "unreachable",
    "not_in_service",
    "not_snapped",
    "hours_unknown",
    "no_facility",
    "not_assessable",
)


@dataclass(frozen=True, eq=False, repr=False)
class Scorecard(Later, Views):
    """The answer: which areas have which items within reach, and all that made it.

    Attributes
    ----------
    results
        One row per area and item; see :meth:`to_frame`.
    areas, origins, facilities
        The tables that were assessed.
    matches
        Which facility serves which item, on what evidence.
    times
        The walk from every origin to the nearest facility of every item: ``seconds``, and for
        items with a limit in metres ``metres`` (of the streets that the walker may use; their
        seconds are these metres at the walker's speed).
    network, checklist
        What was walked on, and what was asked for.
    manifest
        Versions, input digests and every parameter.
    question
        What was asked; :meth:`again` asks it with one thing changed.
    asked
        What it was asked of: areas, facilities, network and origins as they were given.
    missing
        What of the inputs is not at hand, by name, where the scorecard was read from a folder.
    """

    results: pd.DataFrame
    areas: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    matches: pd.DataFrame
    times: pd.DataFrame
    network: WalkNetwork
    checklist: Checklist
    manifest: Manifest
    question: Question | None = None
    asked: Asked | None = field(default_factory=lambda: None)  # so that it may wait
    kept: Kept = field(default_factory=Kept)
    missing: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row per area and item, in the order of both.

        Columns: ``area``, ``item``, ``status`` (met, unmet, unknown), ``reason``, ``share`` of
        the area's residents within the limit, ``residents_without`` (NaN where unknown or
        where the area has no number of residents), ``median_minutes`` and ``worst_minutes`` to
        the nearest facility (NaN beyond the search), ``facility`` (index label of the one that
        most residents have nearest) and ``edge_affected``. Where an item has its limit in metres,
        also ``median_metres`` and ``worst_metres``, the length of these walks (NaN for items in
        minutes); its minutes are these metres at the walker's speed.
        """
        return self.results.copy()

    def summary(self) -> pd.DataFrame:
        """One row per area, aligned to the index of the areas.

        Columns: ``name``, ``residents``, ``met`` and its parts ``observed`` and ``implied`` (only
        by a host), ``unmet``, ``unknown``, ``items_met_share`` (weight of met items over that of
        met and unmet ones; NaN where nothing is known), of it ``items_observed_share``, both per
        group (``items_met_share_<group>`` …), ``edge_affected`` (items that data beyond the
        extent could change) and ``way_out``.
        """
        told: dict[str, Any] = {name: self.areas.get(name) for name in ("name", "residents")}
        index = self.areas.index
        results, n = self.results, len(index)
        area = index.get_indexer(pd.Index(results["area"]))
        status = results["status"].to_numpy(dtype=object)
        met, unmet, unknown = (status == word for word in STATUSES)
        implied = (results["reason"] == "implied_by_host").to_numpy()
        for name, which in (
            ("met", met),
            ("observed", met & ~implied),
            ("implied", implied),
            ("unmet", unmet),
            ("unknown", unknown),
        ):
            told[name] = np.bincount(area[which], minlength=n)

        def share(among: npt.NDArray[np.bool_], which: npt.NDArray[np.bool_]) -> Floats:
            mine = area[among]
            good = np.bincount(mine, weights=(weight * which)[among], minlength=n)
            known = np.bincount(mine, weights=(weight * ~unknown)[among], minlength=n)
            return np.asarray(np.divide(good, known, out=np.full(n, np.nan), where=known > 0))

        weight = results["item"].map({i.key: i.weight for i in self.checklist}).to_numpy(float)
        group = results["item"].map({i.key: i.group for i in self.checklist}).to_numpy(object)
        columns = {c: group == key for key, c in group_columns(self.checklist).items()}
        for column, among in ({MET_SHARE: met | ~met} | columns).items():
            told[column] = share(among, met)
            told[observed_column(column)] = share(among, met & ~implied)
        edge = results["edge_affected"].to_numpy(dtype=bool)
        told["edge_affected"] = np.bincount(area[edge], minlength=n)
        if "origins" in self.missing:  # older folders tell it of the areas
            told["way_out"] = self.areas["way_out"]
        else:
            way_out = self.origins.drop_duplicates("area").set_index("area")["way_out"]
            told["way_out"] = way_out.reindex(index)
        return Summary.of(pd.DataFrame(told, index=index), self.checklist)

    @property
    def left_out(self) -> pd.DataFrame:
        """Who and what is in no score, by reason; the counts of each thing add up.

        Columns: ``what`` (areas, residences, residents, facilities, rows of tables), ``reason``
        (``counted`` for what is in the score), ``count`` and ``of``.
        """
        if (told := self.manifest.get("left_out")) is not None:
            return pd.DataFrame(told, columns=COLUMNS)
        return left_out_of(self.areas, self.origins, self.facilities, self.matches, self.network)

    def area_table(self) -> gpd.GeoDataFrame:
        """Give the summary with the geometry of the areas and the status of every item.

        The areas' own columns follow; one that is called like a column of ours is
        ``<name>_original``.
        """
        wide = self.results.pivot_table(
            index="area", columns="item", values="status", aggfunc="first", sort=False
        )
        table = self.summary().join(wide.add_prefix("item_"))
        rest = self.areas.drop(columns=["name", "residents"], errors="ignore")
        ours = [*table.columns, "area", "items_met_class", "fid", "ogc_fid", "geom", "geometry"]
        table = pd.concat([table, own_columns(rest, ours)], axis=1)
        table["name"] = [writable(n) if isinstance(n, str) else n for n in table["name"]]
        return gpd.GeoDataFrame(table, geometry=self.areas.geometry, crs=self.areas.crs)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the scorecard to a folder, which :func:`read_scorecard` reads: all files, or none.

        ``areas.gpkg`` (layer ``areas``), ``areas.geojson`` (WGS 84), ``results.csv``,
        ``summary.csv``, ``matches.csv`` and ``manifest.json`` for people and other programs, with
        the index labels of the areas in the column ``area``; ``asked.zip`` with the question and
        all that it was asked of. ``quarterhour score --out`` writes these too, and with them
        what is worked out from them: ``coverage.csv``, ``gaps.csv``, ``map.png``.

        Returns
        -------
        list of Path
            The files written.

        Warns
        -----
        QuarterhourWarning
            If a table holds objects that no file can hold: their text is written.

        Raises
        ------
        OutputError
            If the folder cannot be written to.
        """
        with whole_folder(folder) as scratch:
            areas = self.area_table().rename_axis("area")
            areas.to_file(scratch / "areas.gpkg", layer="areas", driver="GPKG", index=True)
            write_geojson(areas, scratch / "areas.geojson", index=True)
            write_csv(self.results, scratch / "results.csv")
            summary = self.summary().rename_axis("area")
            write_csv(summary, scratch / "summary.csv", index=True)
            write_csv(self.matches, scratch / "matches.csv")
            text = json.dumps(self.manifest, ensure_ascii=False, indent=2, default=str)
            (scratch / "manifest.json").write_text(text, encoding="utf-8")
            if not set(self.missing) - {"pace"}:
                self._write_asked(scratch / saved.NAME)
            names = sorted(path.name for path in scratch.iterdir())
        return [Path(folder) / name for name in names]

    def _write_asked(self, path: Path) -> None:
        """Write the question and what it was asked of, and say what only its text is written of."""
        parts = saved.Parts(**{one.name: getattr(self, one.name) for one in fields(saved.Parts)})
        if as_text := saved.write(parts, path):
            msg = (
                f"Of {', '.join(as_text)} only the text is written to {saved.NAME}: these are "
                "objects that no file can hold."
            )
            warnings.warn(msg, QuarterhourWarning, stacklevel=3)

    def again(  # noqa: PLR0913 - the words of the sentence, each of which may be changed
        self,
        *,
        areas: gpd.GeoDataFrame | Same = SAME,
        facilities: gpd.GeoDataFrame | Same = SAME,
        network: WalkNetwork | Same = SAME,
        origins: gpd.GeoDataFrame | Same | None = SAME,
        checklist: Checklist | str | Same = SAME,
        pace: Pace | str | Same = SAME,
        quota: float | Same = SAME,
        surveyed: Collection[str] | Same = SAME,
        at: str | datetime | Same | None = SAME,
        contracted_only: bool | Same = SAME,
        mode: Mode | Same = SAME,
        min_satisfaction: float | Same | None = SAME,
        period: str | Period | Same | None = SAME,
    ) -> Scorecard:
        """Ask the same question again, with something changed; what is not given stays.

        The answer is that of :func:`quarterhour.assess` with the same words. What does not
        depend on the change is not worked out again: places stay where they are on the streets,
        and are what they are. A table that was changed in place counts as changed.

        Parameters
        ----------
        areas, facilities, network
            Other areas, facilities or streets.
        origins
            Other homes; needed with other areas, unless the homes were made from the areas, as
            ``None`` makes them.
        checklist, pace, quota, surveyed, at, contracted_only, mode, min_satisfaction, period
            As in :func:`quarterhour.assess`.

        Returns
        -------
        Scorecard
            Another one; this one stays as it is.

        Raises
        ------
        InputError
            If an input is not at hand (see :attr:`missing`), or other areas come without homes;
            and whatever :func:`quarterhour.assess` raises.

        Examples
        --------
        >>> card.again(pace="elderly")  # doctest: +SKIP
        >>> card.again(at="2026-11-24 20:00", mode="facility")  # doctest: +SKIP
        """
        known, before = require_question(self.question, self.asked)
        words: dict[str, Any] = {"checklist": checklist, "pace": pace, "quota": quota}
        words |= {"surveyed": surveyed, "at": at, "contracted_only": contracted_only, "mode": mode}
        words |= {"min_satisfaction": min_satisfaction, "period": period}
        question = known.but({name: word for name, word in words.items() if word is not SAME})
        given = {"areas": areas, "facilities": facilities, "network": network}
        given |= {"origins": origins, "pace": pace, "checklist": checklist}
        lacking = [name for name in self.missing if given.get(name) is SAME]
        require_at_hand(lacking, self)
        if areas is not SAME and origins is SAME and before.origins is not None:
            msg = (
                "Other areas have other homes: pass origins= as well, "
                "such as quarterhour.origins(areas, buildings, gates)."
            )
            raise InputError(msg)
        asked = Asked(
            given_or(areas, before.areas),
            given_or(facilities, before.facilities),
            given_or(network, before.network),
            given_or(origins, before.origins),
        )
        return answered(question, asked, self.kept.copy())

    def __repr__(self) -> str:
        told = {one: int((self.results["status"] == one).sum()) for one in STATUSES}
        if implied := int((self.results["reason"] == "implied_by_host").sum()):
            told = {"met": told.pop("met") - implied, "implied by hosts": implied} | told
        said = ", ".join(f"{n:,} {status}" for status, n in told.items())
        return (
            f"<Scorecard: {len(self.areas):,} areas × {len(self.checklist)} items of "
            f"{self.checklist.key}: {said}; {self.manifest['parameters']['pace']}>"
        )


def answered(question: Question, asked: Asked, kept: Kept | None = None) -> Scorecard:
    """Answer a question, and warn where the inputs contradict each other."""
    kept = Kept() if kept is None else kept
    told, found = kept.told, answer(question, asked, kept)
    for doubt in found.doubts:
        if doubt not in told:  # once for the same inputs, however often they are asked
            warnings.warn(doubt, QuarterhourWarning, stacklevel=3)
    kept.told = frozenset(found.doubts)
    card = Scorecard(
        results=found.results,
        areas=asked.areas,
        origins=found.origins,
        facilities=found.facilities,
        matches=found.matches,
        times=pd.DataFrame(),
        network=asked.network,
        checklist=question.checklist,
        manifest={},
        question=question,
        asked=asked,
        kept=kept,
    )
    card = with_waiting(card, {"times": found.times.copy, "manifest": found.manifest})
    return with_beside(card, lambda: Known(found.near()))
