"""A facility table of which a tenth lies behind walls, beyond the extent, or nowhere.

Each is in ``card.left_out`` with its reason, and the terminal, the first page of the report and
the map say the counts.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import quarterhour as qh
from command_line import TOWN, run

SHUT = "云河家园"
"""The largest compound; here nobody knows a gate of it, and its middle is far from every street."""

N_WALLED, N_BEYOND, N_NOWHERE = 14, 15, 13


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """The table of the town with a tenth of its rows moved, all of them places of an item."""
    truth = pd.read_csv(TOWN / "facility_truth.csv").set_index("id")
    twice = truth["duplicate_of"].dropna()
    single = truth[truth["items"].notna() & truth["note"].isna() & truth["duplicate_of"].isna()]
    single = single[(single["snapped"] == "yes") & ~single.index.isin(twice)]
    chosen = single.index[:: len(single) // (N_WALLED + N_BEYOND + N_NOWHERE)]
    walled, beyond = chosen[:N_WALLED], chosen[N_WALLED : N_WALLED + N_BEYOND]
    nowhere = chosen[N_WALLED + N_BEYOND :][:N_NOWHERE]
    areas = gpd.read_file(TOWN / "compounds.geojson").set_index("name")
    middle = areas.geometry[SHUT].centroid
    lon, lat = qh.from_wgs84([middle.x], [middle.y], "gcj02")
    place = table.set_index("id")["location"].copy()
    # A metre or so apart, so that none is taken for another's double.
    place[walled] = [f"{lon[0]:.6f},{lat[0] + 2e-5 * k:.6f}" for k in range(N_WALLED)]
    place[beyond] = [f"{lon[0] + 0.2:.6f},{lat[0] + 0.001 * k:.6f}" for k in range(N_BEYOND)]
    place[nowhere] = ""
    return table.assign(location=table["id"].map(place))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tenth")
    for name in ("compounds.geojson", "buildings.geojson", "streets.osm"):
        shutil.copy(TOWN / name, made / name)
    table = pd.read_csv(TOWN / "amap_poi.csv", dtype=str, keep_default_na=False)
    moved(table).to_csv(made / "amap_poi.csv", index=False, encoding="utf-8-sig")
    gates = json.loads((TOWN / "gates.geojson").read_text(encoding="utf-8"))
    gates["features"] = [one for one in gates["features"] if one["properties"]["compound"] != SHUT]
    (made / "gates.geojson").write_text(json.dumps(gates), encoding="utf-8")
    return made


def options(folder: Path) -> list[object]:
    return [
        *("--areas", folder / "compounds.geojson", "--buildings", folder / "buildings.geojson"),
        *("--gates", folder / "gates.geojson", "--network", folder / "streets.osm"),
        *("--facilities", folder / "amap_poi.csv", "--facilities-datum", "gcj02"),
        *("--datum", "wgs84"),
    ]


def counts(card: qh.Scorecard, what: str) -> dict[str, int]:
    mine = card.left_out[card.left_out["what"] == what]
    return dict(zip(mine["reason"], mine["count"], strict=True))


def test_each_is_left_out_with_its_reason_and_said(folder: Path, tmp_path: Path) -> None:
    done = run("score", *options(folder), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    card = qh.read_scorecard(tmp_path / "out")
    rows = len(pd.read_csv(folder / "amap_poi.csv"))
    assert 0.09 * rows < N_WALLED + N_BEYOND + N_NOWHERE
    known = counts(card, "facilities")
    truth = pd.read_csv(TOWN / "facility_truth.csv")
    assert (known["behind_wall"], known["beyond_extent"]) == (N_WALLED, N_BEYOND)
    assert known["not_snapped"] == (truth["snapped"] == "no").sum()
    assert sum(known.values()) == rows - N_NOWHERE
    read = counts(card, "facility_rows")
    assert read.pop("counted") == rows - N_NOWHERE
    assert sum(read.values()) == N_NOWHERE
    qh.write_report(card, tmp_path / "report.html", lang="en")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    first_page = report[: report.index("<h2", report.index("In the score, and left out of it"))]
    page = about(qh.write_map(card, tmp_path / "map.html", isochrones=False))
    for told in (done.stdout, first_page, page):
        assert f"{known['counted']} of {rows - N_NOWHERE} in the score" in told
        assert f"{N_WALLED} behind a wall without a known gate" in told
        assert f"{N_BEYOND} beyond the extent of the streets" in told
        assert f"{rows - N_NOWHERE} of {rows} read; {N_NOWHERE} no longitude" in told


def about(path: Path) -> str:
    """What the page of the map says of who and what is left out."""
    text = path.read_text(encoding="utf-8")
    body = re.search(r'<script type="application/gzip" id="block-card">([^<]*)</script>', text)
    assert body
    card = json.loads(gzip.decompress(base64.b64decode(body[1])))
    return "\n".join(card["about"]["left_out"]["en"])
