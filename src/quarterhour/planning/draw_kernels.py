"""Compiled loops over homes, items and draws. They know no geography."""

from __future__ import annotations

from typing import Any

from quarterhour.walking.search_kernels import compiled


@compiled
def nearest_kept(pairs: Any, serves: Any, listed: Any, out: Any) -> None:
    """Keep for each home and column the nearest different slots, until enough are listed ones.

    Parameters
    ----------
    pairs
        ``(offset, place, cost)``: places of home h are ``offset[h]:offset[h + 1]``, nearest first.
    serves
        ``(offset, column, slot)`` of each place.
    listed
        ``(n, enough)``: slots below n are listed; how many of these are kept at most.
    out
        ``(slot, cost, count, certain)`` of shape ``(homes, columns, kept)`` and, zeros,
        ``(homes, columns)``: how many are kept, and how many of these are listed.
    """
    offset, place, cost = pairs
    serve_offset, serve_column, serve_slot = serves
    out_slot, out_cost, count, certain = out
    n_listed, enough = listed
    most = out_slot.shape[2]
    for h in range(offset.size - 1):
        for p in range(offset[h], offset[h + 1]):
            for m in range(serve_offset[place[p]], serve_offset[place[p] + 1]):
                column = serve_column[m]
                k = count[h, column]
                if k == most or certain[h, column] == enough:
                    continue
                known = False
                for j in range(k):
                    if out_slot[h, column, j] == serve_slot[m]:
                        known = True
                        break
                if not known:
                    out_slot[h, column, k] = serve_slot[m]
                    out_cost[h, column, k] = cost[p]
                    count[h, column] = k + 1
                    if serve_slot[m] < n_listed:
                        certain[h, column] += 1


@compiled
def within_limits(kept: Any, columns: Any, slots: Any, homes: Any, out: Any) -> None:
    """Say for each home, column and draw whether enough places are within the limit.

    Parameters
    ----------
    kept
        ``(offset, slot, cost)``: those of home h and column c are at ``h * columns + c``.
    columns
        ``(limit, per_m, need)``: ``(columns, draws)`` limits, what a metre costs, how many.
    slots
        ``(alive, more_m, least_m)``: ``(slots, draws)`` there or not, metres more; per draw the
        fewest metres more.
    homes
        ``(homes, draws)`` metres more.
    out
        ``(homes, columns, draws)``, written to.
    """
    offset, slot, cost = kept
    limit, per_m, need = columns
    alive, more_m, least_m = slots
    n_columns, n_draws = limit.shape
    for h in range(homes.shape[0]):
        for c in range(n_columns):
            first = offset[h * n_columns + c]
            last = offset[h * n_columns + c + 1]
            for d in range(n_draws):
                out[h, c, d] = 0
                room = limit[c, d] - homes[h, d] * per_m[c]
                found = 0
                for e in range(first, last):
                    if cost[e] + least_m[d] * per_m[c] > room:
                        break
                    s = slot[e]
                    if alive[s, d] and cost[e] + more_m[s, d] * per_m[c] <= room:
                        found += 1
                        if found == need[c]:
                            out[h, c, d] = 1
                            break


@compiled
def area_sums(within: Any, host: Any, area: Any, weight: Any, out: Any) -> None:
    """Add up weights of homes within the limits, per area, item and draw.

    Parameters
    ----------
    within
        ``(homes, columns, draws)``; the first columns are those of the items.
    host
        The column of each item through hosts, or -1.
    area
        Area of each home.
    weight
        ``(homes, weights)``.
    out
        ``(2, weights, areas, items, draws)``, zeros: by themselves, and with hosts.
    """
    n_draws = within.shape[2]
    for h in range(within.shape[0]):
        a = area[h]
        for i in range(host.size):
            itself = within[h, i]
            for w in range(weight.shape[1]):
                mine = weight[h, w]
                if mine == 0.0:
                    continue
                total = out[0, w, a, i]
                for d in range(n_draws):
                    total[d] += mine * itself[d]
                if host[i] < 0:
                    continue
                either = within[h, host[i]]
                total = out[1, w, a, i]
                for d in range(n_draws):
                    total[d] += mine * (itself[d] | either[d])
    for i in range(host.size):
        if host[i] < 0:
            out[1, :, :, i] = out[0, :, :, i]


@compiled
def whole_list(within: Any, host: Any, area: Any, weight: Any, judged: Any, out: Any) -> None:
    """Add up weights of homes that have all items whose answer is known, per draw.

    Parameters
    ----------
    within, host, area
        As in :func:`area_sums`.
    weight
        Of each home.
    judged
        ``(known, by_host)``, each ``(areas, items, draws)``.
    out
        ``(3, draws)``, zeros: who has all, who has something known, who has nothing known.
    """
    known, by_host = judged
    n_draws = within.shape[2]
    for h in range(within.shape[0]):
        a = area[h]
        for d in range(n_draws):
            some = False
            everything = True
            for i in range(host.size):
                if not known[a, i, d]:
                    continue
                some = True
                here = within[h, i, d] > 0
                if by_host[a, i, d] and host[i] >= 0 and within[h, host[i], d]:
                    here = True
                if not here:
                    everything = False
                    break
            if some:
                out[1, d] += weight[h]
                if everything:
                    out[0, d] += weight[h]
            else:
                out[2, d] += weight[h]
