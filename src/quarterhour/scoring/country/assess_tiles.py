"""A country's answer: its tiles assessed one after the other, or by the workers of a cluster."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from sys import stderr
from typing import Any

from tqdm.auto import tqdm

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.scoring.country import tile_files
from quarterhour.scoring.country.answering import card_of
from quarterhour.scoring.country.census import items_in
from quarterhour.scoring.country.reaching import halo_of
from quarterhour.scoring.question import Question, as_data
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.sources.country.tiles import Tiles, open_tiles
from quarterhour.standards.checklist import Checklist

COUNTRY = "country.json"
"""The file that says what was asked of a country."""


@dataclass(frozen=True)
class TileAnswers:
    """Which tiles are answered, and which are not.

    Attributes
    ----------
    folder
        Where the answers are.
    answered
        Tiles that were answered now.
    before
        Tiles that had been answered before.
    failed
        Tiles that could not be answered, each with a sentence.
    """

    folder: Path
    answered: tuple[str, ...]
    before: tuple[str, ...]
    failed: Mapping[str, str]

    def __repr__(self) -> str:
        return (
            f"<TileAnswers: {len(self.answered)} tiles answered, {len(self.before)} before, "
            f"{len(self.failed)} failed, in {self.folder}>"
        )


def assess_tiles(
    tiles: Tiles | str | Path,
    question: Question | Checklist | str,
    *,
    out: str | Path,
    client: Any = None,
    only: Sequence[str] = (),
    progress: bool = False,
) -> TileAnswers:
    """Assess a country tile by tile, each as a run on the whole country would.

    A tile that is answered already is not answered again; one that fails costs only itself.

    Parameters
    ----------
    tiles
        What :func:`quarterhour.split` wrote, or its folder.
    question
        What is asked: a question, a checklist or the key of one.
    out
        Folder for the answers: a Parquet file a tile in each of ``areas`` (GeoParquet),
        ``results``, ``coverage`` and ``left_out``.
    client
        A ``dask.distributed.Client``, whose workers see both folders; none: one tile after the
        other, here.
    only
        Names of the tiles to answer; none: all.
    progress
        Show a progress bar.

    Returns
    -------
    TileAnswers
        What was done, and which tiles failed and why.

    Raises
    ------
    InputError
        If there are no tiles, their halo is too narrow, or ``out`` holds answers to another
        question.
    MissingExtraError
        If pyarrow is not installed.

    Examples
    --------
    >>> import quarterhour as qh
    >>> tiles = qh.split("country.osm.pbf", "tiles", "beijing-2011")  # doctest: +SKIP
    >>> qh.assess_tiles(tiles, "beijing-2011", out="answers")  # doctest: +SKIP
    <TileAnswers: 64 tiles answered, 0 before, 0 failed, in answers>
    """
    tile_files.require_parquet()
    tiles = tiles if isinstance(tiles, Tiles) else open_tiles(tiles)
    question = question if isinstance(question, Question) else Question.of(question)
    _require_reach(tiles, question)
    for name in only:
        _ = tiles[name]
    out = Path(out)
    question = _of_the_folder(out, tiles, question)
    run = _here if client is None else _Cluster(client)
    failed: dict[str, str] = {}
    here = run(_Census(tiles.folder, question, out), tiles.names(), failed, progress)
    elsewhere = frozenset().union(*here.values()) if here else frozenset()
    wanted = [name for name in only or tiles.names() if name not in failed]
    told = {name: tile_files.read_done(out, name) for name in wanted}
    before = [n for n in wanted if tile_files.is_done(told[n], tiles[n], elsewhere)]
    todo = [name for name in wanted if name not in before]
    answered = run(_Answer(tiles.folder, question, out, elsewhere), todo, failed, progress)
    failed = {name: why for name, why in failed.items() if not only or name in only}
    return TileAnswers(out, tuple(answered), tuple(before), failed)


def assess_tile(
    tiles: Tiles | str | Path, name: str, question: Question | Checklist | str
) -> Scorecard:
    """Assess one tile as a part of its country: its areas, with all that they reach around it.

    Parameters
    ----------
    tiles
        What :func:`quarterhour.split` wrote, or its folder.
    name
        Which tile.
    question
        What is asked.

    Returns
    -------
    Scorecard
        Of the areas on the tile's own ground; scenarios may be asked of it as of any other.

    Raises
    ------
    InputError
        If there is no such tile, its halo is too narrow, or nobody lives on its own ground.
    """
    tiles = tiles if isinstance(tiles, Tiles) else open_tiles(tiles)
    question = question if isinstance(question, Question) else Question.of(question)
    _require_reach(tiles, question)
    here = [items_in(tiles.path(each), question) for each in tiles.names()]
    card = card_of(tiles, name, question, frozenset().union(*here))
    if card is None:
        msg = f"Nobody lives on the own ground of tile {name}: there is nothing to assess."
        raise InputError(msg)
    return card


@dataclass(frozen=True)
class _Census:
    """What a tile holds; a worker opens the folder for itself."""

    folder: Path
    question: Question
    out: Path

    def __call__(self, name: str) -> frozenset[str]:
        tiles, digest = open_tiles(self.folder), digest_of(self.question)
        known = tile_files.kept_census(self.out, tiles[name], digest)
        if known is None:
            tiles.require_whole(name)
            known = items_in(tiles.path(name), self.question)
            tile_files.keep_census(self.out, tiles[name], digest, known)
        return known


@dataclass(frozen=True)
class _Answer:
    """What a tile answers, written; it depends on nothing but what it is given."""

    folder: Path
    question: Question
    out: Path
    elsewhere: frozenset[str]

    def __call__(self, name: str) -> int:
        tiles, digest = open_tiles(self.folder), digest_of(self.question)
        here = tile_files.kept_census(self.out, tiles[name], digest) or frozenset()
        card = card_of(tiles, name, self.question, self.elsewhere)
        told = {"here": sorted(here), "elsewhere": sorted(self.elsewhere - here)}
        tile_files.write(self.out, tiles[name], card, told)
        return 0 if card is None else len(card.areas)


_Work = Callable[[str], Any]


def _here(
    work: _Work, names: Sequence[str], failed: dict[str, str], progress: bool
) -> dict[str, Any]:
    """Do work for one tile after the other."""
    done: dict[str, Any] = {}
    for name in tqdm(names, disable=not progress, unit="tile", leave=False):
        try:
            done[name] = work(name)
        except QuarterhourError as error:
            failed[name] = str(error)
        except (MemoryError, OSError, RuntimeError) as error:
            failed[name] = f"{type(error).__name__}: {error}"
    return done


@dataclass(frozen=True)
class _Cluster:
    """Work done by the workers of a cluster; Dask schedules it."""

    client: Any

    def __call__(
        self, work: _Work, names: Sequence[str], failed: dict[str, str], progress: bool
    ) -> dict[str, Any]:
        from distributed import progress as bar  # noqa: PLC0415 - an extra
        from distributed import wait  # noqa: PLC0415

        if not names:
            return {}
        futures = dict(zip(names, self.client.map(work, names, pure=False), strict=True))
        if progress:
            with redirect_stdout(stderr):
                bar(list(futures.values()), notebook=False)  # type: ignore[no-untyped-call]
        wait(list(futures.values()))  # type: ignore[no-untyped-call]
        done: dict[str, Any] = {}
        for name, future in futures.items():
            error = future.exception()
            if error is None:
                done[name] = future.result()
            else:
                failed[name] = _sentence(error)
        return done


def _sentence(error: BaseException) -> str:
    if isinstance(error, QuarterhourError):
        return str(error)
    if type(error).__name__ == "KilledWorker":
        return "Its workers were killed, several times: is there memory enough for it?"
    return f"{type(error).__name__}: {error}"


def digest_of(question: Question) -> str:
    """Give a digest of all that is asked."""
    told = json.dumps(as_data(question), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _of_the_folder(out: Path, tiles: Tiles, question: Question) -> Question:
    """Give the question as of the day on which the folder was begun, and say there what it is.

    Raises
    ------
    InputError
        If the folder holds answers to another question, or of another country.
    """
    path = out / COUNTRY
    source = {"source": tiles.source, "whole": vars(tiles.whole), "halo_m": tiles.halo_m}
    if not path.is_file():
        question = replace(question, valid_on=question.rules.day)
        told = {**source, "divided": tiles.divided, "question": as_data(question)}
        told |= {"tiles": list(tiles.names())}
        with whole_file(path) as part:
            part.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=str), "utf-8")
        return question
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        known, sha256 = told["question"], told["source"]["sha256"]
        if question.valid_on is None and question.at is None and question.period is None:
            question = replace(question, valid_on=date.fromisoformat(known["valid_on"]))
        other = sha256 != tiles.source["sha256"] or told["tiles"] != list(tiles.names())
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): name another folder."
        raise InputError(msg) from error
    plain = json.loads(json.dumps(as_data(question), default=str))
    if other or plain != known:
        words = [name for name in plain if plain[name] != known.get(name)]
        what = "of other tiles" if other else f"to another question ({', '.join(words)})"
        msg = f"{out} holds answers {what}: name another folder."
        raise InputError(msg)
    return question


def _require_reach(tiles: Tiles, question: Question) -> None:
    """See that the halo is wide enough, before any tile is read."""
    needed = halo_of(question)
    if needed > tiles.halo_m * (1 + 1e-9):
        msg = (
            f"The tiles in {tiles.folder} reach {tiles.halo_m:,.0f} m beyond their own ground, and "
            f"this question needs {needed:,.0f} m: split the country again for this question."
        )
        raise InputError(msg)


def read_answers(out: Path, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Give what is said of each answered tile."""
    told = {name: tile_files.read_done(out, name) for name in names}
    return {name: one for name, one in told.items() if one is not None}
