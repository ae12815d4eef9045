"""All that the readers notice about some files, before anything is scored.

Each file is read as what it is: an extract, streets, a checklist, or one of the tables. What was
left out, guessed, doubted or refused is a finding. Then the files are held beside each other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.errors import DatumError, InputError, QuarterhourError, QuarterhourWarning
from quarterhour.places.datum import needs_datum
from quarterhour.places.duplicates import duplicates_of
from quarterhour.places.notes import Note
from quarterhour.places.origins import origins
from quarterhour.sources import noticed_beside as beside
from quarterhour.sources.noticed_names import of_texts
from quarterhour.sources.osm.read import City, read_osm
from quarterhour.sources.overture.files import kinds_in
from quarterhour.sources.overture.read import read_overture
from quarterhour.sources.tables import read as tables
from quarterhour.sources.tables.vector_files import edges_layer
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify
from quarterhour.standards.usual import IN_CHINA, usual_checklist
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.detect_datum import contradiction
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import SNAP_LIMIT_M, in_crs_of

Level = Literal["error", "warning", "note"]
KINDS = ("areas", "facilities", "buildings", "gates", "network", "checklist")
"""What a file may be said to be; an extract, and files of Overture Maps, say it themselves."""

_NAMED = {
    "buildings": ("building", "footprint", "楼", "建筑", "房屋"),
    "gates": ("gate", "entrance", "大门", "出入口"),
    "network": ("street", "road", "network", "道路", "路网"),
    "areas": ("area", "compound", "communit", "小区", "社区"),
}
_CITIES: Mapping[str, Callable[[str], City]] = {"extract": read_osm, "overture": read_overture}
_TABLES = ("areas", "facilities", "buildings", "gates")
FEW = 0.05
"""A share that is noted; a larger one is to be mended."""

_LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed: an error (cannot be read), a warning (mend it), or a note."""

    file: str
    level: Level
    text: str


@dataclass
class Noticed:
    """What was read of some files, and all findings."""

    findings: list[Finding] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)

    def say(self, file: str, level: Level, text: object) -> None:
        """Add a finding, once: what is said twice is said at its higher level."""
        line = _one_line(str(text))
        finding = Finding(file, level, text if isinstance(text, Note) and text == line else line)
        for at, other in enumerate(self.findings):
            if (other.file, other.text) == (file, finding.text):
                if _LEVELS.index(level) < _LEVELS.index(other.level):
                    self.findings[at] = finding
                return
        self.findings.append(finding)

    @contextmanager
    def listening(self, file: str) -> Iterator[None]:
        """Turn what is warned of and refused into findings about a file."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", QuarterhourWarning)
            try:
                yield
            except QuarterhourError as error:
                self.say(file, "error", error)
            except OSError as error:
                self.say(file, "error", f"It cannot be read: {error.strerror or error}.")
        for one in caught:
            self.say(file, "warning", one.message)

    @property
    def sound(self) -> bool:
        """Whether there is nothing to mend."""
        return all(finding.level == "note" for finding in self.findings)


def notice(
    files: Sequence[str],
    *,
    datum: str | None = None,
    facilities_datum: str | None = None,
    ways: Mapping[str, Mapping[str, Any]] | None = None,
    checklist: str | None = None,
) -> Noticed:
    """
    Read files and say all that is noticed.

    Parameters
    ----------
    files
        Paths, each with what it is before it if that is not plain (``"gates:a.csv"``).
    datum, facilities_datum
        Datum of the tables, and of the facilities if it is another one.
    ways
        How the table of a kind is read: its layer, columns, crs.
    checklist
        Whose items are looked for in the facilities, if no file is a checklist; none: that of where
        the areas, or else the facilities, lie.

    Returns
    -------
    Noticed
        Every finding, with the file that it is about.
    """
    told = Noticed()
    for given in files:
        said, path = _said(given)
        with told.listening(path):
            if not Path(path).exists():
                msg = f"There is no file {path}."
                raise InputError(msg)
            kind = said or kind_of(path)
            told.kinds[path] = kind
            own = facilities_datum if kind == "facilities" and facilities_datum else datum
            _take_on(told, path, kind, own, dict((ways or {}).get(kind, {})))
    with told.listening(checklist or ""):
        wanted = told.found.get("checklist", ("", None))[1]
        wanted = wanted or Checklist.load(checklist or _usual(told))
        _beside_each_other(told, wanted)
    return told


def _usual(told: Noticed) -> str:
    there = (told.found[name][1] for name in ("areas", "facilities") if name in told.found)
    return next((usual_checklist(one) for one in there if len(one)), IN_CHINA)


def _said(given: str) -> tuple[str | None, str]:
    kind, colon, path = given.partition(":")
    return (kind, path) if colon and kind in KINDS else (None, given)


def kind_of(path: str) -> str:
    """
    Say what a file is, by its name and, where that does not tell, by what it holds.

    Examples
    --------
    >>> kind_of("town.osm.pbf"), kind_of("mine.toml"), kind_of("gates.csv")
    ('extract', 'checklist', 'gates')
    """
    if held := kinds_in(Path(path)):
        return "overture" if "segment" in held else "facilities"
    name = path.lower()
    for kind, endings in (
        ("extract", tables.OSM),
        ("checklist", (".toml",)),
        ("network", (".npz", ".graphml")),
    ):
        if name.endswith(endings):
            return kind
    for kind, words in _NAMED.items():
        if any(word in Path(name).name for word in words):
            return kind
    return _kind_by_shape(path)


def _kind_by_shape(path: str) -> str:
    """Lines are streets, polygons areas or buildings, and all else are facilities."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            shapes = tables.read_facilities(path, datum="wgs84")
        except QuarterhourError:
            graph = edges_layer(path) is not None
            return "network" if graph else "facilities"  # which says what is wrong with it
    if shapes.geom_type.isin(_LINES).mean() > 0.5:
        return "network"
    if not shapes.geom_type.isin(["Polygon", "MultiPolygon"]).mean() > 0.5:
        return "facilities"
    if {"amenity", "shop", "typecode"} & set(shapes.columns):
        return "facilities"
    return "buildings" if {"building", "levels"} & set(shapes.columns) else "areas"


