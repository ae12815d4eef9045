"""What tests of words share: whether a text is in one language, but for names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from quarterhour.outputs.words import Lang, full_width
from worlds import new_town

CHINESE = re.compile("[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z][A-Za-z_]+")

_AGREED = """
quarterhour Python OpenStreetMap OSM contributors Open Database License ODbL
openstreetmap org copyright WGS GCJ BD CGCS EPSG UTM CRS SHA JSON UTF BOM id manifest
Overture Tobler ATM MIT Excel GeoJSON Gini Palma Theil
"""
UNIT = re.compile(r"\d\s?(?:m|km|m²|km²|s|h|ha|min)(?![A-Za-z.])")
"""Units as English writes them."""

AGREED = set(_AGREED.split())
"""Names that Chinese planners write in Latin letters too."""

REPLACED = [
    *("限定内", "超出限定", "限定距离", "中位居民", "承载设施", "理由", "缺口清单", "无路可达"),
    *("一处也没有", "来源不能显示", "大门", "先询问", "步行者：adult"),
]
"""What planners do not write, with what they write in its place in docs/glossary.md."""


@cache
def names_in_the_data() -> list[str]:
    """Texts of the tables, the checklist's source, versions and digests; the longest first."""
    card = new_town()
    told = {*"ABCDEF", "id", *card.manifest["versions"], card.checklist.key}
    ours = {"phone", "address", "opening_hours", "walled", "area_kind", "residents"}
    for table in (card.areas, card.facilities):
        told |= (set(table.columns.astype(str)) - ours) | set(table.index.astype(str))
        for name in table.columns.drop(["geometry", "area_kind"], errors="ignore"):
            told |= {str(value) for value in table[name].dropna()}
    for text in list(told):  # a long name may be cut, and brackets are written as in Chinese
        told |= {full_width(text), text.split("(")[0]}
    told |= {card.checklist.citation, card.checklist.zh}
    told |= {Path(str(one.get("source"))).name for one in card.manifest["inputs"].values()}
    return sorted((one for one in told if len(one) > 1), key=len, reverse=True)


def without_names(text: str) -> str:
    text = re.sub(r"\b[0-9a-f]{12,64}\b", " ", text)
    for name in names_in_the_data():
        text = text.replace(name, " ")
    text = re.sub(r"识别的列：.*", " ", text)  # columns of the user's by their names in Python
    return re.sub(r"\b(?:wgs84|gcj02|bd09|cgcs2000)\b", " ", text)


def faults(texts: Iterable[str], lang: Lang) -> set[str]:
    found = set()
    for text in map(without_names, texts):
        if lang == "en":
            found |= {text.strip()} if CHINESE.search(text) else set()
            continue
        words = [word for word in LATIN.findall(text) if word not in AGREED]
        old = [term for term in REPLACED if term in text]
        if words or old or HALF_WIDTH.search(text) or UNIT.search(text):
            found.add(f"{text.strip()[:120]} {words or old}")
    return found


def phrases_of(table: object) -> Iterator[str]:
    if isinstance(table, str):
        yield re.sub(r"\{[^}]*\}|<[^>]+>|qh\.read_scenario", " ", table)
    elif isinstance(table, dict):
        for value in table.values():
            yield from phrases_of(value)
