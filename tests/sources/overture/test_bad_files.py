"""What is odd in files of Overture Maps is a sentence, or is left out and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import overture_worlds as worlds
import quarterhour as qh
from quarterhour.errors import InputError, NetworkError

Rows = dict[str, list[dict[str, Any]]]


def written(folder: Path, by_type: Rows, *, boxed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, given in by_type.items():
        rows = [worlds.with_box(row) if boxed else row for row in given]
        keys = dict.fromkeys(key for row in rows for key in row)
        table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in rows])
        pq.write_table(table, folder / f"{kind}.parquet")
    return folder


@pytest.fixture
def rows() -> Rows:
    return worlds.rows_of("2024-12")


def notes_of(folder: Path) -> str:
    return " | ".join(map(str, qh.read_overture(folder).notes))


def test_files_of_two_releases_are_not_mixed(rows: Rows, tmp_path: Path) -> None:
    for release in ("2024-12-18.0", "2025-01-22.0"):
        written(tmp_path / release, rows)
    with pytest.raises(InputError, match=r"of 2 releases .* Read one release at a time"):
        qh.read_overture(tmp_path)
    assert qh.read_overture(tmp_path / "2025-01-22.0").streets.n_edges


def test_strange_confidences_are_none_and_counted(rows: Rows, tmp_path: Path) -> None:
    strange = [np.nan, -0.5, 1.5]
    for row, value in zip(rows["place"], strange, strict=False):
        row["confidence"] = value
    city = qh.read_overture(written(tmp_path / "o", rows))
    assert city.facilities["confidence"].isna().sum() == 3 + len(city.facilities) - len(
        rows["place"]
    )
    assert any("2 places have a confidence that is no number from 0 to 1" in n for n in city.notes)


def test_doubled_and_missing_ids_are_counted(rows: Rows, tmp_path: Path) -> None:
    rows["place"] += [dict(rows["place"][0]), {**rows["place"][1], "id": None}]
    rows["segment"].append({**rows["segment"][0], "id": None})
    told = notes_of(written(tmp_path / "o", rows))
    assert "1 rows of type place are listed again under an id that is there" in told
    assert "1 rows of type place have no id" in told
    assert "1 rows of type segment have no id" in told


def test_wrong_geometries_are_left_out_and_counted(rows: Rows, tmp_path: Path) -> None:
    point = rows["connector"][0]["geometry"]
    rows["segment"][3]["geometry"] = point
    rows["building"][0]["geometry"] = point
    rows["place"][0]["geometry"] = rows["building"][1]["geometry"]
    area = {"id": "d", "geometry": point, "names": {"primary": "Town"}, "subtype": "locality"}
    rows["division_area"] = [{**area, "class": "land", "division_id": "x"}]
    folder = written(tmp_path / "o", rows)
    city = qh.read_overture(folder)
    told = " | ".join(map(str, city.notes))
    assert "1 segments have no line: left out" in told
    assert "1 rows of type building have no shape: left out" in told
    assert "1 administrative areas have no polygon: left out" in told
    assert set(city.facilities.geom_type[rows["place"][0]["id"] == city.facilities.index]) == {
        "Point"
    }
    assert city.divisions is not None
    assert len(city.divisions) == 0
    assert city.areas["division"].isna().all()


def test_without_a_column_bbox_a_box_goes_by_the_geometry(rows: Rows, tmp_path: Path) -> None:
    box = (*worlds.lonlat(-10, -10), *worlds.lonlat(200, 200))
    bare = qh.read_overture(written(tmp_path / "bare", rows, boxed=False), box)
    boxed = qh.read_overture(written(tmp_path / "boxed", rows), box)
    assert list(bare.facilities.index) == list(boxed.facilities.index)
    assert bare.streets.n_edges == boxed.streets.n_edges


def test_files_without_rows_or_cut_off_are_a_sentence(rows: Rows, tmp_path: Path) -> None:
    folder = written(tmp_path / "o", rows)
    whole = pq.read_table(folder / "segment.parquet")
    pq.write_table(whole.slice(0, 0), folder / "segment.parquet")
    with pytest.raises(NetworkError, match="holds no segment"):
        qh.read_overture(folder)
    for kind in rows:
        pq.write_table(
            pq.read_table(folder / f"{kind}.parquet").slice(0, 0), folder / f"{kind}.parquet"
        )
    with pytest.raises(InputError, match="holds none of segment"):
        qh.read_overture(folder)
    pq.write_table(whole, folder / "segment.parquet")
    content = (folder / "segment.parquet").read_bytes()
    for left in (0, 3, len(content) // 2, len(content) - 1):
        (folder / "segment.parquet").write_bytes(content[:left])
        with pytest.raises(InputError, match=r"segment\.parquet cannot be read as Parquet"):
            qh.read_overture(folder)
    (folder / "segment.parquet").write_bytes(b"PAR1" + b"\0" * 100 + content[104:])
    with pytest.raises(InputError, match=r"segment\.parquet cannot be read as Parquet"):
        qh.read_overture(folder)


def test_a_city_of_streets_alone_is_read_and_says_so(rows: Rows, tmp_path: Path) -> None:
    only = {kind: rows[kind] for kind in ("segment", "connector")}
    city = qh.read_overture(written(tmp_path / "o", only))
    assert (len(city.facilities), len(city.buildings)) == (0, 0)
    with pytest.raises(NetworkError, match=r"holds no segment.* it has place"):
        qh.read_overture(written(tmp_path / "p", {"place": rows["place"]}))
