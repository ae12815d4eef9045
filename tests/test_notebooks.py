"""The notebooks run without a warning, and show what they have kept.

One after the other in one kernel; `make verify` runs each from a new one as well.
"""

from __future__ import annotations

import base64
import html
import importlib.util
import json
import math
import os
import re
import shutil
import signal
import threading
import time
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
MOST_BYTES = 1_500_000
FIGURE = "FIGURE"


def keeper() -> ModuleType:
    """The script that runs the notebooks and keeps their outputs."""
    spec = importlib.util.spec_from_file_location("keep", ROOT / "notebooks" / "keep.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks beside the samples, as in the project, where nothing else is."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    (folder / "data" / "samples").symlink_to(ROOT / "data" / "samples")
    (folder / "notebooks").mkdir()
    for path in NOTEBOOKS:
        shutil.copy(path, folder / "notebooks")
    return folder / "notebooks"


def read_as(output: Any) -> str:
    """What people read in an output: its words and numbers, and that a figure is there.

    Where a line of a figure runs is left to the library and the letters of the machine.
    """
    data = output.get("data", {})
    if "image/png" in data or "image/svg+xml" in data:
        return FIGURE
    if "text/html" in data:
        text = re.sub(r"(?s)<(style|script|metadata)\b.*?</\1>", " ", data["text/html"])
        return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<(svg|img)\b", f" {FIGURE} <", text)))
    return str(output.get("text") or data.get("text/plain", ""))


def told(notebook: Any) -> list[tuple[str, str, bool]]:
    """Per cell its code, what people read below it, and whether its figures may vary."""
    cells = []
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        varies = "figures-vary" in cell.metadata.get("tags", [])
        cells.append((cell.source, "\n".join(map(read_as, cell.outputs)), varies))
    return cells


def words(text: str) -> list[str]:
    """Words and numbers, without what depends on how a table is printed."""
    found = re.findall(r"(?<![\w-])-?\d[\d,]*(?:\.\d+)?|\d[\d,]*(?:\.\d+)?|[^\W\d_]+", text)
    return [word for word in found if word not in {"NaN", "nan", "None", "dtype", "object", "str"}]


def differences(kept: str, fresh: str, *, figures: bool) -> list[tuple[str, str]]:
    before, after = words(kept), words(fresh)
    if not figures:
        before, after = ([w for w in some if not is_number(w)] for some in (before, after))
    if len(before) != len(after):
        return [(kept, fresh)]
    return [pair for pair in zip(before, after, strict=True) if not same(*pair)]


def is_number(word: str) -> bool:
    return word.lstrip("-")[0].isdigit()


def same(one: str, other: str) -> bool:
    if is_number(one) and is_number(other):
        numbers = (float(word.replace(",", "")) for word in (one, other))
        return math.isclose(*numbers, rel_tol=1e-6, abs_tol=1e-9)
    return one == other


def pictures(notebook: Any) -> int:
    shown = [o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])]
    drawn = [base64.b64decode(data["image/png"]) for data in shown if "image/png" in data]
    assert all(picture.startswith(b"\x89PNG") for picture in drawn)
    return len(drawn)


def shown(**data: str) -> Any:
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    return nbformat.v4.new_output("display_data", {kinds[k]: v for k, v in data.items()})


def stale(kept: Any, fresh: Any) -> bool:
    return differences(read_as(kept), read_as(fresh), figures=True) != []


STREET = '<p>{} km</p><svg viewBox="{}"><metadata>{}</metadata><path d="M1 {}"/></svg>'


def test_a_line_that_runs_elsewhere_in_a_figure_makes_nothing_stale() -> None:
    kept = shown(html=STREET.format("12.5", "0 0 9 9", "library 3.9", "4.0"), plain="<Noun>")
    other = shown(html=STREET.format("12.5", "0 0 8 8", "library 3.11", "4.1"), plain="<Noun>")
    assert not stale(kept, other)
    picture = {"png": "aaaa", "plain": "<Figure size 660x660 with 2 Axes>"}
    assert not stale(
        shown(**picture), shown(png="bbbb", plain="<Figure size 655.2x660 with 2 Axes>")
    )


@pytest.mark.parametrize(
    "other",
    [
        shown(html=STREET.format("12.6", "0 0 9 9", "library 3.9", "4.0")),
        shown(html=STREET.format("-12.5", "0 0 9 9", "library 3.9", "4.0")),
        shown(html="<p>12.5 km</p>"),
        shown(html=STREET.format("12.5", "0 0 9 9", "", "4.0").replace("</svg>", "a</svg>")),
        shown(plain="12.5 km"),
    ],
    ids=["number", "sign", "no figure", "word in the figure", "only text"],
)
def test_what_people_read_makes_it_stale(other: Any) -> None:
    assert stale(shown(html=STREET.format("12.5", "0 0 9 9", "library 3.9", "4.0")), other)


