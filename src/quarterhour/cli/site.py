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
)
from quarterhour.cli.streams import echo, echo_json, say

if TYPE_CHECKING:
    from quarterhour.planning.siting import Siting


@click.command(
    "site",
    short_help="Say where new places of an item serve most.",
    epilog=example("site data/samples/helsinki.osm.pbf --item pharmacy --k 3 --out out/pharmacies"),
)
@source_options
@question_options
@click.option("--item", required=True, help="What to open: key, Chinese or English name.")
@click.option("--k", type=int, default=10, show_default=True, help="How many places.")
@click.option(
    "--objective",
    type=click.Choice(["cover", "fewest", "median", "centre"]),
    default="cover",
    show_default=True,
    help="Most residents within the limit, fewest places for a share of them, shortest mean "
    "walk, or shortest longest walk.",
)
@click.option(
    "--share", type=float, default=0.95, show_default=True, help="Share of residents, for fewest."
)
@click.option("--candidates", help="Table of premises instead of junctions of the streets.")
@click.option("--out", type=WRITTEN, help="Folder for sites, curve, a map and a report.")
@json_option
def command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Say where new places of an item serve most residents, and how good that is.

    SOURCE and the tables are those of `score`. Places that there are stay and count.
    """
    from quarterhour.cli.asking import answered, item_keys, require_sound
    from quarterhour.cli.delivery import require_writable
    from quarterhour.cli.inputs import require_files
    from quarterhour.cli.options import question_of
    from quarterhour.planning.siting import site
    from quarterhour.sources.tables.read import read_areas
    from quarterhour.standards.checklist import Checklist

    question = question_of(options)
    require_sound(question)
    (item,) = item_keys(Checklist.load(question["checklist"]), (options["item"],))
    require_files(("candidates", options["candidates"]))
    if out is not None:
        require_writable(out)
    given = options["candidates"]
    candidates = None if given is None else read_areas(given, datum=options["datum"])
    card, _ = answered(options)
    say("Looking for sites")
    asked = {name: options[name] for name in ("k", "objective", "share")}
    plan = site(card, item, candidates=candidates, **asked)
    files = [] if out is None else write_siting(plan, out)
    if as_json:
        from quarterhour.cli.json_lines import rows, text

        points = plan.sites.geometry.to_crs(4326).representative_point()
        table = plan.sites[["gained", "served"]].assign(lon=points.x, lat=points.y)
        told = {"item": item, "measure": plan.measure, "total": plan.total, "before": plan.before}
        told |= {"sites": rows(table), "curve": rows(plan.curve), "gap": plan.gap}
        echo_json(text(told | {"files": list(map(str, files))}))
        return
    echo("\n".join([*_lines(plan), *(f"Written: {path}" for path in files)]))


def write_siting(plan: Siting, folder: Path) -> list[Path]:
    """Write the sites (WGS 84), the curve, a map and a report: all of them, or none.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from quarterhour.atomic import whole_folder
    from quarterhour.outputs.figures.plot_plans import plot_siting
    from quarterhour.outputs.report.report import write_report
    from quarterhour.places.written import write_csv, write_geojson

    say(f"Writing to {folder}")
    with whole_folder(folder) as scratch:
        sites = plan.sites.assign(candidate=plan.sites["candidate"].astype(str))
        sites.insert(0, "site", range(1, len(sites) + 1))
        write_geojson(sites, scratch / "sites.geojson")
        write_csv(plan.curve, scratch / "curve.csv")
        plot_siting(plan, scratch / "siting.png", lang="en")
        write_report(plan.card, scratch / "report.html", lang="both", plans=[plan])
        names = sorted(path.name for path in scratch.iterdir())
    return [folder / name for name in names]


def _lines(plan: Siting) -> list[str]:
    from quarterhour.cli.text import table_text

    points = plan.sites.geometry.to_crs(4326).representative_point()
    rows = [["site", "gained", "served", "lon, lat"]]
    for number, (gained, served, point) in enumerate(
        zip(plan.sites["gained"], plan.sites["served"], points, strict=True), start=1
    ):
        at = f"{point.x:.5f}, {point.y:.5f}"
        rows.append([str(number), f"{gained:,.0f}", f"{served:,.0f}", at])
    return [repr(plan)[1:-1], "", *table_text(rows)]
