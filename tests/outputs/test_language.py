"""Every text that people see is in one language, but for names: Chinese without English keys and in
full-width punctuation, English without Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.seen import seen_in_figure, seen_in_page, seen_in_workbook

import quarterhour as qh
from one_language import faults, phrases_of
from quarterhour.outputs.cause_words import cause_table, differences_text
from quarterhour.outputs.figures.fonts import cjk_family
from quarterhour.outputs.figures.plots import Measure
from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.walker_words import walker_words
from quarterhour.outputs.words import LANGS, Lang, notes_text, phrases
from quarterhour.places.notes import Note, as_data
from quarterhour.walking.pace import profile, profiles
from worlds import new_town


@cache
def plans() -> dict[str, Any]:
    """A plan of each kind for the new town."""
    card = new_town()
    goal = {"value": 0.9, "by": 2030, "measure": "area", "item": "food_market"}
    goal |= {"zh": "菜市场", "en": "food markets"}
    changes = [qh.CloseFacility("惠民菜市场"), qh.RemoveWall("梧桐苑"), qh.ChangeWalker("elderly")]
    return {
        "A": qh.compare(card, qh.scenario(card, qh.Scenario(changes))),
        "B": qh.site(card, "food_market", k=2),
        "C": qh.circles(card),
        "D": qh.site_rooms(card, ["food_market", "pharmacy"], k=2),
        "E": qh.audit(card),
        "F": qh.progress(goal, {2025: 0.5, 2026: card}),
    }


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_is_in_one_language(lang: Lang, tmp_path: Path) -> None:
    qh.write_report(new_town(), tmp_path / "report.html", lang=lang, plans=plans())
    switch = {"中文 + English"}
    assert faults(set(seen_in_page(tmp_path / "report.html")) - switch, lang) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_a_scenario_is_a_scorecard_in_one_language_too(lang: Lang, tmp_path: Path) -> None:
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    shop = qh.AddFacility((116.9097, 39.6087), "pharmacy", "新药店")
    gone, wall = qh.CloseFacility("惠民菜市场"), qh.RemoveWall("梧桐苑")
    after = qh.scenario(new_town(), qh.Scenario([gone, wall, market, shop]))
    qh.write_report(after, tmp_path / "report.html", lang=lang)
    qh.write_workbook(after, tmp_path / "book.xlsx", lang=lang)
    notes = [*after.facilities.attrs["notes"], *after.origins.attrs["notes"]]
    seen = [*seen_in_page(tmp_path / "report.html"), *seen_in_workbook(tmp_path / "book.xlsx")]
    seen += notes_text({"notes": notes, "notes_data": as_data(notes)}, lang)
    shown = [re.sub(r"新(?:菜市场|药店)|\bnew/\w+/1\b|\w+_original", " ", one) for one in seen]
    assert faults(set(shown) - {"中文 + English"}, lang) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_as_it_was_is_told_in_one_language(lang: Lang, tmp_path: Path) -> None:
    card = new_town()
    card.save(tmp_path / "then")
    found = qh.reproduce(tmp_path / "then", facilities=card.facilities.iloc[1:])
    told = differences_text(found.causes, item_names(card, lang), lang)
    assert len(told) == 1
    at = Note("other_parameters", "{0}", "origins_at", "gate", "residence")
    pace = Note("other_parameters", "{0}", "pace", *map(str, map(qh.profile, ("elderly", "adult"))))
    told += differences_text([at, pace], {}, lang) if lang == "zh" else []
    assert faults(told, lang) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_the_cards_are_in_one_language(lang: Lang, tmp_path: Path) -> None:
    qh.write_cards(new_town(), tmp_path / "cards.html", lang=lang)
    assert faults(seen_in_page(tmp_path / "cards.html"), lang) == set()


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_the_workbook_is_in_one_language(lang: Lang, tmp_path: Path) -> None:
    qh.write_workbook(new_town(), tmp_path / "book.xlsx", lang=lang, plans=plans())
    assert faults(seen_in_workbook(tmp_path / "book.xlsx"), lang) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_the_figures_are_in_one_language(lang: Lang) -> None:
    if lang == "zh" and cjk_family() is None:
        pytest.skip("no font with Chinese characters is installed")
    card, made = new_town(), plans()
    walkers = ["adult", "elderly", "wheelchair"]
    groups = qh.assess_groups(
        card.areas, card.facilities, card.network, card.checklist, walkers, origins=card.origins
    )
    rings = qh.isochrones(card.areas.head(2), card.network, minutes=(5, 15))
    drawn = {
        "gaps": qh.plot_gaps(card, lang=lang),
        "gaps, some": qh.plot_gaps(card, lang=lang, at_most=5),
        **{of: qh.plot_coverage(card, measure=of, lang=lang) for of in get_args(Measure)},
        "items met": qh.plot_items_met(card, lang=lang),
        "isochrones": qh.plot_isochrones(rings, card.network, lang=lang),
        "compare": qh.plot_compare(made["A"], lang=lang),
        "siting": qh.plot_siting(made["B"], lang=lang),
        "circles": qh.plot_circles(made["C"], lang=lang),
        "groups": qh.plot_groups(groups, lang=lang),
    }
    found = {name: faults(seen_in_figure(one), lang) for name, one in drawn.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_change_is_due_to_is_told_in_one_language(lang: Lang) -> None:
    card = new_town()
    stricter = card.checklist.override({"pharmacy": {"limit_m": 500}, "laundry": {"weight": 2}})
    other = replace(stricter, hosts=()).only(kinds=["public", "commercial"])
    change = qh.compare(card, card.again(checklist=replace(other, items=other.items[1:])))
    told = cause_table(change, lang).astype(str).to_numpy().ravel().tolist()
    assert any("500" in one for one in told)
    assert faults(told, lang) == set()


def test_all_chinese_phrases_are_chinese() -> None:
    own = {**phrases()["zh"], "lang_code": "", "both": ""}  # a tag, and the switch of languages
    told = [*phrases_of(own), *phrases_of(phrases()["map"]["zh"])]
    told += phrases_of({**phrases()["country"]["zh"], "language": ""})
    assert len(told) > 300
    assert faults(told, "zh") == set()


def test_the_sentences_of_figures_and_measures_are_in_one_language() -> None:
    here = Path(qh.__file__).parent / "outputs"
    figures = tomllib.loads((here / "figures" / "figures.toml").read_text(encoding="utf-8"))
    for lang in LANGS:
        assert faults(phrases_of(figures[lang]), lang) == set()
    told = tomllib.loads((here / "measures.toml").read_text(encoding="utf-8"))
    for lang in LANGS:
        said = [*strings(told, f"say_{lang}")]
        assert len(said) > 15
        assert faults(phrases_of(dict(enumerate(said))), lang) == set()


def strings(table: object, key: str) -> Iterator[str]:
    """All texts under a key, however deep."""
    if isinstance(table, dict):
        for name, value in table.items():
            yield from [value] if name == key else strings(value, key)
    elif isinstance(table, list):
        for one in table:
            yield from strings(one, key)


def test_all_english_phrases_are_english() -> None:
    told = [*phrases_of(phrases()["en"]), *phrases_of(phrases()["map"]["en"])]
    told += phrases_of({**phrases()["country"]["en"], "language": ""})
    assert faults(told, "en") <= {"中文 + English"}


@pytest.mark.parametrize("name", profiles()["name"])
def test_every_walker_has_chinese_words(name: str) -> None:
    told = walker_words(profile(name), "zh")
    assert faults([told], "zh") == set()
    assert walker_words(str(profile(name)), "zh") == told
    assert f"{profile(name).speed_m_s:.3g} 米/秒" in told


def test_a_fault_would_be_found() -> None:
    assert faults(["{'edges': 0}"], "zh")
    assert faults(["步行者：adult"], "zh")
    assert faults(["菜市场(直接查见)"], "zh")
    assert faults(["within 步行时限"], "en")
    assert not faults(["菜市场（直接查见）：95%，quarterhour 0.1.0"], "zh")
