"""Overture Maps gives the city that its OSM twin gives, whatever the release and layout."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import Geod

import overture_worlds as worlds
import quarterhour as qh
from quarterhour.errors import InputError, NetworkError
from quarterhour.outputs.map.data import Walk, page_blocks
from quarterhour.outputs.report.report import report_html
from quarterhour.planning.error_sources import OPEN_BY_CONFIDENCE
from quarterhour.sources.overture.categories import categories_of, tags_of

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "overture"
GIVEN = {
    "boulder": [SHARED / "boulder.parquet"],
    "bellevue": [SHARED / "segment.parquet", SHARED / "connector.parquet"],
}


def scored(city: qh.City) -> pd.DataFrame:
    homes = qh.origins(city.areas, city.buildings, city.gates)
    card = qh.assess(city.areas, city.facilities, city.streets, "moreno-2016", origins=homes)
    return card.results[["area", "item", "status", "reason", "share", "median_minutes"]]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> qh.City:
    return qh.read_osm(worlds.twin(tmp_path_factory.mktemp("osm")))


@pytest.mark.parametrize("layout", worlds.LAYOUTS)
@pytest.mark.parametrize("release", worlds.RELEASES)
def test_every_release_and_layout_is_the_twin(
    twin: qh.City, release: str, layout: str, tmp_path: Path
) -> None:
    city = qh.read_overture(worlds.city(tmp_path / "overture", release, layout))
    for part in ("n_nodes", "n_edges"):
        assert getattr(city.streets, part) == getattr(twin.streets, part)
    assert city.streets.edge_length_m.sum() == pytest.approx(twin.streets.edge_length_m.sum())
    assert sorted(city.buildings.index) == [f"home-{n}" for n in range(len(worlds.HOMES))]
    mine, theirs = scored(city), scored(twin)
    order = ["area", "item"]
    theirs["area"] = pd.Series([worlds.label_of(label) for label in theirs["area"]], dtype=object)
    mine, theirs = (one.sort_values(order, ignore_index=True) for one in (mine, theirs))
    pd.testing.assert_frame_equal(mine, theirs, atol=1e-6)
    assert "met" in set(mine["status"])
    park = city.facilities.loc["place-park"]
    assert (park["leisure"], park["category"], park["confidence"]) == ("park", "park", 0.9)


def told(table: gpd.GeoDataFrame, columns: list[str]) -> pd.DataFrame:
    """Give a table by its labels in Overture, shapes to the centimetre."""
    labels = [worlds.label_of(str(label)) for label in table.index]
    plain = pd.DataFrame(table.reindex(columns=columns)).set_axis(labels).sort_index()
    plain = plain.astype(object).where(plain.notna(), None)
    shapes = shapely.normalize(table.geometry.to_numpy())
    ends = pd.DataFrame(shapely.bounds(shapes), index=labels).sort_index().round(2)
    return plain.join(ends)


@pytest.mark.parametrize("layout", worlds.LAYOUTS)
@pytest.mark.parametrize("release", worlds.RELEASES)
def test_tables_of_every_release_and_layout_are_those_of_the_twin(
    twin: qh.City, release: str, layout: str, tmp_path: Path
) -> None:
    city = qh.read_overture(worlds.city(tmp_path / "overture", release, layout))
    assert city.streets.crs == twin.streets.crs
    columns = {
        "facilities": ["name", "name:zh", "amenity", "shop", "leisure", "office", "highway"],
        "areas": ["name", "area_kind"],
        "buildings": ["levels"],
        "gates": [],
    }
    for name, some in columns.items():
        mine, theirs = getattr(city, name), getattr(twin, name)
        pd.testing.assert_frame_equal(told(mine, some), told(theirs, some), check_dtype=False)
    assert len(city.gates) == 1
    assert set(city.facilities["name:zh"].dropna()) == {"药房"}
    assert "land-estate" in city.areas.index
    assert any(str(label).startswith("cluster/home-") for label in city.areas.index)
    for kind in ("highway", "layer", "bridge", "tunnel", "off_ground", "steps", "name"):
        both = []
        for streets in (city.streets, twin.streets):
            values = pd.Series(np.asarray(streets.traits[kind])).astype(str)
            metres = pd.Series(streets.edge_length_m).groupby(values).sum()
            both.append(metres.round(2))
        pd.testing.assert_series_equal(*both, atol=0.05)
    assert city.streets.edge_length_m[np.asarray(city.streets.traits["bridge"]) != 0].sum() > 200


def test_a_part_of_a_segment_that_is_closed_is_a_part_of_an_edge_that_is_closed(
    tmp_path: Path,
) -> None:
    rows = worlds.rows_of("2024-12")
    rows["segment"][0]["access_restrictions"][0]["between"] = [0.25, 0.35]  # within one block
    folder = tmp_path / "o"
    folder.mkdir()
    for kind, part in rows.items():
        keys = dict.fromkeys(key for row in part for key in row)
        table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in part])
        pq.write_table(table, folder / f"{kind}.parquet")
    city = qh.read_overture(folder)
    whole = 2 * (worlds.BLOCKS + 1) * worlds.BLOCKS * worlds.SIDE
    whole += 3 * worlds.SIDE * np.sqrt(2)  # stairs and footbridge
    gone = 0.1 * worlds.BLOCKS * worlds.SIDE
    assert city.streets.edge_length_m.sum() == pytest.approx(whole - gone, rel=1e-3)


def test_a_connector_without_a_place_joins_where_its_share_says(tmp_path: Path) -> None:
    path = worlds.city(tmp_path / "o", "2024-12", "a file a type")
    whole = qh.read_overture(path).streets
    (path / "connector.parquet").unlink()
    again = qh.read_overture(path).streets
    assert (again.n_nodes, again.n_edges) == (whole.n_nodes, whole.n_edges)
    assert again.edge_length_m.sum() == pytest.approx(whole.edge_length_m.sum(), rel=1e-6)


def test_only_what_touches_the_box_is_read(tmp_path: Path) -> None:
    path = worlds.city(tmp_path / "o", "2026-06", "folders")
    west, south = worlds.lonlat(-10, -10)
    east, north = worlds.lonlat(200, 200)
    city = qh.read_overture(path, (west, south, east, north))
    assert list(city.facilities.index) == ["place-pharmacy"]
    assert any("box that was asked for" in note for note in city.notes)
    with pytest.raises(InputError, match="holds nothing of Overture Maps within"):
        qh.read_overture(path, (0.0, 0.0, 1.0, 1.0))
    for box in ((1, 2, 3), (5.0, 0.0, 1.0, 1.0), (0.0, 91.0, 1.0, 92.0)):
        with pytest.raises(InputError, match="bbox"):
            qh.read_overture(path, box)  # type: ignore[arg-type]


def test_row_groups_beyond_the_box_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = 20_000
    rng = np.random.default_rng(3)
    lon = np.sort(rng.uniform(0, 10, n))
    lat = rng.uniform(50, 51, n)
    boxes = [
        {"xmin": float(x), "xmax": float(x), "ymin": float(y), "ymax": float(y)}
        for x, y in zip(lon, lat, strict=True)
    ]
    table = pa.table(
        {
            "id": [f"p{k}" for k in range(n)],
            "geometry": shapely.to_wkb(shapely.points(lon, lat)).tolist(),
            "bbox": boxes,
            "type": ["place"] * n,
            "categories": [{"primary": "pharmacy", "alternate": ["a"]}] * n,
        }
    )
    folder = tmp_path / "o"
    folder.mkdir()
    pq.write_table(table, folder / "place.parquet", row_group_size=200)
    read: list[int] = []
    one_group = pq.ParquetFile.read_row_group

    def counted(self: Any, group: int, **more: Any) -> Any:
        read.append(group)
        return one_group(self, group, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    with pytest.raises(NetworkError, match="holds no segment"):
        qh.read_overture(folder, (4.0, 50.0, 4.1, 51.0))
    assert 1 <= len(read) <= 4


def test_bad_input_is_a_sentence_or_a_counted_note(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or folder"):
        qh.read_overture(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no \.parquet file"):
        qh.read_overture(tmp_path / "empty")
    foreign = tmp_path / "foreign.parquet"
    pq.write_table(pa.table({"a": [1], "b": [2]}), foreign)
    with pytest.raises(InputError, match="is no file of Overture Maps: it has no column"):
        qh.read_overture(foreign)
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        qh.read_overture(damaged)
    nameless = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": ["a"], "geometry": [b""]}), nameless)
    with pytest.raises(InputError, match="does not say what its rows are"):
        qh.read_overture(nameless)


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    rows = worlds.rows_of("2024-12")
    first = rows["segment"][1]
    first["connectors"][2]["at"], first["connectors"][3]["at"] = 0.9, 0.1
    first["class"] = "hoverway"
    rows["connector"].append(
        {"id": "lonely", "geometry": worlds.wkb(shapely.Point(worlds.lonlat(5, 5)))}
    )
    folder = tmp_path / "o"
    folder.mkdir()
    for kind, part in rows.items():
        keys = dict.fromkeys(key for row in part for key in row)
        table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in part])
        pq.write_table(table, folder / f"{kind}.parquet")
    notes = " ".join(qh.read_overture(folder).notes)
    assert "1 of 37 connectors are named by no segment" in notes
    assert "linear references are out of order" in notes
    assert "class=hoverway" in notes


def may_walk(row: dict[str, Any], at: float) -> bool:
    """Say by Overture's own words whether a walker may use a road at a share of its length."""
    foot = everybody = None
    for rule in row.get("access_restrictions") or ():
        first, last = rule["between"] or (0.0, 1.0)
        when = rule["when"] or {}
        modes = when.get("mode") or ()
        on_foot = "foot" in modes
        if not first <= at <= last or when.get("vehicle") or when.get("during"):
            continue
        if when.get("heading") or (modes and not on_foot):
            continue
        known = set(when.get("recognized") or ()) & {"as_private", "as_permitted", "as_employee"}
        using = set(when.get("using") or ()) & {"to_deliver", "to_farm", "for_forestry"}
        free = rule["access_type"] != "denied" and not known and not using
        if on_foot:
            foot = free
        else:
            everybody = free
    flags = [
        flag
        for one in row.get("road_flags") or ()
        for flag in one["values"]
        if (one["between"] or (0.0, 1.0))[0] <= at <= (one["between"] or (0.0, 1.0))[1]
    ]
    if "is_under_construction" in flags or "is_abandoned" in flags:
        return False
    if foot is not None:
        return foot
    if row["class"] == "trunk":
        speed = speed_kmh(row, at)
        silent = everybody is not False and np.isnan(speed)
        among = any(first <= at <= last for first, last in row["among_streets"])
        return (everybody is not False and speed <= 50.5) or (silent and among)
    if row["class"] in ("cycleway", "motorway"):
        return row["class"] == "cycleway" and bool(everybody)
    return everybody is not False


