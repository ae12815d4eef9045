"""The table of measures: its formulas give what the functions give, its page is up to date.

``python tests/outputs/test_measures.py`` writes the table into docs/measures.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import quarterhour as qh

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"
START, END = "<!-- the table of measures -->", "<!-- end of the table -->"


def rows() -> str:
    head = "| measure | formula | source | the sentence beside it |\n|---|---|---|---|\n"
    told = [
        f"| `{key}` {row['zh']}<br>{row['en']}<br>`qh.{row['function']}` | `{row['formula']}` | "
        f"{row['source']} | {row['say_zh']}<br>{row['say_en']} |"
        for key, row in qh.measures().iterrows()
    ]
    return head + "\n".join(told)


def written(page: str) -> str:
    before, _, rest = page.partition(START)
    return f"{before}{START}\n\n{rows()}\n\n{END}{rest.partition(END)[2]}"


def test_the_page_has_the_table_of_the_library():
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page), "run: python tests/outputs/test_measures.py"


def test_every_measure_names_a_function_and_both_languages_fill_the_same_words():
    table = qh.measures()
    assert table.index.is_unique
    for key, row in table.iterrows():
        assert callable(getattr(qh, row["function"])), key
        names = [
            {n for _, n, _, _ in Formatter().parse(row[f"say_{w}"]) if n} for w in ("zh", "en")
        ]
        assert names[0] == names[1], key
        assert row["source"].strip()


# --- the formulas ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Twelve areas with two homes each, an item that hosts imply, one that nobody knows."""
    import worlds  # noqa: PLC0415
    from quarterhour.standards.items import HostRule  # noqa: PLC0415

    rng = np.random.default_rng(5)
    x = np.arange(12) * 300.0
    areas = gpd.GeoDataFrame(
        {
            "residents": rng.integers(50, 400, 12).astype(float),
            "kind": np.array(["old", "new", "mixed"])[np.arange(12) % 3],
            "income": rng.integers(1, 6, 12).astype(float),
            "circle": [f"c{i // 4}" if i % 4 else None for i in range(12)],
        },
        geometry=[box(a, -30, a + 280, 30) for a in x],
        index=[f"a{i}" for i in range(12)],
        crs=worlds.CRS,
    )
    homes = worlds.squares(*((a + b, 10) for a in x for b in (40, 240)), size=8)
    homes["levels"] = rng.integers(1, 9, len(homes)).astype(float)
    places = worlds.points(
        *((0, 0), (900, 0), (1000, 0), (3200, 0), (1500, 0), (2500, 0)),
        item=["shop", "shop", "shop", "shop", "bank", "library"],
        capacity=[10.0, 20, 30, 40, 50, 60],
    )
    listed = worlds.checklist(
        worlds.item("shop"),
        worlds.item("bank", limit_minutes=10, group="h"),
        worlds.item("room", checkability="D", group="h"),
        worlds.item("library", limit_minutes=None, limit_m=900.0),
        worlds.item("zoo"),
        hosts=[HostRule(("bank",), ("room",), 0.5, "by rule", "")],
    )
    network = worlds.network_of([(-100, 0), (4000, 0)])
    return qh.assess(areas, places, network, listed, origins=qh.origins(areas, homes))


NUMPY = {
    name: getattr(np, name)
    for name in ("sum", "abs", "max", "min", "log", "ceil", "size", "outer", "subtract")
}


def value(key: str, **letters: object) -> float:
    formula = qh.measures().loc[key, "formula"]
    return float(eval(formula, NUMPY | letters))  # noqa: S307


def status(card) -> pd.DataFrame:
    wide = card.results.pivot_table(index="area", columns="item", values="status", aggfunc="first")
    return wide.loc[card.areas.index, list(card.checklist.keys())]


def of_homes(card, item: str) -> dict[str, np.ndarray]:
    """The letters of one item, from the tables of the scorecard alone."""
    one = card.results[card.results["item"] == item].set_index("area")
    mine = one.loc[card.origins["area"]]
    limit = card.checklist[item].limit
    walks = card.times[card.times["item"] == item]
    near = walks[walks[limit.column] <= limit.most]
    itself = card.origins.index.isin(near.loc[~near["host"].astype(bool), "origin"])
    either = card.origins.index.isin(near["origin"])
    hosted = (mine["reason"] == "implied_by_host").to_numpy()
    return {
        "P": card.origins["residents"].to_numpy(),
        "a": np.where(hosted, either, itself).astype(float),
        "b": itself.astype(float),
        "k": (mine["status"] != "unknown").to_numpy().astype(float),
    }