def _one_line(text: str) -> str:
    """Return a sentence with single spaces, and with what cannot be seen written out."""
    text = " ".join(text.split())
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def _take_on(told: Noticed, path: str, kind: str, datum: str | None, ways: dict[str, Any]) -> None:
    """Read one file; where only its datum is in doubt, say so and read on to tell the rest."""
    try:
        _take(told, path, kind, datum, ways)
    except DatumError as error:
        told.say(path, "error", error)
        try:
            _take(told, path, kind, "wgs84" if datum is None else None, ways)
        except DatumError:
            return
        how = "as wgs84" if datum is None else "as the table says itself"
        sentence = f"It is read on {how}, so that all else can be told."
        note = Note("read_on_wgs84" if datum is None else "read_on_own", sentence)
        told.say(path, "note", note)


def _take(told: Noticed, path: str, kind: str, datum: str | None, ways: dict[str, Any]) -> None:
    """Read one file as what it is, and keep what was read by its kind."""
    if kind in _CITIES:
        city = _CITIES[kind](path)
        for note in city.notes:
            told.say(path, "note", note)
        for name in _TABLES:
            told.found.setdefault(name, (path, getattr(city, name)))
            _texts_of(told, path, getattr(city, name))
        told.found.setdefault("network", (path, city.streets))
        return
    if kind == "checklist":
        told.found[kind] = (path, Checklist.load(path))
        return
    if kind == "network":
        own = path.lower().endswith((".npz", ".graphml", *tables.OSM))
        streets = tables.read_network(path, datum=None if own else datum, **ways)
        told.found[kind] = (path, streets)
        told.drawn |= {path} if not own else set()
        return
    readers: dict[str, Callable[..., gpd.GeoDataFrame]] = {
        "areas": tables.read_areas,
        "facilities": tables.read_facilities,
        "buildings": tables.read_buildings,
        "gates": tables.read_gates,
    }
    table = readers[kind](path, datum=datum, **ways)
    for note in table.attrs.get("notes", []):
        told.say(path, "note", note)
    _texts_of(told, path, table)
    told.found[kind] = (path, table)


def _texts_of(told: Noticed, path: str, table: pd.DataFrame) -> None:
    for sentence in of_texts(table):
        told.say(path, "note", sentence)


def _beside_each_other(told: Noticed, checklist: Checklist) -> None:
    """Hold the tables to themselves, to the streets and to each other."""
    if "network" in told.found:
        path, network = told.found["network"]
        with told.listening(path):
            _topology(told, path, network)
        for name in _TABLES:
            if name in told.found:
                _on_streets(told, name, network)
    for name in _TABLES:
        if name in told.found and "network" not in told.found and len(told.found[name][1]):
            _axes(told, name, np.ones(len(told.found[name][1]), dtype=bool), None)
    if "facilities" in told.found:
        path, places = told.found["facilities"]
        with told.listening(path):
            _places(told, path, places, checklist)
    if "areas" in told.found:
        path, areas = told.found["areas"]
        others = [told.found.get(name, ("", None))[1] for name in ("buildings", "gates")]
        with told.listening(path):
            if len(areas):
                homes = origins(areas, *others)
                one_file = told.found.get("gates", (path, None))[0] == path
                apart = None if one_file else others[1]
                for fault, sentence in beside.of_areas(areas, homes, apart):
                    told.say(path, "warning" if fault else "note", sentence)
                if {"network", "facilities"} <= set(told.found):
                    _behind_walls(told, areas, homes)


