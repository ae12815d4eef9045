"""quarterhour score of a folder of tiles: here, by workers of this machine, or by a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.options import QUESTION, asked_besides, options, question_of, require_none
from quarterhour.cli.spoken import settle, spoken, tell, word
from quarterhour.cli.streams import echo, echo_json
from quarterhour.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from quarterhour.scoring.country.assess_tiles import TileAnswers

cluster_options = options(
    click.option("--workers", type=int, help="Of tiles: processes of this machine to score them."),
    click.option("--scheduler", metavar="TCP://…", help="Of tiles: a Dask scheduler to ask."),
    click.option("--tile", "only", multiple=True, help="Of tiles: the one to score; repeat it."),
)
"""How a folder of tiles is scored."""

INTERRUPTED = 130

_OF_TILES = ("source", "out", "as_json", "progress", "workers", "scheduler", "only")


def is_tiles(source: str | None) -> bool:
    """Tell whether a source is a folder that `split` wrote."""
    return source is not None and (Path(source) / "tiles.json").is_file()


def require_no_cluster(given: dict[str, Any]) -> None:
    """See that nothing is said of tiles where there are none.

    Raises
    ------
    InputError
        If something is.
    """
    names = {"workers": "--workers", "scheduler": "--scheduler", "only": "--tile"}
    why = "for a folder of tiles, which quarterhour split makes: leave it out"
    require_none(given, names, why)


def score_tiles(out: Path | None, as_json: bool, given: dict[str, Any]) -> None:
    """Score tiles, and say which could not be.

    Raises
    ------
    InputError
        If some could not be, or something is asked that tiles do not answer.
    """
    from quarterhour.cli import json_lines
    from quarterhour.cli.asking import item_keys, profile_of, require_sound
    from quarterhour.cli.delivery import require_folder
    from quarterhour.scoring.country.assess_tiles import assess_tiles
    from quarterhour.scoring.question import Question
    from quarterhour.standards.checklist import Checklist

    _require_of_tiles(given)
    if out is None:
        msg = f"{given['source']} is a folder of tiles: say with --out where their answers go."
        raise InputError(msg)
    require_folder("--out", out)
    words = question_of(given)
    require_sound(words)
    checklist = Checklist.load(words["checklist"] or _by_ground(given["source"]))
    settle(checklist)
    names = ("quota", "at", "contracted_only", "mode", "min_satisfaction", "period")
    question = Question.of(
        checklist,
        pace=profile_of(words["pace"], words["speed_kmh"]),
        surveyed=item_keys(checklist, words["surveyed"]),
        **{name: words[name] for name in names},
    )
    asked = {"only": given["only"], "progress": given["progress"]}
    try:
        with _client(given["workers"], given["scheduler"]) as client:
            found = assess_tiles(given["source"], question, out=out, client=client, **asked)
    except KeyboardInterrupt:
        tell("stopped", {"path": out})
        click.get_current_context().exit(INTERRUPTED)
    if as_json:
        told = {"answered": found.answered, "before": found.before, "failed": dict(found.failed)}
        echo_json(json_lines.text({**told, "folder": str(out)}))
    else:
        echo("\n".join(_lines(found)))
    if found.failed:
        some = " ".join(f"--tile {name}" for name in sorted(found.failed))
        msg = (
            f"{len(found.failed)} tiles could not be scored, the others are. Score them alone when "
            f"they are mended: quarterhour score {given['source']} --out {out} {some}"
        )
        raise InputError(msg)


def _by_ground(folder: str) -> str:
    """Choose one checklist for all tiles, by where the ground of most of them lies."""
    import geopandas as gpd

    from quarterhour.cli.asking import chosen_checklist
    from quarterhour.sources.country.tiles import open_tiles

    grounds = [tile.own for tile in open_tiles(folder).tiles]
    return chosen_checklist(gpd.GeoDataFrame(geometry=grounds, crs=4326))


def _lines(found: TileAnswers) -> list[str]:
    from quarterhour.scoring.country.assess_tiles import read_answers

    told = read_answers(found.folder, [*found.answered, *found.before]).values()
    sums = {
        name: sum(one.get(name, 0) for one in told)
        for name in ("areas", "homes", "met", "unmet", "unknown")
    }
    lang, before = spoken(), {"n": len(found.before)}
    done = {"n": len(found.answered), "path": found.folder}
    done["again"] = word(lang, "tiles_before", before) if found.before else ""
    failed = [{"name": name, "why": why} for name, why in sorted(found.failed.items())]
    return [
        word(lang, "tiles_done", done),
        word(lang, "tiles_sums", {name: f"{n:,}" for name, n in sums.items()}),
        *(word(lang, "tile_failed", one) for one in failed),
    ]


def _require_of_tiles(given: dict[str, Any]) -> None:
    """See that nothing is asked that tiles do not answer.

    Raises
    ------
    InputError
        If something is.
    """
    if named := asked_besides(given, {*QUESTION, *_OF_TILES} - {"origins_at"}):
        msg = (
            f"{given['source']} is a folder of tiles, whose data are their own: leave out {named}."
        )
        raise InputError(msg)


@contextmanager
def _client(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """Give a client of a cluster, if one is asked for.

    Raises
    ------
    InputError
        If the scheduler does not answer, or the number of workers is none.
    MissingExtraError
        If Dask is not installed.
    """
    if workers is None and scheduler is None:
        yield None
        return
    if workers is not None and (workers < 1 or scheduler is not None):
        both = "give --workers or --scheduler, not both" if scheduler else "give at least one"
        msg = f"--workers {workers} are no workers: {both}."
        raise InputError(msg)
    try:
        import distributed
    except ImportError as error:
        msg = "Workers need dask.distributed: install it with pip install 'quarterhour[cluster]'."
        raise MissingExtraError(msg) from error
    try:
        client = (
            distributed.Client(scheduler, timeout=10)  # type: ignore[no-untyped-call]
            if scheduler is not None
            else distributed.Client(n_workers=workers, threads_per_worker=1)  # type: ignore[no-untyped-call]
        )
    except (OSError, TimeoutError, ValueError) as error:
        msg = f"The Dask scheduler {scheduler} does not answer: {error}."
        raise InputError(msg) from error
    with client:
        tell("dashboard", {"link": client.dashboard_link})
        yield client
