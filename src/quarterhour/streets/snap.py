"""Points to positions on edges.

A place is snapped to the nearest position on the nearest edge, never to a node. Edges that are
scraps beside well-connected streets are passed over (:attr:`WalkNetwork.passed_over`): this is
a property of the edge, so that every point of the plane has one nearest street position, the
same for homes, facilities and isochrones.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, runs
from quarterhour.errors import InputError, NetworkError
from quarterhour.places.given import Given, places_given
from quarterhour.streets.ellipsoid import Ellipsoid, foot
from quarterhour.streets.grounds import INSIDE, grounds_of, inside_m
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.outlines import crossings, drawn_as_lines, nearest_lines
from quarterhour.streets.positions import NOWHERE, Placed, Positions
from quarterhour.streets.snap_grid import shares, street_grid
from quarterhour.streets.street_arrays import kept_with

SNAP_LIMIT_M = 100.0
"""How far a home or a facility may lie from the street that serves it."""

_SAME_DISTANCE_M = 0.5


def in_crs_of(table: gpd.GeoDataFrame, network: WalkNetwork, what: str) -> npt.NDArray[np.object_]:
    """Geometries of a table in the CRS of the network.

    Raises
    ------
    InputError
        If the table has no CRS, or no row.
    """
    if len(table) == 0:
        msg = f"The table of {what} is empty: there is not one row in it."
        raise InputError(msg)
    if table.crs is None:
        msg = f"The {what} have no CRS. Set one, for example with set_crs('EPSG:4326')."
        raise InputError(msg)
    shapes = table.geometry if table.crs is network.crs else table.geometry.to_crs(network.crs)
    return np.array(shapes.array, dtype=object)


def nearest_positions(
    points: npt.NDArray[np.object_], network: WalkNetwork, limit_m: float
) -> Positions:
    """Nearest street position of each point, where one lies within the limit.

    Ties between edges go to the edge that comes first.

    Raises
    ------
    InputError
        If the limit is not a positive number of metres.
    """
    if not limit_m > 0:
        msg = f"A snap limit of {limit_m} m is no distance: give a positive number of metres."
        raise InputError(msg)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    edge, fraction, leg = street_grid(network).nearest(xy, limit_m)
    row = np.flatnonzero(edge >= 0)
    return Positions(row, edge[row], fraction[row], leg[row])


def touching_positions(
    points: npt.NDArray[np.object_], network: WalkNetwork, limit_m: float
) -> Positions:
    """Positions on every edge that is as near as the nearest one, to half a metre.

    For gates: a closed barrier has a dead end on either side, and both are at the gate.
    """
    nearest = nearest_positions(points, network, limit_m)
    edges, tree = _snappable(network)
    gates = points[nearest.row]
    reach = (nearest.leg_m + _SAME_DISTANCE_M) * network.units_per_metre(gates)
    which, hit = tree.query(gates, "dwithin", distance=reach)
    return _positions(points, nearest.row[which], edges[hit], network)


def _parts(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Ints]:
    """Points of points and MultiPoints, and the row of each."""
    if (shapely.get_type_id(shapes) == 0).all():
        return shapes, np.arange(len(shapes))
    parts, row = shapely.get_parts(shapes, return_index=True)
    return parts, row


def joined_positions(one: Positions, other: Positions) -> Positions:
    """Two sets of positions as one, in order of their rows."""
    both = Positions(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))
    return both.take(np.argsort(both.row, kind="stable"))


def _snappable(network: WalkNetwork) -> tuple[Ints, shapely.STRtree]:
    """Edges that places are snapped to, and their tree; kept with the network."""
    tree: tuple[Ints, shapely.STRtree] = kept_with(
        network, "snap tree", lambda: _tree_of_edges(network)
    )
    return tree


def _tree_of_edges(network: WalkNetwork) -> tuple[Ints, shapely.STRtree]:
    edges = np.flatnonzero(~network.passed_over)
    return edges, shapely.STRtree(network.lines[edges])


def _positions(
    points: npt.NDArray[np.object_], row: Ints, edge: Ints, network: WalkNetwork
) -> Positions:
    row, edge = np.asarray(row, dtype=np.int64), np.asarray(edge, dtype=np.int64)
    ground, lonlat = network.ellipsoid, network.lonlat
    if ground is not None and lonlat is not None:
        share, leg = _on_the_ground(points[row], edge, network, (ground, lonlat))
        return Positions(row, edge, share, leg)
    line = network.lines[edge]
    along = shapely.line_locate_point(line, points[row])
    leg = np.asarray(shapely.distance(line, points[row]), dtype=np.float64)
    return Positions(row, edge, shares(along, network.line_length_m[edge]), leg)


def _on_the_ground(
    points: npt.NDArray[np.object_],
    edge: Ints,
    network: WalkNetwork,
    below: tuple[Ellipsoid, Floats],
) -> tuple[Floats, Floats]:
    """Measure on the ellipsoid how far along and how far off the edge given for each points are."""
    first, count = network.coord_offset[edge], np.diff(network.coord_offset)[edge] - 1
    which = np.repeat(np.arange(len(edge)), count)
    piece = runs(first, count)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    ground, lonlat = below
    here = ground.degrees(xy)[which]
    share, leg = foot(ground, here, lonlat[piece], lonlat[piece + 1])
    order = np.lexsort((piece, leg, which))
    best = order[np.unique(which[order], return_index=True)[1]]
    begin, end = network.along_m[piece[best]], network.along_m[piece[best] + 1]
    along = begin + share[best] * (end - begin)
    return shares(along, network.line_length_m[edge]), leg[best]


def start_positions(
    origins: gpd.GeoDataFrame, network: WalkNetwork, limit_m: float = SNAP_LIMIT_M
) -> Positions:
    """Where walks from each origin begin on the network.

    An origin without ``exits`` begins at the nearest street position (a MultiPoint: at that of
    each of its points). One with ``exits`` (the gates of its compound) begins at its gates, and
    the leg is the straight line to the gate and from there to the street.
    """
    homes = in_crs_of(origins, network, "origins")
    doors, has_exits = _doors(origins, network)
    points, row = _parts(homes[~has_exits])
    free = nearest_positions(points, network, limit_m)
    free = free._replace(row=np.flatnonzero(~has_exits)[row[free.row]])
    return _walked_inside(
        joined_positions(free, _gate_positions(homes, doors, network, limit_m)), origins
    )


def placed_starts(
    origins: gpd.GeoDataFrame, network: WalkNetwork, limit_m: float = SNAP_LIMIT_M
) -> Placed:
    """Put origins on the network: what :func:`start_positions` finds, and whose walls they have."""
    at = start_positions(origins, network, limit_m)
    return Placed(
        origins.index, at, grounds_of(origins, in_crs_of(origins, network, "origins"), network)
    )


def placed_ends(
    facilities: gpd.GeoDataFrame, network: WalkNetwork, limit_m: float = SNAP_LIMIT_M
) -> Placed:
    """Put facilities on the network: as :func:`placed_starts`; there may be none."""
    if len(facilities) == 0:
        return Placed(facilities.index, NOWHERE)
    at = end_positions(facilities, network, limit_m)
    grounds = grounds_of(facilities, places_of_entry(facilities, network), network)
    return Placed(facilities.index, at, grounds)


def _doors(
    table: gpd.GeoDataFrame, network: WalkNetwork
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Gates of each row (None where it has none), and whether it has any."""
    doors = np.full(len(table), None, dtype=object)
    if "exits" in table:
        exits = gpd.GeoSeries(table["exits"])
        exits = exits.to_crs(network.crs) if exits.crs is not None else exits
        doors = np.asarray(exits.array, dtype=object)
    return doors, ~shapely.is_missing(doors) & ~shapely.is_empty(doors)


