"""The demo: the main job on both shipped samples, and a table that sets them side by side."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    progress_option,
    spoken_option,
    usual_question,
)
from quarterhour.cli.spoken import settle, spoken, tell, word
from quarterhour.cli.streams import echo, say
from quarterhour.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from quarterhour.cli.inputs import Sources
    from quarterhour.outputs.words import Lang
    from quarterhour.scoring.scorecard import Scorecard


@click.command(
    "demo",
    short_help="Run the main job on the two shipped samples.",
    epilog=example("demo --out out/demo"),
)
@click.option(
    "--out",
    type=WRITTEN,
    default=Path("out/demo"),
    show_default=True,
    help="Folder to write the results to.",
)
@click.option("--samples", type=click.Path(path_type=Path), help="Folder of the samples.")
@click.option("--pictures", type=WRITTEN, help="Also write the maps of the docs here.")
@spoken_option
@progress_option
def command(out: Path, samples: Path | None, pictures: Path | None, progress: bool) -> None:
    """Run the main job on the two shipped samples: Helsinki, and a made-up Chinese new town."""
    echo("\n".join(run(out, samples, pictures, progress=progress)))


def run(
    out: Path, samples: Path | None = None, pictures: Path | None = None, *, progress: bool = True
) -> list[str]:
    """Assess both samples, write their results, and give the text to show.

    Raises
    ------
    InputError
        If the samples are not there.
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.asking import assess_inputs
    from quarterhour.cli.delivery import files_lines, require_folder
    from quarterhour.cli.inputs import read_inputs
    from quarterhour.cli.score import write_results
    from quarterhour.standards.checklist import Checklist
    from quarterhour.standards.usual import IN_CHINA

    folder = find_samples(samples)
    lang = settle(Checklist.load(IN_CHINA))
    require_folder("--out", out)
    if pictures:
        require_folder("--pictures", pictures)
    jobs = {"helsinki": _helsinki(folder, progress), "new-town": _new_town(folder, progress)}
    titles = {"helsinki": "demo_helsinki", "new-town": "demo_new_town"}
    cards: dict[str, Scorecard] = {}
    files: list[Path] = []
    lines: list[str] = []
    for name, sources in jobs.items():
        title = word(lang, titles[name])
        say(f"== {title}")
        inputs = read_inputs(sources)
        card = assess_inputs(inputs, usual_question() | {"checklist": IN_CHINA})
        files += write_results(card, out / name)
        files += _pages(card, out / name, re.split("[:：]", title)[0])
        cards[name] = card
        lines += [f"== {title}", "", *_told(card, inputs.notes)]
    if pictures is not None:
        files += _pictures(cards, pictures)
    lines += [f"== {word(lang, 'both_head')}", "", *_side_by_side(cards, lang), ""]
    lines += [f"== {word(lang, 'written_head')}", "", *files_lines(files)]
    if not any(path.name == "map.html" for path in files):
        lines += ["", word(lang, "no_map")]
    return lines


def _told(card: Scorecard, notes: tuple[str, ...]) -> list[str]:
    """Say what came out of one sample."""
    from quarterhour.cli import scorecard_text as told
    from quarterhour.cli.spoken import note_lines
    from quarterhour.cli.text import bullet_lines
    from quarterhour.scoring.coverage import coverage

    lang = spoken()
    parts = [
        bullet_lines(note_lines([*notes, *card.origins.attrs.get("notes", [])], lang)),
        told.walk_lines(card, lang),
        told.area_lines(card, lang),
        told.coverage_lines(coverage(card), lang),
        told.gap_lines(card, lang, 5),
    ]
    return [line for part in parts for line in (*part, "")]


def _pages(card: Scorecard, folder: Path, title: str) -> list[Path]:
    """Write the report, and the electronic map if the package that ships its library is there."""
    from quarterhour.outputs.map.page import write_map
    from quarterhour.outputs.report.report import write_report

    tell("writing_pages")
    pages = [write_report(card, folder / "report.html", lang="both", title=title)]
    with suppress(MissingExtraError):
        pages.append(write_map(card, folder / "map.html", lang=spoken(), title=title))
    return pages


def find_samples(samples: Path | None) -> Path:
    """Find the folder of the samples: as given, below the working folder, or with the package.

    An installed package holds them itself; in a clone they stand in ``data/samples``.

    Raises
    ------
    InputError
        If it is nowhere.
    """
    below = Path("data") / "samples"
    package = Path(__file__).resolve().parents[1]
    own = [below, package / "samples", package.parents[1] / below]
    for folder in [samples] if samples is not None else own:
        if (folder / "helsinki.osm.pbf").is_file() and (folder / "new-town").is_dir():
            return folder
    where = samples if samples is not None else package / "samples"
    msg = (
        f"The samples are not in {where}: helsinki.osm.pbf and new-town/ were looked for. "
        "Install quarterhour anew, run this in a clone of the repository, or pass --samples FOLDER."
    )
    raise InputError(msg)


def _helsinki(folder: Path, progress: bool) -> Sources:
    from quarterhour.cli.inputs import Sources

    return Sources(source=str(folder / "helsinki.osm.pbf"), progress=progress)


def _new_town(folder: Path, progress: bool) -> Sources:
    from quarterhour.cli.inputs import Sources

    town = folder / "new-town"
    return Sources(
        areas=str(town / "compounds.geojson"),
        facilities=str(town / "amap_poi.csv"),
        network=str(town / "streets.osm"),
        buildings=str(town / "buildings.geojson"),
        gates=str(town / "gates.geojson"),
        datum="wgs84",
        facilities_datum="gcj02",
        progress=progress,
    )


def _side_by_side(cards: dict[str, Scorecard], lang: Lang) -> list[str]:
    """One row per item: how many areas of each sample meet it, do not, or are unknown."""
    from quarterhour.cli.scorecard_text import status_counts
    from quarterhour.cli.text import fitted, table_text
    from quarterhour.outputs.looks import SHOWN
    from quarterhour.outputs.words import name_of, short

    checklist = next(iter(cards.values())).checklist
    heading, second = ["", ""], [word(lang, "item"), ""]
    for name, card in cards.items():
        title = word(lang, f"demo_{name.replace('-', '_')}")
        sample = re.split("[:：,]", title)[0]
        heading += [f"{sample} {len(card.areas)}", *([""] * (len(SHOWN) - 1))]
        second += [word(lang, "observed" if status == "met" else status) for status in SHOWN]
    counts = {name: status_counts(card) for name, card in cards.items()}
    groups = {group.key: name_of(group, lang) for group in checklist.groups}
    rows = [heading, second]
    for item in checklist:
        row = [fitted(short(name_of(item, lang)), 32), groups[item.group]]
        for table in counts.values():
            row += [str(number) for number in table.loc[item.key]]
        rows.append(row)
    rows.append([word(lang, "all_items"), ""])
    for table in counts.values():
        rows[-1] += [str(number) for number in table.sum()]
    return table_text(rows, left=2)


COLOURS = 255
"""So many take a third of the room, and the eye sees no difference where rare ones stay."""


def _pictures(cards: dict[str, Scorecard], folder: Path) -> list[Path]:
    from io import BytesIO

    from PIL import Image

    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.figures import plot_items_met

    with whole_folder(folder) as scratch:
        for name, card in cards.items():
            picture = BytesIO()
            plot_items_met(card, lang="en").savefig(picture, format="png")
            few = (
                Image.open(picture)
                .convert("RGB")
                .quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            )
            few.save(scratch / f"{name}.png", optimize=True)
    return [folder / f"{name}.png" for name in cards]
