"""Whatever a plan can be or say has words in both languages."""

from __future__ import annotations

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.plan_words import change_text, checked_plans, recorded
from quarterhour.outputs.words import LANGS, Lang, has, phrases
from quarterhour.planning.circles import REASONS
from quarterhour.planning.comparison import WHY
from quarterhour.planning.scenarios import KINDS


@pytest.mark.parametrize("lang", LANGS)
def test_every_change_reason_and_walker_has_words(lang: Lang) -> None:
    keys = [f"why_{word}" for word in WHY] + [f"change_{kind}" for kind in KINDS]
    keys += [f"circle_{reason}" for reason in REASONS]
    keys += [f"walker_{name}" for name in qh.profiles()["name"]]
    keys += [f"site_{k}_{o}" for k in ("proven", "bound") for o in OBJECTIVES]
    assert [key for key in keys if not has(lang, key)] == []


OBJECTIVES = ("cover", "fewest", "median", "centre")


def test_english_words_of_why_are_those_of_the_library_in_kind() -> None:
    assert len({phrases()["zh"][f"why_{word}"] for word in WHY}) == len(WHY)


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        (qh.CloseFacility("惠民菜市场"), "关闭设施：惠民菜市场", "A place is closed: 惠民菜市场"),
        (
            qh.ChangeItem("pharmacy", {"limit_minutes": 10}),
            "调整清单项目：药店（步行时限分钟数 10）",
            "An item asks for something else: pharmacy (limit in minutes 10)",
        ),
        (
            qh.ChangeWalker("elderly", speed_kmh=3),
            "换一种步行者：老年人（公里/时 3）",
            "Somebody else walks: older person (km/h 3)",
        ),
        (
            qh.AddFacility((116.9097, 39.6087), "food_market"),
            "新增设施：菜市场",
            "A place is added: food (wet) market",
        ),
        (qh.RemoveWall("梧桐苑"), "拆除围墙：梧桐苑", "A wall is removed: 梧桐苑"),
    ],
)
def test_a_change_is_told_in_a_phrase(change: object, zh: str, en: str) -> None:
    card = worlds.new_town()
    plan = qh.compare(card, qh.scenario(card, [change]))
    (feature,) = recorded(plan)
    assert change_text(feature, plan.before, "zh") == zh
    assert change_text(feature, plan.before, "en") == en


def test_only_what_the_second_adds_is_told() -> None:
    card = worlds.new_town()
    one = qh.scenario(card, qh.RemoveWall("梧桐苑"))
    two = qh.scenario(one, qh.CloseFacility("惠民菜市场"))
    assert len(recorded(qh.compare(card, two))) == 2
    assert [f["properties"]["change"] for f in recorded(qh.compare(one, two))] == ["close_facility"]


def test_what_is_no_plan_or_of_another_card_is_refused() -> None:
    card = worlds.new_town()
    with pytest.raises(InputError, match="number 1 is a Scorecard"):
        checked_plans(card, [card])  # type: ignore[list-item]
    few = card.again(areas=card.areas.iloc[:4], origins=None)
    with pytest.raises(InputError, match="another scorecard"):
        checked_plans(card, [qh.compare(few, few)])
