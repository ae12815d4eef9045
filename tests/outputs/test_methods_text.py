"""Methods and citation: made of the manifest, every parameter told, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.cite import AUTHORS
from quarterhour.outputs.methods_text import TOLD
from quarterhour.outputs.words import LANGS, Lang, full_width

ROOT = Path(__file__).parents[2]

OTHERS: dict[str, Any] = {
    "pace": "somebody, 0.77 m/s",
    "speed_m_s": 0.77,
    "closed_streets": {"edges": 17, "metres": 4321.0},
    "quota": 0.83,
    "surveyed": ["food_market"],
    "shown": ["pharmacy"],
    "at": "2026-11-24 20:00",
    "valid_on": "2019-02-03",
    "contracted_only": True,
    "mode": "facility",
    "min_satisfaction": 0.71,
    "period": "2026-11-01/2026-11-14",
    "origins_at": "gate",
    "snap_limit_m": 77.0,
    "horizon": 3.5,
    "limits": {"food_market": "7 min", "pharmacy": "450 m"},
}
"""Another value for every parameter of a manifest."""


def altered(**parameters: Any) -> qh.Scorecard:
    card = worlds.new_town()
    known = {**card.manifest["parameters"], **parameters}
    return replace(card, manifest={**card.manifest, "parameters": known})


def test_every_parameter_is_known_here() -> None:
    assert set(worlds.new_town().manifest["parameters"]) <= set(OTHERS)
    assert set(OTHERS) == set(TOLD)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_every_parameter_is_told(name: str, lang: Lang) -> None:
    assert altered(**{name: OTHERS[name]}).methods(lang=lang) != altered().methods(lang=lang)


@pytest.mark.parametrize("lang", LANGS)
def test_a_parameter_that_is_new_is_told_by_its_name(lang: Lang) -> None:
    assert "shoe_size = 43" in altered(shoe_size=43).methods(lang=lang)


def test_numbers_are_those_of_the_manifest() -> None:
    card = worlds.new_town()
    text = card.methods(lang="en")
    for said in (
        *("gcj02 → wgs84", "388 residential buildings", "1.25 m/s", "50%", "15 min (30 items)"),
        *("2 times the limit", "100 m", f"Python {card.manifest['python']}", "410", "amap_poi.csv"),
        *("at the homes", "wgs84 (EPSG:32650)"),
    ):
        assert said in text
    for name in ("areas", "facilities", "origins", "network", "checklist"):
        assert card.manifest["inputs"][name]["sha256"][:12] in text
    for name, version in card.manifest["versions"].items():
        assert f"{name} {version}" in text
    assert str(ROOT) not in text
    chinese = card.methods()
    assert chinese == card.methods(lang="zh")
    assert "gcj02 → wgs84" in chinese
    assert not re.search(r"\{\w*\}", text + chinese)


def test_limits_that_are_not_the_common_one_are_named() -> None:
    limits = dict(worlds.new_town().manifest["parameters"]["limits"]) | {"food_market": "10 min"}
    assert "10 min (food (wet) market)" in altered(limits=limits).methods(lang="en")


def test_a_scenario_is_told() -> None:
    after = qh.scenario(worlds.new_town(), qh.CloseFacility("惠民菜市场"))
    told = "1 changes of a scenario: A place is closed: 惠民菜市场."
    assert told in after.methods(lang="en")
    assert "结果含方案改动 1 项：关闭设施：惠民菜市场。" in after.methods(lang="zh")


def test_results_alone_have_methods_and_a_citation(tmp_path: Path) -> None:
    card = worlds.new_town()
    card.save(tmp_path)
    (tmp_path / "asked.zip").unlink()
    read = qh.read_scorecard(tmp_path)
    assert "388 homes" in read.methods(lang="en")
    assert read.cite(lang="en") == card.cite(lang="en")


@pytest.mark.parametrize("lang", LANGS)
def test_the_citation_names_software_checklist_data_and_run(lang: Lang) -> None:
    city = worlds.helsinki()
    card = qh.assess(city.areas, city.facilities, city.streets, "beijing-2011")
    text = card.cite(lang=lang)
    inputs = card.manifest["inputs"]
    assert AUTHORS in text
    assert card.manifest["versions"]["quarterhour"] in text
    source = card.checklist.citation
    assert (full_width(source) if lang == "zh" else source) in text
    assert "OpenStreetMap" in text
    for name in ("facilities", "network"):
        assert inputs[name]["sha256"][:12] in text


def test_bibtex_has_an_entry_each() -> None:
    text = worlds.new_town().cite(style="bibtex")
    assert re.findall(r"^@(\w+)\{([^,]+),$", text, re.M)[:2] == [
        ("software", "quarterhour"),
        ("misc", "beijing-2011"),
    ]
    for entry in text.split("\n\n"):
        assert entry.count("{") == entry.count("}")
    assert "author = {{The quarterhour developers}}" in text


def test_the_citation_is_that_of_the_repository() -> None:
    told = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"name: {AUTHORS}" in told
    assert f"version: {qh.__version__}" in told


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda card: card.methods(lang="fr"), "is not a language"),
        (lambda card: card.cite(lang="fr"), "is not a language"),
        (lambda card: card.cite(style="apa"), "is no style of citing"),
    ],
)
def test_other_words_are_refused(ask: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        ask(worlds.new_town())
