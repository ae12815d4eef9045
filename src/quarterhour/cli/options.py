"""The options that several commands share, and how a help text shows an example."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click


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


def walker_option(*, several: bool = False) -> Callable[[Command], Command]:
    """Give the option that says who walks."""
    return click.option(
        "--walker",
        type=click.Choice(WALKERS),
        multiple=several,
        default=WALKERS[:1] if several else WALKERS[0],
        show_default=True,
        help="Who walks: speed, stairs, waits at crossings, what is closed."
        + (" Repeat it for several." if several else ""),
    )


speed_option = click.option(
    "--speed-kmh", type=float, help="Walking speed instead of the walker's own (adult: 4.5)."
)

source_options = options(
    click.argument("source", required=False),
    click.option("--areas", help="Table of residential areas (GeoPackage, GeoJSON, CSV …)."),
    click.option("--facilities", help="Table of facilities, such as one from Amap."),
    click.option("--network", help="Streets: OSM extract, saved network, GraphML or lines."),
    click.option("--buildings", help="Table of buildings, over which residents are spread."),
    click.option("--gates", help="Table of the gates of compounds."),
    click.option("--datum", help="Datum of the tables: wgs84, gcj02, bd09 or cgcs2000."),
    click.option("--facilities-datum", help="Datum of the facilities, if it is another one."),
    click.option("--progress/--no-progress", default=True, help="Show progress bars."),
)
choice_options = options(
    click.option(
        "--checklist", default="beijing-2011", show_default=True, help="Name or TOML file."
    ),
    walker_option(),
    speed_option,
    click.option(
        "--origins-at",
        type=click.Choice(["residence", "gate", "point"]),
        default="residence",
        show_default=True,
        help="Where walks begin: at homes, at gates, or at one point per area.",
    ),
    click.option(
        "--quota",
        type=float,
        default=0.5,
        show_default=True,
        help="Share of residents that has to be within the limit.",
    ),
    click.option(
        "--surveyed",
        multiple=True,
        metavar="ITEM",
        help="Item of which the facilities are complete, so that none nearby means unmet "
        "instead of unknown; repeat it, or say 'all'.",
    ),
    click.option(
        "--at",
        metavar="TIME",
        help='Count what is open at a local time, such as "2026-11-24 20:00".',
    ),
    click.option(
        "--contracted-only",
        is_flag=True,
        help="Count commercial services only where the table says that they are contracted.",
    ),
    click.option(
        "--mode",
        type=click.Choice(["function", "facility"]),
        default="function",
        show_default=True,
        help="Whether what is delivered, shared or implied by a host counts.",
    ),
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en", "both"]),
    default="zh",
    show_default=True,
    help="Language of what is written.",
)


def of_options(kind: type[Any], values: dict[str, Any]) -> Any:
    """Make a request of the options that it knows."""
    return kind(**{name: values[name] for name in kind.__dataclass_fields__})
