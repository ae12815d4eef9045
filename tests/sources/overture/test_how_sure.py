"""Overture's real places, set down on Boulder's real streets: what is unsure of them is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import quarterhour as qh
from quarterhour.planning.error_sources import OPEN_BY_CONFIDENCE

PLACES, HOMES = 3425, 60


def written(folder: Path, rows: list[dict[str, Any]], kind: str) -> None:
    keys = dict.fromkeys(key for row in rows for key in row)
    table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in rows])
    pq.write_table(table, folder / f"{kind}.parquet")


@pytest.fixture(scope="module")
def given(
    shared_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The rows of the sample, whose category, confidence and fate are real, moved to Boulder."""
    rows = pq.read_table(shared_data("overture/places.parquet")).to_pylist()
    rng = np.random.default_rng(17)
    lonlat = rng.uniform((-105.295, 39.997), (-105.240, 40.028), (len(rows), 2))
    keep = ("id", "names", "categories", "confidence", "sources", "open")
    moved = [
        {key: row[key] for key in keep} | {"geometry": shapely.to_wkb(shapely.Point(at))}
        for row, at in zip(rows, lonlat, strict=True)
    ]
    for row in moved:
        row["operating_status"] = None if row["open"] else "permanently_closed"
    return moved


@pytest.fixture(scope="module")
def city(
    given: list[dict[str, Any]],
    shared_data: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> qh.City:
    """A part of Boulder, with houses, and with the places of which a fate is known said closed."""
    folder = tmp_path_factory.mktemp("boulder")
    (folder / "streets.parquet").symlink_to(shared_data("overture/boulder.parquet"))
    written(folder, given, "place")
    rng = np.random.default_rng(4)
    homes = [
        {
            "id": f"home-{n}",
            "geometry": shapely.to_wkb(shapely.box(x, y, x + 2e-4, y + 1e-4)),
            "subtype": "residential",
            "class": "house",
            "num_floors": 2,
        }
        for n, (x, y) in enumerate(rng.uniform((-105.27, 40.008), (-105.26, 40.018), (HOMES, 2)))
    ]
    written(folder, homes, "building")
    return qh.read_overture(folder, (-105.285, 40.000, -105.250, 40.026))


@pytest.mark.parametrize(
    "checklist", ["moreno-2016", pytest.param("ghsci-2022", marks=pytest.mark.long)]
)
def test_closed_and_doubtful_places_are_seen(city: qh.City, checklist: str) -> None:
    places = city.facilities[city.facilities["confidence"].notna()]
    closed = int((places["status"] == "closed").sum())
    assert 20 < closed < 313
    assert any(f"{closed} places are said to be closed" in str(note) for note in city.notes)
    homes = qh.origins(city.areas, city.buildings, city.gates)
    card = qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes)
    sure = qh.uncertainty(card, 200, seed=1)
    table = sure.existence
    shut = card.matches[card.matches["why"] == "gone"]
    assert table.loc["said to be closed", "places"] == shut["place"].nunique() > 0
    assert set(shut["facility"]) <= set(places.index[places["status"] == "closed"])
    low = 0.0
    for upto, still, of in OPEN_BY_CONFIDENCE:
        found = table.loc[f"{low:g} to {upto:g}"]
        counted = card.matches.loc[card.matches["counts"] == "yes", "facility"].unique()
        here = places.loc[places.index.intersection(counted), "confidence"]
        assert found["places"] <= ((here > low) & (here <= upto)).sum()
        assert found["places"] > 0
        assert found["p_exists"] == pytest.approx((still + 1) / (of + 2), abs=0.03)
        assert found["low"] <= found["p_exists"] <= found["high"]
        low = upto
    assert (sure.variance["source"] == "closed_places").any()


def test_doubt_makes_the_interval_of_an_item_wider(city: qh.City) -> None:
    homes = qh.origins(city.areas, city.buildings, city.gates)
    closing = [qh.ClosedPlaces()]
    spread = {}
    for sure in (0.6, 0.99):
        table = city.facilities.assign(confidence=sure)
        card = qh.assess(city.areas, table, city.streets, "ghsci-2022", origins=homes)
        found = qh.uncertainty(card, 200, sources=closing)
        pairs = found.coverage[found.coverage["measure"] == "item"]
        spread[sure] = float(pairs["sd"].sum())
        assert (found.variance.loc[found.variance["sd"] > 0, "share"] == 1.0).all()
        assert len(found.existence.drop(index="said to be closed")) == 1
    assert spread[0.6] > spread[0.99] > 0


def test_shares_of_those_still_open_are_what_the_curve_says(given: list[dict[str, Any]]) -> None:
    table = pd.DataFrame({key: [row[key] for row in given] for key in ("confidence", "open")})
    assert len(table) == PLACES
    assert int((table["open"] == 0).sum()) == 313
    low = -1.0
    for upto, still, of in OPEN_BY_CONFIDENCE:
        mine = table[(table["confidence"] > low) & (table["confidence"] <= upto)]
        assert (int(mine["open"].sum()), len(mine)) == (still, of)
        low = upto
