"""Before and after as a figure: what is drawn is what the comparison says, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.figures import fonts
from quarterhour.outputs.figures.paper import CLOSING, OPENING, Paper
from quarterhour.outputs.figures.plot_compare import touched
from quarterhour.outputs.words import number

LANGS = ["en", *(["zh"] if fonts.cjk_family() else [])]


@pytest.fixture(scope="module")
def plan() -> qh.Comparison:
    card = worlds.new_town()
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    changes = [qh.CloseFacility("惠民菜市场"), market, qh.RemoveWall("梧桐苑")]
    return qh.compare(card, qh.scenario(card, changes))


def said(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]
    return [text for text in texts if text]


@pytest.mark.parametrize("lang", LANGS)
def test_every_change_and_every_sum_is_on_the_figure(
    plan: qh.Comparison, lang: str, tmp_path: Path
) -> None:
    figure = qh.plot_compare(plan, tmp_path / "plan.png", lang=lang)
    assert (tmp_path / "plan.png").stat().st_size > 10_000
    texts = said(figure)
    for key, sign in (("gained", "+"), ("lost", "−")):
        for count in plan.items[key][plan.items[key] > 0]:
            assert f"{sign}{number(count)}" in texts
    head = " ".join(texts)
    asked = {"zh": ("拆除围墙", "不再达标"), "en": ("A wall is removed", "no longer met")}[lang]
    assert all(word in head.replace("\n", "") for word in asked)


def test_a_turned_cell_has_two_halves_and_only_what_changes_is_drawn(plan: qh.Comparison) -> None:
    pairs = touched(plan)
    turned = pairs[pairs["shown_before"] != pairs["shown"]]
    figure = qh.plot_compare(plan, lang="en")
    drawn = {one.get_label(): len(one.get_paths()) for one in figure.axes[0].collections}
    for status in ("met", "unmet", "implied", "unknown"):
        halves = (turned["shown_before"] == status).sum() + (turned["shown"] == status).sum()
        assert drawn[status] == halves
    texts = said(figure)
    rest = set(plan.items.index) - set(pairs["item"])
    names = {item.key: item.en for item in plan.after.checklist}
    assert rest
    assert not any(names[key] in texts for key in rest)


def test_a_plan_that_changes_nothing_says_so(plan: qh.Comparison) -> None:
    texts = " ".join(said(qh.plot_compare(qh.compare(plan.before, plan.before), lang="en")))
    assert "Nobody gains or loses an item" in texts


def test_few_areas_are_named_as_few(plan: qh.Comparison) -> None:
    assert "the 1 of 3 areas" in " ".join(said(qh.plot_compare(plan, lang="en", at_most=1)))
    with pytest.raises(InputError, match="do not fit one figure"):
        qh.plot_compare(plan, at_most=0)


@pytest.mark.parametrize("room", [0.5, 0.9, 1.3, 1.7, 2.3, 3.1])
def test_no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens(room):
    sheet = Paper.of("zh").sheet(0, 1, 0, 1, top=0, bottom=0)
    text = "2 个“社区—设施项”变为达标，0 个不再达标（同一住户只计一次）；另有 9 个社区没有变化。"
    lines = sheet.wrapped([text], room)
    assert len(lines) > 1
    assert not [line for line in lines if line[0] in CLOSING or line[-1] in OPENING]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
