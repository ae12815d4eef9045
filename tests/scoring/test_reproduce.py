"""A saved question asked again: the same numbers, or the first that differs and its cause."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from command_line import HELSINKI, run
from quarterhour.errors import InputError
from quarterhour.scoring import saved
from quarterhour.scoring.question import Question, as_data, walker_of
from quarterhour.walking.pace import Profile

LINES = worlds.checklist(
    worlds.item("shop"), worlds.item("bank", limit_minutes=None, limit_m=300.0)
)


def card(**words) -> qh.Scorecard:
    areas = worlds.squares((120, 120), (800, 700), size=60.0, index=["a", "b"])
    areas = areas.assign(name=["A", "B"], residents=[100.0, 200.0])
    places = worlds.points(
        (107, 130), (500, 300), (320, 310), (900, 900), item=["shop", "bank", "shop", "bank"]
    )
    return qh.assess(areas, places, worlds.grid_world(), LINES, **words)


@pytest.mark.parametrize("words", [{}, {"pace": "wheelchair", "quota": 1.0, "surveyed": "all"}])
def test_the_same_question_gives_the_same_numbers(words, tmp_path):
    card(**words).save(tmp_path)
    found = qh.reproduce(tmp_path)
    assert found.same
    assert found.causes == ()
    assert found.differences.empty
    assert str(found).startswith("Reproduced: 4 results of ")


def test_the_new_town_is_reproduced(tmp_path):
    worlds.new_town().save(tmp_path)
    found = qh.reproduce(tmp_path)
    assert found.same, str(found)
    assert found.causes == ()


def test_a_shop_less_in_the_new_town_is_the_first_difference(tmp_path):
    one = worlds.new_town()
    one.save(tmp_path)
    places = one.asked.facilities
    found = qh.reproduce(tmp_path, facilities=places[places["name"] != "惠民菜市场"])
    first = found.differences.iloc[0]
    assert first["item"] == "food_market"
    assert set(found.differences["item"]) == {"food_market"}
    assert len(found.causes) == 1
    assert found.causes[0].startswith("facilities: not those of then: 409 rows")
    assert f"The first: {first['column']} of food_market in area {first['area']}" in str(found)


def test_helsinki_is_reproduced_and_a_place_less_is_found(tmp_path):
    city = worlds.helsinki()
    homes = qh.origins(city.areas, city.buildings, city.gates)
    one = qh.assess(city.areas, city.facilities, city.streets, "beijing-2011", origins=homes)
    one.save(tmp_path)
    again = qh.reproduce(tmp_path)
    assert again.same, str(again)
    assert again.causes == ()
    anew = qh.read_osm(worlds.SAMPLES / "helsinki.osm.pbf", areas="mapped")
    inputs = {"areas": anew.areas, "network": anew.streets, "facilities": anew.facilities}
    origins = qh.origins(anew.areas, anew.buildings, anew.gates)
    assert qh.reproduce(tmp_path, origins=origins, **inputs).same
    found = qh.reproduce(tmp_path, facilities=anew.facilities.drop(index="way/123814071"))
    first = found.differences.iloc[0]
    assert (first["item"], len(found.causes)) == ("food_market", 1)
    assert found.causes[0].startswith(
        f"facilities: not those of then: {len(anew.facilities) - 1:,}"
    )


def test_a_facility_less_is_named_with_the_first_number_that_differs(tmp_path):
    one = card()
    one.save(tmp_path)
    found = qh.reproduce(tmp_path, facilities=one.asked.facilities.drop(0))
    assert not found.same
    first = found.differences.iloc[0]
    assert (first["area"], first["item"]) == ("a", "shop")
    assert set(found.differences["item"]) == {"shop"}
    assert len(found.causes) == 1
    assert found.causes[0].startswith("facilities: not those of then: 3 rows")
    assert "then 4 rows" in found.causes[0]
    text = str(found)
    assert "Not reproduced:" in text
    assert f"The first: {first['column']} of shop in area a was " in text
    assert "facilities: not those of then" in text


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda c: {"areas": c.areas.assign(residents=[1.0, 2.0])}, "areas:"),
        (lambda _: {"network": worlds.grid_world(12)}, "network:"),
        (lambda c: {"origins": qh.origins(c.areas, at="point")}, "origins:"),
        (lambda _: {"pace": "elderly"}, "parameter pace: "),
    ],
)
def test_each_changed_input_is_named(change, cause, tmp_path):
    one = card()
    one.save(tmp_path)
    found = qh.reproduce(tmp_path, **change(one))
    assert any(told.startswith(cause) for told in found.causes)


def test_areas_that_are_gone_are_told(tmp_path):
    one = card()
    one.save(tmp_path)
    found = qh.reproduce(tmp_path, areas=one.areas.drop("a"))
    rows = found.differences[found.differences["column"] == "row"]
    assert rows[["area", "saved", "now"]].drop_duplicates().to_numpy().tolist() == [
        ["a", "there", "not there"]
    ]


def test_what_was_valid_then_is_asked_of_then(tmp_path, monkeypatch):
    one = card()
    places = one.asked.facilities.assign(valid_to=["2026-12-31", None, None, None])

    class Day(date):
        now = date(2026, 6, 1)

        @classmethod
        def today(cls):
            return cls.now

    monkeypatch.setattr("quarterhour.scoring.rules.date", Day)
    one.again(facilities=places).save(tmp_path)
    Day.now = date(2028, 1, 1)
    assert qh.reproduce(tmp_path).same
    again = qh.read_scorecard(tmp_path).again()
    assert not again.results.equals(qh.read_scorecard(tmp_path).results)


def test_results_alone_are_reproduced_with_their_inputs(tmp_path):
    one = card()
    one.save(tmp_path)
    (tmp_path / saved.NAME).unlink()
    with pytest.raises(InputError, match=r"pass areas=…, facilities=…, network=…"):
        qh.reproduce(tmp_path, checklist=LINES)
    asked = one.asked
    inputs = {"facilities": asked.facilities, "network": asked.network, "checklist": LINES}
    found = qh.reproduce(tmp_path, areas=asked.areas, **inputs)
    assert found.same, str(found)
    assert found.causes == ()


def test_a_function_as_pace_is_asked_for(tmp_path):
    def mine(network):
        return np.column_stack([network.edge_length_m, network.edge_length_m])

    card(pace=mine).save(tmp_path)
    with pytest.raises(InputError, match="pass pace="):
        qh.reproduce(tmp_path)
    assert qh.reproduce(tmp_path, pace=mine).same


def test_the_manifest_has_the_question_as_one_block(tmp_path):
    one = card(pace=Profile("own", 0.7), quota=0.8)
    one.save(tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["question"]
    assert told == as_data(one.question)
    assert list(told) == [
        *("checklist", "walker", "quota", "surveyed", "at", "valid_on", "contracted_only"),
        *("mode", "min_satisfaction", "period", "horizon", "snap_limit_m"),
    ]
    assert walker_of(told["walker"]) == Profile("own", 0.7)
    (tmp_path / saved.NAME).unlink()  # the block is enough to ask again
    assert qh.read_scorecard(tmp_path, checklist=LINES).question.pace == Profile("own", 0.7)


def test_a_sloped_walker_is_more_than_its_numbers():
    heights = qh.elevation_at_nodes(worlds.grid_world(), np.arange(121.0))
    question = Question.of("moreno-2016", pace=qh.Sloped(qh.profile("adult"), heights))
    told = as_data(question)["walker"]
    assert told["speed_m_s"] == 1.25
    assert "Tobler" in told["pace"]
    assert walker_of(told) is None


def test_on_the_command_line(tmp_path):
    out = tmp_path / "out"
    card().save(out)
    done = run("reproduce", out)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Reproduced: 4 results")
    told = json.loads(run("reproduce", out, "--json").stdout)
    assert told == {"same": True, "causes": [], "differences": []}
    gone = run("reproduce", tmp_path / "nowhere")
    assert gone.exit_code == 2
    assert "does not exist" in gone.stderr


def test_on_the_command_line_with_inputs_read_anew(tmp_path):
    out = tmp_path / "out"
    score = run("score", HELSINKI, "--checklist", "moreno-2016", "--out", out)
    assert score.exit_code == 0, score.output
    assert run("reproduce", out, HELSINKI).exit_code == 0
    places = tmp_path / "few.csv"
    few = pd.DataFrame({"name": ["a"], "lon": [24.94], "lat": [60.17], "type": ["超市"]})
    few.to_csv(places, index=False)
    other = run("reproduce", out, HELSINKI, "--facilities", places, "--datum", "wgs84")
    assert other.exit_code == 1, other.output
    assert "facilities: not those of then: 1 rows" in other.stdout
