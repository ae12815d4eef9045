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
    "ClassificationReport": "classification_report",
    "DatumGuess": "detect_datum",
    "Elevation": "elevation",
    "Group": "checklist",
    "HostRule": "checklist",
    "Item": "checklist",
    "Profile": "pace",
    "QuarterhourError": "errors",
    "QuarterhourWarning": "errors",
    "Scorecard": "scorecard",
    "Sloped": "pace",
    "TimeSurface": "surface",
    "TravelTimes": "reach",
    "WalkNetwork": "network",
    "assess": "assess",
    "checklists": "checklist",
    "classification_report": "classification_report",
    "classify": "classify",
    "completeness": "completeness",
    "convert_datum": "datum",
    "count_within": "opportunities",
    "coverage": "coverage",
    "cumulative_opportunities": "opportunities",
    "declare_datum": "datum",
    "designation_coverage": "published",
    "detect_datum": "detect_datum",
    "elevation_at_nodes": "elevation",
    "elevation_report": "elevation",
    "fetch": "sources.overpass",
    "from_wgs84": "datum",
    "gaps": "gaps",
    "implied_denominators": "published",
    "isochrones": "isochrones",
    "k_nearest": "opportunities",
    "merge_duplicates": "duplicates",
    "nearest": "reach",
    "origins": "places",
    "plot_completeness": "render.figures",
    "plot_coverage": "render.plots",
    "plot_gaps": "render.plots",
    "plot_isochrones": "render.plot_isochrones",
    "profile": "pace",
    "profiles": "pace",
    "published_figures": "published",
    "read_areas": "sources.tables",
    "read_buildings": "sources.tables",
    "read_facilities": "sources.tables",
    "read_gates": "sources.tables",
    "read_network": "sources.tables",
    "read_osm": "sources.osm",
    "score": "scorecard",
    "service_directory": "render.directory",
    "snap_report": "snap",
    "time_surface": "surface",
    "to_wgs84": "datum",
    "travel_time_blocks": "opportunities",
    "travel_times": "reach",
    "two_step_catchment": "catchments",
    "verify": "verify",
    "write_cards": "render.report_cards",
    "write_geopackage": "render.exports",
    "write_geoparquet": "render.exports",
    "write_map": "render.webmap",
    "write_report": "render.report",
    "write_workbook": "render.workbook",
}
"""The public names and where they live."""

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 - all of them are strings

if TYPE_CHECKING:
    from quarterhour.assess import assess as assess
    from quarterhour.catchments import two_step_catchment as two_step_catchment
    from quarterhour.checklist import Checklist as Checklist
    from quarterhour.checklist import Group as Group
    from quarterhour.checklist import HostRule as HostRule
    from quarterhour.checklist import Item as Item
    from quarterhour.checklist import checklists as checklists
    from quarterhour.classification_report import ClassificationReport as ClassificationReport
    from quarterhour.classification_report import classification_report as classification_report
    from quarterhour.classify import classify as classify
    from quarterhour.completeness import completeness as completeness
    from quarterhour.coverage import coverage as coverage
    from quarterhour.datum import convert_datum as convert_datum
    from quarterhour.datum import declare_datum as declare_datum
    from quarterhour.datum import from_wgs84 as from_wgs84
    from quarterhour.datum import to_wgs84 as to_wgs84
    from quarterhour.detect_datum import DatumGuess as DatumGuess
    from quarterhour.detect_datum import detect_datum as detect_datum
    from quarterhour.duplicates import merge_duplicates as merge_duplicates
    from quarterhour.elevation import Elevation as Elevation
    from quarterhour.elevation import elevation_at_nodes as elevation_at_nodes
    from quarterhour.elevation import elevation_report as elevation_report
    from quarterhour.errors import QuarterhourError as QuarterhourError
    from quarterhour.errors import QuarterhourWarning as QuarterhourWarning
    from quarterhour.gaps import gaps as gaps
    from quarterhour.isochrones import isochrones as isochrones
    from quarterhour.network import WalkNetwork as WalkNetwork
    from quarterhour.opportunities import count_within as count_within
    from quarterhour.opportunities import cumulative_opportunities as cumulative_opportunities
    from quarterhour.opportunities import k_nearest as k_nearest
    from quarterhour.opportunities import travel_time_blocks as travel_time_blocks
    from quarterhour.pace import ADULT as ADULT
    from quarterhour.pace import Profile as Profile
    from quarterhour.pace import Sloped as Sloped
    from quarterhour.pace import profile as profile
    from quarterhour.pace import profiles as profiles
    from quarterhour.places import origins as origins
    from quarterhour.published import designation_coverage as designation_coverage
    from quarterhour.published import implied_denominators as implied_denominators
    from quarterhour.published import published_figures as published_figures
    from quarterhour.reach import TravelTimes as TravelTimes
    from quarterhour.reach import nearest as nearest
    from quarterhour.reach import travel_times as travel_times
    from quarterhour.render.directory import service_directory as service_directory
    from quarterhour.render.exports import write_geopackage as write_geopackage
    from quarterhour.render.exports import write_geoparquet as write_geoparquet
    from quarterhour.render.figures import plot_completeness as plot_completeness
    from quarterhour.render.plot_isochrones import plot_isochrones as plot_isochrones
    from quarterhour.render.plots import plot_coverage as plot_coverage
    from quarterhour.render.plots import plot_gaps as plot_gaps
    from quarterhour.render.report import write_report as write_report
    from quarterhour.render.report_cards import write_cards as write_cards
    from quarterhour.render.webmap import write_map as write_map
    from quarterhour.render.workbook import write_workbook as write_workbook
    from quarterhour.scorecard import Scorecard as Scorecard
    from quarterhour.scorecard import score as score
    from quarterhour.snap import snap_report as snap_report
    from quarterhour.sources.osm import City as City
    from quarterhour.sources.osm import read_osm as read_osm
    from quarterhour.sources.overpass import fetch as fetch
    from quarterhour.sources.tables import read_areas as read_areas
    from quarterhour.sources.tables import read_buildings as read_buildings
    from quarterhour.sources.tables import read_facilities as read_facilities
    from quarterhour.sources.tables import read_gates as read_gates
    from quarterhour.sources.tables import read_network as read_network
    from quarterhour.surface import TimeSurface as TimeSurface
    from quarterhour.surface import time_surface as time_surface
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
