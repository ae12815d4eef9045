from __future__ import annotations

import pandas as pd
import pytest

from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.planning.published import (
    designation_coverage,
    implied_denominators,
    published_figures,
)


def test_every_figure_has_its_source_and_says_whether_it_can_be_recomputed() -> None:
    figures = published_figures()
    assert figures.index.is_unique
    assert figures["citation"].str.len().min() > 5
    assert set(figures["recomputable"]) == {"yes", "partly", "no"}
    assert figures["recomputed"].notna().equals(figures["recomputable"] == "yes")


def test_what_can_be_recomputed_is_what_was_printed() -> None:
    figures = published_figures()
    yes = figures[figures["recomputable"] == "yes"]
    assert len(yes) >= 8
    assert yes["recomputed"].to_numpy() == pytest.approx(yes["value"].to_numpy(), rel=0.01)


def test_the_denominator_of_the_official_share() -> None:
    figures = published_figures()["value"]
    share, communities = figures["share-2017"], figures["communities-2017"]
    low, high = implied_denominators(int(communities), share)
    assert (low, high) == (3091, 3094)
    for whole in (low, high):
        assert round(100 * communities / whole, 1) == share
    for whole in (low - 1, high + 1):
        assert round(100 * communities / whole, 1) != share


def test_the_smart_communities_have_another_denominator() -> None:
    low, high = implied_denominators(2547, 84, decimals=0)
    assert (low, high) == (3015, 3050)
    assert high < implied_denominators(2706, 87.5)[0]


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="found 0 and 50"):
        implied_denominators(0, 50)
    with pytest.raises(InputError, match="percentage up to 100"):
        implied_denominators(5, 120)
    assert implied_denominators(10, 100)[0] == 10


def test_designation_coverage_reproduces_it() -> None:
    communities = pd.DataFrame(index=range(3093))
    circles = pd.DataFrame(
        {"community": range(2706), "circle": [number % 1452 for number in range(2706)]}
    )
    row = designation_coverage(communities, circles)
    assert row.loc[0, "measure"] == "designation"
    assert (row.loc[0, "numerator"], row.loc[0, "denominator"]) == (2706, 3093)
    assert round(100 * row.loc[0, "share"], 1) == 87.5
    assert row.attrs["circles"] == 1452
    assert row.attrs["communities_per_circle"] == pytest.approx(1.86, abs=0.01)


def test_a_community_in_two_circles_counts_once() -> None:
    circles = pd.DataFrame({"community": ["a", "a", "b", None], "circle": [1, 2, 2, 3]})
    row = designation_coverage(["a", "b", "c", "d"], circles)
    assert (row.loc[0, "numerator"], row.loc[0, "share"]) == (2, 0.5)
    assert row.attrs == {"circles": 2, "assignments": 3, "communities_per_circle": 1.5}


def test_strange_tables_are_told() -> None:
    with pytest.raises(InputError, match="no column circle"):
        designation_coverage(["a"], pd.DataFrame({"community": ["a"]}))
    circles = pd.DataFrame({"community": ["a", "z"], "circle": [1, 1]})
    with pytest.warns(QuarterhourWarning, match="1 communities of the circles are not in"):
        row = designation_coverage(["a"], circles)
    assert row.loc[0, "share"] == 1.0
    assert designation_coverage([], circles.iloc[:0])["share"].isna().all()
