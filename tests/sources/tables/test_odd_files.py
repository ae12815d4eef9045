"""Files that are empty inside, nested without end, damaged, or not what their name says."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from quarterhour.errors import InputError
from quarterhour.sources.tables.read import read_facilities

DEEP = "[" * 5_000 + "]" * 5_000
PLACE = {"type": "Point", "coordinates": [24.9, 60.2]}
VRT = "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>"


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", ",,,\n,,,\n"),
        ("a.csv", ",\n"),
        ("a.tsv", "\t\t\n\t\t\n"),
        ("a.csv", '"",""\n'),
        ("a.json", DEEP),
        ("a.json", f'{{"pois": {DEEP}}}'),
        ("a.jsonl", f"{{}}\n{DEEP}\n"),
        ("a.geojson", DEEP),
        (
            "a.geojson",
            (
                f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", '
                f'"geometry": {json.dumps(PLACE)}, "properties": {{"a": {DEEP}}}}}]}}'
            ),
        ),
        ("a.gpkg", "name,lon,lat\na,24,60\n"),
        ("a.fgb", ""),
        ("a.shp", json.dumps({"type": "FeatureCollection", "features": []})),
        ("a.zip", "no zip"),
        ("a.parquet", b"PAR1\x00\x00PAR1"),
    ],
)
def test_it_is_a_sentence(tmp_path: Path, name: str, text: str | bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_facilities(written(tmp_path / name, text))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.vrt", "a.kml", "a.xml"])
def test_a_text_that_names_another_file_does_not_open_it(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.geojson"
    gpd.GeoDataFrame({"name": ["s"]}, geometry=[Point(24, 60)], crs=4326).to_file(secret)
    with pytest.raises(InputError, match="cannot be read"):
        read_facilities(written(tmp_path / name, VRT.format(secret)))


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.long)])
def test_a_damaged_byte_anywhere_is_a_sentence_or_a_table(tmp_path: Path, every: int) -> None:
    good = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[Point(24, 60), Point(25, 60)], crs=4326)
    for ending, step in (("parquet", 37), ("gpkg", 2_003), ("fgb", 7)):
        path = tmp_path / f"a.{ending}"
        if ending == "parquet":
            good.to_parquet(path)
        else:
            good.to_file(path)
        data = path.read_bytes()
        for at in range(0, len(data), step * every):
            damaged = bytearray(data)
            damaged[at] ^= 0x55
            try:
                read_facilities(written(tmp_path / f"damaged.{ending}", bytes(damaged)))
            except InputError:
                pass
            except UserWarning:
                pass
