"""Plans on a map: what is drawn is what was planned, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

import quarterhour as qh
import worlds
from quarterhour.outputs.figures import fonts
from quarterhour.outputs.words import number

LANGS = ["en", *(["zh"] if fonts.cjk_family() else [])]


@pytest.fixture(scope="module")
def made() -> qh.Circles:
    return qh.circles(worlds.new_town())


def said(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]
    return [text for text in texts if text]


@pytest.mark.parametrize("lang", LANGS)
def test_every_circle_has_its_number_and_the_legend_its_words(made: qh.Circles, lang: str) -> None:
    texts = said(qh.plot_circles(made, lang=lang))
    for circle in made.circles["circle"]:
        assert str(circle) in texts
    everything = " ".join(texts)
    legend = {"zh": ("服务圈中心", "不在任何圈内的住宅"), "en": ("centre", "homes in no circle")}
    assert all(word in everything for word in legend[lang])
    assert number(made.circles["residents"].sum()) in everything


@pytest.mark.parametrize("lang", LANGS)
def test_sites_are_numbered_and_the_curve_drawn(lang: str, tmp_path: Path) -> None:
    plan = qh.site(worlds.new_town(), "food_market", k=3)
    figure = qh.plot_siting(plan, tmp_path / "plan.png", lang=lang)
    assert (tmp_path / "plan.png").stat().st_size > 10_000
    texts = said(figure)
    assert all(str(n) in texts for n in (1, 2, 3))
    curve = figure.axes[1].lines[0]
    assert curve.get_xdata().tolist() == [0, 1, 2, 3]
    assert curve.get_ydata().tolist() == pytest.approx((100 * plan.curve["share"]).tolist())
    assert len(figure.axes) == 2
