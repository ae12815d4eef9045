"""Compile the kernels once, before two processes need them: ``python tests/compile_kernels.py``.

Numba keeps the machine code beside the package; two processes that begin without it compile the
same for twenty seconds each.
"""

from __future__ import annotations

import quarterhour as qh
import worlds


def compile_kernels() -> None:
    """Ask the tiny town what most tests ask, the long way round."""
    card = worlds.new_town()
    qh.isochrones(card.areas.head(2), card.network)
    qh.isochrones(card.areas.head(2), card.network, method="fast")
    qh.nearest(card.origins, card.facilities.assign(item="shop"), card.network)
    qh.uncertainty(card, draws=200)
    qh.scenario(card, qh.CloseFacility(card.matches["facility"].iloc[0]))


if __name__ == "__main__":
    compile_kernels()
