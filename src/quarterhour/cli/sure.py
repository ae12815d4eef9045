"""quarterhour sure: how sure a scorecard is, in sentences and intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    question_options,
    scenario_option,
    source_options,
    spoken_option,
)
from quarterhour.cli.spoken import note_lines, spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.planning.uncertainty import Uncertainty

COLUMNS = ("share", "low", "median", "high", "sd", "main_source")
"""What is written of each measure and item, behind its names."""


@click.command(
    "sure",
    short_help="Say how sure each coverage is, and mostly because of what.",
    epilog=example(
        "sure out/helsinki",
        "sure data/samples/helsinki.osm.pbf --draws 200 --out intervals.csv",
    ),
)
@source_options
@question_options
@scenario_option
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Worlds in which the question is asked again.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same seed gives the same draws.",
)
@spoken_option
@click.option("--shown", type=int, default=10, show_default=True, help="Intervals to print.")
@click.option("--out", type=WRITTEN, help="File to write the interval of every item to: .csv.")
@json_option
def command(
    draws: int,
    seed: int,
    shown: int,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say how sure each coverage is, and mostly because of what.

    SOURCE is a folder that `score --out` wrote, or what `score` takes, with its tables. The
    question is asked again of many worlds in which walkers, positions and places are a little
    different, as much as published tables say that they are.
    """
    from quarterhour.cli.asking import saved_or_answered
    from quarterhour.cli.delivery import delivered, require_ending, require_files_writable
    from quarterhour.cli.text import bullet_lines
    from quarterhour.places.written import write_csv
    from quarterhour.planning.uncertainty import uncertainty

    files = [] if out is None else [out]
    for path in files:
        require_ending("--out", path, ".csv")
    require_files_writable(files)
    card, notes = saved_or_answered(options)
    tell("draws", {"n": f"{draws:,}"})
    found = uncertainty(card, draws, seed, progress=options["progress"])
    if out is not None:
        with delivered(files) as parts:
            write_csv(found.coverage[["measure", "item", "unit", *COLUMNS]], parts[out])
    one = spoken()
    if as_json:
        echo_json(_json(found, one, notes, files))
        return
    told = [*lines(found, one, max(shown, 0)), *written_lines(one, files)]
    said = ["", word(one, "data_head"), *bullet_lines(note_lines(notes, one))] if notes else []
    echo("\n".join([*told, *said]))


def _json(found: Uncertainty, lang: Lang, notes: tuple[str, ...], files: list[Path]) -> str:
    from quarterhour.cli import json_lines
    from quarterhour.outputs.how_sure import uncertainty_text

    told: dict[str, Any] = {"text": uncertainty_text(found, lang=lang), "notes": list(notes)}
    told |= {"draws": found.draws, "seed": found.seed, "level": found.level}
    tables = ("coverage", "results", "variance", "sources")
    told |= {name: json_lines.rows(getattr(found, name)) for name in tables}
    told["existence"] = json_lines.rows(found.existence.reset_index())
    told["manifest"] = dict(found.lottery.setting.card.manifest)
    return json_lines.text(told | {"files": [str(path) for path in files]})


def lines(found: Uncertainty, lang: Lang, shown: int) -> list[str]:
    """Say how sure it is: the sentences, the widest intervals, and what has none."""
    from quarterhour.cli.text import bullet_lines, fitted
    from quarterhour.outputs import how_sure
    from quarterhour.outputs.words import name_of, percent, say, short

    items = found.lottery.setting.card.checklist
    level = {"level": f"{found.level * 100:g}%"}
    told = [say(lang, "sure", level), *bullet_lines(how_sure.uncertainty_text(found, lang=lang))]
    widest = how_sure.widest(found)
    heads = ("item", "share", "sure_interval", "sure_main")
    rows = [[say(lang, head, level) for head in heads]]
    for row in widest.head(shown).to_dict("records"):
        cells = [fitted(short(name_of(items[row["item"]], lang)), 36), percent(row["share"])]
        cells.append(how_sure.interval_text(row["low"], row["high"]))
        rows.append([*cells, how_sure.source_text(row["main_source"], lang)])
    if shown and len(widest):
        numbers = {"n": min(shown, len(widest)), "of": len(widest)}
        told += ["", say(lang, "sure_widest", numbers), *_table(rows)]
    told += [one for one in [how_sure.none_text(found, lang)] if one]
    return [*told, say(lang, "sure_limits")]


def _table(rows: list[list[str]]) -> list[str]:
    """Align all but the reason, which is of any length and stands last."""
    from quarterhour.cli.text import table_text

    aligned = table_text([row[:-1] for row in rows])
    return [f"{line}  {row[-1]}".rstrip() for line, row in zip(aligned, rows, strict=True)]
