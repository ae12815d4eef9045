"""The shape of the package: imports run downwards, modules stay small, importing is cheap."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import quarterhour as qh

SOURCE = Path(qh.__file__).parent

LAYERS = {
    7: """__init__ cli cli_checklist cli_demo cli_isochrones cli_json cli_options cli_outputs
        cli_run cli_text""",
    6: """render render.figures render.fonts render.map_data render.map_streets render.webmap
        render.display render.paper render.plots render.plot_isochrones
        render.directory render.exports render.report render.report_cards render.report_map
        render.qgis_style render.report_method render.report_parts render.report_sections
        render.report_text render.workbook""",
    5: """assess sources sources.amap sources.cells sources.columns sources.intake sources.osm
        sources.osm_access sources.osm_areas sources.osm_buildings sources.osm_file
        sources.osm_places sources.osm_shapes sources.osm_sidewalks sources.osm_squares
        sources.osm_streets sources.osm_walls sources.overpass sources.tables
        sources.text_files sources.vector_files""",
    4: "coverage gaps published served",
    3: "scorecard judge completeness classification_report",
    2: "reach closest isochrones fields tiles surface verify opportunities catchments classify",
    1: """snap pace places engines joints names tags typecodes declared duplicates hours service
        assessable""",
    0: """network network_file exchange checklist checklist_files checklist_toml checklist_write
        datum
        detect_datum shifts manifest elevation hours_text""",
    -1: """errors atomic components contracts
        kernels contour_kernels field_kernels near_kernels ring_kernels""",
}
"""Every module has a layer; a new one gets its place here."""

LAYER = {name: layer for layer, names in LAYERS.items() for name in names.split()}

DELEGATES = {
    ("network", "exchange"),
    ("network", "network_file"),
    ("checklist", "checklist_files"),
    ("checklist", "checklist_write"),
}
"""A method that hands over to a module of its own layer, which builds on the noun."""

DOORS = {
    ("checklist", "render.display"),
    ("network", "render.display"),
    ("reach", "render.display"),
    ("scorecard", "render.display"),
    ("scorecard", "render.webmap"),
    ("sources.osm", "render.display"),
}
"""A notebook asks a noun to show itself: the one reason for a method to reach upwards."""

MAX_LINES = 400
MAX_PARAMETERS = 8
MANY_PARAMETERS = {
    "network.WalkNetwork.build": "one keyword for each array of the noun",
    "assess.assess": "the sentence has many optional clauses, each a keyword",
    "scorecard.score": "what assess knows, handed over by keyword",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "base", "settings", "config", "types", "common"}


class Import(NamedTuple):
    """One import of quarterhour inside quarterhour."""

    importer: str
    imported: str
    lazy: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)


FILES = {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def imports_in(tree: ast.AST, *, lazy: bool = False) -> Iterator[tuple[str, bool]]:
    """Modules that a tree imports, as written; what only the type checker sees is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        inside = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module), inside
            yield from ((f"{node.module}.{alias.name}", inside) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        yield from imports_in(node, lazy=inside)


def inner_imports() -> list[Import]:
    found = []
    for name, tree in TREES.items():
        for module, lazy in imports_in(tree):
            inner = module.removeprefix("quarterhour.")
            if module != inner and inner in FILES and inner not in {"render", "sources"}:
                found.append(Import(name, inner, lazy))
    return found


def test_every_module_has_a_layer():
    assert set(FILES) == set(LAYER)


def found_upwards() -> list[Import]:
    return [i for i in inner_imports() if LAYER[i.importer] < LAYER[i.imported]]


def test_imports_run_downwards_but_for_the_doors():
    """A door is used as one, and only inside a method."""
    upward = {(i.importer, i.imported, i.lazy) for i in found_upwards()}
    assert upward == {(*door, True) for door in DOORS}


def test_imports_within_a_layer_go_round_nowhere():
    """Lazy ones count too, except where a method delegates."""
    level = [i for i in inner_imports() if LAYER[i.importer] == LAYER[i.imported]]
    graph: dict[str, set[str]] = {}
    for importer, imported, lazy in level:
        if not (lazy and (importer, imported) in DELEGATES):
            graph.setdefault(importer, set()).add(imported)
    list(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


def test_delegates_are_still_needed_and_only_used_in_methods():
    lazy = {(i.importer, i.imported) for i in inner_imports() if i.lazy}
    plain = {(i.importer, i.imported) for i in inner_imports() if not i.lazy}
    assert lazy >= DELEGATES
    assert not plain & DELEGATES


def test_only_one_module_goes_online():
    online = {"requests", "urllib.request", "http.client", "socket", "osmnx"}
    users = {name for name, tree in TREES.items() for m, _ in imports_in(tree) if m in online}
    assert users <= {"sources.overpass", "sources.tables"}


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith("kernels")])
def test_kernels_know_no_geography(name):
    allowed = {"numpy", "numba", "quarterhour"} | set(sys.stdlib_module_names)
    modules = {module for module, _ in imports_in(TREES[name])}
    assert {module.partition(".")[0] for module in modules} <= allowed
    inner = {i.imported for i in inner_imports() if i.importer == name}
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


def public_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for module, tree in TREES.items():
        for name, node in functions_in(tree):
            private = any(part.startswith("_") for part in name.split("."))
            command = any(
                "click" in ast.unparse(d)
                or "command" in ast.unparse(d)
                or "option" in ast.unparse(d)
                for d in node.decorator_list
            )
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
        "own": [],
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
