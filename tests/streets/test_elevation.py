"""Heights of nodes: bilinear, across CRSs, without data, outside; what is said of them."""

from __future__ import annotations

import builtins

import numpy as np
import pyproj
import pytest
import rasterio

import worlds
from quarterhour.errors import InputError, MissingExtraError, QuarterhourWarning
from quarterhour.streets.elevation import Elevation, elevation_at_nodes, elevation_summary
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import ADULT, Sloped
from quarterhour.walking.travel_times import travel_times


def plane(x, y):
    """A tilted plane: bilinear sampling gives it back exactly."""
    return 40 + 0.05 * x - 0.02 * y


def write(path, cells, west, north, size, crs=worlds.CRS, nodata=None, **options):
    """A raster of one band; rows run southwards."""
    cells = np.asarray(cells)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=cells.shape[1],
        height=cells.shape[0],
        count=1,
        dtype=cells.dtype,
        crs=crs,
        nodata=nodata,
        transform=rasterio.Affine(size, 0, west, 0, -size, north),
    ) as file:
        file.write(cells, 1)
        for name, value in options.items():
            setattr(file, name, value)
    return path


def plane_raster(path, west=-200.0, north=1300.0, size=30.0, n=55, **options):
    centre = (np.arange(n) + 0.5) * size
    return write(
        path, plane(west + centre[None, :], north - centre[:, None]), west, north, size, **options
    )


def test_heights_between_cell_centres_are_bilinear(tmp_path):
    network = worlds.grid_world()
    found = elevation_at_nodes(network, plane_raster(tmp_path / "plane.tif"))
    assert np.allclose(found.node_m, plane(*network.node_xy.T), atol=1e-9)
    assert str(found) == "plane.tif (100.0% of nodes)"
    assert repr(found) == "<Elevation: 121 nodes, 20.0 to 90.0 m, plane.tif (100.0% of nodes)>"
    assert (found.outside, found.no_data) == (0, 0)
    assert not found.node_m.flags.writeable


def test_a_raster_in_degrees_is_asked_in_degrees(tmp_path):
    to_degrees = pyproj.Transformer.from_crs(worlds.CRS, "EPSG:4326", always_xy=True)
    network = worlds.network_of([(500_000, 4_400_000), (500_900, 4_400_400)])
    lon, lat = to_degrees.transform(*network.node_xy.T)
    size, n = 0.001, 40
    west, north = lon.min() - 0.01, lat.max() + 0.01
    centre = (np.arange(n) + 0.5) * size
    cells = 10 * (west + centre[None, :]) + 5 * (north - centre[:, None])
    raster = write(tmp_path / "degrees.tif", cells, west, north, size, crs="EPSG:4326")
    found = elevation_at_nodes(network, raster)
    assert np.allclose(found.node_m, 10 * lon + 5 * lat, atol=1e-6)


def test_whole_numbers_with_a_scale_are_metres(tmp_path):
    network = worlds.line_world()
    cells = np.full((60, 60), 250, dtype=np.int16)
    raster = write(
        tmp_path / "dm.tif", cells, -200, 900, 30, nodata=-9999, scales=(0.1,), offsets=(5.0,)
    )
    assert elevation_at_nodes(network, raster).node_m.tolist() == [30.0, 30.0]


def test_only_the_part_around_the_streets_is_read(tmp_path, monkeypatch):
    network = worlds.line_world()
    raster = plane_raster(tmp_path / "plane.tif", n=400, north=6000.0, west=-5000.0)
    sizes = []
    read = rasterio.DatasetReader.read

    class Reader(rasterio.DatasetReader):
        def read(self, *args, **options):
            sizes.append((options["window"].width, options["window"].height))
            return read(self, *args, **options)

    monkeypatch.setattr(rasterio, "open", Reader)
    elevation_at_nodes(network, raster)
    assert sizes in ([(34, 2)], [(35, 2)])


