// The lists beside the map. Text is only ever set as text.

const $ = (id) => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== '' && child != null && child !== false));
  return node;
}

const minutesText = (tenths) => say('minutes', { n: (tenths / 10).toFixed(1) });
const placeButton = (f) => el('button', { type: 'button', class: 'place', onclick: () => goToPlace(f) }, placeName(f));

function showWords() {
  document.documentElement.lang = say('lang_code');
  document.querySelectorAll('[data-word]').forEach((node) => {
    node.textContent = say(node.dataset.word, { host: tilesHost() });
  });
  document.querySelectorAll('[data-label]').forEach((node) => node.setAttribute('aria-label', say(node.dataset.label)));
  document.querySelectorAll('[data-mark]').forEach((node) => {
    const mark = markElement(node.dataset.mark);
    mark.setAttribute('aria-hidden', 'true');
    node.replaceChildren(mark);
  });
  for (const tab of TABS) $(`tab-${tab}`).textContent = say(`tab_${tab}`);
  $('language').textContent = say('language');
  $('language').lang = lang === 'zh' ? 'en' : 'zh-CN';
  const title = card.page.title || nameOf(card.checklist);
  document.title = title;
  $('title').textContent = title;
  $('subtitle').textContent = [
    card.page.title && nameOf(card.checklist), say('pace', { kmh: (card.walk.speed_m_s * 3.6).toFixed(1) }), say('legend_areas', { n: number(model.n) }),
  ].filter(Boolean).join(' · ');
  showSheet();
  fillGroups();
  fillItems();
  showPlan();
}

function showSheet() {
  const low = $('panel').classList.contains('low');
  $('sheet').textContent = say(low ? 'sheet_up' : 'sheet_down');
  $('sheet').setAttribute('aria-expanded', String(!low));
}

const option = (value, text, selected) => el('option', { value, selected }, text);

function fillGroups() {
  $('group').replaceChildren(
    option(-1, say('all'), chosen.group < 0),
    ...card.checklist.groups.map((group, g) => option(g, nameOf(group), chosen.group === g)),
  );
}

function fillItems() {
  const items = card.checklist.items.map((item, k) => ({ item, k })).filter(({ item }) => chosen.group < 0 || item.group === chosen.group);
  $('item').replaceChildren(
    option(-1, say(chosen.group < 0 ? 'all_items' : 'whole_group'), chosen.item < 0),
    ...items.map(({ item, k }) => option(k, `${k + 1} ${nameOf(item)}`, chosen.item === k)),
  );
}

let listed = 100;

let listIsNew = true;

// The list is made when it is seen: it takes longer than what a change is answered in.
function showList() {
  listIsNew = chosen.tab === 'areas';
  if (!listIsNew) return;
  const areas = areasInOrder();
  $('status-legend').textContent = say(chosen.item < 0 ? 'status_any' : 'status_item');
  $('found').textContent = areas.length ? say('found', { n: number(areas.length), all: number(model.n) }) : say('none_found');
  $('list').replaceChildren(...areas.slice(0, listed).map((i) => el('li', {}, areaButton(i))));
  $('more').hidden = areas.length <= listed;
}

function areaButton(i) {
  return el('button', { type: 'button', 'data-area': i, onclick: () => chooseArea(i, true) },
    listSwatch(lookOf(i)), el('span', { class: 'name' }, areaName(i)), countsElement(i));
}

function countsElement(i) {
  if (chosen.item >= 0) {
    const found = result(i, chosen.item);
    return el('span', { class: 'counts' }, timeText(found, card.checklist.items[chosen.item]), markElement(found.status));
  }
  const parts = Object.entries(countsOf(i)).flatMap(([status, n]) => [markElement(status), String(n)]);
  return el('span', { class: 'counts' }, ...parts);
}

// ---- one area ----

function showArea() {
  const i = chosen.area;
  if (i < 0) { $('view-area').replaceChildren(el('p', {}, say('pick_area'))); return; }
  const all = card.checklist.items.map((_, k) => k);
  $('view-area').replaceChildren(
    el('h2', {}, areaName(i)), areaFacts(i), planNote(i), ...areaNotes(i, all), ownTable(card.areas, i), areaButtons(i), ...groupsOf(all, (k) => lineOf(i, k)),
  );
}

function areaFacts(i) {
  const people = card.areas.residents[i];
  const share = asked().areas.items_met_share[i];
  const seen = asked().areas.items_observed_share[i];
  const counts = countsOf(i, card.checklist.items.map((_, k) => k));
  return el('p', { class: 'facts' },
    people < 0 ? say('no_residents') : say('people', { n: number(people) }), el('br'),
    share < 0 ? say('nothing_known') : el('span', {}, el('b', {}, bothText(share, seen)), ` ${say(seen < share ? 'items_both' : 'items_met_share')}`), el('br'),
    say('counts', { ...counts, all: model.m }));
}

