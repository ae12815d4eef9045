"""A checklist that was written is the one that is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import quarterhour as qh
from quarterhour.standards.files import shipped


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_every_shipped_checklist_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    before = qh.Checklist.load(name)
    path = before.save(tmp_path / "mine.toml")
    assert qh.Checklist.load(path) == replace(before, removed=())
    text = path.read_text(encoding="utf-8")
    assert all(f"# left out: {key}: " in text for key, _ in before.removed)


def test_changes_of_ones_own_come_back(tmp_path: Path) -> None:
    annex = qh.Checklist.load("beijing-2011")
    name = 'tea\\room "茶"\n\x7f'
    tea = qh.Item("tea", "茶室", name, "wangdian", "commercial", "A", at_least=2, weight=0.5)
    mine = replace(
        annex.override({"pharmacy": {"limit_m": 500.0}, "eatery": {"required": False}}).extend(
            [replace(tea, citation="resolution 12", include=r"茶(室|馆)\d", osm=("amenity=cafe",))]
        ),
        key="ours",
    )
    again = qh.Checklist.load(mine.save(tmp_path / "ours.toml"))
    assert again == mine
    assert again.sha256 == mine.sha256
    assert again["tea"].en == name
    assert again["pharmacy"].limit_minutes is None


def test_one_limit_takes_the_place_of_the_other() -> None:
    annex = qh.Checklist.load("beijing-2011")
    metres = annex.override({"pharmacy": {"limit_m": 500.0}})["pharmacy"]
    assert (metres.limit_m, metres.limit_minutes) == (500.0, None)
    again = annex.override({"pharmacy": {"limit_m": 500.0}})
    minutes = again.override({"pharmacy": {"limit_minutes": 10}})["pharmacy"]
    assert (minutes.limit_m, minutes.limit_minutes) == (None, 10)


def test_the_folder_is_made_or_the_fault_is_said(tmp_path: Path) -> None:
    path = qh.Checklist.load("beijing-2011").save(tmp_path / "new" / "mine.toml")
    with pytest.raises(qh.QuarterhourError, match="Cannot make the folder"):
        qh.Checklist.load(path).save(path / "mine.toml")
