"""Figures of a scorecard for print and notebooks: what is covered, and what is missing where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from quarterhour.coverage import coverage
from quarterhour.errors import InputError
from quarterhour.render.paper import INK, MUTED, Paper, saved
from quarterhour.render.report_parts import area_names, shown_status
from quarterhour.render.report_text import Lang, name_of, number, say, short
from quarterhour.scorecard import Scorecard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Measure = Literal["area", "population", "residence"]

Corners = list[tuple[float, float]]

MEASURES = ("area", "population", "residence")

MOST_AREAS = 60
"""More columns than this could not be read on one sheet."""


@dataclass(frozen=True)
class Look:
    """How a status is drawn: pattern, lightness and sign speak without colour."""

    face: str
    ink: str
    hatch: str
    sign: str


LOOKS = {
    "met": Look("#2a6fa8", "#ffffff", "", "✓"),
    "implied": Look("#cfe3f2", "#14598c", "---", "✓"),
    "unmet": Look("#fdba74", "#7a3c00", "////", "✗"),
    "unknown": Look("#ffffff", "#6b7280", "....", "?"),
}


def plot_coverage(
    card: Scorecard,
    path: str | Path | None = None,
    *,
    measure: Measure = "area",
    lang: Lang = "en",
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
    whole = table["denominator"] + table["unknown"]
    if not (whole > 0).any():
        msg = "No area has a number of residents: use measure='area' or measure='residence'."
        raise InputError(msg)
    paper = Paper.of(lang)
    words = paper.words
    lines = _lines(card, paper.lang)
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    told = {
        item: f"{number(row.numerator)}/{number(row.denominator)}"
        + (f" +{number(row.unknown)}?" if row.unknown else "")
        for item, row in table.iterrows()
    }
    names = ("met", "unmet", "unknown")
    plain = {"met": "within", "unmet": "beyond", "unknown": "unknown"}
    labels = [words[name if measure == "area" else plain[name]] for name in names]
    column = f"{labels[0]}/{words['known']} +{words['unknown']}?"
    right = max(paper.width_of(list(told.values()), 8), paper.width_of([column], 7.5)) + 0.35
    parts = pd.DataFrame(
        {
            "met": table["numerator"],
            "unmet": table["denominator"] - table["numerator"],
            "unknown": table["unknown"],
        }
    ).div(whole, axis=0)
    sheet = paper.sheet(left, 4.4, right, 0.21 * len(lines), top=1.1, bottom=1.0)
    axes = sheet.axes
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    cells: dict[str, list[Corners]] = {str(name): [] for name in parts}
    for y, (item, text) in enumerate(lines):
        if item is None:
            _heading(axes, y, text, sheet.font(8.5, bold=True))
            continue
        start = 0.0
        for status, share in zip(parts, parts.loc[item].to_numpy(), strict=True):
            if share > 0:
                cells[str(status)].append(_corners(start, y - 0.38, share, 0.76))
            start += share
        style: dict[str, Any] = {
            "va": "center",
            "transform": axes.get_yaxis_transform(),
            "color": INK,
        }
        axes.text(-0.08 / 4.4, y, text, ha="right", fontproperties=sheet.font(8.5), **style)
        axes.text(1 + 0.08 / 4.4, y, told[item], fontproperties=sheet.font(8), **style)
    _draw_cells(axes, cells, "#333333")
    _axis(axes, sheet.font(8), words[measure])
    sheet.head(
        words["coverage"].format(
            n=len(card.areas), m=len(card.checklist), measure=words[f"by_{measure}"]
        ),
        [name_of(card.checklist, paper.lang), _walking(card, words)],
    )
    handles = [_key(LOOKS[name], label) for name, label in zip(names, labels, strict=True)]
    axes.text(
        1 + 0.08 / 4.4,
        -0.55,
        column,
        va="bottom",
        transform=axes.get_yaxis_transform(),
        fontproperties=sheet.font(7.5),
        color=MUTED,
    )
    sheet.foot(handles, [words["tells"], _implied(card, words)])
    return saved(sheet.figure, path)


def plot_gaps(
    card: Scorecard, path: str | Path | None = None, *, lang: Lang = "en", at_most: int = 40
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
    if not 1 <= at_most <= MOST_AREAS:
        msg = f"at_most={at_most} areas do not fit one figure: give 1 to {MOST_AREAS}."
        raise InputError(msg)
    paper = Paper.of(lang, card.areas)
    words = paper.words
    summary = card.summary()
    order = summary.sort_values(["unmet", "residents"], ascending=False, kind="stable").index
    shown = order[:at_most]
    names = [paper.writable(name, i) for i, name in enumerate(_names(card, paper.lang)[shown])]
    lines = _lines(card, paper.lang)
    left = paper.width_of([text for _, text in lines], 8.5) + 0.35
    side = 0.27
    residents = summary["residents"].notna().any()
    if residents:
        names = [
            f"{name}  {number(summary['residents'][a])}"
            for name, a in zip(names, shown, strict=True)
        ]
    counted = [words["unmet"], words["unknown"]]
    over = paper.width_of([*names, *counted], 8) + 0.15
    width = max(side * len(shown), 2.6)
    sheet = paper.sheet(left, width, 1.1, 0.22 * len(lines), top=1.0 + over, bottom=0.8)
    axes = sheet.axes
    axes.set(xlim=(0, width / side), ylim=(len(lines) - 0.5, -0.5), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    results = card.results.assign(shown=shown_status(card.results)).set_index(["area", "item"])
    cells: dict[str, list[Corners]] = {name: [] for name in LOOKS}
    for y, (item, text) in enumerate(lines):
        if item is None:
            _heading(axes, y, text, sheet.font(8.5, bold=True))
            continue
        rows = results.xs(item, level="item").loc[shown]
        for x, (status, minutes) in enumerate(
            zip(rows["shown"], rows["median_minutes"], strict=True)
        ):
            cells[status].append(_corners(x, y - 0.5, 1, 1))
            _sign(axes, (x + 0.5, y), status, minutes, sheet.font(7))
        counts = rows["shown"].value_counts()
        style: dict[str, Any] = {
            "va": "center",
            "color": INK,
            "transform": axes.get_yaxis_transform(),
        }
        axes.text(-0.08 / width, y, text, ha="right", fontproperties=sheet.font(8.5), **style)
        for x, status in enumerate(("unmet", "unknown")):
            told = str(counts.get(status, 0))
            axes.text(
                len(shown) + 0.8 + 1.1 * x,
                y,
                told,
                ha="center",
                va="center",
                fontproperties=sheet.font(8),
                color=INK,
            )
    _draw_cells(axes, cells, "#ffffff")
    heads = [*zip(np.arange(len(shown)) + 0.5, names, strict=True)]
    heads += [(len(shown) + 0.8 + 1.1 * x, word) for x, word in enumerate(counted)]
    for at, name in heads:
        axes.text(
            at,
            -0.62,
            name,
            rotation=90,
            ha="center",
            va="bottom",
            fontproperties=sheet.font(8),
            color=INK,
        )
    cut = len(shown) < len(card.areas)
    title = words["gaps_cut" if cut else "gaps"]
    sheet.head(
        title.format(n=len(shown), of=len(card.areas), m=len(card.checklist)),
        [name_of(card.checklist, paper.lang), _walking(card, words)],
    )
    handles = [_key(look, words[name]) for name, look in LOOKS.items()]
    signs = [words["minutes"], words["far"], words["residents"] if residents else ""]
    sheet.foot(handles, ["; ".join(filter(None, signs)), words["tells"], paper.note])
    return saved(sheet.figure, path)


def _lines(card: Scorecard, lang: Lang) -> list[tuple[str | None, str]]:
    """List headings and items in the checklist's order."""
    titles = {group.key: name_of(group, lang) for group in card.checklist.groups}
    lines: list[tuple[str | None, str]] = []
    last = ""
    for item in card.checklist:
        if item.group != last:
            lines.append((None, titles[item.group]))
            last = item.group
        lines.append((item.key, short(name_of(item, lang))))
    return lines


