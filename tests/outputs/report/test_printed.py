"""PDF files: printed by whatever Chromium there is, whole or not at all, or a sentence."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, MissingExtraError, OutputError
from quarterhour.outputs.report import printed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stands in as a shell script")


def stand_in(folder: Path, body: str) -> Path:
    """A program that does what the body says with what it is asked."""
    program = folder / "chromium"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


PRINTS = """
for one in "$@"; do
  case "$one" in
    --print-to-pdf=*) out="${one#--print-to-pdf=}" ;;
    file://*) page="${one#file://}" ;;
  esac
done
{ echo "%PDF-1.4"; echo "$@"; cat "$page"; } > "$out"
"""


def test_a_report_and_cards_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(printed.VARIABLE, str(stand_in(tmp_path, PRINTS)))
    card = worlds.new_town()
    for write, word in ((qh.write_report, "体检报告"), (qh.write_cards, "便民服务卡")):
        path = write(card, tmp_path / "out" / "town.PDF", lang="zh")
        told = path.read_text(encoding="utf-8")
        assert told.startswith("%PDF-")
        assert word in told
        assert "--headless" in told
        assert [one.name for one in (tmp_path / "out").iterdir()] == ["town.PDF"]


@pytest.mark.parametrize(
    ("body", "why"),
    [("echo no display >&2; exit 3", "no display"), ("exit 0", "code 0"), ("exit 7", "code 7")],
)
def test_what_is_not_printed_is_said_and_leaves_nothing(
    body: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(printed.VARIABLE, str(stand_in(tmp_path, body)))
    with pytest.raises(OutputError, match=why) as error:
        printed.write_page("<p>a</p>", tmp_path / "out" / "a.pdf")
    assert "Write .html" in str(error.value)
    assert not (tmp_path / "out").exists()


def test_where_there_is_none_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(printed.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(printed, "PROGRAMS", ("chromium",))
    with pytest.raises(MissingExtraError, match=r"QUARTERHOUR_CHROMIUM; or write \.html"):
        printed.write_page("<p>a</p>", tmp_path / "a.pdf")
    program = stand_in(tmp_path, PRINTS)
    assert printed.chromium() == str(program)
    monkeypatch.setenv(printed.VARIABLE, "nowhere")
    with pytest.raises(InputError, match="'nowhere' is no program"):
        printed.chromium()
    assert printed.write_page("<p>a</p>", tmp_path / "a.html").read_text() == "<p>a</p>"
