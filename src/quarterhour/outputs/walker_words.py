"""How people walk, in words: of the walker itself, never of its sentence in English."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from quarterhour.outputs.words import Lang, has, say
from quarterhour.walking.pace import Pace, Profile, Sloped, profile, profiles

if TYPE_CHECKING:
    from quarterhour.scoring.scorecard import Scorecard


def walker_name(name: str, lang: Lang) -> str:
    """Call a shipped walker by its word, any other by its own name.

    Examples
    --------
    >>> walker_name("elderly", "zh"), walker_name("postman", "zh")
    ('老年人', 'postman')
    """
    key = f"walker_{name}"
    return say(lang, key) if has(lang, key) else name


def walker_words(pace: Pace | str, lang: Lang) -> str:
    """Say who walks, and how fast.

    Parameters
    ----------
    pace
        A walker, or the text by which a table names one.
    lang
        "zh" or "en".

    Returns
    -------
    str
        The text of a walker that is neither shipped nor a profile stays as it is.

    Examples
    --------
    >>> print(walker_words("adult, 1.25 m/s (4.50 km/h)", "zh"))
    成年人，步速 1.25 米/秒（4.5 公里/小时）
    """
    known = _shipped().get(pace, pace) if isinstance(pace, str) else pace
    if isinstance(known, Sloped):
        return f"{_profile_words(known.walker, lang)}{say(lang, 'walker_sloped')}"
    return _profile_words(known, lang) if isinstance(known, Profile) else str(pace)


def walker_of_card(card: Scorecard, lang: Lang) -> str:
    """Say who walks in a scorecard."""
    told = str(card.manifest["parameters"]["pace"])
    own = card.question.pace if card.question is not None else told
    return walker_words(own if str(own) == told else told, lang)


@cache
def _shipped() -> dict[str, Profile]:
    """Give the shipped walkers by their texts."""
    return {str(one): one for one in map(profile, profiles()["name"])}


def _profile_words(one: Profile, lang: Lang) -> str:
    speed = {"speed": one.speed_m_s, "kmh": one.speed_m_s * 3.6}
    told = [say(lang, "walker_speed", {"name": walker_name(one.name, lang), **speed})]
    if one.steps_up == one.steps_down == 0:
        told.append(say(lang, "walker_no_stairs"))
    elif min(one.steps_up, one.steps_down) < 1:
        stairs = {"up": f"{one.steps_up * 100:g}", "down": f"{one.steps_down * 100:g}"}
        told.append(say(lang, "walker_stairs", stairs))
    if not one.raised_kerbs:
        told.append(say(lang, "walker_no_kerbs"))
    if one.max_slope < float("inf"):
        told.append(say(lang, "walker_slope", {"most": f"{one.max_slope * 100:g}"}))
    if one.signal_wait_s or one.crossing_wait_s:
        waits = {"signal": f"{one.signal_wait_s:g}", "other": f"{one.crossing_wait_s:g}"}
        told.append(say(lang, "walker_waits", waits))
    return "".join(told)
