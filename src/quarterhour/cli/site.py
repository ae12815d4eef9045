"""quarterhour site: where to open new places of an item."""

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
from quarterhour.cli.spoken import spoken, tell, word, written_lines
from quarterhour.cli.streams import echo, echo_json

if TYPE_CHECKING:
    import geopandas as gpd

    from quarterhour.planning.rooms import RoomSiting
    from quarterhour.planning.siting import Siting
    from quarterhour.scoring.scorecard import Scorecard


VACANT = "vacant"
"""Candidates that are read from the extract."""


@click.command(
    "site",
    short_help="Say where new places of an item serve most.",
    epilog=example(
        "site data/samples/helsinki.osm.pbf --item healthcare --k 3 --out out/healthcare"
    ),
)
@source_options
@question_options
@click.option(
    "--item",
    "items",
    required=True,
    multiple=True,
    help="What to open: key, Chinese or English name. Given several times: rooms that may serve "
    "several of them.",
)
@click.option("--k", type=int, default=10, show_default=True, help="How many places, or rooms.")
@click.option(
    "--objective",
    type=click.Choice(["cover", "fewest", "cheapest", "median", "centre"]),
    default="cover",
    show_default=True,
    help="Most residents within the limit, fewest or cheapest places for a share of them, "
    "shortest mean walk, or shortest longest walk.",
)
@click.option(
    "--share", type=float, default=0.95, show_default=True, help="Share of residents, for fewest."
)
@click.option("--minutes", type=float, help="Another limit than that of the item.")
@click.option(
    "--backup",
    type=int,
    default=1,
    show_default=True,
    help="How many places each home has to reach, for fewest.",
)
@click.option("--budget", type=float, help="What all may cost, by the column price of candidates.")
@click.option(
    "--candidates",
    default="streets",
    show_default=True,
    help="Table of premises; or streets (junctions), areas (the middle of each), vacated "
    "(premises whose valid_to has passed), vacant (rooms that OpenStreetMap calls so, such as "
    "shop=vacant, in SOURCE).",
)
@click.option("--out", type=WRITTEN, help="Folder for sites, curve, a map and a report.")
@spoken_option
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say where new places of an item serve most residents, and how good that is.

    SOURCE and the tables are those of `score`. Places that there are stay and count.
    """
    from quarterhour.cli.asking import answered, item_keys, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.cli.inputs import require_files
    from quarterhour.cli.options import question_of
    from quarterhour.planning.site_candidates import WORDS
    from quarterhour.planning.siting import site
    from quarterhour.planning.siting_terms import SitingTerms
    from quarterhour.sources.tables.read import read_areas
    from quarterhour.standards.checklist import Checklist

    question = question_of(options)
    require_sound(question)
    named, items = question["checklist"], options["items"]
    if named is not None:
        items = item_keys(Checklist.load(named), items)
    candidates = options["candidates"]
    if candidates == VACANT:
        candidates = vacant_rooms(options["source"])
    elif candidates not in WORDS:
        require_files(("candidates", candidates))
        candidates = read_areas(candidates, datum=options["datum"])
    if out is not None:
        require_folder("--out", out)
    _require_together(items, options)
    card, _ = answered(options)
    items = item_keys(card.checklist, items)
    tell("siting")
    if len(items) > 1:
        _rooms(card, items, candidates, (options["k"], options["budget"]), out, as_json)
        return
    terms = SitingTerms(options["minutes"], options["backup"], options["budget"])
    asked = {name: options[name] for name in ("k", "objective", "share")}
    plan = site(card, items[0], candidates=candidates, terms=terms, **asked)
    files = [] if out is None else write_siting(plan, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = plan.sites.geometry.to_crs(4326).representative_point()
        table = plan.sites[["gained", "served"]].assign(lon=points.x, lat=points.y)
        told = {"item": items[0], "measure": plan.measure, "total": plan.total}
        told |= {"before": plan.before, "sites": rows(table), "curve": rows(plan.curve)}
        echo_json(text(told | {"gap": plan.gap, "files": list(map(str, files))}))
        return
    echo("\n".join([*_lines(plan), *written_lines(spoken(), files)]))


def vacant_rooms(source: str | None) -> gpd.GeoDataFrame:
    """Read the rooms that an extract calls vacant.

    Raises
    ------
    InputError
        If there is no extract, or it calls none vacant.
    """
    from quarterhour.errors import InputError
    from quarterhour.sources.osm.vacant import vacant_premises

    if source is None or not Path(source).is_file():
        msg = (
            f"--candidates {VACANT} are rooms that OpenStreetMap calls so: give an extract "
            "(.osm.pbf) as SOURCE, or a table of premises."
        )
        raise InputError(msg)
    return vacant_premises(source)


def _require_together(items: tuple[str, ...], options: dict[str, Any]) -> None:
    """See that options which are for one item are given with one.

    Raises
    ------
    InputError
        If not.
    """
    from quarterhour.errors import InputError

    odd = options["objective"] != "cover" or options["minutes"] or options["backup"] > 1
    if len(items) > 1 and odd:
        msg = "Several items are sited to cover most: leave out --objective, --minutes, --backup."
        raise InputError(msg)


def _rooms(
    card: Scorecard,
    items: tuple[str, ...],
    candidates: Any,
    most: tuple[int, float | None],
    out: Path | None,
    as_json: bool,
) -> None:
    """Site several items together, write and tell the rooms."""
    from quarterhour.cli.text import table_text
    from quarterhour.outputs.plan_words import plan_lines, unit_text
    from quarterhour.outputs.room_words import room_table
    from quarterhour.outputs.words import number
    from quarterhour.planning.rooms import site_rooms

    plan = site_rooms(card, items, k=most[0], budget=most[1], candidates=candidates)
    files = [] if out is None else write_rooms(plan, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = plan.rooms.geometry.to_crs(4326).representative_point()
        table = plan.rooms[["serves", "gained"]].assign(lon=points.x, lat=points.y)
        told = {"measure": plan.measure, "items": rows(plan.items), "rooms": rows(table)}
        echo_json(text(told | {"gap": plan.gap, "files": list(map(str, files))}))
        return
    lang = spoken()
    unit = {"unit": unit_text(plan.measure, lang)}
    lines = [[word(lang, key, unit) for key in ("site_no", "serves", "gained", "lonlat")]]
    for row in room_table(plan, lang).to_dict("records"):
        at = f"{row['lon']:.5f}, {row['lat']:.5f}"
        lines.append([str(row["site"]), row["serves"], number(row["gained"]), at])
    written = written_lines(lang, files)
    echo("\n".join([*plan_lines(plan, lang), "", *table_text(lines, left=2), *written]))


def write_rooms(plan: RoomSiting, folder: Path) -> list[Path]:
    """Write the rooms (WGS 84), the items, a scenario and a report: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.outputs.report.report import write_report
    from quarterhour.places.written import write_csv, write_geojson

    with delivered_folder(folder) as (scratch, files):
        rooms = plan.rooms.assign(candidate=plan.rooms["candidate"].astype(str))
        rooms.insert(0, "room", range(1, len(rooms) + 1))
        write_geojson(rooms, scratch / "rooms.geojson")
        write_csv(plan.items, scratch / "items.csv")
        plan.scenario.save(scratch / "scenario.geojson")
        write_report(plan.card, scratch / "report.html", lang="both", plans=[plan])
    return files


