"""Figures of a scorecard for print and notebooks: what is covered, and what is missing where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from quarterhour.errors import InputError
from quarterhour.outputs.figures.paper import INK, MUTED, Paper, Sheet, saved
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import LOOKS, Look, shown_status
from quarterhour.outputs.report.parts import area_names
from quarterhour.outputs.walker_words import walker_of_card
from quarterhour.outputs.words import (
    Lang,
    both_numbers,
    metres,
    minutes,
    name_of,
    number,
    say,
    short,
    unit_of,
)
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.scorecard import Scorecard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Measure = Literal["area", "population", "residence"]

Corners = list[tuple[float, float]]
Cells = dict[str, list[Corners]]
Lines = list[tuple[str | None, str]]
"""Headings (without a key) and items, as they stand below each other."""

BAR_IN, CELL_IN, GAP_IN = 4.4, 0.27, 0.08
"""Length of a whole bar, side of a cell, and what lies between them and their names."""

MEASURES = ("area", "population", "residence")

MOST_AREAS = 60
"""More columns than this could not be read on one sheet."""

HATCHES = {"": "", "stripes": "---", "hatch": "////", "dots": "....", "crosses": "xx"}
"""Patterns in the letters of matplotlib."""


def require_few(at_most: int) -> None:
    """See that so many areas can be read on one sheet.

    Raises
    ------
    InputError
        If they cannot.
    """
    if not 1 <= at_most <= MOST_AREAS:
        msg = f"at_most={at_most} areas do not fit one figure: give 1 to {MOST_AREAS}."
        raise InputError(msg)


def plot_coverage(
    card: Scorecard,
    path: str | Path | None = None,
    *,
    measure: Measure = "area",
    lang: Lang | None = None,
) -> Figure:
    """Draw a bar per item, in the checklist's order: met, not met, and what nobody knows.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    measure
        What is counted: ``"area"``, ``"population"`` or ``"residence"``, as in
        :func:`quarterhour.coverage`.
    lang
        ``"en"`` or ``"zh"``; English where no font holds Chinese characters.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a notebook shows it when it is the last thing in a cell.

    Raises
    ------
    InputError
        If the measure is not known, or counts residents where no area has a number of them.
    OutputError
        If the file cannot be written.
    """
    if measure not in MEASURES:
        msg = f"measure={measure!r} is not known: use {', '.join(map(repr, MEASURES))}."
        raise InputError(msg)
    table = coverage(card).query("measure == @measure").set_index("item")
    if not (table["denominator"] + table["unknown"] > 0).any():
        msg = "No area has a number of residents: use measure='area' or measure='residence'."
        raise InputError(msg)
    lang = chosen_lang(lang, card.checklist)
    paper = Paper.of(lang)
    words = paper.words
    lines = item_lines(card, paper.lang)
    told = {
        item: f"{_near(row)}/{number(row.denominator)}"
        + (f" +{number(row.unknown)}?" if row.unknown else "")
        for item, row in table.iterrows()
    }
    if measure == "area":
        labels = {status: words[status] for status in LOOKS}
    else:
        labels = {"met": words["within"], "implied": words["implied"]}
        labels |= {"unmet": words["beyond"], "unknown": words["unknown"]}
    column = f"{labels['met']}/{words['known']} +{words['unknown']}{words['asked']}"
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    right = max(paper.width_of(list(told.values()), 8), paper.width_of([column], 7.5)) + 0.35
    sheet = paper.sheet(left, BAR_IN, right, 0.21 * len(lines), top=1.1, bottom=1.0)
    sheet.axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    gap = GAP_IN / BAR_IN
    write_lines(sheet, lines, -gap)
    _draw_bars(sheet, lines, table)
    _axis(sheet.axes, sheet.font(8), words[measure])
    for y, (item, _) in enumerate(lines):
        if item is not None:
            sheet.write((1 + gap, y), told[item], 8, ha="left")
    sheet.write((1 + gap, -0.55), column, 7.5, ha="left", va="bottom")
    counted = {"n": len(card.areas), "m": len(card.checklist), "measure": words[f"by_{measure}"]}
    sheet.head(words["coverage"].format(**counted), _basis(card, paper))
    sheet.foot(
        [look_key(LOOKS[status], label) for status, label in labels.items()],
        [words["tells"], _implied(card, words)],
    )
    return saved(sheet.figure, path)


def plot_gaps(
    card: Scorecard, path: str | Path | None = None, *, lang: Lang | None = None, at_most: int = 40
) -> Figure:
    """Draw the table of areas and items (缺什么): what each area has, lacks, or may lack.

    Items stand in the checklist's order, areas with those first that miss most. A cell is met
    (tick), met because a host facility implies it (tick on stripes), not met (minutes to the
    nearest facility on hatching), or unknown (question mark on dots).

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    lang
        ``"en"`` or ``"zh"``; English where no font holds Chinese characters.
        None: the language of the checklist's country, else of the environment, else
        English.
    at_most
        How many areas are drawn, those that miss most; at most 60.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a notebook shows it when it is the last thing in a cell.

    Raises
    ------
    InputError
        If ``at_most`` is not between 1 and 60.
    OutputError
        If the file cannot be written.
    """
    require_few(at_most)
    lang = chosen_lang(lang, card.checklist)
    paper = Paper.of(lang, card.areas)
    words = paper.words
    lines = item_lines(card, paper.lang)
    summary = card.summary()
    order = summary.sort_values(["unmet", "residents"], ascending=False, kind="stable").index
    shown = order[:at_most]
    names = area_heads(card, paper)[shown].tolist()
    counted = [words["unmet"], words["unknown"]]
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    over = paper.width_of([*names, *counted], 8) + 0.15
    width = max(CELL_IN * len(shown), 2.6)
    sheet = paper.sheet(left, width, 1.1, 0.22 * len(lines), top=1.0 + over, bottom=0.8)
    limits = {"xlim": (0, width / CELL_IN), "ylim": (len(lines) - 0.5, -0.5)}
    sheet.axes.set(**limits, xticks=[], yticks=[])
    sheet.axes.set_frame_on(False)
    write_lines(sheet, lines, -GAP_IN / CELL_IN)
    _draw_table(sheet, lines, card, shown)
    heads = [*enumerate(names), *enumerate(counted, start=len(names))]
    for column, name in heads:
        sheet.write((_middle(column, len(names)), -0.62), name, 8, va="bottom", rotation=90)
    cut = len(shown) < len(card.areas)
    title = words["gaps_cut" if cut else "gaps"]
    sizes = {"n": len(shown), "of": len(card.areas), "m": len(card.checklist)}
    sheet.head(title.format(**sizes), _basis(card, paper))
    signs = [words[unit_of(card.checklist)], words["far"]]
    signs += [words["residents"]] if summary["residents"].notna().any() else []
    sheet.foot(
        [look_key(look, words[status]) for status, look in LOOKS.items()],
        [say(paper.lang, "semicolon").join(signs), words["tells"], paper.note],
    )
    return saved(sheet.figure, path)


def item_lines(card: Scorecard, lang: Lang) -> Lines:
    """List headings and items in the checklist's order."""
    titles = {group.key: name_of(group, lang) for group in card.checklist.groups}
    lines: Lines = []
    last = ""
    for item in card.checklist:
        if item.group != last:
            lines.append((None, titles[item.group]))
            last = item.group
        lines.append((item.key, short(name_of(item, lang))))
    return lines


