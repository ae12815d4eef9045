"""What stands for an argument that stays as it is, where none means something of its own."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final


class Same(Enum):
    """Stands for what stays as it is."""

    SAME = "same"


SAME: Final = Same.SAME


def given_or(given: Any, known: Any) -> Any:
    """Give what is given, or what is known where that stays."""
    return known if given is SAME else given
