"""The sheet a figure is drawn on: letters that can be written, a head, a foot, a scale bar."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.outputs.figures import fonts
from quarterhour.outputs.looks import SHOWN
from quarterhour.outputs.words import LANGS, Lang, say
from quarterhour.streets.network import WalkNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

INK = "#222222"
MUTED = "#555555"
NOTEBOOK_DPI = 110
SIDE_IN = 0.25
"""Margin at the left and right of a sheet."""


class ShownFigure(Figure):
    """A figure that a notebook shows by itself; without pyplot, others are shown as words."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=NOTEBOOK_DPI)
        return picture.getvalue()


def require_language(lang: str) -> None:
    """Refuse what is no language of figures.

    Raises
    ------
    InputError
        If it is none.
    """
    if lang not in LANGS:
        msg = f"lang={lang!r} is not a language of figures: use 'en' or 'zh'."
        raise InputError(msg)


@dataclass(frozen=True)
class Paper:
    """The language a figure speaks, and the letters for it."""

    lang: Lang
    families: tuple[str, ...]
    note: str = ""

    @classmethod
    def of(cls, lang: Lang, areas: gpd.GeoDataFrame | None = None) -> Paper:
        """Choose letters; without a Chinese font a Chinese figure becomes an English one."""
        require_language(lang)
        chinese = fonts.cjk_family()
        if chinese is not None:
            return cls(lang, ("DejaVu Sans", chinese))
        names = [] if areas is None or "name" not in areas else areas["name"]
        if lang == "en" and all(_latin(name) for name in names):
            return cls("en", ("DejaVu Sans",))
        warnings.warn(
            "No font with Chinese characters was found, so the figure is in English and areas have "
            "numbers. Installing fonts-noto-cjk or fonts-wqy-zenhei helps.",
            QuarterhourWarning,
            stacklevel=3,
        )
        return cls("en", ("DejaVu Sans",), "Chinese names need a font")

    @property
    def words(self) -> dict[str, str]:
        """The words of figures in this language."""
        return fonts.figure_words()[self.lang] | {
            status: say(self.lang, status) for status in SHOWN
        }

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give the font in a size, in points."""
        weight = "bold" if bold else "normal"
        return FontProperties(family=list(self.families), size=size, weight=weight)

    def writable(self, name: str, row: int) -> str:
        """Give the name, or its number in the table where no font can write it."""
        return name if len(self.families) > 1 or _latin(name) else f"#{row + 1}"

    def width_of(self, texts: Sequence[str], size: float, *, bold: bool = False) -> float:
        """Measure the longest of some texts, in inches."""
        return max((_width_in(text, self.families, size, bold=bold) for text in texts), default=0.0)

    def sheet(
        self,
        left: float,
        width: float,
        right: float,
        height: float,
        *,
        top: float,
        bottom: float,
    ) -> Sheet:
        """Make a figure round one pair of axes; all lengths are inches."""
        full = (left + width + right, top + height + bottom)
        figure = ShownFigure(figsize=full, dpi=150, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes(
            (left / full[0], bottom / full[1], width / full[0], height / full[1])
        )
        return Sheet(self, figure, axes)


@dataclass(frozen=True)
class Sheet:
    """A figure with one pair of axes, and what stands above and below them."""

    paper: Paper
    figure: Figure
    axes: Axes

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give the font of the sheet in a size, in points."""
        return self.paper.font(size, bold=bold)

    def write(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        *,
        ha: Literal["left", "center", "right"] = "center",
        va: Literal["center", "bottom"] = "center",
        bold: bool = False,
        rotation: float = 0,
    ) -> None:
        """Write at a place of the axes, inside or outside of their frame."""
        self.axes.text(
            *at,
            text,
            ha=ha,
            va=va,
            rotation=rotation,
            fontproperties=self.font(size, bold=bold),
            color=INK,
        )

    def head(self, title: str, told: Sequence[str]) -> None:
        """Write the title and what the figure rests on."""
        width, height = self.figure.get_size_inches()
        left = SIDE_IN / width
        room = width - 2 * SIDE_IN
        size = min(13.0, 13.0 * room / self.paper.width_of([title], 13, bold=True))
        self.figure.text(
            left,
            1 - 0.3 / height,
            title,
            va="center",
            fontproperties=self.font(size, bold=True),
            color=INK,
        )
        self.figure.text(
            left,
            1 - 0.48 / height,
            "\n".join(self.wrapped(told, room)),
            va="top",
            fontproperties=self.font(8),
            color=MUTED,
            linespacing=1.4,
        )

    def foot(self, handles: Sequence[Patch | Line2D], told: Sequence[str]) -> None:
        """Write the legend and what a reader has to know."""
        width, height = self.figure.get_size_inches()
        left = SIDE_IN / width
        lines = self.wrapped([text for text in told if text], width - 2 * SIDE_IN, 7.5)
        self.figure.text(
            left,
            0.12 / height,
            "\n".join(lines),
            va="bottom",
            fontproperties=self.font(7.5),
            color=MUTED,
            linespacing=1.35,
        )
        self.figure.legend(
            handles=list(handles),
            loc="lower left",
            bbox_to_anchor=(left, (0.24 + 0.15 * len(lines)) / height),
            ncols=len(handles),
            frameon=False,
            prop=self.font(8),
            handlelength=1.8,
            handleheight=1.1,
            handletextpad=0.5,
            columnspacing=1.2,
            borderpad=0.0,
            borderaxespad=0.0,
        )

    def wrapped(self, texts: Sequence[str], room: float, size: float = 8) -> list[str]:
        """Break lines that are wider than the room, in inches."""
        lines = []
        for text in texts:
            line = ""
            for piece in _pieces(text):
                if line and self.paper.width_of([(line + piece).rstrip()], size) > room:
                    lines.append(line.rstrip())
                    line = ""
                line += piece
            lines.append(line.rstrip())
        return lines