def test_cells_without_data_are_left_out_and_counted(tmp_path):
    # Centres at 5, 15, ... 95: the node at 25 has data, that at 40 half of it, that at 60 none.
    cells = np.array([[1, 2, 3, 4, -9, -9, -9, -9, 9, 10]] * 3, dtype=np.float32)
    cells[:, 3] = 40
    raster = write(tmp_path / "holes.tif", cells, 0, 20, 10, nodata=-9)
    network = worlds.network_of([(25, 5), (40, 5)], [(40, 5), (60, 5)], [(60, 5), (200, 5)])
    with pytest.warns(QuarterhourWarning, match=r"2 of 4 nodes .* \(1 outside, 1 without data\)"):
        found = elevation_at_nodes(network, raster)
    at = dict(zip(network.node_xy[:, 0].tolist(), found.node_m.tolist(), strict=True))
    assert (at[25], at[40]) == (3, 40)
    assert np.isnan([at[60], at[200]]).all()
    assert (found.outside, found.no_data) == (1, 1)
    # Edges that lack a height are level, and walked as such.
    seconds = Sloped(ADULT, found)(network)
    assert seconds[1:].tolist() == [[16, 16], [112, 112]]
    report = elevation_summary(network, found)
    assert report["edge_share"] == pytest.approx(1 / 3)
    assert report["mean_change_m"] == 37
    assert (report["nodes_outside"], report["nodes_no_data"]) == (1, 1)
    assert report["steepest"] == pytest.approx(37 / 15)


def test_the_outermost_cells_reach_to_their_border(tmp_path):
    network = worlds.network_of([(0, 0), (100, 0)])
    cells = np.arange(10.0)[None, :].repeat(2, axis=0)
    found = elevation_at_nodes(network, write(tmp_path / "edge.tif", cells, 0, 10, 10))
    assert sorted(found.node_m) == [0, 9]


def test_the_report_says_how_hilly_the_streets_are(tmp_path):
    network = worlds.grid_world()
    found = elevation_at_nodes(network, plane_raster(tmp_path / "plane.tif"))
    report = elevation_summary(network, found)
    assert report["nodes"] == 121
    assert report["edges"] == report["edges_sloped"] == 220
    assert report["edge_share"] == 1
    assert report["mean_change_m"] == pytest.approx((5 + 2) / 2)
    assert report["mean_slope"] == pytest.approx(0.035)
    assert report["steepest"] == pytest.approx(0.05)


def test_uphill_takes_longer_by_a_raster(tmp_path):
    network = worlds.line_world()
    pace = Sloped(ADULT, elevation_at_nodes(network, plane_raster(tmp_path / "plane.tif")))
    here, there = worlds.points((0, 0)), worlds.points((1000, 0))
    up = travel_times(here, there, network, 60, pace=pace).seconds.item()
    down = travel_times(there, here, network, 60, pace=pace).seconds.item()
    assert up == pytest.approx(800 / np.exp(-3.5 * 0.05), abs=1e-6)
    assert down == pytest.approx(800 * np.exp(-3.5 * 0.05), abs=1e-6)


def test_an_array_is_taken_as_it_is_and_copied():
    network = worlds.line_world()
    mine = np.array([1.0, 2.0])
    found = elevation_at_nodes(network, mine)
    mine[0] = 99
    assert found.node_m.tolist() == [1, 2]


def test_heights_that_do_not_fit_are_refused(tmp_path):
    network = worlds.line_world()
    with pytest.raises(InputError, match=r"2 heights are needed, one per node; got \(3,\)"):
        elevation_at_nodes(network, [1, 2, 3])
    with pytest.raises(InputError, match="No node has a height in heights given"):
        elevation_at_nodes(network, [np.nan, np.nan])
    far = plane_raster(tmp_path / "far.tif", west=90_000.0)
    with pytest.raises(InputError, match=r"No node has a height in far.tif: 2 lie outside"):
        elevation_at_nodes(network, far)
    with pytest.raises(InputError, match="has no CRS"):
        elevation_at_nodes(network, plane_raster(tmp_path / "nowhere.tif", crs=None))
    with pytest.raises(InputError, match=r"has 1 band\(s\), not 2"):
        elevation_at_nodes(network, plane_raster(tmp_path / "one.tif"), band=2)
    with pytest.raises(InputError, match="cannot be read as a raster"):
        elevation_at_nodes(network, tmp_path / "missing.tif")
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(InputError, match="cannot be read as a raster"):
        elevation_at_nodes(network, str(tmp_path / "text.tif"))