def test_there_are_seven() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07"]


@pytest.fixture(scope="module")
def in_one_kernel(copies: Path) -> dict[str, Any]:
    """All notebooks, run one after the other in one kernel that forgets every name in between."""
    notebooks = {path.name: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    forget = partial(nbformat.v4.new_code_cell, "%reset -f")
    cells = [cell for one in notebooks.values() for cell in (forget(), *one.cells)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    whole = nbformat.v4.new_notebook(cells=cells)
    keeper().client_of(whole, copies).execute()
    return {name: keeper().tidied(one, small=False) for name, one in notebooks.items()}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_kept(path: Path, in_one_kernel: dict[str, Any]) -> None:
    shows_what_it_kept(in_one_kernel[path.name], path)


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_a_new_kernel(path: Path, copies: Path) -> None:
    shows_what_it_kept(keeper().executed(copies / path.name), path)


def shows_what_it_kept(fresh: Any, path: Path) -> None:
    kept = nbformat.read(path, as_version=4)
    streams = [o for c in fresh.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    assert [one.text for one in streams if one.name == "stderr"] == []
    assert pictures(fresh) == pictures(kept) > 0
    wrong = [
        (code, differences(before, after, figures=not varies))
        for (code, before, varies), (_, after, _) in zip(told(kept), told(fresh), strict=True)
    ]
    assert [pair for pair in wrong if pair[1]] == [], "stale: run make notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_is_small_and_names_no_machine(path: Path) -> None:
    assert path.stat().st_size < MOST_BYTES
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        for one in cell.get("outputs", []):
            data = {k: v for k, v in one.get("data", {}).items() if k != "image/png"}
            text = json.dumps(data, ensure_ascii=False) + one.get("text", "")
            assert not re.search(r"(?<![\w.<])/(?:[a-z]+/)+\w|[A-Z]:\\\\|file:", text), text[:300]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@cache
def chinese_of_the_data() -> str:
    """Whatever is Chinese in the samples, the checklists and the published figures."""
    data = [ROOT / "data" / "samples" / "new-town", ROOT / "src" / "quarterhour"]
    kinds = ("*.csv", "*.geojson", "*.osm", "checklists/*.toml", "planning/*.toml")
    files = [path for folder in data for kind in kinds for path in sorted(folder.rglob(kind))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_speaks_english_but_for_names_and_sources(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    known = chinese_of_the_data() + "\n".join(cell.source for cell in notebook.cells)
    shown = "\n".join(text for _, text, _ in told(notebook))
    assert [some for some in re.findall("[\u4e00-\u9fff]+", shown) if some not in known] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_somewhere_and_nothing_is_fetched(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / link).exists(), link
    assert "http" not in text
    assert "pip install" not in text


def run(*sources: str) -> tuple[NotebookClient, Any]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    return NotebookClient(notebook, kernel_name="python3", timeout=120), notebook


WORLD = """
import sys
sys.path.insert(0, {tests!r})
import quarterhour as qh
from worlds import grid_world, points
network = grid_world(41)
homes = points(*[(50 * i, 40 * j) for i in range(70) for j in range(60)])
one = qh.isochrones(homes.head(1), network)  # compiled, so that the rest can be timed
"""


@pytest.mark.slow
def test_long_work_shows_a_bar_and_can_be_interrupted(tmp_path: Path) -> None:
    """The bar is a widget; after an interruption the same kernel goes on as if nothing was."""
    client, notebook = run(
        WORLD.format(tests=str(Path(__file__).parent)),
        "rings = qh.isochrones(homes.head(60), network, method='fast')",
        "qh.isochrones(homes, network)",
        "again = qh.isochrones(homes.head(1), network)\n"
        "assert again.geometry.equals(one.geometry)\n"
        "print('as before')",
    )
    with client.setup_kernel():
        client.execute_cell(notebook.cells[0], 0)
        client.execute_cell(notebook.cells[1], 1)
        bars = [o for o in notebook.cells[1].outputs if "isochrones" in str(o.get("data", ""))]
        assert bars, "60 isochrones show a bar"
        assert any(keeper().WIDGET in one["data"] for one in bars)
        pid = client.km.provisioner.pid
        stop = threading.Timer(3.0, os.kill, (pid, signal.SIGINT))
        stop.start()
        client.allow_errors = True
        begun = time.monotonic()
        client.execute_cell(notebook.cells[2], 2)
        stop.join()
        assert time.monotonic() - begun < 30
        errors = [o.ename for o in notebook.cells[2].outputs if o.output_type == "error"]
        assert errors == ["KeyboardInterrupt"]
        client.execute_cell(notebook.cells[3], 3)
        assert notebook.cells[3].outputs[0].text == "as before\n"