def area_heads(card: Scorecard, paper: Paper) -> pd.Series[Any]:
    """Name the areas, by their label where they have no name, and say how many live there."""
    names = area_names(card, paper.lang)
    unnamed = [say(paper.lang, "unnamed", {"n": label}) for label in names.index]
    names = names.where(names != unnamed, names.index.astype(str))
    written = [paper.writable(name, row) for row, name in enumerate(names)]
    residents = card.summary()["residents"].astype(float)
    people = ["" if np.isnan(count) else f"  {number(count)}" for count in residents]
    return pd.Series(written, index=names.index) + people


def _middle(column: int, areas: int) -> float:
    """Where a column of the table has its middle; those of numbers stand apart."""
    return column + 0.5 if column < areas else areas + 0.8 + 1.1 * (column - areas)


def write_lines(sheet: Sheet, lines: Lines, x: float) -> None:
    """Write headings and items to the left of a place."""
    for y, (item, text) in enumerate(lines):
        sheet.write((x, y), text, 8.5, ha="right", bold=item is None)


def _draw_bars(sheet: Sheet, lines: Lines, table: pd.DataFrame) -> None:
    """Draw what is met, not met and unknown as parts of the whole."""
    whole = table["denominator"] + table["unknown"]
    parts = {
        "met": table["observed"] / whole,
        "implied": table["implied"] / whole,
        "unmet": (table["denominator"] - table["numerator"]) / whole,
        "unknown": table["unknown"] / whole,
    }
    cells: Cells = {status: [] for status in parts}
    for y, (item, _) in enumerate(lines):
        if item is None:
            continue
        start = 0.0
        for status, shares in parts.items():
            share = float(shares[item])
            if share > 0:
                cells[status].append(corners(start, y - 0.38, share, 0.76))
            start += share
    draw_cells(sheet.axes, cells, "#333333")