// The label, and the columns of the user's own table that the page does not show otherwise.
function ownTable(table, i) {
  const rows = Object.entries(table.own).filter(([, texts]) => i in texts).map(([name, texts]) => [name, texts[i]]);
  const labelled = rows.some(([, text]) => text === table.label[i]) ? rows : [['id', table.label[i]], ...rows];
  return el('details', { class: 'own' }, el('summary', {}, say('own_columns')),
    el('dl', {}, ...labelled.flatMap(([name, text]) => [el('dt', {}, name), el('dd', {}, text)])));
}

function areaNotes(i, all) {
  const edge = all.filter((k) => result(i, k).edge).length;
  const way = asked().areas.way_out[i];
  const said = WORDS[lang].way_out[way];
  return [
    said && el('p', { class: way === 'gates' ? 'facts' : 'note' }, said),
    edge > 0 && el('p', { class: 'note' }, say('edge_note', { n: edge })),
  ].filter(Boolean);
}

function areaButtons(i) {
  const isochrones = el('button', { type: 'button', 'aria-pressed': String(chosen.isochrones), onclick: (event) => {
    chosen.isochrones = !chosen.isochrones;
    event.currentTarget.setAttribute('aria-pressed', String(chosen.isochrones));
    showRings();
  } }, say('isochrones'));
  return el('div', { class: 'row' },
    $('block-starts') ? isochrones : el('span', { class: 'facts' }, say('no_isochrone')),
    el('button', { type: 'button', onclick: () => goToArea(i) }, say('zoom_area')),
    el('button', { type: 'button', onclick: () => walkFrom(model.lon[i], model.lat[i]) }, say('from_area_centre')));
}

// Items under the headings of their groups, in the order of the checklist.
function groupsOf(items, line) {
  const runs = [];
  for (const k of items) {
    const { group } = card.checklist.items[k];
    if (!runs.length || runs.at(-1).group !== group) runs.push({ group, items: [] });
    runs.at(-1).items.push(k);
  }
  return runs.flatMap((run) => [
    el('h3', {}, nameOf(card.checklist.groups[run.group])), el('ol', { class: 'lines' }, ...run.items.map(line)),
  ]);
}

function lineOf(i, k) {
  const found = result(i, k);
  const item = card.checklist.items[k];
  const theme = () => { chosen.group = -1; chosen.item = k; themeChanged(); };
  return el('li', { 'data-item': item.key, 'data-status': found.status },
    markElement(found.status),
    el('span', { class: 'item' }, el('button', { type: 'button', onclick: theme }, nameOf(item))),
    el('span', { class: 'minutes' }, timeText(found, item)),
    el('div', { class: 'why' }, ...whyOf(i, found, item)),
    newNearest(found),
    found.facility >= 0 && el('div', { class: 'why' }, say(found.status === 'unknown' ? 'nearest_known' : 'nearest'), placeButton(found.facility)));
}

function timeText(found, item) {
  if (found.metres >= 0) return say('metres', { n: number(found.metres) });
  if (found.minutes >= 0 && item.limit_m == null) return minutesText(found.minutes);
  return found.reason === 'beyond_limit' ? say(item.limit_m == null ? 'over' : 'over_m', { n: Math.round(horizon(item)) }) : '—';
}

function whyOf(i, found, item) {
  const limit = item.limit_m == null ? say('limit_min', { n: item.limit_minutes }) : say('limit_m', { n: item.limit_m });
  const texts = [say(plain(found.status)), WORDS[lang].reason[found.reason], limit];
  if (item.at_least > 1) texts.push(say('at_least', { n: item.at_least }));
  const parts = [texts.join(' · ')];
  const people = peopleText(found);
  if (people) parts.push(' · ', found.status === 'unmet' ? el('b', {}, people) : people);
  if (found.edge) parts.push(' · ', say('edge'));
  return parts;
}

function peopleText(found) {
  if (found.status === 'unknown' || found.share < 0) return '';
  if (found.without < 0) return found.share >= 1000 ? say('all_homes_within') : say('homes_within', { n: percentOf(found.share) });
  if (found.share >= 1000) return say('all_within');
  return say('beyond', { n: number(found.without) });
}

// ---- from here ----

