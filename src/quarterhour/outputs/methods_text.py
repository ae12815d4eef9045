"""How the numbers were made, as a paragraph for a paper: the manifest in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.parameter_words import closed_text, item_names, limits_text, listed_items
from quarterhour.outputs.plan_words import change_text
from quarterhour.outputs.walker_words import walker_of_card
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    has,
    name_of,
    number,
    percent,
    place,
    require_lang,
    say,
)
from quarterhour.scoring.scorecard import Scorecard

_INPUTS = ("areas", "facilities", "origins", "network", "checklist")
DIGITS = 12
"""So much of a digest tells one input from another."""


def methods_text(card: Scorecard, lang: Lang | None) -> str:
    """Give the methods as one paragraph that can stand in a paper; every parameter is in it.

    Raises
    ------
    InputError
        If the language is not known.
    """
    lang = chosen_lang(lang, card.checklist)
    require_lang(lang, "not a language of the methods")
    known = card.manifest["parameters"]
    names = item_names(card, lang)
    walk = {
        "origins": _origins_text(card, lang),
        "pace": _walker_text(card, lang),
        "snap": f"{known['snap_limit_m']:g}",
    }
    judge = {"quota": f"{100 * known['quota']:g}%", "limits": limits_text(known, names, lang)}
    parts = [
        _data_text(card, lang),
        _datum_text(card.manifest, lang),
        say(lang, "m_walk", walk),
        closed_text(known, lang),
        say(lang, "m_judge", judge),
        say(lang, "m_horizon", {"n": f"{known['horizon']:g}"}) if known.get("horizon") else "",
        say(lang, "m_unknown", {"surveyed": _complete_text(known, names, lang)}),
        _shown_text(known, names, lang),
        say(lang, f"m_mode_{known.get('mode', 'function')}"),
        say(lang, "m_at", {"at": known["at"]}) if known.get("at") else say(lang, "m_at_none"),
        say(lang, "m_period", {"period": known["period"]}) if known.get("period") else "",
        say(lang, "m_contracted") if known.get("contracted_only") else say(lang, "m_any_shop"),
        say(lang, "m_rated", {"least": percent(known["min_satisfaction"])})
        if known.get("min_satisfaction")
        else "",
        say(lang, "m_valid", {"day": known["valid_on"]}) if known.get("valid_on") else "",
        _others_text(known, lang),
        _scenario_text(card, lang),
        say(lang, "m_edge"),
        _made_text(card.manifest, lang),
    ]
    return "".join(parts).strip()


TOLD = frozenset(
    {
        *("pace", "speed_m_s", "closed_streets", "quota", "surveyed", "shown", "at", "valid_on"),
        *("contracted_only", "mode", "origins_at", "snap_limit_m", "horizon", "limits"),
        *("min_satisfaction", "period"),
    }
)
"""Parameters that have a sentence of their own; others are told by name and value."""


def _walker_text(card: Scorecard, lang: Lang) -> str:
    """Say who walks, and how fast even where a walker of one's own does not say it."""
    told, speed = walker_of_card(card, lang), f"{card.manifest['parameters']['speed_m_s']:.3g}"
    if speed in told:
        return told
    return told + say(lang, "in_brackets", {"text": say(lang, "p_speed", {"n": speed})})


def _data_text(card: Scorecard, lang: Lang) -> str:
    inputs = card.manifest["inputs"]
    network = inputs["network"]
    stamp = str(network.get("osm_timestamp", ""))[:10]
    told = {
        "streets": place(network.get("source")),
        "edges": number(network["edges"]),
        "km": number(float(network["total_m"]) / 1000),
        "stamp": say(lang, "m_stamp", {"date": stamp}) if stamp else "",
        "facilities": place(inputs["facilities"].get("source")),
        "n": number(inputs["facilities"]["rows"]),
        "checklist": name_of(card.checklist, lang),
        "items": len(card.checklist),
    }
    areas = {"n": number(inputs["areas"]["rows"]), "source": place(inputs["areas"].get("source"))}
    return say(lang, "m_data", told) + say(lang, "m_areas", areas)


def _datum_text(manifest: Mapping[str, Any], lang: Lang) -> str:
    """Say in which datum the coordinates were given, where that was said, and are."""
    told = []
    for name in ("areas", "facilities", "network"):
        one = manifest["inputs"].get(name, {})
        given, now = one.get("declared_datum"), one.get("datum")
        datum = f"{given} → {now}" if given and given != now else str(now or NOTHING)
        crs = say(lang, "in_brackets", {"text": one.get("crs", NOTHING)})
        told.append(f"{say(lang, f'input_{name}')} {datum}{crs}")
    return say(lang, "m_datum", {"list": say(lang, "comma").join(told)})


def _origins_text(card: Scorecard, lang: Lang) -> str:
    """Say from how many homes of which kind residents walk."""
    at = card.manifest["parameters"].get("origins_at")
    if "origins" in card.missing or "kind" not in card.origins:
        told = [say(lang, "o_any", {"n": number(card.manifest["inputs"]["origins"]["rows"])})]
    else:
        told = [
            say(lang, f"o_{kind}", {"n": number(n)})
            if has(lang, f"o_{kind}")
            else f"{number(n)} {kind}"
            for kind, n in card.origins["kind"].value_counts().items()
        ]
    where = say(lang, f"p_at_{at}") if has(lang, f"p_at_{at}") else ""
    brackets = say(lang, "in_brackets", {"text": where}) if where else ""
    return say(lang, "comma").join(told) + brackets


def _complete_text(known: Mapping[str, Any], names: Mapping[str, str], lang: Lang) -> str:
    listed = listed_items(known["surveyed"], names, lang)
    return say(lang, "m_surveyed", {"list": listed}) if listed else say(lang, "m_surveyed_none")


def _shown_text(known: Mapping[str, Any], names: Mapping[str, str], lang: Lang) -> str:
    """Say of which items silence in the data is taken for a gap."""
    shown = known.get("shown") or []
    if not shown:
        return say(lang, "m_shown_none")
    told = {"n": len(shown), "list": listed_items(shown, names, lang)}
    return say(lang, "m_shown", told)


def _others_text(known: Mapping[str, Any], lang: Lang) -> str:
    """Tell parameters that have no sentence, by name and value."""
    told = [f"{name} = {value}" for name, value in known.items() if name not in TOLD and value]
    return say(lang, "m_others", {"list": say(lang, "comma").join(told)}) if told else ""


def _scenario_text(card: Scorecard, lang: Lang) -> str:
    told = [change_text(one, card, lang) for one in card.manifest.get("scenario") or []]
    listed = say(lang, "semicolon").join(told)
    return say(lang, "m_scenario", {"n": len(told), "list": listed}) if told else ""


def _made_text(manifest: Mapping[str, Any], lang: Lang) -> str:
    """Name versions and digests."""
    versions = manifest["versions"]
    rest = [f"{name} {version}" for name, version in versions.items() if name != "quarterhour"]
    digests = [
        f"{say(lang, f'input_{name}')} {str(one['sha256'])[:DIGITS]}"
        for name in _INPUTS
        if (one := manifest["inputs"].get(name, {})).get("sha256")
    ]
    told = {
        "version": versions["quarterhour"],
        "python": manifest["python"],
        "others": say(lang, "comma").join(rest),
        "date": str(manifest["made_at"])[:10],
        "digests": say(lang, "comma").join(digests),
    }
    return say(lang, "m_made", told)
