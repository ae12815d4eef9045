"""Download a place from OpenStreetMap into one file that `read_osm` reads.

This is the only module that may go online. OSMnx looks the place up and asks the Overpass server;
its answers are kept as they are (every tag of every object) and written as an extract, so that the
same file gives the same result for ever.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import shapely
from osmium.osm import Box, Location, mutable

from quarterhour.errors import InputError, OutputError, QuarterhourError

if TYPE_CHECKING:
    import requests

FORMATS = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")
_KEYS = (
    "highway building amenity shop leisure healthcare office craft tourism landuse place barrier "
    "entrance public_transport railway social_facility community_centre club sport emergency "
    "historic man_made recycling_type advertising information government education"
)
KEYS = tuple(_KEYS.split())
METRES_PER_DEGREE = 111_195.0
_BUSY = (429, 504)

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Servers:
    """
    Where to ask, and how patiently.

    Attributes
    ----------
    overpass_url, nominatim_url
        Base addresses; None takes those that OSMnx is set to.
    timeout_s
        How long to wait for an answer, and how long the Overpass server may work on it.
    tries
        How often to ask a server that says it is busy; OSMnx waits 55 s in between.
    """

    overpass_url: str | None = None
    nominatim_url: str | None = None
    timeout_s: int = 180
    tries: int = 3


def fetch(
    place: str | tuple[float, float],
    out: str | Path,
    *,
    distance_m: float | None = None,
    margin_m: float = 1_500.0,
    servers: Servers | None = None,
) -> Path:
    """
    Download a place: its streets, facilities, residential areas, buildings and gates.

    Parameters
    ----------
    place
        A name that OpenStreetMap knows ("东城区, 北京"), or a point as (lon, lat) in WGS 84.
    out
        The file to write: .osm.pbf (keeps the time of the data), .osm, .osm.gz or .osm.bz2.
        It is complete or not there.
    distance_m
        Take the square of this half-width round the place; needed for a point. Without it, the
        box round the outline of the place.
    margin_m
        Take so much more on every side, so that walks across the border are seen; 1,500 m is a
        quarter-hour and the way to the street.
    servers
        Other servers than the public ones, timeouts and patience.

    Returns
    -------
    path
        The file written; read it with `quarterhour.read_osm`.

    Raises
    ------
    InputError
        If the place is not found, or there is nothing there.
    OutputError
        If the file cannot be written.
    QuarterhourError
        If a server cannot be reached, is busy, or gives up.
    """
    path = Path(out)
    _check_out(path)
    collected = _Collected((servers or Servers()).tries)
    with _online(servers or Servers(), collected):
        bounds = grown(_bounds(place, distance_m), margin_m)
        _download(bounds)
    if not collected.elements:
        raise InputError(f"OpenStreetMap has nothing at {place!r} (box {_degrees(bounds)}).")
    _write(collected, bounds, path)
    return path


def bounds_of(
    place: str | tuple[float, float],
    *,
    distance_m: float | None = None,
    margin_m: float = 1_500.0,
    servers: Servers | None = None,
) -> Bounds:
    """
    Give the box of a place, as :func:`fetch` would download it.

    Parameters
    ----------
    place, distance_m, margin_m, servers
        As there. A point needs nobody online.

    Returns
    -------
    bounds
        West, south, east, north.
    """
    asked = servers or Servers()
    with _online(asked, _Collected(asked.tries)):
        return grown(_bounds(place, distance_m), margin_m)


def grown(bounds: Bounds, margin_m: float) -> Bounds:
    """
    Return a box of degrees with so many metres more on each side.

    Parameters
    ----------
    bounds
        West, south, east, north.
    margin_m
        Metres.

    Returns
    -------
    bounds
        The larger box.
    """
    west, south, east, north = bounds
    up = margin_m / METRES_PER_DEGREE
    aside = up / np.cos(np.radians(max(abs(south), abs(north))))
    return (float(west - aside), float(south - up), float(east + aside), float(north + up))


@dataclass
class _Collected:
    """The answers of the Overpass server, and how often a server was busy."""

    tries: int
    elements: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    osm_base: str = ""
    busy: int = 0

    def take(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Look at a response before OSMnx does: its failures are ours to explain."""
        host = response.url.split("/")[2]
        if response.status_code in _BUSY:
            self.busy += 1
            if self.busy < self.tries:
                return  # OSMnx waits and asks again
            raise QuarterhourError(
                f"{host} is busy (HTTP {response.status_code}) and was asked {self.busy} time(s). "
                "Try again later, take a smaller place, or name another server."
            )
        if response.status_code >= 400:
            said = " ".join(response.text.split())[:200]
            raise QuarterhourError(f"{host} refused (HTTP {response.status_code}): {said}")
        if response.ok and response.request.method == "POST":
            self._take_elements(_json_of(response, host), host)

    def _take_elements(self, answer: Any, host: str) -> None:
        if not isinstance(answer, dict) or "elements" not in answer:
            raise QuarterhourError(f"{host} did not answer with OpenStreetMap data.")
        if "remark" in answer:
            raise QuarterhourError(
                f"{host} gave up half-way ({answer['remark']}); what it sent is incomplete. "
                "Take a smaller place or a longer timeout."
            )
        self.osm_base = answer.get("osm3s", {}).get("timestamp_osm_base", self.osm_base)
        for element in answer["elements"]:
            key = (element["type"], int(element["id"]))
            if key not in self.elements or "tags" in element:
                self.elements[key] = element