def speed_kmh(row: dict[str, Any], at: float) -> float:
    """Give how fast a road is at a share of its length."""
    for rule in row.get("speed_limits") or ():
        first, last = rule["between"] or (0.0, 1.0)
        if first <= at <= last and rule["max_speed"]:
            limit = rule["max_speed"]
            return float(limit["value"]) * (1.609 if limit["unit"] == "mph" else 1.0)
    return np.nan


def among_streets(
    row: dict[str, Any], length: float, joints: set[str]
) -> Iterator[tuple[float, float]]:
    """Give the stretches, such as a bridge, that meet streets as decision 0016 says of a road."""
    flags = [one["between"] or () for one in row.get("road_flags") or ()]
    for first, last in pairwise(sorted({0.0, 1.0}.union(*flags))):
        on = [one for one in row["connectors"] if first <= one["at"] <= last]
        met = {one["connector_id"] for one in on} & joints
        if len(met) > 1 and (last - first) * length <= 200.0 * len(met):
            yield first, last


def explicit(rows: list[dict[str, Any]]) -> nx.MultiGraph[Any]:
    """Every piece of road between connectors and ends of rules of access as an edge."""
    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    earth = Geod(ellps="WGS84")
    roads = [row for row in rows if row["type"] == "segment" and row["subtype"] == "road"]
    walked = [row for row in roads if row["class"] != "trunk" and may_walk(row, 0.5)]
    joints = {one["connector_id"] for row in walked for one in row["connectors"]}
    for row in roads:
        length = earth.geometry_length(shapely.from_wkb(row["geometry"]))
        row["among_streets"] = list(among_streets(row, length, joints))
        line = shapely.from_wkb(row["geometry"])
        lonlat = shapely.get_coordinates(line)
        along = np.concatenate([[0], np.cumsum(earth.inv(*lonlat[:-1].T, *lonlat[1:].T)[2])])
        places: dict[float, Any] = {}
        for rules in ("access_restrictions", "road_flags", "speed_limits"):
            for rule in row.get(rules) or ():
                places |= {at: (row["id"], at) for at in rule["between"] or ()}
        for one in row["connectors"]:
            near = [at for at in places if abs(at - one["at"]) * along[-1] < 0.01]
            places = {at: name for at, name in places.items() if at not in near}
            places[float(one["at"])] = one["connector_id"]
        for (first, a), (last, b) in pairwise(sorted(places.items(), key=lambda one: one[0])):
            if may_walk(row, (first + last) / 2):
                graph.add_edge(a, b, length=along[-1] * (last - first))
    return graph


