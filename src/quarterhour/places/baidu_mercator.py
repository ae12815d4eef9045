"""Baidu's metres (BD-09 MC) to Baidu's degrees (BD-09 LL), by the table of Baidu's own maps.

The table is the one in the scripts of Baidu's web map (api.map.baidu.com/api, MCBAND and MC2LL):
a polynomial of the sixth degree for each of six bands of latitude.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from quarterhour.arrays import Floats

NAMES = frozenset({"bd09mc", "bdmc", "baidumercator", "百度墨卡托", "百度米制坐标"})
"""What people call it; other spellings differ in case and signs only."""

REACH_M = 20_037_726.37
"""The largest easting that there is."""

_BANDS = np.array([12890594.86, 8362377.87, 5591021.0, 3481989.83, 1678043.12, 0.0])
_TABLE = """
    1.410526172116255e-8 8.98305509648872e-6 -1.9939833816331 200.9824383106796 -187.2403703815547
    91.6087516669843 -23.38765649603339 2.57121317296198 -0.03801003308653 17337981.2
    -7.435856389565537e-9 8.983055097726239e-6 -0.78625201886289 96.32687599759846 -1.85204757529826
    -59.36935905485877 47.40033549296737 -16.50741931063887 2.28786674699375 10260144.86
    -3.030883460898826e-8 8.98305509983578e-6 0.30071316287616 59.74293618442277 7.357984074871
    -25.38371002664745 13.45380521110908 -3.29883767235584 0.32710905363475 6856817.37
    -1.981981304930552e-8 8.983055099779535e-6 0.03278182852591 40.31678527705744 0.65659298677277
    -4.44255534477492 0.85341911805263 0.12923347998204 -0.04625736007561 4482777.06
    3.09191371068437e-9 8.983055096812155e-6 6.995724062e-5 23.10934304144901 -2.3663490511e-4
    -0.6321817810242 -0.00663494467273 0.03430082397953 -0.00466043876332 2555164.4
    2.890871144776878e-9 8.983055095805407e-6 -3.068298e-8 7.47137025468032 -3.53937994e-6
    -0.02145144861037 -1.234426596e-5 1.0322952773e-4 -3.23890364e-6 826088.5
"""
_TO_DEGREES = np.array(_TABLE.split(), dtype=float).reshape(6, 10)


def is_baidu_mercator(name: object) -> bool:
    """
    Tell whether a datum's name means Baidu's metres.

    Parameters
    ----------
    name
        A name as people write it.

    Returns
    -------
    is_so
        True for "bd09mc", "BD-09 MC" ...
    """
    return "".join(char for char in str(name).lower() if char.isalnum()) in NAMES


def to_bd09(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """
    Convert Baidu's metres to longitudes and latitudes in BD-09.

    Parameters
    ----------
    x, y
        Metres.

    Returns
    -------
    lon, lat
        Degrees in BD-09.
    """
    east, north = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    band = np.searchsorted(-_BANDS[:-1], -np.abs(north))
    factors = _TO_DEGREES[band]
    part = np.abs(north) / factors[..., 9]
    powers = part[..., None] ** np.arange(7)
    lon = factors[..., 0] + factors[..., 1] * np.abs(east)
    lat = (factors[..., 2:9] * powers).sum(axis=-1)
    return np.copysign(lon, east), np.copysign(lat, north)