function showHere(walk) {
  const view = $('view-here');
  const start = el('div', { class: 'row' }, el('button', { type: 'button', id: 'centre', onclick: walkFromCentre }, say('here_centre')));
  if (!chosen.point) { view.replaceChildren(el('p', {}, say('here_hint')), start); return; }
  if (!walk) {
    view.replaceChildren(el('p', { class: 'note' }, say('here_none', { m: card.walk.snap_limit_m })), el('p', {}, say('here_hint')), start);
    return;
  }
  const near = walk.found.filter((one) => one.seconds <= chosen.minutes * 60);
  const byItem = card.checklist.items.map(() => []);
  for (const one of near) {
    for (const { item, host } of itemsOf(one.facility)) byItem[item].push({ ...one, host });
  }
  const some = byItem.filter((list) => list.length).length;
  view.replaceChildren(
    el('h2', {}, say('here_at', { n: chosen.minutes })), minutesChoice(),
    el('p', { class: 'facts' }, say(near.length === 1 ? 'here_count_one' : 'here_count', { items: some, all: model.m, n: number(near.length) }), ' · ', say('leg', { m: Math.round(walk.at.leg) })),
    el('p', { class: 'note' }, say('here_unknown')), start,
    ...groupsOf(byItem.map((_, k) => k), (k) => hereLine(k, byItem[k])));
}

function minutesChoice() {
  const button = (minutes) => el('button', { type: 'button', 'aria-pressed': String(minutes === chosen.minutes), onclick: () => {
    chosen.minutes = minutes;
    pointChanged();
  } }, say('minutes', { n: minutes }));
  return el('div', { class: 'row', role: 'group', 'aria-label': say('minutes_choice') }, ...card.walk.minutes.map(button));
}

const FEW = 3;

function hereLine(k, list) {
  const item = card.checklist.items[k];
  list.sort((a, b) => a.host - b.host || a.seconds - b.seconds);
  const entry = (one) => el('li', { 'data-facility': one.facility },
    placeButton(one.facility), ` ${minutesText(Math.ceil(one.seconds / 6 - 1e-6))}${one.host ? ` (${say('implied_short')})` : ''}`);
  const entries = el('ul', {}, ...list.slice(0, FEW).map(entry));
  const rest = list.length > FEW && el('li', {}, el('button', { type: 'button', class: 'place', onclick: () => {
    entries.replaceChildren(...list.map(entry));
  } }, say('show_all', { n: list.length })));
  if (rest) entries.append(rest);
  return el('li', { 'data-item': item.key, 'data-count': list.length },
    list.length ? markElement(list[0].host ? 'implied' : 'met') : el('span', {}),
    el('span', { class: 'item' }, nameOf(item)),
    el('span', { class: 'minutes' }, list.length ? say('here_count_item', { n: list.length }) : say('nothing_here')),
    list.length ? entries : '');
}

// ---- about, legend, popup ----

function showAbout() {
  const { about, checklist, walk } = card;
  const rows = [
    ['about_what', [say('text_what', { areas: number(model.n), checklist: nameOf(checklist), items: model.m, status: say(checklist.status), citation: checklist.citation })]],
    ['about_how', [say('text_how', { pace: about.pace[lang], quota: percentOf(perMille(about.quota)) })]],
    ['about_unknown', [say('text_unknown')]],
    ['about_here', [say('text_here', { line: walk.street_error_m, second: walk.second })]],
    ['about_isochrones', [walk.isochrone_error_m && say('text_isochrones', { m: walk.isochrone_error_m, reach: walk.isochrone_reach_m })]],
    ['about_data', [
      say('text_facilities', { given: number(about.facilities_given), shown: number(about.facilities_shown) }),
      about.files.length ? say('text_files', { files: about.files.join(say('joiner')) }) : '',
      about.osm_timestamp ? say('text_osm', { time: momentText(about.osm_timestamp) }) : '', about.credit[lang],
      say('text_made', { time: momentText(about.made_at), version: about.version }),
    ]],
    ['about_left_out', about.left_out[lang]],
    ['about_notes', about.notes[lang]],
    ['about_software', ['MapLibre GL JS, © MapLibre contributors, © Mapbox; BSD 3-Clause',
      el('details', {}, el('summary', {}, say('licences')), el('pre', { tabindex: 0 }, $('licences').textContent.trim()))]],
  ].filter(([, texts]) => texts.some(Boolean));
  $('view-about').replaceChildren(el('dl', {}, ...rows.flatMap(([word, texts]) => [
    el('dt', {}, say(word)), ...texts.filter(Boolean).map((text) => el('dd', {}, text)),
  ])));
}

