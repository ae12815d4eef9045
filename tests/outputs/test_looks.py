"""One look and one vocabulary: no output keeps a status's colour, sign or word of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import quarterhour
from quarterhour.outputs.looks import LOOKS, NOTHING_KNOWN, SHOWN, look_table
from quarterhour.outputs.words import LANGS, say, status_words
from quarterhour.scoring.scorecard import REASONS

SOURCE = Path(quarterhour.__file__).parent
HOME = SOURCE / "outputs" / "looks.py"
EDGES = [
    path
    for room in ("outputs", "cli")
    for path in sorted((SOURCE / room).rglob("*"))
    if path.suffix in {".py", ".js", ".css", ".html"} and path != HOME
]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("path", EDGES, ids=lambda path: path.name)
def test_no_other_file_keeps_colours_or_signs_of_statuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    looks = [*LOOKS.values(), NOTHING_KNOWN]
    own = {colour for look in looks for colour in (look.face, look.ink, look.mark, look.tint)}
    own -= {"#ffffff"}
    assert not own & {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}", text)}
    assert not re.search("[✓✗]", text)


def test_statuses_are_told_apart_by_pattern_by_sign_and_by_word() -> None:
    assert len({look.pattern for look in LOOKS.values()} | {NOTHING_KNOWN.pattern}) == 5
    assert len({look.sign for look in LOOKS.values()}) == 4
    for lang in LANGS:
        assert len({say(lang, status) for status in SHOWN}) == 4


@pytest.mark.parametrize("status", SHOWN)
def test_signs_and_patterns_can_be_read(status: str) -> None:
    look = LOOKS[status]
    assert contrast(look.ink, look.face) >= 4.5
    assert contrast(look.mark, "#ffffff") >= 4.5
    assert contrast("#000000", look.tint) >= 7


@pytest.mark.parametrize("lang", LANGS)
def test_every_status_and_reason_has_a_word(lang: str) -> None:
    told = status_words(lang, REASONS)  # type: ignore[arg-type]
    assert set(told) == {*SHOWN, "reason"}
    assert all(told["reason"][reason] for reason in REASONS)


def test_the_table_for_scripts_is_plain_data() -> None:
    assert set(look_table()["statuses"]) == set(SHOWN)
    assert len(look_table()["bounds"]) == len(look_table()["classes"]) + 1
