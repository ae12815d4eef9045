"""Checklists as tired people and broken programs write them: a sentence, at once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point
from tests.standards.test_checklist import SMALL

from quarterhour.errors import ChecklistError, InputError
from quarterhour.places import names
from quarterhour.places.names import Names
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify
from quarterhour.standards.patterns import complaint, needed_characters

LAST = "include = '公厕'\n"


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "small.toml"
    path.write_text(text, encoding="utf-8")
    began = time.monotonic()
    with pytest.raises(ChecklistError) as caught:
        Checklist.load(path)
    assert time.monotonic() - began < 5
    return str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "limit_m = inf",
        "limit_m = nan",
        "limit_m = 1e9",
        "weight = inf",
        "weight = -inf",
        "weight = 1e300",
        "at_least = 1e20",
        "at_least = 100000000000000000000",
        "any_of = ['']",
        "any_of = ['—']",
        "any_of = ['no_such_item']",
        "any_of = ['station']",
        "parts = ['station']",
        f"weight = {'9' * 5000}",
        f"parts = {'[' * 1000}{']' * 1000}",
        f"note = {'{a = ' * 1000}1{'}' * 1000}",
        f"parts = {'[' * 60}{']' * 60}",
        "include = '(a+)+$'",
        "exclude = '(市场?场?)*店$'",
        "include = '(x+x+)+y'",
    ],
    ids=lambda line: line[:30],
)
def test_a_value_that_cannot_be_meant_is_told_by_line_and_key(tmp_path: Path, line: str) -> None:
    key = line.split(" ", maxsplit=1)[0]
    text = SMALL.replace(LAST, f"{line}\n" if key == "include" else f"{LAST}{line}\n", 1)
    number = next(n for n, one in enumerate(text.splitlines(), 1) if one == line)
    told = refused(tmp_path, text)
    assert told.startswith(f"small.toml, line {number}: key `{key}`"), told
    assert len(told) < 500


@pytest.mark.parametrize("minutes", ["inf", "nan", "1e308", "100000"])
def test_a_limit_is_one_of_a_walk(tmp_path: Path, minutes: str) -> None:
    told = refused(tmp_path, SMALL.replace("limit_minutes = 15", f"limit_minutes = {minutes}"))
    assert "limit_minutes" in told
    assert "at most 1,440" in told


def test_a_checklist_has_items(tmp_path: Path) -> None:
    told = refused(tmp_path, SMALL[: SMALL.index("[[items]]")])
    assert "has no item" in told


def test_nothing_implies_itself(tmp_path: Path) -> None:
    told = refused(tmp_path, SMALL.replace('implies = ["toilet"]', 'implies = ["station"]'))
    assert "key `implies` of host rule no. 1: `station` would imply itself" in told


@pytest.mark.parametrize("rule", ["hosts", "implies"])
def test_a_host_rule_names_somebody(tmp_path: Path, rule: str) -> None:
    told = refused(tmp_path, re.sub(rf"^{rule} = .*$", f"{rule} = []", SMALL, flags=re.M))
    assert f"key `{rule}`" in told
    assert "the list is empty" in told


@pytest.mark.parametrize("base", ["../small", "/etc/passwd", "a\\\\b", "other.toml", "\\u0000"])
def test_a_base_is_a_name_and_no_path(tmp_path: Path, base: str) -> None:
    told = refused(tmp_path, f'extends = "{base}"\n{SMALL}')
    assert told.startswith("small.toml, line 1: key `extends`: must be the name of a checklist")
    told = refused(tmp_path, SMALL.replace(LAST, f'like = "{base}:toilet"\n', 1))
    assert "key `like` of item `toilet`" in told


def test_checklists_do_not_build_upon_each_other_for_ever(tmp_path: Path) -> None:
    for number in range(40):
        text = SMALL if number == 39 else f'extends = "n{number + 1}"\n{SMALL}'
        (tmp_path / f"n{number}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ChecklistError, match="build upon each other"):
        Checklist.load(tmp_path / "n0.toml")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*$",
        "(a|a)*$",
        "(a|aa)+$",
        "(.*a){20}$",
        r"(\w+\s?)*$",
        "市(场+)+店",
        "((小区|小区花园)+)+号$",
    ],
)
def test_patterns_without_an_end_are_refused(pattern: str) -> None:
    assert "for ever" in (complaint(pattern) or "")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a+b+$",
        r"(\d+、)+\d+号",
        "(东|西|南|北)+门",
        "(?:菜|农贸)市场(?!路)",
        "^(?:[^店]|店(?!$))+$",
    ],
)
def test_patterns_that_end_are_let_pass(pattern: str) -> None:
    assert complaint(pattern) is None


def test_values_given_in_python_are_held_to_the_same() -> None:
    beijing = Checklist.load("beijing-2011")
    for values in ({"weight": float("inf")}, {"include": "(a+)+$"}, {"at_least": 10**20}):
        with pytest.raises(ChecklistError, match="Item 'food_market'"):
            beijing.override({"food_market": values})


def test_a_name_that_is_a_book_is_read_as_far_as_a_name_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = gpd.GeoDataFrame({"name": ["菜市场" + "a" * 100_000]}, geometry=[Point(0, 0)], crs=4326)
    checklist = Checklist.load("beijing-2011").override({"food_market": {"include": "菜.*.*.*a!"}})
    classify(table, checklist)
    monkeypatch.setattr(names, "LONGEST_SEARCH_S", -1.0)
    with pytest.raises(InputError, match="fits in one way only"):
        classify(table, checklist)


LETTERS = st.sampled_from("ab市场(")
PIECES = st.recursive(
    st.one_of(
        LETTERS.map(re.escape),
        st.sampled_from(["[ab]", "[^a]", "[a-z]", ".", r"\d", "$", "(?=市)", "(?<!a)", "(?i:a)"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}"])).map(
            lambda part: f"(?:{part[0]}){part[1]}"
        ),
    ),
    max_leaves=8,
)


@given(PIECES, st.text("abAB市场(", max_size=6))
def test_whatever_fits_a_pattern_has_a_character_that_the_pattern_needs(pattern, text):
    needed = needed_characters(pattern)
    if re.search(pattern, text) and needed is not None:
        assert needed & set(text)


def test_names_are_found_by_their_characters_as_they_are_without_them():
    names = Names.of(pd.DataFrame({"name": ["东市场", "菜店", "market", None, "𠮷市", "菜菜"]}))
    everything = np.ones(len(names.distinct), dtype=bool)
    for checklist in (Checklist.load("beijing-2011"), Checklist.load("moreno-2016")):
        for pattern in filter(None, [p for i in checklist for p in (i.include, i.exclude)]):
            few = names.with_any(needed_characters(pattern))
            found = names.search(re.compile(pattern), everything)
            assert names.search(re.compile(pattern), few) == found
    assert [names.distinct[k] for k in np.flatnonzero(names.with_any(frozenset("菜𠮷")))] == [
        "菜店",
        "𠮷市",
        "菜菜",
    ]
