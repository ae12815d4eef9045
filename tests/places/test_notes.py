"""Notes are data: a code and values, a sentence to whoever only wants to print it."""

from __future__ import annotations

import copy
import json
import pickle

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.places.contracts import listed
from quarterhour.places.notes import Listing, Note, as_data, noted
from quarterhour.scoring.plain_cells import cell_of, plain

NOTE = Note("scraps", "Scraps below {0:g} m², left out: {1}.", 100.0, np.int64(3))


def test_a_note_is_the_sentence_it_prints() -> None:
    assert NOTE == "Scraps below 100 m², left out: 3."
    assert json.loads(json.dumps({"notes": [NOTE]})) == {"notes": [str(NOTE)]}
    assert {NOTE} == {str(NOTE)}


def test_values_are_plain() -> None:
    assert NOTE.values == (100.0, 3)
    assert type(NOTE.values[1]) is int
    json.dumps(NOTE.values)


def test_braces_in_values_are_left_alone() -> None:
    assert Note("cells", "{0} cells: {1}.", 1, "'{2}'") == "1 cells: '{2}'."


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],  # noqa: S301 - our own
)
def test_copies_know_what_they_say(again) -> None:
    made = again(NOTE)
    assert (made, made.code, made.values) == (NOTE, NOTE.code, NOTE.values)


def test_some_of_many_words_are_a_text_and_data_too() -> None:
    some = Listing([("trail", 159), ("lane", 3)], 2)
    note = Note("ways", "Ways: {0}; {1}.", some, listed(["甲", "乙"]))
    assert note == "Ways: trail (159), lane (3) and 2 more; 甲, 乙."
    words = [["trail", 159], ["lane", 3]]
    data = [{"words": words, "more": 2}, {"words": [["甲", None], ["乙", None]], "more": 0}]
    assert json.loads(json.dumps(as_data([note]))) == [{"code": "ways", "values": data}]
    for again in (copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):  # noqa: S301
        assert as_data([again(note)]) == as_data([note])
    back = cell_of(json.loads(json.dumps(plain(note))))
    assert (back, as_data([back])) == (note, as_data([note]))


def test_a_table_carries_its_notes_through_copies_and_filters() -> None:
    table = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), shapely.Point(1, 1)], crs=32650)
    table.attrs["notes"] = [NOTE]
    for made in (table.copy(), table[[True, False]], table.to_crs(4326)):
        assert as_data(made.attrs["notes"]) == [{"code": "scraps", "values": [100.0, 3]}]


def test_notes_come_back_from_json_and_old_manifests_keep_their_sentences() -> None:
    notes = [NOTE, "A sentence."]
    told = json.loads(json.dumps({"notes": notes, "notes_data": as_data(notes)}))
    assert noted(told) == [(str(NOTE), "scraps", [100.0, 3]), ("A sentence.", "", [])]
    assert noted({"notes": ["Old."]}) == [("Old.", "", [])]
    assert noted({}) == []
