"""The public names: one list, every name there and documented, none hidden by a submodule."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import quarterhour as qh

NAMES = sorted(set(qh.__all__) - {"__version__"})


def test_the_list_is_the_table_of_homes():
    assert set(qh.__all__) == {*qh._HOME, "__version__"}
    assert len(qh.__all__) == len(set(qh.__all__))
    assert dir(qh) == sorted(qh.__all__)
    assert list(qh._HOME) == sorted(qh._HOME)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_documented(name):
    thing = getattr(qh, name)
    home = import_module(f"quarterhour.{qh._HOME[name]}")
    assert thing is getattr(home, name)
    assert not inspect.ismodule(thing)
    documented = thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)
    assert (documented.__doc__ or "").strip()


@pytest.mark.parametrize("name", [n for n in NAMES if inspect.isroutine(getattr(qh, n))])
def test_every_function_says_what_it_gives(name):
    text = inspect.getdoc(getattr(qh, name))
    parameters = inspect.signature(getattr(qh, name)).parameters
    assert text.splitlines()[0].rstrip().endswith((".", "。"))
    assert "Parameters\n----------" in text or len(parameters) < 2
    if parameters:
        assert "Returns\n-------" in text or "Yields\n------" in text


def test_the_type_checker_sees_the_same_names():
    source = inspect.getsource(qh)
    block = source.rpartition("if TYPE_CHECKING:")[2].partition("def __getattr__")[0]
    words = " ".join(block.replace("(", " ").replace(")", " ").replace(",", " ").split())
    for name, home in qh._HOME.items():
        assert f"from quarterhour.{home} import {name} as {name}" in words
    assert block.count(" import ") == len(qh._HOME)


def test_functions_stay_functions_after_their_modules_are_imported():
    code = (
        "import quarterhour, quarterhour.scoring.assess, quarterhour.scoring.gaps\n"
        "import quarterhour.walking.isochrones.isochrones, quarterhour.standards.classify\n"
        "for name in ('assess', 'coverage', 'gaps', 'isochrones', 'classify', 'verify'):\n"
        "    assert callable(getattr(quarterhour, name)), name\n"
        "from quarterhour import assess\n"
        "from quarterhour.scoring.assess import assess as same\n"
        "assert assess is same\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'centroids'"):
        _ = qh.centroids


def test_no_public_name_is_a_module_of_another_meaning():
    modules = {m.name for m in pkgutil.iter_modules(qh.__path__)}
    for name in modules & set(NAMES):
        assert qh._HOME[name] == name


def test_importing_loads_nothing_that_takes_time():
    code = (
        "import sys, quarterhour; print(sorted({'typing', 'numpy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(Path(qh.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
