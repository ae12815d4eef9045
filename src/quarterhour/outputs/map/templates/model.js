// What the page knows and what the reader has chosen. Nothing here touches the page.

const { classes: COLOURS, bounds: BOUNDS } = LOOKS; // LOOKS is written before this, from looks.py
const NOTHING_KNOWN = LOOKS.nothing.face;

let card;        // checklist, areas, results, about, walk, page
let places;      // facilities
let plans = [];  // what could be done: scenarios, new places, circles
let model;       // what is derived from both

const chosen = {
  group: -1, item: -1, statuses: new Set(['met', 'unmet', 'unknown']), words: '', shown: 'theme', order: 'worst',
  area: -1, point: null, minutes: 15, isochrones: true, tiles: false, tilesFault: null, tab: 'areas',
  plan: -1, after: false, blind: false,
};

function prepare(cardBlock) {
  card = cardBlock;
  const degree = card.walk.degree;
  const { areas } = card;
  const shapeOf = shapesOf(areas.shapes);
  model = {
    n: areas.name.length,
    m: card.checklist.items.length,
    lon: walkSteps(areas.lon, degree),
    lat: walkSteps(areas.lat, degree),
    shapes: areas.shapes.parts.map((_, i) => shapeOf(i)),
  };
  model.extent = model.shapes.map(extentOf);
  const size = ([west, south, east, north]) => (east - west) * (north - south);
  const sizes = model.extent.map((extent) => (extent ? size(extent) : 0));
  model.byLabelOrder = Array.from({ length: model.n }, (_, i) => i).sort((a, b) => sizes[b] - sizes[a]);
  model.fits = new Array(model.n).fill(true);
  chosen.minutes = card.walk.minutes.at(-1);
}

function preparePlaces(facilityBlock) {
  places = facilityBlock;
  places.lon = walkSteps(places.lon, card.walk.degree);
  places.lat = walkSteps(places.lat, card.walk.degree);
  places.first = running(places.count);
}

// West, south, east, north of a shape, or null where the area is a point.
function extentOf(parts) {
  if (!parts.length) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rings of parts) {
    for (const [lon, lat] of rings[0]) {
      box[0] = Math.min(box[0], lon); box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon); box[3] = Math.max(box[3], lat);
    }
  }
  return box;
}

// What the numbers are of: the scorecard, or what it becomes by the plan that is shown.
function asked() {
  return (chosen.after && chosen.plan >= 0 && plans[chosen.plan].after) || card;
}

function nameOf(thing) {
  return thing[lang] || thing.zh || thing.en;
}

function areaName(i) {
  const english = lang === 'en' && card.areas.name_en[i];
  return english || card.areas.name[i] || say('unnamed_area', { n: card.areas.label[i] });
}

const hasName = (i) => Boolean(card.areas.name[i] || card.areas.name_en[i]);

function placeName(f) {
  const own = lang === 'en' ? places.name_en[f] : places.name_zh[f];
  return own || places.name[f] || `${nameOf(card.checklist.items[itemsOf(f)[0].item])} (${say('unnamed')})`;
}

// The items that a facility serves, those it only implies last.
function itemsOf(f) {
  const items = [];
  for (let k = places.first[f]; k < places.first[f + 1]; k++) {
    items.push({ item: places.item[k], host: places.host[k] === 1 });
  }
  return items;
}

function result(area, item) {
  const k = area * model.m + item;
  const r = asked().results;
  return {
    k, status: r.statuses[r.status[k]], reason: r.reasons[r.reason[k]], share: r.share[k], without: r.without[k],
    minutes: r.minutes[k], worst: r.worst[k], metres: r.metres[k] ?? -1, facility: r.facility[k], edge: r.edge[k] === 1,
  };
}

function statusOf(area, item) {
  const r = asked().results;
  return r.statuses[r.status[area * model.m + item]];
}

const plain = (status) => (status === 'implied' ? 'met' : status);

// Items of the theme: one, those of a group, or all.
function themeItems() {
  const all = card.checklist.items.map((_, k) => k);
  if (chosen.item >= 0) return [chosen.item];
  return chosen.group >= 0 ? all.filter((k) => card.checklist.items[k].group === chosen.group) : all;
}

function countsOf(area, items = themeItems()) {
  const counts = { met: 0, implied: 0, unmet: 0, unknown: 0 };
  for (const item of items) counts[statusOf(area, item)]++;
  return counts;
}

// Per mille of known items that are met, by weight; -1 where nothing is known.
function shareMet(area) {
  return chosen.group >= 0 ? asked().areas.by_group[chosen.group][area] : asked().areas.items_met_share[area];
}

