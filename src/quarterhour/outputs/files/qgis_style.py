"""Styles for QGIS (QML): categories with a colour and a brush, so that patterns tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from quarterhour.outputs.figures.figures import COLOURS


class Look(NamedTuple):
    """How a category is drawn: value, label, colour, brush of Qt, and the colour under that."""

    value: str
    label: str
    colour: str
    brush: str = "solid"
    ground: str = ""


STATUS_LOOKS = (
    Look("met", "met 达标", "#2a6fa8"),
    Look("implied", "met (implied) 达标（推定）", "#2a6fa8", "horizontal", "#cfe3f2"),
    Look("unmet", "unmet 未达标", "#a34f00", "f_diagonal", "#fdba74"),
    Look("unknown", "unknown 未知", "#6b7280", "dense6", "#ffffff"),
)


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
    looks = [Look(name, name, colour) for name, colour in zip(classes, COLOURS, strict=True)]
    looks.append(Look(nothing, "nothing known 没有已知项目", "#777777", "b_diagonal", "#ededed"))
    return _style(field, looks, kind)


def status_style(field: str, kind: str) -> str:
    """Draw a field with the status of an item; see :func:`class_style`."""
    return _style(field, STATUS_LOOKS, kind)


def place_style() -> str:
    """Draw every facility as the same point, which leaves the colours to the areas."""
    root = Element("qgis", version="3.28.0", styleCategories="Symbology")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    look = Look("", "", "#5b2a86")
    SubElement(renderer, "symbols").append(_symbol("0", look, "point", size_mm=1.8))
    return _text(root, "point")


def _style(field: str, looks: Sequence[Look], kind: str) -> str:
    root = Element("qgis", version="3.28.0", styleCategories="Symbology")
    attributes = {"type": "categorizedSymbol", "attr": field, "enableorderby": "0"}
    renderer = SubElement(root, "renderer-v2", attributes, symbollevels="0", forceraster="0")
    categories = SubElement(renderer, "categories")
    symbols = SubElement(renderer, "symbols")
    for number, look in enumerate(looks):
        told = {"value": look.value, "label": look.label, "symbol": str(number)}
        SubElement(categories, "category", told, render="true", type="string")
        symbols.append(_symbol(str(number), look, kind))
    return _text(root, kind)


def _text(root: Element, kind: str) -> str:
    SubElement(root, "blendMode").text = "0"
    geometry = SubElement(root, "layerGeometryType")
    geometry.text = "0" if kind == "point" else "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def _symbol(name: str, look: Look, kind: str, *, size_mm: float = 3.0) -> Element:
    sort = "marker" if kind == "point" else "fill"
    symbol = Element("symbol", type=sort, name=name, alpha="1", clip_to_extent="1")
    if kind == "point":
        _layer(symbol, "SimpleMarker", look.colour, _marker(look, size_mm))
        return symbol
    if look.ground:
        _layer(symbol, "SimpleFill", look.ground, {"style": "solid"})
    _layer(symbol, "SimpleFill", look.colour, {"style": look.brush})
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


def _marker(look: Look, size_mm: float) -> dict[str, str]:
    """Give a point another shape where an area has another brush."""
    shapes = {"solid": "circle", "horizontal": "diamond", "f_diagonal": "square"}
    name = shapes.get(look.brush, "triangle")
    return {"name": name, "size": f"{size_mm:g}", "size_unit": "MM"}


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"
