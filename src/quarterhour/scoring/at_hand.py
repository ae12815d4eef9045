"""What of its inputs a scorecard that was read from a folder has not at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from quarterhour.errors import InputError
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.manifest import Manifest
from quarterhour.scoring.question import Question


def require_question(question: Question | None, asked: Asked | None) -> tuple[Question, Asked]:
    """Give what a scorecard was asked, and of what.

    Raises
    ------
    InputError
        If it does not know.
    """
    if question is None or asked is None:
        msg = (
            "This scorecard was put together by hand and does not know its question: ask it "
            "with quarterhour.assess."
        )
        raise InputError(msg)
    return question, asked


class Answer(Protocol):
    """An answer with its manifest, which may wait until it is looked at."""

    @property
    def manifest(self) -> Manifest:
        """What was asked, and of what."""
        ...


def require_at_hand(lacking: Sequence[str], card: Answer) -> None:
    """See that what a question is asked of is there.

    Raises
    ------
    InputError
        If something is not: it says what, where it came from, and how to pass it.
    """
    if not lacking:
        return
    told, parameters = card.manifest["inputs"], card.manifest["parameters"]
    names = {
        "areas": f"the areas ({_source(told['areas'])})",
        "origins": "the homes (pass None where they were made from the areas alone)",
        "network": f"the streets ({_source(told['network'])})",
        "facilities": f"all facilities ({_source(told['facilities'])})",
        "pace": f"the pace ({parameters['pace']})",
    }
    msg = (
        f"This scorecard was read without {', '.join(names[one] for one in lacking)}: "
        f"pass {', '.join(f'{one}=…' for one in lacking)}."
    )
    raise InputError(msg)


def _source(told: Mapping[str, Any]) -> str:
    """Say where an input came from, or by which digest it is known."""
    return str(told.get("source") or f"sha256 {str(told.get('sha256'))[:12]}")