def test_formulas_of_coverage(card):
    table = qh.coverage(card).set_index(["measure", "item"])
    words = status(card)
    for item in [one.key for one in card.checklist]:
        letters = of_homes(card, item)
        areas = {"A": words[item] == "met", "K": words[item] != "unknown"}
        population = table.loc[("population", item)]
        assert population["share_at_least"] == pytest.approx(value("share_at_least", **letters))
        assert population["share_at_most"] == pytest.approx(value("share_at_most", **letters))
        if not letters["k"].any():
            assert np.isnan(population["share"])
            continue
        assert population["share"] == pytest.approx(value("population", **letters))
        assert population["share_observed"] == pytest.approx(value("share_observed", **letters))
        assert table.loc[("residence", item), "share"] == value("residence", **letters)
        assert table.loc[("area", item), "share"] == value("area", **areas)
    every = {"AA": (words == "met").to_numpy(), "KK": (words != "unknown").to_numpy()}
    assert table.loc[("item", "all"), "share"] == value("item", **every)
    groups = qh.coverage(card, "group").set_index("item")["share"]
    for group in card.checklist.groups:
        keys = [i.key for i in card.checklist if i.group == group.key]
        mine = {
            "AG": (words[keys] == "met").to_numpy(),
            "KG": (words[keys] != "unknown").to_numpy(),
        }
        assert groups[group.key] == value("group", **mine)
    inside = card.areas["circle"].notna().to_numpy()
    designated = qh.coverage(card, "designation", circles="circle")
    assert designated["share"].tolist() == [value("designation", D=inside)]


def test_formula_of_all_items(card):
    letters = [of_homes(card, item) for item in [one.key for one in card.checklist]]
    known = np.array([one["k"] for one in letters])
    lacking = (known * (1 - np.array([one["a"] for one in letters]))).sum(axis=0)
    table = qh.coverage(card, "all_items")
    assert len(table) > 1
    for n, share in enumerate(table["share"]):
        told = {"P": letters[0]["P"], "lacking": lacking, "n": n, "some": known.any(axis=0)}
        assert share == pytest.approx(value("all_items", **told))


def test_formulas_of_equity(card):
    table = qh.equity(card, by="kind", rank="income").set_index(["of", "item"])
    for item in ("shop", "bank", "library"):
        walks = card.times[(card.times["item"] == item) & ~card.times["host"].astype(bool)]
        minutes = (walks.set_index("origin")["seconds"] / 60).reindex(card.origins.index)
        people = card.origins["residents"].to_numpy()
        area = card.areas.loc[card.origins["area"]]
        ok = np.isfinite(minutes.to_numpy())
        v, weight = minutes.to_numpy()[ok], people[ok]
        m = (weight * v).sum() / weight.sum()
        group = area["kind"].to_numpy()[ok]
        u = np.array(
            [np.average(v[group == g], weights=weight[group == g]) for g in np.unique(group)]
        )
        q = np.array([weight[group == g].sum() for g in np.unique(group)])
        rank = area["income"].to_numpy()[ok]
        below = np.array([weight[rank < one].sum() for one in rank])
        same = np.array([weight[rank == one].sum() for one in rank])
        r = (below + same / 2) / weight.sum()
        row = table.loc[("minutes", item)]
        letters = {"P": weight, "v": v, "m": m, "u": u, "Q": q, "r": r}
        letters["integral"] = lambda low, high, v=v, weight=weight: integral(v, weight, low, high)
        for key in ("mean", "gini", "palma", "theil", "theil_between", "gap", "concentration"):
            assert row[key] == pytest.approx(value(key, **letters), rel=1e-5, abs=1e-12), key


def integral(v, weight, low, high, steps=200_000) -> float:
    """What people between two shares of them have, in order, by small steps."""
    order = np.argsort(v)
    x = weight[order].cumsum() / weight.sum()
    at = low + (np.arange(steps) + 0.5) / steps * (high - low)
    return float(v[order][np.searchsorted(x, at)].mean() * (high - low))


