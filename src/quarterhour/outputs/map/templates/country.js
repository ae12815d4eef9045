// The overview of a country: districts by coverage, areas in them, and the way to tiles' own pages.

const $ = (id) => document.getElementById(id);
const FAR = 8; // zoom from which areas are drawn, and districts fade
const NAMED_PX = 64; // districts as wide as this on the screen tell their share
const MOST_NAMED = 150;

let country = null;
let map = null;
let lang = 'en';
let item = 0; // 0: all items
let grounds = null; // gives the shape of a district
let boxes = [];
let labels = [];
let popup = null;

const say = (key, values = {}) => WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
const number = (n) => new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en').format(n);
const percentOf = (thousandths) => `${thousandths % 1000 ? (thousandths / 10).toFixed(1) : thousandths / 10}%`; // as everywhere: down, 100% is all
const percent = (share) => (share === null ? '–' : percentOf(Math.floor(share * 1000 + 1e-6)));
const feature = (type, coordinates, properties = {}) => ({ type: 'Feature', properties, geometry: { type, coordinates } });
const collection = (features) => ({ type: 'FeatureCollection', features });

function tag(name, text = '', extra = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  return Object.assign(made, extra);
}

function numbersOf(told, k) {
  const [got, implied, of, unknown] = ['numerator', 'implied', 'denominator', 'unknown'].map((name) => told[name][item][k]);
  return { got, implied, of, unknown, share: of > 0 ? got / of : null };
}

function colourOf(share) {
  if (share === null || share < 0) return LOOKS.nothing.face;
  const above = LOOKS.bounds.filter((bound) => share * 100 >= bound).length;
  return LOOKS.classes[Math.min(Math.max(above - 1, 0), LOOKS.classes.length - 1)];
}

const itemName = () => (item === 0 ? say('all_items') : country.checklist.items[item - 1][lang]);

function sentence({ got, implied, of, unknown }) {
  const key = item === 0 ? 'told_all' : 'told_item';
  const hosted = implied > 0 ? say('hosted', { n: number(implied) }) : '';
  return say(key, { item: itemName(), got: number(got), hosted, of: number(of), unknown: number(unknown) });
}

// ---- shapes ----

function boundsOf(parts) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of parts.flat()) {
    for (const [x, y] of ring) {
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
    }
  }
  return box;
}

const together = (some) => some.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);

function districtData() {
  return collection(country.districts.name.map((_, k) => {
    const { share } = numbersOf(country.districts.numbers, k);
    return feature('MultiPolygon', grounds(k), { k, fill: colourOf(share) });
  }));
}

let areaShapes = null;

function areaData() {
  const { areas } = country;
  if (!areas) return collection([]);
  areaShapes ??= shapesOf(areas.shapes);
  const faces = country.statuses.map((status) => LOOKS.statuses[status].face);
  return collection(areas.label.map((_, k) => {
    const fill = item === 0 ? colourOf(areas.share[k] / 1000) : faces[Number(areas.status[item - 1][k])];
    return feature('MultiPolygon', areaShapes(k), { k, fill });
  }));
}

function lackData() {
  const shape = shapesOf(country.tiles.shapes);
  return collection(country.tiles.lacks.flatMap((lacks, k) => (lacks ? [feature('MultiPolygon', shape(k), { k })] : [])));
}

function hatch() {
  const size = 12;
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const pen = canvas.getContext('2d');
  pen.strokeStyle = '#8b0000';
  pen.lineWidth = 1.6;
  for (const at of [-size, 0, size]) { pen.beginPath(); pen.moveTo(at, size); pen.lineTo(at + size, 0); pen.stroke(); }
  return { width: size, height: size, data: pen.getImageData(0, 0, size, size).data };
}

// ---- the map ----

function style() {
  const source = (data) => ({ type: 'geojson', data, tolerance: 0.3 });
  const fading = ['interpolate', ['linear'], ['zoom'], FAR, 0.85, FAR + 3, country.areas ? 0.18 : 0.85];
  return {
    version: 8,
    sources: {
      districts: { ...source(districtData()), attribution: country.credit }, areas: source(areaData()), lacks: source(lackData()),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': '#f7f6f2' } },
      { id: 'districts', type: 'fill', source: 'districts', paint: { 'fill-color': ['get', 'fill'], 'fill-opacity': fading } },
      { id: 'lacks', type: 'fill', source: 'lacks', paint: { 'fill-pattern': 'hatch' } },
      { id: 'areas', type: 'fill', source: 'areas', minzoom: FAR, paint: { 'fill-color': ['get', 'fill'], 'fill-opacity': ['interpolate', ['linear'], ['zoom'], FAR, 0, FAR + 1, 0.95] } },
      { id: 'areas-line', type: 'line', source: 'areas', minzoom: FAR + 2, paint: { 'line-color': '#4b505b', 'line-width': 0.7 } },
      { id: 'districts-line', type: 'line', source: 'districts', paint: { 'line-color': '#33302b', 'line-width': ['interpolate', ['linear'], ['zoom'], 4, 0.5, 10, 1.6] } },
    ],
  };
}

