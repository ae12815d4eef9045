"""Doorsteps in a folder: an array a file, which is mapped into memory, and JSON; no pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.errors import InputError
from quarterhour.scoring.alone import Silence
from quarterhour.scoring.doorsteps import Doorsteps, ItemWalks
from quarterhour.streets.positions import Placed, Positions, numbered
from quarterhour.streets.snap_grid import StreetGrid
from quarterhour.walking.node_walks import NodeWalks

FORMAT = 1
"""Counted up when an older version could not read what is written."""

HEAD = "reach.json"
_GRID = ("coords", "coord_offset", "line_length_m", "along_m", "edge_of", "cell_offset", "piece")
_CELLS = ("x0", "y0", "cell_m", "columns", "rows", "below", "widest")
_WALKS = ("edge_nodes", "edge_s", "group", "seconds", "place", "part", "joined", "there")
_ITEMS = ("most", "in_metres")


def write(doorsteps: Doorsteps, crs: pyproj.CRS, folder: Path) -> None:
    """Write doorsteps into a folder that is there."""
    written: dict[int, str] = {}

    def keep(name: str, values: npt.NDArray[Any]) -> str:
        # Blocks share what does not depend on their items: it is written once.
        if id(values) not in written:
            np.save(folder / f"{name}.npy", np.ascontiguousarray(values), allow_pickle=False)
            written[id(values)] = f"{name}.npy"
        return written[id(values)]

    grid = doorsteps.grid
    head = {
        "format": FORMAT,
        "crs": crs.to_wkt(),
        "extent": shapely.to_wkb(doorsteps.extent, hex=True),
        "keys": list(doorsteps.keys),
        "speed_m_s": doorsteps.speed_m_s,
        "snap_limit_m": doorsteps.snap_limit_m,
        "labels": _told(doorsteps.labels),
        "names": list(doorsteps.names),
        "cells": {name: getattr(grid, name) for name in _CELLS},
        "grid": {name: keep(f"grid_{name}", getattr(grid, name)) for name in _GRID},
        "items": {name: getattr(doorsteps, name).tolist() for name in _ITEMS},
        "silence": [part.tolist() for part in doorsteps.silence],
        "blocks": [_write_block(k, one, keep) for k, one in enumerate(doorsteps.blocks)],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    (folder / HEAD).write_text(text, encoding="utf-8", errors="surrogatepass")


def _write_block(number: int, block: ItemWalks, keep: Any) -> dict[str, Any]:
    walks = block.walks
    named = {name: getattr(walks, name) for name in _WALKS}
    named |= {f"at_{name}": part for name, part in walks.places.at._asdict().items()}
    named |= {"item": block.item, "facility": block.facility}
    return {
        "hosts": block.hosts,
        "speed_m_s": walks.speed_m_s,
        "limit_s": walks.limit_s,
        "places": len(walks.places.labels),
        "arrays": {name: keep(f"walks{number}_{name}", part) for name, part in named.items()},
    }


def read(folder: Path) -> tuple[Doorsteps, pyproj.CRS]:
    """Open doorsteps that :func:`write` wrote; arrays are mapped, not read.

    Raises
    ------
    InputError
        If there are none, or they are damaged or of another version.
    """
    path = folder / HEAD
    try:
        head = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
        _require_format(head["format"], folder)
        return _doorsteps(head, folder), pyproj.CRS.from_wkt(head["crs"])
    except InputError:
        raise
    except FileNotFoundError as error:
        msg = f"There is no prepared question in {folder} (no {error.filename or HEAD})."
        raise InputError(msg) from error
    except Exception as error:  # json, numpy and shapely raise many kinds on a damaged file
        why = str(error) or type(error).__name__
        msg = f"{folder} is no prepared question saved by quarterhour, or it is damaged ({why})."
        raise InputError(msg) from error


def _require_format(number: int, folder: Path) -> None:
    if number != FORMAT:
        msg = f"{folder} was saved by another version of quarterhour: prepare it anew."
        raise InputError(msg)


def _told(labels: tuple[Any, ...]) -> dict[str, list[Any]]:
    """Give labels as JSON has them; those of other kinds than text and whole numbers as cells."""
    if all(type(label) in (str, int) for label in labels):
        return {"plain": list(labels)}
    from quarterhour.scoring.plain_cells import plain  # noqa: PLC0415 - pandas is slow to load

    return {"cells": [plain(label) for label in labels]}


def _labels(told: dict[str, list[Any]]) -> tuple[Any, ...]:
    if "plain" in told:
        return tuple(told["plain"])
    from quarterhour.scoring.plain_cells import cell_of  # noqa: PLC0415 - pandas is slow to load

    return tuple(cell_of(label) for label in told["cells"])


def _doorsteps(head: dict[str, Any], folder: Path) -> Doorsteps:
    opened: dict[str, npt.NDArray[Any]] = {}

    def array(name: str) -> npt.NDArray[Any]:
        if name not in opened:
            mapped = np.load(folder / Path(name).name, mmap_mode="r", allow_pickle=False)
            opened[name] = np.asarray(mapped)
        return opened[name]

    pieces: dict[str, Any] = {name: array(file) for name, file in head["grid"].items()}
    grid = StreetGrid(**pieces, **head["cells"])
    blocks = []
    for one in head["blocks"]:
        parts: dict[str, Any] = {name: array(file) for name, file in one["arrays"].items()}
        at = Positions(*(parts.pop(f"at_{name}") for name in Positions._fields))
        item, facility = parts.pop("item"), parts.pop("facility")
        places = Placed(numbered(one["places"]), at)
        told = {"speed_m_s": one["speed_m_s"], "limit_s": one["limit_s"], "places": places}
        blocks.append(ItemWalks(one["hosts"], NodeWalks(**parts, **told), item, facility))
    return Doorsteps(
        grid=grid,
        blocks=tuple(blocks),
        keys=tuple(head["keys"]),
        most=np.array(head["items"]["most"], dtype=np.float64),
        in_metres=np.array(head["items"]["in_metres"], dtype=bool),
        silence=Silence(*(np.array(part, dtype=bool) for part in head["silence"])),
        speed_m_s=head["speed_m_s"],
        snap_limit_m=head["snap_limit_m"],
        extent=shapely.from_wkb(head["extent"]),
        labels=_labels(head["labels"]),
        names=tuple(head["names"]),
    )
