"""Which OpenStreetMap ways and barriers a walker may pass.

The rules, their grounds and what they leave out are in ``docs/decisions/0002-walkable-streets.md``.
Everything here looks at the tags of one object; nothing knows geometry.
"""

from __future__ import annotations

import re

from quarterhour.sources.osm.file import Tags

ALWAYS = frozenset(
    [
        "footway",
        "path",
        "pedestrian",
        "steps",
        "corridor",
        "crossing",
        "living_street",
        "residential",
        "unclassified",
        "road",
        "service",
        "track",
        "tertiary",
        "tertiary_link",
        "secondary",
        "secondary_link",
        "primary",
        "primary_link",
        "platform",
        "elevator",
    ]
)
WITH_SIDEWALK = frozenset({"trunk", "trunk_link"})
WITH_PERMISSION = frozenset({"motorway", "motorway_link", "busway", "bus_guideway", "bridleway"})
FOR_FEET = frozenset(
    ["footway", "path", "pedestrian", "steps", "corridor", "crossing", "platform", "cycleway"]
)
"""Ways that stand for themselves: no carriageway with pavements beside it."""

YES = frozenset(
    ["yes", "designated", "permissive", "official", "destination", "customers", "public"]
)
NO = frozenset(
    [
        "no",
        "private",
        "residents",
        "permit",
        "delivery",
        "agricultural",
        "agriculture",
        "forestry",
        "military",
        "emergency",
        "employees",
        "use_sidepath",
    ]
)
PAVEMENT = frozenset({"yes", "both", "left", "right"})

GATES = frozenset(
    [
        "gate",
        "lift_gate",
        "swing_gate",
        "kissing_gate",
        "hampshire_gate",
        "sliding_gate",
        "sliding_beam",
        "wicket_gate",
        "entrance",
        "turnstile",
        "full-height_turnstile",
        "door",
        "sally_port",
        "bump_gate",
        "border_control",
    ]
)
LOCKABLE = GATES - {"lift_gate", "swing_gate", "sliding_beam", "bump_gate", "entrance"}
"""Gates that close the whole width: access=no or private on the others is meant for cars."""
SOLID = frozenset(["wall", "fence", "hedge", "retaining_wall", "city_wall"])

_NUMBER = re.compile(r"-?\d+")


def soft_highway(tags: Tags) -> str:
    """Return ``platform`` or ``pier`` for such a way that has no ``highway`` tag, else ``""``."""
    if tags.get("highway") or tags.get("area") == "no":
        return ""
    if tags.get("railway") == "platform" or tags.get("public_transport") == "platform":
        return "platform"
    return "pier" if tags.get("man_made") == "pier" else ""


def is_walkable(tags: Tags) -> bool:
    """Tell whether a walker may use a way, ``foot`` counting before ``access``."""
    highway = tags.get("highway") or soft_highway(tags)
    if not highway or tags.get("foot", "") in NO:
        return False
    if tags.get("foot", "") in YES:
        known = highway in ALWAYS | WITH_SIDEWALK | WITH_PERMISSION
        return known or highway in ("cycleway", "pier")
    if tags.get("access", "") in NO or tags.get("service") == "private":
        return False
    if highway == "cycleway":
        return says_of_walkers(tags)
    if highway in WITH_SIDEWALK or tags.get("motorroad") == "yes":
        return has_pavement(tags)
    return highway in ALWAYS or highway == "pier"


def says_of_walkers(tags: Tags) -> bool:
    """Tell whether a cycleway speaks of walkers: ``segregated``, a pavement, access for all."""
    return "segregated" in tags or has_pavement(tags) or tags.get("access", "") in YES


def is_refused(tags: Tags) -> bool:
    """Tell whether a way would be walked if its ``access`` or ``foot`` tag did not forbid it."""
    if not tags.get("highway") or is_walkable(tags):
        return False
    return is_walkable({k: v for k, v in tags.items() if k not in ("access", "foot", "service")})


def has_pavement(tags: Tags) -> bool:
    """Tell whether pavements are tagged on the way itself."""
    if tags.get("sidewalk") in PAVEMENT:
        return True
    return any(tags.get(f"sidewalk:{side}") == "yes" for side in ("both", "left", "right"))


def pavements_elsewhere(tags: Tags) -> bool:
    """Tell whether a carriageway's pavements are all drawn as ways of their own.

    True for ``sidewalk=separate`` and its one-sided forms, unless the other side has a pavement
    of its own or ``foot=yes`` says that the carriageway is walked as well.
    """
    if tags.get("foot") in YES or tags.get("highway") in FOR_FEET or has_pavement(tags):
        return False
    keys = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
    return any(tags.get(key) == "separate" for key in keys)


def oneway_on_foot(tags: Tags) -> int:
    """Return 1 or -1 where walkers may only go along or against the way, else 0.

    ``oneway`` alone is for vehicles; ``oneway:foot``, ``foot:forward`` / ``foot:backward`` and the
    direction of an escalator or moving walkway (``conveying``) bind walkers.
    """
    given = tags.get("oneway:foot", "")
    if given:
        return {"yes": 1, "1": 1, "true": 1, "-1": -1, "reverse": -1}.get(given, 0)
    if tags.get("foot:backward") == "no":
        return 1
    if tags.get("foot:forward") == "no":
        return -1
    return {"forward": 1, "backward": -1}.get(tags.get("conveying", ""), 0)


def blocks_walkers(tags: Tags) -> bool:
    """Tell whether a barrier node cannot be passed on foot, ``foot`` counting before all."""
    barrier = tags.get("barrier", "")
    if not barrier:
        return False
    foot = tags.get("foot", "")
    if foot:
        return foot in NO
    if barrier in SOLID:
        return tags.get("access", "") not in YES
    if barrier in LOCKABLE:
        return tags.get("access", "") in NO or tags.get("locked") == "yes"
    return False


def crossing_kind(tags: Tags, node_tags: Tags | None = None) -> str:
    """Return ``signals``, ``marked``, ``unmarked`` or ``unknown`` for a crossing way, else ``""``.

    Parameters
    ----------
    tags
        Tags of the way.
    node_tags
        Tags of a crossing node on the way, used where the way does not say.
    """
    parts = ("footway", "path", "cycleway", "highway")
    if not any(tags.get(key) in ("crossing", "traffic_island_crossing") for key in parts):
        return ""
    for source in (tags, node_tags or {}):
        kind = source.get("crossing", "")
        if kind == "traffic_signals" or source.get("crossing:signals") == "yes":
            return "signals"
        if source.get("highway") == "traffic_signals":
            return "signals"
        if kind == "unmarked" or source.get("crossing:markings") == "no":
            return "unmarked"
        if kind in ("uncontrolled", "marked", "zebra") or source.get("crossing:markings"):
            return "marked"
    return "unknown"


def layer_of(tags: Tags) -> int:
    """Return the layer as a small number, 0 where it is absent or cannot be read."""
    found = _NUMBER.match(tags.get("layer", ""))
    return max(-20, min(20, int(found[0]))) if found else 0


def is_truthy(value: str | None) -> bool:
    """Tell whether a tag such as ``bridge=viaduct`` says yes."""
    return value not in (None, "", "no", "false", "0")
