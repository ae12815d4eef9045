"""What cannot be done is said in a sentence, with what to change."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, InputError, QuarterhourWarning

CRS = worlds.CRS
TEXT = f"EPSG:{CRS}" if isinstance(CRS, int) else str(CRS)


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Two walled compounds on a grid of streets, and one shop; the sea is to the west."""
    areas = gpd.GeoDataFrame(
        {"name": ["North Court", "South Court"], "residents": [4_000.0, 4_000.0], "walled": True},
        geometry=[box(110, 610, 190, 690), box(110, 210, 190, 290)],
        index=["north", "south"],
        crs=CRS,
    )
    gates = worlds.points((150, 610), (150, 290), crs=CRS)
    shops = worlds.points((500, 500), crs=CRS, item="shop", name="The Shop")
    for table in (areas, gates, shops):
        table.attrs["datum"] = "wgs84"
    checklist = worlds.checklist(worlds.item("shop"))
    homes = qh.origins(areas, gates=gates)
    return qh.assess(areas, shops, worlds.grid_world(), checklist, origins=homes)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (qh.OpenGate(Point(150, 690), "North Cuort", crs=TEXT), "Did you mean 'North Court'"),
        (qh.OpenGate(Point(150, 690), "east", crs=TEXT), "There is no 'east' among the 2 areas"),
        (qh.OpenGate(Point(150, 450), "north", crs=TEXT), "160 m from the outline"),
        (qh.OpenGate((150, 690), "north"), "no longitude and latitude"),
        (qh.RemoveWall("Nirth Court"), "Did you mean 'North Court'"),
        (qh.CloseFacility("The Ship"), "Did you mean 'The Shop'"),
        (qh.MoveFacility("The Shop", Point(-9_000, 0), crs=TEXT), "from the nearest street"),
        (qh.AddFacility(Point(-9_000, 0), "shop", crs=TEXT), "from the nearest street"),
        (qh.AddFacility(Point(500, 510), "moon_base", crs=TEXT), "has no item"),
        (qh.AddLink([Point(-9_000, 0), Point(0, 0)], crs=TEXT), "draw it up to a street"),
        (qh.CloseStreet(at=Point(-9_000, 0), crs=TEXT), "no street lies there"),
        (qh.JoinStreets(Point(-9_000, 0), crs=TEXT), "are not there"),
        (qh.OpenBothWays(at=Point(150, 0), crs=TEXT), "walked both ways already"),
        (qh.ChangeItem("shap", {"limit_minutes": 5}), "shap"),
        (qh.ChangeFacility("The Shop", {}), "says nothing that changes"),
        (qh.ChangeItem("shop", {}), "says nothing that changes"),
        (qh.ChangeFacility("The Shop", {"capacity": "many"}), "capacity='many' is no number"),
        (qh.AddFacility((500, 510), "shop", crs="EPSG:banana"), "'EPSG:banana' is no CRS"),
        (qh.AddFacility((500, 510), None, crs=TEXT), "nothing says what it is"),
    ],
)  # fmt: skip
def test_a_change_of_what_is_not_there_is_told(card, change, told):
    with pytest.raises(InputError, match=told) as caught:
        qh.scenario(card, change)
    assert str(caught.value).startswith("Change 1 of 1:")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"candidates": worlds.points((-9_000, 0), crs=CRS)}, "check their CRS and datum"),
        ({"candidates": worlds.points((500, 500), crs=CRS, required=True, forbidden=True)}, "both"),
        (
            {
                "candidates": worlds.points((150, 650), crs=CRS, capacity=10.0),
                "objective": "fewest",
                "share": 1.0,
                "terms": qh.SitingTerms(minutes=3),
            },
            "give more candidates or larger ones",
        ),
        ({"objective": "fewest", "share": 1.0, "terms": qh.SitingTerms(minutes=0.5)}, "minutes"),
        ({"k": 100_000}, "are free"),
        ({"k": 0}, "k=0: give a whole number of places"),
        ({"k": 1.5}, "k=1.5: give a whole number of places"),
        ({"k": None}, "k=None: give a whole number of places"),
        ({"objective": "fewest", "share": 95}, "95 % is 0.95"),
        ({"objective": "fewest", "share": float("nan")}, "share=nan is no share"),
        ({"terms": {"minutes": 5}}, "SitingTerms"),
        ({"terms": qh.SitingTerms(minutes="5")}, "minutes='5' is no walk"),
        ({"time_limit_s": float("nan")}, "seconds above 0"),
        (
            {"candidates": worlds.points((500, 500), (-9_000, 0), crs=CRS, required=True), "k": 2},
            "have to be opened lie farther than 100 m from every street",
        ),
    ],
)
def test_new_places_that_cannot_be_had_are_told(card, options, told):
    with pytest.raises(InputError, match=told):
        qh.site(card, "shop", **{"k": 1, **options})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "lower at_least, raise limit, or give other candidates"),
        ({"at_least": 20_000, "at_most": 12_000}, "0 < at_least <= residents <= at_most"),
        ({"limit": 0}, "give minutes above 0"),
        ({"terms": qh.CircleTerms(borders="office")}, "have no such column"),
        ({"candidates": worlds.points((-9_000, 0), crs=CRS)}, "check their CRS and datum"),
    ],
)
def test_circles_that_cannot_be_had_are_told(card, options, told):
    with pytest.raises(InputError, match=told):
        qh.circles(card, **options)


