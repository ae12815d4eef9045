"""What is said arrives, whatever the encoding of the terminal and whoever listens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from command_line import HELSINKI, ROOT, TOWN_OPTIONS
from quarterhour.cli.main import cli
from quarterhour.cli.streams import plain

ENCODINGS = ["ascii", "latin-1", "cp1252", "cp437", "gbk", "cp936", "big5", "utf-8"]


def piped(
    *arguments: str, encoding: str = "utf-8", redirected: str = ""
) -> tuple[int, bytes, bytes]:
    """Run in a process of its own, whose output has an encoding or is redirected."""
    around = {**os.environ, "PYTHONIOENCODING": encoding}
    words = [sys.executable, "-m", "quarterhour", *arguments]
    command = ["sh", "-c", f'"$@" {redirected}', "sh", *words] if redirected else words
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, env=around, cwd=ROOT, check=False
    )
    return done.returncode, done.stdout, done.stderr


def told(*arguments: str, encoding: str) -> tuple[int, bytes, bytes]:
    """Run in this process, with streams of that encoding."""
    done = CliRunner(charset=encoding).invoke(cli, arguments)
    return done.exit_code, done.stdout_bytes, done.stderr_bytes


def ringed(network: str) -> list[str]:
    point = ["--lon", "24.9414", "--lat", "60.1719", "--minutes", "5", "--method", "fast"]
    return ["isochrones", network, *point]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_shows_a_checklist(encoding: str) -> None:
    code, out, err = told("checklist", "show", "beijing-2011", encoding=encoding)
    assert code == 0, err
    text = out.decode(encoding)
    assert "food_market" in text
    lost = b"cannot be shown in" in err
    assert lost == ("菜市场" not in text)
    assert ("?" in text) == lost


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_a_process_says_what_is_said_here(encoding: str) -> None:
    asked = ("checklist", "show", "moreno-2016")
    assert piped(*asked, encoding=encoding) == told(*asked, encoding=encoding)


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_whole_run_and_its_json_do_not_fail_for_their_encoding(encoding: str) -> None:
    code, out, err = told(*ringed(HELSINKI), encoding=encoding)
    assert code == 0, err
    assert "walking" in out.decode(encoding).casefold()
    code, out, err = told("gaps", *TOWN_OPTIONS, "--json", encoding=encoding)
    assert code == 0, err
    assert any("云" in row["name"] for row in json.loads(out.decode("utf-8"))["gaps"])
    assert b"\r" not in err, "no progress bar where nobody watches"


def test_an_error_that_names_what_cannot_be_shown_is_still_one_line() -> None:
    code, out, err = piped("score", "没有 m².osm", encoding="ascii")
    assert (code, out) == (2, b"")
    assert err.decode("ascii").splitlines()[0] == "Error: There is no file ???? m2.osm."


@pytest.mark.parametrize(
    "redirected",
    [pytest.param("2>&-", marks=pytest.mark.long), "2>/dev/full", "<&- 2>&-"],
)
def test_nobody_listening_to_standard_error_is_no_failure(redirected: str, tmp_path: Path) -> None:
    out = str(tmp_path / "rings.gpkg")
    code, said, _ = piped(*ringed(HELSINKI), "--out", out, redirected=redirected)
    assert code == 0
    assert b"Written" in said
    assert Path(out).read_bytes().startswith(b"SQLite format 3")


def test_a_full_disk_under_standard_output_is_said() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    code, _, err = piped("checklist", "list", redirected=">/dev/full")
    assert code == 2
    assert err.splitlines()[-1].startswith(b"Error: Cannot print the results: No space left")
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("437 m² … ≤ 15", "437 m2 ... <= 15"),
        ("© Töölö, Łódź", "(c) Toolo, Lodz"),
        ("菜市场", "??????"),
        ("，。", ",. "),
        ("a\u0301", "a"),
        ("\u0416", "?"),
    ],
)
def test_what_has_a_plain_neighbour_is_written_so(text: str, near: str) -> None:
    assert plain(text) == near
