"""On the synthetic town, status by status, the scorecard equals truth.csv.

The truth is made by a script that does not know the library: a regular street grid makes every
walking distance a closed form.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds

TOWN = worlds.SAMPLES / "new-town"
HAIR = 1e-4
"""Shares in the files are rounded to four digits, and outlines to nine digits of a degree."""


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    return worlds.new_town()


@pytest.fixture(scope="module")
def compared(card: qh.Scorecard) -> pd.DataFrame:
    """One row per compound and item; what the truth says has a _true in its name."""
    names = card.areas["name"]
    found = card.to_frame().assign(compound=lambda table: table["area"].map(names))
    truth = pd.read_csv(TOWN / "truth.csv")
    both = truth.merge(found, on=["compound", "item"], suffixes=("_true", ""), validate="1:1")
    assert len(both) == len(truth) == len(found) == 360
    implied = both["reason_true"] == "implied_by_host"
    for column in ("share", "median_minutes"):
        with_hosts = both[f"{column}_with_hosts"]
        both[f"{column}_true"] = both[f"{column}_true"].where(~implied, with_hosts)
    return both


def test_status_and_reason_equal_the_truth(compared):
    wrong = compared[
        (compared["status"] != compared["status_true"])
        | (compared["reason"] != compared["reason_true"])
    ]
    columns = ["compound", "item", "status_true", "reason_true", "status", "reason", "facility"]
    assert wrong.empty, wrong[columns].to_string()


def test_the_truth_holds_every_kind_of_answer(compared):
    kinds = compared.groupby(["status", "reason"]).size()
    assert set(kinds.index) == {
        ("met", "within_limit"),
        ("met", "implied_by_host"),
        ("unmet", "beyond_limit"),
        ("unknown", "no_facility"),
        ("unknown", "not_assessable"),
    }


def test_shares_equal_the_truth(compared):
    known = compared["share_true"].notna()
    assert known.sum() > 300
    assert np.allclose(compared.loc[known, "share"], compared.loc[known, "share_true"], atol=HAIR)


def seconds_within(card, area, item, share, *, hosts) -> float:
    """Seconds within which a share of the residents of an area reach an item."""
    times = card.times[card.times["item"] == item]
    if not hosts:
        times = times[~times["host"].astype(bool)]
    fastest = times.groupby("origin")["seconds"].min()
    mine = card.origins[card.origins["area"] == area]
    seconds = fastest.reindex(mine.index).fillna(np.inf).to_numpy()
    order = np.argsort(seconds, kind="stable")
    reached = np.cumsum(mine["share"].to_numpy()[order])
    return float(seconds[order][np.argmax(reached >= share)])


def test_minutes_equal_the_truth(card, compared):
    """Within 0.1 minutes; where the median falls between two homes, either of them is right."""
    rows = compared[compared["median_minutes_true"].notna()]
    rows = rows[rows["median_minutes_true"] < 29.9]  # the search ends at twice the limit
    assert len(rows) > 300
    assert rows["median_minutes"].notna().all()
    off = (rows["median_minutes"] - rows["median_minutes_true"]).abs() > 0.1
    assert off.sum() <= 12  # nine of one compound, whose homes are alike and even in number
    for _, row in rows[off].iterrows():
        hosts = row["reason"] == "implied_by_host"
        low, high = (
            seconds_within(card, row["area"], row["item"], 0.5 + h, hosts=hosts) / 60
            for h in (-HAIR, HAIR)
        )
        assert low - 0.1 <= row["median_minutes_true"] <= high + 0.1
        assert low <= row["median_minutes"] <= high
    beyond = compared["median_minutes_true"] > 30.1
    assert compared.loc[beyond, "median_minutes"].isna().all()


def test_the_nearest_facility_is_that_of_the_truth(card, compared):
    """Where an item is met; the same place listed twice counts as its first listing."""
    truth = pd.read_csv(TOWN / "facility_truth.csv").set_index("id")
    first = truth["duplicate_of"].fillna(pd.Series(truth.index, index=truth.index))
    met = compared[compared["status"] == "met"]
    same = met["facility"].map(card.facilities["id"]).map(first) == met["nearest_facility"]
    assert same.mean() > 0.99


def test_coverage_and_gaps_follow(card, compared):
    table = qh.coverage(card).set_index(["measure", "item"])
    truth = compared.groupby("item")["status_true"]
    met, unmet = (truth.apply(lambda s, w=word: (s == w).sum()) for word in ("met", "unmet"))
    area = table.loc["area"]
    assert area["numerator"].astype(int).to_dict() == met.to_dict()
    assert (area["denominator"] - area["numerator"]).astype(int).to_dict() == unmet.to_dict()
    assert table.loc[("item", "all"), "numerator"] == met.sum()
    assert len(qh.gaps(card)) == unmet.sum()


def test_residents_are_those_of_the_compounds(card):
    residents = card.origins.groupby("area")["residents"].sum()
    assert np.allclose(residents, card.areas["residents"].reindex(residents.index))
    assert card.areas["residents"].sum() == card.summary()["residents"].sum()
    assert set(card.summary()["way_out"]) == {"gates"}


def test_rows_shuffled_give_the_same_answers_by_id(card):
    """Areas and facilities are known by their own ids, not by the order of their rows."""
    shuffled = card.again(
        areas=card.areas.sample(frac=1, random_state=3),
        facilities=card.facilities.sample(frac=1, random_state=4),
        origins=card.origins.sample(frac=1, random_state=5),
    )
    assert {"c01", "c02"} <= set(card.to_frame()["area"])
    mine, theirs = (
        one.to_frame().set_index(["area", "item"]).sort_index() for one in (card, shuffled)
    )
    pd.testing.assert_frame_equal(mine, theirs)
    pd.testing.assert_frame_equal(
        card.summary(), shuffled.summary().reindex(card.areas.index), check_dtype=False
    )
