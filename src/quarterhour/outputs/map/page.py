"""The electronic map: one HTML file that opens from a disk and asks no host for anything."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import geopandas as gpd

from quarterhour.arrays import cores
from quarterhour.atomic import whole_file
from quarterhour.errors import InputError, MissingExtraError
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import look_table
from quarterhour.outputs.map.backdrop import backdrop_block
from quarterhour.outputs.map.data import Walk, pace_of, page_blocks
from quarterhour.outputs.map.plans import DRAWN, plans_block
from quarterhour.outputs.map.what_if import can_be_asked
from quarterhour.outputs.plan_words import Plans, checked_plans
from quarterhour.outputs.words import LANGS, map_words, status_words
from quarterhour.places.written import with_ending
from quarterhour.scoring.scorecard import REASONS, Scorecard
from quarterhour.walking.isochrones.isochrones import REACH_M
from quarterhour.walking.pace import Pace

Language = Literal["zh", "en"]

TEMPLATES = Path(__file__).parent / "templates"

SCRIPTS = (
    "words.js",
    "decode.js",
    "plane.js",
    "walk.js",
    "ranges.js",
    "town.js",
    "placed.js",
    "fields.js",
    "model.js",
    "verdict.js",
    "what_if.js",
    "changes.js",
    "other_walkers.js",
    "scenario.js",
    "marks.js",
    "blind.js",
    "ground.js",
    "layers.js",
    "panels.js",
    "plans.js",
    "planner.js",
    "plan_tools.js",
    "share.js",
    "picture.js",
    "main.js",
)
"""The page's own scripts, in the order in which they need each other."""


_LEVEL = 7
"""How hard to pack: the two levels beyond take twice as long and save one percent."""

_MANY = 500
"""With so many areas there is time to look at what is left."""


@dataclass(frozen=True)
class Tiles:
    """Pictures of a base map from the internet, drawn only when the reader asks for them.

    Attributes
    ----------
    url
        Template with ``{z}``, ``{x}`` and ``{y}``, in WGS 84 / Web Mercator.
    attribution
        What their provider asks to be shown.
    names
        Template of a second layer, drawn above the areas: the names, where the first has none.
    """

    url: str
    attribution: str
    names: str | None = None


OSM_TILES = Tiles(
    "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap contributors (tiles)"
)


_NAMES_OF = {"vec": "cva", "img": "cia", "ter": "cta"}
"""Layers of 天地图, each with the one that has its names: they are asked for apart."""


def tianditu(key: str, layer: Literal["vec", "img", "ter"] = "vec") -> Tiles:
    """Give the base map of 天地图 (Tianditu), for which every user has a key of their own.

    Parameters
    ----------
    key
        Yours, from https://console.tianditu.gov.cn; it is written into the page.
    layer
        ``"vec"`` streets, ``"img"`` pictures from above, ``"ter"`` terrain.

    Returns
    -------
    Tiles
        For ``write_map(…, tiles=…)``, with the layer of its names. Its datum is CGCS2000, which is
        WGS 84 to a few centimetres.

    Raises
    ------
    InputError
        If the key is empty, or there is no such layer.

    Examples
    --------
    >>> tianditu("0123abc").url[:36]
    'https://t0.tianditu.gov.cn/vec_w/wmt'
    """
    if not re.fullmatch(r"[0-9A-Za-z]+", key):
        msg = f"key={key!r} is no key of 天地图: it has letters and digits only, and is yours."
        raise InputError(msg)
    if layer not in _NAMES_OF:
        msg = f"layer={layer!r} is not known: use 'vec', 'img' or 'ter'."
        raise InputError(msg)
    asked, names = (
        f"https://t0.tianditu.gov.cn/{one}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        f"&LAYER={one}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        f"&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
        for one in (layer, _NAMES_OF[layer])
    )
    return Tiles(asked, "© 天地图 Tianditu", names)


