"""quarterhour reproduce: a saved question asked again, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import example, json_option, source_options, spoken_option
from quarterhour.cli.spoken import more_lines, settle, spoken, tell, word
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.reproduce import Reproduction

DIFFERS = 1
"""The exit code where a number differs."""


@click.command(
    "reproduce",
    short_help="Ask a saved question again, and tell what differs.",
    epilog=example(
        "reproduce out/helsinki", "reproduce out/helsinki data/samples/helsinki.osm.pbf"
    ),
)
@click.argument("folder", type=click.Path(path_type=Path))
@source_options
@click.option("--shown", type=int, default=20, show_default=True, help="Differences to print.")
@spoken_option
@json_option
def command(folder: Path, shown: int, as_json: bool, **options: Any) -> None:
    """Ask a saved question again, and tell the first number that differs, and why.

    FOLDER is what `score --out` wrote. The inputs are those that are kept in it; with SOURCE, or
    with tables, they are read anew as `score` reads them and held to those of then. Exit code 1
    where a number differs.
    """
    from quarterhour.cli import json_lines
    from quarterhour.scoring.reproduce import reproduce

    found = reproduce(folder, **_inputs(folder, options))
    if as_json:
        told: dict[str, Any] = {"same": found.same, "causes": list(found.causes)}
        told["differences"] = json_lines.rows(found.differences)
        echo_json(json_lines.text(told))
    else:
        settle(found.saved.checklist)
        echo("\n".join(_lines(found, spoken(), max(shown, 0))))
    if not found.same:
        click.get_current_context().exit(DIFFERS)


def _lines(found: Reproduction, lang: Lang, shown: int) -> list[str]:
    from quarterhour.outputs.cause_words import differences_text
    from quarterhour.outputs.parameter_words import item_names

    n = {"n": f"{len(found.saved.results):,}", "made": found.saved.manifest["made_at"]}
    causes = differences_text(found.causes, item_names(found.saved, lang), lang)
    if found.same:
        return [word(lang, "same", n), *causes]
    rows = found.differences.head(shown).to_dict("records")
    pairs = len(found.differences.drop_duplicates(["area", "item"]))
    told = [word(lang, "differs", n | {"pairs": f"{pairs:,}"})]
    told += causes or [word(lang, "same_inputs")]
    told += [word(lang, "difference", {str(name): row[name] for name in row}) for row in rows]
    return told + more_lines(lang, len(found.differences) - len(rows))


def _inputs(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Read what was given anew; nothing, where only the folder was given."""
    from quarterhour.cli.inputs import Sources, read_inputs
    from quarterhour.cli.options import TABLES, of_options
    from quarterhour.places.origins import origins
    from quarterhour.scoring.read import read_scorecard

    sources = of_options(Sources, options)
    if not any(getattr(sources, name) is not None for name in ("source", *TABLES)):
        return {}
    inputs = read_inputs(sources)
    at = read_scorecard(folder).manifest["parameters"]["origins_at"]
    tell("asking_again", {"path": folder})
    homes = origins(inputs.areas, inputs.buildings, inputs.gates, at=at)
    return {
        "areas": inputs.areas,
        "facilities": inputs.facilities,
        "network": inputs.network,
        "origins": homes,
    }
