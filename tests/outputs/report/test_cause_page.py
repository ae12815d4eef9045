"""The page of two years says what the change is due to, in both languages; so does the workbook."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

import openpyxl
import pytest

import quarterhour as qh
import worlds
from quarterhour.outputs.cause_words import cause_table, part_text
from quarterhour.outputs.report.report import report_html
from quarterhour.outputs.words import LANGS, Lang, say


@cache
def years() -> qh.Comparison:
    """Two years of the new town: a market less, and more asked of every area."""
    card = worlds.new_town()
    gone = card.asked.facilities
    gone = gone[gone["name"] != "惠民菜市场"]
    return qh.compare(card, card.again(facilities=gone, quota=0.8))


@pytest.mark.parametrize("lang", LANGS)
def test_causes_have_a_line_each_and_their_parts(lang: Lang) -> None:
    html = report_html(worlds.new_town(), lang=lang, sections=(), plans=[years()])
    part = html.partition('class="causes')[2].partition("</table>")[0]
    told = " ".join(unescape(re.sub(r"<[^>]*>", " ", part)).split())
    causes = years().causes
    changed = causes.table[causes.table["changed"]]
    assert changed.index.tolist() == ["facilities", "parameters"]
    assert part.count("<tr>") == 3
    for cause, row in changed.iterrows():
        assert say(lang, f"cause_{cause}") in told
        assert part_text(row["turned"]) in told
        assert part_text(row["met"], signed=True) in told
    assert "惠民菜市场" in told
    assert ("少了 1 处设施" if lang == "zh" else "1 facilities less") in told
    assert ("达标所需的居民比例：0.8；原为 0.5。" if lang == "zh" else "quota: 0.8") in told


def test_of_a_scenario_the_changes_are_listed_and_no_causes() -> None:
    card = worlds.new_town()
    plan = qh.compare(card, qh.scenario(card, [qh.CloseFacility("惠民菜市场")]))
    html = report_html(card, lang="en", sections=(), plans=[plan])
    assert 'class="causes' not in html


def test_where_causes_are_not_known_it_is_said(tmp_path: Path) -> None:
    card = worlds.new_town()
    card.save(tmp_path)
    (tmp_path / "asked.zip").unlink()
    plan = qh.compare(qh.read_scorecard(tmp_path), card)
    html = report_html(plan.after, lang="en", sections=(), plans=[plan])
    assert "is not known: This scorecard was read without" in unescape(html)


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_the_workbook_has_a_sheet_of_causes(lang: Lang, tmp_path: Path) -> None:
    path = qh.write_workbook(worlds.new_town(), tmp_path / "x.xlsx", lang=lang, plans=[years()])
    book = openpyxl.load_workbook(path)
    name = next(name for name in book.sheetnames if say(lang, "x_causes") in name)
    cells = [[cell.value for cell in row] for row in book[name].iter_rows()]
    table = cause_table(years(), lang)
    flat = [cell for row in cells for cell in row]
    numbers = [cell for cell in flat if isinstance(cell, (int, float))]
    for row in table.to_dict("records"):
        assert row["cause"] in flat
        assert any(abs(cell - row["cause_turned"]) < 1e-6 for cell in numbers)


@cache
def grown() -> qh.Comparison:
    """Two years of the new town: one compound was not there, and a kiosk is an area of its own."""
    card = worlds.new_town()
    first = card.areas.index[0]
    homes = card.asked.origins
    fewer = card.again(
        areas=card.asked.areas.drop(index=first), origins=homes[homes["area"] != first]
    )
    return qh.compare(fewer, card)


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_years_with_other_areas_go_with_the_second_scorecard(lang: Lang, tmp_path: Path) -> None:
    plan = grown()
    html = report_html(plan.after, lang=lang, sections=(), plans=[plan])
    assert say(lang, "cause_homes") in html
    assert "云河家园" in html
    page = qh.write_map(
        plan.after, tmp_path / "map.html", lang=lang, isochrones=False, plans=[plan]
    )
    assert page.stat().st_size > 100_000
    qh.write_workbook(plan.after, tmp_path / "x.xlsx", lang=lang, plans=[plan])
    few = plan.after.again(checklist="moreno-2016")
    with pytest.raises(qh.QuarterhourError, match=r"second scorecard \(plan.after\)"):
        report_html(few, lang=lang, sections=(), plans=[plan])