def _behind_walls(told: Noticed, areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> None:
    """Say which facilities are walked to through the gates of a compound."""
    path, places = told.found["facilities"]
    network = told.found["network"][1]
    if places.empty:
        return
    for note in reached_by_gates(places, closed_compounds(areas, homes, network), network)[1]:
        told.say(path, "note", note)


def _topology(told: Noticed, path: str, network: WalkNetwork) -> None:
    report = network.component_summary()
    alone = report["total_m"] - report["largest_m"]
    level: Level = "note" if report["largest_share"] >= 1.0 - FEW else "warning"
    if report["components"] > 1:
        sentence = (
            "The streets fall into {0:,.0f} parts that are not joined; {1:,.1f} of {2:,.1f} km are "
            "not joined to the largest."
        )
        parts, whole = report["components"], report["total_m"] / 1000
        told.say(path, level, Note("streets_in_parts", sentence, parts, alone / 1000, whole))
    for note in filter(None, network.metadata.get("notes", "").split("\n")):
        told.say(path, "note", note)
    told_of = beside.of_streets(
        network,
        of_extract=told.kinds.get(path) in _CITIES,
        drawn_by_hand=path in told.drawn,
    )
    for fault, sentence in told_of:
        told.say(path, "warning" if fault else "note", sentence)


def _on_streets(told: Noticed, name: str, network: WalkNetwork) -> None:
    """Hold a table to the streets: its datum, its levels, and what lies far from all of them."""
    path, table = told.found[name]
    if table.empty:
        return
    shapes = in_crs_of(table, network, name)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    led = beside.nearest_on_other_levels(shapes[there], network)
    if led:
        sentence = (
            "{0:,} of {1:,} {2} lie nearest to a street below or above the ground: they are joined "
            "to the nearest one on it."
        )
        told.say(path, "note", Note("nearest_off_ground", sentence, led, there.sum(), name))
    if path == told.found["network"][0]:
        return
    with told.listening(path):
        doubt = contradiction(table, network) if needs_datum(table) else None
        if doubt:
            told.say(path, "warning", doubt)
        near = shapely.STRtree(network.lines).query(shapes, "dwithin", distance=SNAP_LIMIT_M)[0]
        lost = there.copy()
        lost[near] = False
        _axes(told, name, lost, network)
        if name in ("areas", "facilities") and lost.any():
            sentence = (
                "{0:,} of {1:,} {2} lie farther than {3:g} m from every street: no walk reaches "
                "them, if not through the gates of a compound."
            )
            n, of = lost.sum(), there.sum()
            note = Note("far_streets", sentence, n, of, name, SNAP_LIMIT_M)
            told.say(path, "note" if name == "facilities" and n < FEW * of else "warning", note)


def _axes(told: Noticed, name: str, lost: Any, network: WalkNetwork | None) -> None:
    """Say where longitude and latitude are exchanged."""
    path, table = told.found[name]
    count, first = beside.exchanged_axes(table, lost, network)
    if count:
        here = "the streets" if network is not None else "the other rows"
        sentence = (
            f"{{0:,}} of {{1:,}} {{2}} would lie at {here} if their longitude and latitude were "
            "exchanged; the first lies at longitude, latitude {3}."
        )
        note = Note(
            "axes_of_rows" if network is None else "axes_of_streets",
            sentence,
            count,
            len(table),
            name,
            first,
        )
        told.say(path, "warning", note)


def _places(told: Noticed, path: str, places: gpd.GeoDataFrame, checklist: Checklist) -> None:
    """Count what is listed twice and what serves no item."""
    if places.empty:
        return
    for reason, count in duplicates_of(places)["reason"].value_counts().items():
        words = {"duplicate": "are places listed already", "entrance": "are entrances of others"}
        sentence = f"{{0:,}} of {{1:,}} rows {words[str(reason)]}."
        told.say(path, "note", Note(f"rows_{reason}", sentence, count, len(places)))
    serving = classify(places, checklist)["facility"].nunique()
    level: Level = "note" if serving else "warning"
    sentence = "{0:,} of {1:,} facilities serve an item of {2}."
    note = Note("facilities_serving", sentence, serving, len(places), checklist.key)
    told.say(path, level, note)