def _names(card: Scorecard, lang: Lang) -> pd.Series[Any]:
    """Name the areas; one without a name is called by its label."""
    names = area_names(card, lang)
    unnamed = [say(lang, "unnamed", {"n": label}) for label in names.index]
    return names.where(names != unnamed, names.index.astype(str))


def _heading(axes: Axes, y: int, text: str, font: Any) -> None:
    width = axes.get_position().width * axes.figure.get_size_inches()[0]  # type: ignore[union-attr]
    axes.text(
        -0.08 / width,
        y + 0.08,
        text,
        ha="right",
        va="center",
        fontproperties=font,
        color=INK,
        transform=axes.get_yaxis_transform(),
    )


def _draw_cells(axes: Axes, cells: Mapping[str, Sequence[Corners]], outline: str) -> None:
    """Fill rectangles with the pattern of their status, inside an outline of one colour."""
    for status, mine in cells.items():
        look = LOOKS[status]
        filled: dict[str, Any] = {
            "facecolors": look.face,
            "edgecolors": look.ink,
            "hatch": look.hatch,
        }
        axes.add_collection(PolyCollection(mine, linewidths=0, label=status, **filled))
        axes.add_collection(PolyCollection(mine, facecolors="none", edgecolors=outline, lw=0.7))


def _corners(x: float, y: float, width: float, height: float) -> Corners:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def _sign(axes: Axes, at: tuple[float, float], status: str, minutes: float, font: Any) -> None:
    look = LOOKS[status]
    told = f"{np.ceil(minutes - 1e-6):.0f}" if status == "unmet" and minutes > 0 else look.sign
    axes.text(
        *at,
        told,
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


def _key(look: Look, label: str) -> Patch:
    return Patch(
        facecolor=look.face, edgecolor=look.ink, hatch=look.hatch, linewidth=0.6, label=label
    )


def _walking(card: Scorecard, words: dict[str, str]) -> str:
    parameters = card.manifest["parameters"]
    return words["walk"].format(pace=parameters["pace"], quota=parameters["quota"] * 100)


def _implied(card: Scorecard, words: dict[str, str]) -> str:
    results = card.results
    implied = int((results["reason"] == "implied_by_host").sum())
    if not implied:
        return ""
    return words["implied_n"].format(n=implied, of=int((results["status"] == "met").sum()))
