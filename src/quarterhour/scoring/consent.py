"""Whether whoever owns a place agrees that it counts: 征得相关单位同意后.

``counted`` is what was decided, and goes before all else. Where a table says who agreed
(``consent``), a place counts once its owner said yes: one that has an ``owner`` or is ``shared`` by
an employer and of which nothing is said has not been asked yet, and does not count. What is
nobody's counts unless somebody said no.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.places.cell_words import half_width, is_true, truths, unread_truths
from quarterhour.places.notes import Note


def not_agreed(table: pd.DataFrame, notes: list[str]) -> dict[str, Mask]:
    """
    Mark the facilities that do not count because somebody did not agree.

    Parameters
    ----------
    table
        Facilities; ``counted``, ``consent`` and ``owner`` are looked at where they are there.
    notes
        Those of the table, to which is added what was not understood or taken for granted.

    Returns
    -------
    marks
        By the reason: ``not_counted``, it was decided so; ``no_consent``.
    """
    if not {"counted", "consent"} & set(table.columns):
        return {}
    notes += unread_truths(table, "counted", "consent")
    counted, consent = (_said(table, name) for name in ("counted", "consent"))
    owned = _owned(table)
    silent = "consent" in table and np.array([said is None for said in consent], dtype=bool)
    refused = np.array([said is False for said in consent], dtype=bool) | (silent & owned)
    decided = np.array([said is True for said in counted], dtype=bool)
    if against := int((decided & refused).sum()):
        told = "Facilities that count by decision (counted), though no consent is on record: {0}."
        notes.append(Note("counted_without_consent", told, against))
    if unasked := int((silent & ~owned & ~decided).sum()):
        told = "Facilities without a word on consent and without an owner, which count: {0}."
        notes.append(Note("consent_unsaid", told, unasked))
    out = np.array([said is False for said in counted], dtype=bool)
    return {"not_counted": out, "no_consent": refused & ~decided}


def _said(table: pd.DataFrame, column: str) -> list[object]:
    return list(truths(table[column], column)) if column in table else [None] * len(table)


def _owned(table: pd.DataFrame) -> Mask:
    """Mark what belongs to somebody who would have to be asked."""
    owned = np.zeros(len(table), dtype=bool)
    if "owner" in table:
        named = table["owner"].notna() & table["owner"].map(half_width).ne("")
        owned |= named.to_numpy(dtype=bool)
    if "shared" in table:
        owned |= is_true(table["shared"], "shared")
    return owned
