"""Which residents live within a quarter-hour's walk of what they need.

One sentence does the work: *assess these areas, walking on these streets to these facilities,
against this checklist*. See :func:`quarterhour.assess`.

Names are loaded when they are first used, so that importing quarterhour is quick and has no
side effect.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "ADULT": "pace",
    "Checklist": "checklist",
    "City": "sources.osm",
    "Item": "checklist",
    "Profile": "pace",
    "QuarterhourError": "errors",
    "QuarterhourWarning": "errors",
    "Scorecard": "scorecard",
    "TravelTimes": "reach",
    "WalkNetwork": "network",
    "assess": "assess",
    "checklists": "checklist",
    "classify": "classify",
    "coverage": "coverage",
    "gaps": "gaps",
    "isochrones": "isochrones",
    "nearest": "reach",
    "origins": "places",
    "read_areas": "sources.tables",
    "read_buildings": "sources.tables",
    "read_facilities": "sources.tables",
    "read_gates": "sources.tables",
    "read_network": "sources.tables",
    "read_osm": "sources.osm",
    "snap_report": "snap",
    "travel_times": "reach",
    "verify": "verify",
}
"""The public names and where they live."""

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from quarterhour.assess import assess as assess
    from quarterhour.checklist import Checklist as Checklist
    from quarterhour.checklist import Item as Item
    from quarterhour.checklist import checklists as checklists
    from quarterhour.classify import classify as classify
    from quarterhour.coverage import coverage as coverage
    from quarterhour.errors import QuarterhourError as QuarterhourError
    from quarterhour.errors import QuarterhourWarning as QuarterhourWarning
    from quarterhour.gaps import gaps as gaps
    from quarterhour.isochrones import isochrones as isochrones
    from quarterhour.network import WalkNetwork as WalkNetwork
    from quarterhour.pace import ADULT as ADULT
    from quarterhour.pace import Profile as Profile
    from quarterhour.places import origins as origins
    from quarterhour.reach import TravelTimes as TravelTimes
    from quarterhour.reach import nearest as nearest
    from quarterhour.reach import travel_times as travel_times
    from quarterhour.scorecard import Scorecard as Scorecard
    from quarterhour.snap import snap_report as snap_report
    from quarterhour.sources.osm import City as City
    from quarterhour.sources.osm import read_osm as read_osm
    from quarterhour.sources.tables import read_areas as read_areas
    from quarterhour.sources.tables import read_buildings as read_buildings
    from quarterhour.sources.tables import read_facilities as read_facilities
    from quarterhour.sources.tables import read_gates as read_gates
    from quarterhour.sources.tables import read_network as read_network
    from quarterhour.verify import verify as verify


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'quarterhour' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"quarterhour.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """A package in which the submodule ``assess`` does not hide the function ``assess``."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
