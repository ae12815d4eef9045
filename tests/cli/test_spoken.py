"""In which language the terminal speaks, and that all that it prints is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result

import osm_worlds
from command_line import HELSINKI, SAMPLES, TOWN, TOWN_OPTIONS, commands
from country_worlds import QUESTION, country
from one_language import faults, phrases_of
from quarterhour.cli.main import cli
from quarterhour.cli.spoken import words
from quarterhour.outputs.words import LANGS, Lang
from quarterhour.sources.osm.read import read_osm
from quarterhour.standards.write import write
from seen import seen_in_html
from worlds import helsinki

FILES = ("compounds.geojson", "gates.geojson", "streets.osm")
FREE = {"help", "map", "report"}
"""Commands whose own words are shared, or that have a language of their own pages."""


ASKED = [one if one == "zh" else pytest.param(one, marks=pytest.mark.long) for one in LANGS]
"""English is what the tests of each command look at."""

OUT = [name for name in words()["en"] if "." in name]
"""Names of files that are written."""

NAMES = [
    *("--checklist", "--out", "read_scorecard", "again", "quarterhour score", "answers", "[map]"),
    *("Dask", "Overture Maps Foundation", "Maps", "GIS", "sony-2024"),
]
"""What people type, and what things are called, in both languages."""

NEEDS = """
[elderly]
required = ["food_market", "pharmacy"]
"""


def run(*arguments: object, lang: str | None = None) -> Result:
    """Run a command as it is called, in an environment of a language."""
    place = {"LC_ALL": lang} if lang else {"LC_ALL": "C.UTF-8"}
    done = CliRunner(env=place).invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The new town, and the new town without the wall of a compound and without a market."""
    made = tmp_path_factory.mktemp("spoken")
    plan = made / "plan.json"
    wall = '{"change": "remove_wall", "area": "云河家园"}'
    market = '{"change": "close_facility", "facility": "惠民菜市场"}'
    features = [
        f'{{"type": "Feature", "geometry": null, "properties": {p}}}' for p in (wall, market)
    ]
    plan.write_text(
        f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}', encoding="utf-8"
    )
    run("score", *TOWN_OPTIONS, "--out", made / "now", "--no-progress")
    run("score", *TOWN_OPTIONS, "--scenario", plan, "--out", made / "then", "--no-progress")
    return made / "now", made / "then"


def told(done: Result, *names: object) -> list[str]:
    """What was printed on both streams, without the names of files."""
    files = [*map(str, names), *map(str, TOWN.iterdir()), str(SAMPLES), *OUT]
    return without(done.stdout + done.stderr, [*files, *NAMES]).splitlines()


