"""Pages as files: HTML as it is, or a PDF that a Chromium prints which is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, MissingExtraError, OutputError
from quarterhour.places.written import with_ending

VARIABLE = "QUARTERHOUR_CHROMIUM"
"""Environment variable that names the program, where it is not found by itself."""

PROGRAMS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge", "brave-browser", "chromium-headless-shell"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""What it is called, the first that is found on PATH, or there."""

SWITCHES = (
    *("--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run"),
    *("--disable-extensions", "--disable-sync", "--disable-background-networking"),
)
PATIENCE_S = 300.0


def write_page(text: str, path: str | Path) -> Path:
    """Write a page to a file, whole or not at all: ``.html``, or ``.pdf``, which is printed.

    Raises
    ------
    InputError
        If the file has another ending.
    MissingExtraError
        If it is to be a PDF, and no Chromium is found.
    OutputError
        If the file cannot be written, or Chromium does not print.
    """
    with whole_file(with_ending(path, ".html", ".pdf")) as part:
        if Path(path).suffix.lower() == ".pdf":
            _print(text, part, chromium())
        else:
            part.write_text(text, encoding="utf-8")
    return Path(path)


def chromium() -> str:
    """Find the program that prints pages.

    Raises
    ------
    InputError
        If the environment names one that cannot be run.
    MissingExtraError
        If there is none.
    """
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        found = shutil.which(named)
        if found is None:
            msg = (
                f"{VARIABLE}={named!r} is no program that can be run: name the program of a "
                "Chromium, Chrome or Edge, or leave it out to have it found on PATH."
            )
            raise InputError(msg)
        return found
    for name in PROGRAMS:
        if (found := shutil.which(name)) is not None:
            return found
    msg = (
        "A PDF is printed by a Chromium, and none was found: install chromium, Chrome or Edge, or "
        f"name its program in the environment variable {VARIABLE}; or write .html, open it in any "
        "browser and print it to a PDF file."
    )
    raise MissingExtraError(msg)


def _print(text: str, path: Path, program: str) -> None:
    """Print a page to a PDF file.

    Raises
    ------
    OutputError
        If the program does not do it.
    """
    switches = [*SWITCHES]
    if sys.platform == "linux" and os.geteuid() == 0:
        switches.append("--no-sandbox")  # Chromium refuses to run as root with it
    with TemporaryDirectory(prefix="quarterhour-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(text, encoding="utf-8")
        asked = [program, *switches, f"--user-data-dir={folder}/profile"]
        asked += [f"--print-to-pdf={path}", page.as_uri()]
        try:
            done = subprocess.run(  # noqa: S603 - a program that the user has installed
                asked, capture_output=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            msg = f"{program} did not print {path.name}: {error}. Write .html and print it there."
            raise OutputError(msg) from error
    printed = path.is_file() and path.read_bytes()[:5] == b"%PDF-"
    if done.returncode or not printed:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else f"it ended with code {done.returncode}"
        msg = f"{program} did not print {path.name}: {why}. Write .html and print it in a browser."
        raise OutputError(msg)
