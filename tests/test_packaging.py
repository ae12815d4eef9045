"""What the wheel holds and what may be installed with it; .ci/wheel builds and tries one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
INSIDE = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]


def test_the_wheel_holds_the_samples_with_their_licences() -> None:
    assert all((ROOT / path).exists() for path in INSIDE)
    held = {place.removeprefix("quarterhour/samples/") for place in INSIDE.values()}
    assert held == {"helsinki.osm.pbf", "helsinki.osm.pbf.license", "new-town"}
    assert (ROOT / "data" / "samples" / "new-town" / "LICENSE").is_file()


def test_all_is_every_extra_of_people_who_use_it() -> None:
    (everything,) = EXTRAS["all"]
    named = re.fullmatch(r"quarterhour\[(.*)\]", everything)
    assert named is not None
    assert set(named[1].split(",")) == set(EXTRAS) - {"all", "docs", "test"}


def test_the_tests_have_every_package_that_an_extra_brings() -> None:
    users = {one for key in set(EXTRAS) - {"all", "docs", "test"} for one in EXTRAS[key]}
    assert users <= set(EXTRAS["test"])


@pytest.mark.parametrize(
    "told",
    re.findall(
        r"quarterhour\[([a-z,]+)\]",
        "\n".join(
            path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))
        ),
    ),
)
def test_an_extra_that_a_message_names_exists(told: str) -> None:
    assert set(told.split(",")) <= set(EXTRAS)