def _gate_positions(
    shapes: npt.NDArray[np.object_],
    doors: npt.NDArray[np.object_],
    network: WalkNetwork,
    limit_m: float,
) -> Positions:
    """Where the gates meet the streets; the leg is that to the gate and the walk inside."""
    if shapely.is_missing(doors).all():
        return NOWHERE
    gates, row = shapely.get_parts(doors, return_index=True)
    inside = shapely.distance(shapes[row], gates) / network.units_per_metre(gates)
    gate = touching_positions(gates, network, limit_m)
    return gate._replace(row=row[gate.row], leg_m=gate.leg_m + inside[gate.row])


def end_positions(
    facilities: gpd.GeoDataFrame, network: WalkNetwork, limit_m: float = SNAP_LIMIT_M
) -> Positions:
    """Where walks to each facility end on the network.

    A point is reached at the nearest street position. A line or polygon is reached at its
    ``entrances`` where they are known, else wherever a street meets its outline, else where its
    outline is nearest to a street. One with ``exits`` (the gates of the compound around it) is
    reached through them, as :func:`start_positions` leaves by them.
    """
    flat = places_of_entry(facilities, network)
    doors, has_exits = _doors(facilities, network)
    at_gates = _gate_positions(flat, doors, network, limit_m)
    is_point = np.isin(shapely.get_type_id(flat), (0, 4)) & ~has_exits
    points, row = _parts(flat[is_point])
    at_points = nearest_positions(points, network, limit_m)
    at_points = at_points._replace(row=np.flatnonzero(is_point)[row[at_points.row]])
    outline = np.flatnonzero(~is_point & ~has_exits & ~shapely.is_missing(flat))
    at_outlines = _outline_positions(flat[outline], network, limit_m)
    at_outlines = at_outlines._replace(row=outline[at_outlines.row])
    return _walked_inside(
        joined_positions(joined_positions(at_points, at_outlines), at_gates), facilities
    )


