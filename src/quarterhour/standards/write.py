"""Write a checklist to a TOML file that says all of it, whatever it was built upon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from quarterhour.atomic import whole_file
from quarterhour.standards.items import Item, Lines
from quarterhour.standards.schema import CHECKLIST

_DEFAULTS = {f.name: f.default for f in fields(Item)}


def write(checklist: Lines, path: Path) -> Path:
    """Write a checklist; see :meth:`quarterhour.Checklist.save`."""
    own = {key: getattr(checklist, key) for key in CHECKLIST if hasattr(checklist, key)}
    lines = _pairs({key: value for key, value in own.items() if value})
    # Only a file that extends another can remove lines, so that here it is told, not done.
    lines += [f"# left out: {key}: {' '.join(why.split())}" for key, why in checklist.removed]
    tables = [("groups", group) for group in checklist.groups]
    for name, row in tables + [("items", item) for item in checklist.items]:
        lines += ["", f"[[{name}]]", *_pairs(_own(asdict(row)))]
    for rule in checklist.hosts:
        lines += ["", "[[hosts]]", *_pairs(asdict(rule))]
    with whole_file(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not given, or is what a reader assumes anyway."""
    kept = {
        key: value
        for key, value in values.items()
        if value is not None and (key == "status" or value != _DEFAULTS.get(key))
    }
    if "limit_m" in kept:  # metres outrank minutes, and a file gives one of them
        kept.pop("limit_minutes", None)
    return kept


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_text(value)}" for key, value in values.items()]


def _text(value: Any) -> str:
    """Write a value; strings and lists of them look the same in JSON and in TOML."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(_text(entry) for entry in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
