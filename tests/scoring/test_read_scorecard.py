"""A scorecard read back from its folder: the original, cell for cell, or a sentence."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import date
from decimal import Decimal
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.scoring import saved
from quarterhour.scoring.manifest import describe_network, describe_table
from quarterhour.scoring.plain_cells import cell_of, plain
from quarterhour.walking.pace import Profile

TABLES = ("results", "areas", "origins", "facilities", "matches", "times")
LINES = (
    worlds.item("shop"),
    worlds.item("bank", limit_minutes=None, limit_m=300.0, weight=2.0),
    worlds.item("club", at_least=2),
)


@cache
def helsinki(checklist: str, **words) -> qh.Scorecard:
    city = worlds.helsinki()
    homes = qh.origins(city.areas, city.buildings, city.gates)
    return qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes, **words)


@cache
def smallest() -> qh.Scorecard:
    return tiny()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The smallest scorecard, saved once: a test damages a copy of it."""
    folder = tmp_path_factory.mktemp("kept") / "card"
    smallest().save(folder)
    return folder


def tiny(index=("a", "b"), places_index=None, **words) -> qh.Scorecard:
    areas = worlds.squares((120, 120), (800, 700), size=60.0, index=index)
    areas = areas.assign(name=["甲", None], residents=[100.0, 200.0])
    facilities = worlds.points(
        (107, 130), (500, 300), (320, 310), index=places_index, item=["shop", "bank", "club"]
    )
    lines = words.pop("checklist", worlds.checklist(*LINES))
    return qh.assess(areas, facilities, worlds.grid_world(), lines, **words)


def the_same(one: qh.Scorecard, other: qh.Scorecard) -> None:
    for name in TABLES:
        here, there = getattr(one, name), getattr(other, name)
        pd.testing.assert_frame_equal(here, there, check_index_type="exact")
        assert type(here) is type(there)
        assert here.attrs == there.attrs
        assert list(map(type, here.index)) == list(map(type, there.index))
    for name in ("areas", "origins", "facilities"):
        assert describe_table(getattr(one, name)) == describe_table(getattr(other, name))
    assert describe_network(one.network) == describe_network(other.network)
    assert one.manifest == other.manifest
    assert one.checklist == other.checklist
    assert one.checklist.sha256 == other.checklist.sha256
    pd.testing.assert_frame_equal(one.summary(), other.summary())
    pd.testing.assert_frame_equal(one.left_out, other.left_out)
    pd.testing.assert_frame_equal(qh.coverage(one), qh.coverage(other))
    pd.testing.assert_frame_equal(qh.gaps(one), qh.gaps(other))


def back(card: qh.Scorecard, folder) -> qh.Scorecard:
    card.save(folder)
    return qh.read_scorecard(folder)


