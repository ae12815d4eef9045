"""Who is in the score of a city, mapped areas alone against everyone: one row per extract.

    python benchmarks/everyone_scored.py data/samples/helsinki.osm.pbf ../shared/data/monaco.osm.pbf
    python benchmarks/everyone_scored.py porto-alegre.osm.pbf=porto-alegre-hexgrid.csv

After ``=`` stands a table of areas with residents, for a file that shows roads and not who lives
there. Prints a Markdown table of residences and facilities in the score and left out, by reason,
and one of the share of residences (of residents, where a table gives them) within the limit of
the four items that maps know best, before and after.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import quarterhour as qh
from quarterhour.outputs.words import left_out_text, percent

BEST_KNOWN = ("pharmacy", "convenience_store", "eatery", "financial_outlet")


def scored(path: Path, areas: str) -> qh.Scorecard | str:
    """Score an extract against the list of Beijing, or say that it shows nobody."""
    city = qh.read_osm(path, areas=areas)
    if len(city.areas) == 0:
        told = next((note for note in city.notes if "nobody lives here" in note), city.notes[-1])
        return f"no score. {told} Facilities read: {len(city.facilities):,}, none used."
    homes = qh.origins(city.areas, city.buildings, city.gates)
    return qh.assess(city.areas, city.facilities, city.streets, "beijing-2011", origins=homes)


def scored_of(path: Path, table: Path) -> qh.Scorecard:
    """Score the areas of a table on the streets and with the facilities of an extract."""
    city = qh.read_osm(path)
    areas = qh.read_areas(table, datum="wgs84")
    return qh.assess(areas, city.facilities, city.streets, "beijing-2011")


def shares(card: qh.Scorecard) -> list[str]:
    """Give the share of residences within the limit, of those whose answer is known."""
    table = qh.coverage(card).set_index("measure")
    measure = "residence" if "residence" in table.index else "population"
    table = table.loc[measure].set_index("item")
    return [percent(float(table.loc[key, "share"])) for key in BEST_KNOWN]


def main() -> None:
    """Print both tables."""
    warnings.simplefilter("ignore")
    who = ["| extract | areas | in the score, and left out of it |", "|---|---|---|"]
    what = [f"| extract | areas | {' | '.join(BEST_KNOWN)} |", "|---|---|---|---|---|---|"]
    for argument in sys.argv[1:]:
        name, _, table = argument.partition("=")
        path = Path(name)
        asked = [(word, scored(path, word)) for word in ("mapped", "all")]
        if table:
            asked.append((Path(table).name, scored_of(path, Path(table))))
        for areas, card in asked:
            if isinstance(card, str):
                who.append(f"| {path.name} | {areas}, 0 | {card} |")
                continue
            told = "; ".join(left_out_text(card.left_out, "en"))
            who.append(f"| {path.name} | {areas}, {len(card.areas):,} | {told} |")
            what.append(f"| {path.name} | {areas} | {' | '.join(shares(card))} |")
    print("\n".join([*who, "", *what]))


if __name__ == "__main__":
    main()
