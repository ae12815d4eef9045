"""What the commands do: read what they were given, assess it, write the results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError, OutputError

if TYPE_CHECKING:
    import geopandas as gpd

    from quarterhour.places.origins import At
    from quarterhour.scoring.scorecard import Scorecard
    from quarterhour.scoring.service import Mode
    from quarterhour.sources.osm.read import City
    from quarterhour.streets.network import WalkNetwork
    from quarterhour.walking.pace import Profile


@dataclass(frozen=True)
class Sources:
    """Where the inputs are: an OpenStreetMap extract, tables, or tables over an extract.

    ``datum`` is that of all the tables, ``facilities_datum`` that of the facilities where it
    is another one (compounds surveyed in WGS 84, facilities from Amap).
    """

    source: str | None = None
    areas: str | None = None
    facilities: str | None = None
    network: str | None = None
    buildings: str | None = None
    gates: str | None = None
    datum: str | None = None
    facilities_datum: str | None = None
    progress: bool = True


@dataclass(frozen=True)
class Choices:
    """How to assess: the words and defaults are those of ``quarterhour.assess``."""

    checklist: str = "beijing-2011"
    walker: str = "adult"
    speed_kmh: float | None = None
    origins_at: At = "residence"
    quota: float = 0.5
    surveyed: tuple[str, ...] = ()
    at: str | None = None
    contracted_only: bool = False
    mode: Mode = "function"


@dataclass(frozen=True)
class Inputs:
    """What was read, and what there is to tell about it."""

    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    network: WalkNetwork
    buildings: gpd.GeoDataFrame | None
    gates: gpd.GeoDataFrame | None
    notes: tuple[str, ...]


def say(text: str) -> None:
    """Tell the person waiting what is being done; results go elsewhere."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def read_inputs(sources: Sources) -> Inputs:
    """Read an extract, tables, or both: a table that is given takes the extract's place.

    Raises
    ------
    InputError
        If areas, facilities or streets come from nowhere, or a file cannot be read.
    """
    missing = [
        f"--{name}"
        for name in ("areas", "facilities", "network")
        if sources.source is None and getattr(sources, name) is None
    ]
    if missing:
        msg = (
            f"Nothing to read: give an OpenStreetMap extract (.osm.pbf, .osm), or "
            f"{', '.join(missing)}."
        )
        raise InputError(msg)
    given = ("source", "areas", "facilities", "network", "buildings", "gates")
    require_files(getattr(sources, name) for name in given)
    city = _read_city(sources)
    city_notes = list(city.notes) if city else []
    notes: list[str] = []

    def table(name: str) -> Any:
        path = getattr(sources, name)
        if path is None:
            return None if city is None else getattr(city, name)
        return _read_table(name, path, sources, notes)

    areas, facilities, buildings, gates = (
        table(name) for name in ("areas", "facilities", "buildings", "gates")
    )
    network = city.streets if city and not sources.network else _read_streets(sources, notes)
    if city is not None and sources.areas and not sources.buildings:
        notes.append("Buildings and gates are those of the extract.")
    return Inputs(areas, facilities, network, buildings, gates, (*city_notes, *notes))


def require_files(paths: Iterable[str | None]) -> None:
    """See that every file is there before the first, perhaps large, one is read.

    Raises
    ------
    InputError
        If one is not.
    """
    for path in paths:
        if path is not None and not Path(path).is_file():
            msg = f"There is no file {path}."
            raise InputError(msg)


def _read_city(sources: Sources) -> City | None:
    if sources.source is None:
        return None
    from quarterhour.sources.osm.read import read_osm  # noqa: PLC0415 - slow to load

    say(f"Reading {sources.source}")
    return read_osm(sources.source, progress=sources.progress)


def _read_table(name: str, path: str, sources: Sources, notes: list[str]) -> gpd.GeoDataFrame:
    from quarterhour.sources.tables import read as tables  # noqa: PLC0415 - slow to load

    say(f"Reading {path}")
    readers: dict[str, Callable[..., gpd.GeoDataFrame]] = {
        "areas": tables.read_areas,
        "facilities": tables.read_facilities,
        "buildings": tables.read_buildings,
        "gates": tables.read_gates,
    }
    datum = sources.datum
    if name == "facilities" and sources.facilities_datum is not None:
        datum = sources.facilities_datum
    found = readers[name](path, datum=datum)
    notes += [f"{name}: {note}" for note in found.attrs.get("notes", [])]
    return found


def _read_streets(sources: Sources, notes: list[str]) -> WalkNetwork:
    from quarterhour.sources.tables import read as tables  # noqa: PLC0415 - slow to load

    path = str(sources.network)
    say(f"Reading {path}")
    if not path.lower().endswith(tables.OSM):
        return read_streets(path, sources.datum)
    from quarterhour.sources.osm.read import read_osm  # noqa: PLC0415

    city = read_osm(path, progress=sources.progress)
    notes += [f"streets: {note}" for note in city.notes]
    return city.streets


def read_streets(path: str, datum: str | None) -> WalkNetwork:
    """Read streets that are no extract: a saved network, GraphML or lines (which need a datum).

    Raises
    ------
    QuarterhourError
        If they cannot be read.
    """
    from quarterhour.sources.tables import read as tables  # noqa: PLC0415 - slow to load

    own = path.lower().endswith((".npz", ".graphml"))
    return tables.read_network(path, datum=None if own else datum)


