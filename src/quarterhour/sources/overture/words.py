"""What Overture says of a segment, a building or a piece of land, in the tags of OpenStreetMap.

Roads, rules of access, levels and flags then go through the same rules of walking as tags do
(:mod:`quarterhour.streets.access`). The schema: docs.overturemaps.org, releases 2024 to 2026.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quarterhour.places.notes import Listing, Note
from quarterhour.sources.overture.files import Row

CLASSES = {
    "motorway": "motorway",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "tertiary",
    "residential": "residential",
    "living_street": "living_street",
    "unclassified": "unclassified",
    "service": "service",
    "pedestrian": "pedestrian",
    "footway": "footway",
    "steps": "steps",
    "path": "path",
    "track": "track",
    "cycleway": "cycleway",
    "bridleway": "bridleway",
    "unknown": "road",
    "driveway": "service",
    "alley": "service",
    "parking_aisle": "service",
    "parkingaisle": "service",
    "sidewalk": "footway",
    "crosswalk": "footway",
}
"""Classes of roads by the value of ``highway``; the last six are of releases before 2024-07."""

LINKED = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
SUBCLASSES = {
    "sidewalk": ("footway", "sidewalk"),
    "crosswalk": ("footway", "crossing"),
    "cycle_crossing": ("cycleway", "crossing"),
    "alley": ("service", "alley"),
    "driveway": ("service", "driveway"),
    "parking_aisle": ("service", "parking_aisle"),
}
FLAGS = {
    "is_bridge": ("bridge", "yes"),
    "is_tunnel": ("tunnel", "yes"),
    "is_covered": ("covered", "yes"),
    "is_indoor": ("indoor", "yes"),
    "is_under_construction": ("highway", "construction"),
    "is_abandoned": ("highway", "abandoned"),
}
KNOWN = {
    "as_private": "private",
    "as_permitted": "permit",
    "as_employee": "employees",
    "as_student": "private",
    "as_disabled": "private",
}
"""Who has to be recognised, by the value of ``access`` that says the same."""

USING = {
    "as_customer": "customers",
    "at_destination": "destination",
    "to_deliver": "delivery",
    "to_farm": "agricultural",
    "for_forestry": "forestry",
}
LAND = {
    "residential": ("landuse", "residential"),
    "recreation_ground": ("landuse", "recreation_ground"),
    "village_green": ("landuse", "village_green"),
    **dict.fromkeys(["commercial", "retail", "industrial"], ("landuse", "")),
    **dict.fromkeys(
        ["park", "garden", "playground", "pitch", "dog_park", "stadium", "track", "nature_reserve"],
        ("leisure", ""),
    ),
    **dict.fromkeys(
        ["school", "kindergarten", "college", "university", "hospital", "clinic"], ("amenity", "")
    ),
    "plaza": ("place", "square"),
}
"""Classes of land use by their tag; the value is the class itself where none is given."""

POINTS = {
    **dict.fromkeys(
        ["toilets", "atm", "post_box", "recycling", "parking", "bicycle_parking", "bus_station"],
        ("amenity", ""),
    ),
    "bus_stop": ("highway", "bus_stop"),
    "railway_station": ("railway", "station"),
    "subway_station": ("railway", "station"),
    "tram_stop": ("railway", "tram_stop"),
    "platform": ("public_transport", "platform"),
}
"""Classes of infrastructure by their tag."""

BARRIERS = frozenset(
    {
        "gate",
        "lift_gate",
        "swing_gate",
        "kissing_gate",
        "hampshire_gate",
        "sliding_gate",
        "turnstile",
        "full-height_turnstile",
        "entrance",
        "wall",
        "fence",
        "hedge",
        "retaining_wall",
        "city_wall",
        "bollard",
        "block",
        "stile",
        "cycle_barrier",
    }
)
"""Classes of infrastructure that are barriers; the value is the class itself."""


class Unread:
    """Counts values that are no words of the schema, to say them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, word: str) -> None:
        """Count one."""
        self.counts[word] = self.counts.get(word, 0) + 1

    def notes(self) -> list[str]:
        """Say them, the most frequent first."""
        if not self.counts:
            return []
        told = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        text = "Words of Overture that are not understood, and have no effect: {0}."
        return [Note("overture_words", text, Listing(told[:8], max(len(told) - 8, 0)))]


