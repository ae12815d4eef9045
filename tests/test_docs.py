"""The documentation: its code runs, its commands parse, its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest

import followed
import quarterhour as qh
import readers
from one_language import HALF_WIDTH, REPLACED, UNIT
from quarterhour import errors
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


def code(page: Path) -> list[str]:
    """The blocks of a page, those of a table of contents left aside."""
    return [one.text for one in followed.fences(page) if not one.language.startswith("{")]


RUN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(p for p in PAGES if p.parent != CHINESE)]
"""The code of a Chinese how-to page is that of its English page, which is run."""


@pytest.mark.parametrize(
    "page", [p for p in RUN if code(p)], ids=lambda page: str(page.relative_to(ROOT))
)
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_every_block_of_the_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "python" if page in READMES else ""  # tests/test_readme.py runs it
    reader = followed.Reader(readers.equip(page, tmp_path, monkeypatch))
    reader.follow(page, without=elsewhere)
    if page.name in QUOTED:
        texts = [page.read_text("utf-8"), (CHINESE / page.name).read_text("utf-8")]
        for sentence, text in zip(QUOTED[page.name](reader.names), texts, strict=True):
            assert sentence.rstrip(".。") in " ".join(text.split()), sentence


def _of_pharmacies(names: dict[str, Any]) -> Iterator[str]:
    for lang, begins in (("en", "pharmacy: "), ("zh", "药店：")):
        told = qh.uncertainty_text(names["sure"], lang=lang)
        yield next(sentence for sentence in told if sentence.startswith(begins))


QUOTED = {"how-sure.md": _of_pharmacies}
"""Sentences that a page and its Chinese twin quote of what they print."""


DRAWN = {"reference/errors.md": "the tree of errors, held to the code"}
"""Pages with a text in a fence that is not what the block before it prints, and what it is."""


def test_the_tree_of_errors_is_that_of_the_code() -> None:
    drawn = [
        re.findall(r"── (\w+)", text)
        for text in ((DOCS / "reference" / "errors.md").read_text("utf-8"), errors.__doc__ or "")
    ]
    assert drawn[0] == drawn[1]


def test_every_block_is_of_a_language_that_is_run() -> None:
    known = {*followed.CODE, *followed.KEPT, "{toctree}", "{eval-rst}"}
    other = {
        (str(page.relative_to(DOCS)), block.language)
        for page in PAGES
        for block in followed.blocks(page)
        if block.language not in known
    }
    assert other == {(name, "text") for name in DRAWN}


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


FILE = re.compile(
    r"(?<![\w./-])(?:src|tests|docs|benchmarks|examples|notebooks|places|planning|scoring|outputs|"
    r"sources|standards|streets|walking|cli)/[\w./-]+\.(?:py|toml|md|js|css|html|csv|ipynb)\b"
)


@pytest.mark.parametrize("page", [*SITE, *READMES], ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    roots = (ROOT, ROOT / "src" / "quarterhour", ROOT / "tests", DOCS)
    files = {name for name in FILE.findall(text) if not any((at / name).exists() for at in roots)}
    assert files == set()
    assert {name for name in re.findall(r"\bqh\.(\w+)", text) if not hasattr(qh, name)} == set()


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
    assert [*map(without_language, code(page))] == [*map(without_language, code(twin))]
    sections = [len(re.findall(r"^## ", text, re.MULTILINE)) for text in map(prose, (page, twin))]
    assert sections[0] == sections[1]


@pytest.mark.parametrize(
    "page",
    [*TRANSLATED, CHINESE / "index.md", DOCS / "zh.md", ROOT / "README.zh.md"],
    ids=lambda page: page.name,
)
def test_a_chinese_page_leads_to_the_chinese_pages(page: Path) -> None:
    assert [link for link in links(page) if is_translated(page, link)] == []


@pytest.mark.parametrize(
    "page",
    [*TRANSLATED, CHINESE / "index.md", DOCS / "zh.md", ROOT / "README.zh.md"],
    ids=lambda page: page.name,
)
def test_a_chinese_page_is_written_as_planners_write(page: Path) -> None:
    """In full-width punctuation, with the words of the glossary and Chinese units."""
    text = re.sub(r"`[^`\n]*`|\]\([^)\n]*\)", "`", prose(page))
    old = [term for term in REPLACED if term in text]
    assert (old, HALF_WIDTH.findall(text), UNIT.findall(text)) == ([], [], [])


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
