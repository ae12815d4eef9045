"""Compiled loops that look up the nearest place of each group, where every node knows its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.streets.snap_kernels import Loop

WITHIN, BEYOND, UNREACHABLE, NOT_SNAPPED, NO_FACILITY = range(5)
STRAIGHT, TOO_FAR = 5, 6


@Loop
def laid_out(offset: Any, node: Any, seconds: Any, seed: Any, place_of: Any, out: Any) -> Any:
    """Write what searches reached as one column each of ``out``: ``(seconds, place)`` by node.

    Search k, with column k, reaches ``node[offset[k]:offset[k + 1]]`` from the places of seeds.
    """
    out_s, out_place = out
    for k in range(offset.size - 1):
        for r in range(offset[k], offset[k + 1]):
            out_s[node[r], k] = seconds[r]
            out_place[node[r], k] = place_of[seed[r]]
    return 0


@Loop
def looked_up(rows: Any, seeds: Any, at_nodes: Any, straight: Any, limit_s: Any, out: Any) -> Any:
    """Give the best walk of some origins to each group: by the streets, or straight.

    Of places as near by the streets, the first; what is straight has to be nearer than that.

    Parameters
    ----------
    rows
        ``(first, last)``: the origins; those after come later.
    seeds
        ``(offset, node, seconds)``: ends of streets that each origin walks to.
    at_nodes
        ``(seconds, place)``, (nodes, groups): the nearest place of each group from each node.
    straight
        ``(offset, group, place, seconds)``: walks of each origin that pass no node.
    limit_s
        Largest time that counts.
    out
        ``(seconds, place, code)``, (origins, groups): NaN, -1 and BEYOND where there is none, or
        TOO_FAR where one leads straight there, beyond the limit.
    """
    offset, node, seed_s = seeds
    field_s, field_place = at_nodes
    straight_offset, straight_group, straight_place, straight_s = straight
    out_s, out_place, code = out
    k = field_s.shape[1]
    for i in range(rows[0], rows[1]):
        for g in range(k):
            out_s[i, g] = np.inf
            out_place[i, g] = -1
            code[i, g] = BEYOND
        for seed in range(offset[i], offset[i + 1]):
            here, leg = node[seed], seed_s[seed]
            for g in range(k):
                s = leg + field_s[here, g]
                if s <= limit_s:
                    p = field_place[here, g]
                    if s < out_s[i, g] or (s == out_s[i, g] and p < out_place[i, g]):
                        out_s[i, g] = s
                        out_place[i, g] = p
                        code[i, g] = WITHIN
        for w in range(straight_offset[i], straight_offset[i + 1]):
            g, p, s = straight_group[w], straight_place[w], straight_s[w]
            if limit_s < s < np.inf and code[i, g] == BEYOND:
                code[i, g] = TOO_FAR
            if s <= limit_s and (
                s < out_s[i, g]
                or (s == out_s[i, g] and code[i, g] == STRAIGHT and p < out_place[i, g])
            ):
                out_s[i, g] = s
                out_place[i, g] = p
                code[i, g] = STRAIGHT
        for g in range(k):
            if code[i, g] == STRAIGHT:
                code[i, g] = WITHIN
            elif code[i, g] != WITHIN:
                out_s[i, g] = np.nan
    return 0


@Loop
def why_beyond(seeds: Any, part: Any, joined: Any, there: Any, code: Any) -> Any:
    """Tell those for whom a place is too far from those whom no street leads to one.

    ``part`` is the number of each node in ``joined``, (parts, groups): whether a walk leads to the
    group; ``there``, whether a group has a place on the streets at all.
    """
    offset, node, _ = seeds
    for i in range(code.shape[0]):
        for g in range(code.shape[1]):
            if not there[g]:
                code[i, g] = NO_FACILITY
            elif code[i, g] == TOO_FAR:
                code[i, g] = BEYOND
            elif offset[i] == offset[i + 1] and code[i, g] != WITHIN:
                code[i, g] = UNREACHABLE
            elif code[i, g] == BEYOND:
                leads = False
                for seed in range(offset[i], offset[i + 1]):
                    leads = leads or joined[part[node[seed]], g]
                if not leads:
                    code[i, g] = UNREACHABLE
    return 0
