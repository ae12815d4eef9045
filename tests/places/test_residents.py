"""Residents by floor area, where nobody has counted."""

from __future__ import annotations

import numpy as np
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError


def test_numbers_that_are_given_stay_and_unknown_is_not_zero():
    areas = worlds.squares((0, 0), (500, 0), (1000, 0), size=100.0, name="a")
    areas["residents"] = [np.nan, 77.0, np.nan]
    homes = worlds.squares((0, 0), (20, 20), (500, 0), size=10.0, levels=[3.0, np.nan, 6.0])
    told = qh.residents_by_floor_area(areas, homes, m2_per_person=25)
    # The second home takes the median of its area, three storeys.
    assert told["residents"].tolist()[:2] == [24.0, 77.0]
    assert np.isnan(told["residents"].iloc[2])
    assert told["residents_from"].tolist() == ["floor_area", "given", "unknown"]
    assert (
        "1 of 3 areas are estimated by floor area, 25 m² each; 1 areas" in told.attrs["notes"][-1]
    )
    assert areas["residents"].isna().sum() == 2


def test_degrees_are_measured_in_metres():
    areas = worlds.squares((500_000, 4_400_000), size=200.0, name="a")
    homes = worlds.squares((500_000, 4_400_000), size=30.0, levels=[2.0])
    told = qh.residents_by_floor_area(areas.to_crs(4326), homes.to_crs(4326))
    assert told["residents"].tolist() == pytest.approx([60.0], rel=2e-3)


@pytest.mark.parametrize("wrong", [0, -3, np.nan, np.inf])
def test_no_floor_area_is_refused(wrong):
    areas = worlds.squares((0, 0), size=100.0, name="a")
    with pytest.raises(InputError, match="no floor area"):
        qh.residents_by_floor_area(areas, areas, m2_per_person=wrong)
