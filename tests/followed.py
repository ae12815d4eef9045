"""Pages with code, and somebody who follows one from top to bottom, block by block."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import re
import runpy
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from quarterhour.cli.main import cli

CODE = ("python", "sh", "sql")
KEPT = ("toml", "json")

ELSEWHERE = {
    r"make \w+$": "the targets are those of the Makefile, tried by whoever runs these tests",
    r"(?:python|py) -m venv \.venv$": "makes an environment",
    r"\. \.venv/bin/activate$|\.venv\\Scripts\\activate$": "enters it",
    r"pip (?:install|wheel) ": "installs",
    r"eval |_QUARTERHOUR_COMPLETE=": "teaches a shell the words; tests/cli/test_options.py does",
    r"\.ci/run$": "runs these tests",
    r"quarterhour demo ": "takes both samples through everything; tests/cli/test_demo.py does",
}
"""Lines that no test runs, and why; all others are run."""


class Block(NamedTuple):
    """A fenced block: its text, what is said right before it, what the page says it prints."""

    language: str
    text: str
    before: str = ""
    printed: str = ""

    @property
    def kept_as(self) -> str | None:
        """The name of the file as which the reader is to keep it."""
        asked = re.search(r"Save this as `([^`]+)`", self.before)
        return asked[1] if asked else None


def fences(page: Path) -> Iterator[Block]:
    """All fenced blocks of a page, in order."""
    text, end = page.read_text(encoding="utf-8"), 0
    for found in re.finditer(r"^ *```(\S*)\n(.*?)^ *```$", text, flags=re.DOTALL | re.MULTILINE):
        before = text[end : found.start()].strip()
        yield Block(found[1], textwrap.dedent(found[2]), before.rpartition("\n\n")[2])
        end = found.end()


def blocks(page: Path) -> list[Block]:
    """The blocks, each with what it prints: a text that follows code at once."""
    found: list[Block] = []
    for block in fences(page):
        told = block.language == "text" and not block.before and found
        if told and found[-1].language in CODE and not found[-1].printed:
            found[-1] = found[-1]._replace(printed=block.text)
        else:
            found.append(block)
    return found


class Reader:
    """Somebody in a folder of his own, who does what a page says."""

    def __init__(self, names: dict[str, Any] | None = None) -> None:
        self.names = names or {}
        self.server: Any = None

    def follow(self, page: Path, without: str = "") -> None:
        """Do what the blocks say, and hold what they print to what the page says."""
        for number, block in enumerate(blocks(page), start=1):
            if block.language == without:
                continue
            where = f"{page.name}, block {number}"
            if block.language in KEPT:
                assert block.kept_as, f"{where}: nobody is told what to do with it"
                Path(block.kept_as).write_text(block.text, encoding="utf-8")
            elif block.language in CODE:
                said = getattr(self, block.language)(block.text, where)
                assert is_told(block.printed, said), f"{where} prints {said}"

    def python(self, text: str, where: str) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(text, where, "exec"), self.names)  # noqa: S102
        return out.getvalue()

    def sql(self, text: str, _: str) -> str:
        duckdb = pytest.importorskip("duckdb")
        rows = duckdb.sql(text)
        assert len(rows.df())
        return str(rows)

    def sh(self, text: str, where: str) -> str:
        said = ""
        for words in commands(text):
            said = self._pipe(words, where)
        return said

    def _pipe(self, words: list[str], where: str) -> str:
        """Run a command, and what its answer is handed to."""
        command, handed, rest = _cut(words, "|")
        said = self._run(command, where)
        if not handed:
            return said
        assert rest[0] == "python", f"{where}: {rest}"
        line = [sys.executable, *rest[1:]]
        done = subprocess.run(line, input=said, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout

    def _run(self, words: list[str], where: str) -> str:
        name, rest = words[0], words[1:]
        does: dict[str, Callable[[list[str]], str]] = {
            "quarterhour": self._quarterhour,
            "python": self._python_file,
            "curl": self._curl,
        }
        if "uvicorn" in words:
            return self._serve(words)
        if name in does:
            return does[name](rest)
        raise AssertionError(f"{where}: nobody runs {shlex.join(words)}")

    def _quarterhour(self, words: list[str]) -> str:
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, f"{shlex.join(words)}: {done.output}{done.exception!r}"
        for option, path in itertools.pairwise(words):
            if option in ("--out", "--workbook", "--cards"):
                assert Path(path).exists(), f"{shlex.join(words)} did not write {path}"
        return done.stdout

    def _python_file(self, words: list[str]) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", words)
            with contextlib.redirect_stdout(io.StringIO()) as out:
                ended: int | str | None = None
                try:
                    runpy.run_path(words[0], run_name="__main__")
                except SystemExit as end:
                    ended = end.code
        assert not ended, f"{shlex.join(words)} ends with {ended}"
        return out.getvalue()

    def _serve(self, words: list[str]) -> str:
        """Make the application that uvicorn would serve, which a client asks then."""
        from fastapi.testclient import TestClient  # noqa: PLC0415

        told = dict(word.split("=", 1) for word in words[: words.index("uvicorn")])
        (spec,) = [word for word in words if ":" in word]
        file, _, name = spec.partition(":")
        with pytest.MonkeyPatch.context() as patch:
            for key, value in told.items():
                patch.setenv(key, value)
            patch.syspath_prepend(words[words.index("--app-dir") + 1])
            patch.delitem(sys.modules, file, raising=False)
            self.server = TestClient(getattr(__import__(file), name))
        return ""

    def _curl(self, words: list[str]) -> str:
        asked = words[-1].removeprefix("http://").removeprefix("localhost:8000")
        sent = words[words.index("--json") + 1] if "--json" in words else None
        if sent is None:
            answer = self.server.get(asked)
        else:
            answer = self.server.post(asked, json=json.loads(sent))
        return str(answer.text)


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a block that are run here, word by word; pipes are words too."""
    text = re.sub(r"(?:^|[ \t]+)# [^\n]*", "", text.replace("\\\n", " "), flags=re.MULTILINE)
    for name, value in re.findall(r"^(\w+)=(\S+)$", text, flags=re.MULTILINE):
        text = text.replace(f"${name}", value)
    for line in _lines(text):
        elsewhere = any(re.match(known, line) for known in ELSEWHERE)
        if not elsewhere and not re.fullmatch(r"\w+=\S+", line):
            words = shlex.split(line)
            yield [word for word in words if word not in ("2>", "/dev/null")]


def _lines(text: str) -> Iterator[str]:
    """Lines; what stands between quotes stays together."""
    held = ""
    for line in text.splitlines():
        held = f"{held}\n{line}" if held else line.strip()
        if held.count('"') % 2 == 0:
            if held:
                yield held
            held = ""


def _cut(words: list[str], at: str) -> tuple[list[str], bool, list[str]]:
    n = words.index(at) if at in words else len(words)
    return words[:n], n < len(words), words[n + 1 :]


def is_told(printed: str, said: str) -> bool:
    """Whether a page tells what is said: line by line, or as one text that is broken elsewhere."""
    lines = {" ".join(line.split()) for line in said.splitlines()}
    told = [" ".join(line.split()) for line in printed.splitlines()]
    return lines.issuperset(told) or "".join(printed.split()) in "".join(said.split())
