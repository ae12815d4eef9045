"""A country's answer: its tiles assessed one after the other, or by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from sys import stderr
from typing import Any

from tqdm.auto import tqdm

from quarterhour.errors import InputError, QuarterhourError
from quarterhour.scoring.country import tile_files
from quarterhour.scoring.country.answering import card_of
from quarterhour.scoring.country.census import items_of
from quarterhour.scoring.country.country_file import begun, digest_of, tell_failed
from quarterhour.scoring.country.reaching import halo_of
from quarterhour.scoring.question import Question
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.sources.country.tiles import Tiles, open_tiles
from quarterhour.standards.checklist import Checklist


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
        Folder for the answers: a Parquet file a tile in each of ``areas`` and ``homes``
        (GeoParquet), ``results``, ``coverage`` and ``left_out``; see :func:`open_results`.
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
    question = begun(out, tiles, question)
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
    tell_failed(out, {**dict.fromkeys([*answered, *before]), **failed})
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
    here = [items_of(tiles, each, question) for each in tiles.names()]
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
            known = items_of(tiles, name, self.question)
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
