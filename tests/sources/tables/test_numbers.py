"""One reader of numbers for a column: separators, units and words; and category codes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from quarterhour.sources.tables.numbers import header_unit, plain_numbers, read_numbers
from quarterhour.sources.tables.read import read_areas, read_facilities
from quarterhour.sources.tables.typecodes import read_typecodes

NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1234,56", "980,5"], [1234.56, 980.5]),
        (["1.234", "980,5"], [1234, 980.5]),
        (["1.234,5", "2"], [1234.5, 2]),
        (["1,234", "56"], [1234, 56]),
        (["1,234", "1,234,567"], [1234, 1234567]),
        (["1,234.5", "1,234"], [1234.5, 1234]),
        (["1.234.567", "1.234"], [1234567, 1234]),
        (["1 234", "12\u00a0345"], [1234, 12345]),
        (["1'234", "１２３４"], [1234, 1234]),
        (["1.234", "0.5"], [1.234, 0.5]),
        (["980,5", "1,234.5", "1,234"], [980.5, 1234.5, NAN]),
        (["约3000人", "1.2万", "860 人"], [3000, 12000, 860]),
        (["近1.2万人", "3千余人", "0.3亿"], [12000, 3000, 30_000_000]),
        (["6层", "18F", "3000左右"], [6, 18, 3000]),
        (["3000-4000", "800户", "不详"], [NAN, NAN, NAN]),
        (["1e3", None, 12.5], [1000, NAN, 12.5]),
    ],
)
def test_cells(cells, values):
    got, notes = read_numbers(pd.Series(cells, dtype=object), "人口", "residents")
    assert got.tolist() == pytest.approx(values, nan_ok=True)
    unread = sum(cell is not None for cell in cells) - int(np.isfinite(values).sum())
    assert bool(unread) == any("not understood" in note for note in notes)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("人口(万人)", 1e4),
        ("人口（万）", 1e4),
        ("人口/千人", 1e3),
        ("人口_万人", 1e4),
        ("常住人口万人", 1e4),
        ("residents (thousand)", 1e3),
        ("人口(人)", 1),
        ("人口", 1),
        ("total_population", 1),
        ("人口(2020年)", 1),
        ("人口(户)", None),
    ],
)
def test_units_in_headers(header, factor):
    assert header_unit(header)[0] == factor


def test_the_unit_of_a_header_reaches_the_residents(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "小区,lon,lat,常住人口_万人\n甲,24.9,60.1,1.2\n乙,24.8,60.1,5000人\n丙,24.7,60.1,0.3万\n"
    )
    table = read_areas(path)
    # A cell that has its own scale keeps it.
    assert table["residents"].tolist() == [12_000, 5_000, 3_000]
    assert any("times 10,000" in note for note in table.attrs["notes"])
    path.write_text("小区,lon,lat,人口(户)\n甲,24.9,60.1,300\n")
    table = read_areas(path)
    assert table["residents"].isna().all()
    assert any("人口(户)" in note for note in table.attrs["notes"])


def test_truths_are_no_numbers():
    values, notes = read_numbers(pd.Series([True, False]), "residents", "residents")
    assert np.isnan(values).all()
    assert "2 cells of residents are not understood" in notes[0]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["24,941", "113.304"], [24.941, 113.304]),
        (["24,9414", "24,941"], [24.9414, 24.941]),
        (["113.304", "34.901"], [113.304, 34.901]),
    ],
)
def test_a_degree_has_no_thousands(cells, values):
    assert plain_numbers(pd.Series(cells), decimal_comma=True).tolist() == values


def test_thousands_in_metres():
    assert plain_numbers(pd.Series(["436,132"]), decimal_comma=False).tolist() == [436132]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("50,100", "050100"),
        ("050,100", "050100"),
        ("050100,060200", "050100|060200"),
        ("50100;60200", "050100|060200"),
        (50100, "050100"),
        (50100.0, "050100"),
        (["060200", "050100"], "060200|050100"),
        ("1.41201E+05", "141201"),
        ("5.01E+04", "050100"),
        ("1.41E+05", None),
        ("0501", None),
        ("餐饮", None),
        (None, None),
    ],
)
def test_codes(cell, code):
    codes, notes = read_typecodes(pd.Series([cell], dtype=object))
    assert codes.tolist() == [code]
    silent = code is not None and cell != "5.01E+04"
    assert bool(notes) == (not silent and cell is not None)


def test_a_decimal_comma_in_positions(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name;lon;lat\nA;24,941;60,172\nB;24,9467;60,1702\n")
    points = read_facilities(path).geometry
    assert [(p.x, p.y) for p in points] == [(24.941, 60.172), (24.9467, 60.1702)]
