"""Run the notebooks and keep what they show: ``python notebooks/keep.py [01-a-city.ipynb ...]``.

The tests run them the same way, in a copy, and compare.
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent

PNG = "image/png"
WIDGET = "application/vnd.jupyter.widget-view+json"
"""A progress bar: gone when the kernel is, so that it is not kept."""


def notebooks() -> list[Path]:
    """List the notebooks in their order."""
    return sorted(HERE.glob("[0-9][0-9]-*.ipynb"))


def executed(path: Path) -> Any:
    """Run a notebook from a new kernel, in its own folder; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    client_of(notebook, path.parent).execute()
    return tidied(notebook)


def client_of(notebook: Any, folder: Path) -> NotebookClient:
    """Give what runs a notebook in a folder; what a busy machine shows late is waited for."""
    return NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=600,
        iopub_timeout=60,
        extra_arguments=["--matplotlib=inline"],  # whatever MPLBACKEND says here
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )


def tidied(notebook: Any, *, small: bool = True) -> Any:
    """Leave out what differs from run to run, and progress bars; keep the tags of cells."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
        if cell.cell_type == "code":
            cell.outputs = joined(o for o in cell.outputs if WIDGET not in o.get("data", {}))
            for one in cell.outputs:
                one.pop("metadata", None)
                if one.output_type in {"display_data", "execute_result"}:
                    one.metadata = {}
                    if small and PNG in one.data:
                        one.data[PNG] = smaller(one.data[PNG])
    return notebook


def joined(outputs: Iterable[Any]) -> list[Any]:
    """Join what was printed in a row, wherever the kernel happened to cut it."""
    whole: list[Any] = []
    for one in outputs:
        if whole and one.output_type == "stream" and one.get("name") == whole[-1].get("name"):
            whole[-1].text += one.text
        else:
            whole.append(one)
    return whole


def smaller(picture: str) -> str:
    """Give a PNG 256 colours, which is more than a figure has but for the edges of its letters."""
    drawn = Image.open(BytesIO(base64.b64decode(picture))).convert("RGB")
    packed = BytesIO()
    drawn.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        packed, format="png", optimize=True
    )
    return base64.b64encode(packed.getvalue()).decode("ascii")


def main(names: list[str]) -> None:
    """Run the named notebooks, or all, and write each when it has run to its end."""
    shutil.rmtree(HERE / "out", ignore_errors=True)  # one of them lists what it finds there
    for path in [HERE / name for name in names] or notebooks():
        notebook = executed(path)
        nbformat.write(notebook, path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
