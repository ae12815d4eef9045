"""docs/clauses.md: every clause once, every name there is, every test run, the page fresh."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

import quarterhour as qh
import worlds
from quarterhour.cli.main import cli
from quarterhour.scoring.scorecard import REASONS
from quarterhour.sources.tables.columns import ROLES

ROOT = Path(__file__).parents[1]
COUNTS = {"B": 27, "N": 8, "T": 8, "P": 12, "X": 8}


def maker() -> ModuleType:
    """The program that writes the page, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("clauses_of_docs", ROOT / "docs" / "clauses.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = maker()
CLAUSES: list[dict[str, Any]] = MAKER.clauses()
IDS = [one["id"] for one in CLAUSES]


def named(one: dict[str, Any]) -> list[str]:
    return re.findall(r"`([^`]+)`", f"{one.get('answer', '')} {one.get('why_not', '')}")


@cache
def tables() -> dict[str, set[str]]:
    """The columns of what is read and of what comes out, by the name of the table."""
    card = worlds.new_town()
    read = {what: set(roles) for what, roles in ROLES.items()}
    out = {
        "results": card.results,
        "summary": card.summary(),
        "matches": card.matches,
        "coverage": qh.coverage(card),
        "gaps": qh.gaps(card),
        "directory": qh.service_directory(card),
    }
    return read | {name: set(table.columns) for name, table in out.items()}


def is_public(path: str, argument: str | None) -> bool:
    """Whether there is such a public name, and such an argument of it."""
    thing: Any = qh
    for part in path.split("."):
        if part in getattr(thing, "__dataclass_fields__", {}):
            return argument is None
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return argument is None or argument in inspect.signature(thing).parameters


def is_command(word: str, *options: str) -> bool:
    """Whether there is such a command with such options."""
    known = cli.commands[word].params if word in cli.commands else []
    told = {o for p in known if isinstance(p, click.Option) for o in p.opts}
    return word in cli.commands and set(options) <= told


def is_there(name: str) -> bool:
    """Whether a name of the page leads somewhere."""
    if found := re.fullmatch(r"qh\.([\w.]+)(?:\((\w+)=\))?", name):
        return is_public(found[1], found[2])
    if name.startswith("quarterhour "):
        return is_command(*name.split()[1:])
    table, _, column = name.partition(".")
    if table in tables():
        return column in tables()[table]
    key, slash, item = name.partition("/")
    if key in qh.checklists().index:
        return not slash or item in qh.Checklist.load(key)
    return name in REASONS


def test_all_clauses_are_there_once_in_their_order() -> None:
    every = [f"{letter}{n:02d}" for letter, last in COUNTS.items() for n in range(1, last + 1)]
    assert every == IDS
    assert len(every) == 63


@pytest.mark.parametrize("one", CLAUSES, ids=IDS)
def test_a_clause_has_a_quote_and_an_answer_or_says_why_not(one: dict[str, Any]) -> None:
    assert set(one) <= {"id", "quote", "answer", "tests", "why_not"}
    assert one["quote"].strip()
    assert one.get("answer", "").strip() or one.get("why_not", "").strip()
    if "answer" in one:
        assert named(one), "an answer names what answers"
        assert one["tests"], "an answer names the test that shows it"


@pytest.mark.parametrize("one", CLAUSES, ids=IDS)
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_every_name_of_an_answer_is_there(one: dict[str, Any]) -> None:
    assert [name for name in named(one) if not is_there(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "qh.nothing",
        "qh.assess(nowhere=)",
        "quarterhour nothing",
        "quarterhour score --nothing",
        "facilities.nothing",
        "results.nothing",
        "beijing-2011/nothing",
        "nothing",
    ],
)
def test_a_name_that_is_not_there_is_found_out(name: str) -> None:
    assert not is_there(name)


def test_every_test_that_is_named_is_run() -> None:
    wanted = sorted({name for one in CLAUSES for name in one.get("tests", [])})
    files = sorted({name.partition("::")[0] for name in wanted})
    run = set()
    for file in files:
        assert re.fullmatch(r"tests/(\w+/)*test_\w+\.py", file), file  # what pytest looks into
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        own = [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]
        run |= {f"{file}::{name}" for name in own if name.startswith("test_")}
    assert [name for name in wanted if name not in run] == []


def test_the_page_is_fresh() -> None:
    written = MAKER.PAGE.read_text(encoding="utf-8")
    assert written == MAKER.page(CLAUSES), "write it again: python docs/clauses.py"
