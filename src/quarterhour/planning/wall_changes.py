"""The changes of a scenario to walls: a gate opened, a wall removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.arrays import Ints
from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.origins import BEHIND, GATE_REACH_M
from quarterhour.planning.proposal import (
    WGS84,
    Place,
    Proposal,
    change_note,
    geometry_of,
    projected,
    require_degrees,
    require_near_streets,
    row_named,
)
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.network import WalkNetwork


@dataclass(frozen=True)
class OpenGate:
    """A gate more in the wall of a compound: for its residents, and for whoever walks in.

    Attributes
    ----------
    at
        Where: a longitude and latitude in WGS 84, or a point in ``crs``; within 15 m of the
        outline.
    area
        Of which compound, by its index label or name; not given: all whose outline is there.
    name
        What it is called.
    crs
        CRS of ``at``.
    """

    at: Place
    area: Any = ""
    name: str = ""
    crs: str = WGS84

    kind = "open_gate"

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", geometry_of(self.at, str(self)))

    def __str__(self) -> str:
        return " ".join(word for word in ("open gate", self.name, str(self.area)) if word)

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with homes that may leave by the gate.

        Raises
        ------
        InputError
            If there is no wall where it is, or no street before it.
        """
        _require_ways_out(to, str(self))
        shape: Any = self.at
        if shape.geom_type != "Point":
            msg = f"{self}: a gate is a point, not a {shape.geom_type}."
            raise InputError(msg)
        require_degrees(shape, self.crs, str(self))
        gate = projected(shape, self.crs, to.origins.crs)
        rows = self._compounds(to, gate)
        on_streets = projected(shape, self.crs, to.network.crs)
        require_near_streets(on_streets, to.network, to.question.snap_limit_m, str(self))
        ways = _Ways.of(to)
        for row in rows:
            mine = ways.gates[row]
            both: list[Any] = [gate] if mine is None else [*shapely.get_parts(mine), gate]
            ways.gates[row] = shapely.MultiPoint(list(dict.fromkeys(both)))
            ways.way_out[row] = "gates"
        note = change_note(self.kind, str(self), self.area or self.name)
        return to.with_origins(ways.rebuilt(to.origins, rows), note)

    def _compounds(self, to: Proposal, gate: BaseGeometry) -> list[int]:
        """Rows of the areas that the gate is one of.

        Raises
        ------
        InputError
            If there is none that has a wall.
        """
        shapes = np.asarray(to.areas.geometry.to_crs(to.origins.crs).array, dtype=object)
        far = shapely.distance(shapely.boundary(shapes), gate)
        far = np.where(np.isin(shapely.get_type_id(shapes), (3, 6)), far, np.inf)
        way_out = _way_out(to)
        if self.area != "":
            row = int(to.areas.index.get_loc(row_named(to.areas, self.area, "areas")))
            if not far[row] <= GATE_REACH_M:
                msg = (
                    f"{self}: it lies {far[row]:,.0f} m from the outline of the area; a gate has "
                    f"to be within {GATE_REACH_M:g} m of it."
                )
                raise InputError(msg)
            near = np.array([row])
        else:
            near = np.flatnonzero(far <= GATE_REACH_M)
            if len(near) == 0:
                label = to.areas.index[int(np.argmin(far))]
                msg = (
                    f"{self}: there is no wall that it could be in. The nearest outline, of area "
                    f"{label}, is {far.min():,.0f} m away; a gate has to be within "
                    f"{GATE_REACH_M:g} m of one."
                )
                raise InputError(msg)
        walled = near[way_out[near] != "open"]
        if len(walled) == 0:
            msg = (
                f"{self}: no wall is known around {listed(to.areas.index[near])}, so its residents "
                "walk straight to the streets already and a gate opens nothing. Say with the "
                "column walled of the areas where there is one."
            )
            raise InputError(msg)
        return [int(row) for row in walled]


