"""The answer to a scenario of facilities alone: what it tells at once, and what it tells later.

Who has what, area by area and home by home, is worked out from the few rows that change. The
tables of all facilities, matches and walks, and the manifest, are those of the whole question,
which is asked when somebody looks at one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pandas as pd

from quarterhour.errors import QuarterhourError
from quarterhour.planning.changes import AddFacility, ChangeFacility, CloseFacility, MoveFacility
from quarterhour.planning.facility_rows import Called, rows_like
from quarterhour.planning.proposal import Proposal
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.later import beside, with_beside, with_waiting
from quarterhour.scoring.near import Known, Since
from quarterhour.scoring.patch import Patch
from quarterhour.scoring.patched import patched, untouched
from quarterhour.scoring.scorecard import Scorecard

LATER = ("facilities", "matches", "times", "manifest", "asked", "kept")
"""Attributes that are those of the whole question."""

_WAITS = pd.DataFrame()
"""Stands where a table will be before anybody has looked."""


def _patch_of(changes: Sequence[Any], to: Proposal, kept: Kept) -> Patch | None:
    """Give the rows of facilities that some changes leave; None where it takes the whole table.

    Raises
    ------
    InputError
        What the changes raise.
    """
    if all(isinstance(one, AddFacility) for one in changes):
        rows: dict[Any, dict[str, Any]] = {}
        for one in changes:
            label, shape, cells = one.row(to, taken=rows)
            rows[label] = {**cells, str(to.facilities.geometry.name): shape}
        return Patch([], rows_like(to.facilities, list(rows), list(rows.values())))
    one = changes[0]
    if len(changes) == 1 and isinstance(one, (MoveFacility, CloseFacility, ChangeFacility)):
        return one.patch(to, lambda: kept.of_table("facilities", "called", Called.of))
    return None


def answered_at_once(
    card: Scorecard, to: Proposal, changes: Sequence[Any], whole: Callable[[], Scorecard]
) -> Scorecard | None:
    """Give the scorecard with some facilities changed; None where the whole has to be asked.

    ``whole`` asks the whole question: the scorecard takes from it what is looked at, and it says
    what is wrong, where something is.
    """
    asked, known = card.asked, beside(card)
    if asked is None or known is None or card.missing:
        return None
    if not untouched(asked, card.kept):
        return None
    try:
        patch = _patch_of(changes, to, card.kept)
        found = patch and patched(to.question, asked, card.kept, known.near, patch)
    except QuarterhourError:
        return None
    if patch is None or found is None:
        return None
    answer = Scorecard(
        results=_WAITS,
        areas=card.areas,
        origins=card.origins,
        facilities=asked.facilities,
        matches=_WAITS,
        times=_WAITS,
        network=card.network,
        checklist=card.checklist,
        manifest={},
        question=to.question,
    )
    once = cache(whole)
    later = {name: _later(once, name) for name in LATER}
    answer = with_waiting(answer, {"results": found.results, **later})
    since = Since(card, patch.gone, patch.rows)
    return with_beside(answer, lambda: Known(found.near, since))


def _later(whole: Callable[[], Scorecard], name: str) -> Callable[[], Any]:
    return lambda: getattr(whole(), name)
