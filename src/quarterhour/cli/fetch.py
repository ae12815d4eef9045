"""quarterhour fetch: a place from OpenStreetMap, the only command that goes online."""

from __future__ import annotations

from pathlib import Path

import click

from quarterhour.cli.options import WRITTEN, example
from quarterhour.cli.streams import echo, say
from quarterhour.errors import InputError

KILOMETRES = 50.0
"""Below so many, a half-width in metres is likely to be in kilometres."""


@click.command(
    "fetch",
    short_help="Download a place from OpenStreetMap.",
    epilog=example('fetch "Kamppi, Helsinki" --out kamppi.osm.pbf'),
)
@click.argument("place")
@click.option(
    "--out",
    type=WRITTEN,
    required=True,
    help="File to write: .osm.pbf, .osm, .osm.gz or .osm.bz2.",
)
@click.option("--distance-m", type=float, help="Half-width of a square round the place.")
@click.option(
    "--margin-m", type=float, default=1500.0, show_default=True, help="More on every side."
)
@click.option("--overpass-url", help="Another Overpass server than the public one.")
@click.option("--nominatim-url", help="Another place search than the public one.")
def command(
    place: str,
    out: Path,
    distance_m: float | None,
    margin_m: float,
    overpass_url: str | None,
    nominatim_url: str | None,
) -> None:
    """Download a place from OpenStreetMap into one file that `score` reads.

    PLACE is a name that OpenStreetMap knows, or a point as LON,LAT (with --distance-m). This is
    the only command that goes online.
    """
    from quarterhour.cli.delivery import require_writable
    from quarterhour.sources.osm import overpass

    if distance_m is not None and 0 < distance_m < KILOMETRES:
        msg = f"--distance-m {distance_m:g} is in metres: for kilometres say {distance_m * 1000:g}."
        raise InputError(msg)
    require_writable(out.parent)
    say(f"Asking OpenStreetMap for {place}; this may take minutes")
    servers = overpass.Servers(overpass_url=overpass_url, nominatim_url=nominatim_url)
    path = overpass.fetch(
        point_of(place), out, distance_m=distance_m, margin_m=margin_m, servers=servers
    )
    echo(f"Written: {path} (data © OpenStreetMap contributors, ODbL 1.0)")


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