def require_sound(choices: Choices) -> None:
    """See before the long work that there is such a checklist and such a speed.

    Raises
    ------
    QuarterhourError
        If there is not.
    """
    from quarterhour.scoring.service import Rules  # noqa: PLC0415
    from quarterhour.standards.checklist import Checklist  # noqa: PLC0415 - slow to load

    profile_of(choices.walker, choices.speed_kmh)
    Rules.of(choices.at, contracted_only=choices.contracted_only, mode=choices.mode)
    checklist = Checklist.load(choices.checklist)
    for key in choices.surveyed:
        if key != "all":
            checklist[key]


def assess_inputs(inputs: Inputs, choices: Choices) -> Scorecard:
    """Assess what was read.

    Raises
    ------
    QuarterhourError
        Whatever :func:`quarterhour.assess` objects to.
    """
    from quarterhour.places.origins import origins  # noqa: PLC0415
    from quarterhour.scoring.assess import assess  # noqa: PLC0415 - slow to load
    from quarterhour.standards.checklist import Checklist  # noqa: PLC0415

    checklist = Checklist.load(choices.checklist)
    pace = profile_of(choices.walker, choices.speed_kmh)
    say(
        f"Assessing {len(inputs.areas):,} areas against {len(checklist)} items, "
        f"{len(inputs.facilities):,} facilities, {inputs.network.n_edges:,} pieces of street"
    )
    if inputs.areas.empty:
        msg = (
            "There is no residential area to assess: the extract maps neither residential areas "
            "nor buildings. Give your own with --areas."
        )
        raise InputError(msg)
    homes = origins(inputs.areas, inputs.buildings, inputs.gates, at=choices.origins_at)
    return assess(
        inputs.areas,
        inputs.facilities,
        inputs.network,
        checklist,
        origins=homes,
        pace=pace,
        quota=choices.quota,
        surveyed=choices.surveyed,
        at=choices.at,
        contracted_only=choices.contracted_only,
        mode=choices.mode,
    )


def profile_of(walker: str, speed_kmh: float | None = None) -> Profile:
    """Give a walker by name, at another speed than its own if one is given.

    Raises
    ------
    InputError
        If there is no such walker, or the speed is no walking speed.
    """
    from quarterhour.walking.pace import profile  # noqa: PLC0415 - slow to load

    if speed_kmh is None:
        return profile(walker)
    if not 0.36 <= speed_kmh <= 18.0:
        msg = f"--speed-kmh {speed_kmh:g} is no walking speed: give kilometres per hour (4.5)."
        raise InputError(msg)
    return profile(walker, speed_m_s=speed_kmh / 3.6)


def require_writable(folder: Path) -> None:
    """See before the long work that its results can be written; leave no trace.

    Raises
    ------
    OutputError
        If the folder is a file, or cannot be made or written to.
    """
    import tempfile  # noqa: PLC0415 - only when something is going to be written

    parent = folder
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        msg = f"Cannot write to the folder {folder}: {parent} is a file."
        raise OutputError(msg)
    try:
        with tempfile.NamedTemporaryFile(prefix=".quarterhour-", dir=parent):
            pass
    except OSError as error:
        msg = f"Cannot write to the folder {folder}: {error.strerror or error}."
        raise OutputError(msg) from error


def write_results(card: Scorecard, folder: Path) -> list[Path]:
    """Write the scorecard, its coverage, its gaps and a map: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.atomic import whole_folder  # noqa: PLC0415
    from quarterhour.outputs.figures.figures import plot_completeness  # noqa: PLC0415
    from quarterhour.scoring.coverage import coverage  # noqa: PLC0415
    from quarterhour.scoring.gaps import gaps  # noqa: PLC0415

    say(f"Writing to {folder}")
    with whole_folder(folder) as scratch:
        card.save(scratch)
        coverage(card).to_csv(scratch / "coverage.csv", index=False, encoding="utf-8-sig")
        gaps(card).to_csv(scratch / "gaps.csv", index=False, encoding="utf-8-sig")
        plot_completeness(card, scratch / "map.png")
        names = sorted(path.name for path in scratch.iterdir())
    return [folder / name for name in names]


CONTENT = {
    "areas.geojson": "areas with all results, WGS 84",
    "areas.gpkg": "the same for a GIS, in the CRS of the areas",
    "coverage.csv": "every coverage measure with numerator, denominator and unknown",
    "gaps.csv": "what is missing where, and for how many residents",
    "manifest.json": "versions, input digests and every parameter",
    "map.html": "electronic map: open it in a browser",
    "map.png": "map of completeness",
    "matches.csv": "which facility serves which item, on what evidence",
    "report.html": "check-up report in Chinese and English: open it in a browser",
    "results.csv": "one row per area and item: status, reason, share, minutes, facility",
    "summary.csv": "one row per area",
}
"""What is in the files that are written, in a few words each."""


def files_lines(files: list[Path]) -> list[str]:
    """List files with what is in them."""
    room = max(len(str(path)) for path in files)
    return [f"  {path!s:<{room}}  {CONTENT.get(path.name, '')}".rstrip() for path in files]