def _json_of(response: requests.Response, host: str) -> Any:
    try:
        return response.json()
    except ValueError as error:
        said = " ".join(response.text.split())[:200]
        raise QuarterhourError(f"{host} did not answer with JSON but with: {said}") from error


@contextlib.contextmanager
def _online(servers: Servers, collected: _Collected) -> Iterator[None]:
    """Set OSMnx for one download, and put its settings back; explain when a server is away."""
    import osmnx  # noqa: PLC0415 - loads slowly, and only here
    import requests  # noqa: PLC0415

    wanted: dict[str, Any] = {
        # Download, keep nothing and build nothing: the answers are taken by the hook.
        "cache_only_mode": True,
        "use_cache": False,
        # A single query is asked; the server answers 429 if there is no slot for it.
        "overpass_rate_limit": False,
        "doh_url_template": None,
        "requests_timeout": servers.timeout_s,
        "requests_kwargs": {
            **osmnx.settings.requests_kwargs,
            "hooks": {"response": collected.take},
        },
    }
    if servers.overpass_url is not None:
        wanted["overpass_url"] = servers.overpass_url
    if servers.nominatim_url is not None:
        wanted["nominatim_url"] = servers.nominatim_url
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    look_up = socket.getaddrinfo  # OSMnx puts a function of its own there
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    except requests.exceptions.Timeout as error:
        raise QuarterhourError(
            f"The server did not answer within {servers.timeout_s} s. "
            "Take a smaller place or a longer timeout."
        ) from error
    except requests.exceptions.RequestException as error:
        request = error.request
        where = str(request.url).split("?", maxsplit=1)[0] if request is not None else "the server"
        raise QuarterhourError(
            f"{where} cannot be reached ({type(error).__name__}). Is the machine online?"
        ) from error
    finally:
        socket.getaddrinfo = look_up
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _bounds(place: str | tuple[float, float], distance_m: float | None) -> Bounds:
    """Return the box of a place."""
    import osmnx  # noqa: PLC0415

    if distance_m is not None and distance_m <= 0:
        raise InputError(f"distance_m has to be more than 0, not {distance_m:g}.")
    if not isinstance(place, str):
        if distance_m is None:
            raise InputError("A point needs distance_m: how far round it to download.")
        lon, lat = place
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise InputError(f"{place} is not a point as (lon, lat) in degrees.")
        return grown((lon, lat, lon, lat), distance_m)
    try:
        if distance_m is not None:
            lat, lon = osmnx.geocode(place)
            return grown((lon, lat, lon, lat), distance_m)
        box = osmnx.geocode_to_gdf(place).total_bounds
    except QuarterhourError:
        raise
    except ValueError as error:  # OSMnx's error of an answer without a place is one
        raise InputError(
            f"OpenStreetMap knows no place called {place!r}. Check the spelling, add the city or "
            "country, or pass a point as (lon, lat) and distance_m."
        ) from error
    except TypeError as error:
        raise InputError(
            f"{place!r} is a point on the map and has no outline; pass distance_m."
        ) from error
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def _download(bounds: Bounds) -> None:
    """Ask for everything with one of the keys in a box, and all that it consists of."""
    import osmnx  # noqa: PLC0415

    # OSMnx says by this that it has downloaded and, as told, does not build a table.
    with contextlib.suppress(InterruptedError):
        osmnx.features_from_polygon(shapely.box(*bounds), dict.fromkeys(KEYS, True))


def _check_out(path: Path) -> None:
    """Refuse a file that could not be written, before anything is downloaded."""
    if not path.name.lower().endswith(FORMATS):
        raise OutputError(f"{path} has to end in {', '.join(FORMATS)}.")
    if not path.parent.is_dir():
        raise OutputError(f"There is no folder {path.parent} to write {path.name} to.")
    if path.is_dir():
        raise OutputError(f"{path} is a folder.")


def _write(collected: _Collected, bounds: Bounds, path: Path) -> None:
    """Write the elements, nodes first, to a file beside the wanted one, and move it there."""
    header = osmium.io.Header()
    header.set("generator", "quarterhour fetch")
    header.add_box(Box(Location(*bounds[:2]), Location(*bounds[2:])))
    if collected.osm_base:
        header.set("osmosis_replication_timestamp", collected.osm_base)
    order = {"node": 0, "way": 1, "relation": 2}
    keys = sorted(collected.elements, key=lambda key: (order[key[0]], key[1]))
    try:
        with tempfile.TemporaryDirectory(prefix=".quarterhour-", dir=path.parent) as folder:
            part = Path(folder) / path.name
            with osmium.SimpleWriter(str(part), header=header) as writer:
                for key in keys:
                    _add(writer, collected.elements[key])
            part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _add(writer: osmium.SimpleWriter, element: dict[str, Any]) -> None:
    """Write one element of an Overpass answer."""
    osmid, tags = int(element["id"]), element.get("tags", {})
    if element["type"] == "node":
        place = (element["lon"], element["lat"])
        writer.add_node(mutable.Node(id=osmid, location=place, tags=tags))
    elif element["type"] == "way":
        writer.add_way(mutable.Way(id=osmid, nodes=element.get("nodes", []), tags=tags))
    else:
        members = [
            (member["type"][0], int(member["ref"]), member.get("role", ""))
            for member in element.get("members", [])
        ]
        writer.add_relation(mutable.Relation(id=osmid, members=members, tags=tags))


def _degrees(bounds: Bounds) -> str:
    return ", ".join(f"{value:.4f}" for value in bounds)
