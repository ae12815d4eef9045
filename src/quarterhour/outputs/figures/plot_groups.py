"""Who is left out: for each item the share of every group that has it within the limit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from quarterhour.errors import InputError
from quarterhour.outputs.figures.paper import INK, MUTED, Paper, saved
from quarterhour.outputs.figures.plots import BAR_IN, GAP_IN, item_lines, write_lines
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.walker_words import walker_name
from quarterhour.outputs.words import Lang, percent, say
from quarterhour.planning.groups import Groups

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
COLOURS = ("#1f5f8b", "#c4581a", "#3d7d3a", "#7a4b9b", "#8a6d1c", "#a02c5d", "#2b8c8c", "#555555")
"""A group has a mark and a colour of its own, so that one of them is enough."""


def plot_groups(
    groups: Groups,
    path: str | Path | None = None,
    *,
    measure: str = "population",
    lang: Lang | None = None,
) -> Figure:
    """Draw a line per item with a mark for each group, where its share of residents is.

    Parameters
    ----------
    groups
        What :func:`quarterhour.assess_groups` gives; up to eight groups.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    measure
        ``"population"``, ``"residence"`` or ``"area"``.
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
        If there are more than eight groups, or the measure is not known or counts nobody.
    OutputError
        If the file cannot be written.
    """
    if len(groups.cards) > len(MARKS):
        msg = f"{len(groups.cards)} groups do not fit one figure: give up to {len(MARKS)}."
        raise InputError(msg)
    table = groups.to_frame(measure)
    names = list(groups.cards)
    if table[names].isna().all(axis=None):
        msg = f"Nothing is known of any item by {measure}: try measure='residence' or 'area'."
        raise InputError(msg)
    paper = Paper.of(chosen_lang(lang, next(iter(groups.cards.values())).checklist))
    words = paper.words
    card = groups.cards[names[0]]
    lines = item_lines(card, paper.lang)
    told = {key: percent(float(gap)) for key, gap in table["gap"].items() if np.isfinite(gap)}
    head = words["groups_gap"]
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    right = max(paper.width_of([*told.values(), head], 8), 0.4) + 0.4
    sheet = paper.sheet(left, BAR_IN, right, 0.21 * len(lines), top=1.1, bottom=0.95)
    sheet.axes.set(xlim=(-0.02, 1.02), ylim=(len(lines) - 0.5, -0.5), yticks=[])
    sheet.axes.set_frame_on(False)
    ticks = np.linspace(0, 1, 5)
    sheet.axes.set_xticks(ticks, [f"{t:.0%}" for t in ticks])
    for label in sheet.axes.get_xticklabels():
        label.set_fontproperties(sheet.font(8))
    sheet.axes.grid(axis="x", color="#e3e5e9", linewidth=0.6)
    gap = GAP_IN / BAR_IN
    write_lines(sheet, lines, -0.02 - gap)
    for y, (key, _) in enumerate(lines):
        if key is None:
            continue
        shares = table.loc[key, names].to_numpy(dtype=np.float64)
        if not np.isfinite(shares).any():
            sheet.write((0.0, y), words["unknown"], 7.5, ha="left")
            continue
        sheet.axes.plot([np.nanmin(shares), np.nanmax(shares)], [y, y], color=MUTED, linewidth=1)
        for share, mark, colour in zip(shares, MARKS, COLOURS, strict=False):
            sheet.axes.plot([share], [y], mark, color=colour, markersize=5.5, clip_on=False)
        if key in told:
            sheet.write((1.02 + gap, y), told[str(key)], 8, ha="left")
    sheet.write((1.02 + gap, -0.55), head, 7.5, ha="left", va="bottom")
    counted = {"n": len(card.areas), "m": len(card.checklist), "measure": words[f"by_{measure}"]}
    sheet.head(words["groups"].format(**counted), [words["groups_told"]])
    keys = [
        Line2D(
            [],
            [],
            marker=mark,
            color=colour,
            linestyle="",
            markersize=5.5,
            label=walker_name(name, paper.lang),
        )
        for name, mark, colour in zip(names, MARKS, COLOURS, strict=False)
    ]
    everyone = [
        walker_name(n, paper.lang) for n, column in groups.counted.items() if column is None
    ]
    foot = (
        [words["groups_all"].format(names=say(paper.lang, "comma").join(everyone))]
        if everyone
        else []
    )
    sheet.foot(keys, [*foot, words["groups_known"], words["tells"], paper.note])
    sheet.axes.tick_params(colors=INK, length=0)
    return saved(sheet.figure, path)