function startMap() {
  map = new maplibregl.Map({
    container: 'map', style: style(), bounds: together(boxes), fitBoundsOptions: { padding: 50 }, fadeDuration: 0,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-left');
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-left');
  map.addControl(new maplibregl.AttributionControl({ compact: false }), 'bottom-right');
  map.on('styleimagemissing', ({ id }) => { if (id === 'hatch') map.addImage('hatch', hatch()); });
  map.on('moveend', nameDistricts);
  map.on('load', nameDistricts);
  map.on('click', ({ point, lngLat }) => {
    const [hit] = map.queryRenderedFeatures(point, { layers: ['areas', 'lacks', 'districts'] });
    if (!hit) return;
    const { k } = hit.properties;
    const show = { areas: showArea, lacks: showLack, districts: showDistrict }[hit.layer.id];
    show(k, lngLat);
  });
}

function nameDistricts() {
  labels.forEach((one) => one.remove());
  const view = map.getBounds();
  labels = boxes.flatMap((box, k) => {
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const wide = map.project([box[2], middle[1]]).x - map.project([box[0], middle[1]]).x;
    const { share } = numbersOf(country.districts.numbers, k);
    if (share === null || wide < NAMED_PX || !view.contains(middle)) return [];
    const text = tag('div', percent(share), { className: 'share' });
    return [new maplibregl.Marker({ element: text }).setLngLat(middle)];
  }).slice(0, MOST_NAMED);
  labels.forEach((one) => one.addTo(map));
}

// ---- what a click tells ----

function tell(at, title, lines, tile, area = '') {
  const box = tag('div');
  box.append(tag('h3', title), ...lines.map((line) => tag('p', line)));
  if (tile >= 0) {
    const page = country.tiles.page[tile];
    const name = country.tiles.title[tile] || country.tiles.name[tile];
    const last = tag('p');
    const view = new URLSearchParams({ lang, ...(area ? { area } : {}) });
    if (page) last.append(tag('a', say('to_page', { tile: name }), { href: `${page}#${view}` }));
    else if (!country.tiles.lacks[tile]) last.textContent = say('no_page', { tile: country.tiles.name[tile] });
    box.append(last);
  }
  popup?.remove();
  popup = new maplibregl.Popup({ maxWidth: '320px', closeButton: true }).setLngLat(at).setDOMContent(box).addTo(map);
}

function showDistrict(k, at) {
  const told = numbersOf(country.districts.numbers, k);
  const lacks = country.districts.tiles && country.tiles.lacks[k];
  if (lacks) { showLack(k, at); return; }
  const lines = [`${itemName()}${say('colon')}${percent(told.share)}`, told.of > 0 || told.unknown > 0 ? sentence(told) : say('nobody')];
  tell(at, country.districts.name[k], lines, country.districts.tiles ? k : -1);
}

function showLack(k, at) {
  const name = country.tiles.title[k] || country.tiles.name[k];
  tell(at, name, [say('lacks'), country.tiles.why[k]].filter(Boolean), k);
}

function showArea(k, at) {
  const { areas } = country;
  const counts = country.statuses.map((_, code) => areas.status.filter((one) => Number(one[k]) === code).length);
  const told = country.statuses.map((status, code) => `${say(status)} ${counts[code]}`).join(say('joiner'));
  const share = areas.share[k] < 0 ? null : areas.share[k] / 1000;
  const lines = [`${say('area_share')}${say('colon')}${percent(share)}`, told];
  if (item > 0) lines.unshift(`${itemName()}${say('colon')}${say(country.statuses[Number(areas.status[item - 1][k])])}`);
  tell(at, areas.name[k] || say('unnamed'), lines, areas.tile[k], areas.label[k]);
}

// ---- the panel ----

function showItems() {
  const names = [say('all_items'), ...country.checklist.items.map((one) => one[lang])];
  $('item').replaceChildren(...names.map((name, k) => tag('option', name, { value: k, selected: k === item })));
}

function showPanel() {
  const { page, checklist, counts, source, notes } = country;
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  $('title').textContent = page.title || checklist[lang];
  document.title = $('title').textContent;
  $('subtitle').textContent = say('subtitle', { tiles: number(country.tiles.name.length), areas: number(counts[0]), homes: number(counts[1]) });
  $('language').textContent = say('language');
  $('item-word').textContent = say('item');
  $('districts-word').textContent = say(country.districts.tiles ? 'tiles_word' : 'districts_word');
  $('legend-word').textContent = say('legend');
  $('notes').hidden = notes[lang].length === 0;
  $('notes').replaceChildren(...notes[lang].map((note) => tag('li', note)));
  $('about').textContent = [say('about', { file: source[0] }), source[1] && say('as_of', { time: source[1] }),
    country.areas ? say('nearer') : say('too_many')].filter(Boolean).join(' ');
  showItems();
  showNumbers();
}

function showNumbers() {
  const told = numbersOf(country.whole, 0);
  $('whole').replaceChildren(tag('strong', percent(told.share)), document.createTextNode(sentence(told)));
  const rows = country.districts.name.map((name, k) => ({ name, k, ...numbersOf(country.districts.numbers, k) }));
  rows.sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || a.k - b.k);
  $('list').replaceChildren(...rows.map(rowOf));
  const keys = LOOKS.classes.map((face, k) => [face, `${LOOKS.bounds[k]}–${LOOKS.bounds[k + 1]}%`]);
  $('legend-rows').replaceChildren(
    tag('p', say(item === 0 ? 'legend_all' : 'legend_item')), ...keys.map(([face, text]) => keyOf(face, text)), keyOf(LOOKS.nothing.face, say('nothing')),
    ...(country.tiles.lacks.includes(1) ? [keyOf('repeating-linear-gradient(135deg, #8b0000 0 1.5px, #fff 1.5px 6px)', say('legend_lacks'))] : []),
    ...(item > 0 && country.areas ? [tag('p', say('legend_areas')), ...country.statuses.map((status) => keyOf(LOOKS.statuses[status].face, say(status)))] : []),
  );
}

function keyOf(face, text) {
  const row = tag('div', '', { className: 'key' });
  const swatch = tag('span', '', { className: 'swatch' });
  Object.assign(swatch.style, { background: face, display: 'inline-block', width: '26px', height: '14px', border: '1px solid #666', marginRight: '.5em', verticalAlign: 'middle' });
  row.append(swatch, document.createTextNode(text));
  return row;
}

function rowOf(one) {
  const row = tag('li');
  const button = tag('button', '', { type: 'button' });
  const lacks = country.districts.tiles && country.tiles.lacks[one.k];
  const bar = tag('span', '', { className: 'bar' });
  const fill = tag('i');
  fill.style.width = `${100 * (one.share ?? 0)}%`;
  fill.style.background = colourOf(one.share);
  if (one.share !== null) bar.append(fill);
  const told = lacks ? say('lacks') : one.of + one.unknown > 0 ? sentence(one) : say('nobody');
  button.append(tag('span', one.name), tag('b', percent(one.share)), bar, tag('small', told));
  button.addEventListener('click', () => {
    const box = boxes[one.k];
    if (!map) return;
    map.fitBounds(box, { padding: 60, animate: false });
    showDistrict(one.k, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
  });
  row.append(button);
  return row;
}

function changed() {
  popup?.remove();
  showNumbers();
  if (!map) return;
  map.getSource('districts').setData(districtData());
  map.getSource('areas').setData(areaData());
  nameDistricts();
}

async function start() {
  if (typeof DecompressionStream === 'undefined') { $('failed').hidden = false; $('failed').textContent = WORDS.en.no_gzip; return; }
  country = await readBlock('country');
  lang = country.page.lang;
  grounds = shapesOf(country.districts.shapes);
  boxes = country.districts.name.map((_, k) => boundsOf(grounds(k)));
  showPanel();
  $('item').addEventListener('change', () => { item = Number($('item').value); changed(); });
  $('language').addEventListener('click', () => { lang = lang === 'zh' ? 'en' : 'zh'; showPanel(); changed(); });
  try { startMap(); } catch (error) { $('failed').hidden = false; $('failed').textContent = say('no_webgl'); }
}

start();
