"""quarterhour help: what the command line, or one command, does."""

from __future__ import annotations

import click

from quarterhour.cli.options import example
from quarterhour.cli.streams import echo


@click.command("help", short_help="Show what a command does.", epilog=example("help score"))
@click.argument("command", nargs=-1)
@click.pass_context
def command(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show what COMMAND does, and its options; without one, list the commands."""
    shown = ctx.find_root()
    for name in command:
        inner = shown.command
        found = inner.get_command(shown, name) if isinstance(inner, click.Group) else None
        if found is None:
            known = ", ".join(inner.list_commands(shown)) if isinstance(inner, click.Group) else ""
            msg = f"There is no command {' '.join(command)!r}."
            raise click.UsageError(f"{msg} There are: {known}." if known else msg, shown)
        shown = click.Context(found, info_name=name, parent=shown)
    echo(shown.get_help())
