"""quarterhour demo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import quarterhour as qh
from command_line import FILES, ROOT, SAMPLES, run
from quarterhour.cli.demo import find_samples
from quarterhour.outputs.looks import CLASS_FACES


def test_the_demo_shows_both_samples_and_lists_what_it_wrote(tmp_path: Path) -> None:
    result = run("demo", "--out", tmp_path / "demo", "--pictures", tmp_path / "pictures")
    assert result.exit_code == 0, result.stderr
    for folder in ("helsinki", "new-town"):
        written = sorted(path.name for path in (tmp_path / "demo" / folder).iterdir())
        assert written == sorted([*FILES, "map.html", "report.html"])
        for name in written:
            assert str(tmp_path / "demo" / folder / name) in result.stdout
        picture = tmp_path / "pictures" / f"{folder}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 400_000
        drawn = np.asarray(Image.open(picture).convert("RGB"), dtype=int).reshape(-1, 3)
        for colour in CLASS_FACES:  # the legend has them all, however rare they are
            off = np.abs(drawn - [int(colour[k : k + 2], 16) for k in (1, 3, 5)]).max(axis=1)
            assert off.min() <= 4, colour
    table = result.stdout.split("== Both samples")[1]
    areas = len(pd.read_csv(tmp_path / "demo" / "helsinki" / "summary.csv"))
    assert f"Helsinki {areas}" in table
    assert "New town 12" in table
    assert "food (wet) market" in table
    counted = next(line for line in table.splitlines() if "all items" in line)
    numbers = [int(word) for word in counted.split()[2:]]
    assert sum(numbers[:4]) == areas * 30
    assert sum(numbers[4:]) == 12 * 30
    assert numbers[5] == 73, "implied by hosts, a number of its own"


def test_the_samples_are_found_below_the_working_folder_or_beside_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert find_samples(None) == Path("data/samples")
    monkeypatch.chdir(tmp_path)
    assert find_samples(None) == SAMPLES
    assert find_samples(SAMPLES) == SAMPLES


def test_an_installed_package_brings_its_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "quarterhour"
    (package / "cli").mkdir(parents=True)
    monkeypatch.setattr("quarterhour.cli.demo.__file__", str(package / "cli" / "demo.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(qh.QuarterhourError, match=r"not in .*samples: helsinki\.osm\.pbf and"):
        find_samples(None)
    (package / "samples").symlink_to(SAMPLES)
    assert find_samples(None) == package / "samples"