CASES = {
    "new town": worlds.new_town,
    "helsinki": lambda: helsinki("beijing-2011"),
    "wheelchair, metres": lambda: helsinki("ghsci-2022", pace="wheelchair"),
    "evening": lambda: helsinki("beijing-2011", at="2026-11-24 20:00", mode="facility", quota=0.9),
    "surveyed": lambda: helsinki("moreno-2016", surveyed="all", pace=Profile("own", 0.8)),
    "tiny": smallest,
    "tiny, at an hour": lambda: tiny(
        at="2026-11-24 20:00",
        mode="facility",
        quota=0.9,
        surveyed="all",
        pace=Profile("own", 0.8),
    ),
}
LARGE = {"helsinki", "evening", "surveyed"}
"""The city of the wheelchair asked in other words, as the tiny world is at an hour."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(one, marks=[pytest.mark.long] if one in LARGE else []) for one in CASES],
)
def test_what_is_read_is_what_was_saved(case, tmp_path):
    card = CASES[case]()
    read = back(card, tmp_path)
    the_same(card, read)
    assert read.question == card.question
    assert read.missing == ()
    again, full = read.again(pace="child"), card.again(pace="child")
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(full, name))
    the_same(card, back(read, tmp_path / "twice"))


@pytest.mark.parametrize(
    "case", [pytest.param("wheelchair, metres", marks=pytest.mark.long), "tiny"]
)
def test_report_map_and_files_are_those_of_the_original(case, tmp_path):
    card = CASES[case]()
    read = back(card, tmp_path / "folder")
    for name, write in (
        ("report.html", qh.write_report),
        ("cards.html", qh.write_cards),
        ("map.html", qh.write_map),
    ):
        one, other = write(card, tmp_path / "one" / name), write(read, tmp_path / "other" / name)
        assert one.read_bytes() == other.read_bytes(), name
    books = [qh.write_workbook(c, tmp_path / f"{i}.xlsx") for i, c in enumerate((card, read))]
    sheets = [pd.read_excel(book, sheet_name=None, header=None) for book in books]
    assert list(sheets[0]) == list(sheets[1])
    for name in sheets[0]:
        pd.testing.assert_frame_equal(sheets[0][name], sheets[1][name])


@pytest.mark.parametrize(
    "labels",
    [
        [1, 2],
        [1, "1"],
        ["甲", "b\n"],
        [1.5, -0.0],
        [True, "True"],
        [date(2026, 1, 1), "2026-01-01"],
        pd.DatetimeIndex(["2026-01-01 00:00:00.0", "2026-01-02 03:04:05.000000007"]),
        pd.to_datetime(["2026-01-01", "2026-06-01"]).tz_localize("Asia/Shanghai"),
        pd.CategoricalIndex(["b", "a"], categories=["a", "b", "c"], ordered=True),
        pd.Index([7, 9], dtype="Int64", name="id"),
        pd.Index(["x", "y"], dtype="string"),
        pd.RangeIndex(5, 1, -2, name=("a", 1)),
        pd.Index([Decimal("1.10"), None], dtype=object),
    ],
    ids=str,
)
def test_labels_of_any_plain_kind_survive(labels, tmp_path):
    places = [labels[0], labels[1], "third"] if isinstance(labels, list) else None
    given = pd.Index(labels, dtype=object) if isinstance(labels, list) else labels
    card = tiny(index=given)
    if places is not None:
        table = card.asked.facilities.set_axis(pd.Index(places, dtype=object))
        card = card.again(facilities=table)
    the_same(card, back(card, tmp_path))


def test_columns_of_any_kind_survive(tmp_path):
    card = smallest()
    areas = card.areas.assign(
        flag=pd.array([True, None], dtype="boolean"),
        when=pd.to_datetime(["2026-01-01", None]),
        cells=[[1, (2, None)], {"a": {1, 2}, 3: float("inf")}],
        numbers=[np.float32(0.1), np.int8(3)],
        small=np.array([1, 2], dtype=np.uint8),
        nothing=[None, np.nan],
        gate=gpd.GeoSeries([None, worlds.Point(800, 700)], index=["a", "b"], crs="EPSG:4326"),
        none=[pd.NA, pd.NaT],
    )
    areas.attrs = {"source": "a file", "notes": ["read"], "left_out": {"no place": 3}, 1: (1, 2)}
    card = card.again(areas=areas)
    read = back(card, tmp_path)
    the_same(card, read)
    assert read.areas["gate"].crs == "EPSG:4326"
    assert read.areas["none"].tolist() == [pd.NA, pd.NaT]


@pytest.mark.parametrize(
    "cell",
    [1, "1", True, None, 2.5, (1, ("a",)), [1, [2]], {1: "a"}, frozenset({1}), b"\x00", date.min],
)
def test_cells_stay_what_they_are(cell):
    written = json.loads(json.dumps(plain(cell)))
    assert cell_of(written) == cell
    assert type(cell_of(written)) is type(cell)


def test_objects_of_ones_own_are_written_as_text_and_said(tmp_path):
    class Own:
        def __str__(self) -> str:
            return "own"

    card = smallest()
    card = card.again(areas=card.areas.assign(thing=[Own(), Own()]))
    with pytest.warns(QuarterhourWarning, match=r"areas\.thing .*only the text|only the text"):
        card.save(tmp_path)
    assert qh.read_scorecard(tmp_path).areas["thing"].tolist() == ["own", "own"]


def test_a_function_as_pace_is_asked_for(tmp_path):
    def mine(network):
        return np.column_stack([network.edge_length_m, network.edge_length_m])

    card = tiny(pace=mine)
    read = back(card, tmp_path)
    the_same(card, read)
    assert read.missing == ("pace",)
    with pytest.raises(InputError, match=r"without the pace \(.*mine.*pass pace=…"):
        read.again()
    the = read.again(pace=mine)
    pd.testing.assert_frame_equal(the.results, card.results)
    with pytest.raises(InputError, match=r"no file can hold: pass it as pace="):
        qh.write_map(read, tmp_path / "map.html")
    qh.write_map(read, tmp_path / "map.html", pace=mine)


def test_slopes_survive(tmp_path):
    network = worlds.grid_world()
    heights = qh.elevation_at_nodes(network, network.node_xy[:, 0] * 0.05)
    card = tiny(pace=qh.Sloped(qh.profile("elderly"), heights))
    read = back(card, tmp_path)
    the_same(card, read)
    pd.testing.assert_frame_equal(read.again(quota=0.9).results, card.again(quota=0.9).results)


def test_a_checklist_with_lines_left_out_keeps_its_digest(tmp_path):
    card = helsinki("ghsci-2022")
    lines = card.checklist.override({card.checklist.keys()[0]: {"weight": 3.5}})
    the_same(changed := card.again(checklist=lines), back(changed, tmp_path))


def of_results_alone(card: qh.Scorecard, folder) -> qh.Scorecard:
    card.save(folder)
    (folder / saved.NAME).unlink()
    return qh.read_scorecard(folder, checklist=card.checklist)


@pytest.mark.parametrize("case", ["new town", "helsinki", "tiny"])
def test_results_alone_tell_summary_gaps_and_coverage(case, tmp_path):
    card = CASES[case]()
    read = of_results_alone(card, tmp_path)
    here, there = (c.summary().fillna({"name": ""}).astype({"name": object}) for c in (read, card))
    pd.testing.assert_frame_equal(here, there, check_dtype=False, check_index_type=False)
    here, there = (
        qh.gaps(c).drop(columns="facility").fillna({"name": ""}).astype({"name": object})
        for c in (read, card)
    )
    pd.testing.assert_frame_equal(here, there, check_dtype=False)
    here, there = qh.coverage(read), qh.coverage(card)
    unknown = here["measure"] == "residence"
    if any(row["reason"] == "in_several_areas" for row in card.manifest["left_out"]):
        unknown |= here["measure"] == "population"
    assert here.loc[unknown, ["share", "numerator", "denominator"]].isna().all(axis=None)
    # Whose walk leads to a host only is known from the homes.
    parts = ["share_observed", "observed", "implied"]
    lost = (there["implied"] > 0) & there["measure"].isin(["population", "residence"])
    assert here.loc[lost, parts].isna().all(axis=None)
    here.loc[lost, parts] = there.loc[lost, parts]
    pd.testing.assert_frame_equal(here[~unknown], there[~unknown], check_dtype=False)


def test_results_alone_say_what_is_needed(tmp_path):
    card = smallest()
    read = of_results_alone(card, tmp_path)
    assert read.missing == ("areas", "origins", "facilities", "network")
    with pytest.raises(InputError, match=r"pass areas=…, origins=…, facilities=…, network=…"):
        read.again()
    with pytest.raises(InputError, match=r"without the (streets|facilities): ask again"):
        qh.write_map(read, tmp_path / "map.html")
    with pytest.raises(InputError, match="without the walks"):
        qh.service_directory(read)
    asked = card.asked
    full = read.again(
        areas=asked.areas, origins=None, facilities=asked.facilities, network=asked.network
    )
    pd.testing.assert_frame_equal(full.results, card.results)
    read.save(tmp_path / "on")  # what is not there is not written
    assert not (tmp_path / "on" / saved.NAME).exists()


def test_results_alone_need_the_checklist_of_then(tmp_path):
    card = smallest()
    card.save(tmp_path)
    (tmp_path / saved.NAME).unlink()
    with pytest.raises(InputError, match=r"checklist 'tiny', which is not shipped: pass it"):
        qh.read_scorecard(tmp_path)
    lines = worlds.checklist(worlds.item("shop", limit_minutes=5.0), *LINES[1:])
    with pytest.raises(InputError, match=r"against another tiny .*shop differ"):
        qh.read_scorecard(tmp_path, checklist=lines)
    lines = worlds.checklist(worlds.item("shop", weight=9.0), *LINES[1:])
    with pytest.warns(QuarterhourWarning, match="has changed since"):
        qh.read_scorecard(tmp_path, checklist=lines)


def spoilt(folder, how: str) -> None:
    """Damage a folder in one of the ways in which folders are damaged."""
    path, manifest = folder / saved.NAME, folder / "manifest.json"
    content = path.read_bytes()
    if how == "cut off":
        path.write_bytes(content[: len(content) // 2])
    elif how == "a byte changed":
        at = content.index(b"scorecard.json") - 200
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
    elif how == "no zip":
        path.write_bytes(b"notes")
    elif how == "another zip":
        with zipfile.ZipFile(path, "w") as other:
            other.writestr("readme.txt", "hello")
    elif how == "of two runs":
        told = json.loads(manifest.read_text(encoding="utf-8"))
        manifest.write_text(json.dumps(told | {"made_at": "2020"}), encoding="utf-8")
    elif how == "another manifest":
        manifest.write_text('{"name": "web app"}', encoding="utf-8")
    elif how == "a list as manifest":
        manifest.write_text("[1]", encoding="utf-8")
    elif how == "no scorecard":
        path.unlink()
        manifest.unlink()
    elif how == "a later format":
        with zipfile.ZipFile(path, "w") as other:
            other.writestr("scorecard.json", '{"format": 99, "quarterhour": "9.1"}')


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut off", "is damaged, or was not written by quarterhour"),
        ("a byte changed", "is damaged, or was not written by quarterhour"),
        ("no zip", "is damaged, or was not written by quarterhour"),
        ("another zip", "is damaged, or was not written by quarterhour"),
        ("of two runs", "are of two different runs"),
        ("another manifest", "is no manifest of a scorecard"),
        ("a list as manifest", "is no manifest of a scorecard"),
        ("no scorecard", "holds no scorecard"),
        ("a later format", r"written by quarterhour 9\.1 in format 99"),
    ],
)
def test_damaged_and_foreign_folders_are_refused(how, said, kept, tmp_path):
    folder = shutil.copytree(kept, tmp_path / "card")
    spoilt(folder, how)
    with pytest.raises(InputError, match=said):
        qh.read_scorecard(folder)


def test_what_is_no_folder_is_said(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        qh.read_scorecard(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        qh.read_scorecard(tmp_path / "file")


@pytest.mark.parametrize("name", ["results.csv", "areas.gpkg", "summary.csv", "matches.csv"])
def test_damaged_results_are_refused(name, kept, tmp_path):
    card = smallest()
    shutil.copytree(kept, tmp_path / "one")
    (tmp_path / "one" / saved.NAME).unlink()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    (tmp_path / "one" / name).unlink()
    with pytest.raises(InputError, match=rf"lacks {name}"):
        qh.read_scorecard(tmp_path / "one", checklist=card.checklist)
    (tmp_path / "two" / name).write_bytes(b"\x00a,b\n1,2,3\n\xff")
    with pytest.raises(InputError, match="are damaged"):
        qh.read_scorecard(tmp_path / "two", checklist=card.checklist)


def test_the_same_scorecard_is_the_same_bytes(tmp_path):
    card = smallest()
    card.save(tmp_path / "one")
    card.save(tmp_path / "two")
    one, two = ((tmp_path / name / saved.NAME).read_bytes() for name in ("one", "two"))
    with (
        zipfile.ZipFile(tmp_path / "one" / saved.NAME) as a,
        zipfile.ZipFile(tmp_path / "two" / saved.NAME) as b,
    ):
        for name in a.namelist():
            if name != "streets.npz":  # whose own zip carries the time
                assert a.read(name) == b.read(name)
    assert len(one) == len(two)
