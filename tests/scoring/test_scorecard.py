"""The scorecard on hand-made times: every status and reason, quotas, medians, files."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.errors import InputError, OutputError
from quarterhour.places.origins import origins as origins_of
from quarterhour.scoring.score import score
from quarterhour.scoring.scorecard import REASONS, STATUSES, Scorecard
from tried import examples

COLUMNS = [
    "area",
    "item",
    "status",
    "reason",
    "share",
    "residents_without",
    "median_minutes",
    "worst_minutes",
    "facility",
    "edge_affected",
]


def homes(*shares, area="a", residents=100.0, first=0) -> gpd.GeoDataFrame:
    """Origins of one area with the given shares of its residents."""
    table = worlds.points(*((k, 0) for k in range(len(shares))))
    table["area"], table["share"] = area, shares
    table["residents"] = np.array(shares) * residents
    table["way_out"] = "open"
    return table.set_index(pd.RangeIndex(first, first + len(shares)))


def walks(item, *seconds, host=False, facility="f", status=None, first=0) -> pd.DataFrame:
    """Times of origins first, first + 1 ...; a word stands for its status, without a time."""
    rows = []
    for k, s in enumerate(seconds):
        word = s if isinstance(s, str) else "within_limit"
        s = np.nan if isinstance(s, str) else float(s)  # noqa: PLW2901
        name = facility if isinstance(facility, str) else facility[k]
        rows.append((first + k, item, s, None if np.isnan(s) else name, word, host))
    columns = ["origin", "item", "seconds", "facility", "status", "host"]
    return pd.DataFrame(rows, columns=columns)


def at_home(item, first=0) -> pd.DataFrame:
    """A home to which somebody comes."""
    return walks(item, 0, first=first).assign(status="needs_no_walk")


SHOP = worlds.item("shop")


def judged(times, origins=None, items=(SHOP,), **options):
    """The one row of one area "a" with 100 residents (or the table, of several items)."""
    origins = homes(1.0) if origins is None else origins
    labels = origins["area"].unique()
    areas = worlds.squares(*((k, 0) for k in range(len(labels))), index=labels)
    table = score(times, origins, areas, worlds.checklist(*items), **options)
    return table.iloc[0] if len(table) == 1 else table


def verdict(*args, **options) -> tuple[str, str]:
    row = judged(*args, **options)
    return row["status"], row["reason"]


NOBODY = walks("other", 1.0).iloc[:0]


# --- each status and reason -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "checkability", "surveyed", "expected"),
    [
        (walks("shop", 900), "A", (), ("met", "within_limit")),
        (walks("shop", 900.001), "A", (), ("unmet", "beyond_limit")),
        (walks("shop", "beyond_limit"), "B", (), ("unmet", "beyond_limit")),
        (walks("shop", "unreachable"), "A", (), ("unmet", "unreachable")),
        (walks("shop", "not_snapped"), "A", (), ("unknown", "not_snapped")),
        (NOBODY, "A", (), ("unknown", "no_facility")),
        (walks("shop", "no_facility"), "B", (), ("unknown", "no_facility")),
        (NOBODY, "A", ("shop",), ("unmet", "no_facility")),
        (NOBODY, "D", ("all",), ("unmet", "no_facility")),
        (walks("shop", 1000), "C", (), ("unknown", "not_assessable")),
        (walks("shop", "unreachable"), "D", (), ("unknown", "not_assessable")),
        (NOBODY, "D", (), ("unknown", "not_assessable")),
        (walks("shop", 1000), "C", ("shop",), ("unmet", "beyond_limit")),
        (walks("shop", 10), "D", (), ("met", "within_limit")),
        (walks("shop", 10, host=True), "D", (), ("met", "implied_by_host")),
        (walks("shop", 1000, host=True), "D", (), ("unknown", "not_assessable")),
        (walks("shop", 1000, host=True), "A", (), ("unknown", "no_facility")),
        (walks("shop", 1000, host=True), "A", ("shop",), ("unmet", "no_facility")),
        (walks("shop", "not_snapped"), "A", ("all",), ("unknown", "not_snapped")),
        (walks("shop", "hours_unknown"), "A", (), ("unknown", "hours_unknown")),
        (walks("shop", "hours_unknown"), "D", ("all",), ("unknown", "hours_unknown")),
        (walks("shop", "not_in_service"), "A", (), ("unmet", "not_in_service")),
        (walks("shop", "not_in_service"), "C", (), ("unknown", "not_assessable")),
        (at_home("shop"), "A", (), ("met", "needs_no_walk")),
        (at_home("shop"), "D", (), ("met", "needs_no_walk")),
    ],
)
def test_status_and_reason(times, checkability, surveyed, expected):
    shop = worlds.item("shop", checkability=checkability)
    assert verdict(times, items=[shop], surveyed=surveyed) == expected


def test_every_status_and_reason_is_used_above():
    mark = test_status_and_reason.pytestmark[0]
    expected = [case[-1] for case in mark.args[1]]
    assert {status for status, _ in expected} == set(STATUSES)
    assert {reason for _, reason in expected} == set(REASONS)


def test_a_nearer_facility_of_its_own_goes_before_a_host():
    times = pd.concat([walks("shop", 800), walks("shop", 100, host=True, facility="h")])
    row = judged(times)
    assert (row["reason"], row["facility"]) == ("within_limit", "f")
    assert row["median_minutes"] == pytest.approx(800 / 60)


def test_host_and_own_facilities_together_reach_the_quota():
    two = homes(0.5, 0.5)
    own, host = walks("shop", 100, 2000), walks("shop", 2000, 200, host=True, facility="h")
    row = judged(pd.concat([own, host]), two, quota=0.8)
    assert (row["status"], row["reason"], row["share"]) == ("met", "implied_by_host", 1.0)
    assert row["worst_minutes"] == pytest.approx(200 / 60)
    row = judged(pd.concat([own, host]), two)  # half is enough without the host
    assert (row["reason"], row["share"]) == ("within_limit", 0.5)


def test_a_walk_of_enough_residents_goes_before_what_comes_to_the_others():
    two = homes(0.5, 0.5)
    times = pd.concat([walks("shop", 60), at_home("shop", first=1)])
    row = judged(times, two)
    assert (row["reason"], row["share"]) == ("within_limit", 1.0)
    row = judged(times, two, quota=0.6)
    assert (row["reason"], row["share"], row["worst_minutes"]) == ("needs_no_walk", 1.0, 1.0)


def test_what_leaves_more_homes_open_is_the_reason():
    three = homes(0.2, 0.5, 0.3)
    assert verdict(walks("shop", 1, "hours_unknown", "not_snapped"), three)[1] == "hours_unknown"
    assert verdict(walks("shop", 1, "not_snapped", "hours_unknown"), three)[1] == "not_snapped"


@pytest.mark.parametrize(
    ("checkability", "shown", "expected"),
    [
        ("D", ["shop"], ("unmet", "beyond_limit")),
        ("A", [], ("unknown", "not_assessable")),
        ("A", None, ("unmet", "beyond_limit")),
        ("C", None, ("unknown", "not_assessable")),
    ],
)
def test_what_the_source_can_show(checkability, shown, expected):
    shop = worlds.item("shop", checkability=checkability)
    assert verdict(walks("shop", "beyond_limit"), items=[shop], shown=shown) == expected


# --- shares -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quota", "status"), [(0.25, "met"), (0.3, "met"), (0.3001, "unmet"), (1.0, "unmet")]
)
def test_the_quota_is_reached_exactly(quota, status):
    three = homes(0.1, 0.2, 0.7)
    assert verdict(walks("shop", 1, 1, 1000), three, quota=quota)[0] == status


@pytest.mark.parametrize("quota", [0, -0.1, 1.01, float("nan")])
def test_a_quota_is_a_share(quota):
    with pytest.raises(InputError, match="is no share"):
        judged(NOBODY, quota=quota)


def test_shares_that_add_up_to_a_hair_more_leave_nobody_without():
    many = homes(*([0.1] * 10), residents=30)
    row = judged(walks("shop", *([60] * 10)), many, quota=1.0)
    assert row["status"] == "met"
    assert 0 <= row["residents_without"] < 1e-9
    assert row["share"] <= 1


def test_residents_without_are_counted():
    row = judged(walks("shop", 100, 1000, 1000), homes(0.2, 0.3, 0.5))
    assert row["status"] == "unmet"
    assert row["residents_without"] == pytest.approx(80)
    met = judged(walks("shop", 100, 100, 1000), homes(0.2, 0.3, 0.5))
    assert met["residents_without"] == pytest.approx(50)
    assert np.isnan(judged(NOBODY)["residents_without"])
    nobody_counted = homes(1.0, residents=np.nan)
    assert np.isnan(judged(walks("shop", 1000), nobody_counted)["residents_without"])


def test_lost_homes_leave_open_only_what_they_could_decide():
    # 40 % are within, 20 % not on the network: they could make it half.
    assert verdict(walks("shop", 1, 1000, "not_snapped"), homes(0.4, 0.4, 0.2)) == (
        "unknown",
        "not_snapped",
    )
    # 30 % within and 10 % lost: less than half in any case.
    assert verdict(walks("shop", 1, 1000, "not_snapped"), homes(0.3, 0.6, 0.1)) == (
        "unmet",
        "beyond_limit",
    )
    # Half are within whatever the lost ones do.
    assert verdict(walks("shop", 1, "not_snapped"), homes(0.5, 0.5)) == ("met", "within_limit")


def test_the_reason_is_what_keeps_most_residents_away():
    three = homes(0.2, 0.5, 0.3)
    assert verdict(walks("shop", 1, "unreachable", "beyond_limit"), three)[1] == "unreachable"
    assert verdict(walks("shop", 1, "beyond_limit", "unreachable"), three)[1] == "beyond_limit"


# --- minutes and facilities ---------------------------------------------------------------------


def test_the_median_is_weighted_and_the_worst_is_the_last():
    row = judged(walks("shop", 600, 60, 120), homes(0.2, 0.45, 0.35))
    assert (row["median_minutes"], row["worst_minutes"]) == (2, 10)
    row = judged(walks("shop", 600, 60, 120), homes(0.6, 0.2, 0.2))
    assert row["median_minutes"] == 10
    row = judged(walks("shop", 60, 120), homes(0.5, 0.5))  # a tie: half of them within one minute
    assert row["median_minutes"] == 1


def test_beyond_the_search_there_are_no_minutes():
    row = judged(walks("shop", 60, "beyond_limit", "beyond_limit"), homes(0.2, 0.4, 0.4))
    assert np.isnan(row["median_minutes"])
    assert np.isnan(row["worst_minutes"])
    assert row["facility"] == "f"
    assert judged(NOBODY)["facility"] is None


@examples(40)
@given(
    data=st.lists(
        st.tuples(st.integers(1, 20), st.integers(0, 1200), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    )
)
def test_minutes_of_several_areas_are_their_own(data):
    """The weighted median of each of three areas equals that of its residents written out."""
    table = pd.DataFrame(data, columns=["people", "seconds", "area"])
    parts = []
    for label, mine in table.groupby("area"):
        share = (mine["people"] / mine["people"].sum()).to_numpy()
        part = homes(*share, area=label, residents=float(mine["people"].sum()))
        parts.append(part.set_index(mine.index))
    origins = pd.concat(parts).sort_index()
    rows = judged(walks("shop", *table["seconds"]), origins)
    rows = rows.to_frame().T if isinstance(rows, pd.Series) else rows
    for _, row in rows.iterrows():
        mine = table[table["area"] == row["area"]]
        residents = np.sort(np.repeat(mine["seconds"], mine["people"]).to_numpy())
        middle = residents[(len(residents) + 1) // 2 - 1]
        assert row["median_minutes"] * 60 == pytest.approx(middle)
        assert row["worst_minutes"] * 60 == pytest.approx(residents[-1])
        assert row["share"] == pytest.approx(np.mean(residents <= 900))
        assert row["status"] == ("met" if np.mean(residents <= 900) >= 0.5 else "unmet")


def test_the_facility_is_where_most_residents_go():
    three = homes(0.3, 0.3, 0.4)
    row = judged(walks("shop", 60, 70, 10, facility=["x", "x", "y"]), three)
    assert row["facility"] == "x"


# --- limits -------------------------------------------------------------------------------------


def in_metres(item, *metres, speed_m_s=1.25):
    """Walks of so many metres, with their seconds at a speed."""
    table = walks(item, *metres)
    return table.assign(metres=table["seconds"], seconds=table["seconds"] / speed_m_s)


def test_a_limit_in_metres_is_judged_in_metres_and_told_in_minutes():
    stop = worlds.item("stop", limit_minutes=None, limit_m=300.0)
    row = judged(in_metres("stop", 300), items=[stop], speed_m_s=1.25)
    assert row["status"] == "met"
    assert row["median_minutes"] == row["worst_minutes"] == pytest.approx(300 / 1.25 / 60)
    assert verdict(in_metres("stop", 300.01), items=[stop])[0] == "unmet"


def test_seconds_are_not_taken_for_metres():
    stop = worlds.item("stop", limit_minutes=None, limit_m=300.0)
    with pytest.raises(InputError, match=r"no column metres\. The limit of stop is in metres"):
        judged(walks("stop", 250), items=[stop])


def test_walks_without_a_word_on_hosts_are_to_the_places_themselves():
    for n in (1, 2, 3):  # two homes have as many rows as the table has keys
        shares = homes(*[1 / n] * n)
        assert verdict(walks("shop", *[100] * n).drop(columns="host"), shares)[0] == "met"


def test_walks_that_lack_a_column_are_refused():
    with pytest.raises(InputError, match="no column seconds"):
        judged(walks("shop", 100).drop(columns="seconds"))


@pytest.mark.parametrize(
    ("edge_m", "seconds", "affected"),
    [(1124, 1000, True), (1125, 1000, False), (100, 900, False), (0, "beyond_limit", True)],
)
def test_results_that_lie_beyond_the_data_are_flagged(edge_m, seconds, affected):
    row = judged(walks("shop", seconds), edge_m=[edge_m])
    assert row["edge_affected"] == affected


def test_the_origin_nearest_to_the_border_decides():
    row = judged(walks("shop", 1000, 1000), homes(0.5, 0.5), edge_m=[5000, 200])
    assert row["edge_affected"]
    assert not judged(walks("shop", 1000))["edge_affected"]


# --- the table ----------------------------------------------------------------------------------


def two_by_two(**options):
    origins = pd.concat([homes(1.0, area="学院路"), homes(0.5, 0.5, area="b", first=1)])
    times = pd.concat([walks("shop", 60, 1000, 1000), walks("bank", 2000, 10, 20)])
    items = [worlds.item("shop", group="g"), worlds.item("bank", group="h", weight=3.0)]
    return judged(times, origins, items, **options)


def test_one_row_per_area_and_item_in_the_order_of_both():
    table = two_by_two()
    assert table.columns.tolist() == COLUMNS
    pairs = list(zip(table["area"], table["item"], strict=True))
    assert pairs == [("学院路", "shop"), ("学院路", "bank"), ("b", "shop"), ("b", "bank")]
    assert table["status"].tolist() == ["met", "unmet", "unmet", "met"]
    assert table.index.tolist() == [0, 1, 2, 3]


def test_surveyed_names_items_of_the_list():
    with pytest.raises(InputError, match="surveyed names zoo, which tiny does not have"):
        two_by_two(surveyed=["zoo", "bank"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda o: o.drop(columns="share"), "no column share"),
        (lambda o: o.set_index(pd.Index([0, 0])), "index of the origins is not unique"),
        (lambda o: o.assign(area=["a", "z"]), r"1 origins belong to areas that are not there \(z"),
        (lambda o: o[o["area"] == "a"], r"1 areas have no origin.*\(b\)"),
    ],
)
def test_origins_that_are_not_those_of_the_areas_are_refused(spoil, says):
    origins = pd.concat([homes(1.0, area="a"), homes(1.0, area="b", first=1)])
    areas = worlds.squares((0, 0), (1, 0), index=["a", "b"])
    with pytest.raises(InputError, match=says):
        score(NOBODY, spoil(origins), areas, worlds.checklist(worlds.item("shop")))


# --- the noun -----------------------------------------------------------------------------------


def card(**columns) -> Scorecard:
    """Two areas, two groups, three items: one met, one unmet, one unknown in each."""
    names = {"name": ["和平里", "B"], "residents": [100.0, np.nan]}
    areas = worlds.squares((0, 0), (500, 0), index=["a", "b"], **(names | columns))
    origins = origins_of(areas, at="point")
    items = [
        worlds.item("shop", group="g"),
        worlds.item("bank", group="g", weight=3.0),
        worlds.item("board", group="h", checkability="D"),
    ]
    times = pd.concat(
        [walks("shop", 60, 1000), walks("bank", 2000, 10), walks("board", 50, host=True)]
    )
    checklist = worlds.checklist(*items)
    results = score(times, origins, areas, checklist, edge_m=[2000, 100])
    matches = pd.DataFrame({"facility": ["f"], "item": ["shop"], "evidence": ["tag"]})
    facilities = worlds.points((0, 0), index=["f"], name=["超市"])
    manifest = {"parameters": {"pace": "adult"}, "说明": np.float64(1.5)}
    network = worlds.line_world()
    return Scorecard(
        results, areas, origins, facilities, matches, times, network, checklist, manifest
    )


def test_the_summary_is_aligned_to_the_areas():
    table = card().summary()
    assert table.index.tolist() == ["a", "b"]
    assert table["name"].tolist() == ["和平里", "B"]
    assert table[["met", "implied", "unmet", "unknown"]].to_numpy().tolist() == [
        [2, 1, 1, 0],
        [1, 0, 1, 1],
    ]
    # a: shop (1) and board (1) met, bank (3) not; b: bank (3) met, shop (1) not, board unknown.
    assert table["items_met_share"].tolist() == pytest.approx([2 / 5, 3 / 4])
    assert table["items_met_share_g"].tolist() == pytest.approx([1 / 4, 3 / 4])
    assert table["items_met_share_h"].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    assert table["edge_affected"].tolist() == [0, 2]
    assert table["way_out"].tolist() == ["open", "open"]


def test_areas_without_names_and_residents_have_a_summary_too():
    one = card()
    bare = Scorecard(**(vars(one) | {"areas": one.areas[["geometry"]]}))
    assert bare.summary()[["name", "residents"]].isna().all(axis=None)


def test_the_frame_is_a_copy():
    one = card()
    table = one.to_frame()
    table["status"] = "changed"
    assert set(one.results["status"]) == {"met", "unmet", "unknown"}


def test_repr_counts_and_names_the_walker():
    results = card().results
    hosts = int((results["reason"] == "implied_by_host").sum())
    assert hosts == 1
    assert repr(card()) == (
        "<Scorecard: 2 areas × 3 items of tiny: "
        "2 met, 1 implied by hosts, 2 unmet, 1 unknown; adult>"
    )


def test_the_area_table_has_a_column_per_item():
    table = card().area_table()
    assert table["item_board"].tolist() == ["met", "unknown"]
    assert table["item_shop"].tolist() == ["met", "unmet"]
    assert table.crs == worlds.CRS
    assert table.geometry.area.tolist() == [400, 400]


FILES = [
    "areas.geojson",
    "areas.gpkg",
    "asked.zip",
    "manifest.json",
    "matches.csv",
    "results.csv",
    "summary.csv",
]


def test_what_is_saved_can_be_read_again(tmp_path):
    one = card()
    written = one.save(tmp_path / "out" / "deep")
    assert [path.name for path in written] == FILES
    assert all(path.is_file() for path in written)
    geopackage = gpd.read_file(tmp_path / "out" / "deep" / "areas.gpkg", layer="areas")
    assert geopackage.crs == worlds.CRS
    assert geopackage["name"].tolist() == ["和平里", "B"]
    assert geopackage["item_bank"].tolist() == ["unmet", "met"]
    assert geopackage.geometry.area.tolist() == [400, 400]
    geojson = gpd.read_file(written[0])
    assert geojson.crs.to_epsg() == 4326
    assert len(geojson) == 2
    assert written[5].read_bytes().startswith("\ufeffarea,item,status".encode())
    results = pd.read_csv(written[5])
    assert results["status"].tolist() == one.results["status"].tolist()
    summary = pd.read_csv(written[6], index_col=0)
    assert summary.index.tolist() == ["a", "b"]
    assert summary["name"].tolist() == ["和平里", "B"]
    manifest = json.loads(written[3].read_text(encoding="utf-8"))
    assert manifest["parameters"]["pace"] == "adult"
    assert "说明" in written[3].read_text(encoding="utf-8")


@pytest.mark.parametrize("index_name", ["name", "met", "fid", "geometry", "item_shop", None])
def test_an_index_of_any_name_is_saved(tmp_path, index_name):
    one = card()
    areas = one.areas.rename_axis(index_name)
    Scorecard(**(vars(one) | {"areas": areas})).save(tmp_path)
    table = gpd.read_file(tmp_path / "areas.gpkg")
    assert len(table) == 2
    assert table["area"].tolist() == ["a", "b"]
    summary = pd.read_csv(tmp_path / "summary.csv")
    assert summary["area"].tolist() == ["a", "b"]


def test_all_files_or_none(tmp_path, monkeypatch):
    def fails(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fails)
    with pytest.raises(OSError, match="disk full"):
        card().save(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"Cannot make the folder|Cannot write"):
        card().save(tmp_path / "file" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
