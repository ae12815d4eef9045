"""Read a checklist file and hold it to its schema, naming the line and the key of a mistake.

The schema is the three tables below. ``tomllib`` does not tell where a value stood, so a small
scanner finds the line of every header and key; it is used for messages only.
"""

from __future__ import annotations

import re
import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from quarterhour.errors import ChecklistError
from quarterhour.standards import patterns

Table = dict[str, Any]
Form = Literal["text", "number", "whole", "flag", "texts", "pattern", "tags", "codes"]


@dataclass(frozen=True)
class Key:
    """What may stand behind one key of a checklist file."""

    form: Form = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()
    recognition: bool = False  # taken over from another item by ``like``
    most: float = 1e6  # of a number; what is beyond is a slip of the keyboard


_STATUS = ("verified", "unverified")

CHECKLIST: Mapping[str, Key] = {
    "key": Key(needed=True),
    "zh": Key(needed=True),
    "en": Key(needed=True),
    "status": Key(needed=True, choices=_STATUS),
    "citation": Key(needed=True),
    "country": Key(),
    "note": Key(),
    "missing": Key(),
    "extends": Key(),
    "like": Key(),
    "global_exclude": Key("pattern"),
    "typecode_veto": Key("codes"),
    "osm_veto": Key("tags"),
}
GROUP: Mapping[str, Key] = {
    "key": Key(needed=True),
    "zh": Key(needed=True),
    "en": Key(needed=True),
}
ITEM: Mapping[str, Key] = {
    "key": Key(needed=True),
    "zh": Key(needed=True),
    "en": Key(needed=True),
    "group": Key(needed=True),
    "kind": Key(needed=True, choices=("public", "volunteer", "commercial", "specialised")),
    "checkability": Key(needed=True, choices=("A", "B", "C", "D")),
    "form": Key(choices=("point", "room", "area", "object", "service")),
    "limit_minutes": Key("number", most=24 * 60),
    "limit_m": Key("number", most=100_000),
    "at_least": Key("whole", most=1_000),
    "weight": Key("number"),
    "required": Key("flag"),
    "any_of": Key("texts"),
    "parts": Key("texts"),
    "tier": Key(),
    "citation": Key(needed=True),
    "status": Key(needed=True, choices=_STATUS),
    "note": Key(),
    "like": Key(),
    "osm": Key("tags", recognition=True),
    "osm_confidence": Key(choices=("medium", "low", "very low"), recognition=True),
    "osm_proxy": Key("tags", recognition=True),
    "access_exclude": Key("texts", recognition=True),
    "amap": Key("codes", recognition=True),
    "amap_needs_name": Key("codes", recognition=True),
    "amap_exclude": Key("codes", recognition=True),
    "veto_except": Key("codes", recognition=True),
    "include_typed": Key("pattern", recognition=True),
    "include": Key("pattern", recognition=True),
    "exclude": Key("pattern", recognition=True),
}
HOST: Mapping[str, Key] = {
    "hosts": Key("texts", needed=True),
    "implies": Key("texts", needed=True),
    "strength": Key("number", needed=True, most=1),
    "basis": Key(needed=True, choices=("sourced", "judgement")),
    "citation": Key(needed=True),
}
REMOVED: Mapping[str, Key] = {"key": Key(needed=True), "why": Key(needed=True)}

_TABLES: Mapping[str, Mapping[str, Key]] = {
    "groups": GROUP,
    "items": ITEM,
    "hosts": HOST,
    "removed": REMOVED,
}
_SINGULAR = {"groups": "group", "items": "item", "hosts": "host rule", "removed": "removed item"}
_TAG = re.compile(r"[^=&\s][^=&]*=[^=&]*[^=&\s]( & [^=&\s][^=&]*=[^=&]*[^=&\s])*|[^=&\s]+=\*")
_CODE = re.compile(r"\d{1,6}")