@dataclass(frozen=True)
class RemoveWall:
    """A compound without its wall: homes and places in it are joined to the nearest street.

    Attributes
    ----------
    area
        Of which compound, by its index label or name.
    """

    area: Any

    kind = "remove_wall"

    def __str__(self) -> str:
        return f"remove the wall of {self.area}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the homes of the compound free to walk.

        Raises
        ------
        InputError
            If there is no such area, or no wall around it.
        """
        _require_ways_out(to, str(self))
        label = row_named(to.areas, self.area, "areas")
        row = int(to.areas.index.get_loc(label))
        ways = _Ways.of(to)
        if ways.way_out[row] == "open":
            msg = f"{self}: no wall is known around it, so nothing is in the way."
            raise InputError(msg)
        if (to.origins["kind"] == "gate").any():
            msg = (
                f"{self}: walks begin at gates here, so nobody knows where they would begin "
                "without a wall: make the origins at='residence'."
            )
            raise InputError(msg)
        before = ways.gates[row]
        ways.gates[row], ways.way_out[row] = None, "open"
        done = replace(to, facilities=_entered(to, ways.shapes[row]))
        note = change_note(self.kind, str(self), self.area)
        done = done.with_origins(ways.without_wall(to, row, before), note)
        if "walled" not in to.areas:
            return done
        areas = to.areas.copy()
        cells = areas["walled"].to_numpy(dtype=object, copy=True)
        cells[row] = False
        areas["walled"] = cells
        return replace(done, areas=areas.infer_objects())


def _entered(to: Proposal, compound: BaseGeometry) -> gpd.GeoDataFrame:
    """Give the facilities that were reached by gates of a compound a way straight in, too."""
    found = closed_compounds(to.areas, to.origins, to.network)
    bound, _ = reached_by_gates(to.facilities, found, to.network)
    if bound is to.facilities:
        return to.facilities
    table = to.facilities.assign(**{BEHIND: bound[BEHIND]})  # nobody walks farther inside
    table.attrs = dict(to.facilities.attrs)
    if "exits" not in bound:
        return table
    exits = gpd.GeoSeries(bound["exits"]).to_crs(to.network.crs)
    doors = np.asarray(exits.array, dtype=object).copy()
    shapes = np.asarray(bound.geometry.to_crs(to.network.crs).array, dtype=object)
    wall = projected(compound, str(to.origins.crs), to.network.crs)
    mine = ~shapely.is_missing(doors) & shapely.within(shapes, wall)
    given = to.facilities.get("exits")
    if given is not None:
        mine &= gpd.GeoSeries(given).isna().to_numpy()
    if not mine.any():
        return table
    kept = np.full(len(doors), None, dtype=object)
    if given is not None:
        own = gpd.GeoSeries(given)
        kept[:] = own.to_crs(to.network.crs) if own.crs is not None else own
    kept[mine] = _and_street(shapes[mine], doors[mine], to.network)
    table["exits"] = gpd.GeoSeries(kept, index=to.facilities.index, crs=to.network.crs)
    return table


def _and_street(
    shapes: npt.NDArray[np.object_], doors: npt.NDArray[np.object_], network: WalkNetwork
) -> npt.NDArray[np.object_]:
    """Ways out of places without a wall: those that there were, and straight to the street."""
    edges = np.flatnonzero(~network.passed_over)
    tree = shapely.STRtree(network.lines[edges])
    row, hit = tree.query_nearest(shapes, all_matches=False)
    straight = shapely.get_point(shapely.shortest_line(shapes[row], network.lines[edges[hit]]), -1)
    found = np.full(len(shapes), None, dtype=object)
    for k, point in zip(row, straight, strict=True):
        before = [] if doors[k] is None else list(shapely.get_parts(doors[k]))
        found[k] = shapely.MultiPoint([*before, point])
    return found


class _Ways(NamedTuple):
    """How each area is left: its own gates (None where it has none known), and the word for it."""

    shapes: npt.NDArray[np.object_]
    gates: npt.NDArray[np.object_]
    way_out: npt.NDArray[np.object_]
    row: Ints

    @classmethod
    def of(cls, to: Proposal) -> _Ways:
        """Read it off the homes: an area's own gates are those at its outline."""
        origins = to.origins
        shapes = np.asarray(to.areas.geometry.to_crs(origins.crs).array, dtype=object)
        row = to.areas.index.get_indexer(origins["area"])
        doors = _doors(origins)
        gates = np.full(len(shapes), None, dtype=object)
        for area in np.flatnonzero(_way_out(to) == "gates"):
            found: dict[Any, None] = {}
            for one in {id(door): door for door in doors[row == area] if door is not None}.values():
                points = shapely.get_parts(one)
                far = shapely.distance(shapely.boundary(shapes[area]), points)
                found |= dict.fromkeys(points[far <= 1.01 * GATE_REACH_M])
            if found:
                gates[area] = shapely.MultiPoint(list(found))
        return cls(shapes, gates, _way_out(to), row)

    def rebuilt(self, origins: gpd.GeoDataFrame, areas: list[int]) -> gpd.GeoDataFrame:
        """Give the homes of some areas, and of others in the same buildings, their ways out.

        A home in several gated areas leaves by the gates of the smallest, as
        :func:`quarterhour.origins` has it.
        """
        doors = _doors(origins)
        shapes = np.asarray(origins.geometry.array, dtype=object).copy()
        kind = origins["kind"].to_numpy(dtype=object, copy=True)
        xy = np.round(shapely.get_coordinates(shapely.centroid(shapes)), 3)
        spot = np.unique(xy, axis=0, return_inverse=True)[1].ravel()
        mine = np.isin(self.row, areas)
        touched = np.flatnonzero(np.isin(spot, spot[mine]))
        size = shapely.area(self.shapes)
        at_gates = origins.attrs.get("at") == "gate" or (kind == "gate").any()
        for home in touched:
            area = self.row[home]
            if at_gates:
                if mine[home]:
                    shapes[home], kind[home] = self.gates[area], "gate"
                continue
            around = np.unique(self.row[spot == spot[home]])
            gated = [one for one in around if self.gates[one] is not None]
            best = min(gated, key=lambda one: size[one]) if gated else None
            if best is not None:
                doors[home] = self.gates[best]
        crs = origins.crs
        table = origins.assign(
            kind=kind,
            way_out=np.where(mine, self.way_out[self.row], _words(origins)),
            exits=gpd.GeoSeries(doors, index=origins.index, crs=crs),
        )
        return table.set_geometry(gpd.GeoSeries(shapes, index=origins.index, crs=crs))

    def without_wall(self, to: Proposal, area: int, before: BaseGeometry | None) -> Any:
        """Give the homes of an area whose wall is gone their ways out.

        The gates that there were stay ways out, so that nobody walks farther than before; a home
        that is in no other gated area also goes straight to the nearest street.
        """
        origins = to.origins
        doors, mine = _doors(origins), self.row == area
        shapes = np.asarray(origins.geometry.array, dtype=object)
        xy = np.round(shapely.get_coordinates(shapely.centroid(shapes)), 3)
        spot = np.unique(xy, axis=0, return_inverse=True)[1].ravel()
        size = shapely.area(self.shapes)
        free = np.zeros(len(origins), dtype=bool)
        for home in np.flatnonzero(np.isin(spot, spot[mine])):
            around = np.unique(self.row[spot == spot[home]])
            gated = [one for one in around if self.gates[one] is not None]
            best = min(gated, key=lambda one: size[one]) if gated else None
            both = [one for one in (before, None if best is None else self.gates[best]) if one]
            doors[home] = None
            if both:
                points = [point for one in both for point in shapely.get_parts(one)]
                doors[home] = shapely.MultiPoint(list(dict.fromkeys(points)))
            free[home] = best is None
        on_streets = np.asarray(origins.geometry.to_crs(to.network.crs).array, dtype=object)
        there = gpd.GeoSeries(doors[free], crs=origins.crs).to_crs(to.network.crs)
        ways = _and_street(on_streets[free], np.asarray(there.array, dtype=object), to.network)
        doors[free] = np.asarray(
            gpd.GeoSeries(ways, crs=to.network.crs).to_crs(origins.crs).array, dtype=object
        )
        return origins.assign(
            way_out=np.where(mine, "open", _words(origins)),
            exits=gpd.GeoSeries(doors, index=origins.index, crs=origins.crs),
        )


