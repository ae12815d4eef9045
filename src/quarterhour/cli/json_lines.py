"""Results as JSON on standard output, for machines: plain data, null where there is no number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard


def text(value: Any) -> str:
    """Give plain data as JSON, Chinese characters as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1, default=str)


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a table as a list of its rows.

    Examples
    --------
    >>> rows(pd.DataFrame({"area": ["a"], "residents": [float("nan")]}))
    [{'area': 'a', 'residents': None}]
    """
    found: list[dict[str, Any]] = json.loads(
        table.to_json(orient="records", force_ascii=False, double_precision=15)
    )
    return found


def score(card: Scorecard, notes: Iterable[str], files: Iterable[Path]) -> dict[str, Any]:
    """Give the scorecard: notes, areas, results, coverage, manifest, and the files written."""
    return {
        "notes": list(dict.fromkeys([*notes, *card.origins.attrs.get("notes", [])])),
        "areas": rows(card.summary().rename_axis("area").reset_index()),
        "results": rows(card.to_frame()),
        "coverage": rows(coverage(card)),
        "manifest": dict(card.manifest),
        "files": [str(path) for path in files],
    }


def missing(card: Scorecard, files: Iterable[Path]) -> dict[str, Any]:
    """Give the gaps, the manifest, and the files written."""
    return {
        "gaps": rows(gaps(card)),
        "manifest": dict(card.manifest),
        "files": [str(path) for path in files],
    }
