"""Whether a progress bar would be seen: on a terminal or in a notebook, not in a file or a pipe."""

from __future__ import annotations

import sys


def is_watched() -> bool:
    """Say whether somebody looks on."""
    if has_kernel():
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it was closed
        return False


def has_kernel() -> bool:
    """Say whether this runs in the kernel of a notebook; its package may be loaded elsewhere."""
    shell = sys.modules.get("IPython")
    running = None if shell is None else shell.get_ipython()
    return getattr(running, "kernel", None) is not None
