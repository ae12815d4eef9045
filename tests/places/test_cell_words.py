"""A word means the same in a file that is read and in a table made in Python."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import worlds
from quarterhour.places import cell_words
from quarterhour.places.cell_words import NO, SERVICE_MODES, YES, YES_NO_OF
from quarterhour.places.origins import origins
from quarterhour.scoring.service import Rules, service_of
from quarterhour.sources.tables.read import read_areas, read_buildings, read_facilities

SAID = {
    (column, word): truth
    for column, own in YES_NO_OF.items()
    for truth, words in ((True, f"{YES} {own[0]}"), (False, f"{NO} {own[1]}"))
    for word in words.split()
}
SHOUTED = {
    (column, f" {word.upper()} "): truth
    for (column, word), truth in SAID.items()
    if word.isascii() and word.isalpha()
}
MODES = [(word, name) for name, words in SERVICE_MODES.items() for word in words.split()]


def read(path: Path, column: str, words: list[str]) -> gpd.GeoDataFrame:
    rows = [f'甲{n},{24.94 + n / 1000},60.17,"{word}"' for n, word in enumerate(words)]
    path.write_text("\n".join([f"名称,lon,lat,{column}", *rows]), encoding="utf-8")
    if column == "walled":
        return read_areas(path)
    return read_buildings(path) if column == "residential" else read_facilities(path)


def shops(**columns: list[str]) -> gpd.GeoDataFrame:
    n = len(next(iter(columns.values())))
    return worlds.points(*((x, 0) for x in range(n)), item="shop", **columns)


@pytest.mark.parametrize("column", ["walled", "shared", "contracted"])
def test_every_word_of_yes_and_no_is_read_in_files(tmp_path, column):
    words = {word: truth for (c, word), truth in (SAID | SHOUTED).items() if c == column}
    table = read(tmp_path / "a.csv", column, list(words))
    assert table[column].tolist() == list(words.values())
    assert "not understood" not in " ".join(table.attrs["notes"])


def test_every_word_of_homes_is_read_in_files(tmp_path):
    words = {word: truth for (c, word), truth in SAID.items() if c == "residential"}
    n = len(words)
    table = gpd.GeoDataFrame(
        {"residential": list(words)},
        geometry=[box(20 * x, 0, 20 * x + 9, 9) for x in range(n)],
        crs=worlds.CRS,
    )
    table.to_file(tmp_path / "homes.gpkg")
    assert read_buildings(tmp_path / "homes.gpkg")["residential"].tolist() == list(words.values())


def test_every_word_of_a_wall_is_read_in_tables():
    words = {word: truth for (c, word), truth in (SAID | SHOUTED).items() if c == "walled"}
    areas = gpd.GeoDataFrame(
        {"walled": list(words)},
        geometry=[box(200 * n, 0, 200 * n + 90, 90) for n in range(len(words))],
        crs=worlds.CRS,
    )
    out = origins(areas).groupby("area")["way_out"].first()
    assert out.eq("wall_without_gate").loc[areas.index].tolist() == list(words.values())


def test_every_word_of_sharing_is_read_in_tables():
    words = {word: truth for (c, word), truth in (SAID | SHOUTED).items() if c == "shared"}
    service = service_of(shops(shared=list(words)), Rules(mode="facility"))
    assert [why == "shared" for why in service.why] == list(words.values())
    assert service.notes == []


def test_every_word_of_homes_is_read_in_tables():
    for word, truth in ((w, t) for (c, w), t in SAID.items() if c == "residential"):
        home = gpd.GeoDataFrame(
            {"residential": [word]}, geometry=[box(40, 40, 50, 50)], crs=worlds.CRS
        )
        area = gpd.GeoDataFrame(geometry=[box(0, 0, 90, 90)], crs=worlds.CRS)
        kinds = origins(area, buildings=home)["kind"]
        assert kinds.eq("building").all() == truth, word


@pytest.mark.parametrize(("word", "name"), MODES)
def test_every_mode_is_read_in_files_and_in_tables(tmp_path, word, name):
    table = read(tmp_path / "a.csv", "service_mode", [word, f"{word.upper()}、到店"])
    assert table["service_mode"].iloc[0] == name
    assert table["service_mode"].iloc[1] == ("on_site" if name == "on_site" else f"{name}|on_site")
    made = service_of(shops(service_mode=[word]), Rules())
    assert made.no_walk.tolist() == [name in ("door_to_door", "delivered")]
    kept = service_of(table, Rules())
    assert kept.no_walk.tolist() == [made.no_walk[0], made.no_walk[0]]
    assert kept.walk.tolist() == [not made.no_walk[0], True]


def test_what_is_not_understood_is_said_and_stays(tmp_path):
    table = read(tmp_path / "a.csv", "service_mode", ["到店|随缘", "到店"])
    assert table["service_mode"].tolist() == ["到店|随缘", "on_site"]
    assert any("1 cells of service_mode are not understood" in n for n in table.attrs["notes"])
    assert service_of(table, Rules()).walk.tolist() == [True, True]
    shared = service_of(shops(shared=["也许", "是", ""]), Rules(mode="facility"))
    assert shared.why.tolist() == ["", "shared", ""]
    assert shared.notes == ["1 cells of shared are not understood: '也许'."]
    areas = worlds.squares((0, 0), (99, 0), walled=["半封闭", None])
    notes = origins(areas).attrs["notes"]
    assert "1 cells of walled are not understood: '半封闭'." in notes


def test_a_word_of_one_column_says_nothing_in_another():
    said = {c: cell_words.truths(pd.Series(["开放", "封闭"]), c).tolist() for c in ("", *YES_NO_OF)}
    assert said["walled"] == [False, True]
    assert said["shared"] == [True, None]
    assert said[""] == said["contracted"] == said["residential"] == [None, None]


def test_no_word_says_both_and_no_word_is_in_two_modes():
    for own in YES_NO_OF.values():
        assert not set(f"{YES} {own[0]}".split()) & set(f"{NO} {own[1]}".split())
    assert len(MODES) == len({word for word, _ in MODES})


def test_no_other_module_keeps_such_words():
    source = Path(cell_words.__file__).parents[1]
    others = [p for p in source.rglob("*.py") if p.name != "cell_words.py"]
    for word in ('"是"', "送货", "上门服务", '"√"', "歇业"):
        assert [p.name for p in others if word in p.read_text(encoding="utf-8")] == []