// The part of it that rests on facilities which the data show, not on hosts.
function shareObserved(area) {
  return chosen.group >= 0 ? asked().areas.by_group_observed[chosen.group][area] : asked().areas.items_observed_share[area];
}

// A share as two numbers, observed and implied, where there are both.
function bothText(share, observed) {
  return observed < share ? `${(observed / 10).toFixed(1)}% + ${((share - observed) / 10).toFixed(1)}%` : percentOf(share);
}

function shareClass(thousandths) {
  if (thousandths < 0) return -1;
  const percent = Math.min(thousandths / 10, 99.999);
  return BOUNDS.findLastIndex((bound) => bound <= percent);
}

// How an area is drawn: its colour, and the pattern that says the same without colour.
function lookOf(area) {
  if (chosen.item >= 0) {
    const status = statusOf(area, chosen.item);
    return { fill: LOOKS.statuses[status].face, pattern: status === 'met' ? '' : status };
  }
  const k = shareClass(shareMet(area));
  return k < 0 ? { fill: NOTHING_KNOWN, pattern: 'none' } : { fill: COLOURS[k], pattern: shareClass(shareObserved(area)) < k ? 'rests' : '' };
}

function fits(area) {
  const words = chosen.words.trim().toLowerCase();
  const named = `${card.areas.name[area]} ${card.areas.name_en[area]} ${areaName(area)} ${card.areas.label[area]}`.toLowerCase();
  if (words && !named.includes(words)) return false;
  if (chosen.statuses.size === 3) return true;
  return themeItems().some((item) => chosen.statuses.has(plain(statusOf(area, item))));
}

function areasInOrder() {
  const areas = Array.from({ length: model.n }, (_, i) => i).filter(fits);
  if (chosen.order === 'name') {
    const sorter = new Intl.Collator(lang === 'zh' ? 'zh-CN' : 'en', { numeric: true });
    return areas.sort((a, b) => sorter.compare(areaName(a), areaName(b)));
  }
  return chosen.order === 'worst' ? areas.sort((a, b) => badness(a) - badness(b)) : areas;
}

function badness(area) {
  if (chosen.item < 0) {
    const share = shareMet(area);
    return share < 0 ? 2000 : share;
  }
  const { status, share } = result(area, chosen.item);
  return { unmet: 0, unknown: 4000, implied: 2000, met: 2000 }[status] + share;
}

function facilitiesShown() {
  const all = Array.from({ length: places.name.length }, (_, f) => f);
  if (closingNow()) return all.filter((f) => !whatIf || !whatIf.closed.has(f));
  if (chosen.shown === 'none') return [];
  if (chosen.shown === 'all') return all;
  if (chosen.item < 0 && chosen.group < 0) return [];
  const items = new Set(themeItems());
  return all.filter((f) => itemsOf(f).some((match) => items.has(match.item) && !match.host));
}

// Whether the reader is about to close a facility, for which all are on the map.
const closingNow = () => chosen.tab === 'edit' && planner.tool === 'close_facility';

// The item whose sign a facility has: one of the theme, else the first that it serves by itself.
function itemOfPlace(f) {
  const items = new Set(chosen.shown === 'all' || closingNow() ? [] : themeItems());
  return (itemsOf(f).find((one) => items.has(one.item)) || itemsOf(f)[0]).item;
}

// How far the assessment looked, in the unit of the item's limit: minutes, or metres.
function horizon(item) {
  const unit = item.limit_m == null ? 'limit_minutes' : 'limit_m';
  const limits = card.checklist.items.map((one) => one[unit]).filter((limit) => limit != null);
  return card.about.horizon * Math.max(...limits);
}

// A sign for each item: in Chinese the first letter of its name that no other item has for its
// sign, in English its number.
const signs = {};

function itemSign(k) {
  signs[lang] ??= lang === 'zh' ? chineseSigns() : card.checklist.items.map((_, n) => String(n + 1));
  return signs[lang][k];
}

function chineseSigns() {
  const names = card.checklist.items.map((item) => [...item.zh.replace(/[（(].*/, '')].filter((one) => /\p{Script=Han}/u.test(one)));
  const often = new Map();
  for (const letters of names) for (const one of new Set(letters)) often.set(one, (often.get(one) || 0) + 1);
  const taken = new Set();
  return names.map((letters, k) => {
    const rare = [...letters].sort((a, b) => (often.get(a) > 1) - (often.get(b) > 1) || letters.indexOf(a) - letters.indexOf(b));
    const sign = rare.find((one) => !taken.has(one)) || String(k + 1);
    taken.add(sign);
    return sign;
  });
}
