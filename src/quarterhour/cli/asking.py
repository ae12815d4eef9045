"""What the commands ask: the options of the question, as the library understands them."""

from __future__ import annotations

import warnings
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.inputs import Inputs, Sources, read_inputs
from quarterhour.cli.options import QUESTION, of_options, question_of
from quarterhour.cli.spoken import settle, tell
from quarterhour.errors import InputError, QuarterhourWarning

if TYPE_CHECKING:
    import geopandas as gpd

    from quarterhour.planning.scenarios import Scenario
    from quarterhour.scoring.scorecard import Scorecard
    from quarterhour.standards.checklist import Checklist
    from quarterhour.walking.pace import Profile

TRANSLATED = ("checklist", "pace", "speed_kmh", "origins_at", "surveyed")
"""Options of the question that are words for something else; the others go as they are."""

SLOWEST_KMH = 2.0
"""A speed below it is likely to be in metres per second: the slowest walkers make 2.9 km/h."""


def answered(options: dict[str, Any]) -> tuple[Scorecard, tuple[str, ...]]:
    """Read what was given and assess it, all that can be refused first being looked at first.

    Raises
    ------
    QuarterhourError
        If something is wrong with what was asked or given.
    """
    card, _, notes = answered_with_before(options)
    return card, notes


def answered_with_before(
    options: dict[str, Any],
) -> tuple[Scorecard, Scorecard | None, tuple[str, ...]]:
    """Do what :func:`answered` does; with a scenario give the answer without it as well."""
    question = question_of(options)
    require_sound(question)
    plan = _scenario_of(options)
    inputs = read_inputs(of_options(Sources, options))
    card = assess_inputs(inputs, question)
    if plan is None:
        return card, None, inputs.notes
    from quarterhour.planning.scenarios import scenario

    _tell_plan(plan)
    return scenario(card, plan), card, inputs.notes


def saved_or_answered(options: dict[str, Any]) -> tuple[Scorecard, tuple[str, ...]]:
    """Read the scorecard that SOURCE is the folder of, or assess what SOURCE holds.

    Raises
    ------
    QuarterhourError
        If something is wrong with what was asked or given, or a saved question is to be another.
    """
    from quarterhour.scoring import saved
    from quarterhour.scoring.read import MANIFEST

    folder = Path(options["source"] or "")
    names = (saved.NAME, MANIFEST)
    if options["source"] is None or not any((folder / name).is_file() for name in names):
        return answered(options)
    _require_nothing_more(folder, options)
    plan = _scenario_of(options)
    card = read_card(folder)
    if plan is None:
        return card, ()
    from quarterhour.planning.scenarios import scenario

    _tell_plan(plan)
    return scenario(card, plan), ()


def read_card(folder: Path) -> Scorecard:
    """Read a saved scorecard; from then on its language is spoken."""
    from quarterhour.scoring.read import read_scorecard

    tell("reading_card", {"path": folder})
    card = read_scorecard(folder)
    settle(card.checklist)
    return card


def _require_nothing_more(folder: Path, options: dict[str, Any]) -> None:
    """See that a saved scorecard is not asked another question, or of other tables."""
    given = click.get_current_context().get_parameter_source
    default = click.core.ParameterSource.DEFAULT
    set_ = {*QUESTION, *(field.name for field in fields(Sources))} - {"source", "datum", "progress"}
    more = [name for name in options if name in set_ and given(name) is not default]
    if more:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in more)
        msg = (
            f"{folder} holds a saved scorecard, whose question and data are its own, and {named} "
            "would change them: leave that out, or give the data instead of the folder."
        )
        raise InputError(msg)


def _tell_plan(plan: Scenario) -> None:
    tell("changing", {"plan": plan, "name": plan.name, "n": len(plan.changes)})


def _scenario_of(options: dict[str, Any]) -> Scenario | None:
    """Read the scenario, if there is one; a file that does not name its datum has the tables'."""
    if not (path := options.get("scenario")):
        return None
    from quarterhour.planning.scenarios import read_scenario

    return read_scenario(path, datum=options.get("datum"))


def require_sound(question: dict[str, Any]) -> None:
    """See before the long work that there is such a checklist, such items and such a speed.

    Raises
    ------
    QuarterhourError
        If there is not.
    """
    from quarterhour.scoring.rules import Rules
    from quarterhour.standards.checklist import Checklist

    profile_of(question["pace"], question["speed_kmh"])
    words = ("at", "contracted_only", "mode", "min_satisfaction", "period")
    Rules.of(**{name: question[name] for name in words})
    if question["checklist"] is not None:
        named = Checklist.load(question["checklist"])
        settle(named)
        item_keys(named, question["surveyed"])
    quota = question["quota"]
    if not 0 < quota <= 1:
        hint = f" For {quota:g} %, say {quota / 100:g}." if 1 < quota <= 100 else ""
        msg = f"quota={quota:g} is not in (0, 1]: it is the share of residents to be within.{hint}"
        raise InputError(msg)


