"""Protocol buffers, as far as OpenStreetMap's PBF needs them: many messages are read at once.

A message is a row of fields, each a key (number and kind) and a number of as many bytes as it
needs, or a length and so many bytes. Of thousands of messages of one kind the first field of all
is read with a handful of array operations, then the second of all, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Ints, pieces

Bytes = npt.NDArray[np.uint8]

PAD = b"\0" * 16
"""What has to stand behind the bytes that are read, so that no number runs over their end."""

_LONGEST = 10
_NUMBER, _BYTES = 0, 2


class UnfitError(Exception):
    """The bytes are not what this reader knows; another one may know them."""


class Column(NamedTuple):
    """One field of many messages: a number, or where its bytes begin and how many they are.

    A message without the field has 0 for all.
    """

    begin: Ints
    value: Ints


def numbers(data: Bytes) -> Ints:
    """Give the numbers that follow each other, as they are where they have no sign."""
    return _decoded(data, np.flatnonzero(data < 0x80))


def _decoded(data: Bytes, last: Ints) -> Ints:
    if len(data) and (not len(last) or last[-1] != len(data) - 1):
        raise UnfitError("a number is cut off")
    values = np.empty(len(last), np.int64)
    for piece in pieces(len(last)):
        before = last[piece.start - 1] if piece.start else -1
        first = np.concatenate([[before], last[piece][:-1]]) + 1
        length = last[piece] - first + 1
        if length.max() > _LONGEST:
            raise UnfitError("a number has too many bytes")
        found = (data[first] & 0x7F).astype(np.uint64)
        for place in range(1, int(length.max())):
            more = np.flatnonzero(length > place)
            part = (data[first[more] + place] & 0x7F).astype(np.uint64)
            found[more] |= part << np.uint64(7 * place)
        values[piece] = found.view(np.int64)
    return values


def signed(values: Ints) -> Ints:
    """Give numbers with their signs, which are written last."""
    given = values.view(np.uint64)
    sign = -(given & np.uint64(1)).astype(np.int64)
    half: Ints = (given >> np.uint64(1)).view(np.int64)
    return half ^ sign


def packed(data: Bytes, column: Column) -> tuple[Ints, Ints]:
    """Give the numbers in the bytes of a column, message by message, and where each begins.

    The bytes have :data:`PAD` behind them.
    """
    # Messages follow each other, so that what is theirs begins and ends in turn.
    some = column.value > 0
    step = np.zeros(len(data), np.int8)
    step[column.begin[some]] = 1
    step[(column.begin + column.value)[some]] -= 1
    part = data[np.cumsum(step, dtype=np.int8, out=step).view(bool)]
    del step
    end = np.cumsum(column.value)
    last = np.flatnonzero(part < 0x80)
    offset = np.concatenate([[0], np.searchsorted(last, end)])
    if (part[end[some] - 1] >= 0x80).any():
        raise UnfitError("a number is cut off")
    return _decoded(part, last), offset


def running(values: Ints, offset: Ints) -> Ints:
    """Sum up differences from the beginning of each message."""
    total = np.concatenate([[0], np.cumsum(values)])
    found: Ints = total[1:] - np.repeat(total[offset[:-1]], np.diff(offset))
    return found


def columns(
    data: Bytes, begin: Ints, end: Ints, plain: Sequence[int], within: Sequence[int] = ()
) -> list[Column]:
    """Read some fields of many messages, each of which has them once at most.

    Parameters
    ----------
    data
        Bytes, with :data:`PAD` behind them.
    begin, end
        Where each message begins and ends.
    plain, within
        The fields that are numbers, and those that are bytes.
    """
    kinds = dict.fromkeys(plain, _NUMBER) | dict.fromkeys(within, _BYTES)
    found = {key: Column(*np.zeros((2, len(begin)), np.int64)) for key in kinds}
    at, row = begin.copy(), np.flatnonzero(begin < end)
    while len(row):
        key, place = _number_at(data, at[row])
        value, place = _number_at(data, place)
        kind, number = key & 7, key >> 3
        if not (((kind == _NUMBER) | (kind == _BYTES)) & (number > 0)).all():
            raise UnfitError("a field is of another kind")
        at[row] = place + np.where(kind == _BYTES, value, 0)
        if (value < 0)[kind == _BYTES].any() or (at[row] > end[row]).any():
            raise UnfitError("a field runs over the end of its message")
        for one in np.unique(number).tolist():
            if one in found:
                mine = number == one
                if found[one].begin[row[mine]].any() or (kind[mine] != kinds[one]).any():
                    raise UnfitError("a field is there twice, or of another kind")
                found[one].begin[row[mine]], found[one].value[row[mine]] = place[mine], value[mine]
        row = row[at[row] < end[row]]
    return list(found.values())


def _number_at(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Read one number at each place; give them, and where they end."""
    byte = data[at]
    found, place = (byte & 0x7F).astype(np.int64), at + 1
    more = np.flatnonzero(byte >= 0x80)
    for step in range(1, _LONGEST + 1):
        if not len(more):
            return found, place
        byte = data[at[more] + step]
        found[more] |= (byte & 0x7F).astype(np.int64) << (7 * step)
        place[more] += 1
        more = more[byte >= 0x80]
    raise UnfitError("a number has too many bytes")


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give the fields of one message, each by its number: a number, or bytes."""
    at = 0
    while at < len(data):
        key, at = _one_number(data, at)
        value, at = _one_number(data, at)
        if key < 8:
            raise UnfitError("a field without a number")
        if key & 7 == _NUMBER:
            yield key >> 3, value
        elif key & 7 == _BYTES and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise UnfitError("a field is of another kind, or cut off")


def _one_number(data: bytes, at: int) -> tuple[int, int]:
    found, shift = 0, 0
    while True:
        byte = data[at]
        found |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return found, at


def parts(data: bytes) -> dict[int, tuple[Ints, Ints]]:
    """Give where the parts of one message begin and end, by the number of their field.

    All of them have to be bytes: a table of texts, a group of objects.
    """
    found: dict[int, tuple[list[int], list[int]]] = {}
    at, size = 0, len(data)
    while at < size:
        key, length = data[at], data[at + 1]
        at += 2
        if length >= 0x80:
            length, at = _one_number(data, at - 1)
        if key & 7 != _BYTES or not 8 <= key < 0x80:
            raise UnfitError("a field is of another kind")
        begins, ends = found.setdefault(key >> 3, ([], []))
        begins.append(at)
        at += length
        ends.append(at)
    if at != size:
        raise UnfitError("a part runs over the end of its message")
    return {
        number: (np.array(begins, np.int64), np.array(ends, np.int64))
        for number, (begins, ends) in found.items()
    }
