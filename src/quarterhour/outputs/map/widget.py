"""The electronic map as a widget of a notebook: what is changed on it is a scenario in Python."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from quarterhour.outputs.frame import MapFrame
from quarterhour.planning.scenarios import Change, Scenario, read_scenario

SCRIPT = Path(__file__).parent / "templates" / "widget.js"

_NOTHING: dict[str, Any] = {"type": "FeatureCollection", "name": "", "features": []}


class MapView(anywidget.AnyWidget):
    """The electronic map in a cell; a notebook shows it when it is last in it.

    Attributes
    ----------
    scenario
        What is changed on the map, as a :class:`quarterhour.Scenario`; set another, and the map
        draws it. Changes that only Python knows are not drawn, and the page says which.
    """

    _esm = SCRIPT
    page = traitlets.Unicode().tag(sync=True)
    height_px = traitlets.Int(640).tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __init__(self, html: str, height_px: int = 640) -> None:
        super().__init__(page=html, height_px=height_px, told=dict(_NOTHING))

    @property
    def scenario(self) -> Scenario:
        """What is changed on the map now."""
        if not self.told.get("features"):
            return Scenario((), str(self.told.get("name") or ""))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scenario.json"
            path.write_text(json.dumps(self.told), encoding="utf-8")
            return read_scenario(path)

    @scenario.setter
    def scenario(self, changes: Scenario | Iterable[Change]) -> None:
        """Draw another scenario on the map."""
        plan = changes if isinstance(changes, Scenario) else Scenario(tuple(changes))
        if len(plan) == 0:
            self.told = {**_NOTHING, "name": plan.name}
            return
        with tempfile.TemporaryDirectory() as folder:
            path = plan.save(Path(folder) / "scenario.json")
            self.told = json.loads(path.read_text(encoding="utf-8"))

    @property
    def html(self) -> str:
        """The whole page, as :func:`quarterhour.write_map` writes it."""
        return str(self.page)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all, and give its path.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        return self._frame().save(path)

    def _frame(self) -> MapFrame:
        return MapFrame(self.html, int(self.height_px))

    def _repr_mimebundle_(self, **how: Any) -> Any:
        """Show the widget; where there is no kernel any more, the page in a frame."""
        bundle = super()._repr_mimebundle_(**how)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/html"] = self._frame()._repr_html_()
        return bundle
