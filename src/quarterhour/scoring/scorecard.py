"""Area × item: what is met, what is not, and what the data cannot tell."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.atomic import whole_folder
from quarterhour.errors import InputError
from quarterhour.places.origins import check_origins
from quarterhour.scoring.assessable import MAPPED
from quarterhour.scoring.judge import Judged, judge, walks_of, what_silence_means
from quarterhour.scoring.left_out import COLUMNS, left_out_of
from quarterhour.scoring.manifest import Manifest
from quarterhour.shown import Shown, view_of
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
class Scorecard(Shown):
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

    def to_frame(self) -> pd.DataFrame:
        """One row per area and item, in the order of both.

        Columns: ``area``, ``item``, ``status`` (met, unmet, unknown), ``reason``, ``share`` of
        the area's residents within the limit, ``residents_without`` (NaN where unknown or
        where the area has no number of residents), ``median_minutes`` and ``worst_minutes`` to
        the nearest facility (NaN beyond the search), ``facility`` (index label of the one that
        most residents have nearest) and ``edge_affected``.
        """
        return self.results.copy()

    def summary(self) -> pd.DataFrame:
        """One row per area, aligned to the index of the areas.

        Columns: ``name``, ``residents``, ``met``, ``implied`` (the part of met that rests on a
        host), ``unmet``, ``unknown``, ``completeness`` (weight of met items over that of met
        and unmet ones; NaN where nothing is known), the same per group as
        ``completeness_<group>``, ``edge_affected`` (items that data beyond the extent could
        change) and ``way_out``.
        """
        table = pd.DataFrame(index=self.areas.index)
        for column in ("name", "residents"):
            table[column] = self.areas.get(column)
        results, n = self.results, len(table)
        area = table.index.get_indexer(pd.Index(results["area"]))
        status = results["status"].to_numpy(dtype=object)
        met, unmet, unknown = (status == word for word in STATUSES)
        implied = (results["reason"] == "implied_by_host").to_numpy()
        table["met"] = np.bincount(area[met], minlength=n)
        table["implied"] = np.bincount(area[implied], minlength=n)
        table["unmet"] = np.bincount(area[unmet], minlength=n)
        table["unknown"] = np.bincount(area[unknown], minlength=n)

        def completeness(among: npt.NDArray[np.bool_]) -> Floats:
            mine = area[among]
            good = np.bincount(mine, weights=(weight * met)[among], minlength=n)
            known = np.bincount(mine, weights=(weight * ~unknown)[among], minlength=n)
            return np.asarray(np.divide(good, known, out=np.full(n, np.nan), where=known > 0))

        weight = results["item"].map({i.key: i.weight for i in self.checklist}).to_numpy(float)
        table["completeness"] = completeness(np.ones(len(results), dtype=bool))
        group = results["item"].map({i.key: i.group for i in self.checklist}).to_numpy(object)
        for one in self.checklist.groups:
            table[f"completeness_{one.key}"] = completeness(group == one.key)
        edge = results["edge_affected"].to_numpy(dtype=bool)
        table["edge_affected"] = np.bincount(area[edge], minlength=n)
        way_out = self.origins.drop_duplicates("area").set_index("area")["way_out"]
        table["way_out"] = way_out.reindex(table.index)
        return table

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
        """Give the summary with the geometry of the areas and the status of every item."""
        wide = self.results.pivot_table(
            index="area", columns="item", values="status", aggfunc="first", sort=False
        )
        table = self.summary().join(wide.add_prefix("item_"))
        return gpd.GeoDataFrame(table, geometry=self.areas.geometry, crs=self.areas.crs)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the scorecard to a folder: all files, or none.

        ``areas.gpkg`` (layer ``areas``), ``areas.geojson`` (WGS 84), ``results.csv``,
        ``summary.csv``, ``matches.csv`` and ``manifest.json``. The index labels of the areas are
        in the column ``area``.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        OutputError
            If the folder cannot be written to.
        """
        with whole_folder(folder) as scratch:
            areas = self.area_table().rename_axis("area")
            areas.to_file(scratch / "areas.gpkg", layer="areas", driver="GPKG", index=True)
            areas.to_crs(4326).to_file(scratch / "areas.geojson", driver="GeoJSON", index=True)
            # A byte-order mark, so that spreadsheets show Chinese names as they are.
            self.results.to_csv(scratch / "results.csv", index=False, encoding="utf-8-sig")
            summary = self.summary().rename_axis("area")
            summary.to_csv(scratch / "summary.csv", encoding="utf-8-sig")
            self.matches.to_csv(scratch / "matches.csv", index=False, encoding="utf-8-sig")
            text = json.dumps(self.manifest, ensure_ascii=False, indent=2, default=str)
            (scratch / "manifest.json").write_text(text, encoding="utf-8")
            names = sorted(path.name for path in scratch.iterdir())
        return [Path(folder) / name for name in names]

    def explore(
        self,
        *,
        lang: Literal["zh", "en"] = "zh",
        isochrones: bool = True,
        minutes: tuple[float, ...] = (5, 10, 15),
        pace: Pace | None = None,
        title: str | None = None,
        height_px: int = 640,
    ) -> Any:
        """Show the electronic map in a notebook: the page of :func:`quarterhour.write_map`.

        The page works without a network. It is kept with the notebook, one to two megabytes
        for some dozen areas: write it to a file where the notebook is to stay small.

        Parameters
        ----------
        lang, isochrones, minutes, pace, title
            As in :func:`quarterhour.write_map`. There is no online base map.
        height_px
            Height of the frame.

        Returns
        -------
        MapFrame
            A notebook shows it when it is the last thing in a cell; ``save(path)`` writes it.

        Raises
        ------
        InputError
            If a word is not known, or the pace is not that of the scorecard.
        MissingExtraError
            If the package that ships the map library is not installed.
        """
        return view_of(self, "explore")(
            self,
            lang=lang,
            isochrones=isochrones,
            minutes=minutes,
            pace=pace,
            title=title,
            height_px=height_px,
        )

    def __repr__(self) -> str:
        count = self.results["status"].value_counts()
        said = ", ".join(f"{int(count.get(status, 0)):,} {status}" for status in STATUSES)
        return (
            f"<Scorecard: {len(self.areas):,} areas × {len(self.checklist)} items of "
            f"{self.checklist.key}: {said}; {self.manifest['parameters']['pace']}>"
        )


