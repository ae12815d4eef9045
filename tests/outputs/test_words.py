"""Every note that a reader can make is worded in Chinese, from its code and never its sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import quarterhour
from quarterhour.outputs.looks import SHOWN
from quarterhour.outputs.words import LANGS, notes_text, phrases
from quarterhour.places.notes import Note, as_data
from quarterhour.scoring.left_out import COUNTED, REASONS, WHAT
from quarterhour.scoring.service import WORDS as WHY_NOT

SOURCE = Path(quarterhour.__file__).parent
FAMILIES = {
    "not_counted_": list(WHY_NOT),
    "listed_": ["duplicate", "entrance"],
    "read_as_": ["commas", "tabs", "semicolons", "bars"],
}
"""Codes that are put together, by how they begin."""


def calls() -> Iterator[ast.Call]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "Note":  # type: ignore[attr-defined]
                yield node  # type: ignore[misc]


def texts(node: ast.AST) -> Iterator[str]:
    """The codes that an expression can give; what is put together, by its beginning."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        head = node.values[0]
        assert isinstance(head, ast.Constant)
        yield from (f"{head.value}{end}" for end in FAMILIES[str(head.value)])


MADE = {code: len(call.args) - 2 for call in calls() for code in texts(call.args[0])}


def asked(sentence: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


def test_most_codes_are_found() -> None:
    assert len(MADE) > 50


@pytest.mark.parametrize("code", sorted(MADE))
def test_a_note_has_chinese_words_that_use_its_values(code: str) -> None:
    worded = phrases()["notes"]["zh"][code]
    assert asked(worded) <= {str(place) for place in range(MADE[code])}


def test_no_words_are_left_that_nobody_says() -> None:
    assert set(phrases()["notes"]["zh"]) == set(MADE)


@pytest.mark.parametrize("lang", LANGS)
def test_notes_are_worded_in_the_language(lang: str) -> None:
    notes = [
        Note("facilities_off_street", "{0} facilities lie farther than {1:g} m.", 3, 100.0),
        "Somebody's own sentence.",
    ]
    told = notes_text({"notes": notes, "notes_data": as_data(notes)}, lang)  # type: ignore[arg-type]
    if lang == "zh":
        assert told == ["3 处设施距任何街道超过 100 米，无法走到。", notes[1]]
    else:
        assert told == notes


def test_both_languages_have_the_same_phrases() -> None:
    chinese, english = (phrases()[lang] for lang in LANGS)
    assert set(chinese) == set(english)


PHRASE_FAMILIES = {
    "areas_": SHOWN,
    "counted_": WHAT,
    "credit_": ("osm", "synthetic"),
    "data_": ("osm", "synthetic"),
    "input_": ("areas", "facilities", "origins", "network", "checklist"),
    "left_": [reason for reason in REASONS if reason != COUNTED],
    "legend_": SHOWN,
    "m_mode_": ("function", "facility"),
    "o_": ("building", "grid", "gate", "point"),
    "unit_": ("residents", "residences"),
}
"""Phrases whose key is put together, by how they begin, as the code writes it."""


def test_no_phrase_is_left_that_nobody_says() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    for head in PHRASE_FAMILIES:
        assert re.search(rf"f[\"']{head}\{{", code), f"no key begins with {head}"
    made = {f"{head}{end}" for head, ends in PHRASE_FAMILIES.items() for end in ends}
    said = made | set(re.findall(r"[\"'](\w+)[\"']", code))
    assert [key for key in phrases()["en"] if key not in said] == []
