"""A clinic in the middle of the largest compound, a community over three, and the truth of both.

Written without the library. Whoever lives in the compound of the clinic walks straight there;
all others walk to one of its gates, and straight on inside. Whoever is counted with the community
leaves by the gates of the compound that the home is in, as always.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from new_town_grid import grid_distance, snap
from new_town_plan import Compound, Facility
from new_town_truth import LIMIT_S, QUOTA, SPEED_M_S, UTM_SCALE, Walks, require, score, walks_from

CLINIC = Facility(
    "云河家园社区卫生服务站",
    "090300",
    frozenset({"health_station"}),
    frozenset(),
    1360.0,
    1380.0,
    "h5",
    id="B0WALLEDIN",
    note="walled in",
)
"""At least 320 m from every street; the walls of 云河家园 are 30 m from theirs."""

COMMUNITY = "云河中心社区"
COMMUNITY_EN = "Yunhe Central Community"
COMMUNITY_BOX = (860.0, 1060.0, 1880.0, 1700.0)
"""West, south, east, north: all of 云河家园, and parts of its two neighbours."""

COMMUNITY_RESIDENTS = 41_000

ITEM = "health_station"


@dataclass(frozen=True)
class Homes:
    """The homes of an area: which building of which compound each is, and its walks."""

    area: str
    buildings: tuple[str, ...]
    walks: Walks


def centre(building: tuple[int, int, int, int, int]) -> tuple[float, float]:
    west, south, width, depth, _ = building
    return west + width / 2, south + depth / 2


def to_clinic(compound: Compound, host: Compound) -> np.ndarray:
    """Metres from each home of a compound to the clinic."""
    homes = [centre(building) for building in compound.buildings]
    if compound.name == host.name:
        return np.array([math.dist(home, (CLINIC.x, CLINIC.y)) for home in homes])
    ways = []
    for _, x, y in compound.gates:
        leg, here, _ = snap(x, y)
        for _, host_x, host_y in host.gates:
            egress, there, _ = snap(host_x, host_y)
            inside = math.dist((host_x, host_y), (CLINIC.x, CLINIC.y))
            street = leg + grid_distance(here, there) + egress + inside
            ways.append([math.dist(home, (x, y)) + street for home in homes])
    return np.array(ways).min(axis=0)


def largest(compounds: list[Compound]) -> Compound:
    """The compound with the most residents."""
    return max(compounds, key=lambda compound: compound.residents)


def homes_of(compounds: list[Compound], facilities: list[Facility]) -> list[Homes]:
    """Every compound's homes, then the community's, with walks to the facilities and the clinic."""
    host = largest(compounds)
    found = []
    for number, (compound, own) in enumerate(
        zip(compounds, walks_from(compounds, facilities), strict=True), start=1
    ):
        clinic_s = to_clinic(compound, host) / UTM_SCALE / SPEED_M_S
        seconds = np.column_stack([own.seconds, clinic_s])
        names = tuple(f"c{number:02d}-b{k:03d}" for k in range(1, len(clinic_s) + 1))
        found.append(Homes(compound.name, names, Walks(seconds, own.floor_area)))
    chosen = [np.array([in_community(b) for b in c.buildings]) for c in compounds]
    parts = list(zip(found, chosen, strict=True))
    walks = Walks(
        np.concatenate([homes.walks.seconds[mine] for homes, mine in parts]),
        np.concatenate([homes.walks.floor_area[mine] for homes, mine in parts]),
    )
    names = tuple(
        name
        for homes, mine in parts
        for name, is_in in zip(homes.buildings, mine, strict=True)
        if is_in
    )
    return [*found, Homes(COMMUNITY, names, walks)]


def in_community(building: tuple[int, int, int, int, int]) -> bool:
    x, y = centre(building)
    west, south, east, north = COMMUNITY_BOX
    return west < x < east and south < y < north


def scored(
    compounds: list[Compound], facilities: list[Facility], limit_s: float = LIMIT_S
) -> list[dict[str, str]]:
    """One row per area and item, as those of the town without clinic and community."""
    everything = [*facilities, CLINIC]
    host = largest(compounds)
    rows: list[dict[str, str]] = []
    for homes in homes_of(compounds, facilities):
        area = replace(host, name=homes.area)
        rows += score(area, everything, homes.walks, limit_s)
    return [{"area": row.pop("compound"), **row} for row in rows]


def seconds_to_health(
    compounds: list[Compound], facilities: list[Facility]
) -> list[dict[str, str]]:
    """One row per area and home: the nearest health station, and the seconds to it."""
    everything = [*facilities, CLINIC]
    columns = [k for k, f in enumerate(everything) if ITEM in f.items]
    rows = []
    for homes in homes_of(compounds, facilities):
        times = homes.walks.seconds[:, columns]
        for name, own in zip(homes.buildings, times, strict=True):
            best = everything[columns[int(np.argmin(own))]]
            nearest = best.duplicate_of or best.id
            rows.append(
                {
                    "area": homes.area,
                    "building": name,
                    "seconds": f"{own.min():.3f}",
                    "facility": nearest,
                    "seconds_to_clinic": f"{own[-1]:.3f}",
                }
            )
    return rows


def require_robust_walls(compounds: list[Compound], facilities: list[Facility]) -> None:
    """Fail if a status hangs on 5 s or on a share next to a half, or a home on the border."""
    base = [(row["status"], row["reason"]) for row in scored(compounds, facilities)]
    for limit_s in (LIMIT_S - 5, LIMIT_S + 5):
        other = [(row["status"], row["reason"]) for row in scored(compounds, facilities, limit_s)]
        require(other == base, f"with the clinic a limit of {limit_s} s gives other statuses")
    for row in scored(compounds, facilities):
        for share in filter(None, (row["share"], row["share_with_hosts"])):
            near = abs(float(share) - QUOTA) < 0.01
            require(not near, f"{row['area']} {row['item']}: share {share} is near a half")
    west, south, east, north = COMMUNITY_BOX
    for compound in compounds:
        for building in compound.buildings:
            x, y = centre(building)
            inside = min(x - west, east - x, y - south, north - y)
            require(abs(inside) > 3, f"a home of {compound.name} is on the border of the community")