def score(  # noqa: PLR0913 - each is asked for by a caller of its own
    times: pd.DataFrame,
    origins: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    quota: float = 0.5,
    surveyed: Collection[str] = (),
    shown: Collection[str] | None = None,
    edge_m: npt.ArrayLike | None = None,
    speed_m_s: float = 1.25,
) -> pd.DataFrame:
    """Judge every area by the share of its residents within each item's limit.

    Parameters
    ----------
    times
        ``origin``, ``item``, ``seconds``, ``facility``, ``status`` as
        :func:`quarterhour.nearest` gives them; ``host`` (bool), whether the facility only
        implies the item, is false where it is not given. Items with a limit in metres need
        ``metres``, the length of the walk, as :attr:`Scorecard.times` have it.
    origins
        As :func:`quarterhour.origins` gives them.
    areas
        The areas, for their index.
    checklist
        Items with their limits.
    quota
        Share of residents that has to be within the limit for an item to be met.
    surveyed
        Keys of items of which the facilities are complete: none nearby then means unmet.
        ``"all"`` in it stands for every item.
    shown
        Keys of items that the source of the facilities can show, as
        :func:`quarterhour.scoring.assessable.items_shown` tells; none: those of checkability A
        and B.
    edge_m
        Distance of each origin from the border of the data, in metres; none: no border.
    speed_m_s
        Speed at which a limit in minutes becomes the distance compared with ``edge_m``.

    Returns
    -------
    DataFrame
        As :meth:`Scorecard.to_frame` describes.

    Raises
    ------
    InputError
        If the quota is not a share, ``surveyed`` names an item that is not in the list, the
        times lack a column, or the origins are not those of the areas.
    """
    if not 0 < quota <= 1:
        msg = f"quota={quota} is no share: give a number above 0 and at most 1."
        raise InputError(msg)
    known = set(checklist.keys())
    if strange := set(surveyed) - known - {"all"}:
        msg = f"surveyed names {', '.join(sorted(strange))}, which {checklist.key} does not have."
        raise InputError(msg)
    check_origins(origins, areas)
    group = areas.index.get_indexer(origins["area"])
    share = origins["share"].to_numpy(dtype=np.float64)
    edge = np.full(len(origins), np.inf) if edge_m is None else np.asarray(edge_m, dtype=float)
    by_area = pd.DataFrame({"edge": edge, "residents": origins["residents"].to_numpy()})
    by_area = by_area.groupby(group).agg({"edge": "min", "residents": _sum_of_known})
    by_area = by_area.reindex(range(len(areas)))
    nearest_edge, residents = by_area["edge"].to_numpy(), by_area["residents"].to_numpy()
    judged: list[Judged] = []
    times = _checked_walks(times, checklist)
    walks = dict(tuple(times.groupby(["item", "host"])))
    for item in checklist:
        direct, host = (
            walks_of(walks.get((item.key, h)), origins.index, item.limit) for h in (False, True)
        )
        full = item.key in surveyed or "all" in surveyed
        found = judge(direct, host, (group, share, len(areas)), item.limit.most, quota)
        if item.limit.in_metres:  # told in minutes at the walker's speed
            minutes = found.median_minutes / speed_m_s, found.worst_minutes / speed_m_s
            found = found._replace(median_minutes=minutes[0], worst_minutes=minutes[1])
        present = bool((direct.status != "no_facility").any())
        can_show = item.checkability in MAPPED if shown is None else item.key in shown
        judged.append(what_silence_means(found, can_show=can_show, surveyed=full, present=present))
    # A column per item, so that the rows come out area by area.
    columns = {
        name: np.column_stack([getattr(one, name) for one in judged]) for name in Judged._fields
    }
    without = (1 - columns["share"]) * residents[:, None]
    columns["residents_without"] = np.where(columns["status"] == "unknown", np.nan, without)
    reach_m = [item.limit.reach_m(speed_m_s) for item in checklist]
    near_edge = nearest_edge[:, None] < np.array(reach_m)
    columns["edge_affected"] = (columns["status"] != "met") & near_edge
    table = pd.DataFrame(
        {
            "area": areas.index.repeat(len(judged)),
            "item": np.tile(np.array(checklist.keys(), dtype=object), len(areas)),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
    # Labels as they are, and None where there is none, whatever pandas makes of such a column.
    table["facility"] = pd.Series(columns["facility"].ravel(), dtype=object)
    return table[
        [
            "area",
            "item",
            "status",
            "reason",
            "share",
            "residents_without",
            "median_minutes",
            "worst_minutes",
            "facility",
            "edge_affected",
        ]
    ]


def _sum_of_known(numbers: pd.Series[float]) -> float:
    return float(numbers.sum(min_count=1))


def _checked_walks(times: pd.DataFrame, checklist: Checklist) -> pd.DataFrame:
    """See that the walks have what the limits are compared with; walks are to places by default.

    Raises
    ------
    InputError
        If they have not.
    """
    needed = ["origin", "item", "seconds", "facility", "status"]
    in_metres = [item.key for item in checklist if item.limit.in_metres]
    if "item" in times and times["item"].isin(in_metres).any():
        needed.append("metres")
    if missing := [name for name in needed if name not in times]:
        why = f" The limit of {in_metres[0]} is in metres." if "metres" in missing else ""
        msg = (
            f"The times have no column {', '.join(missing)}.{why} Give walks as "
            "quarterhour.assess makes them (the times of a scorecard), or as "
            "quarterhour.nearest does for limits in minutes."
        )
        raise InputError(msg)
    return times if "host" in times else times.assign(host=False)
