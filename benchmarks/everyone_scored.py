"""Who is in the score of a city, mapped areas alone against everyone: one row per extract.

    python benchmarks/everyone_scored.py data/samples/helsinki.osm.pbf ../shared/data/monaco.osm.pbf

Prints a Markdown table of residences and facilities in the score and left out, by reason, and one
of the share of residences within the limit of the four items that maps know best, before and after.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import quarterhour as qh
from quarterhour.outputs.words import left_out_text, percent

BEST_KNOWN = ("pharmacy", "convenience_store", "eatery", "financial_outlet")


def scored(path: Path, areas: str) -> qh.Scorecard:
    """Score an extract against the list of Beijing, from its buildings and gates."""
    city = qh.read_osm(path, areas=areas)
    homes = qh.origins(city.areas, city.buildings, city.gates)
    return qh.assess(city.areas, city.facilities, city.streets, "beijing-2011", origins=homes)


def shares(card: qh.Scorecard) -> list[str]:
    """Give the share of residences within the limit, of those whose answer is known."""
    table = qh.coverage(card).query("measure == 'residence'").set_index("item")
    return [percent(float(table.loc[key, "share"])) for key in BEST_KNOWN]


def main() -> None:
    """Print both tables."""
    warnings.simplefilter("ignore")
    who = ["| extract | areas | in the score, and left out of it |", "|---|---|---|"]
    what = [f"| extract | areas | {' | '.join(BEST_KNOWN)} |", "|---|---|---|---|---|---|"]
    for name in sys.argv[1:]:
        for areas in ("mapped", "all"):
            try:
                card = scored(Path(name), areas)
            except qh.QuarterhourError as error:
                who.append(f"| {Path(name).name} | {areas} | {error} |")
                continue
            told = "; ".join(left_out_text(card.left_out, "en"))
            who.append(f"| {Path(name).name} | {areas}, {len(card.areas):,} | {told} |")
            what.append(f"| {Path(name).name} | {areas} | {' | '.join(shares(card))} |")
    print("\n".join([*who, "", *what]))


if __name__ == "__main__":
    main()
