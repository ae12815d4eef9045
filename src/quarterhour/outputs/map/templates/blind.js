// Blind zones 盲区: where on the streets one walks longer than the limit of an item, or of how many
// items of a group, as the town is now or as it is changed.

const BLIND = LOOKS.blind; // three colours, from a little to far beyond
const FAR = 1.5; // times the limit

let blind = null; // what is drawn: lines by class, homes and residents in them

const blindItems = () => themeItems().filter((k) => whatIf.items[k].asked && (whatIf.items[k].shown || whatIf.items[k].surveyed || whatIf.declared[k] > 0));

// Parts of an edge from which an item is within so many seconds or metres.
function coveredParts(what, k, e, most) {
  const covered = [];
  for (const host of [0, 1]) {
    const field = what.fields[2 * k + host];
    if (!field.members.size) continue;
    const { ahead, back, speed } = what.ways[field.way];
    const left = (from, cost) => (from > most ? -1 : cost > 0 ? (most - from) / cost : 1);
    const [a, b] = [left(field.s[what.town.u[e]], back[e]), left(field.s[what.town.v[e]], ahead[e])];
    if (a >= 0) covered.push([0, Math.min(1, a)]);
    if (b >= 0) covered.push([Math.max(0, 1 - b), 1]);
    for (const p of what.placesOn.get(e) || []) {
      if (!field.members.has(p)) continue;
      for (const { edge, fraction, leg } of what.places.at[p]) {
        if (edge !== e || leg / speed > most) continue;
        covered.push([Math.max(0, fraction - left(leg / speed, ahead[e])), Math.min(1, fraction + left(leg / speed, back[e]))]);
      }
    }
  }
  return covered;
}

// What is left of 0 to 1.
function outside(covered) {
  const free_ = [];
  let from = 0;
  for (const [low, high] of covered.sort((a, b) => a[0] - b[0])) {
    if (low > from) free_.push([from, low]);
    from = Math.max(from, high);
  }
  if (from < 1) free_.push([from, 1]);
  return free_;
}

// Parts of an edge by class: of one item by how far beyond its limit, of several by how many.
function blindParts(what, items, e) {
  const steps_ = [];
  const add = (parts, by) => { for (const [low, high] of parts) steps_.push([low, by], [high, -by]); };
  for (const k of items) {
    const { most } = what.items[k];
    add(outside(coveredParts(what, k, e, most)), 1);
    if (items.length === 1) add(outside(coveredParts(what, k, e, FAR * most)), 1);
  }
  steps_.sort((a, b) => a[0] - b[0]);
  const parts = [];
  let [from, level] = [0, 0];
  for (const [at, by] of steps_) {
    if (level > 0 && at > from + 1e-9) parts.push([from, at, Math.min(level, 3) - 1]);
    level += by;
    from = at;
  }
  return parts;
}

function blindZones(what) {
  const items = blindItems();
  if (!items.length) return null;
  const lines = [[], [], []];
  for (let e = 0; e < what.town.n; e++) {
    if (streets.kind[e] & ACROSS_SQUARE || (what.ways[0].ahead[e] === Infinity && what.ways[0].back[e] === Infinity)) continue;
    const own = what.town.drawn.get(e);
    for (const [low, high, level] of blindParts(what, items, e)) {
      const line = own ? ownLine(what, own, low, high) : low <= 0 && high >= 1 ? wholeLine(e) : cutLine(streets, e, low, high);
      if (line) lines[level].push(line);
    }
  }
  return { items, lines, ...peopleOutside(what, items) };
}

function wholeLine(e) {
  const line = [];
  for (let i = streets.offset[e]; i < streets.offset[e + 1]; i++) line.push([streets.lon[i], streets.lat[i]]);
  return line;
}

// A part of an edge that was cut or added, which the plane has and the base map has not.
function ownLine(what, flat, low, high) {
  const { whole } = nearestOnLine(flat, flat[0], flat[1]);
  const [, rest] = parted(flat, low * whole);
  const [part_] = parted(rest, (high - low) * whole);
  const line = [];
  for (let i = 0; i < part_.length; i += 2) line.push(degreesAt(what.town.plane, part_[i], part_[i + 1]));
  return line;
}

// Who lives where at least one of the items is farther than its limit.
function peopleOutside(what, items) {
  let [people, all] = [0, 0];
  for (let h = 0; h < what.homes.n; h++) {
    if (what.again[h]) continue;
    all += what.weight[h];
    if (items.some((k) => !what.near[k][h])) people += what.weight[h];
  }
  return { people, all };
}

async function showBlind() {
  const wanted = chosen.blind && (chosen.item >= 0 || chosen.group >= 0);
  const what = wanted ? await readyToAsk() : null;
  blind = what ? blindZones(what) : null;
  const features = blind ? blind.lines.map((lines, level) => feature('MultiLineString', lines, { level })) : [];
  put('blind', collection(features.filter((one) => one.geometry.coordinates.length)));
  fadeAreas();
  $('blind-told').textContent = !chosen.blind ? '' : !wanted ? say('blind_choose') : blind ? blindText() : say('blind_nothing');
  showLegend();
}

function blindText() {
  const unit = whatIf.measure === 'residences' ? 'homes' : 'residents';
  const people = (n) => say(`${unit}_n`, { n: number(roundHalf(n)) });
  const words = { count: number(roundHalf(blind.people)), inside: people(blind.people), all: people(blind.all), n: blind.items.length };
  return say(blind.items.length === 1 ? 'blind_item' : 'blind_group', words) + (changesMade().length ? ` ${say('blind_after')}` : '');
}

function blindLayers() {
  const k = ['match', ['get', 'level'], 0, BLIND[0], 1, BLIND[1], BLIND[2]];
  const width = ['interpolate', ['exponential', 1.6], ['zoom'], 11, 2, 14, 6, 17, 22];
  return [{ id: 'blind', type: 'line', source: 'blind', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': k, 'line-width': width, 'line-opacity': 0.75 } }];
}

function blindKeys(key) {
  if (!blind) return [];
  const words = blind.items.length === 1 ? ['blind_beyond', 'blind_far'] : ['blind_one', 'blind_two', 'blind_more'];
  return [el('h2', {}, say('blind')), ...words.map((word, level) => key(lineElement(BLIND[level], 6, []), say(word)))];
}
