"""The documentation: its code runs, its commands parse, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from click.testing import CliRunner

import quarterhour as qh
from quarterhour.cli.main import cli
from quarterhour.scoring.by_part import MEASURES
from quarterhour.scoring.scorecard import REASONS, STATUSES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NAMES = [str(page.relative_to(DOCS)) for page in PAGES]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
SITE = [*PAGES, *DOCS.rglob("*.rst")]
CHINESE = DOCS / "how-to" / "zh"  # the how-to pages in Chinese, of the same names
TRANSLATED = [page for page in sorted(CHINESE.glob("*.md")) if page.name != "index.md"]


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in some languages, in order."""
    text = page.read_text(encoding="utf-8")
    fence = rf"^ *```(?:{'|'.join(languages)})\n(.*?)^ *```"
    return re.findall(fence, text, flags=re.DOTALL | re.MULTILINE)


def given(page: Path) -> dict[str, Any]:
    """What a page says that its reader has: an item and a group of one's own."""
    if page.name != "checklists.md":
        return {}
    group = qh.Checklist.load("beijing-2011").groups[0]
    item = qh.Item("tea_room", "茶室", "tea room", group.key, "commercial", "B")
    return {"item": item, "group": group}


def keep_files(page: Path, folder: Path) -> None:
    """Do what a page asks for: "Save this as `name`", followed by the block."""
    text = page.read_text(encoding="utf-8")
    asked = re.findall(r"Save this as `([^`]+)`.*?^```\w+\n(.*?)^```", text, re.DOTALL | re.M)
    for name, content in asked:
        (folder / name).write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    # The code of a Chinese how-to page is that of its English page, which is run.
    [page for page in PAGES if page.parent != CHINESE and blocks(page, "python")],
    ids=lambda page: str(page.relative_to(DOCS)),
)
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_the_code_of_the_page_runs(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")  # what a page writes stays out of the checkout
    keep_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    names = given(page)
    for number, block in enumerate(blocks(page, "python"), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)  # noqa: S102
        said = spaced(capsys.readouterr().out)
        assert spaced(printed(page, block)) <= said, f"block {number} prints {said}"


def printed(page: Path, block: str) -> str:
    """What a page says that a block prints: a text that follows it at once; "" for nothing."""
    _, _, rest = page.read_text(encoding="utf-8").partition(f"{block}```\n")
    told = re.match(r"\s*```text\n(.*?)^```", rest, flags=re.DOTALL | re.MULTILINE)
    return told[1] if told else ""


def spaced(text: str) -> set[str]:
    """The lines of a text, their columns a space apart."""
    return {" ".join(line.split()) for line in text.splitlines()}


NOT_RUN = {
    "how-to/country.md": "a country, a cluster, DuckDB; tests/cli/test_split.py runs its commands",
    "how-to/osmnx.md": "asks OpenStreetMap",
    "how-to/overture.md": "Overture's files; tests/sources/overture runs the same on made-up ones",
    "how-to/service.md": "starts a server; tests/test_service.py runs its code",
}
"""Pages with code or commands in fences that no test here runs, and why."""


def test_code_that_is_not_run_has_a_reason() -> None:
    """A text that follows a block is what it prints; any other with code in it is named."""
    code = re.compile(r"^(?:import|from \w+ import|SELECT|graph =|pip install .* fastapi)", re.M)
    found = {
        str(page.relative_to(DOCS))
        for page in PAGES
        if page.parent != CHINESE
        and any(map(code.search, blocks(page, "py", "text", "bash", "sql")))
    }
    assert found == set(NOT_RUN)


def commands(page: Path, *languages: str) -> list[list[str]]:
    """The quarterhour commands of a page, in words, up to a pipe or a redirection."""
    found = []
    for block in blocks(page, *languages):
        for name, value in re.findall(r"^(\w+)=(\S+)$", block, flags=re.MULTILINE):
            block = block.replace(f"${name}", value)  # noqa: PLW2901
        for line in block.replace("\\\n", " ").splitlines():
            if line.lstrip().startswith("quarterhour ") and "COMMAND" not in line:
                command = re.split(r"\s(?:\d?>|\|)\s", line)[0]
                found.append(shlex.split(command, comments=True)[1:])
    return found


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda page: page.name)
def test_the_commands_of_the_page_are_ones_that_exist(page: Path) -> None:
    for words in commands(page, "sh", "text"):
        group, name, rest = cli, words[0], words[1:]
        if isinstance(cli.commands[name], click.Group):
            group, name, rest = cli.commands[name], rest[0], rest[1:]
        group.commands[name].make_context(name, list(rest))


