"""Cells of grids and of H3: names, outlines, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
from quarterhour.places.cells import are_h3, h3_cells, h3_labels, square_labels, squares_at

HERE = "89a901291abffff"


def test_every_position_lies_in_the_square_of_its_name():
    xy = np.array([[0.0, 0.0], [499.9, 500.0], [-0.1, 0.0], [1250.0, -1.0]])
    labels = square_labels(xy, 500)
    assert labels.tolist() == ["500mN0E0", "500mN500E0", "500mN0E-500", "500mN-500E1000"]
    assert shapely.covers(squares_at(xy, 500), shapely.points(xy)).all()


@pytest.mark.parametrize("size", [0, -5, float("nan"), float("inf")])
def test_a_size_of_cells_is_metres(size):
    with pytest.raises(qh.QuarterhourError, match="no size of a cell"):
        square_labels(np.zeros((1, 2)), size)


def test_the_outline_of_an_h3_cell_holds_what_lies_in_it():
    (outline,) = h3_cells([HERE])
    middle = np.array([[outline.centroid.x, outline.centroid.y]])
    assert h3_labels(middle, 4326, 9).tolist() == [HERE]
    same = h3_cells([int(HERE, 16), HERE.upper(), f" {HERE} "])
    assert all(one.equals(outline) for one in same)


@pytest.mark.parametrize("label", ["", "quarter", None, 12, float("nan"), "89a901291abfff"])
def test_what_is_no_h3_cell_is_refused(label):
    with pytest.raises(qh.QuarterhourError, match="1 of 2 labels are no H3 cells"):
        h3_cells([HERE, label])


def test_resolutions_are_those_of_h3():
    with pytest.raises(qh.QuarterhourError, match="no resolution 16"):
        h3_labels(np.zeros((1, 2)), 4326, 16)


def test_a_column_of_h3_cells_is_known():
    assert are_h3(pd.Series([HERE, None], dtype=object))
    assert not are_h3(pd.Series([HERE, "x"], dtype=object))
    assert not are_h3(pd.Series([], dtype=object))
    assert not are_h3(pd.Series([1, 2]))


def test_without_the_package_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(ImportError, match=r"quarterhour\[h3\]"):
        h3_cells([HERE])