def test_formulas_of_redundancy_and_loads(card):
    table = qh.redundancy(card).set_index("item")
    people = card.origins["residents"].to_numpy()
    x = card.origins.geometry.x.to_numpy()
    legs = np.abs(card.origins.geometry.y.to_numpy())
    shops = card.facilities[card.facilities["item"] == "shop"].geometry.x.to_numpy()
    metres = np.abs(x[:, None] - shops[None, :]) + legs[:, None]
    count = (metres <= 15 * 60 * 1.25).sum(axis=1)
    assert table.loc["shop", "three_or_more"] == pytest.approx(
        value("three_or_more", P=people, c=count)
    )
    assert table.loc["shop", "mean_places"] == pytest.approx(
        value("mean_places", P=people, c=count)
    )
    loads = qh.place_loads(card).query("item == 'shop'").set_index("facility")
    best = metres.argmin(axis=1)
    for number, label in enumerate(card.facilities.index[:4]):
        nearest = (best == number) & (metres.min(axis=1) <= 1125)
        capacity = card.facilities.loc[label, "capacity"]
        told = value("residents_per_capacity", P=people, nearest=nearest, capacity=capacity)
        assert loads.loc[label, "residents_per_capacity"] == pytest.approx(told)


def test_formulas_of_groups_and_targets(card):
    groups = qh.Groups.of(card, ["adult", "elderly"])
    side = groups.to_frame().loc["shop"]
    assert side["gap"] == value("gap_between_walkers", s=side[["adult", "elderly"]].to_numpy(float))
    found = qh.progress({"value": 0.9, "by": 2030}, {2020: 0.5, 2024: 0.7})
    assert found.met_in == value("met_in", t0=2021, t1=2025, y0=0.5, y1=0.7, goal=0.9)


# --- sentences ----------------------------------------------------------------------------------


def test_a_coverage_is_said_with_all_its_numbers(card):
    (first, *_) = qh.coverage_text(card, lang="en")
    row = qh.coverage(card).query("measure == 'population' and item == 'shop'").iloc[0]
    assert f"{row['numerator']:,.0f} of {row['denominator']:,.0f} residents" in first
    assert "within 15 minutes" in first
    assert "不在" not in qh.coverage_text(card, lang="zh")[0]
    library = next(s for s in qh.coverage_text(card, lang="en") if "Library" in s)
    assert "within 900 m of street" in library
    assert not any("Zoo" in s for s in qh.coverage_text(card, lang="en"))  # nothing is known


def test_what_only_hosts_imply_is_said_apart(card):
    told = next(s for s in qh.coverage_text(card, lang="en") if "Room" in s)
    row = qh.coverage(card).query("measure == 'population' and item == 'room'").iloc[0]
    assert row["implied"] > 0
    assert f"Of them {row['implied']:,.0f} only by a facility that usually holds it" in told
    assert f"the data show {row['observed']:,.0f}" in told


@pytest.mark.parametrize("measure", ["residence", "area", "item", "group", "all_items"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_measure_is_said_in_both_languages(card, measure, lang):
    told = qh.coverage_text(card, measure, lang=lang)
    table = qh.coverage(card, measure)
    assert len(told) == (table["denominator"] > 0).sum()
    assert not any(re.search(r"[{}]|nan|None", one) for one in told)
    assert any("但" in one or "缺" in one or "but" in one for one in told) == (
        measure == "all_items"
    )


def test_parts_and_circles_are_named(card):
    told = qh.coverage_text(card, "area", "kind", lang="en")
    assert told[0].startswith("old: ")
    nowhere = gpd.GeoDataFrame(
        {"name": ["Start"]}, geometry=[box(-10, -50, 100, 50)], crs=card.areas.crs
    )
    starts = qh.coverage_text(card, "population", nowhere, lang="en")
    assert {one.partition(":")[0] for one in starts} == {"Start", "in no part"}
    (circles,) = qh.coverage_text(card, "designation", circles="circle", lang="en")
    assert circles.startswith("9 of 12 communities are assigned to a circle (75.0%)")
    with pytest.raises(qh.QuarterhourError, match="no language"):
        qh.coverage_text(card, lang="fr")


def test_homes_are_said_where_nobody_has_counted_residents(card):
    homes = card.origins.assign(residents=np.nan)
    bare = qh.Scorecard(**(vars(card) | {"origins": homes}))
    assert "homes have every item" in qh.coverage_text(bare, "all_items", lang="en")[0]
    assert "处住宅" in qh.coverage_text(bare, "all_items", lang="zh")[0]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