@dataclass(frozen=True)
class Document:
    """One checklist file: its tables, and where each key stands in it."""

    name: str
    top: Table
    defaults: Table
    tables: Mapping[str, list[Table]]
    lines: Mapping[tuple[str, int, str], int] = field(repr=False)

    def error(self, table: str, row: int, key: str, what: str) -> ChecklistError:
        """Return the error that says on which line and at which key `what` is wrong."""
        line = self.lines.get((table, row, key)) or self.lines.get((table, row, ""))
        place = f"{self.name}, line {line}" if line else self.name
        owner = ""
        if table in self.tables and row < len(self.tables[table]):
            label = self.tables[table][row].get("key")
            name = f"`{label}`" if isinstance(label, str) else f"no. {row + 1}"
            owner = f" of {_SINGULAR[table]} {name}"
        return ChecklistError(f"{place}: key `{key}`{owner}: {what}")


def parse(text: str, name: str) -> Document:
    """Return the tables of a checklist file, every value checked against the schema."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChecklistError(f"{name}: not valid TOML: {error}.") from None
    except RecursionError:
        raise _unreadable(text, name, "is nested too deep to be read") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise _unreadable(text, name, f"cannot be read: {error}") from None
    tables = {table: raw.pop(table, []) for table in _TABLES}
    defaults = raw.pop("defaults", {})
    document = Document(name, raw, defaults, tables, _line_numbers(text))
    for table, rows in tables.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise document.error(
                "", 0, table, f"must be written as [[{table}]], one header for each entry."
            )
    if not isinstance(defaults, dict):
        raise document.error("", 0, "defaults", "must be a table headed [defaults].")
    _check(document, "", 0, raw, CHECKLIST)
    _check(document, "defaults", 0, defaults, ITEM, complete=False)
    _check_rows(document)
    return document


def complaint(key: str, value: object) -> str | None:
    """Say what is wrong with an item's value that is given in Python, or nothing."""
    rule = ITEM[key]
    if value is None or value in ("", (), []) or rule.form in ("text", "flag"):
        return None
    return _complaint(list(value) if isinstance(value, tuple) else value, rule)


def _check_rows(document: Document) -> None:
    # An item of a file that extends another may be a few changed keys of an inherited one.
    extends = "extends" in document.top
    for table, rows in document.tables.items():
        schema = _TABLES[table]
        seen: dict[str, int] = {}
        for number, row in enumerate(rows):
            full = {**document.defaults, **row} if table == "items" else row
            _check(document, table, number, full, schema, complete=not (extends and "key" in row))
            label = row.get("key")
            if label in seen:
                first = document.lines.get((table, seen[label], "key"), "?")
                what = f"`{label}` is there twice; the first stands on line {first}."
                raise document.error(table, number, "key", what)
            if isinstance(label, str):
                seen[label] = number