def _words(origins: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    return np.asarray(origins["way_out"].to_numpy(dtype=object))


def _doors(origins: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """The gates of each home in the CRS of the homes; those who begin at gates stand there."""
    exits = gpd.GeoSeries(origins["exits"])
    if exits.crs is not None and exits.crs != origins.crs:
        exits = exits.to_crs(origins.crs)
    doors = np.asarray(exits.array, dtype=object).copy()
    if "kind" in origins:
        at_gates = origins["kind"].eq("gate").to_numpy()
        doors[at_gates] = np.asarray(origins.geometry.array, dtype=object)[at_gates]
    return doors


def _way_out(to: Proposal) -> npt.NDArray[np.object_]:
    first = to.origins.drop_duplicates("area").set_index("area")["way_out"]
    return np.asarray(first.reindex(to.areas.index).to_numpy(dtype=object, copy=True))


def _require_ways_out(to: Proposal, what: str) -> None:
    """See that the homes say how they are left.

    Raises
    ------
    InputError
        If they do not.
    """
    if missing := [name for name in ("way_out", "exits", "kind") if name not in to.origins]:
        msg = (
            f"{what}: the origins have no column {', '.join(missing)}, so nobody knows how homes "
            "are left: make them with quarterhour.origins(areas, buildings, gates)."
        )
        raise InputError(msg)