def test_edges_of_no_length_are_level():
    network = WalkNetwork.build(
        crs=worlds.CRS,
        node_xy=[(0, 0), (10, 0)],
        edge_nodes=[(0, 1)],
        coords=[(0, 0), (10, 0)],
        coord_offset=[0, 2],
        edge_length_m=[0.0],
    )
    assert Elevation(np.array([0.0, 5.0]), "mine").slopes(network).tolist() == [0]


def test_without_rasterio_the_message_says_what_to_install(tmp_path, monkeypatch):
    raster = plane_raster(tmp_path / "plane.tif")
    real = builtins.__import__

    def without(name, *args, **options):
        if name.startswith("rasterio"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'quarterhour\[elevation\]'"):
        elevation_at_nodes(worlds.line_world(), raster)


@pytest.mark.parametrize("missing", [-9999.0, -32768.0, 3.4e38, -np.inf])
def test_cells_without_data_that_nobody_declared_are_left_out(tmp_path, missing):
    network = worlds.grid_world()
    centre = (np.arange(55) + 0.5) * 30.0
    cells = plane(-200 + centre[None, :], 1300 - centre[:, None])
    cells[20:28, 20:28] = missing
    raster = write(tmp_path / "missing.tif", cells.astype(np.float32), -200, 1300, 30)
    with pytest.warns(QuarterhourWarning) as told:
        found = elevation_at_nodes(network, raster)
    said = " ".join(str(one.message) for one in told)
    known = found.known
    assert "have no height in missing.tif" in said
    assert np.isfinite(missing) == ("are not believed and left out" in said)
    assert 0 < (~known).sum() < 20
    assert np.allclose(found.node_m[known], plane(*network.node_xy.T)[known], atol=15)
    assert np.abs(found.slopes(network)).max() < 0.2


@pytest.mark.parametrize("height", [800.0, -300.0, 150.0])
def test_spikes_are_left_out_and_told(tmp_path, height):
    network = worlds.grid_world()
    centre = (np.arange(55) + 0.5) * 30.0
    cells = plane(-200 + centre[None, :], 1300 - centre[:, None])
    cells[23:25, 23:25] = height
    cells[30, 17] = height
    with pytest.warns(QuarterhourWarning, match="they are spikes"):
        found = elevation_at_nodes(network, write(tmp_path / "s.tif", cells, -200, 1300, 30))
    assert found.known.all()
    assert found.odd > 0
    assert np.allclose(found.node_m, plane(*network.node_xy.T), atol=5)


def test_a_mountain_is_no_spike(tmp_path):
    centre = (np.arange(55) + 0.5) * 30.0
    x, y = -200 + centre[None, :], 1300 - centre[:, None]
    cells = 900 - 0.5 * np.hypot(x - 500, y - 500)
    raster = write(tmp_path / "mountain.tif", cells, -200, 1300, 30)
    assert elevation_at_nodes(worlds.grid_world(), raster).odd == 0


def test_streets_that_are_hardly_ever_so_steep_are_told():
    network = worlds.grid_world()
    heights = np.where(network.node_xy[:, 0] < 450, 0.0, 400.0)  # missing, written as 0
    with pytest.warns(QuarterhourWarning, match="11 of 220 streets are steeper than 60%"):
        elevation_at_nodes(network, heights)
    with pytest.warns(QuarterhourWarning) as told:
        elevation_at_nodes(network, np.where(np.arange(121) == 5, -9999.0, 10.0))
    assert "1 heights in heights given are not believed" in str(told[-1].message)
