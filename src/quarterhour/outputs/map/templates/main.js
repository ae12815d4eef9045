// Start: read, show, listen.

const TABS = ['areas', 'area', 'here', 'about'];

function openTab(tab, focus = false) {
  chosen.tab = tab;
  for (const name of TABS) {
    const on = name === tab;
    $(`tab-${name}`).setAttribute('aria-selected', String(on));
    $(`tab-${name}`).tabIndex = on ? 0 : -1;
    $(`view-${name}`).hidden = !on;
  }
  if (focus) $(`tab-${tab}`).focus();
  $('views').scrollTop = 0;
  shareView();
  $('stage').classList.toggle('planning', tab === 'edit');
  if (tab === 'edit') showPlanner();
  if (tab === 'areas' && !listIsNew) showList();
  if (closingNow() !== closing) { closing = closingNow(); drawPlaces(); }
  drawPoint();
  showRings();
}

let closing = false; // whether all facilities are shown, so that one can be closed

function themeChanged() {
  listed = 100;
  fillGroups();
  fillItems();
  filtersChanged();
  drawPlaces();
  if (chosen.blind) showBlind();
}

function filtersChanged() {
  drawAreas();
  showList();
  showLegend();
  if (map) map.triggerRepaint();
  shareView();
}

const nextFrame = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });

async function chooseArea(i, go = false) {
  chosen.area = i;
  markChosen();
  showArea();
  openTab('area');
  $('panel').classList.remove('low');
  showSheet();
  if (go) $('tab-area').focus();
  await showRings();
  if (go) goToArea(i);
}

async function showRings() {
  const wanted = chosen.isochrones && chosen.area >= 0 && chosen.tab === 'area';
  if (wanted) {
    await nextFrame(); // the checklist is there before the ranges are searched
    const block = await readBlock('starts');
    ranges ??= block && makeRanges(streets, endsOf(block), card.walk);
  }
  drawRings();
  showLegend();
  if (map) map.triggerRepaint();
}

async function ready() {
  const ends = await readBlock('ends');
  walker ??= makeWalker(streets, endsOf(ends), card.walk);
  return walker;
}

async function walkFrom(lon, lat) {
  chosen.point = [lon, lat].map((one) => Math.round(one * 1e6) / 1e6);
  await pointChanged();
  openTab('here');
}

async function pointChanged() {
  shareView();
  if (!chosen.point) { showHere(null); drawPoint(null); return; }
  const walk = (await ready()).from(...chosen.point, card.walk.minutes.at(-1));
  showHere(walk);
  drawPoint(walk);
  showLegend();
}

function walkFromCentre() {
  if (!map) return;
  const { lng, lat } = map.getCenter();
  walkFrom(lng, lat);
}

function clicked(event) {
  const hits = map.queryRenderedFeatures(event.point, { layers: ['places', 'clusters'] });
  if (chosen.tab === 'edit' && !(hits.length && hits[0].properties.cluster)) {
    useTool(event.lngLat.toArray(), hits.map((hit) => hit.properties.f));
    return;
  }
  if (hits.length) { clickedPlace(hits[0]); return; }
  if (map.queryRenderedFeatures(event.point, { layers: ['plan-points'] }).length) { if (!$('tab-plans').hidden) openTab('plans'); return; }
  const areas = map.queryRenderedFeatures(event.point, { layers: ['spots', 'areas-fill'] });
  if (areas.length && chosen.tab !== 'here') chooseArea(areas[0].properties.i);
  else walkFrom(event.lngLat.lng, event.lngLat.lat);
}

async function clickedPlace(hit) {
  if (!hit.properties.cluster) { goToPlace(hit.properties.f); return; }
  const zoom = await map.getSource('places').getClusterExpansionZoom(hit.properties.cluster_id);
  map.easeTo({ center: hit.geometry.coordinates, zoom, animate: !still() });
}

function speak(language) {
  lang = language;
  showWords();
  showList();
  showLegend();
  showArea();
  showAbout();
  showPlan();
  if (chosen.blind) showBlind();
  tellTiles();
  if (chosen.tab === 'edit') showPlanner();
  pointChanged();
  if (!map) return;
  showCredit();
  for (const [selector, word] of [['.maplibregl-ctrl-zoom-in', 'zoom_in'], ['.maplibregl-ctrl-zoom-out', 'zoom_out'], ['.maplibregl-canvas', 'canvas']]) {
    document.querySelectorAll(selector).forEach((node) => {
      node.setAttribute('aria-label', say(word));
      if (node.title) node.title = say(word);
    });
  }
  if (popup) popup.remove();
  drawPlaces();
  map.triggerRepaint();
}

