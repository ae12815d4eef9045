"""quarterhour check: all that the readers notice about files, before anything is scored."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quarterhour.cli.options import (
    BY_PLACE,
    checklist_names,
    example,
    json_option,
    spoken_option,
    table_options,
)
from quarterhour.cli.spoken import note_lines, spoken, word
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.sources.noticed import Noticed

LEVELS = ("error", "warning", "note")


class _Ways(NamedTuple):
    """How tables are read, as the options say."""

    layer: tuple[str, ...]
    columns: tuple[str, ...]
    crs: tuple[str, ...]
    rejects: tuple[str, ...]


@click.command(
    "check",
    short_help="Tell all that is noticed about files before anything is scored.",
    epilog=example(
        "check data/samples/helsinki.osm.pbf",
        "check data/samples/new-town/*.geojson data/samples/new-town/streets.osm --datum wgs84",
        "check overture/",
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="[KIND:]FILE...")
@click.option("--datum", help="Datum of the tables: wgs84, gcj02, bd09 or cgcs2000.")
@click.option("--facilities-datum", help="Datum of the facilities, if it is another one.")
@table_options
@click.option(
    "--checklist",
    shell_complete=checklist_names,
    help=f"Whose items are looked for.  [default: {BY_PLACE}]",
)
@spoken_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Tell all that the readers notice: nothing is scored and nothing is written.

    FILES are extracts, folders of Overture Maps, tables, streets and checklists. What a table is,
    its name or its shapes say; otherwise put areas:, facilities:, buildings:, gates: or network:
    before its name. Files that are given together are held to each other. Exit code 0: nothing to
    mend; 1: there are warnings, or files that cannot be read.
    """
    from quarterhour.cli.inputs import ways_of
    from quarterhour.sources.noticed import KINDS, notice

    ways = ways_of(_Ways(*(given[name] for name in _Ways._fields)), list(KINDS[:5]))
    told = notice(
        given["files"],
        datum=given["datum"],
        facilities_datum=given["facilities_datum"],
        ways=ways,
        checklist=given["checklist"],
    )
    if as_json:
        from quarterhour.cli.json_lines import text

        findings = [asdict(finding) for finding in told.findings]
        echo_json(text({"sound": told.sound, "files": told.kinds, "findings": findings}))
    else:
        echo("\n".join(_lines(told, spoken())))
    ctx.exit(0 if told.sound else 1)


def _lines(told: Noticed, lang: Lang) -> list[str]:
    lines: list[str] = []
    front = {level: f"  {word(lang, f'sign_{level}')}  " for level in LEVELS}
    for file in dict.fromkeys([*told.kinds, *(finding.file for finding in told.findings)]):
        kind = f"kind_{told.kinds[file]}" if file in told.kinds else "not_read"
        lines += ["", word(lang, "about", {"what": file}) + word(lang, kind)]
        for finding in told.findings:
            if finding.file == file:
                lines.append(front[finding.level] + note_lines([finding.text], lang)[0])
    counts = {f"{lev}s": sum(one.level == lev for one in told.findings) for lev in LEVELS}
    return [*lines[1:], "", word(lang, "findings", counts)]
