"""Which residents live within a quarter-hour's walk of what they need.

One sentence does the work: *assess these areas, walking on these streets to these facilities,
against this checklist*. See :func:`quarterhour.assess`.

Names are loaded when they are first used, so that importing quarterhour is quick and has no
side effect.
"""

from __future__ import annotations

from importlib import import_module

from quarterhour.shown import pages_come_from

TYPE_CHECKING = False  # type checkers take it for true; typing would be most of an import's time
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOME = {
    "ADULT": "walking.pace",
    "AddFacility": "planning.changes",
    "AddLink": "planning.street_changes",
    "Audit": "planning.audit",
    "Causes": "planning.change",
    "ChangeFacility": "planning.changes",
    "ChangeItem": "planning.question_changes",
    "ChangeWalker": "planning.question_changes",
    "Checklist": "standards.checklist",
    "CircleTerms": "planning.circles",
    "Circles": "planning.circles",
    "City": "sources.osm.read",
    "ClassificationCounts": "standards.classification_counts",
    "CloseFacility": "planning.changes",
    "CloseStreet": "planning.street_changes",
    "ClosedPlaces": "planning.error_sources",
    "Comparison": "planning.comparison",
    "CountryResults": "scoring.country.results",
    "CrossingWaits": "planning.error_sources",
    "DatumGuess": "streets.detect_datum",
    "Elevation": "streets.elevation",
    "ErrorSource": "planning.error_source",
    "Group": "standards.items",
    "GroupNeeds": "planning.priority_groups",
    "Groups": "planning.groups",
    "HomePosition": "planning.error_sources",
    "HostRule": "standards.items",
    "Item": "standards.items",
    "JoinStreets": "planning.street_repairs",
    "JudgedCircles": "planning.circle_judgement",
    "Limit": "standards.limits",
    "LinkValues": "planning.links",
    "MissingPlaces": "planning.error_sources",
    "MoveFacility": "planning.changes",
    "OpenBothWays": "planning.street_repairs",
    "OpenGate": "planning.wall_changes",
    "Parking": "planning.parking",
    "PlacePosition": "planning.error_sources",
    "Profile": "walking.pace",
    "Progress": "planning.targets",
    "QuarterhourError": "errors",
    "QuarterhourWarning": "errors",
    "Question": "scoring.question",
    "Reach": "scoring.reach",
    "RemoveWall": "planning.wall_changes",
    "RoomSiting": "planning.rooms",
    "Scenario": "planning.scenarios",
    "Scorecard": "scoring.scorecard",
    "Series": "planning.series",
    "Siting": "planning.siting",
    "SitingTerms": "planning.siting_terms",
    "Sloped": "walking.pace",
    "Tile": "sources.country.tiles",
    "TileAnswers": "scoring.country.assess_tiles",
    "Tiles": "sources.country.tiles",
    "TimeSurface": "walking.isochrones.surface",
    "TravelTimes": "walking.travel_times",
    "Uncertainty": "planning.uncertainty",
    "UnmappedGates": "planning.error_sources",
    "WalkNetwork": "streets.network",
    "WalkingSpeed": "planning.error_sources",
    "WrongKind": "planning.error_sources",
    "assess": "scoring.assess",
    "assess_groups": "planning.groups",
    "assess_tile": "scoring.country.assess_tiles",
    "assess_tiles": "scoring.country.assess_tiles",
    "audit": "planning.audit",
    "checklists": "standards.checklist",
    "circles": "planning.circles",
    "classification_counts": "standards.classification_counts",
    "classify": "standards.classify",
    "compare": "planning.compare",
    "completeness": "scoring.completeness",
    "concentration_index": "planning.inequality",
    "convert_datum": "places.datum",
    "count_within": "walking.opportunities",
    "coverage": "scoring.coverage",
    "coverage_text": "outputs.measures",
    "cumulative_opportunities": "walking.opportunities",
    "declare_datum": "places.datum",
    "designation_coverage": "planning.published",
    "detect_datum": "streets.detect_datum",
    "elevation_at_nodes": "streets.elevation",
    "elevation_summary": "streets.elevation",
    "equity": "planning.equity",
    "error_sources": "planning.error_sources",
    "fetch": "sources.osm.overpass",
    "fetch_overture": "sources.overture.download",
    "fragility": "planning.fragility",
    "from_wgs84": "places.datum",
    "functions": "scoring.functions",
    "gaps": "scoring.gaps",
    "gini": "planning.inequality",
    "group_needs": "planning.priority_groups",
    "implied_denominators": "planning.published",
    "isochrones": "walking.isochrones.isochrones",
    "judge_circles": "planning.circle_judgement",
    "k_nearest": "walking.opportunities",
    "link_value": "planning.links",
    "match_demands": "planning.demands",
    "measures": "outputs.measures",
    "merge_duplicates": "places.duplicates",
    "merge_places": "places.merged_places",
    "nearest": "walking.travel_times",
    "open_reach": "scoring.open_reach",
    "open_results": "scoring.country.results",
    "open_tiles": "sources.country.tiles",
    "origins": "places.origins",
    "palma": "planning.inequality",
    "parking": "planning.parking",
    "place_loads": "planning.redundancy",
    "plot_circles": "outputs.figures.plot_plans",
    "plot_compare": "outputs.figures.plot_compare",
    "plot_coverage": "outputs.figures.plots",
    "plot_gaps": "outputs.figures.plots",
    "plot_groups": "outputs.figures.plot_groups",
    "plot_isochrones": "outputs.figures.plot_isochrones",
    "plot_items_met": "outputs.figures.figures",
    "plot_siting": "outputs.figures.plot_plans",
    "prepare": "scoring.inquiry",
    "profile": "walking.pace",
    "profiles": "walking.pace",
    "progress": "planning.targets",
    "published_figures": "planning.published",
    "read_areas": "sources.tables.read",
    "read_buildings": "sources.tables.read",
    "read_facilities": "sources.tables.read",
    "read_gates": "sources.tables.read",
    "read_network": "sources.tables.read",
    "read_osm": "sources.osm.read",
    "read_overture": "sources.overture.read",
    "read_scenario": "planning.scenarios",
    "read_scorecard": "scoring.read",
    "redundancy": "planning.redundancy",
    "reproduce": "scoring.reproduce",
    "residents_by_floor_area": "places.residents",
    "residents_from": "sources.population.residents_from",
    "satisfaction": "scoring.satisfaction",
    "scenario": "planning.scenarios",
    "score": "scoring.score",
    "series": "planning.series",
    "service_directory": "scoring.directory",
    "site": "planning.siting",
    "site_rooms": "planning.rooms",
    "snap_places": "streets.snap",
    "split": "scoring.country.split",
    "targets": "planning.targets",
    "theil": "planning.inequality",
    "theil_between": "planning.inequality",
    "time_surface": "walking.isochrones.surface",
    "to_wgs84": "places.datum",
    "travel_time_blocks": "walking.time_blocks",
    "travel_times": "walking.travel_times",
    "two_step_catchment": "walking.catchments",
    "uncertainty": "planning.uncertainty",
    "uncertainty_text": "outputs.how_sure",
    "vacant_premises": "sources.osm.vacant",
    "verify": "walking.isochrones.verify",
    "visits": "scoring.visits",
    "why_not": "scoring.why_not",
    "write_cards": "outputs.report.cards",
    "write_country_map": "outputs.map.country",
    "write_geopackage": "outputs.files.exports",
    "write_geoparquet": "outputs.files.exports",
    "write_map": "outputs.map.page",
    "write_report": "outputs.report.report",
    "write_workbook": "outputs.files.workbook",
}
"""The public names and where they live."""

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 - all of them are strings

