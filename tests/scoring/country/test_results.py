"""A country's answer is counted tile by tile, and the numbers are those of the uncut country."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
from country_worlds import QUESTION
from osm_worlds import EAST, NORTH, TO_DEGREES
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.scoring.by_part import SUMMED

pytest.importorskip("pyarrow", reason="the extra parquet is not installed")

NUMBERS = ["numerator", "implied", "denominator", "unknown", "share", "share_at_least"]


def districts(west=(0, 5000, 9000), east=(5000, 9000, 12_000)):
    """Three districts from west to east; the last kilometres lie in none, and one is far away."""
    boxes = [
        shapely.box(EAST + a, NORTH - 500, EAST + b, NORTH + 3000)
        for a, b in zip([*west, 10**5], [*east, 10**5 + 9], strict=True)
    ]
    degrees = [shapely.transform(b, TO_DEGREES.transform, interleaved=False) for b in boxes]
    names = ["West", "Mitte", "Ost", "nowhere"]
    table = gpd.GeoDataFrame({"name": names}, index=list("wmoz"), geometry=degrees, crs=4326)
    table.attrs["datum"] = "wgs84"
    return table


@pytest.fixture
def answered(cut, finished):
    """Answers in four tiles, and the scorecard of the whole."""
    return cut[1], finished[1], cut[2]


def same(found, want, exact=True):
    """See that every number is the same, in the same order."""
    assert found.columns.tolist() == want.columns.tolist()
    for column in ("measure", "item", "part", "part_name", "unit", "items"):
        if column in want:
            assert found[column].tolist() == want[column].tolist(), column
    for column in NUMBERS:
        a, b = (table[column].to_numpy(dtype=float) for table in (found, want))
        np.testing.assert_allclose(a, b, rtol=0 if exact else 1e-12, err_msg=column)


def test_the_country_is_counted_as_one_run_on_the_whole(answered):
    _, out, card = answered
    found = qh.open_results(out)
    assert (found.missing, found.notes) == ((), ())
    same(found.coverage(), qh.coverage(card))
    same(found.coverage(SUMMED), qh.coverage(card, SUMMED))
    assert found.coverage()["denominator"].max() > 100


@pytest.mark.parametrize("by", [districts(), 700.0], ids=["districts", "squares"])
def test_parts_are_counted_as_those_of_the_whole(answered, by):
    _, out, card = answered
    asked = ["residence", "area", "group"]
    found, want = qh.open_results(out).coverage(asked, by=by), qh.coverage(card, asked, by=by)
    same(found, want)
    assert [str(note) for note in found.attrs["notes"]] == want.attrs["notes"]
    known = want["part"].notna().to_numpy()
    assert shapely.equals(found.geometry.array[known], want.geometry.array[known]).all()
    assert found.geometry.isna().to_numpy()[~known].all()


@pytest.mark.parametrize("by", [None, districts(), 700.0], ids=["whole", "districts", "squares"])
def test_who_has_everything_is_counted_as_in_the_whole(answered, by):
    """A tile that knows nothing of an item counts it as not known, if another tile knows of it."""
    _, out, card = answered
    found, want = qh.open_results(out).coverage("all_items", by), qh.coverage(card, "all_items", by)
    same(found, want)
    assert len(set(want["item"])) > 2
    np.testing.assert_array_equal(found["share_at_least"], want["share_at_least"])
    tiles = qh.open_results(out).coverage(["all_items", "area"], by="tile")
    everyone = qh.coverage(card, "all_items")
    for item, rows in tiles[tiles["measure"] == "all_items"].groupby("item"):
        assert rows["numerator"].sum() == everyone.set_index("item").loc[item, "numerator"]


def test_a_column_of_the_areas_parts_them(answered):
    _, out, card = answered
    named = replace(card, areas=card.areas.assign(way_out=card.summary()["way_out"]))
    same(qh.open_results(out).coverage("area", by="way_out"), qh.coverage(named, "area", "way_out"))


def test_tiles_add_up_to_the_country(answered):
    tiles, out, _ = answered
    found = qh.open_results(out)
    parts = found.coverage("residence", by="tile")
    assert set(parts["part"]) == set(tiles.names())
    whole = found.coverage("residence").set_index("item")["denominator"]
    assert parts.groupby("item")["denominator"].sum().to_dict() == whole.to_dict()


def test_a_tile_opens_as_a_scorecard_that_is_counted_alike(answered):
    tiles, out, _ = answered
    name = tiles.names()[1]
    card = qh.open_results(out).card(name)
    same(qh.coverage(card), qh.coverage(qh.assess_tile(tiles, name, QUESTION)))
    with pytest.raises(InputError, match="without the streets"):
        _ = card.network.n_edges


def test_another_program_counts_the_same(answered):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    _, out, card = answered
    found = duckdb.execute(
        "SELECT count(*) FILTER (item_food IN ('met', 'implied')), "
        "count(*) FILTER (item_food <> 'unknown') "
        "FROM read_parquet(?, union_by_name=true) WHERE counted",
        [f"{out}/homes/*.parquet"],
    ).fetchall()
    want = qh.coverage(card, "residence").set_index("item").loc["food"]
    assert found == [(want["numerator"], want["denominator"])]
    statuses = duckdb.execute(
        "SELECT status, count(*) FROM read_parquet(?) GROUP BY status",
        [f"{out}/results/*.parquet"],
    ).fetchall()
    assert dict(statuses) == card.results["status"].value_counts().to_dict()


def test_tables_wait_until_they_are_used(answered):
    pytest.importorskip("dask_geopandas", reason="the extra cluster is not installed")
    _, out, card = answered
    found = qh.open_results(out)
    areas = found.lazy()
    assert type(areas).__module__.startswith("dask_geopandas")
    assert areas.npartitions == 4
    assert areas.crs == card.areas.crs
    assert areas["unmet"].sum().compute() == card.summary()["unmet"].sum()
    assert areas.geometry.area.sum().compute() == pytest.approx(card.areas.area.sum())
    results = found.lazy("results")
    met = results[results["status"] == "met"]["item"].value_counts().compute()
    want = card.results.loc[card.results["status"] == "met", "item"].value_counts()
    assert met.to_dict() == want.to_dict()


def test_a_country_that_is_not_whole_says_so(answered, tmp_path):
    tiles, out, _ = answered
    shutil.copytree(tiles.folder, tmp_path / "tiles")
    shutil.copytree(out, tmp_path / "out")
    bad = tiles.names()[1]
    (tmp_path / "tiles" / f"{bad}.osm.pbf").write_bytes(b"")
    (tmp_path / "out" / "done" / f"{bad}.json").unlink()
    (tmp_path / "out" / "census" / f"{bad}.json").unlink()
    done = qh.assess_tiles(tmp_path / "tiles", QUESTION, out=tmp_path / "out", only=[bad])
    assert list(done.failed) == [bad]
    with pytest.warns(QuarterhourWarning, match=rf"1 of 4 tiles are not answered \({bad}\): "):
        found = qh.open_results(tmp_path / "out")
    assert found.missing == (bad,)
    assert "is damaged" in found.tiles.loc[bad, "why"]
    assert "1 not answered" in repr(found)
    homes = tiles[bad].dwellings
    table = found.coverage()
    assert f"{homes} of " in table.attrs["notes"][0]
    assert table["denominator"].max() < qh.open_results(out).coverage()["denominator"].max()
    assert bad not in set(found.coverage("area", by="tile")["part"])
    with pytest.raises(InputError, match=f"Tile {bad} of .* has no answer"):
        found.card(bad)


def test_answers_that_are_older_than_what_is_known_are_named(answered, tmp_path):
    """The only tile with a pharmacy is mended and run alone: the others do not know of it yet."""
    tiles, _, _ = answered
    shutil.copytree(tiles.folder, tmp_path / "tiles")
    west = tmp_path / "tiles" / f"{tiles.names()[0]}.osm.pbf"
    whole = west.read_bytes()
    west.write_bytes(b"")
    qh.assess_tiles(tmp_path / "tiles", QUESTION, out=tmp_path / "out")
    west.write_bytes(whole)
    qh.assess_tiles(tmp_path / "tiles", QUESTION, out=tmp_path / "out", only=tiles.names()[:1])
    with pytest.warns(QuarterhourWarning, match="3 tiles .* answered before it was known"):
        found = qh.open_results(tmp_path / "out")
    assert found.missing == ()
    qh.assess_tiles(tmp_path / "tiles", QUESTION, out=tmp_path / "out")
    assert qh.open_results(tmp_path / "out").notes == ()


def test_what_is_no_answer_is_refused(answered, tmp_path):
    _, out, _ = answered
    with pytest.raises(InputError, match="holds no answers of a country"):
        qh.open_results(tmp_path)
    found = qh.open_results(out)
    with pytest.raises(InputError, match="designation is not summed over tiles"):
        found.coverage("designation")
    with pytest.raises(InputError, match="nonsense is no measure"):
        found.coverage("nonsense")
    with pytest.raises(InputError, match="by='province' is no way to part"):
        found.coverage(by="province")
    with pytest.raises(InputError, match="no table 'streets'"):
        found.paths("streets")
    (tmp_path / "country.json").write_text("{}")
    with pytest.raises(InputError, match=r"country.json .* cannot be read"):
        qh.open_results(tmp_path)


def test_residents_are_summed_too(answered, tmp_path):
    """Nobody is counted in this country: every area is given a number, in its tile and in all."""
    _, out, card = answered
    shutil.copytree(out, tmp_path / "out")
    people = pd.Series(np.arange(1.0, len(card.areas) + 1) * 7.3, index=card.areas.index)
    for path in (tmp_path / "out" / "homes").iterdir():
        homes = gpd.read_parquet(path)
        homes["residents"] = homes["area"].map(people).to_numpy() * homes["share"]
        homes.to_parquet(path)
        done = tmp_path / "out" / "done" / f"{path.stem}.json"
        told = json.loads(done.read_text())
        told["files"]["homes"] = path.stat().st_size
        done.write_text(json.dumps(told))
    homes = card.origins.copy()
    homes["residents"] = homes["area"].map(people).to_numpy() * homes["share"]
    peopled = replace(card, origins=homes)
    found = qh.open_results(tmp_path / "out").coverage("population", by=districts())
    same(found, qh.coverage(peopled, "population", by=districts()), exact=False)
    coverage = tmp_path / "out" / "coverage"
    for path in coverage.iterdir():  # what tiles would have written of these residents
        table = pd.read_parquet(path)
        table.loc[table["measure"] == "population", "unknown"] = 1.0
        table.to_parquet(path)
        done = tmp_path / "out" / "done" / f"{path.stem}.json"
        told = json.loads(done.read_text())
        told["files"]["coverage"] = path.stat().st_size
        done.write_text(json.dumps(told))
    everything = qh.open_results(tmp_path / "out").coverage("all_items", by=districts())
    same(everything, qh.coverage(peopled, "all_items", by=districts()), exact=False)
    assert set(everything["unit"]) == {"residents"}
    assert found["numerator"].max() > 1000
