"""An extract across 180° is one place, in a zone of its own side of the world."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

import quarterhour as qh
from quarterhour.errors import InputError

NODES = {
    1: (-16.95, 179.995), 2: (-16.95, 179.999), 3: (-16.95, -179.999), 4: (-16.95, -179.995),
    5: (-16.951, 179.998), 6: (-16.951, -179.998), 7: (-16.953, -179.998), 8: (-16.953, 179.998),
}  # fmt: skip
BOUNDS = '<bounds minlat="-17" minlon="179.99" maxlat="-16.9" maxlon="-179.99"/>'


def extract(path: Path, bounds: str) -> Path:
    nodes = "".join(f'<node id="{n}" lat="{y}" lon="{x}"/>' for n, (y, x) in NODES.items())
    way = '<way id="{}">{}<tag k="{}" v="residential"/></way>'
    refs = {1: ("1234", "highway"), 2: ("56785", "landuse")}
    ways = "".join(
        way.format(n, "".join(f'<nd ref="{r}"/>' for r in ids), key)
        for n, (ids, key) in refs.items()
    )
    path.write_text(f'<osm version="0.6">{bounds}{nodes}{ways}</osm>', encoding="utf-8")
    return path


@pytest.mark.parametrize("bounds", ["", BOUNDS])
def test_streets_and_areas_across_the_date_line(tmp_path: Path, bounds: str) -> None:
    city = qh.read_osm(extract(tmp_path / "fiji.osm", bounds))
    assert city.streets.crs.to_epsg() in (32701, 32760)
    assert city.streets.edge_length_m.sum() == pytest.approx(1_065, rel=0.01)
    assert len(city.areas) == 1
    assert city.areas.area.sum() == pytest.approx(426 * 222, rel=0.02)
    assert shapely.area(city.streets.extent) < 1e8


@pytest.mark.parametrize("lat", ["60101", "6..1", "north"])
def test_a_coordinate_that_is_none_is_a_sentence(tmp_path: Path, lat: str) -> None:
    path = extract(tmp_path / "odd.osm", "")
    path.write_text(path.read_text(encoding="utf-8").replace("-16.951", lat), encoding="utf-8")
    with pytest.raises(InputError, match=r"odd\.osm cannot be read"):
        qh.read_osm(path)