@pytest.mark.parametrize("make", [
    lambda: qh.AddFacility((500, 510), "shop", values=[1]),
    lambda: qh.ChangeFacility("The Shop", None),
    lambda: qh.ChangeItem("shop", None),
])  # fmt: skip
def test_values_without_names_are_told(make):
    with pytest.raises(InputError, match="names no columns"):
        make()


@pytest.mark.parametrize("ask", [
    lambda card: qh.scenario(card, qh.CloseFacility("The Shop")),
    lambda card: qh.site(card, "shop"),
    lambda card: qh.site_rooms(card, ["shop"]),
    qh.link_value,
    qh.circles,
    lambda card: qh.judge_circles(pd.DataFrame({"community": ["north"], "circle": ["1"]}), card),
])  # fmt: skip
@pytest.mark.parametrize("given", [None, "card.json", pd.DataFrame()])
def test_what_is_no_scorecard_cannot_be_asked(ask, given):
    with pytest.raises(InputError, match="asks a scorecard"):
        ask(given)


def test_candidates_that_nobody_can_walk_to_are_told(card):
    candidates = worlds.points((500, 500), (-9_000, 0), crs=CRS, index=["street", "sea"])
    with pytest.warns(QuarterhourWarning, match=r"1 of 2 candidates .* \(sea\): nobody"):
        qh.site(card, "shop", k=1, candidates=candidates)


@pytest.mark.parametrize("exact", [-1, 1.5, None])
def test_how_many_links_are_asked_in_whole_is_a_whole_number(card, exact):
    with pytest.raises(InputError, match="whole number of candidates"):
        qh.link_value(card, exact=exact)


def test_rows_of_circles_that_name_nobody_are_told_and_no_table_is_none(card):
    table = pd.DataFrame({"community": ["north", None], "circle": ["1", "1"]})
    with pytest.warns(QuarterhourWarning, match="1 rows of the table of circles"):
        assert len(qh.judge_circles(table, card).circles) == 1
    with pytest.raises(InputError, match="is empty"):
        qh.judge_circles(table.iloc[:0], card)
    with pytest.raises(InputError, match="not dict"):
        qh.judge_circles({"1": ["north"]}, card)
    with pytest.raises(InputError, match="not str"):
        qh.circles(card, 4_000, at_least=3_000, at_most=9_000, centres="stations")


def in_china(**columns: object) -> gpd.GeoDataFrame:
    """A point in Beijing, in degrees, of which nobody says in which datum they are."""
    return gpd.GeoDataFrame(columns, geometry=[Point(116.4, 39.9)], crs=4326)


@pytest.mark.parametrize(
    "ask",
    [
        lambda card: qh.site(card, "shop", k=1, candidates=in_china()),
        lambda card: qh.circles(card, candidates=in_china()),
        lambda card: qh.circles(card, centres=in_china()),
        lambda card: qh.judge_circles(in_china(community=["north"], circle=["one"]), card),
        lambda card: qh.match_demands(card, in_china(need=["shop"])),
    ],
)
def test_places_in_china_whose_datum_nobody_told_are_refused(card, ask):
    with pytest.raises(DatumError, match="datum is not declared"):
        ask(card)


def test_candidates_have_a_label_each(card):
    twice = worlds.points((500, 500), (600, 500), crs=CRS).set_index(pd.Index(["a", "a"]))
    with pytest.raises(InputError, match=r"more than once \('a'\)|more than once \(a\)"):
        qh.site(card, "shop", k=1, candidates=twice)
