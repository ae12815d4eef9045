"""The headline, in people: who has everything that can be judged, and who lacks how much."""

from __future__ import annotations

from quarterhour.outputs.words import Lang, number, percent, say
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.scorecard import Scorecard


def people_text(card: Scorecard, lang: Lang) -> list[str]:
    """Say how many residents have every item that can be judged, and how many lack some.

    Parameters
    ----------
    card
        The scorecard.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    sentences
        The headline, and what to know about it: how people were counted, what rests on hosts,
        how many items can be judged at all. None where the homes are not at hand, or nobody
        lives where anything can be judged.
    """
    if "origins" in card.missing:
        return []
    found = coverage(card, measure="all_items")
    if found.empty or not found["denominator"].iloc[0] > 0:
        return []
    first = found.iloc[0]
    judged, unit = float(first["denominator"]), str(first["unit"])
    people = say(lang, f"sure_unit_{unit}")
    upto = [float(value) for value in found["numerator"].head(3)]
    upto += [judged] * (3 - len(upto))
    told = {
        "unit": people,
        "total": number(judged),
        "all": number(upto[0]),
        "share": percent(upto[0] / judged),
        "one": number(upto[1] - upto[0]),
        "two": number(upto[2] - upto[1]),
        "more": number(judged - upto[2]),
    }
    counted = len(str(first["items"]).split(", "))
    items = {"n": counted, "all": len(card.checklist), "rest": len(card.checklist) - counted}
    sentences = [say(lang, "people_have", told), say(lang, f"people_by_{unit}")]
    if float(first["implied"]) > 0:
        sentences.append(
            say(lang, "people_seen", {"n": number(float(first["observed"])), "unit": people})
        )
    sentences.append(say(lang, "people_items" if items["rest"] else "people_all_items", items))
    if float(first["unknown"]) > 0:
        none = {"n": number(float(first["unknown"])), "unit": people}
        sentences.append(say(lang, "people_unknown", none))
    return sentences
