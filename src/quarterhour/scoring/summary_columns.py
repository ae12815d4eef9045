"""The columns of a summary that hold shares of items met, and the names that they had before."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pandas as pd

from quarterhour.standards.checklist import Checklist

MET_SHARE = "items_met_share"
"""Weight of the items that are met over that of those met or unmet."""

OBSERVED_SHARE = "items_observed_share"
"""The part of it that rests on facilities which the data show, not on hosts."""

_OLD = "completeness"


def group_columns(checklist: Checklist) -> dict[str, str]:
    """
    Name the column of each group: by its English name, which can be read, else by its key.

    Parameters
    ----------
    checklist
        What the scorecard is of.

    Returns
    -------
    columns
        Key of the group to name of the column, in the order of the checklist.

    Examples
    --------
    >>> group_columns(Checklist.load("beijing-2011"))["xiao"]
    'items_met_share_one_school'
    """
    words = {one.key: _plain(one.en) for one in checklist.groups}
    told = list(words.values())
    return {
        key: f"{MET_SHARE}_{word if word and told.count(word) == 1 else key}"
        for key, word in words.items()
    }


def observed_column(column: str) -> str:
    """
    Name the column with the observed part of a share of items met.

    Parameters
    ----------
    column
        `MET_SHARE`, or that of a group.

    Returns
    -------
    column
        Its name.

    Examples
    --------
    >>> observed_column("items_met_share_one_school")
    'items_observed_share_one_school'
    """
    return column.replace(MET_SHARE, OBSERVED_SHARE, 1)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


class Summary(pd.DataFrame):
    """A table whose columns answer to their old names as well, with a DeprecationWarning."""

    _metadata = ["renamed"]  # noqa: RUF012 - pandas reads it so
    renamed: dict[str, str]

    @classmethod
    def of(cls, table: pd.DataFrame, checklist: Checklist) -> Summary:
        """Let the shares of a summary be asked for as completeness, as 0.1 called them."""
        summary = cls(table)
        old = {f"{_OLD}_{key}": column for key, column in group_columns(checklist).items()}
        summary.renamed = {_OLD: MET_SHARE, **old}
        return summary

    @property
    def _constructor(self) -> Any:
        return Summary

    def __getitem__(self, key: Any) -> Any:
        """Give a column, or several, by their names now or before."""
        if isinstance(key, str):
            return super().__getitem__(self._now(key))
        if isinstance(key, list):
            return super().__getitem__([self._now(one) for one in key])
        return super().__getitem__(key)

    def _now(self, key: Any) -> Any:
        renamed = getattr(self, "renamed", None) or {}
        if not isinstance(key, str) or key not in renamed or key in self.columns:
            return key
        warnings.warn(
            f"The column {key!r} is now called {renamed[key]!r}; completeness says how complete "
            "the data are. The old name goes with the next version.",
            DeprecationWarning,
            stacklevel=3,
        )
        return renamed[key]
