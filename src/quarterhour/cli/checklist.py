"""quarterhour checklist: the shipped checklists, and the lines of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quarterhour.cli.options import checklist_names, example, spoken_option
from quarterhour.cli.spoken import settle, spoken, word
from quarterhour.cli.streams import echo

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.standards.items import Item


@click.group(
    "checklist",
    short_help="List and show the shipped checklists.",
    epilog=example("checklist show beijing-2011"),
)
def command() -> None:
    """List and show the shipped checklists."""


@command.command(
    "list", short_help="List the shipped checklists.", epilog=example("checklist list")
)
@spoken_option
def _list() -> None:
    """List the shipped checklists with their number of items."""
    echo("\n".join(list_lines()))


@command.command(
    "show",
    short_help="Show the items of a checklist.",
    epilog=example("checklist show beijing-2011"),
)
@click.argument("name", shell_complete=checklist_names)
@spoken_option
def _show(name: str) -> None:
    """Show the items of a checklist: NAME is a shipped one or a TOML file."""
    echo("\n".join(show_lines(name)))


def list_lines() -> list[str]:
    """Tabulate the shipped checklists."""
    from quarterhour.cli.text import fitted, table_text
    from quarterhour.outputs.words import full_width
    from quarterhour.standards.checklist import checklists

    lang = spoken()
    heads = ("checklist", "name", "items", "groups", "status")
    rows = [[word(lang, f"l_{head}") for head in heads]]
    for key, row in checklists().iterrows():
        name = fitted(full_width(row["zh"]) if lang == "zh" else row["en"], 60)
        counts = [str(row["items"]), str(row["groups"])]
        rows.append([str(key), name, *counts, word(lang, f"s_{row['status']}")])
    return table_text(rows, left=2, indent="")


def show_lines(name: str) -> list[str]:
    """Tabulate the items of one checklist, group by group.

    Raises
    ------
    ChecklistError
        If it is unknown or its file has a mistake.
    """
    from quarterhour.standards.checklist import Checklist

    found = Checklist.load(name)
    lang = settle(found)
    lines = [f"{found.key}: {found.zh}", found.en]
    lines.append(word(lang, "list_status", {"status": word(lang, f"s_{found.status}")}))
    lines.append(word(lang, "list_source", {"citation": found.citation}))
    number = {item.key: str(n) for n, item in enumerate(found, 1)}
    counts = []
    for group in found.groups:
        mine = [item for item in found if item.group == group.key]
        counts.append(len(mine))
        lines += ["", f"{group.zh} {group.en} ({len(mine)})"]
        for item in mine:
            lines.append(f"{number[item.key]:>4}  {item.zh}  {item.key}")
            lines.append(f"      {item.en}")
            lines.append(f"      {_facts(item, found.citation, lang)}")
    total = " + ".join(map(str, counts))
    total = f"{total} = {sum(counts)}" if len(counts) > 1 else total
    lines += ["", word(lang, "list_lines", {"counts": total})]
    note = {"note": found.note.strip()}
    return [*lines, *(["", word(lang, "list_note", note)] if found.note else [])]


def _facts(item: Item, source: str, lang: Lang) -> str:
    """Say of a line what it asks for, how it is shown by data, and where it comes from."""
    from quarterhour.outputs.words import limit_text, say

    comma = say(lang, "comma")
    several = word(lang, "at_least", {"n": item.at_least}) if item.at_least > 1 else ""
    facts = [word(lang, f"k_{item.kind}"), limit_text(item.limit, lang) + several]
    facts += [] if item.required else [word(lang, "optional")]
    for key, some in (("any_of", item.any_of), ("parts", item.parts)):
        if len(some) > (key == "any_of"):
            facts.append(word(lang, key, {"list": comma.join(some)}))
    facts += [word(lang, item.checkability), word(lang, f"s_{item.status}")]
    cited = item.citation or word(lang, "no_citation")
    return say(lang, "semicolon").join(facts if cited == source else [*facts, cited])
