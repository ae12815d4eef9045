"""Tiles cut out of an extract, all in one pass: by osmium-tool where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
import shapely
from osmium.io import File, Header

from quarterhour.errors import InputError, OutputError
from quarterhour.places.attribution import SYNTHETIC
from quarterhour.sources.country.membership import Membership, membership
from quarterhour.sources.country.regions import Cells, held_ground
from quarterhour.sources.country.survey import Survey

OSMIUM, PYOSMIUM = "osmium-tool", "pyosmium"
"""With what tiles are cut."""

_BATCH = 1 << 16
_BUFFER_BYTES = 1 << 16  # of each tile, all of which are open at once
_IDS_IN_A_PIECE, _PIECE_BYTES = 25, 1 << 22  # of libosmium's sets of ids; the first as a power
_MOST_BYTES = 1.5e9  # for these sets, however large the machine is

AT_ONCE = 250
"""Tiles that are written in one pass: each is an open file."""


def cutter(found: Survey, tiles: int) -> str:
    """Tell with what so many tiles of an extract are cut on this machine.

    osmium-tool keeps a bit for every id that there could be, in pieces of 4 MB, four times a tile:
    where that is more than 1.5 GB, or a quarter of the machine's memory, pyosmium cuts, whose
    memory does not grow with the tiles.
    """
    if shutil.which("osmium") is None:
        return PYOSMIUM
    pieces = sum(len(np.unique(ids >> _IDS_IN_A_PIECE)) for ids in (found.node_id, found.way_id))
    most = min(_memory_bytes() / 4, _MOST_BYTES)
    return OSMIUM if tiles * 2 * pieces * _PIECE_BYTES <= most else PYOSMIUM


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return 0


def cut(source: Path, found: Survey, cells: Cells, targets: dict[int, Path], tool: str) -> None:
    """Write tiles, ways and shapes in them whole, in one pass.

    Parameters
    ----------
    source
        The extract.
    found
        What is in it.
    cells
        Which ground each tile holds.
    targets
        The file of each tile that is to be written, by its number: :data:`AT_ONCE` at the most,
        all in one folder, where what is too much for memory is kept for a while.
    tool
        :data:`OSMIUM` or :data:`PYOSMIUM`.

    Raises
    ------
    InputError
        If osmium-tool objects to the extract.
    OutputError
        If the disk takes no more.
    """
    if tool == OSMIUM:
        _by_osmium(source, found, cells, targets)
    else:
        _by_pyosmium(source, found, cells, targets)


def _by_osmium(source: Path, found: Survey, cells: Cells, targets: dict[int, Path]) -> None:
    folder = next(iter(targets.values())).parent
    config = folder / "extracts.json"
    extracts = []
    for tile, path in targets.items():
        ground = held_ground(cells, tile)
        outline = folder / f"{path.name}.geojson"
        shape = (
            f'{{"type": "Feature", "properties": {{}}, "geometry": {shapely.to_geojson(ground)}}}'
        )
        outline.write_text(shape, encoding="utf-8")
        polygon = {"file_name": str(outline.resolve()), "file_type": "geojson"}
        extracts.append({"output": path.name, "polygon": polygon})
    said = {"directory": str(folder), "extracts": extracts}
    config.write_text(json.dumps(said), encoding="utf-8")
    whole = "types=multipolygon,boundary,site"
    command = ["osmium", "extract", "--config", str(config), "--strategy", "smart", "-S", whole]
    command.append("--set-bounds")
    stamp = found.header.timestamp
    if stamp:
        command += [f"--output-header=osmosis_replication_timestamp={stamp}"]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)  # noqa: S603
    for left in folder.glob("*.json"):
        left.unlink()
    for left in folder.glob("*.geojson"):
        left.unlink()
    if done.returncode != 0:
        why = " ".join(done.stderr.split())[-300:]
        if "No space left" in why:
            msg = f"Cannot write the tiles: No space left on device ({why})."
            raise OutputError(msg)
        msg = f"osmium extract could not cut {source}: {why}"
        raise InputError(msg)


def _by_pyosmium(source: Path, found: Survey, cells: Cells, targets: dict[int, Path]) -> None:
    with ExitStack() as stack:
        scratch = next(iter(targets.values())).parent
        folder = Path(stack.enter_context(TemporaryDirectory(dir=scratch)))
        held = membership(found, cells, folder)
        writers = {
            tile: stack.enter_context(_writer(path, found, held_ground(cells, tile).bounds))
            for tile, path in targets.items()
        }
        whose = [[writers[t] for t in sorted(tiles & writers.keys())] for tiles in held.holders]
        try:
            _write(source, held, whose)
        except RuntimeError as error:
            if "space" not in str(error):
                raise
            msg = f"Cannot write the tiles: {error}."
            raise OutputError(msg) from error


def _writer(path: Path, found: Survey, bounds: tuple[float, ...]) -> Any:
    header = Header()
    header.set("generator", "synthetic" if found.header.attribution == SYNTHETIC else "quarterhour")
    header.set("sorting", "Type_then_ID")
    header.add_box(osmium.osm.Box(*bounds))
    metadata = "timestamp"  # the newest tells how old the data are, where the header does not
    if found.header.timestamp:
        header.set("osmosis_replication_timestamp", found.header.timestamp)
        metadata = "false"
    file = File(str(path), f"pbf,add_metadata={metadata}")
    return osmium.SimpleWriter(file, _BUFFER_BYTES, header)


def _write(source: Path, held: Membership, whose: list[list[Any]]) -> None:
    nodes, ways = _one_by_one(held.node), _one_by_one(held.way)
    one: Any
    for one in osmium.FileProcessor(str(source)):
        if one.is_node():
            if one.location.valid():
                for writer in whose[next(nodes)]:
                    writer.add_node(one)
        elif one.is_way():
            for writer in whose[next(ways)]:
                writer.add_way(one)
        elif one.is_relation():
            for writer in whose[held.relation.get(one.id, 0)]:
                writer.add_relation(one)


def _one_by_one(codes: npt.NDArray[np.int32]) -> Iterator[int]:
    for first in range(0, len(codes), _BATCH):
        yield from codes[first : first + _BATCH].tolist()
