"""Measure the categories of Overture's places on places labelled by hand.

Run from the project's root: ``python benchmarks/overture_places.py`` prints the tables, ``--write``
puts them into docs/classification.md. The places are looked for in ``../shared/data``; the labels
(tests/labels/overture.csv) are kept here, by the places' ids.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pandas as pd
import pyproj
from classification import DOCUMENT, LABELS, ROOT, listed
from pages import put
from scipy.stats import binomtest

from quarterhour.sources.overture.files import read_release
from quarterhour.sources.overture.places import places_table
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify

DATA = Path(os.environ.get("QUARTERHOUR_DATA", ROOT.parent / "shared" / "data"))
PLACES = DATA / "overture" / "places.parquet"
BEGIN, END = "<!-- overture places -->", "<!-- end of overture places -->"
CHECKLISTS = ("moreno-2016", "ghsci-2022", "itdp", "sony-2024", "beijing-2011", "mofcom-2021")
Pairs = set[tuple[str, str]]
HALVES = {"mended": "mended on", "held_out": "held out"}

UNTOLD = frozenset({"breakfast"})
"""Items that a name and a category do not tell, whoever reads them."""

TEXT = """
## Overture's places

Printed by `python benchmarks/overture_places.py`. Of the 3,425 places of a sample of the United
States ([Overture Maps](how-to/overture.md)) 700 were drawn at random and labelled by hand, from
their names and categories, before the table of categories had been run on them; what the labels
mean is told in `tests/labels/README.md`. The table was mended on one half of them; the other half
was not looked at for that, so its figures are those of places never seen. In brackets: the
interval of Wilson, 95 %. At first reading, with the table as it was before it was mended, the
half held out had a precision and recall of 0.830 and 0.755 (`moreno-2016`), 0.786 and 0.688
(`ghsci-2022`), 0.727 and 0.615 (`itdp`), 0.909 and 0.781 (`sony-2024`), 0.906 and 0.865
(`beijing-2011`), 0.919 and 0.792 (`mofcom-2021`).

The sample has hotels, law firms, eateries and shops, and hardly any school, doctor, park or stop:
of items that are not in the second table it says nothing. The item `breakfast` is left out, for
nobody can tell it from a name. In the rows of all six a place counts once for each checklist, so
their intervals are somewhat too narrow.
"""


def labelled_pairs(half: str, checklist: str) -> tuple[list[str], Pairs]:
    """Give the places of a half, and which of the checklist's items the labels say they serve."""
    labels = pd.read_csv(LABELS / "overture.csv", dtype=str, keep_default_na=False)
    kinds = pd.read_csv(LABELS / "overture_kinds.csv", dtype=str, keep_default_na=False)
    items = kinds.set_index("kind")[checklist].str.split("|").to_dict()
    mine = labels[labels["half"] == half]
    said = {
        (place, item)
        for place, own in zip(mine["id"], mine["kinds"], strict=True)
        for kind in own.split("|")
        if kind
        for item in items[kind]
        if item
    }
    return mine["id"].tolist(), said


def found_pairs(places: pd.DataFrame, checklist: str) -> Pairs:
    """Give which items the library says that places serve; hosts are left out."""
    matches = classify(places, Checklist.load(checklist), hosts=False)
    pairs = zip(matches["facility"], matches["item"], strict=True)
    return {(str(place), str(item)) for place, item in pairs if item not in UNTOLD}


def places() -> pd.DataFrame:
    rows = read_release(PLACES, None).rows["place"]
    return places_table(rows, pyproj.CRS(4326))[0]


def share(right: int, of: int) -> str:
    """A share with the interval of Wilson that holds it in 95 of 100 samples."""
    if not of:
        return "-"
    low, high = binomtest(right, of).proportion_ci(0.95, method="wilson")
    return f"{right / of:.3f} ({low:.3f} to {high:.3f})"


HEAD = ("labelled", "found", "right", "precision", "recall")


def row(name: tuple[object, ...], said: Pairs, found: Pairs) -> tuple[object, ...]:
    right = len(said & found)
    counts = (len(said), len(found), right)
    return (*name, *counts, share(right, len(found)), share(right, len(said)))


def measured(table: pd.DataFrame, half: str) -> dict[str, tuple[Pairs, Pairs]]:
    """Give for each checklist the pairs that the labels say, and those that were found."""
    told = {}
    for checklist in CHECKLISTS:
        ids, said = labelled_pairs(half, checklist)
        told[checklist] = said, found_pairs(table.loc[ids], checklist)
    return told


def pooled(told: dict[str, tuple[Pairs, Pairs]]) -> tuple[Pairs, Pairs]:
    """Put the pairs of all checklists together, each under its checklist's name."""
    said, found = (
        {(place, f"{name} {item}") for name, both in told.items() for place, item in both[which]}
        for which in (0, 1)
    )
    return said, found


def document(table: pd.DataFrame) -> str:
    overall, by_item = [], []
    for half, meant in HALVES.items():
        told = measured(table, half)
        overall += [row((name, meant), *both) for name, both in told.items()]
        overall.append(row(("all six", meant), *pooled(told)))
    for name, both in told.items():
        for item in Checklist.load(name):
            mine = [{pair for pair in some if pair[1] == item.key} for some in both]
            if any(mine):
                by_item.append(row((name, item.key), *mine))
    return "\n".join(
        [
            BEGIN,
            TEXT,
            listed(("checklist", "half, 350 places each", *HEAD), overall),
            "Item by item, of the half held out:\n",
            listed(("checklist", "item", *HEAD), by_item),
            END,
        ]
    )


def mistakes(table: pd.DataFrame, half: str, checklist: str) -> None:
    ids, said = labelled_pairs(half, checklist)
    found = found_pairs(table.loc[ids], checklist)
    for place, item in sorted(said ^ found, key=lambda pair: pair[1]):
        told = "missed" if (place, item) in said else "found"
        print(told, item, table.loc[place, "name"], "|", table.loc[place, "category"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into the document")
    parser.add_argument("--mistakes", choices=HALVES, help="list the mistakes of one half")
    given = parser.parse_args()
    table = places()
    if given.mistakes:
        for checklist in CHECKLISTS:
            mistakes(table, given.mistakes, checklist)
        return
    text = document(table)
    print(text)
    if given.write:
        put(DOCUMENT, text, BEGIN, END)


if __name__ == "__main__":
    main()
