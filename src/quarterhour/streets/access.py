"""Which ways and barriers a walker may pass, in the words of OpenStreetMap.

The rules, their grounds and what they leave out are in ``docs/decisions/0002-walkable-streets.md``.
Everything here looks at the tags of one object; nothing knows geometry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Tags = Mapping[str, str]

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

THROUGH_ROADS = tuple(
    f"{kind}{link}"
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
)
"""Roads that lead from place to place: where nothing else meets them, nobody gets onto them."""

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
    ]
)
UNDECIDED = frozenset(["use_sidepath", "discouraged", "dismount", "limited", "variable", ""])
"""Values that mean something, and neither allow nor forbid to walk."""
TOWN_KMH = 50.5
"""A trunk road that is not faster runs through a town; 50 km/h, and a little for miles."""
PAVEMENT = frozenset({"yes", "both", "left", "right"})
NOT_THERE = frozenset(
    [
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "disused",
        "demolished",
        "removed",
    ]
)
"""Values of ``highway`` of what is not built, or no more there."""
NOT_FOR_WALKING = frozenset(
    [
        "raceway",
        "bus_stop",
        "escape",
        "rest_area",
        "services",
        "via_ferrata",
        "emergency_bay",
        "ladder",
        "traffic_island",
        "no",
        "trailhead",
        "toll_gantry",
        "passing_place",
        "turning_circle",
    ]
)
"""Values of ``highway`` of ways that are no streets, or none to walk along."""
KNOWN_HIGHWAYS = ALWAYS | WITH_SIDEWALK | WITH_PERMISSION | NOT_THERE | NOT_FOR_WALKING
KNOWN_HIGHWAYS |= {"cycleway"}
LEVEL_KEYS = ("tunnel", "bridge", "layer", "level", "highway", "indoor", "location")
"""The tags that tell whether a way is below, on or above the ground."""

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
_STOREY = re.compile(r"(?<!\d)-?\d+(?:\.\d+)?")


def allows(value: str | None) -> bool | None:
    """Tell what a value of ``foot`` or ``access`` says of walkers; None if it says nothing.

    Of several, joined by ``;``, one that allows allows. A value that is not understood says
    nothing: the next tag counts.

    Examples
    --------
    >>> allows("yes;designated"), allows("no;private"), allows("unknown"), allows(None)
    (True, False, None, None)
    """
    said = {word.strip().lower() for word in (value or "").split(";")}
    if said & YES:
        return True
    return False if said & NO else None


def says_nothing(value: str) -> bool:
    """Tell whether a value of ``foot`` or ``access`` is one that nobody can make sense of.

    Examples
    --------
    >>> says_nothing("maybe"), says_nothing("no"), says_nothing("use_sidepath"), says_nothing("")
    (True, False, False, False)
    """
    words = {word.strip().lower() for word in value.split(";")}
    return bool(value) and allows(value) is None and not words <= UNDECIDED


def one_highway(tags: Tags) -> Tags:
    """Return tags whose ``highway`` is one kind, where it lists several or is written oddly.

    Stairs among them are stairs; else the first that can be walked counts, else the first.

    Examples
    --------
    >>> one_highway({"highway": "footway; steps"})["highway"], one_highway({"highway": "Path"})
    ('steps', {'highway': 'path'})
    """
    value = tags.get("highway", "")
    if not value or value in KNOWN_HIGHWAYS or (value.islower() and ";" not in value):
        return tags
    kinds = [kind.strip().lower() for kind in value.split(";")]
    order = ["steps"] * ("steps" in kinds) + [kind for kind in kinds if kind in ALWAYS] + kinds
    return {**tags, "highway": order[0]}


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
    foot = allows(tags.get("foot"))
    if not highway or foot is False:
        return False
    if foot:
        known = highway in ALWAYS | WITH_SIDEWALK | WITH_PERMISSION
        return known or highway in ("cycleway", "pier")
    if allows(tags.get("access")) is False or tags.get("service") == "private":
        return False
    if highway == "cycleway":
        return says_of_walkers(tags)
    if highway in WITH_SIDEWALK or tags.get("motorroad") == "yes":
        return has_pavement(tags)
    return highway in ALWAYS or highway == "pier"


def is_silent_trunk(tags: Tags) -> bool:
    """Tell whether a trunk road says nothing of walkers, neither that they may nor may not."""
    if (
        tags.get("highway") not in WITH_SIDEWALK
        or is_walkable(tags)
        or is_truthy(tags.get("tunnel"))
    ):
        return False
    if tags.get("motorroad") == "yes" or allows(tags.get("access")) is False:
        return False
    sides = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
    return not (tags.get("foot") or any(key in tags for key in sides))


def is_built_up(tags: Tags) -> bool | None:
    """Tell whether a road runs through a town: a roundabout, slow, lit or open to all.

    None if it says nothing of all this. A speed counts before a lamp.

    Examples
    --------
    >>> is_built_up({"maxspeed": "30 mph"}), is_built_up({"maxspeed": "80", "lit": "yes"})
    (True, False)
    """
    if tags.get("junction") in ("roundabout", "circular") or allows(tags.get("access")):
        return True
    speed = tags.get("maxspeed", "")
    found = _NUMBER.match(speed)
    if found:
        return int(found[0]) * (1.609 if "mph" in speed else 1.0) <= TOWN_KMH
    kinds = (
        speed,
        *(tags.get(key, "") for key in ("maxspeed:type", "source:maxspeed", "zone:traffic")),
    )
    said = {kind.rsplit(":", 1)[-1].lower() for kind in kinds if kind}
    if said & {"urban", "30", "zone30"}:
        return True
    if said & {"rural", "trunk", "motorway"}:
        return False
    return True if is_truthy(tags.get("lit")) else None


def says_of_walkers(tags: Tags) -> bool:
    """Tell whether a cycleway speaks of walkers: ``segregated``, a pavement, access for all."""
    return "segregated" in tags or has_pavement(tags) or bool(allows(tags.get("access")))


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
    of its own or ``foot=yes`` says that the carriageway is walked as well; and for
    ``foot=use_sidepath``, which says the same in other words.
    """
    if allows(tags.get("foot")) or tags.get("highway") in FOR_FEET or has_pavement(tags):
        return False
    if "use_sidepath" in tags.get("foot", "").split(";"):
        return True
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
    """Tell whether a barrier cannot be passed on foot, ``foot`` counting before all."""
    barrier = tags.get("barrier", "").lower()
    if not barrier:
        return False
    foot, entry = allows(tags.get("foot")), allows(tags.get("access"))
    if foot is not None:
        return not foot
    if barrier in SOLID:
        return not entry
    if barrier in LOCKABLE:
        return entry is False or is_truthy(tags.get("locked"))
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


def off_ground(tags: Tags) -> int:
    """Return -1 for a way below the ground, 1 for one above it or inside a building, else 0.

    A passage through a building is on the ground, and so is a corridor that says ``level=0``.
    """
    storey = _storey(tags.get("level", ""))
    if tags.get("tunnel", "no") not in ("no", "building_passage", "false", "0", ""):
        return -1
    if tags.get("location") == "underground" or storey < 0:
        return -1
    if is_truthy(tags.get("bridge")) or storey > 0:
        return 1
    if "level" not in tags and (
        tags.get("highway") == "corridor" or tags.get("indoor") in ("yes", "corridor", "room")
    ):
        return 1
    if tags.get("tunnel") == "building_passage":
        return 0
    layer = layer_of(tags)
    return (layer > 0) - (layer < 0)


def _storey(level: str) -> float:
    """Return the storey that ``level`` names, 0 where it names several that hold or pass it."""
    found = [float(n) for n in _STOREY.findall(level)]
    if not found or min(found) <= 0 <= max(found):
        return 0.0
    return min(found, key=abs)


def is_truthy(value: str | None) -> bool:
    """Tell whether a tag such as ``bridge=viaduct`` says yes."""
    return value not in (None, "", "no", "false", "0")
