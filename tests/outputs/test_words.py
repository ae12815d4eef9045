"""Every note that a reader can make is worded in Chinese, from its code and never its sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import quarterhour
import rooms
from one_language import faults, phrases_of
from quarterhour.outputs.looks import SHOWN
from quarterhour.outputs.obstacle_words import MEASURED
from quarterhour.outputs.words import LANGS, notes_text, phrases
from quarterhour.places.notes import Listing, Note, as_data
from quarterhour.planning.change import CAUSES
from quarterhour.planning.circles import REASONS as WHY_LEFT
from quarterhour.planning.comparison import WHY as WHY_TURNED
from quarterhour.planning.error_sources import error_sources
from quarterhour.planning.faults import KINDS as FAULTS
from quarterhour.planning.scenarios import KINDS
from quarterhour.scoring.left_out import COUNTED, REASONS, WHAT
from quarterhour.scoring.obstacles import WORDS as OBSTACLES
from quarterhour.scoring.reproduce import INPUTS
from quarterhour.scoring.service import WORDS as WHY_NOT
from quarterhour.sources.population.pieces import Kind
from quarterhour.walking.pace import profiles
from worlds import new_town

SOURCE = Path(quarterhour.__file__).parent
FAMILIES = {
    "not_counted_": list(WHY_NOT),
    "rows_gone_": ["areas", "facilities"],
    "rows_new_": ["areas", "facilities"],
    "rows_changed_": ["areas", "facilities"],
    "listed_": ["duplicate", "entrance"],
    "rows_": ["duplicate", "entrance"],
    "not_of_then_": list(INPUTS),
    "other_": ["parameters", "versions"],
    "scenario_": [
        *("add_facility", "move_facility", "close_facility", "change_facility"),
        *("open_gate", "remove_wall"),
    ],
    "read_as_": ["commas", "tabs", "semicolons", "bars"],
}
"""Codes that are put together, by how they begin."""


def calls() -> Iterator[ast.Call]:
    for tree in rooms.modules().values():
        for node in ast.walk(tree):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "Note" and not isinstance(node.args[0], ast.Starred):  # type: ignore[attr-defined]
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


@cache
def made() -> dict[str, int]:
    """How many values each note has, by its code."""
    return {code: len(call.args) - 2 for call in calls() for code in texts(call.args[0])}


def asked(sentence: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


def test_most_codes_are_found() -> None:
    assert len(made()) > 50


def test_every_note_has_chinese_words_that_use_its_values() -> None:
    worded = phrases()["notes"]["zh"]
    beyond = {code: asked(worded[code]) - set(map(str, range(n))) for code, n in made().items()}
    assert {code: places for code, places in beyond.items() if places} == {}


def test_no_words_are_left_that_nobody_says() -> None:
    assert set(phrases()["notes"]["zh"]) == set(made())


@pytest.mark.parametrize("lang", LANGS)
def test_notes_are_worded_in_the_language(lang: str) -> None:
    notes = [
        Note("facilities_off_street", "{0} facilities lie farther than {1:g} m.", 3, 100.0),
        Note("highways_unknown", "{0}", Listing([("trail", 159), ("洗衣店(东)", 2)], 3)),
        "Somebody's own sentence.",
    ]
    told = notes_text({"notes": notes, "notes_data": as_data(notes)}, lang)  # type: ignore[arg-type]
    if lang == "zh":
        ways = "种类不明、因而不走的路：highway=trail（159）、洗衣店（东）（2）等（另有 3）。"
        assert told == ["3 处设施距任何街道超过 100 米，无法走到。", ways, notes[2]]
    else:
        assert told == notes


def test_words_of_values_are_those_of_notes_that_are_made() -> None:
    values = phrases()["notes"]["values"]
    assert set(values) <= set(made())
    assert faults(phrases_of(values), "zh") <= {"没有 WKT ['WKT']", "WKT 无法读取 ['WKT']"}
    kinds = set(get_args(Kind))
    assert set(values["residents_placed"]) == set(values["pieces_without_number"]) == kinds
    assert set(values["groups_of_all"]) == set(profiles()["name"])


def test_rows_that_are_left_out_are_told_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    rows = ["name,lon,lat", "一,116.4,39.9", "二,,39.9", "三,116.4,北", "四,0,0", "五,116.4,95"]
    rows += [f"{n},116.4,39.9" for n in "六七八九"]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.warns(quarterhour.QuarterhourWarning, match="not on the globe"):
        notes = quarterhour.read_facilities(path, datum="wgs84").attrs["notes"]
    told = notes_text({"notes": notes, "notes_data": as_data(notes)}, "zh")
    (why,) = [one for one in told if "没有可用的位置" in one]
    assert {"没有经度（1）", "纬度不是数字（1）", "坐标为 0，0（1）"} <= set(
        re.split("[：、。]", why)
    ), why
    assert faults([why], "zh") == set()


def test_both_languages_have_the_same_phrases() -> None:
    chinese, english = (phrases()[lang] for lang in LANGS)
    assert set(chinese) == set(english)


VALUES = (
    *("limit_minutes", "limit_m", "at_least", "weight", "opening_hours", "capacity"),
    *("name", "item", "speed_kmh"),
)
"""What a change may set, as far as it has words of its own."""

MODES_AND_STARTS = ("mode_function", "mode_facility", "at_residence", "at_gate", "at_point")

PHRASE_FAMILIES = {
    "areas_": SHOWN,
    "counted_": WHAT,
    "credit_": ("osm", "synthetic"),
    "data_": ("osm", "synthetic"),
    "input_": ("areas", "facilities", "origins", "network", "checklist"),
    "left_": [reason for reason in REASONS if reason != COUNTED],
    "legend_": SHOWN,
    "m_mode_": ("function", "facility"),
    "p_": [*new_town().manifest["parameters"], *MODES_AND_STARTS],
    "column_": ("phone", "address", "opening_hours", "capacity", "walled", "area_kind"),
    "o_": ("building", "grid", "gate", "point"),
    **dict.fromkeys(
        ("median_", "worst_", "walk_", "gaps_text_", "card_foot_"), ("minutes", "metres", "both")
    ),
    "unit_": ("residents", "residences"),
    "alone_": ("area", "item"),
    "evidence_": ("declared", "typecode", "tag", "name", "host"),
    "people_by_": ("residents", "residences"),
    "x_kind_": ("compound", "community"),
    "x_way_": ("gates", "wall_without_gate", "open"),
    "cause_": CAUSES,
    "change_": [*KINDS, "somewhere"],
    "circle_": WHY_LEFT,
    "plan_alone_": ("before", "after"),
    **dict.fromkeys(
        ("site_proven_", "site_bound_"), ("cover", "fewest", "median", "centre", "cheapest")
    ),
    "site_value_": ("median", "centre"),
    "sure_source_": [source.name for source in error_sources()],
    "sure_unit_": ("residents", "residences", "area_item_pairs"),
    "value_": VALUES,
    "walker_": [
        *profiles()["name"],
        *("speed", "no_stairs", "stairs", "no_kerbs", "slope", "waits", "sloped"),
    ],
    "fault_": list(FAULTS),
    "repair_": ["open_gate", "join_streets", "open_both_ways"],
    "way_": [*OBSTACLES, *(f"{word}_n" for word in MEASURED), "enough", "saves", "only"],
    "why_": list(WHY_TURNED),
}
"""Phrases whose key is put together, by how they begin, as the code writes it."""


def test_faults_are_called_as_the_audit_calls_them() -> None:
    assert {kind: phrases()["en"][f"fault_{kind}"] for kind in FAULTS} == FAULTS


def test_no_phrase_is_left_that_nobody_says() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    for head in PHRASE_FAMILIES:
        assert re.search(rf"f[\"']{head}\{{", code), f"no key begins with {head}"
    made = {f"{head}{end}" for head, ends in PHRASE_FAMILIES.items() for end in ends}
    said = made | set(re.findall(r"[\"'](\w+)[\"']", code))
    assert [key for key in phrases()["en"] if key not in said] == []


def holders() -> Iterator[tuple[str, ast.expr]]:
    """What is put into lists of notes or warnings, and what is named a note, with its place."""
    for path in sorted(SOURCE.rglob("*.py")):
        where = path.relative_to(SOURCE)
        if where.parts[0] in ("outputs", "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            put = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if put and node.func.attr in ("append", "extend", "insert"):  # type: ignore[attr-defined]
                if re.search("note|warn", ast.unparse(node.func.value)):  # type: ignore[attr-defined]
                    yield f"{where}:{node.lineno}", node.args[-1]  # type: ignore[attr-defined]
            elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value:
                names = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(re.fullmatch("notes?|warnings", ast.unparse(name)) for name in names):
                    yield f"{where}:{node.lineno}", node.value
            elif isinstance(node, ast.FunctionDef) and node.name.endswith(("_note", "_notes")):
                for one in ast.walk(node):
                    if isinstance(one, ast.Return | ast.Yield) and one.value:
                        yield f"{where}:{one.lineno}", one.value


def is_plain(value: ast.expr) -> bool:
    """Tell whether an expression is a sentence, or a list that holds one."""
    if isinstance(value, ast.List | ast.Tuple):
        return any(is_plain(one) for one in value.elts)
    if isinstance(value, ast.IfExp):
        return is_plain(value.body) or is_plain(value.orelse)
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and " " in value.value
    return isinstance(value, ast.JoinedStr)


PLAIN = {
    "streets/lines.py": "a warning of street lines, which have no list of notes",
    "streets/traits.py": "the same",
    "streets/exchange.py": "the same",
    "streets/measure.py": "the same",
}


def test_no_note_is_a_plain_sentence() -> None:
    found = [at for at, value in holders() if is_plain(value)]
    assert [at for at in found if at.partition(":")[0] not in PLAIN] == []
