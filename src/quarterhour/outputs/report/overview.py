"""The first page of the report: people first, then results, then who is in no number."""

from __future__ import annotations

from html import escape
from math import nan

import numpy as np
import pandas as pd

from quarterhour.outputs.headline import people_text
from quarterhour.outputs.obstacle_words import obstacle_text, obstacles_of
from quarterhour.outputs.report.parts import (
    area_names,
    bar,
    counts_by,
    legend,
    mark,
    paragraph,
    section,
    table,
)
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    both,
    both_numbers,
    left_out_text,
    most_rounded,
    name_of,
    number,
    percent,
    say,
    short,
    unit_of,
    walk_text,
)
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard

TOP, URGENT = 5, 10
"""How many items, and how many gaps, the first page names."""


def overview(card: Scorecard, lang: Lang) -> str:
    """Say the headline: share met with its numerator, denominator and what is unknown."""
    whole = coverage(card).query("measure == 'item'").iloc[0]
    counts = counts_by(card, "item").sum()
    pairs = int(counts.sum())
    known = int(whole["denominator"])
    met = both_numbers(whole["observed"], whole["implied"])
    unmet = card.results[card.results["status"] == "unmet"]
    least = percent(whole["share_at_least"])
    most = percent(float(most_rounded(whole["share_at_most"], whole["unknown"])))
    tiles = [
        _tile(
            both(whole["share"], whole["share_observed"]),
            say(lang, "tile_share" if not whole["implied"] else "tile_both"),
            [
                say(lang, "tile_share_of", {"met": met, "known": number(known)}),
                say(lang, "tile_bounds", {"least": least, "most": most}),
            ],
            "main",
        ),
        _tile(
            number(counts["unmet"]),
            mark("unmet", lang, word=True),
            [
                say(
                    lang,
                    "tile_gaps_of",
                    {
                        "areas": number(unmet["area"].nunique()),
                        "items": number(unmet["item"].nunique()),
                    },
                )
            ],
        ),
        _tile(
            number(counts["unknown"]),
            mark("unknown", lang, word=True),
            [
                say(
                    lang,
                    "tile_unknown_of",
                    {"share": percent(counts["unknown"] / max(pairs, 1)), "all": number(pairs)},
                )
            ],
        ),
        _people_tile(card, lang),
    ]
    summed = say(
        lang,
        "sum_met",
        {
            "areas": number(len(card.areas)),
            "items": len(card.checklist),
            "all": number(pairs),
            "met": number(counts["met"]),
            "implied": number(counts["implied"]),
            "unmet": number(counts["unmet"]),
            "unknown": number(counts["unknown"]),
        },
    )
    body = [
        _people(card, lang),
        f'<div class="tiles">{"".join(tiles)}</div>',
        f'<p class="barhead">{escape(say(lang, "bar_all", {"n": number(pairs)}))}</p>',
        bar(counts.to_dict(), lang, height=26),
        legend(lang),
        paragraph(summed, "hint"),
        paragraph(_largest_gaps(card, lang)),
        _urgent(card, lang),
        paragraph(_left_out(card, lang)),
        paragraph(say(lang, "not_official"), "caveat"),
    ]
    return section("overview", say(lang, "overview"), "".join(body))


def _people(card: Scorecard, lang: Lang) -> str:
    """Say who has everything and who lacks how much: what a council asks first."""
    told = people_text(card, lang)
    if not told:
        return ""
    return paragraph(told[0], "lead") + paragraph(" ".join(told[1:]).replace("。 ", "。"), "hint")


def _left_out(card: Scorecard, lang: Lang) -> str:
    """Say in a sentence how many are in the score, and who and what is left out, and why."""
    lines = left_out_text(card.left_out, lang)
    end = "。" if lang == "zh" else "."
    return say(lang, "left_out") + "".join(
        f"{line}{end}" if lang == "zh" else f" {line[0].upper()}{line[1:]}{end}" for line in lines
    )


def _tile(value: str, title: str, lines: list[str], kind: str = "") -> str:
    told = "".join(f"<small>{escape(line)}</small>" for line in lines)
    return f'<div class="tile {kind}"><b>{value}</b><span>{title}</span>{told}</div>'


