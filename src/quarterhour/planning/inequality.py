"""How unevenly something is spread: Gini, Theil, Palma, concentration, each weighted by people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Give the Gini coefficient: 0 where all have alike, near 1 where one has all.

    With people in the order of what they have, x their cumulated share and y the cumulated share
    of what they have, G = 1 − Σ (y[i−1] + y[i]) (x[i] − x[i−1]), twice the area between the
    Lorenz curve and the diagonal (Gini 1912; Lorenz 1905).

    Parameters
    ----------
    values
        What each has: numbers of at least 0.
    weights
        How many people each stands for; none: one each.

    Returns
    -------
    float
        NaN where nobody has anything.

    Raises
    ------
    InputError
        If a number is missing or negative, or the two do not fit.

    Examples
    --------
    >>> gini([1, 1, 1]), gini([0, 1], weights=[3, 1])
    (0.0, 0.75)
    """
    told = _Told.of(values, weights)
    return _curve(told, told.held)


def concentration_index(
    values: npt.ArrayLike, rank: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Give the concentration index of something against a rank, such as income.

    As the Gini coefficient, with people in the order of the rank: C = 2 cov(v, r) / mean(v), r
    the share of people below (Kakwani, Wagstaff & van Doorslaer 1997). Above 0 where those of
    high rank have more of it, below 0 where those of low rank have. People of one rank count
    alike, whatever their order.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    rank
        What people are ordered by.

    Returns
    -------
    float
        Between −1 and 1.

    Raises
    ------
    InputError
        As in :func:`gini`.

    Examples
    --------
    >>> concentration_index([1, 2, 3], rank=[1, 2, 3]) == gini([1, 2, 3])
    True
    >>> concentration_index([1, 3], rank=[5, 5])
    0.0
    """
    told = _Told.of(values, weights)
    return _curve(told, _ranks(rank, told))


def palma(
    values: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    rank: npt.ArrayLike | None = None,
) -> float:
    """Give the Palma ratio: what the upper tenth has on average over what the lower 40 % have.

    1 where all have alike. The tenth and the 40 % are cut exactly, through whoever stands at
    the border. Ratios of shares, as of incomes (Palma 2011), are a quarter of this.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    rank
        What people are ordered by, such as income; none: what they have.

    Returns
    -------
    float
        Infinity where the lower 40 % have nothing, NaN where nobody has.

    Raises
    ------
    InputError
        As in :func:`gini`.

    Examples
    --------
    >>> palma([1, 1, 1, 1, 1, 1, 1, 1, 1, 3])
    3.0
    """
    told = _Told.of(values, weights)
    order = told.held if rank is None else _ranks(rank, told)
    people, amount = _sorted(told, order)
    x, y = _cumulated(people), _cumulated(amount)
    if y[-1] <= 0:
        return float("nan")
    low, high = np.interp([0.4, 0.9], x / x[-1], y)
    upper, lower = (y[-1] - high) / 0.1, low / 0.4
    return float(upper / lower) if lower > 0 else float("inf")


def theil(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Give Theil's T: 0 where all have alike, ln(n) where one of n has all.

    T = Σ p (v/μ) ln(v/μ), p the share of people, μ their mean, and 0 ln 0 = 0 (Theil 1967).

    Parameters
    ----------
    values, weights
        As in :func:`gini`.

    Returns
    -------
    float
        NaN where nobody has anything.

    Raises
    ------
    InputError
        As in :func:`gini`.

    Examples
    --------
    >>> round(theil([0, 2]), 6)  # ln 2
    0.693147
    """
    told = _Told.of(values, weights)
    total = told.weights @ told.held
    if not total > 0:
        return float("nan")
    ratio = told.held * told.weights.sum() / total
    logs = np.log(ratio, out=np.zeros(len(ratio)), where=ratio > 0)
    return float((told.weights / told.weights.sum()) @ (ratio * logs))


def theil_between(
    values: npt.ArrayLike, groups: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Give the part of Theil's T that lies between groups; the rest lies within them.

    Theil's T of the groups' means, each weighted by its people: what would be left if everyone
    had the mean of their group.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    groups
        Of whom each is one.

    Returns
    -------
    float
        Between 0 and :func:`theil`.

    Raises
    ------
    InputError
        As in :func:`gini`.
    """
    means = group_means(values, groups, weights)
    return theil(means["mean"], means["people"])


def group_means(
    values: npt.ArrayLike, groups: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """Give what each group has on average, and how many people it is.

    Parameters
    ----------
    values, weights
        As in :func:`gini`.
    groups
        Of whom each is one; without one, nobody.

    Returns
    -------
    DataFrame
        ``mean`` and ``people``, by group; groups of nobody are left out.

    Raises
    ------
    InputError
        As in :func:`gini`.
    """
    told = _Told.of(values, weights)
    of = pd.Series(np.asarray(groups, dtype=object), dtype=object)
    if len(of) != len(told.held):
        msg = f"{len(of)} groups do not fit {len(told.held)} values: give one for each."
        raise InputError(msg)
    table = pd.DataFrame({"amount": told.held * told.weights, "people": told.weights})
    sums = table.groupby(of, sort=True).sum()
    sums = sums[sums["people"] > 0]
    return pd.DataFrame({"mean": sums["amount"] / sums["people"], "people": sums["people"]})


class _Told(NamedTuple):
    """Values and weights that have been looked at."""

    held: Floats
    weights: Floats

    @classmethod
    def of(cls, values: npt.ArrayLike, weights: npt.ArrayLike | None) -> _Told:
        found = np.asarray(values, dtype=np.float64).ravel()
        people = np.ones(len(found)) if weights is None else np.asarray(weights, dtype=np.float64)
        people = people.ravel()
        if len(people) != len(found) or len(found) == 0:
            msg = f"{len(people)} weights do not fit {len(found)} values: give one for each."
            raise InputError(msg)
        for what, numbers in (("values", found), ("weights", people)):
            if wrong := int((~np.isfinite(numbers) | (numbers < 0)).sum()):
                msg = (
                    f"{wrong} of {len(numbers)} {what} are no numbers of at least 0: leave out "
                    "what is not known, and say how much it is."
                )
                raise InputError(msg)
        if not people.sum() > 0:
            msg = "The weights add up to 0: nobody is counted."
            raise InputError(msg)
        return cls(found, people)


def _ranks(rank: npt.ArrayLike, told: _Told) -> Floats:
    ranks = np.asarray(rank, dtype=np.float64).ravel()
    if len(ranks) != len(told.held) or np.isnan(ranks).any():
        msg = (
            f"{int(np.isfinite(ranks).sum())} ranks do not fit {len(told.held)} values: give "
            "one for each, and leave out whose rank is not known."
        )
        raise InputError(msg)
    return ranks


def _sorted(told: _Told, order: Floats) -> tuple[Floats, Floats]:
    """People and what they have in order; those of one rank together."""
    _, which = np.unique(order, return_inverse=True)
    people = np.bincount(which.ravel(), told.weights)
    amount = np.bincount(which.ravel(), told.weights * told.held)
    return np.asarray(people, dtype=np.float64), np.asarray(amount, dtype=np.float64)


def _cumulated(numbers: Any) -> Floats:
    return np.concatenate([[0.0], np.cumsum(numbers)])


def _curve(told: _Told, order: Floats) -> float:
    """Twice the area between the diagonal and the curve of what people have in an order."""
    people, amount = _sorted(told, order)
    if not amount.sum() > 0:
        return float("nan")
    y = _cumulated(amount) / amount.sum()
    area = float(((y[1:] + y[:-1]) * people).sum() / people.sum())
    return 0.0 if abs(1.0 - area) < 1e-15 else 1.0 - area
