"""No bar is drawn where nobody looks on."""

import io
import sys
from types import SimpleNamespace

import quarterhour as qh
import worlds
from quarterhour.walking.watched import is_watched


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(monkeypatch, stream) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    network = worlds.grid_world()
    qh.isochrones(worlds.strewn(network, 60, seed=1), network, minutes=2)
    return stream.getvalue()


def test_a_pipe_gets_no_bar_and_a_terminal_does(monkeypatch):
    assert "isochrones" in drawn(monkeypatch, Terminal())
    assert drawn(monkeypatch, io.StringIO()) == ""


def test_a_notebook_gets_one(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not is_watched()
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    assert not is_watched()  # a package that is loaded is no notebook
    kernel = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: kernel))
    assert is_watched()


def test_a_closed_or_missing_stream_is_watched_by_nobody(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for one in (None, closed):
        monkeypatch.setattr(sys, "stderr", one)
        assert not is_watched()
