"""The options that several commands share, and how a help text shows an example."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import click

from quarterhour.cli.spoken import ask
from quarterhour.cli.streams import is_terminal, say
from quarterhour.errors import InputError


def example(*commands: str) -> str:
    """Show commands at the end of a help text; a marker keeps click from joining the lines."""
    lines = "\n".join(f"  quarterhour {command}" for command in commands)
    return f"\b\nExample{'s' if len(commands) > 1 else ''}:\n{lines}"


Command = Callable[..., None]


def options(*added: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Join options that several commands share."""
    return lambda command: functools.reduce(lambda done, add: add(done), reversed(added), command)


WALKERS = ("adult", "elderly", "child", "wheelchair", "stroller", "planning-cn")
"""The walkers of :func:`quarterhour.profiles`, which takes long to load."""

_OLD_NAME = "quarterhour.walker"


def _pace_or_old_name(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Take what ``--walker`` says where ``--pace`` is not given."""
    given = context.get_parameter_source(str(option.name))
    old = context.meta.get(_OLD_NAME)
    return old if old and given is click.core.ParameterSource.DEFAULT else value


def _keep_old_name(context: click.Context, _: click.Parameter, value: Any) -> None:
    """Keep what ``--walker`` says until ``--pace`` is looked at, and say its new name."""
    if value:
        context.meta[_OLD_NAME] = value
        told = "--walker is now called --pace; the old name goes with the next version."
        warnings.warn(told, DeprecationWarning, stacklevel=2)
        say(told)


def pace_option(*, several: bool = False) -> Callable[[Command], Command]:
    """Give the option that says who walks, by its name and by that of 0.1."""
    old = click.option(
        "--walker",
        type=click.Choice(WALKERS),
        multiple=several,
        hidden=True,
        expose_value=False,
        callback=_keep_old_name,
        help="The old name of --pace.",
    )
    now = click.option(
        "--pace",
        callback=_pace_or_old_name,
        type=click.Choice(WALKERS),
        multiple=several,
        default=WALKERS[:1] if several else WALKERS[0],
        show_default=True,
        help="Who walks: speed, stairs, waits at crossings, what is closed."
        + (" Repeat it for several." if several else ""),
    )
    return options(now, old)


speed_option = click.option(
    "--speed-kmh", type=float, help="Walking speed instead of the walker's own (adult: 4.5)."
)


reach_option = click.option(
    "--reach-m",
    type=float,
    default=100.0,
    show_default=True,
    help="How far off the street isochrones are drawn, 1 to 100 m; it changes no score.",
)


class _Written(click.Path):
    """A file or folder to write, which has to have a name."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Refuse an empty name, which would mean the current folder."""
        if not str(value).strip():
            self.fail("the name is empty: say where to write (out/name).", param, ctx)
        return super().convert(value, param, ctx)


WRITTEN = _Written()


def _watched(_ctx: click.Context, _option: click.Parameter, value: bool | None) -> bool:
    return is_terminal() if value is None else value


progress_option = click.option(
    "--progress/--no-progress",
    default=None,
    callback=_watched,
    help="Show progress bars.  [default: on a terminal]",
)

table_options = options(
    click.option(
        "--layer",
        multiple=True,
        metavar="[TABLE:]NAME",
        help="Layer of a GeoPackage or sheet of a workbook, as in --layer facilities:poi.",
    ),
    click.option(
        "--columns",
        multiple=True,
        metavar="[TABLE:]ROLE=COLUMN",
        help="Column that is not recognised by itself, as in --columns facilities:name=招牌; "
        "repeat it.",
    ),
    click.option(
        "--crs",
        multiple=True,
        metavar="[TABLE:]CRS",
        help="CRS of a table that does not name its own, as in --crs facilities:4547.",
    ),
    click.option(
        "--rejects",
        multiple=True,
        metavar="[TABLE:]FILE",
        help="CSV file for the rows without a usable position.",
    ),
)
"""How a table is read, each with the name of the table before it where several are given."""

TABLES = {
    "areas": "Table of residential areas (GeoPackage, GeoJSON, CSV …).",
    "facilities": "Table of facilities, such as one from Amap.",
    "network": "Streets: OSM extract, saved network, GraphML or lines.",
    "buildings": "Table of buildings, over which residents are spread.",
    "gates": "Table of the gates of compounds.",
}
"""What takes the place of the parts of an extract."""

source_options = options(
    click.argument("source", required=False),
    *(click.option(f"--{name}", help=told) for name, told in TABLES.items()),
    click.option(
        "--osm-areas",
        type=click.Choice(("all", "mapped")),
        default="all",
        show_default=True,
        help="Areas of an extract: all, with clusters of the homes in no mapped area, or mapped.",
    ),
    click.option("--bbox", metavar="W,S,E,N", help="Part of Overture's files to read, in degrees."),
    click.option("--datum", help="Datum of the tables: wgs84, gcj02, bd09 or cgcs2000."),
    click.option("--facilities-datum", help="Datum of the facilities, if it is another one."),
    click.option(
        "--merge-facilities",
        is_flag=True,
        help="Merge the facilities of table and extract: a place of both counts once.",
    ),
    table_options,
    progress_option,
)


def checklist_names(_ctx: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Complete the name of a shipped checklist."""
    from importlib.resources import files

    shipped = files("quarterhour").joinpath("standards", "checklists").iterdir()
    names = sorted(path.name.removesuffix(".toml") for path in shipped)
    return [name for name in names if name.startswith(begun)]


USUAL = ("beijing-2011", "sony-2024")
"""What :mod:`quarterhour.standards.usual` asks, which takes long to load: in China, elsewhere."""

BY_PLACE = f"{USUAL[0]} in mainland China, {USUAL[1]} elsewhere"


def _item_names(ctx: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Complete the key of an item of the checklist that was chosen."""
    from quarterhour.errors import QuarterhourError
    from quarterhour.standards.checklist import Checklist

    try:
        keys = Checklist.load(ctx.params.get("checklist") or USUAL[0]).keys()
    except QuarterhourError:
        return []
    return [key for key in [*keys, "all"] if key.startswith(begun)]


QUESTION: dict[str, Callable[[Command], Command]] = {
    "checklist": click.option(
        "--checklist",
        shell_complete=checklist_names,
        help=f"Name or TOML file.  [default: {BY_PLACE}]",
    ),
    "pace": pace_option(),
    "speed_kmh": speed_option,
    "origins_at": click.option(
        "--origins-at",
        type=click.Choice(["residence", "gate", "point"]),
        default="residence",
        show_default=True,
        help="Where walks begin: at homes, at gates, or at one point per area.",
    ),
    "quota": click.option(
        "--quota",
        type=float,
        default=0.5,
        show_default=True,
        help="Share of residents that has to be within the limit.",
    ),
    "surveyed": click.option(
        "--surveyed",
        multiple=True,
        metavar="ITEM",
        shell_complete=_item_names,
        help="Item of which the facilities are complete, so that none nearby means unmet "
        "instead of unknown: its key, its Chinese or its English name; repeat it, or say 'all'.",
    ),
    "at": click.option(
        "--at",
        metavar="TIME",
        help='Count what is open at a local time, such as "2026-11-24 20:00".',
    ),
    "contracted_only": click.option(
        "--contracted-only",
        is_flag=True,
        help="Count commercial services only where the table says that they are contracted.",
    ),
    "min_satisfaction": click.option(
        "--min-satisfaction",
        type=float,
        help="Count only what residents rate at least so, as a share of the best rating (0.8).",
    ),
    "period": click.option(
        "--period",
        metavar="DAYS",
        help="Count what comes at times if it comes then: a month (2026-11), a week (2026-W48) or "
        "two days (2026-11-01/2026-11-14).",
    ),
    "mode": click.option(
        "--mode",
        type=click.Choice(["function", "facility"]),
        default="function",
        show_default=True,
        help="Whether what is delivered, shared or implied by a host counts.",
    ),
}
"""The question, an option a line, in the words of :func:`quarterhour.assess`.

This is the one place for a new one: what is not named in ``asking.TRANSLATED`` is handed to
``assess`` under its own name.
"""

question_options = options(*QUESTION.values())

scenario_option = click.option(
    "--scenario",
    metavar="FILE",
    help="What if: changes to make before it is asked (GeoJSON, or a layer drawn in QGIS).",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


def _asked(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    ask(value)
    return value


def lang_option(told: str, *more: str, kept: bool = True) -> Callable[[Command], Command]:
    """Give the option that says in which language; without it the one rule of all outputs.

    The terminal speaks it at once; the command is given it where it is kept.
    """
    rule = "that of the checklist's country, else of the environment (LANG), else English"
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en", *more]),
        callback=_asked,
        expose_value=kept,
        is_eager=True,
        help=f"{told}  [default: {rule}]",
    )


spoken_option = lang_option("Language of what is printed.", kept=False)
"""For commands whose only words are in the terminal."""


def question_of(values: dict[str, Any]) -> dict[str, Any]:
    """Take the options of the question out of all that a command was given."""
    return {name: values[name] for name in QUESTION}


def usual_question() -> dict[str, Any]:
    """Give the question that is asked where no option is given."""
    command = click.command("question")(question_options(lambda **_: None))
    return question_of(command.make_context("question", []).params)


def of_options(kind: type[Any], values: dict[str, Any]) -> Any:
    """Make a request of the options that it knows."""
    return kind(**{name: values[name] for name in kind.__dataclass_fields__})


def asked_besides(given: Mapping[str, Any], known: Collection[str]) -> str:
    """Name the options that are given, but for those that are known; "" where there are none."""
    source = click.get_current_context().get_parameter_source
    default = click.core.ParameterSource.DEFAULT
    more = [name for name in given if name not in known and source(name) is not default]
    return ", ".join(f"--{name.replace('_', '-')}" for name in more)


def require_none(given: Mapping[str, Any], names: Mapping[str, str], what: str) -> None:
    """See that none of some options is given.

    Raises
    ------
    InputError
        If one is, which says what it is for.
    """
    for name, option in names.items():
        if given[name]:
            msg = f"{option} is {what}."
            raise InputError(msg)