if TYPE_CHECKING:
    from quarterhour.errors import QuarterhourError as QuarterhourError
    from quarterhour.errors import QuarterhourWarning as QuarterhourWarning
    from quarterhour.outputs.figures.figures import plot_items_met as plot_items_met
    from quarterhour.outputs.figures.plot_compare import plot_compare as plot_compare
    from quarterhour.outputs.figures.plot_groups import plot_groups as plot_groups
    from quarterhour.outputs.figures.plot_isochrones import plot_isochrones as plot_isochrones
    from quarterhour.outputs.figures.plot_plans import plot_circles as plot_circles
    from quarterhour.outputs.figures.plot_plans import plot_siting as plot_siting
    from quarterhour.outputs.figures.plots import plot_coverage as plot_coverage
    from quarterhour.outputs.figures.plots import plot_gaps as plot_gaps
    from quarterhour.outputs.files.exports import write_geopackage as write_geopackage
    from quarterhour.outputs.files.exports import write_geoparquet as write_geoparquet
    from quarterhour.outputs.files.workbook import write_workbook as write_workbook
    from quarterhour.outputs.how_sure import uncertainty_text as uncertainty_text
    from quarterhour.outputs.map.country import write_country_map as write_country_map
    from quarterhour.outputs.map.page import write_map as write_map
    from quarterhour.outputs.measures import coverage_text as coverage_text
    from quarterhour.outputs.measures import measures as measures
    from quarterhour.outputs.report.cards import write_cards as write_cards
    from quarterhour.outputs.report.report import write_report as write_report
    from quarterhour.places.datum import convert_datum as convert_datum
    from quarterhour.places.datum import declare_datum as declare_datum
    from quarterhour.places.datum import from_wgs84 as from_wgs84
    from quarterhour.places.datum import to_wgs84 as to_wgs84
    from quarterhour.places.duplicates import merge_duplicates as merge_duplicates
    from quarterhour.places.merged_places import merge_places as merge_places
    from quarterhour.places.origins import origins as origins
    from quarterhour.places.residents import residents_by_floor_area as residents_by_floor_area
    from quarterhour.planning.audit import Audit as Audit
    from quarterhour.planning.audit import audit as audit
    from quarterhour.planning.change import Causes as Causes
    from quarterhour.planning.changes import AddFacility as AddFacility
    from quarterhour.planning.changes import ChangeFacility as ChangeFacility
    from quarterhour.planning.changes import CloseFacility as CloseFacility
    from quarterhour.planning.changes import MoveFacility as MoveFacility
    from quarterhour.planning.circle_judgement import JudgedCircles as JudgedCircles
    from quarterhour.planning.circle_judgement import judge_circles as judge_circles
    from quarterhour.planning.circles import Circles as Circles
    from quarterhour.planning.circles import CircleTerms as CircleTerms
    from quarterhour.planning.circles import circles as circles
    from quarterhour.planning.compare import compare as compare
    from quarterhour.planning.comparison import Comparison as Comparison
    from quarterhour.planning.demands import match_demands as match_demands
    from quarterhour.planning.equity import equity as equity
    from quarterhour.planning.error_source import ErrorSource as ErrorSource
    from quarterhour.planning.error_sources import ClosedPlaces as ClosedPlaces
    from quarterhour.planning.error_sources import CrossingWaits as CrossingWaits
    from quarterhour.planning.error_sources import HomePosition as HomePosition
    from quarterhour.planning.error_sources import MissingPlaces as MissingPlaces
    from quarterhour.planning.error_sources import PlacePosition as PlacePosition
    from quarterhour.planning.error_sources import UnmappedGates as UnmappedGates
    from quarterhour.planning.error_sources import WalkingSpeed as WalkingSpeed
    from quarterhour.planning.error_sources import WrongKind as WrongKind
    from quarterhour.planning.error_sources import error_sources as error_sources
    from quarterhour.planning.fragility import fragility as fragility
    from quarterhour.planning.groups import Groups as Groups
    from quarterhour.planning.groups import assess_groups as assess_groups
    from quarterhour.planning.inequality import concentration_index as concentration_index
    from quarterhour.planning.inequality import gini as gini
    from quarterhour.planning.inequality import palma as palma
    from quarterhour.planning.inequality import theil as theil
    from quarterhour.planning.inequality import theil_between as theil_between
    from quarterhour.planning.links import LinkValues as LinkValues
    from quarterhour.planning.links import link_value as link_value
    from quarterhour.planning.parking import Parking as Parking
    from quarterhour.planning.parking import parking as parking
    from quarterhour.planning.priority_groups import GroupNeeds as GroupNeeds
    from quarterhour.planning.priority_groups import group_needs as group_needs
    from quarterhour.planning.published import designation_coverage as designation_coverage
    from quarterhour.planning.published import implied_denominators as implied_denominators
    from quarterhour.planning.published import published_figures as published_figures
    from quarterhour.planning.question_changes import ChangeItem as ChangeItem
    from quarterhour.planning.question_changes import ChangeWalker as ChangeWalker
    from quarterhour.planning.redundancy import place_loads as place_loads
    from quarterhour.planning.redundancy import redundancy as redundancy
    from quarterhour.planning.rooms import RoomSiting as RoomSiting
    from quarterhour.planning.rooms import site_rooms as site_rooms
    from quarterhour.planning.scenarios import Scenario as Scenario
    from quarterhour.planning.scenarios import read_scenario as read_scenario
    from quarterhour.planning.scenarios import scenario as scenario
    from quarterhour.planning.series import Series as Series
    from quarterhour.planning.series import series as series
    from quarterhour.planning.siting import Siting as Siting
    from quarterhour.planning.siting import site as site
    from quarterhour.planning.siting_terms import SitingTerms as SitingTerms
    from quarterhour.planning.street_changes import AddLink as AddLink
    from quarterhour.planning.street_changes import CloseStreet as CloseStreet
    from quarterhour.planning.street_repairs import JoinStreets as JoinStreets
    from quarterhour.planning.street_repairs import OpenBothWays as OpenBothWays
    from quarterhour.planning.targets import Progress as Progress
    from quarterhour.planning.targets import progress as progress
    from quarterhour.planning.targets import targets as targets
    from quarterhour.planning.uncertainty import Uncertainty as Uncertainty
    from quarterhour.planning.uncertainty import uncertainty as uncertainty
    from quarterhour.planning.wall_changes import OpenGate as OpenGate
    from quarterhour.planning.wall_changes import RemoveWall as RemoveWall
    from quarterhour.scoring.assess import assess as assess
    from quarterhour.scoring.completeness import completeness as completeness
    from quarterhour.scoring.country.assess_tiles import TileAnswers as TileAnswers
    from quarterhour.scoring.country.assess_tiles import assess_tile as assess_tile
    from quarterhour.scoring.country.assess_tiles import assess_tiles as assess_tiles
    from quarterhour.scoring.country.results import CountryResults as CountryResults
    from quarterhour.scoring.country.results import open_results as open_results
    from quarterhour.scoring.country.split import split as split
    from quarterhour.scoring.coverage import coverage as coverage
    from quarterhour.scoring.directory import service_directory as service_directory
    from quarterhour.scoring.functions import functions as functions
    from quarterhour.scoring.gaps import gaps as gaps
    from quarterhour.scoring.inquiry import prepare as prepare
    from quarterhour.scoring.open_reach import open_reach as open_reach
    from quarterhour.scoring.question import Question as Question
    from quarterhour.scoring.reach import Reach as Reach
    from quarterhour.scoring.read import read_scorecard as read_scorecard
    from quarterhour.scoring.reproduce import reproduce as reproduce
    from quarterhour.scoring.satisfaction import satisfaction as satisfaction
    from quarterhour.scoring.score import score as score
    from quarterhour.scoring.scorecard import Scorecard as Scorecard
    from quarterhour.scoring.visits import visits as visits
    from quarterhour.scoring.why_not import why_not as why_not
    from quarterhour.sources.country.tiles import Tile as Tile
    from quarterhour.sources.country.tiles import Tiles as Tiles
    from quarterhour.sources.country.tiles import open_tiles as open_tiles
    from quarterhour.sources.osm.overpass import fetch as fetch
    from quarterhour.sources.osm.read import City as City
    from quarterhour.sources.osm.read import read_osm as read_osm
    from quarterhour.sources.osm.vacant import vacant_premises as vacant_premises
    from quarterhour.sources.overture.download import fetch_overture as fetch_overture
    from quarterhour.sources.overture.read import read_overture as read_overture
    from quarterhour.sources.population.residents_from import residents_from as residents_from
    from quarterhour.sources.tables.read import read_areas as read_areas
    from quarterhour.sources.tables.read import read_buildings as read_buildings
    from quarterhour.sources.tables.read import read_facilities as read_facilities
    from quarterhour.sources.tables.read import read_gates as read_gates
    from quarterhour.sources.tables.read import read_network as read_network
    from quarterhour.standards.checklist import Checklist as Checklist
    from quarterhour.standards.checklist import checklists as checklists
    from quarterhour.standards.classification_counts import (
        ClassificationCounts as ClassificationCounts,
    )
    from quarterhour.standards.classification_counts import (
        classification_counts as classification_counts,
    )
    from quarterhour.standards.classify import classify as classify
    from quarterhour.standards.items import Group as Group
    from quarterhour.standards.items import HostRule as HostRule
    from quarterhour.standards.items import Item as Item
    from quarterhour.standards.limits import Limit as Limit
    from quarterhour.streets.detect_datum import DatumGuess as DatumGuess
    from quarterhour.streets.detect_datum import detect_datum as detect_datum
    from quarterhour.streets.elevation import Elevation as Elevation
    from quarterhour.streets.elevation import elevation_at_nodes as elevation_at_nodes
    from quarterhour.streets.elevation import elevation_summary as elevation_summary
    from quarterhour.streets.network import WalkNetwork as WalkNetwork
    from quarterhour.streets.snap import snap_places as snap_places
    from quarterhour.walking.catchments import two_step_catchment as two_step_catchment
    from quarterhour.walking.isochrones.isochrones import isochrones as isochrones
    from quarterhour.walking.isochrones.surface import TimeSurface as TimeSurface
    from quarterhour.walking.isochrones.surface import time_surface as time_surface
    from quarterhour.walking.isochrones.verify import verify as verify
    from quarterhour.walking.opportunities import count_within as count_within
    from quarterhour.walking.opportunities import (
        cumulative_opportunities as cumulative_opportunities,
    )
    from quarterhour.walking.opportunities import k_nearest as k_nearest
    from quarterhour.walking.pace import ADULT as ADULT
    from quarterhour.walking.pace import Profile as Profile
    from quarterhour.walking.pace import Sloped as Sloped
    from quarterhour.walking.pace import profile as profile
    from quarterhour.walking.pace import profiles as profiles
    from quarterhour.walking.time_blocks import travel_time_blocks as travel_time_blocks
    from quarterhour.walking.travel_times import TravelTimes as TravelTimes
    from quarterhour.walking.travel_times import nearest as nearest
    from quarterhour.walking.travel_times import travel_times as travel_times


_OLD = {
    "ClassificationReport": "ClassificationCounts",
    "classification_report": "classification_counts",
    "elevation_report": "elevation_summary",
    "plot_completeness": "plot_items_met",
    "snap_report": "snap_places",
}
"""Names of the versions before, which work with a warning."""


def __getattr__(name: str) -> Any:
    if name in _OLD:
        new = _OLD[name]
        told = f"quarterhour.{name} is now called quarterhour.{new}."
        import_module("warnings").warn(told, DeprecationWarning, stacklevel=2)
        name = new
    if name not in _HOME:
        msg = f"module 'quarterhour' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"quarterhour.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


pages_come_from(lambda: import_module("quarterhour.outputs.notebook"))
