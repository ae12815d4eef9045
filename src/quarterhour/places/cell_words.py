"""What the words in the cells of a table say: yes or no, how a place serves, its state, its kind.

The only such table: readers of files and whoever is handed a table made in Python take it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note

YES = "1 1.0 true t yes y 是 有 对 真 √ ✓ ✔"
NO = "0 0.0 false f no n 否 无 没有 不是 错 假 × ✗ ✘"
YES_NO_OF = {
    "walled": (
        "封闭 封闭式 全封闭 围合 有围墙 walled gated",
        "开放 开放式 不封闭 非封闭 无围墙 open",
    ),
    "shared": ("共享 已共享 开放 对外开放 shared", "不共享 未共享 不开放 不对外开放"),
    "contracted": ("签约 已签约 contracted", "未签约 不签约"),
    "consent": (
        "同意 已同意 征得同意 已征得同意 已征得 agreed consented",
        "不同意 未同意 未征得同意 未征得 拒绝 refused",
    ),
    "counted": ("计入 已计入 纳入 已纳入 counted", "不计入 未计入 不纳入 未纳入"),
    "residential": ("住宅 居住 residential", "非住宅 非居住"),
}
"""Words that say yes, and no, in one column only: 开放 is no wall, but a canteen that is shared."""

SERVICE_MODES = {
    "on_site": "on_site onsite 到店 现场 门店 窗口",
    "door_to_door": "door_to_door doortodoor 上门 上门服务 入户",
    "delivered": "delivered delivery 配送 送货 外送 送餐 送货上门",
    "periodic": "periodic 定期 流动 每周 错时",
    "by_appointment": "by_appointment appointment 预约",
}
PLACE_STATES = {
    "open": "open active operating operational 营业 营业中 正常 正常营业 在营 开业 已开业 启用 "
    "已启用 使用中 在用 存续 开放 运营 运营中",
    "gone": "closed removed inactive cancelled canceled demolished abandoned disused 停业 已停业 "
    "关闭 已关闭 歇业 注销 已注销 吊销 撤销 已撤销 拆除 已拆除 迁出 已搬迁 停用 已停用 停办 倒闭 "
    "永久关闭 暂停营业 暂停 装修 退出 清退",
    "planned": "planned proposed construction 规划 规划中 在建 建设中 筹建 筹备 未开业 未启用 待建",
}
AREA_KINDS = {"community": "community 社区 居委会", "compound": "compound 小区 住宅小区 楼盘"}


def half_width(value: object) -> str:
    """Give the text of a cell in half-width letters, without blanks around it.

    Examples
    --------
    >>> half_width(" ＹＥＳ　")
    'YES'
    """
    return unicodedata.normalize("NFKC", str(value)).strip()


def truths(cells: pd.Series[Any], column: str = "") -> pd.Series[Any]:
    """
    Read a column of yes and no.

    Parameters
    ----------
    cells
        是/否, 有/无, yes/no, 1/0, True/False ...
    column
        What the column is, a key of `YES_NO_OF` if it has words of its own.

    Returns
    -------
    values
        True, False, and None where the cell is empty or neither.

    Examples
    --------
    >>> truths(pd.Series(["是", "开放", "?"]), "walled").tolist()
    [True, False, None]
    """
    own = YES_NO_OF.get(column, ("", ""))
    known = dict.fromkeys(f"{NO} {own[1]}".split(), False)
    known |= dict.fromkeys(f"{YES} {own[0]}".split(), True)
    said = [known.get(half_width(cell).lower()) for cell in cells]
    return pd.Series(said, index=cells.index, dtype=object)


def is_true(cells: pd.Series[Any], column: str = "") -> Mask:
    """Mark the cells that say yes; the parameters are those of :func:`truths`."""
    if cells.dtype == bool:
        return cells.to_numpy(dtype=bool)
    return np.array([said is True for said in truths(cells, column)], dtype=bool)


def unread(cells: pd.Series[Any], said: pd.Series[Any]) -> pd.Series[Any]:
    """Return the cells that hold something and say neither yes nor no."""
    empty = cells.isna() | cells.map(half_width).eq("")
    return cells[said.isna() & ~empty]


def cells_not_understood(cells: pd.Series[Any], column: str) -> list[str]:
    """Note the cells of a column that could not be understood, if there are any."""
    if cells.empty:
        return []
    told = "{0} cells of {1} are not understood: {2}."
    shown = listed(repr(cell) for cell in cells.drop_duplicates())
    return [Note("cells_not_understood", told, len(cells), column, shown)]


def unread_truths(table: pd.DataFrame, *columns: str) -> list[str]:
    """Note the cells of columns of yes and no, where a table has them, that say neither."""
    notes = []
    for column in columns:
        if column in table and table[column].dtype != bool:
            cells = table[column]
            notes += cells_not_understood(unread(cells, truths(cells, column)), column)
    return notes


def words_in(cell: object, vocabulary: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """
    Read a cell of one word or of several, joined by "|", ";", ",", "/" or "、".

    Parameters
    ----------
    cell
        Text.
    vocabulary
        Name to the words that say it, separated by blanks.

    Returns
    -------
    names
        In the order of the cell, without repetition.
    strange
        The words that the vocabulary does not hold.

    Examples
    --------
    >>> words_in("到店、送货上门", SERVICE_MODES), words_in("随缘", SERVICE_MODES)
    ((['on_site', 'delivered'], []), ([], ['随缘']))
    """
    known = {word: name for name, words in vocabulary.items() for word in words.split()}
    text = half_width(cell).lower()
    parts = [text] if text in known else re.split(r"\s*[|;,/、]\s*", text)
    names = dict.fromkeys(known[part] for part in parts if part in known)
    return list(names), [part for part in parts if part and part not in known]


def named(cells: pd.Series[Any], vocabulary: Mapping[str, str]) -> pd.Series[Any]:
    """
    Put the known words of a column in their canonical form, several joined by "|".

    Parameters
    ----------
    cells, vocabulary
        As in :func:`words_in`.

    Returns
    -------
    values
        The column; a cell with a word that is not known stays as it is, an empty one is None.
    """
    put = {}
    for cell in cells.dropna().unique():
        names, strange = words_in(cell, vocabulary)
        put[cell] = cell if strange else "|".join(names) or None
    return cells.map(lambda cell: put.get(cell) if pd.notna(cell) else None)
