"""Which residents live within a quarter-hour's walk of what they need.

One sentence does the work: *assess these areas, walking on these streets to these facilities,
against this checklist*. See :func:`quarterhour.assess`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"
