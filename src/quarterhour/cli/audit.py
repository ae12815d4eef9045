"""quarterhour audit: what may be wrong with the streets, and whom it cuts off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import (
    WRITTEN,
    example,
    json_option,
    question_options,
    source_options,
    spoken_option,
)
from quarterhour.cli.spoken import spoken, tell, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.planning.audit import Audit

SHOWN = 15
"""Faults that the terminal lists."""


@click.command(
    "audit",
    short_help="Say what may be wrong with the streets, and whom it cuts off.",
    epilog=example("audit data/samples/helsinki.osm.pbf --out out/audit"),
)
@source_options
@question_options
@click.option(
    "--exact",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="For how many of the worst the whole assessment is asked with the repair.",
)
@click.option(
    "--repair",
    "repairs",
    multiple=True,
    help="Name of a fault to mend, such as near_miss-3; may be given several times. Its repair "
    "is written to repairs.geojson, for --scenario.",
)
@spoken_option
@click.option("--out", type=WRITTEN, help="Folder to write the faults and the repairs to.")
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say what may be wrong with the streets and walls, and how many residents it cuts off.

    SOURCE and the tables are those of `score`. Whether it is a fault of the data or so on the
    ground, a map or a visit has to tell; a repair is applied by its name alone.
    """
    from quarterhour.cli.asking import answered, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.cli.options import question_of
    from quarterhour.errors import InputError
    from quarterhour.planning.audit import audit

    require_sound(question_of(options))
    if out is not None:
        require_folder("--out", out)
    elif options["repairs"]:
        msg = "--repair writes a file: say with --out in which folder."
        raise InputError(msg)
    card, _ = answered(options)
    tell("auditing")
    found = audit(card, exact=options["exact"])
    files = [] if out is None else write_audit(found, out, options["repairs"])
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = found.faults.geometry.representative_point()
        table = found.faults.drop(columns="geometry").assign(lon=points.x, lat=points.y)
        told = {"measure": found.measure, "found": found.faults.attrs["found"]}
        echo_json(text({**told, "faults": rows(table), "files": list(map(str, files))}))
        return
    lang = spoken()
    echo("\n".join([*lines(found, lang), *written_lines(lang, files)]))


def write_audit(found: Audit, folder: Path, repairs: tuple[str, ...] = ()) -> list[Path]:
    """Write all faults (WGS 84), and the repairs that are asked for: both, or none.

    Raises
    ------
    InputError
        If there is no fault of a name.
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.places.written import write_geojson

    plan = found.repair(*repairs) if repairs else None
    with delivered_folder(folder) as (scratch, files):
        if len(found.faults):
            table = found.faults.assign(area=found.faults["area"].map(_label))
            write_geojson(table, scratch / "faults.geojson")
        if plan is not None:
            plan.save(scratch / "repairs.geojson")
    return files


def _label(area: Any) -> str:
    return "" if area is None else str(area)


def lines(found: Audit, lang: Lang) -> list[str]:
    """Say what may be wrong, in lines for the terminal, the worst first."""
    from quarterhour.cli.spoken import word as spoken_word
    from quarterhour.cli.text import fitted, table_text
    from quarterhour.outputs.audit_words import audit_text, cut_off_text, repair_text, where_text
    from quarterhour.outputs.report.parts import area_names
    from quarterhour.outputs.words import number
    from quarterhour.outputs.words import say as word

    unit = {"unit": word(lang, f"unit_{found.measure}")}
    keys = ("audit_name", "audit_where", "audit_metres", "audit_cut_off", "audit_minutes")
    rows = [
        [word(lang, key, unit) for key in (*keys, "audit_repair")] + [spoken_word(lang, "lonlat")]
    ]
    names = area_names(found.card, lang).to_dict()
    points = found.faults.geometry.representative_point()
    shown = found.faults.head(SHOWN)
    for row, point in zip(shown.to_dict("records"), points, strict=False):
        cells = [row["fault"], fitted(where_text(row, names, lang), 32), number(row["metres"])]
        cells += [cut_off_text(row, lang), number(row["resident_minutes"])]
        cells.append(repair_text(found.changes[row["fault"]], lang))
        rows.append([*cells, f"{point.x:.5f}, {point.y:.5f}"])
    more = len(found.faults) - SHOWN
    rest = [word(lang, "audit_more", {"n": number(more)})] if more > 0 else []
    kinds = [f"  {kind}: {word(lang, f'fault_{kind}')}" for kind in dict.fromkeys(shown["kind"])]
    table = ["", *table_text(rows, left=2), *rest, "", *kinds] if len(shown) else []
    return [*audit_text(found, lang), *table]