def write_map(  # noqa: PLR0913 - what map_html takes, and the path
    card: Scorecard,
    path: str | Path,
    *,
    lang: Language | None = None,
    isochrones: bool = True,
    minutes: tuple[float, ...] = (5, 10, 15),
    reach_m: float = REACH_M,
    pace: Pace | None = None,
    title: str | None = None,
    tiles: Tiles | None = OSM_TILES,
    plans: Plans = (),
    backdrop: gpd.GeoDataFrame | None = None,
) -> Path:
    """Write the electronic map of a scorecard: one file that needs no network.

    It shows the areas, what each has and lacks and how far away that is, the facilities, what
    can be reached from any point, and where the numbers come from. It speaks Chinese and
    English; ``lang`` is the one it begins with. Where the scorecard knows its question and its
    homes, the reader can also change something in the page (a facility, a gate, a footway, the
    walker) and see what comes of it; the changes are a scenario that
    :func:`quarterhour.read_scenario` reads.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write, whole or not at all.
    lang
        ``"zh"`` or ``"en"``.
        None: the language of the checklist's country, else of the environment, else
        English.
    isochrones
        Whether the page can draw what lies within a walk from an area; it does when one is chosen.
    minutes
        Limits of the isochrones and of the walks from a point; the last is the longest.
    reach_m
        How far off the street isochrones are drawn, in metres; it changes no score.
    pace
        How people walk: the scorecard's own walker, which need not be given.
    title
        What stands above the map; by default the name of the checklist.
    tiles
        A base map that the reader may switch on, which then asks its host; None for no switch.
    plans
        Plans that were made of this scorecard, each to be shown on the map: before and after of
        what :func:`quarterhour.compare` gives, the places of :func:`quarterhour.site` and
        :func:`quarterhour.site_rooms`, the grounds and centres of :func:`quarterhour.circles`.
        As a mapping, by what they are called.
    backdrop
        Water, green, railways and buildings to be drawn below the areas, as
        :func:`quarterhour.sources.osm.backdrop.read_backdrop` reads them from an extract.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If a word is not known, the pace is not that of the scorecard, a plan is of another, or
        the file does not end in ``.html``.
    MissingExtraError
        If the package that ships the map library is not installed.
    OutputError
        If the file cannot be written.
    """
    path = with_ending(path, ".html")
    text = map_html(
        card,
        lang=lang,
        isochrones=isochrones,
        minutes=minutes,
        reach_m=reach_m,
        pace=pace,
        title=title,
        tiles=tiles,
        plans=plans,
        backdrop=backdrop,
    )
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return Path(path)


def map_html(  # noqa: PLR0913 - what can be in the page
    card: Scorecard,
    *,
    lang: Language | None = None,
    isochrones: bool = True,
    minutes: tuple[float, ...] = (5, 10, 15),
    reach_m: float = REACH_M,
    pace: Pace | None = None,
    title: str | None = None,
    tiles: Tiles | None = OSM_TILES,
    plans: Plans = (),
    backdrop: gpd.GeoDataFrame | None = None,
) -> str:
    """Give the page that :func:`write_map` writes, for example for a frame in a notebook."""
    lang = chosen_lang(lang, card.checklist)
    if lang not in ("zh", "en"):
        msg = f"lang={lang!r} is not a language of the map: use 'zh' or 'en'."
        raise InputError(msg)
    limits = tuple(sorted({float(limit) for limit in minutes}))
    if not limits or not limits[0] > 0:
        msg = f"minutes={minutes!r} has to be positive numbers of minutes, such as (5, 10, 15)."
        raise InputError(msg)
    named = checked_plans(card, plans, DRAWN)
    library = library_folder()
    if not 1 <= reach_m <= REACH_M:
        msg = f"reach_m={reach_m!r} has to lie between 1 and {REACH_M:g} m."
        raise InputError(msg)
    walk = Walk(limits, pace_of(card, pace), float(reach_m))
    with steps_left(len(card.areas), 2 + can_be_asked(card)) as begin:
        blocks: dict[str, Any] = page_blocks(card, walk, isochrones=isochrones, begin=begin)
        if named:
            blocks["plans"] = plans_block(card, named)
        if backdrop is not None:
            blocks["backdrop"] = backdrop_block(backdrop, card.network)
        blocks["card"]["page"] = {
            "lang": lang,
            "title": title or "",
            "tiles": None if tiles is None else [tiles.url, tiles.attribution, tiles.names],
        }
        begin("packing")
        with ThreadPoolExecutor(cores()) as threads:
            packed = list(threads.map(block_html, blocks, blocks.values()))
    own = {
        "title": html.escape(title or getattr(card.checklist, lang)),
        "policy": html.escape(policy(tiles)),
        "body": template("map.html"),
        "css": template("map.css"),
        "script": own_script(),
        "blocks": "\n".join(packed),
    }
    return framed(own, library, lang)


