"""The walkable street network, and its doors to files, tables of lines and graphs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from quarterhour.shown import Shown
from quarterhour.streets.joints import JOIN_M
from quarterhour.streets.street_arrays import StreetArrays

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx


@dataclass(frozen=True, eq=False, repr=False)
class WalkNetwork(StreetArrays, Shown):
    """The streets one can walk on: read-only arrays, described in :class:`StreetArrays`.

    Make one with :func:`quarterhour.read_network`, :func:`quarterhour.read_osm`, or
    :meth:`build`, :meth:`from_edges`, :meth:`from_networkx`, :meth:`load`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> lines = gpd.GeoSeries([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 50)])])
    >>> network = WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs="EPSG:32650"))
    >>> network
    <WalkNetwork: 3 nodes, 2 edges, 0.15 km, 1 component, WGS 84 / UTM zone 50N>
    """

    @classmethod
    def _of(cls, arrays: StreetArrays) -> Self:
        return cls(**{part.name: getattr(arrays, part.name) for part in fields(arrays)})

    @classmethod
    def from_edges(
        cls, edges: gpd.GeoDataFrame, *, split_crossings: bool = False, join_m: float = JOIN_M
    ) -> Self:
        """Make a network of street lines; see :func:`quarterhour.streets.lines.from_edges`.

        Parameters
        ----------
        edges
            LineStrings or MultiLineStrings with a CRS; columns named like a trait are taken over.
        split_crossings
            Join lines wherever they cross on one level, too, and not at shared vertices alone.
        join_m
            Vertices so near to each other are one.
        """
        from quarterhour.streets import lines  # noqa: PLC0415

        return cls._of(lines.from_edges(edges, split_crossings=split_crossings, join_m=join_m))

    @classmethod
    def from_networkx(cls, graph: nx.MultiDiGraph[Any]) -> Self:
        """Take a graph of OSMnx; see :func:`quarterhour.streets.exchange.from_networkx`."""
        from quarterhour.streets import exchange  # noqa: PLC0415 - networkx is slow to load

        return cls._of(exchange.from_networkx(graph))

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Give a graph that OSMnx accepts; see :func:`quarterhour.streets.exchange.to_networkx`."""
        from quarterhour.streets import exchange  # noqa: PLC0415

        return exchange.to_networkx(self)

    def save(self, path: str | Path) -> Path:
        """Write the network to one file, which :meth:`load` reads many times faster than OSM.

        Parameters
        ----------
        path
            File to write; ``.npz`` is appended where it is missing. Written whole or not at all.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        from quarterhour.streets import file as saved  # noqa: PLC0415

        return saved.write(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a network that :meth:`save` wrote.

        Raises
        ------
        InputError
            If the file is missing, damaged, or not a saved network.
        """
        from quarterhour.streets import file as saved  # noqa: PLC0415

        return cls._of(saved.read(Path(path)))