def write_siting(plan: Siting, folder: Path) -> list[Path]:
    """Write the sites (WGS 84), the curve, a map and a report: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.cli.delivery import delivered_folder
    from quarterhour.outputs.figures.plot_plans import plot_siting
    from quarterhour.outputs.report.report import write_report
    from quarterhour.places.written import write_csv, write_geojson

    with delivered_folder(folder) as (scratch, files):
        sites = plan.sites.assign(candidate=plan.sites["candidate"].astype(str))
        sites.insert(0, "site", range(1, len(sites) + 1))
        write_geojson(sites, scratch / "sites.geojson")
        write_csv(plan.curve, scratch / "curve.csv")
        plot_siting(plan, scratch / "siting.png", lang=spoken())
        write_report(plan.card, scratch / "report.html", lang="both", plans=[plan])
    return files


def _lines(plan: Siting) -> list[str]:
    from quarterhour.cli.text import table_text
    from quarterhour.outputs.plan_tables import site_table
    from quarterhour.outputs.plan_words import plan_lines, unit_text
    from quarterhour.outputs.words import number

    lang = spoken()
    unit = {"unit": unit_text(plan.measure, lang)}
    rows = [[word(lang, key, unit) for key in ("site_no", "gained", "served", "lonlat")]]
    for row in site_table(plan, lang).to_dict("records"):
        at = f"{row['lon']:.5f}, {row['lat']:.5f}"
        rows.append([str(row["site"]), number(row["gained"]), number(row["served"]), at])
    return [*plan_lines(plan, lang), "", *table_text(rows)]
