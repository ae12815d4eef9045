"""Fonts that hold Chinese characters, and what to write where there is none."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

from quarterhour.errors import QuarterhourWarning
from quarterhour.outputs.words import Lang, name_of, say
from quarterhour.standards.checklist import Checklist

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
"""Families that hold Chinese characters, the best for maps first."""

_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "wqy-", "msyh", "simhei", "pingfang")


@dataclass(frozen=True)
class Words:
    """What a figure writes, in characters that its font has.

    Attributes
    ----------
    names
        A name for each area, empty where it has none.
    checklist
        The name of the checklist in the language.
    families
        Font families, each used for what the ones before it lack.
    note
        What to tell the reader of the figure about its letters, if anything.
    lang
        The language that can be written.
    """

    names: tuple[str, ...]
    checklist: str
    families: tuple[str, ...]
    note: str = ""
    lang: Lang = "en"

    def say(self, key: str, values: Mapping[str, object] | None = None) -> str:
        """Give a phrase of the figure in its language."""
        phrase = figure_words()[self.lang].get(key)
        if phrase is None:
            return say(self.lang, key, values)
        return phrase.format(**(values or {}))

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give the font in a size, in points."""
        weight = "bold" if bold else "normal"
        return FontProperties(family=list(self.families), size=size, weight=weight)


def words_for(areas: gpd.GeoDataFrame, checklist: Checklist, lang: Lang = "en") -> Words:
    """Choose names that can be written: Chinese where a font for it is found.

    Without one, an area is called by its ``name:en``, else by its number in the table; one
    warning per process says which fonts would help.
    """
    chinese = cjk_family()
    own = [name if isinstance(name, str) else "" for name in _column(areas, "name")]
    english = [name if isinstance(name, str) else "" for name in _column(areas, "name:en")]
    if chinese is not None:
        families = ("DejaVu Sans", chinese)
        return Words(tuple(own), name_of(checklist, lang), families, lang=lang)
    names = tuple(
        name if _latin(name) else (other if other and _latin(other) else f"#{number}")
        for number, (name, other) in enumerate(zip(own, english, strict=True), start=1)
    )
    note = ""
    if lang == "zh" or any(not _latin(name) for name in own):
        note = "Chinese names need a font"
        _say_once()
    return Words(names, checklist.en, ("DejaVu Sans",), note)


@cache
def figure_words() -> dict[str, dict[str, str]]:
    """Read the words that only figures say, in both languages."""
    return tomllib.loads((Path(__file__).parent / "figures.toml").read_text(encoding="utf-8"))


@cache
def cjk_family() -> str | None:
    """Find a font family with Chinese characters among those installed, or None."""
    family = _known_family()
    if family is not None:
        return family
    # The list is kept between runs: a font installed since then is found only on the disk.
    added = [
        path
        for path in sorted(font_manager.findSystemFonts())
        if any(part in Path(path).name.lower() for part in _FILES)
    ]
    for path in added:  # in all its weights, so that what is not meant to be bold is not
        font_manager.fontManager.addfont(path)
    if not added:
        return None
    return _known_family() or FontProperties(fname=added[0]).get_name()


def _known_family() -> str | None:
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((family for family in FAMILIES if family in known), None)


@cache
def _say_once() -> None:
    warnings.warn(
        "No font with Chinese characters was found, so figures call areas by their English names "
        "or their numbers in the table. Installing fonts-noto-cjk or fonts-wqy-zenhei helps.",
        QuarterhourWarning,
        stacklevel=4,
    )


def _column(areas: gpd.GeoDataFrame, name: str) -> list[object]:
    return list(areas[name]) if name in areas else [None] * len(areas)


def _latin(text: str) -> bool:
    """Tell whether the font that comes with matplotlib can write it."""
    return all(ord(character) < 0x2E80 for character in text)
