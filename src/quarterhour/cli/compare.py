"""quarterhour compare: two scorecards side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import WRITTEN, example, json_option, spoken_option
from quarterhour.cli.spoken import more_lines, settle, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.outputs.words import Lang
    from quarterhour.planning.change import Causes
    from quarterhour.planning.comparison import Comparison

TABLES = ("turned", "areas", "items", "groups", "pairs", "unmatched", "matched")
"""The tables of a comparison, a file each."""

CAUSES = {
    "causes": "table",
    "causes_inputs": "inputs",
    "causes_turned": "turned",
    "causes_items": "items",
    "causes_areas": "areas",
}
"""The tables of what a change is due to, by the names of their files."""


@click.command(
    "compare",
    short_help="Hold two scorecards beside each other.",
    epilog=example(
        "compare out/today out/with-market", "compare out/2024 out/2025 --out out/change"
    ),
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--shown", type=int, default=20, show_default=True, help="Rows to print per table.")
@click.option("--out", type=WRITTEN, help="Folder to write the tables and a figure to.")
@click.option(
    "--causes/--no-causes",
    default=True,
    show_default=True,
    help="Say what the change is due to; asks the question of every mixture of what differs.",
)
@spoken_option
@json_option
def command(
    before: Path, after: Path, shown: int, out: Path | None, causes: bool, as_json: bool
) -> None:
    """Say who gained, who lost, what turned and why, from one scorecard to another.

    BEFORE and AFTER are folders that `score --out` wrote: with and without a scenario, of two
    dates, or of two sources. Areas are matched by their ids, those without by the land that they
    share. What the change is due to is told where both folders hold their inputs.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.delivery import require_folder
    from quarterhour.planning.compare import compare

    if out is not None:
        require_folder("--out", out)
    found = compare(before, after)
    settle(found.after.checklist)
    tables = {name: _flat(getattr(found, name)) for name in TABLES}
    due_to, why_not = _due_to(found) if causes else (None, "")
    if due_to is not None:
        tables |= {name: _flat(getattr(due_to, what)) for name, what in CAUSES.items()}
    files = [] if out is None else _written(found, tables, out)
    if as_json:
        told: dict[str, Any] = {name: json_lines.rows(table) for name, table in tables.items()}
        told |= {"measure": found.measure, "files": [str(path) for path in files]}
        told |= {"causes_unknown": why_not} if why_not else {}
        echo_json(json_lines.text(told))
        return
    lang = spoken()
    text = [
        *lines(found, lang, max(shown, 0)),
        *(cause_lines(found, lang, why_not) if causes else []),
    ]
    echo("\n".join([*text, *written_lines(lang, files)]))


def _due_to(found: Comparison) -> tuple[Causes | None, str]:
    """Work out what a change is due to, or say why that cannot be told."""
    from quarterhour.errors import QuarterhourError

    try:
        return found.causes, ""
    except QuarterhourError as error:
        return None, str(error)


def cause_lines(found: Comparison, lang: Lang, why_not: str) -> list[str]:
    """Say what a change is due to, in lines for the terminal."""
    from quarterhour.outputs.cause_words import cause_table, part_text
    from quarterhour.outputs.plan_words import unit_text

    if why_not:
        return [word(lang, "causes_none", {"why": why_not})]
    due_to = found.causes
    told = [word(lang, "causes_head", {"unit": unit_text(due_to.measure, lang)})]
    for row in cause_table(found, lang).to_dict("records"):
        parts = {"turned": part_text(row["cause_turned"])}
        for name in ("met", "within"):
            parts[name] = part_text(row[f"cause_{name}"], signed=True)
        told.append(word(lang, "causes_row", {"cause": row["cause"], **parts}))
        told.append(f"    {row['cause_what']}")
    return told


def lines(found: Comparison, lang: Lang, shown: int) -> list[str]:
    """Say what has changed, in lines for the terminal."""
    from quarterhour.outputs.parameter_words import item_names
    from quarterhour.outputs.plan_words import plan_lines, unit_text
    from quarterhour.outputs.report.parts import area_names
    from quarterhour.outputs.words import name_of

    names: dict[str, dict[Any, str]] = {
        "areas": area_names(found.before, lang).to_dict() | area_names(found.after, lang).to_dict(),
        "items": item_names(found.before, lang) | item_names(found.after, lang),
        "groups": {one.key: name_of(one, lang) for one in found.after.checklist.groups},
    }
    told = [*plan_lines(found, lang), ""]
    for kind, called in names.items():
        table = getattr(found, kind)
        table = table[(table["gained"] > 0) | (table["lost"] > 0)]
        unit = {"unit": unit_text(found.measure, lang)}
        told.append(f"{word(lang, f'by_{kind}')}{in_brackets(unit['unit'], lang)}")
        for label, row in table.head(shown).iterrows():
            counts = {"gained": moved(row["gained"], lang), "lost": moved(row["lost"], lang)}
            told.append(word(lang, "moved", {"name": called.get(label, label), **counts}))
        told += [] if len(table) else [word(lang, "moved_none", unit)]
        told += more_lines(lang, len(table) - shown)
    told.append(word(lang, "turned"))
    told += [turned_text(one, names, lang) for one in found.turned.head(shown).to_dict("records")]
    told += more_lines(lang, len(found.turned) - shown)
    told += [] if len(found.turned) else [word(lang, "turned_none")]
    for row in found.unmatched.head(shown).to_dict("records"):
        label = names[f"{row['what']}s"].get(row["label"], row["label"])
        what = {"what": word(lang, f"what_{row['what']}"), "label": label}
        told.append(word(lang, f"only_{row['where']}", what))
    return told + more_lines(lang, len(found.unmatched) - shown)


def turned_text(row: Mapping[Any, Any], names: Mapping[str, Mapping[Any, str]], lang: Lang) -> str:
    """Say which answer turned from what to what, and why."""
    from quarterhour.outputs.plan_words import why_text
    from quarterhour.outputs.words import say

    told = {"area": names["areas"].get(row["area"], row["area"])}
    told |= {"item": names["items"].get(row["item"], row["item"])}
    told |= {"before": say(lang, row["status_before"]), "now": say(lang, row["status"])}
    return word(lang, "turned_row", told | {"why": why_text(str(row["why"]), lang)})


def moved(value: float, lang: Lang) -> str:
    """Give who gains or loses; a part of a resident is less than one, not none."""
    from quarterhour.outputs.plan_words import moved_text

    return moved_text(value, "", lang)


def in_brackets(text: str, lang: Lang) -> str:
    """Put a text behind another, in the brackets of its language."""
    from quarterhour.outputs.words import say

    return say(lang, "in_brackets", {"text": text})


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table with its labels as a column."""
    return table if table.index.name is None else table.reset_index()


def _written(found: Comparison, tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write the tables and a figure: all of them, or none."""
    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.plot_compare import plot_compare
    from quarterhour.places.written import write_csv

    tell("writing", {"path": folder})
    with whole_folder(folder) as scratch:
        for name, table in tables.items():
            write_csv(table, scratch / f"{name}.csv")
        plot_compare(found, scratch / "change.png", lang=spoken())
    return [*(folder / f"{name}.csv" for name in tables), folder / "change.png"]