def compared(graph: nx.MultiGraph[Any], streets: qh.WalkNetwork, place: dict[str, Any]) -> int:
    """Compare 200 walks between connectors of the largest part, and give how many were."""
    mine = streets.to_networkx().to_undirected()
    lon, lat = np.array(
        [(p.x, p.y) for p in _in_degrees(shapely.points(streets.node_xy), streets.crs)]
    ).T
    node_at = {(round(x, 6), round(y, 6)): n for n, (x, y) in enumerate(zip(lon, lat, strict=True))}
    numbers = list(mine.nodes)
    at = {key: (round(p.x, 6), round(p.y, 6)) for key, p in place.items()}
    largest = sorted(
        (k for k in max(nx.connected_components(graph), key=len) if at.get(k) in node_at), key=str
    )
    assert len(largest) > 100
    rng = np.random.default_rng(17)
    for _ in range(200):
        a, b = rng.choice(largest, 2, replace=False)
        one, other = (numbers[node_at[at[k]]] for k in (a, b))
        theirs = nx.shortest_path_length(graph, a, b, weight="length")
        ours = nx.shortest_path_length(mine, one, other, weight="length")
        assert ours == pytest.approx(theirs, rel=1e-4, abs=0.1)
    return 200


@pytest.mark.parametrize("name", ["bellevue", pytest.param("boulder", marks=pytest.mark.long)])
def test_real_streets_are_those_of_an_explicit_graph(name: str) -> None:
    paths = GIVEN[name]
    if not paths[0].is_file():
        pytest.skip("needs the shared extracts of Overture Maps")
    rows = []
    for path in paths:
        rows += pq.read_table(path).to_pylist()
    streets = qh.read_overture(paths).streets
    graph = explicit(rows)
    pieces = sum(length for *_, length in graph.edges(data="length"))
    parts = int(streets.component.max()) + 1, nx.number_connected_components(graph)
    assert streets.edge_length_m.sum() == pytest.approx(pieces, rel=1e-6)
    assert parts[0] == parts[1]
    place = {r["id"]: shapely.from_wkb(r["geometry"]) for r in rows if r["type"] == "connector"}
    assert compared(graph, streets, place) == 200


