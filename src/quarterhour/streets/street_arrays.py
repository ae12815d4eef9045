"""The arrays of a street network, frozen, in one metric CRS, and what follows from them alone.

An edge is an undirected piece of street between two nodes (junctions, dead ends, barriers).
Direction lives in the seconds alone: a pace gives every edge a forward and a backward time.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.arrays import Floats, Ints, Mask, components, own
from quarterhour.errors import NetworkError
from quarterhour.streets.access import FOR_FEET, THROUGH_ROADS
from quarterhour.streets.ellipsoid import Ellipsoid, along_lines, ground_of, steps_along
from quarterhour.streets.nearness import all_near
from quarterhour.streets.plausible import (
    require_arrays,
    require_extent,
    require_lengths,
    whole_numbers,
)

SMALL_COMPONENT_M = 1_000.0
"""A component with less street than this, and not the largest, counts as small."""

ISLAND_REACH_M = 50.0
"""An edge of a small component is passed over where all of it lies this near other streets."""

DECK_REACH_M = 100.0
"""An edge above the ground is joined at its ends only where streets on the ground are so near."""

TRAIT_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "highway": "",
        "surface": "",
        "foot": "",
        "access": "",
        "crossing": "",
        "incline": "",
        "name": "",
        "layer": np.int8(0),
        "off_ground": np.int8(0),
        "oneway_foot": np.int8(0),
        "steps": False,
        "bridge": False,
        "tunnel": False,
        "square": False,
    }
)
"""What an edge is like where nothing is known of it; these traits are always there."""


@dataclass(frozen=True, eq=False, repr=False)
class StreetArrays:
    """The streets one can walk on, as read-only arrays.

    What reads and writes streets builds on these arrays; :class:`quarterhour.WalkNetwork` adds
    the doors to those readers and writers.

    Attributes
    ----------
    crs
        Projected CRS in metres; every coordinate below is in it.
    node_xy
        ``(n, 2)`` float64, node coordinates in metres.
    node_osmid
        ``(n,)`` int64, OSM node ids, or -1 where a node comes from elsewhere.
    edge_nodes
        ``(m, 2)`` int32, the nodes u and v that an edge joins.
    edge_length_m
        ``(m,)`` float64, walking length. May differ from the length of the drawn line
        when the source says so; a position on an edge is a fraction, so both agree.
    edge_osmid
        ``(m,)`` int64, OSM way ids, or 0.
    coords, coord_offset
        ``(k, 2)`` float64 and ``(m + 1,)`` int64: the line of edge e, from u to v, is
        ``coords[coord_offset[e]:coord_offset[e + 1]]``.
    traits
        Arrays of length m by name: what the edge is like (see ``TRAIT_DEFAULTS``).
    extent
        Polygon that the data covers; results near its border may depend on what lies beyond.
    metadata
        Where the network comes from (source, osm_timestamp, sha256, datum …), as text. Where it
        says ``lengths: geodesic``, metres are those on the ellipsoid, else those of the plane.
    """

    crs: pyproj.CRS
    node_xy: Floats
    node_osmid: Ints
    edge_nodes: npt.NDArray[np.int32]
    edge_length_m: Floats
    edge_osmid: Ints
    coords: Floats
    coord_offset: Ints
    traits: Mapping[str, npt.NDArray[Any]]
    extent: shapely.Polygon
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        parts |= {"traits": dict(self.traits), "metadata": dict(self.metadata)}
        return partial(type(self).build, **parts), ()

    @classmethod
    def build(  # noqa: PLR0913 - one keyword for each array of the noun
        cls,
        *,
        crs: Any,
        node_xy: npt.ArrayLike,
        edge_nodes: npt.ArrayLike,
        coords: npt.ArrayLike,
        coord_offset: npt.ArrayLike,
        traits: Mapping[str, npt.ArrayLike] | None = None,
        node_osmid: npt.ArrayLike | None = None,
        edge_osmid: npt.ArrayLike | None = None,
        edge_length_m: npt.ArrayLike | None = None,
        extent: shapely.Polygon | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Self:
        """Check the arrays, fill in what is not given, and freeze them.

        Lengths default to those of the lines (on the ellipsoid where the metadata say
        ``lengths: geodesic``), ids to -1 and 0, traits to ``TRAIT_DEFAULTS``,
        the extent to the bounding box of the lines.

        Raises
        ------
        NetworkError
            If the CRS is not in metres, shapes do not fit together, an edge names a node that
            is not there, a coordinate or length is not a finite number, a length is far below
            the straight line between the ends, or there is no edge.
        """
        crs = metric_crs(crs)
        # Copies, unless handed over: freezing them leaves the caller's arrays alone.
        xy = own(node_xy, np.float64).reshape(-1, 2)
        nodes = whole_numbers(edge_nodes, "edge_nodes", np.int32).reshape(-1, 2)
        line = own(coords, np.float64).reshape(-1, 2)
        offset = whole_numbers(coord_offset, "coord_offset")
        n, m = len(xy), len(nodes)
        require_arrays(xy, nodes, line, offset)
        metadata = MappingProxyType(dict(metadata or {}))
        known: dict[str, Floats] = {}
        if edge_length_m is None:
            if (ground := ground_of(crs, metadata)) is not None:
                known["lonlat"] = ground.degrees(line)
            known["steps_m"] = steps = steps_along(ground, line, offset, known.get("lonlat"))
            edge_length_m = np.add.reduceat(steps, offset[:-1])
        length = own(edge_length_m, np.float64)
        if length.shape != (m,) or not np.all(np.isfinite(length)) or np.any(length < 0):
            msg = f"edge_length_m has to be {m} finite lengths of at least 0 m."
            raise NetworkError(msg)
        require_lengths(length, xy, nodes)
        if extent is not None:
            require_extent(extent)
        given = traits or {}
        filled = {
            name: own(given[name])
            if name in given
            else np.full(m, value, dtype=object if isinstance(value, str) else None)
            for name, value in TRAIT_DEFAULTS.items()
        }
        filled |= {name: own(values) for name, values in given.items() if name not in filled}
        for name, values in filled.items():
            if values.shape != (m,):
                msg = f"Trait {name!r} has shape {values.shape}; there are {m} edges."
                raise NetworkError(msg)
        node_ids = whole_numbers(np.full(n, -1) if node_osmid is None else node_osmid, "node_osmid")
        edge_ids = whole_numbers(np.zeros(m) if edge_osmid is None else edge_osmid, "edge_osmid")
        if node_ids.shape != (n,) or edge_ids.shape != (m,):
            msg = f"{n} nodes and {m} edges have {node_ids.shape} and {edge_ids.shape} ids."
            raise NetworkError(msg)
        arrays: tuple[npt.NDArray[Any], ...] = (xy, nodes, line, offset, length, node_ids, edge_ids)
        for array in (*arrays, *filled.values()):
            array.flags.writeable = False
        made = cls(
            crs=crs,
            node_xy=xy,
            node_osmid=node_ids,
            edge_nodes=nodes,
            edge_length_m=length,
            edge_osmid=edge_ids,
            coords=line,
            coord_offset=offset,
            traits=MappingProxyType(filled),
            extent=extent or shapely.box(*line.min(axis=0), *line.max(axis=0)),
            metadata=metadata,
        )
        made.__dict__.update(known)
        return made

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_nodes)

    @cached_property
    def lines(self) -> npt.NDArray[np.object_]:
        """``(m,)`` shapely LineStrings of the edges, from u to v."""
        counts = np.diff(self.coord_offset)
        index = np.repeat(np.arange(self.n_edges), counts)
        return np.asarray(shapely.linestrings(self.coords, indices=index), dtype=object)

    @cached_property
    def ellipsoid(self) -> Ellipsoid | None:
        """The ground on which metres are measured; None where they are those of the plane."""
        return ground_of(self.crs, self.metadata)

    @cached_property
    def lonlat(self) -> Floats | None:
        """``(k, 2)`` the coordinates in degrees; None where metres are those of the plane."""
        return None if self.ellipsoid is None else self.ellipsoid.degrees(self.coords)

    @cached_property
    def steps_m(self) -> Floats:
        """``(k,)`` metres from each coordinate of a line to the next; 0 from its last."""
        return steps_along(self.ellipsoid, self.coords, self.coord_offset, self.lonlat)

    @cached_property
    def along_m(self) -> Floats:
        """``(k,)`` metres along the line of its edge to each coordinate, from its first."""
        return along_lines(self.steps_m, self.coord_offset)

    @cached_property
    def line_length_m(self) -> Floats:
        """``(m,)`` lengths of the drawn lines, which fractions along an edge refer to."""
        return np.asarray(np.add.reduceat(self.steps_m, self.coord_offset[:-1]))

    def units_per_metre(self, shapes: npt.NDArray[np.object_]) -> Floats:
        """Tell how many units of the plane a metre of this network is at shapes, ``(n,)``."""
        if self.ellipsoid is None or len(shapes) == 0:
            return np.ones(len(shapes))
        units = np.ones(len(shapes))
        somewhere = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        xy = shapely.get_coordinates(shapely.centroid(shapes[somewhere]))
        units[somewhere] = self.ellipsoid.units_per_metre(xy)
        return units

    @cached_property
    def component(self) -> npt.NDArray[np.int32]:
        """``(n,)`` connected component of each node; component 0 has the most street."""
        u, v = self.edge_nodes.T
        label = components(self.n_nodes, u, v)
        metres = np.bincount(label[u], weights=self.edge_length_m, minlength=label.max() + 1)
        rank = np.empty(len(metres), dtype=np.int32)
        rank[np.argsort(-metres, kind="stable")] = np.arange(len(metres))
        return np.asarray(rank[label])

    @cached_property
    def component_length_m(self) -> Floats:
        """Street length of each component, longest first."""
        edge_component = self.component[self.edge_nodes[:, 0]]
        return np.asarray(np.bincount(edge_component, weights=self.edge_length_m), dtype=float)

    @cached_property
    def passed_over(self) -> npt.NDArray[np.bool_]:
        """``(m,)`` edges that no place is snapped to: those below or above the ground, and scraps.

        Nobody steps off a surface street into a tunnel: an edge below the ground is joined at
        its ends only, by the streets that meet it there. So is one above the ground, if every
        point of it has a street on the ground within ``DECK_REACH_M``. A scrap is an edge whose
        component has less than ``SMALL_COMPONENT_M`` of street, the lines across squares not
        counted, or of through roads alone, which no street that one lives or walks on meets (and
        is not the largest), while every point of the edge has a well-connected edge within
        ``ISLAND_REACH_M``. All stay in the network; islands and decks on their own keep their
        places.
        """
        side = self.traits["off_ground"]
        ground = side == 0
        if not ground.any():
            ground = np.ones(self.n_edges, dtype=bool)
            side = np.zeros(self.n_edges, dtype=np.int8)
        part = self.component[self.edge_nodes[:, 0]]
        # The many lines across a square are one place, and make no island of it.
        streets = np.where(self.traits["square"].astype(bool), 0.0, self.edge_length_m)
        length = np.bincount(part, streets, minlength=len(self.component_length_m))
        met = ~np.isin(self.traits["highway"].astype(str), THROUGH_ROADS)
        small = (length < SMALL_COMPONENT_M) | (np.bincount(part, met, minlength=len(length)) == 0)
        small[0] = False
        scrap = small[part]
        passed = ((side < 0) & ~self._ends_alone(ground)) | all_near(
            self, side > 0, ground, DECK_REACH_M
        )
        return passed | all_near(self, scrap, ~scrap & ~passed, ISLAND_REACH_M)

    def _ends_alone(self, ground: Mask) -> Mask:
        """Tell which edges lead to a place below: they end dead where no street above is near.

        Only in a passage for feet with one entrance. A road tunnel that the border of an extract
        cuts ends dead as well, and one with several entrances is a way from street to street.
        """
        with_one = self._in_one_entrance()
        of_one = np.zeros(self.n_nodes, dtype=bool)
        of_one[self.edge_nodes[with_one]] = True
        ends = np.bincount(self.edge_nodes.ravel(), minlength=self.n_nodes)
        if len(dead := np.flatnonzero((ends == 1) & of_one)) == 0:
            return np.zeros(self.n_edges, dtype=bool)
        tips = np.asarray(shapely.points(self.node_xy[dead]), dtype=object)
        near = shapely.STRtree(self.lines[ground]).query(tips, "dwithin", ISLAND_REACH_M)[0]
        alone = np.zeros(self.n_nodes, dtype=bool)
        alone[np.delete(dead, np.unique(near))] = True
        return np.asarray(alone[self.edge_nodes].any(axis=1) & with_one)

    def _in_one_entrance(self) -> Mask:
        """Tell which edges below the ground are of a passage for feet with one entrance."""
        below = self.traits["off_ground"] < 0
        u, v = self.edge_nodes[below].T
        part = components(self.n_nodes, u, v)
        entrance = np.bincount(self.edge_nodes[~below].ravel(), minlength=self.n_nodes) > 0
        entrance &= np.bincount(self.edge_nodes[below].ravel(), minlength=self.n_nodes) > 0
        entrances = np.bincount(part, weights=entrance)
        for_feet = np.isin(self.traits["highway"].astype(str), ("", *FOR_FEET))
        driven = np.bincount(part[u], weights=~for_feet[below], minlength=len(entrances))
        mine = part[self.edge_nodes[:, 0]]
        return np.asarray(below & (entrances[mine] < 2) & (driven[mine] == 0))

    def component_summary(self) -> dict[str, float]:
        """Say how well the streets hang together: counts, and street length in metres."""
        metres = self.component_length_m
        return {
            "components": float(len(metres)),
            "total_m": float(metres.sum()),
            "largest_m": float(metres[0]),
            "largest_share": float(metres[0] / metres.sum()) if metres.sum() else 1.0,
            "edges_passed_over": float(self.passed_over.sum()),
        }

    def component_report(self) -> dict[str, float]:
        """Do what :meth:`component_summary` does, by its old name."""
        told = "component_report() is now called component_summary()."
        warnings.warn(told, DeprecationWarning, stacklevel=2)
        return self.component_summary()

    @cached_property
    def sha256(self) -> str:
        """Digest of everything that bears on a walking time: geometry, lengths and traits."""
        digest = hashlib.sha256(self.crs.to_wkt().encode())
        for array in (self.node_xy, self.edge_nodes, self.edge_length_m, self.coords):
            digest.update(np.ascontiguousarray(array).tobytes())
        for name in sorted(self.traits):
            values = self.traits[name]
            text = values.dtype == object
            digest.update("\0".join(map(str, values)).encode() if text else values.tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        parts = len(self.component_length_m)
        return (
            f"<{type(self).__name__}: {self.n_nodes:,} nodes, {self.n_edges:,} edges, "
            f"{self.edge_length_m.sum() / 1000:,.2f} km, {parts} component{'s' * (parts != 1)}, "
            f"{self.crs.name}>"
        )


def metric_crs(crs: Any) -> pyproj.CRS:
    """Read a CRS and see to it that its unit is the metre.

    Raises
    ------
    NetworkError
        If the CRS is missing, geographic, or not in metres.
    """
    if crs is None:
        msg = "The streets have no CRS. Set one, for example with set_crs('EPSG:4326')."
        raise NetworkError(msg)
    found = pyproj.CRS.from_user_input(crs)
    units = {axis.unit_name for axis in found.axis_info}
    if not found.is_projected or units != {"metre"}:
        msg = f"Streets need a projected CRS in metres; {found.name} is in {', '.join(units)}."
        raise NetworkError(msg)
    return found


def kept_with(network: StreetArrays, key: Any, make: Callable[[], Any]) -> Any:
    """Give what has been worked out about a network; it is made when first asked for."""
    kept = network.__dict__.setdefault("_kept", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
