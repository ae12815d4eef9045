"""Which compound of the synthetic new town has which checklist item within 15 minutes.

Written without the library, so that its answer can be compared with the library's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from new_town_grid import OnStreet, grid_distance, snap
from new_town_plan import Compound, Facility

SPEED_M_S = 1.25
UTM_SCALE = 0.9996
"""Metres of the plane for one on the ground, at the middle of a zone; 9 km beside it one in a
million more (Snyder 1987, Map Projections, equation 8-11)."""
LIMIT_S = 900.0
SNAP_LIMIT_M = 100.0
QUOTA = 0.5

# The 30 items of the Beijing checklist and how checkable each is from map data.
ITEMS = {
    "citizen_school": "C",
    "publicity_board": "D",
    "affairs_notice_board": "D",
    "indoor_activity_centre": "B",
    "outdoor_sports_centre": "B",
    "cultural_centre_plaza": "B",
    "food_market": "A",
    "public_parking": "B",
    "sorted_waste_site": "C",
    "public_toilet": "A",
    "party_office": "C",
    "residents_committee_office": "B",
    "reading_room": "B",
    "mediation_room": "C",
    "day_care_room": "B",
    "community_service_station": "B",
    "health_station": "A",
    "police_office": "B",
    "patrol_station": "D",
    "migrant_rental_service_station": "D",
    "recycling_station": "C",
    "eatery": "A",
    "convenience_store": "A",
    "barber_shop": "A",
    "laundry": "A",
    "pharmacy": "A",
    "financial_outlet": "A",
    "postal_outlet": "A",
    "housekeeping_service": "B",
    "public_telephone": "C",
}
HOSTS = frozenset({"community_service_station", "residents_committee_office"})
IMPLIED = frozenset(
    {
        "residents_committee_office",
        "party_office",
        "police_office",
        "reading_room",
        "indoor_activity_centre",
        "mediation_room",
        "publicity_board",
        "affairs_notice_board",
        "citizen_school",
    }
)


@dataclass(frozen=True)
class Walks:
    """Every walk from one compound: seconds (residence x facility), floor area per residence."""

    seconds: np.ndarray
    floor_area: np.ndarray


def walks_from(
    compounds: list[Compound], facilities: list[Facility], *, walls: bool = True
) -> list[Walks]:
    """Return the walking times from each compound.

    Straight from the residence to a gate, straight from the gate to the street, along the
    streets, straight from the street to the facility; the best over the gates. Without walls
    (only used to show what difference they make) straight from the residence to the street.
    """
    ends = [snap(f.x, f.y) for f in facilities]

    def from_street(position: OnStreet) -> np.ndarray:
        metres = (grid_distance(position, end) + leg for leg, end, _ in ends)
        near = (leg <= SNAP_LIMIT_M for leg, _, _ in ends)
        return np.array([m if ok else math.inf for m, ok in zip(metres, near, strict=True)])

    walks = []
    for compound in compounds:
        west, south, width, depth, levels = np.array(compound.buildings, dtype=float).T
        home_x, home_y = west + width / 2, south + depth / 2
        if walls:
            metres = np.full((len(home_x), len(facilities)), math.inf)
            for _, gx, gy in compound.gates:
                leg, position, _ = snap(gx, gy)
                inside = np.sqrt((home_x - gx) ** 2 + (home_y - gy) ** 2)
                outside = leg + from_street(position)
                metres = np.minimum(metres, inside[:, None] + outside[None, :])
        else:
            legs = [snap(x, y) for x, y in zip(home_x, home_y, strict=True)]
            metres = np.array([leg + from_street(position) for leg, position, _ in legs])
        walks.append(Walks(metres / UTM_SCALE / SPEED_M_S, width * depth * levels))
    return walks


def within(seconds: np.ndarray, weight: np.ndarray, limit_s: float) -> float:
    """Return the share of residents whose nearest facility is within the limit."""
    return float(weight[seconds <= limit_s].sum() / weight.sum())


def median(seconds: np.ndarray, weight: np.ndarray) -> float:
    """Return the time within which half of the residents are."""
    order = np.argsort(seconds, kind="stable")
    reached = np.cumsum(weight[order]) * 2 >= weight.sum()
    return float(seconds[order][int(np.argmax(reached))])


def score(
    compound: Compound, facilities: list[Facility], walks: Walks, limit_s: float = LIMIT_S
) -> list[dict[str, str]]:
    """Return one row per checklist item for one compound."""
    times, weight = walks.seconds, walks.floor_area
    rows = []
    for item, checkability in ITEMS.items():
        real = [k for k, f in enumerate(facilities) if item in f.items]
        hosts = [k for k, f in enumerate(facilities) if item in IMPLIED and f.items & HOSTS]
        both = sorted({*real, *hosts})
        row: dict[str, str] = {
            "compound": compound.name,
            "item": item,
            "checkability": checkability,
        }
        nearest_real = times[:, real].min(axis=1) if real else None
        nearest_both = times[:, both].min(axis=1) if both else None
        share = within(nearest_real, weight, limit_s) if real else 0.0
        share_both = within(nearest_both, weight, limit_s) if both else 0.0
        if share >= QUOTA:
            row["status"], row["reason"] = "met", "within_limit"
        elif share_both >= QUOTA:
            row["status"], row["reason"] = "met", "implied_by_host"
        elif checkability in "CD":
            row["status"], row["reason"] = "unknown", "not_assessable"
        elif real:
            row["status"], row["reason"] = "unmet", "beyond_limit"
        else:
            row["status"], row["reason"] = "unknown", "no_facility"
        deciding = both if row["reason"] == "implied_by_host" else real
        row["share"] = f"{share:.4f}" if real else ""
        row["share_with_hosts"] = f"{share_both:.4f}" if both else ""
        row["median_minutes"] = minutes(nearest_real, weight)
        row["median_minutes_with_hosts"] = minutes(nearest_both, weight)
        row["nearest_facility"] = most_often_nearest(times, weight, deciding, facilities)
        rows.append(row)
    return rows


def minutes(seconds: np.ndarray | None, weight: np.ndarray) -> str:
    return "" if seconds is None else f"{median(seconds, weight) / 60:.2f}"


def most_often_nearest(
    times: np.ndarray, weight: np.ndarray, columns: list[int], facilities: list[Facility]
) -> str:
    """Return the facility that is nearest for most residents; a duplicate counts as its first."""
    if not columns:
        return ""
    votes: dict[str, float] = {}
    for home, best in enumerate(np.argmin(times[:, columns], axis=1)):
        facility = facilities[columns[int(best)]]
        key = facility.duplicate_of or facility.id
        votes[key] = votes.get(key, 0.0) + float(weight[home])
    return min(votes, key=lambda key: (-votes[key], key))


def statuses(
    compounds: list[Compound],
    facilities: list[Facility],
    walks: list[Walks],
    limit_s: float = LIMIT_S,
) -> list[tuple[str, str]]:
    """Return (status, reason) for every compound and item."""
    return [
        (row["status"], row["reason"])
        for compound, own in zip(compounds, walks, strict=True)
        for row in score(compound, facilities, own, limit_s)
    ]


def require(condition: bool, message: str) -> None:
    if not condition:
        raise RuntimeError(message)


def within_walls(compound: Compound, facility: Facility) -> bool:
    """Say whether a facility lies in the rectangle round a compound."""
    xs, ys = zip(*compound.ring, strict=True)
    return min(xs) <= facility.x <= max(xs) and min(ys) <= facility.y <= max(ys)


def require_robust(compounds: list[Compound], facilities: list[Facility]) -> None:
    """Fail if any status hangs on 5 s, on 1 m, on a share next to a half, or is walled in."""
    for f in facilities:
        leg, _, lead = snap(f.x, f.y)
        far = leg > SNAP_LIMIT_M + 3
        require(far or lead >= 3, f"{f.name} is nearly as close to another street: {lead:.1f} m")
        require(far or leg <= SNAP_LIMIT_M - 3, f"{f.name} is at the snap limit: {leg:.1f} m")
        if f.items or f.bait:
            inside = [c.name for c in compounds if within_walls(c, f)]
            require(not inside, f"{f.name} lies inside the walls of {inside}")
    walks = walks_from(compounds, facilities)
    base = statuses(compounds, facilities, walks)
    for limit_s in (LIMIT_S - 5, LIMIT_S + 5):
        same = statuses(compounds, facilities, walks, limit_s) == base
        require(same, f"a limit of {limit_s} s gives other statuses")
    for angle in range(0, 360, 45):
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        moved = [replace(f, x=f.x + dx, y=f.y + dy) for f in facilities]
        same = statuses(compounds, moved, walks_from(compounds, moved)) == base
        require(same, f"one metre towards {angle} degrees gives other statuses")
    for compound, own in zip(compounds, walks, strict=True):
        for row in score(compound, facilities, own):
            for share in filter(None, (row["share"], row["share_with_hosts"])):
                near = abs(float(share) - QUOTA) < 0.01
                require(not near, f"{compound.name} {row['item']}: share {share} is near a half")
