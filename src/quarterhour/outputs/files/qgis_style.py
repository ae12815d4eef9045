"""Styles for QGIS (QML): categories with a colour and a brush, so that patterns tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from quarterhour.outputs.looks import CLASS_FACES, LOOKS, NOTHING_KNOWN, PLACE, Look
from quarterhour.outputs.words import say


class Category(NamedTuple):
    """A category: value, label, colour, pattern, and the colour under that."""

    value: str
    label: str
    colour: str
    pattern: str = ""
    ground: str = ""


_BRUSHES = {
    "": "solid",
    "stripes": "horizontal",
    "hatch": "f_diagonal",
    "dots": "dense6",
    "crosses": "b_diagonal",
}
"""Patterns as brushes of Qt."""

_MARKERS = {"": "circle", "stripes": "diamond", "hatch": "square"}
"""A point has another shape where an area has another pattern."""


def _category(value: str, key: str, look: Look) -> Category:
    """Give a look as a category, labelled in both languages."""
    label = f"{say('en', key)} {say('zh', key)}"
    if not look.pattern:
        return Category(value, label, look.face)
    return Category(value, label, look.ink, look.pattern, look.face)


def class_style(field: str, classes: Sequence[str], nothing: str, kind: str) -> str:
    """Draw a field of classes in the colours of the maps, what is unknown hatched.

    Parameters
    ----------
    field
        Name of the field.
    classes
        Its values, from low to high.
    nothing
        Its value where nothing is known.
    kind
        "polygon" or "point".
    """
    made = [Category(name, name, face) for name, face in zip(classes, CLASS_FACES, strict=True)]
    made.append(_category(nothing, "nothing_known", NOTHING_KNOWN))
    return _style(field, made, kind)


def status_style(field: str, kind: str) -> str:
    """Draw a field with the status of an item; see :func:`class_style`."""
    return _style(field, [_category(s, s, look) for s, look in LOOKS.items()], kind)


def place_style() -> str:
    """Draw every facility as the same point, which leaves the colours to the areas."""
    root = Element("qgis", version="3.28.0", styleCategories="Symbology")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    place = Category("", "", PLACE)
    SubElement(renderer, "symbols").append(_symbol("0", place, "point", size_mm=1.8))
    return _text(root, "point")


def _style(field: str, categories: Sequence[Category], kind: str) -> str:
    root = Element("qgis", version="3.28.0", styleCategories="Symbology")
    attributes = {"type": "categorizedSymbol", "attr": field, "enableorderby": "0"}
    renderer = SubElement(root, "renderer-v2", attributes, symbollevels="0", forceraster="0")
    listed = SubElement(renderer, "categories")
    symbols = SubElement(renderer, "symbols")
    for number, one in enumerate(categories):
        told = {"value": one.value, "label": one.label, "symbol": str(number)}
        SubElement(listed, "category", told, render="true", type="string")
        symbols.append(_symbol(str(number), one, kind))
    return _text(root, kind)


def _text(root: Element, kind: str) -> str:
    SubElement(root, "blendMode").text = "0"
    geometry = SubElement(root, "layerGeometryType")
    geometry.text = "0" if kind == "point" else "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def _symbol(name: str, look: Category, kind: str, *, size_mm: float = 3.0) -> Element:
    sort = "marker" if kind == "point" else "fill"
    symbol = Element("symbol", type=sort, name=name, alpha="1", clip_to_extent="1")
    if kind == "point":
        _layer(symbol, "SimpleMarker", look.colour, _marker(look, size_mm))
        return symbol
    if look.ground:
        _layer(symbol, "SimpleFill", look.ground, {"style": "solid"})
    _layer(symbol, "SimpleFill", look.colour, {"style": _BRUSHES[look.pattern]})
    return symbol


def _layer(symbol: Element, shape: str, colour: str, more: dict[str, str]) -> None:
    layer = SubElement(
        symbol, "layer", {"class": shape, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = {
        "color": _rgba(colour),
        "outline_color": "35,35,35,255",
        "outline_style": "solid",
        "outline_width": "0.26",
        "outline_width_unit": "MM",
        **more,
    }
    held = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(held, "Option", type="QString", name=key, value=value)


def _marker(look: Category, size_mm: float) -> dict[str, str]:
    name = _MARKERS.get(look.pattern, "triangle")
    return {"name": name, "size": f"{size_mm:g}", "size_unit": "MM"}


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"
