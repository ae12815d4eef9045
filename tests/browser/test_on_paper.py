"""What a printer gets, and what is written on the map: nothing cut, nothing over another."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.outputs.map.page import write_map
from quarterhour.outputs.report.report import write_report
from quarterhour.sources.osm.backdrop import read_backdrop

PIXELS_PER_MM = 96 / 25.4
LINE_PX = 18
"""Height of a line of a label; an area has two: its name, and counts of its items."""

LISTEN = """() => {
  const pen = document.getElementById('labels').getContext('2d');
  const own = { fillText: pen.fillText, clearRect: pen.clearRect };
  window.drawn = [];
  pen.clearRect = (...all) => {
    const { clientWidth, clientHeight } = document.getElementById('stage');
    const bounds = quarterhour.map.getBounds().toArray().flat();
    window.drawn.push({ size: [clientWidth, clientHeight], bounds, written: [] });
    own.clearRect.apply(pen, all);
  };
  pen.fillText = (text, x, y) => {
    const m = pen.measureText(text);
    const [left, right] = [x - m.actualBoundingBoxLeft, x + m.actualBoundingBoxRight];
    const [top, low] = [y - m.actualBoundingBoxAscent, y + m.actualBoundingBoxDescent];
    const ink = [[left, top], [right, top], [right, low], [left, low]].map(([a, b]) => {
      const p = pen.getTransform().transformPoint(new DOMPoint(a, b));
      return [p.x / devicePixelRatio, p.y / devicePixelRatio];
    });
    window.drawn.at(-1).written.push({ text, ink });
    own.fillText.call(pen, text, x, y);
  };
}"""
"""Write down what the map writes whenever it is drawn: each text, and the corners of its ink."""

SEEN = """(names) => new Promise((resolve) => {
  const { map } = quarterhour;
  map.once('idle', () => {
    const stage = document.getElementById('stage').getBoundingClientRect();
    const legend = document.getElementById('legend').getBoundingClientRect();
    const on = ([x, y]) => [x - stage.left, y - stage.top];
    const pixels = (at) => { const { x, y } = map.project(at); return [x, y]; };
    resolve({
      ...window.drawn.at(-1),
      legend: [...on([legend.left, legend.top]), ...on([legend.right, legend.bottom])],
      places: map.queryRenderedFeatures({ layers: ['clusters', 'places'] })
        .map((one) => pixels(one.geometry.coordinates)),
      at: names.map((name) => pixels(quarterhour.labelPoint(quarterhour.areaNamed(name)))),
    });
  });
  map.triggerRepaint();
})"""
"""What the map wrote last, and what else stands on it, in pixels of the map."""


def areas_px(page: Any, areas: Any) -> Any:
    """The boxes of areas on the screen: west, north, east, south."""
    boxes = areas.to_crs(4326).bounds[["minx", "maxy", "maxx", "miny"]].to_numpy().tolist()
    corners = """(boxes) => boxes.map(([w, n, e, s]) => [[w, n], [e, s]].flatMap((at) => {
      const { x, y } = quarterhour.map.project(at); return [x, y]; }))"""
    return page.evaluate(corners, boxes)


@pytest.fixture(scope="module")
def based_map(helsinki, tmp_path_factory) -> Path:
    """A map on which streets, water and parks are named too."""
    path = tmp_path_factory.mktemp("paper") / "base.html"
    ground = read_backdrop(worlds.SAMPLES / "helsinki.osm.pbf")
    return write_map(helsinki, path, lang="en", isochrones=False, backdrop=ground)


@pytest.mark.parametrize(("where", "step"), [("town", 1.0), ("based", 1.5)])
def test_no_label_lies_over_another_and_none_is_left_out_where_there_is_room(
    open_map, request, town, where, step
):
    page = open_map(request.getfixturevalue(f"{where}_map"), anew=True).page
    names = town.areas["name"].tolist() if where == "town" else []
    page.evaluate(LISTEN)
    for _ in range(2):
        seen = page.evaluate(SEEN, names)
        ink = shapely.polygons([one["ink"] for one in seen["written"]])
        one, other = shapely.STRtree(ink).query(ink, "intersects")
        over = shapely.area(shapely.intersection(ink[one], ink[other])) > 1
        texts = np.array([one["text"] for one in seen["written"]])
        first = one < other
        assert len(texts) > 20
        assert not [*zip(texts[one[over & first]], texts[other[over & first]], strict=True)]
        if where == "town":
            left_out = set(names) - set(texts)
            free = with_room(seen, names, areas_px(page, town.areas), ink)
            assert not left_out & free
            of_areas = np.isin(texts, names)
            assert shapely.covers(shapely.box(0, 0, *seen["size"]), ink[of_areas]).all()
        page.evaluate(
            "(step) => quarterhour.map.jumpTo({zoom: quarterhour.map.getZoom() + step})", step
        )


def with_room(seen: Any, names: list[str], boxes: Any, ink: Any) -> set[str]:
    """Areas where a label would stand free: on them, above or below."""
    room = shapely.box(0, 0, *seen["size"])
    taken = [*ink, shapely.box(*seen["legend"])]
    taken += [shapely.box(x - 13, y - 13, x + 13, y + 13) for x, y in seen["places"]]
    found = set()
    for name, (x, y), (_, north, _, south) in zip(names, seen["at"], boxes, strict=True):
        half, aside = 62, (south - north) / 2 + LINE_PX + 1
        spots = [
            shapely.box(x - half, at - LINE_PX, x + half, at + LINE_PX)
            for at in (y - aside, y, y + aside)
        ]
        if any(room.covers(one) and not shapely.intersects(one, taken).any() for one in spots):
            found.add(name)
    return found


def test_of_many_areas_those_that_stand_alone_are_named(open_map, tmp_path):
    dense = [(400 + 22 * (n % 10), 400 + 22 * (n // 10)) for n in range(90)]
    alone = [(1500, 1900), (100, 1500)]
    names = [f"街坊{n}" for n in range(90)] + ["孤村", "远里"]
    areas = worlds.squares(*dense, *alone, residents=10.0, name=names)
    network = worlds.grid_world(21, 100.0)
    checklist = worlds.checklist(worlds.item("shop"))
    card = qh.assess(areas, worlds.points((500, 500), item="shop"), network, checklist)
    page = open_map(write_map(card, tmp_path / "map.html", isochrones=False)).page
    page.evaluate("() => quarterhour.map.jumpTo({zoom: quarterhour.map.getZoom() - 1})")
    page.evaluate(LISTEN)
    seen = page.evaluate(SEEN, names)
    texts = [one["text"] for one in seen["written"]]
    assert {"孤村", "远里"} <= set(texts)
    ink = shapely.polygons([one["ink"] for one in seen["written"]])
    boxes = [shapely.box(w, n, e, s) for w, n, e, s in areas_px(page, areas)]
    own = {"孤村": [90], "远里": [91]}
    for text, spot in zip(texts, ink, strict=True):  # no name lies over another area
        over = shapely.STRtree(boxes).query(spot, "intersects")
        assert set(over) <= set(own.get(text, range(92) if text in names[:90] else [])), text


def test_the_printed_map_is_one_page_with_every_area_and_its_legend(open_map, town_map, town):
    page = open_map(town_map, anew=True).page
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    page.evaluate("() => quarterhour.map.jumpTo({zoom: 18})")
    page.evaluate(LISTEN)
    page.evaluate(
        """() => {
          window.told = [];
          const { fillText } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillText = function tell(text, ...at) {
            window.told.push(text);
            fillText.call(this, text, ...at);
          };
        }"""
    )
    page.click("#print")
    page.wait_for_function("() => window.printed")
    paper = page.evaluate("() => window.drawn.find(({ size }) => size[0] === 1500)")
    west, south, east, north = town.areas.to_crs(4326).total_bounds
    assert shapely.box(*paper["bounds"]).covers(shapely.box(west, south, east, north))
    assert {one["text"] for one in paper["written"]} >= set(town.areas["name"])
    inside = shapely.covers(
        shapely.box(0, 0, *paper["size"]),
        shapely.polygons([one["ink"] for one in paper["written"]]),
    )
    assert inside.all()
    rows = "#legend-rows h2, #legend-rows .key:not(.signs), #legend-rows .signs > span"
    legend = [text.strip() for text in page.locator(rows).all_text_contents()]
    assert len(legend) > 12
    told = page.evaluate("() => window.told")
    assert {*legend, page.inner_text("#subtitle")} <= set(told)
    assert [text for text in told if re.fullmatch(r"[125]0* (米|公里) · 上北下南", text)]
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    wide, high = (int((mm - 16) * PIXELS_PER_MM) for mm in (297, 210))
    page.set_viewport_size({"width": wide, "height": high})
    box = page.locator("#paper").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= wide + 1
    assert box["y"] + box["height"] <= high + 1


@pytest.fixture(scope="module")
def report(town, tmp_path_factory) -> Path:
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    after = qh.scenario(town, [qh.CloseFacility("惠民菜市场"), market, qh.RemoveWall("梧桐苑")])
    plans = [qh.compare(town, after), qh.site(town, "food_market", k=4), qh.circles(town)]
    path = tmp_path_factory.mktemp("paper") / "report.html"
    return write_report(town, path, lang="both", title="新城", plans=plans)


@pytest.fixture(scope="module")
def helsinki_report(helsinki, tmp_path_factory) -> Path:
    return write_report(helsinki, tmp_path_factory.mktemp("paper") / "report.html", lang="en")


MARK = """() => {
  const link = (name, node) => {
    const a = Object.assign(document.createElement('a'), { href: `http://x/${name}` });
    a.style.cssText = 'color: inherit; text-decoration: none';
    a.append(...node.childNodes);
    node.append(a);
  };
  const around = (name, node) => {
    const a = Object.assign(document.createElement('a'), { href: `http://x/${name}` });
    a.style.display = 'block';
    node.replaceWith(a);
    a.append(node);
  };
  const drawn = [...document.querySelectorAll('svg.map, svg.curve, svg.small')];
  const heads = [...document.querySelectorAll('.text h2, .text h3, tr.inner th')];
  const told = heads.map((head, k) => {
    const besides = '.hint, .legend, .barhead, .caveat';
    const row = head.parentNode.nextElementSibling;
    let next = head.tagName === 'TH' ? row.cells[0] : head.nextElementSibling;
    while (next.matches(besides) && next.nextElementSibling) next = next.nextElementSibling;
    const inside = drawn.findIndex((one) => next.contains(one));
    const before = heads.indexOf(next);
    const other = before >= 0 ? `head-${before}` : `next-${k}`;
    const name = inside >= 0 ? `drawn-${inside}` : other;
    return { k, text: head.textContent.trim(), name, next };
  });
  heads.forEach((head, k) => link(`head-${k}`, head));
  told.filter(({ name }) => name.startsWith('next')).forEach(({ name, next }) => {
    link(name, next.querySelector('tbody tr:not(.inner) td, li, dd') || next);
  });
  drawn.forEach((one, k) => {
    if (one.matches('.small')) link(`drawn-${k}`, one.parentNode.querySelector('figcaption'));
    around(`drawn-${k}`, one);
  });
  return told.map(({ k, text, name }) => [text, `head-${k}`, name]);
}"""
"""Make links of headings, of what comes after them, and of drawings: a printed page says where its
links are, so they tell on which page each came out."""


def pages_of(printed: bytes) -> dict[str, list[int]]:
    """On which pages of a PDF, from 0, each link stands."""
    objects = dict(re.findall(rb"(?m)^(\d+) 0 obj\s(.*?)endobj", printed, re.DOTALL))
    tops = [one for one in objects.values() if b"/Type /Pages" in one and b"/Parent" not in one]

    def below(node: bytes) -> list[bytes]:
        if b"/Type /Pages" not in node:
            return [node]
        kids = re.findall(rb"(\d+) 0 R", re.search(rb"/Kids\s*\[(.*?)\]", node, re.DOTALL)[1])
        return [page for kid in kids for page in below(objects[kid])]

    found = defaultdict(list)
    for number, page in enumerate(below(tops[0])):
        listed = re.search(rb"/Annots\s*\[(.*?)\]", page, re.DOTALL)
        for mark in re.findall(rb"(\d+) 0 R", listed[1]) if listed else []:
            name = re.search(rb"http://x/([a-z]+-\d+)", objects[mark])
            if name and number not in found[name[1].decode()]:
                found[name[1].decode()].append(number)
    return found


@pytest.mark.parametrize(("name", "most"), [("report", 34), ("helsinki_report", 14)])
def test_in_print_a_heading_stays_with_what_it_heads_and_no_drawing_is_cut(
    open_page, request, name, most
):
    page = open_page(request.getfixturevalue(name)).page
    told = page.evaluate(MARK)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    at = pages_of(printed)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= most
    drawn = {key: pages for key, pages in at.items() if key.startswith("drawn")}
    assert len(drawn) > 4
    assert not {key: pages for key, pages in drawn.items() if len(pages) > 1}
    apart = [text for text, head, follows in told if at[head][-1] != at[follows][0]]
    assert len(told) > 10
    assert not apart
