"""quarterhour fetch, with nobody online."""

from __future__ import annotations

from pathlib import Path

import pytest

import overture_worlds as worlds
import quarterhour as qh
from command_line import failed, run
from quarterhour.cli.fetch import point_of


@pytest.mark.parametrize(
    ("place", "asked"), [("Kamppi, Helsinki", "Kamppi, Helsinki"), ("24.9, 60.1", (24.9, 60.1))]
)
def test_fetch_asks_for_the_place(
    place: str, asked: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, dict[str, object]]] = []

    def fetch(what: object, out: Path, **options: object) -> Path:
        calls.append((what, options))
        return out

    monkeypatch.setattr("quarterhour.sources.osm.overpass.fetch", fetch)
    out = tmp_path / "place.osm.pbf"
    url = ["--overpass-url", "http://localhost:1/api"]
    result = run("fetch", place, "--out", out, "--distance-m", "800", *url)
    assert result.exit_code == 0, result.stderr
    assert "© OpenStreetMap contributors" in result.stdout
    what, options = calls[0]
    assert what == asked
    assert options["distance_m"] == 800
    assert options["margin_m"] == 1500
    assert getattr(options["servers"], "overpass_url") == "http://localhost:1/api"  # noqa: B009


def test_fetch_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert "Cannot write" in failed(run("fetch", "Kamppi", "--out", tmp_path / "taken" / "k.osm"))


def test_a_place_is_a_name_or_a_point() -> None:
    assert point_of("东城区, 北京") == "东城区, 北京"
    assert point_of("116.4,39.9") == (116.4, 39.9)
    assert point_of("1,2,3") == "1,2,3"


def test_overture_is_fetched_by_its_downloader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder, source = tmp_path / "bin", worlds.city(tmp_path / "o", "2026-06", "a file a type")
    bin_folder.mkdir()
    stub = bin_folder / "overturemaps"
    monkeypatch.setenv("PATH", str(bin_folder) + ":/usr/bin:/bin")
    asked = ["fetch", "--from", "overture", "--out", tmp_path / "got", "--", "-1,50,1,51"]
    assert "overturemaps" in failed(run(*asked))  # not installed: a sentence
    stub.write_text(
        f"#!/bin/sh\nkind=${{5#--type=}}\n[ -f {source}/$kind.parquet ] || exit 0\n"
        f'cp {source}/$kind.parquet "$7"\n'
    )
    stub.chmod(0o755)
    done = run(*asked)
    assert done.exit_code == 0, done.stderr
    got = {path.name for path in (tmp_path / "got").iterdir()}
    assert got == {path.name for path in source.iterdir()}
    checked = run("check", tmp_path / "got")
    assert "got: overture" in checked.stdout
    assert "place-pharmacy" in qh.read_facilities(tmp_path / "got" / "place.parquet").index
    stub.write_text("#!/bin/sh\necho no network >&2\nexit 3\n")
    asked[4] = tmp_path / "none"
    assert "no network" in failed(run(*asked))
    assert not (tmp_path / "none").exists()
