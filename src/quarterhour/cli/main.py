"""The command line: arguments to the public functions, results to the terminal.

Each command is a file: its options, what it does and what it says. This one puts them together
and turns what goes wrong into a line. Results go to standard output, progress and warnings to
standard error. Exit codes: 0 done, 1 `check` found something to mend, 2 something is wrong with
what was asked or given (one line says what), 130 interrupted.

What takes long to load is imported by the command that needs it: ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import gc
import warnings
from collections.abc import Callable
from typing import Any

import click

import quarterhour
from quarterhour.cli import (
    audit,
    check,
    checklist,
    circles,
    compare,
    coverage,
    demo,
    fetch,
    gaps,
    isochrones,
    links,
    needs,
    report,
    reproduce,
    score,
    series,
    site,
    split,
    sure,
)
from quarterhour.cli import help as help_page
from quarterhour.cli import map as map_page
from quarterhour.cli.options import example
from quarterhour.cli.streams import open_standard_streams, say, sound
from quarterhour.errors import DatumError, QuarterhourError, QuarterhourWarning

INTERRUPTED = 130


class _Wrong(click.ClickException):
    """One line on standard error, and exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Say it."""
        say(f"Error: {self.format_message()}")


class _Commands(click.Group):
    """A group whose commands never end in a traceback for what the caller can mend."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, whatever the encoding of the terminal."""
        with sound():
            return super().main(*args, **extra)

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
            say("Interrupted; nothing was written.")
            ctx.exit(INTERRUPTED)
        except MemoryError as error:
            raise _Wrong("There is not enough memory: take a smaller piece.") from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            what = error.filename or "Cannot print the results"
            raise _Wrong(f"{what}: {error.strerror or error}") from error


def _warn(show_others: Callable[..., None]) -> Callable[..., None]:
    def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, QuarterhourWarning):
            say(f"Warning: {message}")
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


for _page in (
    check,
    score,
    split,
    map_page,
    report,
    gaps,
    coverage,
    sure,
    compare,
    series,
    site,
    links,
    audit,
    circles,
    needs,
    reproduce,
    isochrones,
    checklist,
    fetch,
    demo,
    help_page,
):
    cli.add_command(_page.command)


def main() -> None:
    """Run the command line."""
    # A short life with millions of objects: looking for cycles among them takes a tenth of it.
    gc.disable()
    open_standard_streams()
    cli()
