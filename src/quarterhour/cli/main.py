"""The command line: arguments to the public functions, results to the terminal.

Results go to standard output, progress and warnings to standard error. Exit codes: 0 done,
2 something is wrong with what was asked or given (one line says what), 130 interrupted.

What takes long to load is imported by the command that needs it: ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import gc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import quarterhour
from quarterhour.cli.options import (
    choice_options,
    example,
    json_option,
    of_options,
    source_options,
    speed_option,
    walker_option,
)
from quarterhour.cli.outputs import COMMANDS
from quarterhour.cli.run import Choices, Sources
from quarterhour.errors import DatumError, QuarterhourError, QuarterhourWarning

INTERRUPTED = 130


class _Wrong(click.ClickException):
    """One line on standard error, and exit code 2."""

    exit_code = 2


class _Commands(click.Group):
    """A group whose commands never end in a traceback for what the caller can mend."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what goes wrong into a line and an exit code."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always", QuarterhourWarning)
                warnings.showwarning = _warn(warnings.showwarning)
                return super().invoke(ctx)
        except DatumError as error:
            how = "On the command line: --datum, or --facilities-datum for the facilities alone."
            raise _Wrong(" ".join([*str(error).split(), how])) from error
        except QuarterhourError as error:
            raise _Wrong(" ".join(str(error).split())) from error
        except KeyboardInterrupt:
            click.echo("Interrupted; nothing was written.", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise _Wrong(
                f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")
            ) from error


def _warn(show_others: Callable[..., None]) -> Callable[..., None]:
    def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, QuarterhourWarning):
            click.echo(f"Warning: {message}", err=True)
        else:
            show_others(message, category, *where)

    return show


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("demo", "score data/samples/helsinki.osm.pbf --out out/helsinki"),
)
@click.version_option(quarterhour.__version__, "--version", prog_name="quarterhour")
def cli() -> None:
    """Which residents live within a quarter-hour's walk of what they need."""


_NEW_TOWN = """score --areas compounds.geojson --buildings buildings.geojson \\
    --gates gates.geojson --network streets.osm --datum wgs84 \\
    --facilities amap_poi.csv --facilities-datum gcj02 --out out/new-town"""


@cli.command(
    "score",
    short_help="Score residential areas against a checklist.",
    epilog=example(
        "score data/samples/helsinki.osm.pbf --out out/helsinki",
        "score data/samples/helsinki.osm.pbf --walker elderly --out out/elderly",
        _NEW_TOWN,
    ),
)
@source_options
@choice_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the results to.")
@json_option
def _score(out: Path | None, as_json: bool, **options: Any) -> None:
    """Score residential areas against a checklist.

    SOURCE is an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz, .osm.bz2). Tables take the place
    of what is in it; without SOURCE, --areas, --facilities and --network are needed.
    """
    from quarterhour.cli import json_lines as cli_json  # noqa: PLC0415 - slow to load
    from quarterhour.cli import run as cli_run  # noqa: PLC0415
    from quarterhour.cli import text as cli_text  # noqa: PLC0415

    if out is not None:
        cli_run.require_writable(out)
    choices = of_options(Choices, options)
    cli_run.require_sound(choices)
    inputs = cli_run.read_inputs(of_options(Sources, options))
    card = cli_run.assess_inputs(inputs, choices)
    files = cli_run.write_results(card, out) if out is not None else []
    if as_json:
        click.echo(cli_json.text(cli_json.score(card, inputs.notes, files)))
        return
    lines = cli_text.scorecard_lines(card, inputs.notes)
    if files:
        lines += ["", "Written", *cli_run.files_lines(files)]
    click.echo("\n".join(lines))


@cli.command(
    "demo",
    short_help="Run the main job on the two shipped samples.",
    epilog=example("demo --out out/demo"),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder to write the results to.",
)
@click.option("--samples", type=click.Path(path_type=Path), help="Folder of the samples.")
@click.option(
    "--pictures", type=click.Path(path_type=Path), help="Also write the maps of the docs here."
)
@click.option("--progress/--no-progress", default=True, help="Show progress bars.")
def _demo(out: Path, samples: Path | None, pictures: Path | None, progress: bool) -> None:
    """Run the main job on the two shipped samples: Helsinki, and a made-up Chinese new town."""
    from quarterhour.cli import demo as cli_demo  # noqa: PLC0415 - slow to load

    click.echo("\n".join(cli_demo.run(out, samples, pictures, progress=progress)))


