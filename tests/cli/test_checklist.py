"""quarterhour checklist."""

from __future__ import annotations

import quarterhour as qh
from command_line import run


def test_the_checklists_are_listed() -> None:
    result = run("checklist", "list")
    assert result.exit_code == 0
    for key in qh.checklists().index:
        assert key in result.stdout


def test_a_checklist_is_shown_in_the_order_of_its_source() -> None:
    result = run("checklist", "show", "beijing-2011")
    checklist = qh.Checklist.load("beijing-2011")
    lines = [f"{n:>4}  {item.zh}  {item.key}\n" for n, item in enumerate(checklist, 1)]
    places = [result.stdout.index(line) for line in lines]
    assert places == sorted(places)
    assert "项数：1 + 2 + 3 + 4 + 5 + 6 + 9 = 30\n" in result.stdout
    assert all(item.en in result.stdout for item in checklist)
    assert [result.stdout.index(group.zh) for group in checklist.groups]
    assert checklist.citation in result.stdout
    english = run("checklist", "show", "beijing-2011", "--lang", "en").stdout
    assert "Lines: 1 + 2 + 3 + 4 + 5 + 6 + 9 = 30\n" in english
