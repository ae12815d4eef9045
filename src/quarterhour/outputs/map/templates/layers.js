// The map: sources, layers, and what is put into them.

let map = null;
let streets = null;   // decoded streets
let walker = null;    // the search on them
let ranges = null;    // gives the shapes of the walking ranges of an area, limit by limit

// What an edge is, as bits.
const MAIN = 1;
const PATH = 2;

const EMPTY = { type: 'FeatureCollection', features: [] };
const feature = (type, coordinates, properties = {}) => ({
  type: 'Feature', properties, geometry: { type, coordinates },
});
const collection = (features) => ({ type: 'FeatureCollection', features });
const BAND_INK = '#33302b';
const FILL = 0.92;
const FILL_OVER_TILES = 0.6;
const REACHED = ['#54278f', '#8c6bb1', '#c2a5cf'];
const DASHES = [[1, 0], [3, 1.5], [1, 1.5]];

function startMap() {
  map = new maplibregl.Map({
    container: 'map', style: firstStyle(), bounds: boundsOfAll(), fitBoundsOptions: { padding: roomForLegend(40) },
    fadeDuration: 0, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 20, locale: controlWords(),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-left');
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-left');
  showCredit();
  map.on('render', () => drawLabels(map));
  map.on('idle', () => { seeStreets(); seePlaces(map); });
  map.on('moveend', bringSideStreets);
  map.on('error', mapFault);
  map.on('styleimagemissing', ({ id }) => addIcon(id));
}

// Whose data these are, in the language of the page; whose tiles, the map adds by itself.
let credit = null;

function showCredit() {
  if (credit) map.removeControl(credit);
  credit = new maplibregl.AttributionControl({ compact: false, customAttribution: card.about.credit_html[lang] });
  map.addControl(credit, 'bottom-right');
}

function controlWords() {
  return {
    'NavigationControl.ZoomIn': say('zoom_in'), 'NavigationControl.ZoomOut': say('zoom_out'),
    'Map.Title': say('canvas'), 'Popup.Close': say('close'), 'AttributionControl.ToggleAttribution': say('attribution'),
    'ScaleControl.Meters': 'm', 'ScaleControl.Kilometers': 'km',
  };
}

// Everything that is there from the start is in the style: the first picture shows it all.
function firstStyle() {
  const source = (extra = {}) => ({ type: 'geojson', data: EMPTY, ...extra });
  const { areas, spots } = areaData();
  const extent = feature('MultiPolygon', shapesOf(card.extent)(0));
  return {
    version: 8,
    sources: {
      streets: source({ data: streetData((kind) => !lateKinds().includes(kind)), tolerance: 0.6 }),
      'side-streets': source({ tolerance: 0.6 }), extent: source({ data: extent }),
      areas: source({ data: areas, tolerance: 0.3 }), spots: source({ data: spots }), rings: source(), reached: source(), point: source(),
      places: source({ cluster: true, clusterRadius: 46, clusterMaxZoom: 16 }), picked: source(),
      'plan-grounds': source(), 'plan-lines': source(), 'plan-points': source(), 'plan-left': source(), blind: source({ tolerance: 0.6 }),
      'ground-green': source(), 'ground-water': source(), 'ground-building': source(), 'ground-railway': source(),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': '#f7f6f2' } },
      ...groundLayers(), ...areaLayers(), ...streetLayers(), ...blindLayers(), ...outlineLayers(), ...walkLayers(), ...planLayers(), ...placeLayers(),
    ],
  };
}

// Of a large network, footpaths and then side streets are drawn when the reader comes nearer.
const MANY_EDGES = 20000;
const VERY_MANY_EDGES = 40000;
const NEARER = { minor: 13, path: 13.5 };

const lateKinds = () => (streets.n > VERY_MANY_EDGES ? ['minor', 'path'] : streets.n > MANY_EDGES ? ['path'] : []);

// They are handed to the map once, when it comes to rest near enough.
function bringSideStreets() {
  const late = lateKinds();
  const wanted = late.length && map.getZoom() > Math.min(...late.map((kind) => NEARER[kind])) - 0.5;
  if (late.length && !wanted) return;
  map.off('moveend', bringSideStreets);
  if (wanted) put('side-streets', streetData((kind) => late.includes(kind)));
}

function streetLayers() {
  const width = (a, b, c) => ['interpolate', ['exponential', 1.5], ['zoom'], 11, a, 14, b, 18, c];
  const late = lateKinds();
  const placed = (kind) => (late.includes(kind) ? { source: 'side-streets', minzoom: NEARER[kind] } : { source: 'streets' });
  const line = (id, kind, colour, widths, extra = {}) => ({
    id, type: 'line', ...placed(kind), filter: ['==', ['get', 'kind'], kind],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width(...widths), ...extra },
  });
  return [
    line('streets-path', 'path', '#c9b9a0', [0.2, 0.6, 2], { 'line-dasharray': [2, 1.4] }),
    line('streets-minor', 'minor', '#bdc3cc', [0.3, 1, 6]),
    line('streets-main', 'main', '#9aa2ae', [0.9, 2.4, 11]),
  ];
}

// Areas that do not fit the filters are faint.
const fade = (on, off) => ['case', ['get', 'out'], off, on];

function areaLayers() {
  return [
    { id: 'areas-fill', type: 'fill', source: 'areas', paint: { 'fill-antialias': false, 'fill-color': ['get', 'fill'], 'fill-opacity': fade(FILL, 0.05) } },
    { id: 'areas-pattern', type: 'fill', source: 'areas', filter: ['!=', ['get', 'pattern'], ''],
      paint: { 'fill-antialias': false, 'fill-pattern': ['get', 'pattern'], 'fill-opacity': fade(0.85, 0.05) } },
  ];
}

function outlineLayers() {
  const radius = ['interpolate', ['linear'], ['zoom'], 10, 3, 15, 9];
  return [
    { id: 'extent', type: 'line', source: 'extent',
      paint: { 'line-color': '#7a1f1f', 'line-width': 1.4, 'line-dasharray': [6, 3, 1, 3], 'line-opacity': 0.8 } },
    { id: 'areas-line', type: 'line', source: 'areas',
      paint: { 'line-color': '#3a404d', 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.4, 15, 1.4], 'line-opacity': fade(0.9, 0.3) } },
    { id: 'spots', type: 'circle', source: 'spots',
      paint: { 'circle-radius': radius, 'circle-color': ['get', 'fill'], 'circle-opacity': fade(0.9, 0.1), 'circle-stroke-color': '#3a404d', 'circle-stroke-width': 1 } },
    { id: 'areas-chosen', type: 'line', source: 'areas', filter: ['==', ['get', 'i'], -1],
      paint: { 'line-color': '#b5179e', 'line-width': 3.5 } },
  ];
}