@cli.command(
    "isochrones",
    short_help="Draw what lies within a walk of so many minutes.",
    epilog=example(
        "isochrones data/samples/helsinki.osm.pbf --lon 24.9414 --lat 60.1719 \\\n"
        "    --minutes 5,10,15 --out out/station.gpkg",
        "isochrones data/samples/helsinki.osm.pbf --lon 24.9414 --lat 60.1719 \\\n"
        "    --walker adult --walker wheelchair --out out/two-walkers.gpkg",
    ),
)
@click.argument("network")
@click.option("--lon", type=float, multiple=True, help="Longitude of a point; repeat it.")
@click.option("--lat", type=float, multiple=True, help="Latitude of a point; repeat it.")
@click.option("--origins", help="Table of points or areas instead of --lon and --lat.")
@click.option("--datum", help="Datum of the points: wgs84, gcj02, bd09 or cgcs2000.")
@click.option("--minutes", default="5,10,15", show_default=True, help="Limits.")
@walker_option(several=True)
@speed_option
@click.option(
    "--direction",
    type=click.Choice(["from", "to"]),
    default="from",
    show_default=True,
    help="Walks from the places, or to them.",
)
@click.option(
    "--method",
    type=click.Choice(["exact", "fast"]),
    default="exact",
    show_default=True,
    help="How finely to draw.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write: .gpkg or .geojson (WGS 84)."
)
@click.option("--progress/--no-progress", default=True, help="Show progress bars.")
def _isochrones(**options: Any) -> None:
    """Draw what lies within a walk of so many minutes.

    NETWORK is an OpenStreetMap extract, a saved network or street lines. Without --lon and --lat
    or --origins, the isochrones of the extract's residential areas are drawn.
    """
    from quarterhour.cli import isochrones as cli_isochrones  # noqa: PLC0415 - slow to load

    click.echo("\n".join(cli_isochrones.run(cli_isochrones.Rings(**options))))


@cli.command(
    "fetch",
    short_help="Download a place from OpenStreetMap.",
    epilog=example('fetch "Kamppi, Helsinki" --out kamppi.osm.pbf'),
)
@click.argument("place")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="File to write: .osm.pbf, .osm, .osm.gz or .osm.bz2.",
)
@click.option("--distance-m", type=float, help="Half-width of a square round the place.")
@click.option(
    "--margin-m", type=float, default=1500.0, show_default=True, help="More on every side."
)
@click.option("--overpass-url", help="Another Overpass server than the public one.")
@click.option("--nominatim-url", help="Another place search than the public one.")
def _fetch(
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
    from quarterhour.cli.run import require_writable, say  # noqa: PLC0415
    from quarterhour.sources.osm import overpass  # noqa: PLC0415 - slow to load

    require_writable(out.parent)
    say(f"Asking OpenStreetMap for {place}; this may take minutes")
    servers = overpass.Servers(overpass_url=overpass_url, nominatim_url=nominatim_url)
    path = overpass.fetch(
        point_of(place), out, distance_m=distance_m, margin_m=margin_m, servers=servers
    )
    click.echo(f"Written: {path} (data © OpenStreetMap contributors, ODbL 1.0)")


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


@cli.group(
    "checklist",
    short_help="List and show the shipped checklists.",
    epilog=example("checklist show beijing-2011"),
)
def _checklist() -> None:
    """List and show the shipped checklists."""


@_checklist.command(
    "list", short_help="List the shipped checklists.", epilog=example("checklist list")
)
def _list() -> None:
    """List the shipped checklists with their number of items."""
    from quarterhour.cli import checklist as cli_checklist  # noqa: PLC0415 - slow to load

    click.echo("\n".join(cli_checklist.list_lines()))


@_checklist.command(
    "show",
    short_help="Show the items of a checklist.",
    epilog=example("checklist show beijing-2011"),
)
@click.argument("name")
def _show(name: str) -> None:
    """Show the items of a checklist: NAME is a shipped one or a TOML file."""
    from quarterhour.cli import checklist as cli_checklist  # noqa: PLC0415 - slow to load

    click.echo("\n".join(cli_checklist.show_lines(name)))


for _command in COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """Run the command line."""
    # A short life with millions of objects: looking for cycles among them takes a tenth of it.
    gc.disable()
    cli()