def _people_tile(card: Scorecard, lang: Lang) -> str:
    people = card.summary()["residents"]
    areas = number(len(card.areas))
    if people.notna().any():
        told = [say(lang, "tile_people_of", {"areas": number(people.notna().sum())})]
        return _tile(number(people.sum()), say(lang, "tile_people"), told)
    told = [say(lang, "tile_homes_of", {"areas": areas})]
    return _tile(number(len(card.origins)), say(lang, "tile_homes"), told)


def _urgent(card: Scorecard, lang: Lang) -> str:
    """List the gaps that most residents have: area, item, how far, and what is in the way."""
    found = _most_urgent(card)
    if found.empty:
        return ""
    names, counted = area_names(card, lang), bool(found["residents_without"].notna().any())
    told = obstacles_of(card, found)
    ways = [{}] * len(found) if told is None else told.to_dict("records")
    rows = []
    for place, (row, way) in enumerate(zip(found.to_dict("records"), ways, strict=True), start=1):
        walk = walk_text(row["median_minutes"], row.get("median_metres", nan), lang)
        item = short(name_of(card.checklist[str(row["item"])], lang))
        cells = [str(place), str(names[row["area"]]), item]
        cells += [number(row["residents_without"] if counted else row["homes_without"])]
        far = say(lang, "none_near") if walk == NOTHING else walk
        cells += [percent(row["share_without"]), far]
        cells += (
            [NOTHING if pd.isna(way["detour"]) else f"{np.round(way['detour'], 1):.1f}"]
            if way
            else []
        )
        cells += [obstacle_text(way, lang)] if way else []
        rows.append([escape(text) for text in cells])
    keys = ["no", "area", "item", "beyond" if counted else "beyond_residences"]
    head = [say(lang, key) for key in keys]
    head += [say(lang, "beyond_homes"), say(lang, f"median_{unit_of(card.checklist)}")]
    head += [say(lang, key) for key in (["detour", "in_the_way"] if told is not None else [])]
    title = escape(say(lang, "urgent", {"n": len(rows)}))
    made = table([escape(text) for text in head], rows, kind="urgent narrow", left=3)
    hint = "" if told is None else paragraph(say(lang, "urgent_text"), "hint")
    return f"<h3>{title}</h3>{made}{hint}"


def _most_urgent(card: Scorecard) -> pd.DataFrame:
    """Give the gaps that most residents have; most residences, where nobody has counted these."""
    found = gaps(card)
    found["homes_without"] = nan
    if len(found) and "origins" not in card.missing:
        homes = found["area"].map(card.origins["area"].value_counts())
        found["homes_without"] = np.rint(found["share_without"] * homes)
    if found["residents_without"].isna().all():
        found = found.sort_values("homes_without", ascending=False, kind="stable")
    return found.head(URGENT)


def _largest_gaps(card: Scorecard, lang: Lang) -> str:
    ranked = gaps_by_item(card).head(TOP)
    if ranked.empty:
        return say(lang, "sum_none")
    told = []
    for row in ranked.to_dict("records"):
        people = row["residents_without"]
        who = "" if pd.isna(people) else say(lang, "people_beyond", {"n": number(people)})
        item = short(name_of(card.checklist[str(row["item"])], lang))
        told.append(say(lang, "sum_top_one", {"item": item, "areas": row["areas"], "who": who}))
    return say(lang, "sum_top", {"list": say(lang, "comma").join(told)})


def gaps_by_item(card: Scorecard) -> pd.DataFrame:
    """Count per item the areas that lack it and their residents beyond; the worst first."""
    found = gaps(card)
    if found.empty:
        return pd.DataFrame(columns=["item", "areas", "residents_without", "share_without"])
    people = found.groupby("item")["residents_without"]
    ranked = pd.DataFrame(
        {
            "areas": found.groupby("item").size(),
            "residents_without": people.sum(min_count=1),
            "share_without": found.groupby("item")["share_without"].mean(),
        }
    )
    by = ["residents_without", "areas", "share_without"]
    return ranked.sort_values(by, ascending=False, kind="stable").reset_index()
