// The scenario that is being made: a list of changes with a name, as the file that the library
// reads has it, and what it does to the areas.

const scenario = { name: '', kept: [], plan: null };

const changesMade = () => (whatIf ? whatIf.done.map((step) => step.change) : []);

// A change as a feature of GeoJSON in WGS 84, as quarterhour.read_scenario takes it.
function featureOf(change) {
  const { at, line, ...properties } = change;
  const geometry = line ? { type: 'LineString', coordinates: line } : at ? { type: 'Point', coordinates: at } : null;
  return { type: 'Feature', geometry, properties };
}

function scenarioFile(changes = changesMade(), name = scenario.name) {
  return { type: 'FeatureCollection', name: name || say('scenario'), datum: 'wgs84', features: changes.map(featureOf) };
}

// What a file says: its name, its changes, and sentences about what cannot be read.
function scenarioRead(text) {
  let whole;
  try { whole = JSON.parse(text); } catch { return { faults: [say('file_no_json')] }; }
  if (!whole || !Array.isArray(whole.features)) return { faults: [say('file_no_scenario')] };
  if (whole.datum && whole.datum !== 'wgs84') return { faults: [say('file_datum', { datum: String(whole.datum) })] };
  const faults = [];
  const changes = [];
  whole.features.forEach((one, k) => {
    const change = changeOf(one);
    if (typeof change === 'string') faults.push(say('file_change', { n: k + 1, why: change }));
    else changes.push(change);
  });
  return { name: String(whole.name || ''), changes, faults };
}

const KNOWN = {
  add_facility: ['item', 'comment', 'name', 'label'], close_facility: ['facility', 'comment'], open_gate: ['area', 'name', 'comment'],
  add_link: ['name', 'comment'], change_walker: ['walker', 'speed_kmh', 'comment'],
};
const NEEDS = { add_facility: 'Point', open_gate: 'Point', add_link: 'LineString' };

// A feature as a change; a text that says why it is none.
function changeOf(one) {
  const properties = { ...((one && one.properties) || {}) };
  for (const [key, value] of Object.entries(properties)) if (value === null || value === '') delete properties[key];
  const shape = (one && one.geometry) || null;
  if (!properties.change && shape && shape.type === 'LineString') properties.change = 'add_link';
  if (!properties.change && properties.item) properties.change = 'add_facility';
  const known = KNOWN[properties.change];
  if (!known) return say('change_not_here', { change: String(properties.change || '') });
  const strange = Object.keys(properties).filter((key) => key !== 'change' && !known.includes(key));
  if (strange.length) return say('change_more', { words: strange.join(say('joiner')) });
  const needed = NEEDS[properties.change];
  if (!needed) return properties;
  if (!shape || shape.type !== needed || !shape.coordinates.flat().every(Number.isFinite)) return say('change_no_place');
  const flat = needed === 'Point' ? shape.coordinates.slice(0, 2) : shape.coordinates.map((at) => at.slice(0, 2));
  return { ...properties, [needed === 'Point' ? 'at' : 'line']: flat };
}

// What a change is, in a sentence.
function changeText(change) {
  const item = () => nameOf(card.checklist.items.find((one) => one.key === change.item || one.zh === change.item) || { zh: change.item, en: change.item });
  const more = change.comment || change.name || '';
  const texts = {
    add_facility: () => say('told_add', { item: String(change.item).includes('|') ? change.item : item() }),
    close_facility: () => { const p = placeOf(change.facility); return say('told_close', { name: p < 0 ? change.facility : placeName(p) }); },
    open_gate: () => say('told_gate', { area: change.area === undefined ? '' : areaLabelled(change.area) }),
    add_link: () => say('told_link', { m: number(Math.round(lengthOfLink(change))) }),
    change_walker: () => say('told_walker', { walker: walkerName(change.walker), speed: change.speed_kmh ? say('kmh', { n: change.speed_kmh }) : '' }),
  };
  return texts[change.change]() + (more ? ` (${more})` : '');
}

function areaLabelled(label) {
  const row = card.areas.label.indexOf(String(label));
  return row < 0 ? label : areaName(row);
}

const walkerName = (key) => WORDS[lang].walker[key] || key;

function lengthOfLink({ line }) {
  const points = line.map((at) => whatIf.town.plane(...at));
  return points.reduce((sum, [x, y], k) => (k ? sum + Math.hypot(x - points[k - 1][0], y - points[k - 1][1]) : 0), 0);
}

const placeOfChange = (change) => change.at || (change.line && change.line[0])
  || (change.change === 'close_facility' && placeOf(change.facility) >= 0 ? [places.lon[placeOf(change.facility)], places.lat[placeOf(change.facility)]] : null);

// The scenario as the page has plans: what is drawn, who gains and loses, the score after.
function planOfScenario() {
  const changes = changesMade();
  const after = resultsOf(whatIf);
  const moved = movedBetween(whatIf, whatIf.base.near, whatIf.near);
  const placed = changes.map((change, k) => [k + 1, placeOfChange(change)]).filter(([, at]) => at);
  const in_both = (text) => { const was = lang; const both = {}; for (const one of ['zh', 'en']) { lang = one; both[one] = text(); } lang = was; return both; };
  return {
    kind: 'comparison', title: in_both(() => scenario.name || say('scenario')), told: { zh: [], en: [] },
    items: in_both(() => changes.map(changeText)),
    points: { n: placed.map(([n]) => n), lon: placed.map(([, at]) => at[0]), lat: placed.map(([, at]) => at[1]) },
    lines: changes.filter((change) => change.line).map((change) => change.line),
    after, gained: Array.from(moved.gained, roundHalf), lost: Array.from(moved.lost, roundHalf), moved,
    by_item: moved.byItem.map(([k, more, less]) => [k, roundHalf(more), roundHalf(less)]).filter(([, more, less]) => more || less),
    unit: whatIf.measure === 'residences' ? 'homes' : 'residents',
    turned: turnedPairs(after), coverage: [itemCoverage(card.results), itemCoverage(after.results)],
  };
}

// Pairs of area and item whose status is another after the changes: first those that are met now,
// then those that no longer are, and last what was or is unknown.
function turnedPairs({ results, rows }) {
  const turned = [];
  for (const row of rows) {
    const [was, is] = [card.results, results].map((one) => plain(one.statuses[one.status[row]]));
    if (was !== is) turned.push({ area: Math.floor(row / model.m), item: row % model.m, was, is });
  }
  const rank = ({ was, is }) => (is === 'met' ? 0 : was === 'met' ? 1 : 2);
  return turned.sort((a, b) => rank(a) - rank(b) || a.area - b.area || a.item - b.item);
}