def without(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def test_both_languages_have_the_same_words() -> None:
    assert set(words()["zh"]) == set(words()["en"])
    for lang in LANGS:
        own = {key: text for key, text in words()[lang].items() if not key.endswith("." + key)}
        assert len(own) > 150
        shown = [without(text, NAMES) for text in phrases_of(own)]
        assert faults(shown, lang) == set()


def test_every_command_that_prints_takes_the_language() -> None:
    for path in commands():
        command = cli
        for name in path:
            command = command.commands[name]  # type: ignore[attr-defined]
        if path and not hasattr(command, "commands") and path[0] not in FREE:
            assert any(one.name == "lang" for one in command.params), path


@pytest.mark.parametrize("lang", ASKED)
def test_what_a_saved_scorecard_tells_is_in_one_language(
    folders: tuple[Path, Path], lang: Lang
) -> None:
    now, then = folders
    said = ("--lang", lang)
    asked = [
        ("compare", now, then),
        ("coverage", now, "--measure", "item"),
        ("coverage", now, "--equity"),
        ("coverage", now, "--group", "adult", "--group", "elderly"),
        ("sure", now, "--draws", "2", "--no-progress"),
        ("series", now, "--day", "2024", "--day", "2025"),
        ("reproduce", now),
        ("reproduce", now, *TOWN_OPTIONS),
    ]
    for one in asked:
        assert faults(told(run(*one, *said), *folders), lang) == set(), one


@pytest.mark.parametrize("lang", ASKED)
def test_what_is_asked_of_tables_is_told_in_one_language(lang: Lang, tmp_path: Path) -> None:
    said, out = ("--lang", lang, "--no-progress"), tmp_path / "out"
    needs = tmp_path / "needs.toml"
    needs.write_text(NEEDS, encoding="utf-8")
    asked = [
        ("score", *TOWN_OPTIONS, "--pace", "wheelchair", "--surveyed", "all", "--out", out),
        ("gaps", *TOWN_OPTIONS, "--why", "--by", "city", "--period", "2026-11"),
        ("circles", *TOWN_OPTIONS),
        ("site", *TOWN_OPTIONS, "--item", "food_market", "--k", "1"),
        ("site", *TOWN_OPTIONS, "--item", "food_market", "--item", "pharmacy", "--k", "1"),
        ("links", *TOWN_OPTIONS, "--exact", "1"),
        ("audit", *TOWN_OPTIONS, "--exact", "1"),
        ("needs", *TOWN_OPTIONS, "--groups", needs),
    ]
    for one in asked:
        assert faults(told(run(*one, *said), out), lang) == set(), one


TAGS = re.compile(r"highway=\S+|access=[^）]+|\baccess\b|\bfoot\b|\bservice\b|way/\d+|\btrail\b")
"""Tags and numbers of OpenStreetMap, as mappers write them."""

FILE = re.compile(r"\S*(?:helsinki|new-town)[\w./-]*")


@pytest.mark.parametrize("lang", ASKED)
def test_the_demo_and_its_pages_are_in_one_language(lang: Lang, tmp_path: Path) -> None:
    done = run("demo", "--out", tmp_path, "--lang", lang, "--no-progress")
    areas = gpd.read_file(tmp_path / "helsinki" / "areas.geojson")
    names = {*areas["name"].dropna(), *helsinki().facilities["name"].dropna()}
    heads = [words()[one][f"demo_{town}"] for one in LANGS for town in ("helsinki", "new_town")]
    names |= {re.split("[:：]", head)[0] for head in heads}  # titles of pages in both languages

    def wrong(text: str, spoken: Lang) -> set[str]:
        text = FILE.sub(" ", TAGS.sub(" ", without(text, names)))
        return faults(text.splitlines(), spoken)

    printed = "\n".join(told(done, tmp_path))
    assert len(printed.splitlines()) > 150
    assert wrong(printed, lang) == set()
    for folder in ("helsinki", "new-town"):
        page = (tmp_path / folder / "report.html").read_text(encoding="utf-8")
        chinese, _, english = page.partition('<div class="text en"')
        for part, spoken in ((chinese, "zh"), (english, "en")):
            shown = "\n".join(seen_in_html(part.replace("English", "")))
            assert wrong(shown, spoken) == set(), folder  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A country, its checklist, and an extract with two rooms that nobody uses."""
    made = tmp_path_factory.mktemp("tiny")
    country(made)
    write(replace(QUESTION.checklist, citation="Made up", missing="all"), made / "tiny.toml")
    streets = osm_worlds.nodes({1: (0, 0), 2: (900, 0)})
    streets += osm_worlds.way_xml(1, [1, 2], osm_worlds.STREET)
    rooms = {10: (200.0, 10.0), 11: (800.0, 10.0), 12: (400.0, 10.0)}
    tags = {"n10": {"shop": "vacant"}, "n11": {"shop": "vacant"}, "n12": {"shop": "books"}}
    path = osm_worlds.write(made, streets, osm_worlds.nodes(rooms, **tags))
    path.rename(made / "rooms.osm")
    home = read_osm(made / "rooms.osm").facilities.to_crs(4326).geometry.loc["node/12"]
    text = f"id,name,lon,lat,residents\nh,9,{home.x},{home.y},100\n"
    (made / "homes.csv").write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_a_country_is_told_in_one_language(tiny: Path, lang: Lang, tmp_path: Path) -> None:
    tiles, answers = tmp_path / "tiles", tmp_path / "answers"
    asked = ("--checklist", tiny / "tiny.toml")
    cut = ("split", tiny / "country.osm", *asked, "--out")
    by_two = (*cut, tiles, "--tiles", "2")
    spoken = [
        by_two,
        (*cut, tmp_path / "squares", "--grid-km", "7"),
        ("score", tiles, "--out", answers, *asked, "--no-progress"),
        ("coverage", answers, "--measure", "area"),
        ("coverage", answers, "--by", "tile"),
        ("map", answers, "--out", tmp_path / "map.html", "--pages", tiles, "--tile", "tile-2"),
    ]
    keys = [text for item in QUESTION.checklist for text in (item.key, item.en)]
    keys.append("Warning: Checklist tiny is unverified: all")
    own = [
        tmp_path / "squares",
        tmp_path / "map-tiles" / "tile-2.html",
        "tile-1",
        "tile-2",
        "country.osm",
        "map.html",
    ]
    own += ["pyosmium", "osmium-tool", *keys]
    for one in spoken:
        done = run(*one, "--lang", lang)
        assert faults(told(done, tiles, answers, tmp_path, tiny, *own), lang) == set(), one


@pytest.mark.parametrize("lang", LANGS)
def test_where_rooms_stand_empty_is_told_in_one_language(tiny: Path, lang: Lang) -> None:
    where = (tiny / "rooms.osm", "--areas", tiny / "homes.csv", "--datum", "wgs84")
    asked = (*where, "--checklist", "beijing-2011", "--candidates", "vacant", "--no-progress")
    for items in (("pharmacy",), ("pharmacy", "food_market")):
        named = [word for item in items for word in ("--item", item)]
        done = run("site", *asked, *named, "--k", "1", "--lang", lang)
        assert faults(told(done, *where, "rooms.osm"), lang) == set(), items


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_fetched_is_told_in_one_language(
    lang: Lang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "place.osm.pbf"
    monkeypatch.setattr("quarterhour.sources.osm.overpass.fetch", lambda *_, **__: out)
    done = run("fetch", "24.9,60.1", "--out", out, "--lang", lang)
    assert faults(told(done, out), lang) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_page_is_written_with_is_told_in_one_language(lang: Lang, tmp_path: Path) -> None:
    book, cards = tmp_path / "plan.xlsx", tmp_path / "cards.html"
    more = ("--no-progress", "--lang", lang)
    out = tmp_path / "page.html"
    for one in (("report", "--workbook", book, "--cards", cards), ("map",)):
        done = run(*one, *TOWN_OPTIONS, "--out", out, *more)
        assert faults(told(done, out, book, cards), lang) == set(), one


def test_files_that_are_looked_at_are_told_in_chinese(tmp_path: Path) -> None:
    files = [TOWN / name for name in FILES]
    poi = f"facilities:{TOWN / 'amap_poi.csv'}"
    datums = ("--datum", "wgs84", "--facilities-datum", "gcj02")
    done = run("check", *files, poi, *datums, "--lang", "zh")
    assert faults(told(done), "zh") == set()
    point = ("--lon", "24.9414", "--lat", "60.1719", "--minutes", "5", "--no-progress")
    done = run("isochrones", HELSINKI, *point, "--out", tmp_path / "a.gpkg", "--lang", "zh")
    assert faults(told(done, tmp_path / "a.gpkg", HELSINKI), "zh") == set()


def test_the_language_is_that_of_the_checklist_then_of_the_environment(
    folders: tuple[Path, Path],
) -> None:
    now, _ = folders
    assert "个结果全部相同" in run("reproduce", now).stdout
    assert "are the same" in run("reproduce", now, "--lang", "en", lang="zh_CN.UTF-8").stdout
    assert "名称" in run("checklist", "list", lang="zh_CN.UTF-8").stdout
    assert "status" in run("checklist", "list").stdout
    assert "状态：已核实" in run("checklist", "show", "beijing-2011").stdout
    english = run("checklist", "show", "sony-2024", lang="C.UTF-8").stdout
    assert "Status: verified" in english


def test_a_terminal_without_chinese_is_spoken_to_in_english() -> None:
    plain = CliRunner(charset="ascii").invoke(cli, ["checklist", "show", "beijing-2011"])
    assert "Status: verified" in plain.stdout
    asked = CliRunner(charset="ascii").invoke(
        cli, ["checklist", "show", "beijing-2011", "--lang", "zh"]
    )
    assert "Status" not in asked.stdout