def _in_degrees(points: Any, crs: Any) -> Any:
    return gpd.GeoSeries(points, crs=crs).to_crs(4326)


def test_real_places_are_read_and_classified() -> None:
    path = SHARED / "places.parquet"
    if not path.is_file():
        pytest.skip("needs the shared extracts of Overture Maps")
    rows = pq.read_table(path).to_pylist()
    served = sum(bool(tags_of(*categories_of(row))) for row in rows)
    assert len(rows) == 3425
    assert served > 2000
    upto = np.array([most for most, *_ in OPEN_BY_CONFIDENCE])
    kind = np.searchsorted(upto, [row["confidence"] for row in rows])
    still = np.bincount(kind, weights=[row["open"] for row in rows], minlength=len(upto))
    counts = zip(upto, still.astype(int), np.bincount(kind, minlength=len(upto)), strict=True)
    assert tuple(counts) == OPEN_BY_CONFIDENCE


def test_whose_data_they_are_is_said_on_the_map_in_the_report_and_the_manifest(
    tmp_path: Path,
) -> None:
    city = qh.read_overture(worlds.city(tmp_path / "overture", worlds.RELEASES[-1], "folders"))
    homes = qh.origins(city.areas, city.buildings, city.gates)
    card = qh.assess(city.areas, city.facilities, city.streets, "moreno-2016", origins=homes)
    about = page_blocks(card, Walk((15.0,), card.question.pace), isochrones=False)["card"]["about"]
    whose = "© OpenStreetMap contributors, © Overture Maps Foundation"
    assert card.manifest["inputs"]["network"]["attribution"] == whose
    assert card.manifest["inputs"]["facilities"]["attribution"] == whose
    assert whose in about["credit"]["en"]
    assert whose in report_html(card, lang="en")