def item_keys(checklist: Checklist, words: tuple[str, ...]) -> tuple[str, ...]:
    """Give the keys of items that are named by key, or by their Chinese or English name.

    Raises
    ------
    InputError
        If there is no such item, or there are several.
    """
    keys: list[str] = []
    for word in words:
        sought = _folded(word)
        named = [
            item.key for item in checklist if sought in map(_folded, (item.key, item.zh, item.en))
        ]
        if len(named) > 1 and word not in named:
            msg = f"--surveyed {word} is the name of {' and '.join(named)}: say which of them."
            raise InputError(msg)
        if sought == "all":
            keys.append("all")
        elif word in named or not named:
            keys.append(checklist[word].key)  # says what there is
        else:
            keys += named
    return tuple(dict.fromkeys(keys))


def _folded(name: str) -> str:
    """Give a name without what people write in different ways: case, blanks, hyphens."""
    return "".join(character for character in name.casefold() if character.isalnum())


def assess_inputs(inputs: Inputs, question: dict[str, Any]) -> Scorecard:
    """Assess what was read.

    Raises
    ------
    QuarterhourError
        Whatever :func:`quarterhour.assess` objects to.
    """
    import geopandas as gpd

    from quarterhour.places.origins import origins
    from quarterhour.scoring.assess import assess
    from quarterhour.standards.checklist import Checklist

    checklist = Checklist.load(question["checklist"] or chosen_checklist(inputs.areas))
    settle(checklist)
    pace = profile_of(question["pace"], question["speed_kmh"])
    counts = {"areas": inputs.areas, "items": checklist, "facilities": inputs.facilities}
    told = {name: f"{len(things):,}" for name, things in counts.items()}
    tell("assessing", told | {"edges": f"{inputs.network.n_edges:,}"})
    if inputs.areas.empty:
        msg = (
            "There is no residential area to assess: as far as the data know, nobody lives there. "
            "The extract maps neither residential areas nor homes worth the name beside its roads. "
            "Give your own with --areas."
        )
        raise InputError(msg)
    data = gpd.GeoSeries([inputs.network.extent], crs=inputs.network.crs)
    given = (inputs.areas, inputs.buildings, inputs.gates)
    homes = origins(*given, at=question["origins_at"], data=data)
    return assess(
        inputs.areas,
        inputs.facilities,
        inputs.network,
        checklist,
        origins=homes,
        pace=pace,
        surveyed=item_keys(checklist, question["surveyed"]),
        **{name: value for name, value in question.items() if name not in TRANSLATED},
    )


def chosen_checklist(areas: gpd.GeoDataFrame) -> str:
    """Choose the checklist by where the areas lie, and say which it is."""
    from quarterhour.standards.checklist import Checklist
    from quarterhour.standards.usual import IN_CHINA, usual_checklist

    name = usual_checklist(areas)
    settle(Checklist.load(name))
    tell("checklist_here" if name == IN_CHINA else "checklist_there", {"name": name})
    return name


def profile_of(walker: str, speed_kmh: float | None = None) -> Profile:
    """Give a walker by name, at another speed than its own if one is given.

    Raises
    ------
    InputError
        If there is no such walker, or the speed is no walking speed.

    Warns
    -----
    QuarterhourWarning
        If the speed looks like metres per second.
    """
    from quarterhour.walking.pace import profile

    if speed_kmh is None:
        return profile(walker)
    if not 0.36 <= speed_kmh <= 18.0:
        metres = f" {speed_kmh:g} m a minute is {speed_kmh * 0.06:g}." if speed_kmh > 18 else ""
        msg = f"--speed-kmh {speed_kmh:g} is no walking speed: give kilometres per hour (4.5)."
        raise InputError(msg + (metres if speed_kmh <= 300 else ""))
    if speed_kmh < SLOWEST_KMH:
        msg = (
            f"--speed-kmh {speed_kmh:g} is slower than anybody walks: are these metres per "
            f"second? Then say --speed-kmh {speed_kmh * 3.6:g}. It is taken as kilometres per hour."
        )
        warnings.warn(msg, QuarterhourWarning, stacklevel=2)
    return profile(walker, speed_m_s=speed_kmh / 3.6)
