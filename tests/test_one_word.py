"""One word per concept, as docs/conventions.md chose it: in signatures, columns and options."""

from __future__ import annotations

import inspect
import re
import warnings
from dataclasses import replace

import click
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.cli.main import cli
from quarterhour.cli.options import pace_option, question_options
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.report.report import report_html
from quarterhour.scoring.summary_columns import group_columns
from quarterhour.standards.items import Group


def test_the_share_of_items_met_is_not_called_completeness():
    card = worlds.new_town()
    tables = [card.summary(), card.area_table(), card.to_frame(), qh.coverage(card), qh.gaps(card)]
    columns = {str(column) for table in tables for column in table.columns}
    assert not [name for name in columns if "completeness" in name]
    assert "items_met_share" in columns
    assert "items_met_share_nine_outlets" in columns


@pytest.mark.filterwarnings("ignore::quarterhour.QuarterhourWarning")
def test_columns_of_groups_can_be_read_in_every_checklist():
    for key in qh.checklists().index:
        checklist = qh.Checklist.load(key)
        columns = group_columns(checklist)
        assert list(columns) == [group.key for group in checklist.groups]
        assert len(set(columns.values())) == len(columns)
        assert all(re.fullmatch(r"items_met_share_[a-z0-9_]+", name) for name in columns.values())


def test_groups_without_an_english_name_of_their_own_keep_their_key():
    groups = [Group("a", "甲", "same"), Group("b", "乙", "Same!"), Group("c", "丙", "丙")]
    items = [worlds.item(f"i{g.key}", group=g.key) for g in groups]
    checklist = qh.Checklist(
        key="x", zh="x", en="x", groups=tuple(groups), items=tuple(items), **_told()
    )
    assert list(group_columns(checklist).values()) == [f"items_met_share_{k}" for k in "abc"]


def _told() -> dict[str, object]:
    like = worlds.checklist(worlds.item("one"))
    names = set(inspect.signature(qh.Checklist).parameters) - {"key", "zh", "en", "groups", "items"}
    return {name: getattr(like, name) for name in names}


def test_old_columns_answer_and_say_the_new_name():
    summary = worlds.new_town().summary()
    with pytest.deprecated_call(match="now called 'items_met_share'"):
        assert summary["completeness"].equals(summary["items_met_share"])
    with pytest.deprecated_call(match="items_met_share_one_school"):
        old = summary[["name", "completeness_xiao"]]
    assert list(old.columns) == ["name", "items_met_share_one_school"]
    with pytest.deprecated_call():
        assert summary.head(3)["completeness"].notna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert summary[summary["met"] > 0].merge(summary[["met"]], on="met") is not None
        assert isinstance(pd.concat([summary, summary]), pd.DataFrame)
    with pytest.raises(KeyError):
        summary["nonsense"]


OLD = {
    "plot_completeness": "plot_items_met",
    "snap_report": "snap_places",
    "classification_report": "classification_counts",
    "ClassificationReport": "ClassificationCounts",
    "elevation_report": "elevation_summary",
}


@pytest.mark.parametrize("old", OLD)
def test_old_functions_work_and_say_their_new_name(old):
    with pytest.deprecated_call(match=f"quarterhour.{old} is now called quarterhour.{OLD[old]}"):
        assert getattr(qh, old) is getattr(qh, OLD[old])
    assert old not in qh.__all__
    with pytest.deprecated_call(match="now called component_summary"):
        assert worlds.line_world().component_report() == worlds.line_world().component_summary()


def test_a_report_is_the_check_up_report_and_nothing_else():
    said = {name for name in qh.__all__ if "report" in name.lower()}
    assert said == {"write_report"}
    nouns = [getattr(qh, name) for name in qh.__all__ if inspect.isclass(getattr(qh, name))]
    methods = {f"{noun.__name__}.{name}" for noun in nouns for name in dir(noun)}
    assert {name for name in methods if "report" in name} <= {"WalkNetwork.component_report"}
    drawn = inspect.getdoc(qh.plot_items_met)
    assert drawn is not None
    assert "completeness" not in drawn.lower()


FUNCTIONS = {
    name: getattr(qh, name) for name in qh.__all__ if inspect.isfunction(getattr(qh, name))
}


def test_what_draws_and_what_writes_has_one_language_where_none_is_asked_for():
    silent = {"write_geopackage", "write_geoparquet"}  # tables, for other programs
    methods = {name: getattr(qh.Scorecard, name) for name in ("explore", "methods", "cite")}
    for name, function in (FUNCTIONS | methods).items():
        lang = inspect.signature(function).parameters.get("lang")
        if name.startswith(("plot_", "write_")):
            assert (lang is None) == (name in silent), name
        assert lang is None or lang.default is None, name
    asked = {
        name: option
        for name, command in cli.commands.items()
        for option in command.params
        if option.name == "lang"
    }
    assert set(asked) >= {"report", "map", "sure", "audit"}
    for name, option in asked.items():
        assert option.default not in ("zh", "en", "both"), name
        assert "checklist's country, else of the environment" in option.help, name


def test_the_language_is_that_of_the_checklists_country_else_of_the_environment(monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    beijing, everywhere = qh.Checklist.load("beijing-2011"), qh.Checklist.load("moreno-2016")
    assert (beijing.country, everywhere.country) == ("CN", "")
    assert qh.Checklist.load("beijing-2011-current").country == "CN"  # as what it extends
    for locale, lang in (("zh_CN.UTF-8", "zh"), ("de_DE.UTF-8", "en"), ("C", "en")):
        monkeypatch.setenv("LANG", locale)
        assert chosen_lang(None, beijing) == "zh"
        assert chosen_lang(None, everywhere) == lang
        assert chosen_lang(None, replace(everywhere, country="FR")) == "en"
        assert chosen_lang("en", beijing) == "en"
    card = worlds.new_town()
    assert '<html lang="zh-CN">' in report_html(card)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert '<html lang="en">' in report_html(card.again(checklist=everywhere))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert '<html lang="zh-CN">' in report_html(card.again(checklist=everywhere))


def test_the_country_of_a_checklist_bears_on_no_answer():
    beijing = qh.Checklist.load("beijing-2011")
    assert replace(beijing, country="").sha256 == beijing.sha256


def test_who_walks_is_the_pace_in_python_and_on_the_command_line():
    for name, function in FUNCTIONS.items():
        assert "walker" not in inspect.signature(function).parameters, name
    for name, command in cli.commands.items():
        shown = {o for p in command.params if not getattr(p, "hidden", True) for o in p.opts}
        assert "--walker" not in shown, name
        asks = "--speed-kmh" in shown
        assert ("--pace" in shown) >= asks, name


@pytest.mark.parametrize("words", [["--walker", "elderly"], ["--pace", "elderly"]])
def test_the_old_option_works_and_says_its_new_name(words, capsys):
    command = click.command("q")(question_options(lambda **_: None))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asked = command.make_context("q", list(words)).params
    assert asked["pace"] == "elderly"
    assert "walker" not in asked
    old = words[0] == "--walker"
    assert any(w.category is DeprecationWarning for w in caught) == old
    assert ("--walker is now called --pace" in capsys.readouterr().err) == old


def test_the_new_option_goes_before_the_old_one():
    command = click.command("q")(pace_option(several=True)(lambda **_: None))
    with pytest.deprecated_call():
        params = command.make_context("q", ["--walker", "child", "--walker", "adult"]).params
    assert params["pace"] == ("child", "adult")
    with pytest.deprecated_call():
        both = command.make_context("q", ["--walker", "child", "--pace", "adult"]).params
    assert both["pace"] == ("adult",)
