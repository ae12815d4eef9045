"""The options that commands share."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import quarterhour as qh
from quarterhour.cli.main import cli
from quarterhour.cli.options import WALKERS


def test_the_walkers_are_those_of_the_library() -> None:
    assert list(WALKERS) == qh.profiles()["name"].tolist()


def test_bash_completes_commands_options_and_walkers() -> None:
    bash, program = shutil.which("bash"), Path(sys.executable).with_name("quarterhour")
    if bash is None or not program.exists():
        pytest.skip("needs bash, and the command installed beside this Python")
    script = f"""
    PATH={program.parent}:$PATH
    eval "$(_QUARTERHOUR_COMPLETE=bash_source quarterhour)"
    for words in "quarterhour ch" "quarterhour score --pac" "quarterhour score --pace w"; do
        COMPREPLY=() COMP_WORDS=($words) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _quarterhour_completion quarterhour
        echo "${{COMPREPLY[*]}}"
    done
    """
    command = [bash, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == ["check checklist", "--pace", "wheelchair"]


def test_the_public_words_are_those_of_the_command_line() -> None:
    words = {"isochrones", "score", "demo", "fetch", "checklist", "map", "report", "gaps"}
    assert words <= set(cli.commands)
    options = {option.name for option in cli.commands["score"].params}
    assert options >= set(inspect.signature(qh.assess).parameters) - {"origins", "pace"}