function showLegend() {
  const key = (mark, text) => el('div', { class: 'key' }, mark, el('span', {}, text));
  const n = Array.from({ length: model.n }, (_, i) => i);
  const rows = chosen.item >= 0
    ? ['met', 'implied', 'unmet', 'unknown'].map((status) => {
      const count = n.filter((i) => statusOf(i, chosen.item) === status).length;
      return key(swatchElement(LOOKS.statuses[status].face, status === 'met' ? '' : status), `${say(status)}${say('colon')} ${number(count)}`);
    })
    : [...COLOURS.map((colour, k) => key(swatchElement(colour, ''), say('percent', { a: BOUNDS[k], b: BOUNDS[k + 1] }))),
      key(swatchElement('#ffffff', 'rests'), say('legend_rests')),
      key(swatchElement(NOTHING_KNOWN, 'none'), say('legend_none'))];
  const theme = chosen.item >= 0 ? nameOf(card.checklist.items[chosen.item])
    : (chosen.group >= 0 ? `${nameOf(card.checklist.groups[chosen.group])}${say('colon')} ` : '') + say('legend_share');
  const marks = chosen.item >= 0 ? [] : [el('h2', {}, say('legend_label')),
    el('div', { class: 'key signs' }, ...['met', 'implied', 'unmet', 'unknown'].map((status) => el('span', { 'data-status': status }, decorative(markElement(status)), ` ${say(status)}`)))];
  const colours = overGrounds() ? [] : [el('h2', {}, theme), ...rows];
  $('legend-rows').replaceChildren(...colours, ...marks, ...blindKeys(key), ...placeKeys(key), ...planKeys(key), ...walkKeys(key), el('h2', {}, say('legend_map')), ...edgeKeys(key));
}

function decorative(node) {
  node.setAttribute('aria-hidden', 'true');
  return node;
}

function placeKeys(key) {
  const shown = facilitiesShown();
  if (!shown.length) return [];
  const picture = (text, kind) => {
    const image = iconImage(text, kind);
    const canvas = el('canvas', { width: image.width, height: image.height, 'aria-hidden': 'true' });
    canvas.style.width = `${image.width / 2}px`;
    canvas.getContext('2d').putImageData(image, 0, 0);
    return canvas;
  };
  const items = [...new Set(shown.map(itemOfPlace))].sort((one, other) => one - other);
  return [el('h2', {}, say('legend_facility')),
    el('div', { class: items.length > SIGNS_IN_A_ROW ? 'two' : '' }, ...items.map((k) => key(picture(itemSign(k), 'place'), shortName(card.checklist.items[k])))),
    key(picture('12', 'cluster'), say('legend_cluster'))];
}

const SIGNS_IN_A_ROW = 10;
const shortName = (item) => nameOf(item).replace(/\s*[（(][^()（）]*[)）]$/, '') || nameOf(item);

// Lines of isochrones and of reached streets, as they are drawn.
function walkKeys(key) {
  const limits = card.walk.minutes;
  const band = (k) => Math.min(k, 2);
  const dashes = [[], [6, 3], [2, 3]];
  const keys = (word, sample, all) => [el('h2', {}, say(word)), ...all.map((minutes, k) => key(sample(band(k)), say('minutes', { n: minutes })))];
  return [
    ...((model.rings || []).length ? keys('legend_isochrone', (k) => lineElement(BAND_INK, 2, dashes[k]), limits) : []),
    ...(pointShown() ? keys('legend_reached', (k) => lineElement(REACHED[k], [5, 3.5, 2][k], []), limits.filter((minutes) => minutes <= chosen.minutes)) : []),
  ];
}

function edgeKeys(key) {
  return [key(lineElement('#9aa2ae', 2.4, []), say('legend_streets')), key(lineElement('#7a1f1f', 1.4, [8, 4, 2, 4]), say('legend_extent')), ...groundKeys(key)];
}

let popup = null;

function showPopup(f) {
  const detail = (name) => (places.details[name] || {})[f];
  const address = detail('address') || [detail('addr:street'), detail('addr:housenumber')].filter(Boolean).join(' ');
  const items = itemsOf(f).map(({ item, host }) => nameOf(card.checklist.items[item]) + (host ? ` (${say('implied_short')})` : ''));
  const lines = [
    say('serves') + items.join(say('joiner')), address && say('address') + address,
    detail('opening_hours') && say('hours') + detail('opening_hours'), detail('phone') && say('phone') + detail('phone'),
  ].filter(Boolean);
  if (popup) popup.remove();
  popup = new maplibregl.Popup({ maxWidth: '280px', focusAfterOpen: false, locale: controlWords() })
    .setLngLat([places.lon[f], places.lat[f]])
    .setDOMContent(el('div', {}, el('h2', {}, placeName(f)), ...lines.map((line) => el('p', {}, line)), ownTable(places, f)))
    .addTo(map);
  popup.on('close', () => put('picked', EMPTY));
}