def _walked_inside(at: Positions, table: gpd.GeoDataFrame) -> Positions:
    """Legs with what the table's column ``inside_m`` adds to them: metres within the premises."""
    if INSIDE not in table:
        return at
    return at._replace(leg_m=at.leg_m + inside_m(table)[at.row])


def places_of_entry(facilities: gpd.GeoDataFrame, network: WalkNetwork) -> npt.NDArray[np.object_]:
    """Where facilities are entered: their ``entrances`` where known, else their shapes."""
    shapes = in_crs_of(facilities, network, "facilities")
    known = np.full(len(shapes), None, dtype=object)
    if "entrances" in facilities:
        entrances = gpd.GeoSeries(facilities["entrances"])
        entrances = entrances.to_crs(network.crs) if entrances.crs is not None else entrances
        known = np.asarray(entrances.array, dtype=object)
    has_known = ~shapely.is_missing(known) & ~shapely.is_empty(known)
    return np.where(has_known, known, shapes)


def _outline_positions(
    shapes: npt.NDArray[np.object_], network: WalkNetwork, limit_m: float
) -> Positions:
    if len(shapes) == 0:
        return NOWHERE
    outlines = drawn_as_lines(shapes)
    crossing = crossings(outlines, network)
    apart = np.setdiff1d(np.arange(len(shapes)), crossing.row)
    row, edge = nearest_lines(outlines[apart], network, limit_m)
    nearest = shapely.shortest_line(outlines[apart[row]], network.lines[edge])
    on_street = shapely.get_point(nearest, -1)
    beside = _positions(on_street, np.arange(len(row)), edge, network)
    beside = beside._replace(
        row=apart[row], leg_m=shapely.length(nearest) / network.units_per_metre(on_street)
    )
    return joined_positions(crossing, beside.take(beside.leg_m <= limit_m))


def snap_places(places: Given, network: WalkNetwork, limit_m: float = SNAP_LIMIT_M) -> pd.DataFrame:
    """Say for every place how it joins the network.

    Parameters
    ----------
    places
        Points, lines or polygons with a CRS; ``exits`` and ``entrances`` are honoured.
    network
        The streets.
    limit_m
        Snap limit in metres.

    Returns
    -------
    DataFrame
        Aligned to the index of ``places``: ``status`` (snapped or not_snapped), ``positions``
        (how many ways on), ``leg_m`` (shortest leg off the network; NaN where not snapped),
        ``edge`` (position in the network, -1), ``osmid`` (way id) and ``component``.

    Raises
    ------
    InputError
        If the places have no CRS.
    """
    places = places_given(places, "places")
    find = start_positions if "exits" in places else end_positions
    found = find(places, network, limit_m)
    order = np.lexsort((found.leg_m, found.row))
    row, first = np.unique(found.row[order], return_index=True)
    best = order[first]
    n = len(places)
    edge = np.full(n, -1, dtype=np.int64)
    edge[row] = found.edge[best]
    leg = np.full(n, np.nan)
    leg[row] = found.leg_m[best]
    snapped = edge >= 0
    component = np.where(snapped, network.component[network.edge_nodes[edge, 0]], -1)
    return pd.DataFrame(
        {
            "status": np.where(snapped, "snapped", "not_snapped"),
            "positions": np.bincount(found.row, minlength=n),
            "leg_m": leg,
            "edge": edge,
            "osmid": np.where(snapped, network.edge_osmid[edge], 0),
            "component": component,
        },
        index=places.index,
    )


def require_snapped(found: Positions, n_rows: int, what: str, limit_m: float) -> None:
    """Refuse a table of which nothing lies near the streets.

    Raises
    ------
    NetworkError
        If there are rows and none has a position.
    """
    if n_rows and len(found.row) == 0:
        msg = (
            f"None of the {n_rows} {what} lies within {limit_m:g} m of a street that can be "
            "walked: check that both cover the same place, and their CRS or datum."
        )
        raise NetworkError(msg)