def template(name: str) -> str:
    """Read a template of the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def framed(own: Mapping[str, str], library: Path, lang: str) -> str:
    """Give a whole page: what is its own, in the frame of all, with the map library."""
    shared = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "library_css": (library / "maplibre-gl.css").read_text(encoding="utf-8"),
        "library": inline((library / "maplibre-gl.js").read_text(encoding="utf-8")),
        "licences": template("licences.txt"),
    }
    return fill(template("frame.html"), {**shared, **own})


@contextmanager
def steps_left(n_areas: int, steps: int) -> Iterator[Callable[[str], None]]:
    """Show which step is being done and how many are left, where there is time to look at it."""
    from tqdm.auto import tqdm  # noqa: PLC0415 - only where there is time to look at it

    shown = "map: {desc}{n_fmt} of {total_fmt} steps done |{bar}| {elapsed}"
    with tqdm(total=steps, bar_format=shown, disable=n_areas < _MANY) as bar:
        begun: list[str] = []

        def begin(step: str) -> None:
            bar.update(1 if begun else 0)
            begun.append(step)
            bar.set_description(step)

        yield begin
        bar.update(1)


def library_folder() -> Path:
    """Find the folder of MapLibre GL JS in the package that ships it, without importing that.

    Raises
    ------
    MissingExtraError
        If it is not there.
    """
    found = find_spec("maplibre")
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / "srcjs"
        if (folder / "maplibre-gl.js").is_file() and (folder / "maplibre-gl.css").is_file():
            return folder
    msg = (
        "The electronic map needs MapLibre GL JS, which the package maplibre (0.3.6 or later) "
        "ships: install it with pip install 'quarterhour[map]'."
    )
    raise MissingExtraError(msg)


def policy(tiles: Tiles | None) -> str:
    """Say to the browser that the page may ask no host, or only that of the tiles."""
    hosts: dict[str, None] = {}
    for url in (tiles.url, *([tiles.names] if tiles.names else [])) if tiles is not None else ():
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            msg = f"tiles: {url!r} is no address: give https://…/{{z}}/{{x}}/{{y}}.png."
            raise InputError(msg)
        hosts[f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}"] = None
    host = "".join(hosts)
    return (
        "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; "
        "child-src blob:; style-src 'unsafe-inline'; "
        f"img-src data: blob:{host}; connect-src data: blob:{host}"
    )


def own_script() -> str:
    """Join looks, shared words and scripts to one script that keeps its names to itself."""
    shared = {lang: status_words(lang, REASONS) | map_words(lang) for lang in LANGS}
    return one_script({"LOOKS": look_table(), "SHARED": shared}, SCRIPTS)


def one_script(given: Mapping[str, Any], scripts: Sequence[str]) -> str:
    """Join constants and scripts to one script that keeps its names to itself."""
    parts = [f"const {name} = {json.dumps(it, ensure_ascii=False)};" for name, it in given.items()]
    parts += map(template, scripts)
    return inline("(() => {\n'use strict';\n" + "\n".join(parts) + "\n})();\n")


def inline(script: str) -> str:
    """Make a script fit to stand in a page: nothing in it may look like the page's own marks."""
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def block_html(name: str, block: Mapping[str, Any]) -> str:
    """Pack a block: JSON, compressed, in letters that need no escaping."""
    text = json.dumps(block, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    small = gzip.compress(text.encode("utf-8"), _LEVEL, mtime=0)
    packed = base64.b64encode(small).decode("ascii")
    return f'<script type="application/gzip" id="block-{name}">{packed}</script>'


def fill(template: str, parts: Mapping[str, str]) -> str:
    """Put the parts in the places ``{{name}}`` of a template, each once and never twice over."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)
