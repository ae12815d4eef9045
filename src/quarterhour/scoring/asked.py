"""What a question is asked of."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from quarterhour.streets.network import WalkNetwork


@dataclass(frozen=True, eq=False)
class Asked:
    """What a question is asked of; origins are made from the areas where there are none."""

    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    network: WalkNetwork
    origins: gpd.GeoDataFrame | None = None
