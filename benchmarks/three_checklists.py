"""One real extract against three checklists: met, unmet, unknown and implied per compound.

    python benchmarks/three_checklists.py ../shared/data/beijing-xueyuanlu-2026.osm.pbf

An item is called unmet only where the data can show it: the second table says for each item that
is unmet anywhere how many of it the extract has, and by which evidence they were recognised.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pandas as pd

import quarterhour as qh

CHECKLISTS = ("beijing-2011", "xuzhou-2017", "pudong-2019")


def cards(path: str | Path) -> dict[str, qh.Scorecard]:
    """Score the residential areas of an extract, from their buildings and gates."""
    city = qh.read_osm(path)
    origins = qh.origins(city.areas, city.buildings, city.gates)
    found = {}
    for name in CHECKLISTS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", qh.QuarterhourWarning)  # xuzhou-2017 is unverified
            checklist = qh.Checklist.load(name)
        found[name] = qh.assess(
            city.areas, city.facilities, city.streets, checklist, origins=origins
        )
    return found


def per_area(card: qh.Scorecard) -> pd.DataFrame:
    """Met, implied (a part of met), unmet and unknown, and the reasons for unknown."""
    table = card.summary()[["name", "met", "implied", "unmet", "unknown"]]
    unknown = card.results[card.results["status"] == "unknown"]
    reasons = pd.crosstab(unknown["area"], unknown["reason"]).reindex(table.index, fill_value=0)
    return table.join(reasons)


def unmet_items(card: qh.Scorecard) -> pd.DataFrame:
    """Items that are unmet anywhere, with what the data hold of them."""
    unmet = card.results[card.results["status"] == "unmet"].groupby("item").size()
    own = card.matches[card.matches["evidence"] != "host"]
    table = pd.DataFrame({"zh": {item.key: item.zh for item in card.checklist}})
    table["checkability"] = pd.Series({item.key: item.checkability for item in card.checklist})
    table["unmet areas"] = unmet
    table["in the data"] = own.groupby("item").size()
    table["by"] = own.groupby("item")["evidence"].agg(lambda e: " ".join(sorted(set(e))))
    return table[table["unmet areas"].notna()].astype({"unmet areas": int, "in the data": int})


def main(path: str) -> None:
    pd.set_option("display.width", 200)
    pd.set_option("display.unicode.east_asian_width", True)
    for name, card in cards(path).items():
        facilities = card.manifest["inputs"]["facilities"]
        print(f"\n== {name}: {len(card.areas)} areas × {len(card.checklist)} items")
        print(f"{facilities['rows']} facilities, recognised by {facilities['kind']}")
        print(per_area(card).to_string())
        print("\nUnmet somewhere:")
        print(unmet_items(card).to_string())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/beijing-xueyuanlu-2026.osm.pbf")