def shown_commands() -> list[str]:
    """The commands that a reader is to try, one of each shape; the demo has a test of its own."""
    shapes = {}
    for page in [*READMES, *PAGES]:
        for words in commands(page, "sh"):
            shape = tuple(sorted(w for w in words if w.startswith("-") or w in cli.commands))
            shapes.setdefault(shape, shlex.join(words))
    return sorted(command for command in shapes.values() if not command.startswith("demo"))


@pytest.mark.parametrize("command", shown_commands())
def test_the_commands_that_are_shown_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "my-city.osm.pbf").symlink_to(ROOT / "data" / "samples" / "helsinki.osm.pbf")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, shlex.split(command))
    assert done.exit_code == 0, done.output
    written = re.findall(r"--(?:out|workbook|cards) (\S+)", command)
    assert [path for path in written if not (tmp_path / path).exists()] == []


def prose(page: Path) -> str:
    """The text of a page, its blocks of code left aside."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[str]:
    """Where a page points to, its code left aside."""
    text = re.sub(r"`[^`\n]*`", "`", prose(page))
    return re.findall(r"\]\(<?([^)\s>]+)>?\)", text)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site name them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda page: page.name)
def test_the_links_of_the_page_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in links(page):
        if "://" in link:
            parts = urlsplit(link)
            good = parts.scheme == "https" and "." in parts.netloc and " " not in link
        else:
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            good = target.exists() and (not anchor or anchor in anchors(target))
        if not good:
            wrong.append(link)
    assert wrong == []


def test_every_page_is_in_the_index() -> None:
    found = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md")}
    found |= {(CHINESE / link).resolve() for link in links(CHINESE / "index.md")}
    missing = [str(page.relative_to(DOCS)) for page in SITE if page.resolve() not in found]
    assert missing == ["index.md"]


def without_language(block: str) -> list[str]:
    """The lines of a block, without comments and the language that is asked for."""
    block = re.sub(r"(?:^|\s+)# .*$", "", block, flags=re.MULTILINE)
    block = re.sub(r"""(--lang\s|")(?:en|zh)\b""", r"\1", block)
    return [line.rstrip() for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_chinese_page_says_what_its_english_page_says(page: Path) -> None:
    twin = CHINESE.parent / page.name
    assert [without_language(block) for block in blocks(page, r"\w*")] == [
        without_language(block) for block in blocks(twin, r"\w*")
    ]
    sections = [len(re.findall(r"^## ", text, re.MULTILINE)) for text in map(prose, (page, twin))]
    assert sections[0] == sections[1]


@pytest.mark.parametrize(
    "page",
    [*TRANSLATED, CHINESE / "index.md", DOCS / "zh.md", ROOT / "README.zh.md"],
    ids=lambda page: page.name,
)
def test_a_chinese_page_leads_to_the_chinese_pages(page: Path) -> None:
    assert [link for link in links(page) if is_translated(page, link)] == []


def is_translated(page: Path, link: str) -> bool:
    """Whether a link leads to an English how-to page that has a Chinese twin."""
    target = (page.parent / link.partition("#")[0]).resolve()
    return target.parent == CHINESE.parent and (CHINESE / target.name) in TRANSLATED


def test_every_how_to_page_is_there_in_chinese() -> None:
    english = {page.name for page in CHINESE.parent.glob("*.md")} - {"index.md"}
    assert {page.name for page in TRANSLATED} == english


def test_every_public_name_is_in_the_reference_once() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("reference/*.md"))
    told = re.findall(
        r"^\.\. auto(?:function|class|data):: (\w+)(?:\(\))?$", text, flags=re.MULTILINE
    )
    assert sorted(told) == sorted(set(qh.__all__) - {"__version__"})


def test_every_decision_has_its_own_number() -> None:
    """A number may wait for its page: several are written at once."""
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "decisions").glob("*.md"))
    assert numbers == sorted(set(numbers))


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name, command in cli.commands.items():
        subcommands = command.commands if isinstance(command, click.Group) else {}
        for words in [f"{name} {inner}" for inner in subcommands] or [name]:
            assert f"`quarterhour {words}`" in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in text, f"{name} {option.opts[0]}"


def test_every_status_reason_and_measure_is_documented() -> None:
    text = (DOCS / "conventions.md").read_text(encoding="utf-8")
    for word in (*STATUSES, *REASONS, *MEASURES):
        assert f"`{word}`" in text