def _draw_table(sheet: Sheet, lines: Lines, card: Scorecard, shown: pd.Index) -> None:
    """Draw a cell for each area and item, and count what is not met and unknown."""
    results = card.results.assign(shown=shown_status(card.results)).set_index(["area", "item"])
    cells: Cells = {status: [] for status in LOOKS}
    unit = sheet.paper.words["unit_m"]
    for y, (item, _) in enumerate(lines):
        if item is None:
            continue
        rows = results.xs(item, level="item").loc[shown]
        in_metres = card.checklist[item].limit.in_metres
        walks = rows["median_metres" if in_metres else "median_minutes"]
        write = metres if in_metres else minutes
        after = unit if in_metres and unit_of(card.checklist) == "both" else ""
        for x, (status, walk) in enumerate(zip(rows["shown"], walks, strict=True)):
            cells[status].append(corners(x, y - 0.5, 1, 1))
            told = f"{write(walk)}{after}" if status == "unmet" and walk > 0 else ""
            write_sign(
                sheet.axes, (x + 0.5, y), status, told, sheet.font(7 - max(len(told) - 3, 0))
            )
        counts = rows["shown"].value_counts()
        for column, status in enumerate(("unmet", "unknown"), start=len(shown)):
            sheet.write((_middle(column, len(shown)), y), str(counts.get(status, 0)), 8)
    draw_cells(sheet.axes, cells, "#ffffff")


def draw_cells(axes: Axes, cells: Cells, outline: str) -> None:
    """Fill rectangles with the pattern of their status, inside an outline of one colour."""
    for status, mine in cells.items():
        look = LOOKS[status]
        filled: dict[str, Any] = {
            "facecolors": look.face,
            "edgecolors": look.ink,
            "hatch": HATCHES[look.pattern],
        }
        axes.add_collection(PolyCollection(mine, linewidths=0, label=status, **filled))
        axes.add_collection(PolyCollection(mine, facecolors="none", edgecolors=outline, lw=0.7))


def corners(x: float, y: float, width: float, height: float) -> Corners:
    """Give the corners of a rectangle."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def write_sign(axes: Axes, at: tuple[float, float], status: str, told: str, font: Any) -> None:
    """Write the sign of a status, or what is told instead, on its ground."""
    look = LOOKS[status]
    axes.text(
        *at,
        # Stripes say that a host implies it: a cell has no room for brackets.
        told or look.sign.strip("()"),
        ha="center",
        va="center_baseline",
        fontproperties=font,
        fontweight="bold",
        color=look.ink,
        bbox=None
        if status == "met"
        else {"boxstyle": "square,pad=0.12", "facecolor": look.face, "edgecolor": "none"},
    )


def _axis(axes: Axes, font: Any, label: str) -> None:
    axes.set(yticks=[], xticks=np.linspace(0, 1, 5))
    axes.set_xticklabels([f"{share:.0%}" for share in np.linspace(0, 1, 5)], fontproperties=font)
    axes.tick_params(length=2.5, color=MUTED, labelcolor=INK)
    axes.set_xlabel(label, fontproperties=font, color=INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
    axes.grid(axis="x", color="#e3e5e9", linewidth=0.6)
    axes.set_axisbelow(True)


def _near(row: pd.Series[Any]) -> str:
    """Give what is within reach, observed and implied."""
    told = both_numbers(row["observed"], row["implied"])
    return f"({told})" if row["implied"] > 0 else told


def look_key(look: Look, label: str) -> Patch:
    """Give the entry of a look in a legend."""
    return Patch(
        facecolor=look.face,
        edgecolor=look.ink,
        hatch=HATCHES[look.pattern],
        linewidth=0.6,
        label=label,
    )


def _basis(card: Scorecard, paper: Paper) -> list[str]:
    """Say which list was asked, and how people walk."""
    parameters = card.manifest["parameters"]
    known = {"pace": walker_of_card(card, paper.lang), "quota": parameters["quota"] * 100}
    return [name_of(card.checklist, paper.lang), paper.words["walk"].format(**known)]


def _implied(card: Scorecard, words: dict[str, str]) -> str:
    results = card.results
    implied = int((results["reason"] == "implied_by_host").sum())
    if not implied:
        return ""
    return words["implied_n"].format(n=implied, of=int((results["status"] == "met").sum()))
