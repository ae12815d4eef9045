"""The shape of the package: imports run downwards, modules stay small, importing is cheap."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

import quarterhour as qh
import rooms

trees = rooms.modules
FILES = {rooms.name_of(path): path for path in sorted(rooms.SOURCE.rglob("*.py"))}

MAX_LINES = 400
MAX_PARAMETERS = 8
MANY_PARAMETERS = {
    "streets.street_arrays.StreetArrays.build": "one keyword for each array of the noun",
    "scoring.assess.assess": "the sentence has many optional clauses, each a keyword",
    "scoring.score.score": "what assess knows, handed over by keyword",
    "outputs.map.page.write_map": "what map_html takes, and the path",
    "outputs.map.page.map_html": "what can be in the page, each a keyword",
    "walking.travel_times.nearest": "where, to what, how, and in which form",
    "scoring.scorecard.Scorecard.again": "what assess knows, handed over by keyword",
    "scoring.question.Question.of": "the words of assess but the tables",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "base", "settings", "config", "types", "common"}


@cache
def imports() -> set[rooms.Import]:
    return rooms.inner_imports(trees())


def test_every_module_has_a_floor():
    assert {rooms.room_of(name) for name in trees()} == set(rooms.FLOOR)


def test_imports_run_downwards_and_go_round_nowhere():
    assert rooms.upwards(imports()) == []
    assert rooms.circle(imports()) == []


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("streets.snap", "def f():\n    from quarterhour.scoring.gaps import gaps\n"),
        ("places.names", "from quarterhour.streets import snap\n"),
        ("walking.pace", "if TYPE_CHECKING:\n    import quarterhour.sources.osm.read\n"),
    ],
)
def test_an_import_upwards_is_found(importer, line):
    added = {**trees(), importer: ast.parse(line)}
    (found,) = rooms.upwards(rooms.inner_imports(added))
    assert found.importer == importer


def test_a_circle_within_a_room_is_found():
    added = {**trees(), "places.names": ast.parse("import quarterhour.places.duplicates\n")}
    assert {"places.names", "places.duplicates"} <= set(rooms.circle(rooms.inner_imports(added)))


def test_only_one_module_goes_online():
    online = {"requests", "urllib.request", "http.client", "socket", "osmnx"}
    users = {name for name, tree in trees().items() if online & set(rooms.imports_in(tree))}
    assert users <= {"sources.osm.overpass", "sources.tables.read"}


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith("kernels")])
def test_kernels_know_no_geography(name):
    allowed = {"numpy", "numba", "quarterhour"} | set(sys.stdlib_module_names)
    assert {module.partition(".")[0] for module in rooms.imports_in(trees()[name])} <= allowed
    inner = {i.imported for i in imports() if i.importer == name}
    assert all(module.endswith("kernels") for module in inner)


@pytest.mark.parametrize("name", FILES)
def test_modules_stay_small(name):
    lines = FILES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= MAX_LINES, f"{name} has {lines} lines"


def test_no_module_without_a_meaning():
    assert not {part for name in FILES for part in name.split(".")} & FORBIDDEN_NAMES


def functions_in(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions_in(node, f"{prefix}{node.name}.")


@cache
def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    return list(_public_functions())


def _public_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for module, tree in trees().items():
        for name, node in functions_in(tree):
            private = any(part.startswith("_") for part in name.split("."))
            told = " ".join(map(ast.unparse, node.decorator_list))
            command = any(word in told for word in ("click", "command", "option"))
            if not private and not command:
                yield f"{module}.{name}", node


def test_public_functions_have_few_parameters_and_no_catch_all():
    seen = set()
    for name, node in public_functions():
        a = node.args
        names = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
        names = [n for n in names if n not in {"self", "cls"}]
        assert a.kwarg is None, f"{name} takes **{a.kwarg.arg}"
        if len(names) > MAX_PARAMETERS:
            seen.add(name)
    assert seen == set(MANY_PARAMETERS)


def test_public_functions_have_docstrings():
    bare = [name for name, node in public_functions() if not ast.get_docstring(node)]
    assert not bare


def test_no_mutable_defaults():
    for name, node in public_functions():
        defaults = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None]
        assert not any(isinstance(d, (ast.List, ast.Dict, ast.Set)) for d in defaults), name


FRESH = """
import json, logging, sys, warnings
before = len(warnings.filters)
import quarterhour
heavy = ("osmnx", "matplotlib", "numba", "geopandas", "pandas", "shapely", "scipy", "numpy",
         "osmium", "networkx", "pyproj", "click", "tqdm")
print(json.dumps({
    "heavy": [name for name in heavy if name in sys.modules],
    "own": [name for name in sys.modules if name.startswith("quarterhour.")],
    "handlers": len(logging.getLogger().handlers),
    "loggers": [n for n in logging.Logger.manager.loggerDict if n.startswith("quarterhour")],
    "level": logging.getLogger().level,
    "filters": len(warnings.filters) - before,
}))
"""


def test_importing_is_cheap_and_without_side_effects():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FRESH], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {
        "heavy": [],
        "own": ["quarterhour.shown"],
        "handlers": 0,
        "loggers": [],
        "level": 30,
        "filters": 0,
    }
    assert done.stderr == ""


LIGHT = """
import sys
import quarterhour
quarterhour.WalkNetwork, quarterhour.travel_times, quarterhour.assess, quarterhour.Checklist
print(*(name for name in ("osmnx", "matplotlib", "numba") if name in sys.modules))
"""


def test_the_nouns_and_verbs_do_not_load_what_they_may_not_need():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_nouns_are_frozen():
    for name in ("Item", "Checklist", "WalkNetwork", "TravelTimes", "Scorecard", "City", "Profile"):
        noun = getattr(qh, name)
        assert inspect.isclass(noun)
        assert noun.__dataclass_params__.frozen, name
