"""Precision and recall on the labelled sets; benchmarks/classification.py prints them per item."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from quarterhour.planning.error_sources import WrongKind
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify

ROOT = Path(__file__).parents[2]
LABELS = ROOT / "tests" / "labels"


@pytest.fixture(scope="module")
def measuring() -> Iterator[ModuleType]:
    with benchmark("classification") as module:
        yield module


@contextmanager
def benchmark(name: str) -> Iterator[ModuleType]:
    """Give a benchmark, which imports others that stand beside it."""
    folder = str(ROOT / "benchmarks")
    sys.path.insert(0, folder)
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def precision_recall(measuring: ModuleType, table: pd.DataFrame, truth: pd.Series) -> list[float]:
    pairs = measuring.pairs(table, truth, Checklist.load("beijing-2011"))
    return [float(share) for share in measuring.figures(pairs)[3:]]


@pytest.mark.parametrize(
    ("name", "recall"),
    [("names", 0.95), ("held_out", 0.95), ("held_out_2", 0.95), ("untouched", 0.9)],
)
def test_labelled_names(measuring: ModuleType, name: str, recall: float) -> None:
    table, truth = measuring.named(LABELS / f"{name}.csv")
    found = precision_recall(measuring, table, truth)
    assert found[0] >= 0.95
    assert found[1] >= recall


def test_the_labels_are_many_and_cover_every_item() -> None:
    labels = pd.read_csv(LABELS / "names.csv", dtype=str, keep_default_na=False)
    assert len(labels) >= 400
    assert not labels.duplicated(["name", "typecode"]).any()
    said = {item for items in labels["items"] for item in items.split("|") if item}
    assert said == set(Checklist.load("beijing-2011").keys())
    assert (labels["items"] == "").sum() >= 150


def test_labelled_places_of_openstreetmap(measuring: ModuleType) -> None:
    absent: list[str] = []
    sets = list(measuring.extracts(absent))
    assert any(file == "helsinki.osm.pbf" for file, _, _ in sets)
    for file, table, truth in sets:
        precision, recall = precision_recall(measuring, table, truth)
        assert precision >= 0.95, file
        assert recall >= 0.9, file


@pytest.mark.filterwarnings("ignore:Checklist mofcom-2021 is unverified")
def test_labelled_places_of_overture() -> None:
    with benchmark("overture_places") as measuring:
        if not measuring.PLACES.is_file():
            pytest.skip("needs the shared extracts of Overture Maps")
        told = measuring.measured(measuring.places(), "held_out")
        said, found = measuring.pooled(told)
    right = len(said & found)
    assert round(right / len(found), 3) == WrongKind().overture_precision
    assert round(right / len(said), 3) == WrongKind().overture_recall
    for name, (labelled, mine) in told.items():
        assert len(labelled & mine) >= 0.8 * max(len(labelled), len(mine)), name


@pytest.mark.filterwarnings("ignore:Checklist mofcom-2021 is unverified")
def test_the_labels_of_overture_are_of_kinds_that_have_items() -> None:
    labels = pd.read_csv(LABELS / "overture.csv", dtype=str, keep_default_na=False)
    kinds = pd.read_csv(LABELS / "overture_kinds.csv", dtype=str, keep_default_na=False)
    assert labels["id"].is_unique
    assert labels["half"].value_counts().to_dict() == {"mended": 350, "held_out": 350}
    said = {kind for own in labels["kinds"] for kind in own.split("|") if kind}
    assert said == set(kinds["kind"])
    for name in kinds.columns[2:]:
        items = {item for own in kinds[name] for item in own.split("|") if item}
        assert items <= set(Checklist.load(name).keys())


def test_the_synthetic_town_is_classified_as_its_truth_says(samples: Path) -> None:
    folder = samples / "new-town"
    poi = pd.read_csv(folder / "amap_poi.csv", dtype=str, encoding="utf-8-sig")
    poi = poi.drop_duplicates("id").set_index("id")
    truth = pd.read_csv(folder / "facility_truth.csv", dtype=str, keep_default_na=False)
    truth = truth.drop_duplicates("id").set_index("id").loc[poi.index]
    matches = classify(poi, Checklist.load("beijing-2011"), hosts=False)
    found = set(zip(matches["facility"], matches["item"], strict=True))
    said = {
        (label, item)
        for label, items in truth["items"].items()
        for item in items.split("|")
        if item
    }
    assert found == said
