"""What a prepared question is made of, in two files: what was asked, and the streets."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd

from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.scoring.plain_cells import cell_of, plain
from quarterhour.scoring.plain_tables import Pack, Unpack, read_table, write_table
from quarterhour.scoring.question import Question, pace_text
from quarterhour.scoring.saved import (
    UnwrittenPace,
    checklist_told,
    read_question,
    write_question,
)
from quarterhour.streets.network import WalkNetwork

_ASKED, _STREETS, _HEAD = "asked.zip", "streets.npz", "asked.json"


def write(
    question: Question, network: WalkNetwork, facilities: gpd.GeoDataFrame, folder: Path
) -> None:
    """Write into a folder that is there.

    Raises
    ------
    InputError
        If the pace is a function that no file can hold.
    """
    network.save(folder / _STREETS)
    with Pack(folder / _ASKED) as pack:
        asked = write_question(pack, question)
        if asked is None or asked["pace"]["kind"] == "other":
            msg = (
                f"The pace {pace_text(question.pace)} is a function that no file can hold: prepare "
                "with a walker (quarterhour.profile) to save."
            )
            raise InputError(msg)
        told = {
            "question": asked,
            "checklist": plain(asdict(question.checklist)),
            "facilities": write_table(pack, facilities, "facilities"),
        }
        pack.json(told, _HEAD)
        if pack.as_text:
            which = ", ".join(dict.fromkeys(pack.as_text))
            text = f"Objects that no file can hold were written as their text: {which}."
            warnings.warn(text, QuarterhourWarning, stacklevel=5)


def read(folder: Path) -> tuple[Question, WalkNetwork, gpd.GeoDataFrame]:
    """Read what :func:`write` wrote.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    network = WalkNetwork.load(folder / _STREETS)
    try:
        with Unpack(folder / _ASKED) as pack:
            told = pack.json(_HEAD)
            checklist = checklist_told(cell_of(told["checklist"]))
            question = read_question(pack, told["question"], checklist)
            facilities = read_table(pack, told["facilities"])
    except Exception as error:  # zipfile, json, numpy and shapely raise many kinds
        why = str(error) or type(error).__name__
        msg = f"{folder / _ASKED} is missing or damaged ({why}): prepare the question anew."
        raise InputError(msg) from error
    if isinstance(question.pace, UnwrittenPace):
        msg = f"{folder / _ASKED} holds no pace: prepare the question anew."
        raise InputError(msg)
    return question, network, facilities
