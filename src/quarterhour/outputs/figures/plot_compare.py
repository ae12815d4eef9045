"""Before and after: what each area had of each item, and what it has when a plan is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from quarterhour.outputs.figures.paper import INK, MUTED, Paper, Sheet, saved
from quarterhour.outputs.figures.plots import (
    GAP_IN,
    Cells,
    Lines,
    area_heads,
    corners,
    draw_cells,
    item_lines,
    look_key,
    require_few,
    write_lines,
    write_sign,
)
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import LOOKS, shown_status
from quarterhour.outputs.plan_words import change_text, comparison_text, moved_text, recorded
from quarterhour.outputs.words import Lang
from quarterhour.planning.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL_IN, ROW_IN = 0.62, 0.27
"""A cell has room for two signs, and one row's height."""

LEAST_IN = 4.6
CHANGES_TOLD = 4


def plot_compare(
    plan: Comparison, path: str | Path | None = None, *, lang: Lang | None = None, at_most: int = 20
) -> Figure:
    """Draw before and after, per area and item, wherever a plan changes anything.

    A cell of two halves has turned: left before, right after. A cell with one pale sign is as it
    was; a number there says how many residents (or residences) of the area gain (+) or lose (−)
    the item without turning it. Beside each item stands who gains and loses it in all. Items and
    areas of which nothing changes are not drawn.

    Parameters
    ----------
    plan
        What :func:`quarterhour.compare` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    lang
        ``"en"`` or ``"zh"``; English where no font holds Chinese characters.
        None: the language of the checklist's country, else of the environment, else
        English.
    at_most
        How many areas are drawn, those of most change; at most 60.

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
    paper = Paper.of(chosen_lang(lang, plan.after.checklist), plan.after.areas)
    words = paper.words
    pairs = touched(plan)
    order = _order(pairs)
    shown = order[:at_most]
    lines = _lines(plan, pairs, paper.lang)
    names = area_heads(plan.after, paper)[shown].tolist()
    heads = [words["gained"], words["lost"]]
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    over = paper.width_of([*names, *heads], 8) + 0.15 if len(shown) else 0.0
    width = max(CELL_IN * len(shown), LEAST_IN - left)
    high = max(ROW_IN * len(lines), 0.3)
    told = [*_changes(plan, paper), *comparison_text(plan, paper.lang)]
    room = left + width + 1.6 - 0.5
    top = 0.65 + 0.16 * len(_wrapped(paper, told, room)) + over
    title = words["compare_cut" if len(shown) < len(order) else "compare"]
    foot = [words["compare_cell"], words["compare_rest"].format(**_rest(plan, order, lines))]
    bottom = 0.55 + 0.15 * len(_wrapped(paper, foot, room))
    sheet = paper.sheet(left, width, 1.6, high, top=top, bottom=bottom)
    limits = {"xlim": (0, width / CELL_IN), "ylim": (max(len(lines), 1) - 0.5, -0.5)}
    sheet.axes.set(**limits, xticks=[], yticks=[])
    sheet.axes.set_frame_on(False)
    write_lines(sheet, lines, -GAP_IN / CELL_IN)
    _draw(sheet, lines, pairs, shown)
    if len(shown):
        for column, name in enumerate(names):
            sheet.write((column + 0.5, -0.62), name, 8, va="bottom", rotation=90)
        _sums(sheet, lines, plan, (len(shown) + 0.5, heads))
    sizes = {"n": len(shown), "of": len(order), "all": len(plan.areas), "m": _items(lines)}
    sheet.head(title.format(**sizes), told)
    keys = [look_key(look, words[status]) for status, look in LOOKS.items()]
    sheet.foot(keys, [*foot, paper.note])
    return saved(sheet.figure, path)


def touched(plan: Comparison) -> pd.DataFrame:
    """Give the areas and items of which anything changes, with statuses as readers see them."""
    pairs = plan.pairs
    before = pairs[["status_before", "reason_before"]].set_axis(["status", "reason"], axis=1)
    pairs = pairs.assign(shown_before=shown_status(before), shown=shown_status(pairs))
    turned = (pairs["shown_before"] != pairs["shown"]) | (pairs["reason"] != pairs["reason_before"])
    some = turned | (pairs["gained"] > 0) | (pairs["lost"] > 0)
    return pairs[some]


def _order(pairs: pd.DataFrame) -> pd.Index:
    """The areas, those first of which most changes."""
    turned = (pairs["shown_before"] != pairs["shown"]).groupby(pairs["area"], sort=False).sum()
    moved = (pairs["gained"] + pairs["lost"]).groupby(pairs["area"], sort=False).sum()
    table = pd.DataFrame({"turned": turned, "moved": moved})
    return table.sort_values(["turned", "moved"], ascending=False, kind="stable").index


def _lines(plan: Comparison, pairs: pd.DataFrame, lang: Lang) -> Lines:
    """Headings and items, of which anything changes."""
    keys = set(pairs["item"])
    lines: Lines = []
    for key, text in item_lines(plan.after, lang):
        if key is None and lines and lines[-1][0] is None:
            lines.pop()  # a group of which nothing changes
        if key is None or key in keys:
            lines.append((key, text))
    return lines[:-1] if lines and lines[-1][0] is None else lines


def _items(lines: Lines) -> int:
    return sum(key is not None for key, _ in lines)


def _rest(plan: Comparison, order: pd.Index, lines: Lines) -> dict[str, int]:
    return {
        "areas": len(plan.areas) - len(order),
        "items": len(plan.items) - _items(lines),
    }


def _changes(plan: Comparison, paper: Paper) -> list[str]:
    """Say what was changed, the first few of many."""
    told = [change_text(one, plan.before, paper.lang) for one in recorded(plan)]
    cut = len(told) - CHANGES_TOLD
    lines = [f"{n}. {text}" for n, text in enumerate(told[:CHANGES_TOLD], start=1)]
    return lines + ([paper.words["compare_more"].format(n=cut)] if cut > 0 else [])


def _wrapped(paper: Paper, texts: list[str], room: float) -> list[str]:
    return paper.sheet(0, 1, 0, 1, top=0, bottom=0).wrapped(texts, room)


def _draw(sheet: Sheet, lines: Lines, pairs: pd.DataFrame, shown: pd.Index) -> None:
    """Draw a cell for each area and item: two halves where it has turned, else one sign."""
    column = {label: x for x, label in enumerate(shown)}
    row = {key: y for y, (key, _) in enumerate(lines) if key is not None}
    cells: Cells = {status: [] for status in LOOKS}
    font = sheet.font(7)
    mine = pairs[pairs["area"].isin(shown)]
    for pair in mine.to_dict("records"):
        x, y = column[pair["area"]], row[str(pair["item"])]
        if pair["shown_before"] != pair["shown"]:
            for side, status in enumerate((pair["shown_before"], pair["shown"])):
                cells[status].append(corners(x + 0.07 + 0.43 * side, y - 0.42, 0.43, 0.84))
                write_sign(sheet.axes, (x + 0.285 + 0.43 * side, y), status, "", font)
            continue
        more, less = float(pair["gained"]), float(pair["lost"])
        lang = sheet.paper.lang
        told = [moved_text(more, "+", lang)] * (more > 0) + [moved_text(less, "−", lang)] * (
            less > 0
        )
        size = 7.0 if len("".join(told)) < 7 else 5.5
        text = " ".join(told) or LOOKS[pair["shown"]].sign
        sheet.write((x + 0.5, y), text, size)
    draw_cells(sheet.axes, cells, "#ffffff")
    grid: dict[str, Any] = {"color": "#e3e5e9", "linewidth": 0.6, "zorder": 0}
    for y in row.values():
        for edge in (y - 0.5, y + 0.5):
            sheet.axes.plot([0, len(shown)], [edge, edge], **grid)
    for x in range(len(shown) + 1):
        sheet.axes.plot([x, x], [-0.5, len(lines) - 0.5], **grid)


def _sums(sheet: Sheet, lines: Lines, plan: Comparison, where: tuple[float, list[str]]) -> None:
    """Write beside each item who gains and who loses it."""
    x, heads = where
    for column, (head, key, sign) in enumerate(zip(heads, ("gained", "lost"), "+−", strict=True)):
        counts: dict[Any, float] = plan.items[key].to_dict()
        at = x + 0.25 + 1.05 * column
        sheet.write((at, -0.62), head, 8, va="bottom", bold=True)
        for y, (item, _) in enumerate(lines):
            if item is not None:
                count = counts[item]
                text = moved_text(count, sign, sheet.paper.lang)
                sheet.axes.text(
                    at,
                    y,
                    text,
                    ha="center",
                    va="center",
                    fontproperties=sheet.font(8),
                    color=INK if count > 0 else MUTED,
                )