def segment_tags(row: Row, at: float, unread: Unread) -> dict[str, str]:
    """Give the tags of a segment at a place along it, a share of its length.

    Examples
    --------
    >>> row = {"class": "footway", "subclass": "crosswalk", "names": None}
    >>> segment_tags(row, 0.5, Unread())
    {'highway': 'footway', 'footway': 'crossing'}
    """
    kind = str(row.get("class") or "unknown")
    tags = {"highway": CLASSES.get(kind.lower(), "")}
    if not tags["highway"]:
        unread.add(f"class={kind}")
        tags["highway"] = kind
    for values in _here(row.get("road_flags"), at, "values"):
        for flag in values:
            _take_flag(tags, str(flag), unread)
    subclass = _last(row.get("subclass_rules"), at) or row.get("subclass")
    if subclass == "link" and tags["highway"] in LINKED:
        tags["highway"] += "_link"
    elif subclass in SUBCLASSES:
        key, value = SUBCLASSES[str(subclass)]
        tags[key] = value
    elif subclass not in (None, "", "link"):
        unread.add(f"subclass={subclass}")
    name = (row.get("names") or {}).get("primary")
    tags |= {"name": str(name)} if name else {}
    level = _last(row.get("level_rules"), at)
    tags |= {"layer": str(int(level))} if level else {}
    surface = _last(row.get("road_surface"), at)
    tags |= {"surface": str(surface)} if surface and surface != "unknown" else {}
    return tags | _speed(row.get("speed_limits"), at) | _access(row.get("access_restrictions"), at)


def _take_flag(tags: dict[str, str], flag: str, unread: Unread) -> None:
    if flag == "is_link":
        tags["highway"] += "_link" if tags["highway"] in LINKED else ""
    elif flag in FLAGS:
        key, value = FLAGS[flag]
        tags[key] = value
    else:
        unread.add(f"road_flags={flag}")


def covers(rule: Row, at: float) -> bool:
    """Whether a rule holds at a place: it has no ends, or lies between them."""
    between = rule.get("between")
    if not between:
        return True
    first = 0.0 if between[0] is None else float(between[0])
    last = 1.0 if len(between) < 2 or between[1] is None else float(between[1])
    return min(first, last) <= at <= max(first, last)


def _here(rules: Iterable[Row] | None, at: float, key: str) -> list[Any]:
    return [rule[key] for rule in rules or () if rule.get(key) is not None and covers(rule, at)]


def _last(rules: Iterable[Row] | None, at: float) -> Any:
    """The value of the last rule that holds: those that follow say more of it."""
    found = _here(rules, at, "value")
    return found[-1] if found else None


def _speed(rules: Iterable[Row] | None, at: float) -> dict[str, str]:
    found = _here(rules, at, "max_speed")
    if not found or found[-1].get("value") is None:
        return {}
    unit = " mph" if str(found[-1].get("unit")) == "mph" else ""
    return {"maxspeed": f"{int(found[-1]['value'])}{unit}"}


def _access(rules: Iterable[Row] | None, at: float) -> dict[str, str]:
    """Say what rules of access mean for walkers, the last that speaks of them counting.

    A rule without a mode that closes one direction is a street that vehicles pass one way. Rules
    of certain vehicles, and of some hours, say nothing of whoever walks by day.
    """
    tags: dict[str, str] = {}
    for rule in rules or ():
        if not covers(rule, at):
            continue
        when = rule.get("when") or {}
        modes, heading = when.get("mode"), when.get("heading")
        on_foot = "foot" in (modes or ())
        if (modes and not on_foot) or when.get("vehicle"):
            continue
        kind = str(rule.get("access_type"))
        if heading:
            if on_foot and kind == "denied":
                tags["oneway:foot"] = "yes" if heading == "backward" else "-1"
            continue
        value = _value(kind, when)
        if when.get("during"):
            key = "foot:conditional" if on_foot else "access:conditional"
            tags[key] = f"{value} @ ({when['during']})"
        else:
            tags["foot" if on_foot else "access"] = value
    return tags


def _value(kind: str, when: Row) -> str:
    if kind == "denied":
        return "no"
    for words, known in ((when.get("recognized"), KNOWN), (when.get("using"), USING)):
        for word in words or ():
            if word in known:
                return known[word]
    return "designated" if kind == "designated" else "yes"


def building_tags(row: Row) -> dict[str, str]:
    """Give the tags of a building."""
    kind = row.get("class") or ("residential" if row.get("subtype") == "residential" else "yes")
    tags = {"building": str(kind)}
    if row.get("num_floors"):
        tags["building:levels"] = f"{row['num_floors']:g}"
    if row.get("height"):
        tags["height"] = f"{row['height']:g}"
    if row.get("is_underground"):
        tags["location"] = "underground"
    name = (row.get("names") or {}).get("primary")
    return tags | ({"name": str(name)} if name else {})


def land_tags(row: Row) -> dict[str, str]:
    """Give the tags of a piece of land; none where it is of no use here."""
    kind = str(row.get("class") or "")
    found = LAND.get(kind) or (LAND["residential"] if row.get("subtype") == "residential" else None)
    if found is None:
        return {}
    name = (row.get("names") or {}).get("primary")
    return {found[0]: found[1] or kind} | ({"name": str(name)} if name else {})


def infrastructure_tags(row: Row) -> dict[str, str]:
    """Give the tags of a barrier, a stop, or what else of infrastructure is a facility."""
    kind = str(row.get("class") or "")
    name = (row.get("names") or {}).get("primary")
    named = {"name": str(name)} if name else {}
    if kind in BARRIERS:
        return {"barrier": kind} | named
    found = POINTS.get(kind)
    return {} if found is None else {found[0]: found[1] or kind} | named
