"""The headline in people is what one counts home by home."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.outputs.headline import people_text
from quarterhour.outputs.obstacle_words import obstacle_text, obstacles_of
from quarterhour.outputs.report.parts import area_names
from quarterhour.outputs.report.report import report_html
from quarterhour.outputs.words import LANGS, Lang, number, percent


def lacking(card: qh.Scorecard) -> dict[int, float]:
    """Residents by how many of the items that are known in their area they lack."""
    status = card.results.set_index(["area", "item"])["status"]
    host = card.results.set_index(["area", "item"])["reason"] == "implied_by_host"
    limits = {item.key: item.limit.minutes for item in card.checklist}
    walks = card.times.set_index(["origin", "item", "host"])["seconds"]
    counts: dict[int, float] = {}
    for home, row in card.origins.iterrows():
        missing = 0
        for item, most in limits.items():
            if status[row["area"], item] == "unknown":
                continue
            kinds = (False, True) if host[row["area"], item] else (False,)
            near = [walks.get((home, item, kind), float("inf")) for kind in kinds]
            missing += not any(seconds <= 60 * most for seconds in near)
        counts[missing] = counts.get(missing, 0.0) + row["residents"]
    return counts


def test_it_counts_people_home_by_home() -> None:
    card = worlds.new_town()
    counts = lacking(card)
    total = sum(counts.values())
    three = sum(n for missing, n in counts.items() if missing > 2)
    first = people_text(card, "en")[0]
    for told in (total, counts.get(0, 0.0), counts.get(1, 0.0), counts.get(2, 0.0), three):
        assert number(told) in first
    assert f"({percent(counts.get(0, 0.0) / total)})" in first


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_opens_with_it_and_with_ten_gaps(lang: Lang) -> None:
    card = worlds.new_town()
    html = report_html(card, lang=lang)
    head = html[: html.index('class="tiles"')]
    assert people_text(card, lang)[0] in head
    top = qh.gaps(card).iloc[0]
    table = html[html.index('class="urgent') :]
    assert table.count("<tr>") >= 11
    way = obstacles_of(card, qh.gaps(card).head(1)).iloc[0]
    assert escape(obstacle_text(way, lang)) in table
    assert f"{way['detour']:.1f}</td>" in table
    assert area_names(card, lang)[top["area"]] in table


def test_where_nobody_is_counted_the_gaps_of_most_residences_come_first() -> None:
    sizes = [worlds.squares((x, 700), size=size) for x, size in ((150, 60.0), (700, 400.0))]
    areas = pd.concat(sizes, ignore_index=True).assign(name=["small", "large"])
    items = worlds.checklist(worlds.item("shop", limit_minutes=1.0))
    shop = worlds.points((0, 0), item="shop")
    card = qh.assess(areas, shop, worlds.grid_world(), items)
    found = qh.gaps(card)
    homes = card.origins["area"].value_counts()
    without = (found["share_without"] * found["area"].map(homes)).round()
    assert without.iloc[0] < without.max()  # by their share alone, small areas come first
    html = report_html(card, lang="en")
    table = html[html.index('class="urgent') :]
    assert "residences beyond" in table
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")])[1:]
    told = [re.findall(r"<td[^>]*>(.*?)</td>", row)[3] for row in rows]
    assert told == [number(one) for one in sorted(without, reverse=True)[: len(told)]]


def test_who_counts_is_said() -> None:
    card = worlds.new_town()
    nobody = replace(card, origins=card.origins.assign(residents=float("nan")))
    assert "residences are counted" in " ".join(people_text(nobody, "en"))
    assert "388 residences" in people_text(nobody, "en")[0]
    assert people_text(replace(card, missing=("origins",)), "en") == []
