"""A saved scorecard, read back: whole where its inputs are in the folder, else its results."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from quarterhour.errors import InputError
from quarterhour.scoring import saved
from quarterhour.scoring.results_only import read_results
from quarterhour.scoring.saved import Parts, UnwrittenPace
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist

MANIFEST = "manifest.json"


def read_scorecard(folder: str | Path, *, checklist: Checklist | str | None = None) -> Scorecard:
    """Read a scorecard that :meth:`Scorecard.save` or ``quarterhour score --out`` wrote.

    Its coverage, gaps, report, workbook and map are those of the original, and
    :meth:`Scorecard.again` asks its question again. Where the folder holds the results alone, as
    older versions wrote them, ``summary``, ``coverage`` and ``gaps`` still answer what the results
    tell, and ``again`` says what it needs (:attr:`Scorecard.missing`).

    Parameters
    ----------
    folder
        Where it was written to.
    checklist
        The checklist, where the folder holds the results alone and it is none that is shipped.

    Returns
    -------
    Scorecard

    Raises
    ------
    InputError
        If there is no such folder, it holds no scorecard, its files are damaged, do not belong
        together or are of a later version.
    ChecklistError
        If there is no such checklist.

    Warns
    -----
    QuarterhourWarning
        If a checklist that is shipped has changed since the results were written.

    Examples
    --------
    >>> card = read_scorecard("out/2025")  # doctest: +SKIP
    >>> card.again(pace="elderly")  # doctest: +SKIP
    """
    place = Path(folder)
    if not place.is_dir():
        what = "is a file: give the folder that it is in" if place.exists() else "does not exist"
        msg = f"The folder {place} {what}."
        raise InputError(msg)
    told = _manifest(place)
    if not (place / saved.NAME).is_file():
        if told is None:
            msg = (
                f"The folder {place} holds no scorecard: there is neither {saved.NAME} nor "
                f"{MANIFEST}. Give a folder that card.save or quarterhour score --out wrote."
            )
            raise InputError(msg)
        parts, missing = read_results(place, told, checklist)
        return _card(parts, missing)
    parts = saved.read(place / saved.NAME)
    if told is not None and told != _as_written(parts.manifest):
        msg = (
            f"{place / saved.NAME} and {place / MANIFEST} are of two different runs "
            f"(made at {parts.manifest.get('made_at')} and {told.get('made_at')}): remove the one "
            "that does not belong to the results, or score anew."
        )
        raise InputError(msg)
    unwritten = parts.question is not None and isinstance(parts.question.pace, UnwrittenPace)
    return _card(parts, ("pace",) if unwritten else ())


def _card(parts: Parts, missing: tuple[str, ...]) -> Scorecard:
    made = {part.name: getattr(parts, part.name) for part in fields(parts)}
    return Scorecard(**made, missing=missing)


def _as_written(manifest: Any) -> Any:
    return json.loads(json.dumps(manifest, ensure_ascii=False, default=str))


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest, if there is one.

    Raises
    ------
    InputError
        If it is no manifest of a scorecard.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
        known = {"made_at", "versions", "inputs", "parameters"} <= set(told)
        known = known and "checklist" in told["inputs"] and "quarterhour" in told["versions"]
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path} is damaged ({error}): take another copy of the folder, or score anew."
        raise InputError(msg) from error
    if not known:
        msg = f"{path} is no manifest of a scorecard: quarterhour did not write this folder."
        raise InputError(msg)
    return dict(told)
