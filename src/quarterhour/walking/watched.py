"""Whether a progress bar would be seen: on a terminal or in a notebook, not in a file or a pipe."""

from __future__ import annotations

import sys


def is_watched() -> bool:
    """Say whether somebody looks on."""
    if "ipykernel" in sys.modules:
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it was closed
        return False
