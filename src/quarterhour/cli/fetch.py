"""quarterhour fetch: a place from OpenStreetMap or Overture Maps; the one that goes online."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterhour.cli.options import WRITTEN, example, spoken_option
from quarterhour.cli.spoken import spoken, tell, word
from quarterhour.cli.streams import echo
from quarterhour.errors import InputError

if TYPE_CHECKING:
    from quarterhour.sources.osm.overpass import Servers
    from quarterhour.sources.overture.box import Box

KILOMETRES = 50.0
"""Below so many, a half-width in metres is likely to be in kilometres."""


@click.command(
    "fetch",
    short_help="Download a place from OpenStreetMap or Overture Maps.",
    epilog=example(
        'fetch "Kamppi, Helsinki" --out kamppi.osm.pbf',
        "fetch --from overture --out overture/ -- -105.30,39.95,-105.20,40.05",
    ),
)
@click.argument("place")
@click.option(
    "--out",
    type=WRITTEN,
    required=True,
    help="File to write: .osm.pbf, .osm, .osm.gz or .osm.bz2; of Overture Maps the folder.",
)
@click.option(
    "--from",
    "origin",
    type=click.Choice(("osm", "overture")),
    default="osm",
    show_default=True,
    help="Whose data: OpenStreetMap, or Overture Maps (by its own downloader, overturemaps).",
)
@click.option("--release", help="Which release of Overture Maps (the latest).")
@click.option("--distance-m", type=float, help="Half-width of a square round the place.")
@click.option(
    "--margin-m", type=float, default=1500.0, show_default=True, help="More on every side."
)
@click.option("--overpass-url", help="Another Overpass server than the public one.")
@spoken_option
@click.option("--nominatim-url", help="Another place search than the public one.")
def command(
    place: str,
    out: Path,
    origin: str,
    release: str | None,
    distance_m: float | None,
    margin_m: float,
    overpass_url: str | None,
    nominatim_url: str | None,
) -> None:
    """Download a place into one file, or a folder of Overture Maps, that `score` reads.

    PLACE is a name that OpenStreetMap knows, or a point as LON,LAT (with --distance-m); of Overture
    Maps also a box as WEST,SOUTH,EAST,NORTH. This is the only command that goes online.
    """
    from quarterhour.cli.delivery import require_writable
    from quarterhour.sources.osm import overpass

    if distance_m is not None and 0 < distance_m < KILOMETRES:
        msg = f"--distance-m {distance_m:g} is in metres: for kilometres say {distance_m * 1000:g}."
        raise InputError(msg)
    if release is not None and origin != "overture":
        msg = "--release is one of Overture Maps: say --from overture as well."
        raise InputError(msg)
    require_writable(out.parent)
    servers = overpass.Servers(overpass_url=overpass_url, nominatim_url=nominatim_url)
    if origin == "overture":
        box = _box_of(place, distance_m, margin_m, servers)
        _fetch_overture(box, out, release)
        return
    tell("asking_osm", {"place": place})
    path = overpass.fetch(
        point_of(place), out, distance_m=distance_m, margin_m=margin_m, servers=servers
    )
    echo(word(spoken(), "written_osm", {"path": path}))


def _fetch_overture(box: Box, out: Path, release: str | None) -> None:
    from quarterhour.sources.overture.download import fetch_overture

    told = ",".join(f"{value:.5f}" for value in box)
    tell("asking_overture", {"place": told})
    folder = fetch_overture(box, out, release=release)
    files = ", ".join(sorted(path.name for path in folder.glob("*.parquet")))
    echo(word(spoken(), "written_overture", {"path": folder, "files": files}))


def _box_of(place: str, distance_m: float | None, margin_m: float, servers: Servers) -> Box:
    """Give the box of a place; one that is given as a box is taken as it is."""
    from quarterhour.sources.osm.overpass import bounds_of

    try:
        west, south, east, north = (float(part) for part in place.split(","))
    except ValueError:
        at = point_of(place)
        return bounds_of(at, distance_m=distance_m, margin_m=margin_m, servers=servers)
    return west, south, east, north


def point_of(place: str) -> str | tuple[float, float]:
    """Read a place: two numbers with a comma between them are a point.

    Examples
    --------
    >>> point_of("24.94,60.17"), point_of("Kamppi, Helsinki")
    ((24.94, 60.17), 'Kamppi, Helsinki')
    """
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError:
        return place
    return lon, lat
