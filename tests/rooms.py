"""The rooms of the package and the imports between them: ``python tests/rooms.py`` prints them.

Every import counts, also one inside a function and one for the type checker alone.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[1] / "src" / "quarterhour"

FLOORS = {  # the topmost only starts the program
    9: "__main__",
    8: "cli",
    7: "__init__",
    6: "outputs",
    5: "planning",
    4: "scoring",
    3: "sources walking",
    2: "standards streets",
    1: "places",
    0: "errors arrays atomic shown",
}
"""The floor of every room: imports between rooms run downwards only."""

FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}


class Import(NamedTuple):
    """One import of quarterhour inside quarterhour, by the names of the modules."""

    importer: str
    imported: str


def room_of(module: str) -> str:
    return module.partition(".")[0]


def name_of(path: Path, source: Path = SOURCE) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


@cache
def modules(source: Path = SOURCE) -> dict[str, ast.Module]:
    files = sorted(source.rglob("*.py"))
    return {name_of(path, source): ast.parse(path.read_text(encoding="utf-8")) for path in files}


@cache
def imports_in(tree: ast.AST) -> tuple[str, ...]:
    """Everything that a module imports, as modules and as names of theirs."""
    return tuple(_imports_in(tree))


def _imports_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def inner_imports(trees: dict[str, ast.Module]) -> set[Import]:
    found = set()
    for name, tree in trees.items():
        names = [n.removeprefix("quarterhour.") for n in imports_in(tree) if "quarterhour." in n]
        # A folder's own page says nothing: what counts is the file that is taken from it.
        files = {n for n in names if n in trees and not any(m.startswith(f"{n}.") for m in trees)}
        found |= {Import(name, imported) for imported in files}
    return found


def upwards(imports: Iterable[Import]) -> list[Import]:
    """Imports between rooms that do not run to a lower floor; on the ground, files are level."""
    between = ((i, FLOOR[room_of(i.importer)], FLOOR[room_of(i.imported)]) for i in imports)
    return sorted(
        i
        for i, here, there in between
        if room_of(i.importer) != room_of(i.imported) and there >= here and (here or there)
    )


def circle(imports: Iterable[Import]) -> list[str]:
    """Modules that import each other in a circle; nothing if there is none."""
    graph: dict[str, set[str]] = {}
    for importer, imported in imports:
        graph.setdefault(importer, set()).add(imported)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def main() -> None:
    imports = inner_imports(modules())
    pairs = Counter((room_of(i.importer), room_of(i.imported)) for i in imports)
    between = {pair: count for pair, count in pairs.items() if pair[0] != pair[1]}
    for (one, other), count in sorted(between.items(), key=lambda p: (-FLOOR[p[0][0]], p[0])):
        print(f"{FLOOR[one]} {one:10} -> {FLOOR[other]} {other:10} {count:4}")
    up, round_trip = upwards(imports), circle(imports)
    print(
        f"{sum(between.values())} imports between rooms on {len(FLOORS) - 1} floors: "
        f"{len(up)} upwards, {int(bool(round_trip))} circles"
    )
    sys.exit(bool(up or round_trip))


if __name__ == "__main__":
    main()
