"""The same question for several groups: their paces, their residents, one table, one figure."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.walking.pace import profile


def street():
    """Homes at 500, 1,000 and 1,500 m from the shop; older people live far away."""
    areas = gpd.GeoDataFrame(
        {
            "residents": [10.0, 20.0, 70.0],
            "residents_elderly": [1.0, 2.0, 7.0],
            "minors": [3.0, None, 1.0],
        },
        geometry=[box(x - 5, -5, x + 5, 5) for x in (500, 1000, 1500)],
        crs=worlds.CRS,
    )
    homes = worlds.squares((500, 0), (1000, 0), (1500, 0), size=4, levels=1.0)
    places = worlds.points((0, 0), item=["shop"])
    network = worlds.network_of([(0, 0), (6000, 0)])
    listed = worlds.checklist(worlds.item("shop"), worlds.item("zoo"))
    return areas, places, network, listed, qh.origins(areas, homes)


def groups(walkers, **options) -> qh.Groups:
    *sentence, homes = street()
    return qh.assess_groups(*sentence, walkers, origins=homes, **options)


WALKERS = {
    "adult": "adult",
    "elderly": "elderly",
    "child": replace(profile("adult"), name="small", speed_m_s=2.0),
}


def test_each_group_walks_as_it_does_and_is_as_many_as_it_is():
    found = groups(WALKERS, residents={"child": "minors"})
    table = found.coverage().query("item == 'shop'").set_index("group")
    # Adults come 1,125 m far, older people 810 m, these children 1,800 m.
    assert table["numerator"].to_dict() == {"adult": 30, "elderly": 1, "child": 4}
    assert table["denominator"].to_dict() == {"adult": 100, "elderly": 10, "child": 4}
    assert found.counted == {"adult": None, "elderly": "residents_elderly", "child": "minors"}
    assert "Of adult nobody has counted who they are" in found.notes[0]
    side = found.to_frame()
    assert side.loc["shop", ["adult", "elderly", "child", "gap"]].tolist() == pytest.approx(
        [0.3, 0.1, 1.0, 0.9]
    )
    assert side.loc["shop", "least"] == "elderly"
    assert side.loc["zoo", ["adult", "elderly", "child", "gap"]].isna().all()
    assert "elderly, 0.90 m/s" in repr(found)


def test_each_card_is_that_of_a_full_run():
    areas, places, network, listed, homes = street()
    found = qh.assess_groups(areas, places, network, listed, ["adult", "elderly"], origins=homes)
    for name in ("adult", "elderly"):
        mine = areas
        if name == "elderly":
            mine = areas.assign(residents=areas["residents_elderly"])
        again = homes.assign(residents=homes["share"] * mine["residents"].to_numpy())
        card = qh.assess(mine, places, network, listed, origins=again, pace=name)
        pd.testing.assert_frame_equal(card.results, found.cards[name].results)
        pd.testing.assert_frame_equal(qh.coverage(card), qh.coverage(found.cards[name]))
    assert areas["residents"].tolist() == [10, 20, 70]


def test_any_question_can_be_asked_for_groups():
    card = worlds.new_town()
    found = qh.Groups.of(card.again(quota=0.8), ["adult", "wheelchair"])
    assert all(one.question.quota == 0.8 for one in found.cards.values())
    table = found.to_frame("area")
    assert table.index.tolist() == list(card.checklist.keys())
    by_part = found.coverage("population", by="h3:8")
    assert isinstance(by_part, gpd.GeoDataFrame)
    assert by_part.groupby(["group", "item"])["denominator"].sum().max() == pytest.approx(101_300)


def test_groups_are_held_side_by_side_where_all_have_an_answer():
    found = qh.Groups.of(worlds.new_town(), ["adult", "elderly"])
    alone = found.coverage().pivot_table(index="item", columns="group", values="share")
    board = "publicity_board"
    # Older people have fewer areas with an answer, all of them good ones.
    assert alone.loc[board, "elderly"] > alone.loc[board, "adult"]
    side = found.to_frame()
    assert side.loc[board, "elderly"] <= side.loc[board, "adult"]
    assert side["areas"].between(0, 12).all()
    both = [card.results for card in found.cards.values()]
    mine = both[0]["item"] == board
    known = (both[0]["status"] != "unknown") & (both[1]["status"] != "unknown") & mine
    assert side.loc[board, "areas"] == known.sum()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_figure_with_a_mark_for_each_group(tmp_path, lang):
    found = groups(WALKERS)
    figure = qh.plot_groups(found, tmp_path / "groups.svg", lang=lang)
    (axes,) = figure.axes
    drawn = {
        line.get_marker(): line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1
    }
    assert drawn == pytest.approx({"o": 0.3, "s": 0.1, "^": 1.0})
    assert [text.get_text() for text in figure.legends[0].get_texts()] == {
        "zh": ["成年人", "老年人", "儿童"],
        "en": ["adult", "older person", "child"],
    }[lang]
    assert (tmp_path / "groups.svg").stat().st_size > 1000


def test_what_does_not_fit_one_figure():
    card = groups(["adult"]).cards["adult"]
    many = qh.Groups(dict.fromkeys(map(str, range(9)), card), {})
    with pytest.raises(qh.QuarterhourError, match="9 groups do not fit one figure"):
        qh.plot_groups(many)
    nobody = card.origins.assign(residents=np.nan)
    bare = qh.Groups({"a": replace(card, origins=nobody)}, {"a": None})
    with pytest.raises(qh.QuarterhourError, match="Nothing is known of any item by population"):
        qh.plot_groups(bare)
    with pytest.raises(qh.QuarterhourError, match="not held side by side"):
        bare.to_frame("item")


@pytest.mark.parametrize(
    ("walkers", "options", "told"),
    [
        ({}, {}, "There are no groups"),
        (["adult", "ghost"], {}, "no walker named 'ghost'"),
        (["adult"], {"residents": {"elderly": "x"}}, "names elderly, which is no group: adult"),
        (["adult"], {"residents": {"adult": "x"}}, "no column 'x' with the residents of adult"),
    ],
)
def test_what_cannot_be_asked_is_said(walkers, options, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        groups(walkers, **options)


def test_residents_of_a_group_are_numbers():
    areas, places, network, listed, homes = street()
    with pytest.raises(qh.QuarterhourError, match="1 cells of 'minors' are no numbers"):
        qh.assess_groups(
            areas.assign(minors=["many", "3", "4"]),
            places,
            network,
            listed,
            ["child"],
            origins=homes,
            residents={"child": "minors"},
        )
