"""Download a box of Overture Maps with the official downloader, into a folder of files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from quarterhour.atomic import whole_folder
from quarterhour.errors import InputError, MissingExtraError, QuarterhourError
from quarterhour.sources.overture.box import Box, checked_box
from quarterhour.sources.overture.files import TYPES

DOWNLOADER = "overturemaps"
"""The program, as https://github.com/OvertureMaps/overturemaps-py installs it."""


def fetch_overture(
    bbox: Box,
    out: str | Path,
    *,
    types: Iterable[str] = tuple(TYPES),
    release: str | None = None,
) -> Path:
    """
    Download a box of Overture Maps: one Parquet file a type, as `read_overture` reads them.

    The official downloader does it, a program called ``overturemaps`` (``pip install
    overturemaps``), which has to be installed.

    Parameters
    ----------
    bbox
        West, south, east, north, in degrees.
    out
        The folder to write into. All the files are there in the end, or none.
    types
        Which types: those that are read, where none are named.
    release
        Such as ``"2026-06-17.0"``; the latest where none is named.

    Returns
    -------
    folder
        The folder; read it with `quarterhour.read_overture`.

    Raises
    ------
    InputError
        If the box is none, there is no such type, or there is no street in the box.
    MissingExtraError
        If the downloader is not installed.
    OutputError
        If the folder cannot be written.
    QuarterhourError
        If the downloader gives up.
    """
    box, wanted = checked_box(bbox), list(dict.fromkeys(types))
    if strange := [kind for kind in wanted if kind not in TYPES]:
        msg = f"No such type of Overture Maps: {', '.join(strange)}. Known are {', '.join(TYPES)}."
        raise InputError(msg)
    program = shutil.which(DOWNLOADER)
    if program is None:
        msg = (
            f"The downloader of Overture Maps is not installed: there is no program {DOWNLOADER}. "
            f"Install it with pip install {DOWNLOADER}, or get the files as "
            "https://docs.overturemaps.org/getting-data tells and name their folder."
        )
        raise MissingExtraError(msg)
    folder = Path(out)
    with whole_folder(folder) as part:
        for kind in wanted:
            _download(program, kind, box, part / f"{kind}.parquet", release)
        if "segment" in wanted and not (part / "segment.parquet").exists():
            told = ",".join(f"{value:g}" for value in box)
            msg = f"Overture Maps has no street within {told} (west, south, east, north)."
            raise InputError(msg)
    return folder


def _download(program: str, kind: str, box: Box, path: Path, release: str | None) -> None:
    """Run the downloader for a type; a type that the box has nothing of leaves no file."""
    where = ",".join(f"{value:.7f}" for value in box)
    command = [program, "download", f"--bbox={where}", "-f", "geoparquet", f"--type={kind}"]
    command += ["-o", str(path), *([] if release is None else [f"--release={release}"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        last = said[-1].strip() if said else "it said nothing"
        msg = f"{DOWNLOADER} gave up on type {kind} (exit code {done.returncode}): {last}"
        raise QuarterhourError(msg)
    path.with_name(path.name + ".state").unlink(missing_ok=True)  # the downloader's own notes