def scale_bar(axes: Axes, font: FontProperties, lang: Lang) -> None:
    """Draw a round number of metres, about a sixth of the map's width, in its corner."""
    (x0, x1), y0 = axes.get_xlim(), axes.get_ylim()[0]
    length = round_length((x1 - x0) / 6)
    unit = (x1 - x0) / 100
    right, low = x1 - 2 * unit, y0 + 2.2 * unit
    behind = shapely.box(right - length - 1.2 * unit, low - unit, x1 - 0.8 * unit, low + 5 * unit)
    axes.fill(*behind.exterior.xy, facecolor="white", alpha=0.85, linewidth=0, zorder=8)
    axes.plot(
        [right - length, right - length, right, right],
        [low + unit, low, low, low + unit],
        color=INK,
        linewidth=1.2,
        solid_joinstyle="miter",
        zorder=9,
    )
    axes.text(
        right - length / 2,
        low + 1.2 * unit,
        length_text(length, lang),
        ha="center",
        va="bottom",
        fontproperties=font,
        color=INK,
        zorder=9,
    )


def length_text(length: float, lang: Lang) -> str:
    """Give a round length in metres, or in kilometres."""
    if length < 1000:
        return say(lang, "metres_n", {"n": f"{length:,.0f}"})
    return say(lang, "kilometres_n", {"n": f"{length / 1000:,.0f}"})


def round_length(room_m: float) -> float:
    """Give the longest of 1, 2, 5, 10, 20 ... metres that has room."""
    power = 10.0 ** np.floor(np.log10(room_m))
    return float(max(step * power for step in (1, 2, 5) if step * power <= room_m))


def outline(shape: Any) -> Outline:
    """Give polygons with their holes as one path."""
    rings = [
        ring
        for part in shapely.get_parts(shapely.orient_polygons(shape))
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    return Outline.make_compound_path(
        *(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def street_path(network: WalkNetwork, drawn: npt.NDArray[np.bool_]) -> Outline:
    """Give streets as one path: thousands of them are drawn as fast as one."""
    codes = np.full(len(network.coords), Outline.LINETO, dtype=Outline.code_type)
    codes[network.coord_offset[:-1]] = Outline.MOVETO
    kept = np.repeat(drawn, np.diff(network.coord_offset))
    return Outline(network.coords[kept], codes[kept])


def saved(figure: Figure, path: str | Path | None) -> Figure:
    """Write the figure, whole or not at all, where a path is given."""
    if path is not None:
        with whole_file(path) as part:
            # Thin lines on a plain ground: more effort by zlib takes longer and packs no better.
            how: Any = {"pil_kwargs": {"compress_level": 3}} if part.suffix == ".png" else {}
            figure.savefig(part, **how)
    return figure


@cache
def _width_in(text: str, families: tuple[str, ...], size: float, *, bold: bool) -> float:
    figure = Figure(dpi=150)
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    weight = "bold" if bold else "normal"
    font = FontProperties(family=list(families), size=size, weight=weight)
    drawn = figure.text(0, 0, text, fontproperties=font)
    return float(drawn.get_window_extent(renderer).width) / 150


CLOSING, OPENING = "，。；：、！？）》」”’…", "（《「“‘"
"""Marks with which no line begins, and with which none ends."""


def _pieces(text: str) -> list[str]:
    """Give what a line may be broken between: words, and Chinese characters with their marks."""
    pieces = [""]
    for character in text:
        if character in CLOSING and len(pieces) > 1 and not pieces[-1]:
            pieces.pop()  # no line begins with it
        pieces[-1] += character
        if (character == " " or not _latin(character)) and character not in OPENING:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _latin(text: object) -> bool:
    return not isinstance(text, str) or all(ord(character) < 0x2E80 for character in text)
