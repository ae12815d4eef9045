"""The parameters of a scorecard in words: what each is called, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quarterhour.outputs.walker_words import walker_of_card
from quarterhour.outputs.words import NOTHING, Lang, has, name_of, number, percent, say, short

if TYPE_CHECKING:
    from quarterhour.scoring.scorecard import Scorecard


def parameter_rows(card: Scorecard, lang: Lang) -> list[tuple[str, str]]:
    """Give every parameter of a scorecard by its name in a language, with its value in words.

    One that has no words keeps the key and the value of the manifest.
    """
    known = card.manifest["parameters"]
    worded = {"pace": walker_of_card(card, lang), **_worded(known, item_names(card, lang), lang)}
    return [
        (
            say(lang, f"p_{key}") if has(lang, f"p_{key}") else str(key),
            worded.get(key, "" if value is None else str(value)) or NOTHING,
        )
        for key, value in known.items()
    ]


def item_names(card: Scorecard, lang: Lang) -> dict[str, str]:
    """Give the short names of the items by key."""
    return {item.key: short(name_of(item, lang)) for item in card.checklist}


def _worded(known: Mapping[str, Any], names: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """Word the values that are no plain text."""
    told = {
        "speed_m_s": say(lang, "p_speed", {"n": f"{known['speed_m_s']:.3g}"}),
        "snap_limit_m": say(lang, "metres_n", {"n": f"{known['snap_limit_m']:g}"}),
        "quota": f"{100 * known['quota']:g}%",
        "closed_streets": closed_text(known, lang).strip(),
        "limits": limits_text(known, names, lang),
        "surveyed": listed_items(known.get("surveyed"), names, lang),
        "shown": listed_items(known.get("shown"), names, lang),
        "contracted_only": say(lang, "yes" if known.get("contracted_only") else "no_word"),
        "mode": say(lang, f"p_mode_{known.get('mode', 'function')}"),
    }
    if known.get("horizon"):
        told["horizon"] = say(lang, "p_times", {"n": f"{known['horizon']:g}"})
    if known.get("min_satisfaction"):
        told["min_satisfaction"] = percent(known["min_satisfaction"])
    if has(lang, f"p_at_{known.get('origins_at')}"):
        told["origins_at"] = say(lang, f"p_at_{known['origins_at']}")
    return told


def listed_items(keys: Any, names: Mapping[str, str], lang: Lang) -> str:
    """List items by their names."""
    known = {"all": say(lang, "all_surveyed"), **names}
    return say(lang, "comma").join(known.get(str(key), str(key)) for key in keys or [])


def closed_text(known: Mapping[str, Any], lang: Lang) -> str:
    """Say how much of the streets this walker may not use."""
    closed = known.get("closed_streets") or {}
    if not closed.get("edges"):
        return say(lang, "m_closed_none")
    told = {"n": number(closed["edges"]), "km": f"{closed['metres'] / 1000:,.1f}"}
    return say(lang, "m_closed", told)


def limits_text(known: Mapping[str, Any], names: Mapping[str, str], lang: Lang) -> str:
    """Give limits, the commonest by its number of items, the others by their names."""
    by_limit: dict[str, list[str]] = {}
    for key, limit in known["limits"].items():
        by_limit.setdefault(str(limit), []).append(names.get(key, key))
    commonest = max(by_limit, key=lambda limit: len(by_limit[limit]))
    told = []
    for limit, items in by_limit.items():
        text = _limit_words(limit, lang)
        if limit == commonest:
            told.append(say(lang, "limits_n", {"limit": text, "n": len(items)}))
        else:
            listed = say(lang, "comma").join(items)
            told.append(f"{text}{say(lang, 'in_brackets', {'text': listed})}")
    return say(lang, "comma").join(told)


def _limit_words(limit: str, lang: Lang) -> str:
    amount, _, unit = limit.partition(" ")
    words = {"min": "minutes_n", "m": "metres_n"}
    return say(lang, words[unit], {"n": amount}) if unit in words else limit
