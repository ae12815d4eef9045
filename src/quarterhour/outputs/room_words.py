"""A plan of rooms that serve several items at once (一室多用) in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.plan_tables import where_texts
from quarterhour.outputs.words import Lang, number, percent, say
from quarterhour.planning.rooms import RoomSiting


def serves_text(keys: str, names: Mapping[str, str], lang: Lang) -> str:
    """Name the items that a room serves."""
    return say(lang, "comma").join(names[key] for key in keys.split("|") if key)


def room_table(plan: RoomSiting, lang: Lang) -> pd.DataFrame:
    """One row per room: its number, where it is, what it serves, and whom it adds."""
    points = shapely.centroid(np.asarray(plan.rooms.geometry.array, dtype=object))
    at = gpd.GeoSeries(points, crs=plan.rooms.crs).to_crs(4326)
    names = item_names(plan.card, lang)
    return pd.DataFrame(
        {
            "site": np.arange(1, len(plan.rooms) + 1),
            "where": where_texts(plan.card, plan.rooms, lang),
            "serves": [serves_text(str(keys), names, lang) for keys in plan.rooms["serves"]],
            "lon": at.x.to_numpy().round(6),
            "lat": at.y.to_numpy().round(6),
            "gained": plan.rooms["gained"].to_numpy(dtype=float),
        }
    )


def rooms_text(plan: RoomSiting, lang: Lang) -> list[str]:
    """Say what the rooms bring for each item, and how good the plan is known to be."""
    names, unit = item_names(plan.card, lang), say(lang, f"unit_{plan.measure}")
    uses = plan.rooms["serves"].str.count(r"\|") + 1
    asked = "|".join(map(str, plan.items["item"]))
    told = {"n": len(plan.rooms), "items": serves_text(asked, names, lang)}
    lines = [say(lang, "room_sum", told | {"several": int((uses > 1).sum())})]
    for row in plan.items.to_dict("records"):
        values = {
            "item": names[str(row["item"])],
            "unit": unit,
            "before": number(row["before"]),
            "after": number(row["served"]),
            "total": number(row["total"]),
            "share": percent(row["share"]),
        }
        lines.append(say(lang, "room_item", values))
    return lines


def room_proof_text(plan: RoomSiting, lang: Lang) -> str:
    """Say how good a plan of rooms is known to be, in words that need no mathematics."""
    told = {"value": number(plan.value), "bound": number(plan.bound)}
    return say(lang, "room_proven" if plan.gap == 0 else "room_bound", told)