function walkLayers() {
  const k = (values) => ['match', ['get', 'band'], 0, values[0], 1, values[1], values[2]];
  const bands = DASHES.map((dash, band) => ({
    id: `rings-${band}`, type: 'line', source: 'rings', filter: ['==', ['get', 'band'], band],
    paint: { 'line-color': BAND_INK, 'line-width': 2, 'line-dasharray': dash },
  }));
  return [
    { id: 'rings-fill', type: 'fill', source: 'rings', paint: { 'fill-color': BAND_INK, 'fill-opacity': 0.07 } },
    ...bands,
    { id: 'reached', type: 'line', source: 'reached', layout: { 'line-cap': 'round' },
      paint: { 'line-color': k(REACHED), 'line-width': k([5, 3.5, 2]) } },
  ];
}

function placeLayers() {
  const icon = (id) => ({ 'icon-image': id, 'icon-allow-overlap': true });
  return [
    { id: 'clusters', type: 'symbol', source: 'places', filter: ['has', 'point_count'],
      layout: icon(['concat', 'cluster|', ['to-string', ['get', 'point_count_abbreviated']]]) },
    { id: 'places', type: 'symbol', source: 'places', filter: ['!', ['has', 'point_count']], layout: icon(['get', 'icon']) },
    { id: 'picked', type: 'circle', source: 'picked',
      paint: { 'circle-radius': 13, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': '#b5179e', 'circle-stroke-width': 3 } },
    { id: 'point', type: 'circle', source: 'point',
      paint: { 'circle-radius': 7, 'circle-color': '#b5179e', 'circle-stroke-color': '#fff', 'circle-stroke-width': 2.5 } },
  ];
}

function addIcon(id) {
  const [kind, text] = id.split('|');
  if (map.hasImage(id)) return;
  if (DISCS.includes(kind)) map.addImage(id, discImage(text, kind), { pixelRatio: 2 });
  else if (kind === 'cluster' || kind === 'place') map.addImage(id, iconImage(text, kind), { pixelRatio: 2 });
  else if (['unmet', 'unknown', 'implied', 'rests', 'none'].includes(kind)) map.addImage(id, patternImage(kind), { pixelRatio: 2 });
}

function boundsOfAll() {
  const box = new maplibregl.LngLatBounds();
  model.extent.forEach((extent, i) => {
    if (extent) box.extend([extent[0], extent[1], extent[2], extent[3]]);
    else box.extend([model.lon[i], model.lat[i]]);
  });
  return box;
}

const filled = new Set(['areas', 'spots']);

// Emptying what is empty would make the map load and draw all of it again.
function put(source, data) {
  if (!map || (!data.features.length && !filled.has(source))) return;
  filled[data.features.length ? 'add' : 'delete'](source);
  map.getSource(source).setData(data);
}

// Streets by kind; lines across squares are how people walk, not what a reader takes for streets.
function streetData(wanted) {
  const lines = Object.fromEntries(['main', 'minor', 'path'].filter(wanted).map((kind) => [kind, []]));
  for (let e = 0; e < streets.n; e++) {
    const kind = streets.kind[e] & MAIN ? 'main' : streets.kind[e] & PATH ? 'path' : 'minor';
    if (!lines[kind] || streets.kind[e] & ACROSS_SQUARE) continue;
    const line = [];
    for (let i = streets.offset[e]; i < streets.offset[e + 1]; i++) line.push([streets.lon[i], streets.lat[i]]);
    lines[kind].push(line);
  }
  return collection(Object.entries(lines).map(([kind, all]) => feature('MultiLineString', all, { kind })));
}

function areaData() {
  const items = themeItems();
  model.fits = Array.from({ length: model.n }, (_, i) => fits(i));
  model.counts = model.fits.map((_, i) => countsOf(i, items));
  const polygons = [];
  const spots = [];
  for (let i = 0; i < model.n; i++) {
    const properties = { i, ...lookOf(i), out: !model.fits[i] };
    if (model.shapes[i].length) polygons.push(feature('MultiPolygon', model.shapes[i], properties));
    else spots.push(feature('Point', [model.lon[i], model.lat[i]], properties));
  }
  return { areas: collection(polygons), spots: collection(spots) };
}

function drawAreas() {
  Object.entries(areaData()).forEach(([source, data]) => put(source, data));
}

function drawPlaces() {
  put('places', collection(facilitiesShown().map((f) => feature(
    'Point', [places.lon[f], places.lat[f]], { f, icon: `place|${itemSign(itemOfPlace(f))}` },
  ))));
}

function drawRings() {
  const show = ranges && chosen.isochrones && chosen.area >= 0 && chosen.tab === 'area';
  const all = card.walk.minutes;
  const shapes = show ? ranges(chosen.area) : [];
  model.rings = shapes.map((shape, k) => ({ minutes: all[k], tip: farthest(shape, chosen.area) })).filter((ring) => ring.tip);
  const features = shapes.map((shape, k) => feature('MultiPolygon', shape, { band: Math.min(k, 2) }));
  put('rings', collection(features.reverse()));
}

// The point of an outline that is farthest from the area: a good place for its label.
function farthest(parts, area) {
  const [mx, my] = scaleAt(model.lat[area]);
  const far = ([lon, lat]) => Math.hypot((lon - model.lon[area]) * mx, (lat - model.lat[area]) * my);
  const points = parts.flatMap((part) => part[0]);
  return points.reduce((best, xy) => (!best || far(xy) > far(best) ? xy : best), null);
}

// While "From here" stands open, as ranges are drawn while a checklist does.
const pointShown = () => Boolean(chosen.point) && chosen.tab === 'here';

let drawnWalk = null;

function drawPoint(walk = drawnWalk) {
  drawnWalk = walk;
  put('point', pointShown() ? collection([feature('Point', chosen.point)]) : EMPTY);
  if (!walk || !pointShown()) { put('reached', EMPTY); return; }
  const limits = card.walk.minutes.filter((minutes) => minutes <= chosen.minutes);
  const bands = limits.map((minutes, band) => feature('MultiLineString', reachedLines(streets, walk, minutes * 60), { band: Math.min(band, 2) }));
  put('reached', collection(bands.reverse()));
}

function markChosen() {
  if (map && map.getLayer('areas-chosen')) map.setFilter('areas-chosen', ['==', ['get', 'i'], chosen.area]);
}

// Areas are lighter over a base map, and outlines only under the grounds of circles.
function fadeAreas() {
  if (!map) return;
  const full = overGrounds() ? 0.05 : blind ? 0.18 : chosen.tiles ? FILL_OVER_TILES : FILL;
  map.setPaintProperty('areas-fill', 'fill-opacity', fade(full, 0.05));
  map.setPaintProperty('areas-pattern', 'fill-opacity', overGrounds() || blind ? 0 : fade(0.85, 0.05));
}

// The base map lies below the areas, and a layer of its names above them.
function showTiles(on) {
  const [url, attribution, names] = card.page.tiles;
  for (const id of ['tiles', 'tiles-names']) if (map.getLayer(id)) { map.removeLayer(id); map.removeSource(id); }
  chosen.tiles = on;
  chosen.tilesFault = null;
  tellTiles();
  fadeAreas();
  if (!on) return;
  const add = (id, template, opacity, below) => {
    map.addSource(id, { type: 'raster', tiles: [template], tileSize: 256, maxzoom: 19, attribution });
    map.addLayer({ id, type: 'raster', source: id, paint: { 'raster-opacity': opacity } }, below);
  };
  add('tiles', url, 0.85, 'areas-fill');
  if (names) add('tiles-names', names, 1, 'extent');
}

// What the host of the base map refuses stands beside its switch: few readers look into a console.
function mapFault({ sourceId, error }) {
  if (!/^tiles/.test(sourceId || '')) { console.error(error); return; }
  if (!chosen.tiles || chosen.tilesFault === (error.status || 0)) return;
  chosen.tilesFault = error.status || 0;
  tellTiles();
}

const REFUSED = [400, 401, 403, 418, 429];

function tellTiles() {
  const fault = chosen.tilesFault;
  const word = fault === null ? '' : REFUSED.includes(fault) ? 'tiles_refused' : 'tiles_absent';
  $('tiles-told').textContent = word && say(word, { host: tilesHost(), status: fault || say('no_answer') });
}

const tilesHost = () => (card.page.tiles ? new URL(card.page.tiles[0]).host : '');

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

// An open legend covers a good third of the smallest of these maps, and stands beside the areas on a wide one.
function roomForOpenLegend() {
  const { clientWidth, clientHeight } = document.getElementById('stage');
  return clientWidth >= 600 && clientHeight >= 460;
}

// On a phone the areas themselves come first.
const roomForFilters = () => document.getElementById('views').clientHeight > 420;

// The legend stands on the right of the map where there is room for it.
function roomForLegend(padding) {
  const wide = document.getElementById('stage').clientWidth > 700;
  return { top: padding, bottom: padding, left: padding, right: wide ? 280 : padding };
}

// The area, with what can be reached from it where that is drawn.
function goToArea(i) {
  if (!map) return;
  const ring = ranges && chosen.isochrones ? extentOf(ranges(i).at(-1)) : null;
  const box = ring || model.extent[i];
  const options = { padding: roomForLegend(30), maxZoom: 16, animate: !still(), duration: 600 };
  if (box) map.fitBounds(box, options);
  else map.easeTo({ center: [model.lon[i], model.lat[i]], zoom: 15.5, ...options });
}

function goToPlace(f) {
  if (!map) return;
  const at = [places.lon[f], places.lat[f]];
  put('picked', collection([feature('Point', at)]));
  map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 15.5), animate: !still(), duration: 600 });
  showPopup(f);
}