def _check(
    document: Document,
    table: str,
    row: int,
    values: Table,
    schema: Mapping[str, Key],
    *,
    complete: bool = True,
) -> None:
    for key, value in values.items():
        if key not in schema:
            near = get_close_matches(key, schema, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" Known keys: {', '.join(schema)}."
            raise document.error(table, row, key, f"unknown key.{hint}")
        wrong = _complaint(value, schema[key])
        if wrong:
            raise document.error(table, row, key, wrong)
    if complete:
        for key, rule in schema.items():
            if rule.needed and key not in values:
                raise document.error(table, row, key, "missing; it has to be given.")


def _complaint(value: object, rule: Key) -> str | None:
    """Say what is wrong with a value, or nothing."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    wrong: str | None = None
    if rule.choices:
        wrong = None if value in rule.choices else f"must be one of {', '.join(rule.choices)}"
    elif rule.form == "text":
        good = isinstance(value, str) and (value.strip() != "" or not rule.needed)
        wrong = None if good else "must be a text that says something"
    elif rule.form == "flag":
        wrong = None if isinstance(value, bool) else "must be true or false"
    elif rule.form == "whole":
        good = isinstance(value, int) and number and 1 <= value <= rule.most
        wrong = None if good else f"must be a whole number from 1 to {rule.most:,.0f}"
    elif rule.form == "number":
        good = isinstance(value, int | float) and number and 0 < value <= rule.most
        wrong = None if good else f"must be a number above 0, at most {rule.most:,.0f}"
    elif rule.form == "pattern":
        return _pattern_complaint(value)
    else:
        return _list_complaint(value, rule)
    return f"{wrong}; found {_found(value)}." if wrong else None


def _found(value: object) -> str:
    """Show a value that is wrong, however long or deep it is."""
    try:
        return reprlib.repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a number of thousands of digits"


def _pattern_complaint(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be a regular expression in quotes; found {_found(value)}."
    return patterns.complaint(value)


def _list_complaint(value: object, rule_of: Key) -> str | None:
    form = rule_of.form
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        return f'must be a list of texts such as ["a", "b"]; found {_found(value)}.'
    if rule_of.needed and not value:
        return "must name at least one; the list is empty."
    if form == "tags":
        bad = [entry for entry in value if not _TAG.fullmatch(entry)]
        rule = "key=value, key=* or key=value & key=value"
    elif form == "codes":
        bad = [entry for entry in value if not _CODE.fullmatch(entry)]
        rule = "the first one to six digits of an Amap typecode"
    else:
        bad = [entry for entry in value if not any(map(str.isalnum, entry))]
        rule = "a text that names something"
    return f"each entry must be {rule}; found {bad[0]!r}." if bad else None


def _unreadable(text: str, name: str, what: str) -> ChecklistError:
    """Name the line that is most nested or longest, and the key that it belongs to."""
    rest, deepest, key, found = _Rest(), (0, 0), "", (1, "")
    for number, line in enumerate(text.splitlines(), start=1):
        assign = None if rest.open else _ASSIGN.match(line)
        key = assign[1] if assign else key
        rest.read(line[assign.end() :] if assign else line)
        if (rest.deepest, len(line)) > deepest:
            deepest, found = (rest.deepest, len(line)), (number, key)
    return ChecklistError(f"{name}, line {found[0]}: key `{found[1]}`: {what}.")


_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_ASSIGN = re.compile(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')\s*=\s*")


def _line_numbers(text: str) -> dict[tuple[str, int, str], int]:
    """Return the line of every (table, position in its list, key); the header has key ""."""
    lines: dict[tuple[str, int, str], int] = {}
    counts: dict[str, int] = {}
    table, row = "", 0
    rest = _Rest()
    for number, line in enumerate(text.splitlines(), start=1):
        if rest.open:
            rest.read(line)
        elif (header := _HEADER.match(line)) is not None:
            table = header[1]
            row = counts.get(table, 0)
            counts[table] = row + 1
            lines[table, row, ""] = number
            lines.setdefault(("", 0, table), number)
        elif (assign := _ASSIGN.match(line)) is not None:
            lines[table, row, assign[1].strip("\"'")] = number
            rest.read(line[assign.end() :])
    return lines


class _Rest:
    """Whether a value that began on an earlier line goes on: in a list or a long string."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self.deepest = 0

    @property
    def open(self) -> bool:
        return self._depth > 0 or len(self._quote) == 3

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self._quote:
                if self._quote[0] == '"' and line[at] == "\\":
                    at += 1
                elif line.startswith(self._quote, at):
                    at += len(self._quote) - 1
                    self._quote = ""
            elif line[at] == "#":
                break
            elif line[at] in "\"'":
                self._quote = line[at] * 3 if line.startswith(line[at] * 3, at) else line[at]
                at += len(self._quote) - 1
            else:
                self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(line[at], 0)
                self.deepest = max(self.deepest, self._depth)
            at += 1
        if len(self._quote) == 1:
            self._quote = ""
