"""quarterhour map."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import HELSINKI, run


def test_the_map_is_one_file_that_asks_no_host(tmp_path: Path) -> None:
    pytest.importorskip("maplibre")
    out = tmp_path / "new" / "map.html"
    options = ["--no-tiles", "--no-isochrones", "--lang", "en", "--title", "Helsinki centre"]
    result = run("map", HELSINKI, "--out", out, *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"Written: {out}\n"
    text = out.read_text(encoding="utf-8")
    assert "Helsinki centre" in text
    assert "tile.openstreetmap.org" not in text
