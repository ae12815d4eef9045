"""Styles for QGIS (QML): categories with a colour and a brush, so that patterns tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from quarterhour.render.figures import COLOURS


class Look(NamedTuple):
    """How a category is drawn: its value, its label, a colour and a brush of Qt."""

    value: str
    label: str
    colour: str
    brush: str = "solid"


STATUS_LOOKS = (
    Look("met", "met 达标", "#2a6fa8"),
    Look("implied", "met (implied) 达标（推定）", "#2a6fa8", "horizontal"),
    Look("unmet", "unmet 未达标", "#c8640a", "f_diagonal"),
    Look("unknown", "unknown 未知", "#6b7280", "dense6"),
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
    looks.append(Look(nothing, "nothing known 没有已知项目", "#777777", "b_diagonal"))
    return _style(field, looks, kind)


def status_style(field: str, kind: str) -> str:
    """Draw a field with the status of an item; see :func:`class_style`."""
    return _style(field, STATUS_LOOKS, kind)


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
    SubElement(root, "blendMode").text = "0"
    geometry = SubElement(root, "layerGeometryType")
    geometry.text = "0" if kind == "point" else "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def _symbol(name: str, look: Look, kind: str) -> Element:
    sort = "marker" if kind == "point" else "fill"
    symbol = Element("symbol", type=sort, name=name, alpha="1", clip_to_extent="1")
    shape = "SimpleMarker" if kind == "point" else "SimpleFill"
    layer = SubElement(
        symbol, "layer", {"class": shape, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = {
        "color": _rgba(look.colour),
        "outline_color": "35,35,35,255",
        "outline_style": "solid",
        "outline_width": "0.26",
        "outline_width_unit": "MM",
    }
    options |= _marker(look) if kind == "point" else {"style": look.brush}
    held = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(held, "Option", type="QString", name=key, value=value)
    return symbol


def _marker(look: Look) -> dict[str, str]:
    """Give a point another shape where an area has another brush."""
    shapes = {"solid": "circle", "horizontal": "diamond", "f_diagonal": "square"}
    return {"name": shapes.get(look.brush, "triangle"), "size": "3", "size_unit": "MM"}


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"