function listen() {
  $('language').addEventListener('click', () => speak(lang === 'zh' ? 'en' : 'zh'));
  $('filters').addEventListener('submit', (event) => event.preventDefault());
  $('search').addEventListener('input', (event) => { chosen.words = event.target.value; listed = 100; filtersChanged(); });
  $('search').addEventListener('keydown', openFirst);
  $('group').addEventListener('change', (event) => { chosen.group = Number(event.target.value); chosen.item = -1; themeChanged(); });
  $('item').addEventListener('change', (event) => { chosen.item = Number(event.target.value); themeChanged(); });
  $('facilities').addEventListener('change', (event) => { chosen.shown = event.target.value; drawPlaces(); showLegend(); });
  $('order').addEventListener('change', (event) => { chosen.order = event.target.value; showList(); });
  $('tiles').addEventListener('change', (event) => showTiles(event.target.checked));
  $('blind').addEventListener('change', (event) => { chosen.blind = event.target.checked; showBlind(); shareView(); });
  $('reset').addEventListener('click', resetView);
  $('picture').addEventListener('click', savePicture);
  $('print').addEventListener('click', printPicture);
  $('more').addEventListener('click', () => { listed += 200; showList(); });
  $('sheet').addEventListener('click', () => { $('panel').classList.toggle('low'); showSheet(); if (map) map.resize(); });
  document.querySelectorAll('[name="status"]').forEach((box) => box.addEventListener('change', () => {
    chosen.statuses = new Set([...document.querySelectorAll('[name="status"]:checked')].map((one) => one.value));
    filtersChanged();
  }));
  TABS.forEach((tab, k) => {
    $(`tab-${tab}`).addEventListener('click', () => openTab(tab));
    $(`tab-${tab}`).addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) openTab(TABS[(k + step + TABS.length) % TABS.length], true);
    });
  });
  listenToPlans();
  $('legend').addEventListener('toggle', () => map && map.triggerRepaint());
}

function openFirst(event) {
  const first = $('list').querySelector('button');
  if (event.key === 'Enter' && first) first.click();
}

function listenToMap() {
  map.on('click', clicked);
  map.on('moveend', shareView);
  listenToKeys(map.getCanvas());
  map.on('mousemove', (event) => {
    const over = map.queryRenderedFeatures(event.point, { layers: ['places', 'clusters', 'areas-fill', 'spots'] });
    map.getCanvas().style.cursor = over.length ? 'pointer' : 'crosshair';
  });
}

// A cross marks the centre while the map is steered by keys.
function listenToKeys(canvas) {
  const showCross = (on) => $('stage').classList.toggle('keyed', on);
  canvas.addEventListener('focus', () => showCross(canvas.matches(':focus-visible')));
  canvas.addEventListener('blur', () => showCross(false));
  canvas.addEventListener('keydown', (event) => {
    showCross(true);
    if (event.key === 'Enter' && chosen.tab === 'edit') useTool(centreOfMap());
    else if (event.key === 'Enter') walkFromCentre();
  });
}

function tryMap() {
  try {
    startMap();
    map.on('render', function drawn() {
      if (!map.getSource('areas') || !map.isSourceLoaded('areas')) return;
      mark('shown');
      map.off('render', drawn);
    });
    return new Promise((resolve) => { map.once('idle', resolve); });
  } catch (error) {
    map = null;
    $('failed').textContent = say('no_webgl');
    $('failed').hidden = false;
    return Promise.resolve();
  }
}

async function start() {
  if (typeof DecompressionStream === 'undefined') throw new Error(WORDS.zh.no_gzip + ' ' + WORDS.en.no_gzip);
  const [cardBlock, streetBlock] = await Promise.all(['card', 'streets'].map(readBlock));
  prepare(cardBlock);
  streets = streetsOf(streetBlock, card.walk.degree, card.walk.second);
  lang = card.page.lang;
  const drawn = tryMap();
  preparePlaces(await readBlock('facilities'));
  plans = (await readBlock('plans')) || [];
  if ($('block-what_if')) TABS.splice(2, 0, 'edit');
  if (plans.length) TABS.splice(2, 0, 'plans');
  $('tab-plans').hidden = !plans.length;
  $('tab-edit').hidden = !$('block-what_if');
  $('blind-switch').hidden = !$('block-what_if');
  $('tiles-switch').hidden = !card.page.tiles;
  $('legend').open = roomForOpenLegend();
  $('more-filters').open = roomForFilters();
  listen();
  if (map) listenToMap();
  speak(lang);
  openTab(plans.length ? 'plans' : 'areas');
  if (plans.length) choosePlan(0);
  await showGround();
  await drawn;
  await viewFromAddress();
  listenToFrame();
  mark('ready');
}

// Milliseconds since the file was opened: areas on the screen, everything on the screen.
function mark(what) {
  document.documentElement.dataset[what] = String(Math.round(performance.now()));
}

// For tests and for people at the console.
window.quarterhour = {
  get map() { return map; },
  async reach(lon, lat, minutes) {
      const walk = (await ready()).from(lon, lat, minutes);
    return walk && walk.found;
  },
  ranges: async (i) => { await chooseArea(i); return ranges && ranges(i); },
  chosen,
  ask: readyToAsk,
  change: changeTown,
  undo: undoChange,
  save: () => scenarioFile(),
  open: async (text) => { await readyToAsk(); return openScenario(text); },
  results: () => asked().results,
  faces: () => [...new Set(card.areas.label.map((_, i) => lookOf(i).fill))],
  get plan() { return scenario.plan; },
  get ms() { return planner.ms; },
  nameOf: areaName,
  labelPoint: (i) => [model.lon[i], model.lat[i]],
  areaNamed: (name) => card.areas.name.indexOf(name),
};

start().catch((error) => {
  $('failed').textContent = String(error.message || error);
  $('failed').hidden = false;
  console.error(error);
});
