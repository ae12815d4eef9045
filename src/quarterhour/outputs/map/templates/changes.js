// The changes that the page can make, each as planning/ has it: what is placed, closed, opened,
// drawn, and who walks. Each gives null, or the word for why it cannot be made.

const JOIN_M = 25; // as in street_changes.py
const GATE_REACH_M = 15; // as in origins.py
const IN_REACH = 1.01;

const CHANGES = {
  add_facility: addFacility,
  close_facility: closeFacility,
  open_gate: openGate,
  add_link: addLink,
  change_walker: changeWalker,
};

function compoundsOf(block) {
  if (!block.area.length) return { area: [], gates: [], inside: new Map() };
  const sets = pointsBy(block.sets);
  const inside = new Map();
  block.inside.place.forEach((p, k) => {
    const one = { compound: block.inside.compound[k], front: block.inside.front[k] === 1, ways: block.inside.ways[k], good: block.inside.good[k] };
    inside.set(p, [...(inside.get(p) || []), one]);
  });
  return {
    area: block.area, size: numbersOf(block.size), frontM: block.front_m, outlines: outlinesBy(block.outlines),
    gates: block.doors.map((k) => (k < 0 ? null : sets[k])), inside, own: new Set(block.own_ways),
  };
}

// ---- what fields are told ----

const fieldsWith = (what, p) => what.fields.filter((field) => what.items[field.item].asked && field.members.has(p));

function dropJoined(what, step, field) {
  const was = field.joined;
  field.joined = null;
  step.undo.push(() => { field.joined = was; });
  step.rejoined.add(2 * field.item + field.host);
}

function seeEdges(what, step, p) {
  for (const { edge } of what.places.at[p]) step.edges.add(edge);
  if (what.places.behind[p]) step.behind.add(what.places.behind[p]);
}

function join(what, step, field, p) {
  if (field.members.has(p)) return;
  field.members.add(p);
  step.undo.push(() => field.members.delete(p));
  dropJoined(what, step, field);
  if (!what.items[field.item].asked) return;
  seedPlace(what, field, p);
  spread(what, field);
}

function leave(what, step, field, p) {
  field.members.delete(p);
  step.undo.push(() => field.members.add(p));
  dropJoined(what, step, field);
  if (what.items[field.item].asked) forget(what, field, p);
}

function declare(what, step, k, by) {
  what.declared[k] += by;
  step.undo.push(() => { what.declared[k] -= by; });
}

// A facility meets the streets elsewhere: the walks to it are searched anew.
function relocate(what, step, p, spots) {
  seeEdges(what, step, p);
  setPositions(what.places, what.placesOn, step.undo, p, spots);
  seeEdges(what, step, p);
  for (const field of fieldsWith(what, p)) {
    dropJoined(what, step, field);
    forget(what, field, p);
      seedPlace(what, field, p);
    spread(what, field);
  }
}

function setBehind(what, step, p, label) {
  const { places, placesBehind } = what;
  const before = places.behind[p];
  if (before === label) return;
  const put = (from, to) => {
    if (from) placesBehind.set(from, placesBehind.get(from).filter((one) => one !== p));
    places.behind[p] = to;
    if (to) addTo(placesBehind, to, p);
  };
  put(before, label);
  step.undo.push(() => put(label, before));
  for (const one of [before, label]) if (one) step.behind.add(one);
}

function setDoors(placed, step, k, doors) {
  const before = placed.doors[k];
  placed.doors[k] = doors;
  step.undo.push(() => { placed.doors[k] = before; });
}

// ---- facilities ----

function addFacility(what, change, step) {
  const keys = change.item.split('|').map((word) => word.trim()).filter(Boolean);
  const items = keys.map((key) => card.checklist.items.findIndex((item) => item.key === key || item.zh === key));
  if (!items.length || items.includes(-1)) return 'no_such_item';
  if (!what.addable) return 'not_addable';
  const point = what.town.plane(...change.at);
  const p = what.places.n;
  placeNew(what, step, p, point);
  if (!what.places.at[p].length) return 'off_streets';
  const serves = new Map();
  for (const k of items) for (const [item, host] of what.items[k].serves) serves.set(item, Math.min(host, serves.get(item) ?? 1));
  for (const k of items) { serves.set(k, 0); declare(what, step, k, 1); }
  for (const [k, host] of serves) join(what, step, what.fields[2 * k + host], p);
  what.newNames.set(p, change.comment || nameOf(card.checklist.items[items[0]]));
  if ([...serves.keys()].some((k) => !what.items[k].asked)) step.said.push('not_asked');
  seeEdges(what, step, p);
  return null;
}

function placeNew(what, step, p, point) {
  const { places } = what;
  places.n++;
  places.points.push([point]); places.doors.push(null); places.more.push(0); places.behind.push(''); places.at.push([]);
  step.undo.push(() => {
    places.n--;
    for (const list of [places.points, places.doors, places.more, places.behind, places.at]) list.pop();
    what.newNames.delete(p);
    what.compounds.inside.delete(p);
  });
  what.compounds.inside.set(p, standing(what, point));
  const spots = enter(what, step, p);
  setPositions(places, what.placesOn, step.undo, p, spots || positionsOf(what.town, places, p, what.limitM));
}

// In which compounds a point is, whether at their rim, and how many of its ways lead straight in.
function standing(what, point) {
  const free = positionsAt(what.town, point, what.limitM, false);
  return what.compounds.area.map((_, c) => c).filter((c) => isInside(what.compounds.outlines[c], ...point)).map((c) => ({
    compound: c, front: distanceToRim(what.compounds.outlines[c], ...point) <= what.compounds.frontM[c],
    ways: free.length, good: free.filter((spot) => distanceTo(what.compounds.outlines[c], spot.x, spot.y) <= TOUCH_M).length,
  }));
}

// The gates by which a facility is entered, where a wall is around it; gives its positions, or null.
function enter(what, step, p) {
  const { compounds, places } = what;
  if (compounds.own && compounds.own.has(p)) return null;
  const closed = (compounds.inside.get(p) || []).filter(({ compound }) => compounds.gates[compound]);
  if (!closed.length) return null;
  const one = closed.reduce((best, next) => (compounds.size[next.compound] < compounds.size[best.compound] ? next : best));
  if (one.front && one.ways > 0) return null;
  setBehind(what, step, p, card.areas.label[compounds.area[one.compound]]);
  if (one.ways > 0 && one.good >= one.ways) return null;
  setDoors(places, step, p, compounds.gates[one.compound]);
  return positionsOf(what.town, places, p, what.limitM);
}

function closeFacility(what, change, step) {
  const p = placeOf(change.facility);
  if (p < 0) return 'no_such_place';
  if (what.closed.has(p)) return 'closed_already';
  for (const one of [p, ...(what.twins[p] || [])]) {
    if (what.closed.has(one)) continue;
    what.closed.add(one);
    step.undo.push(() => what.closed.delete(one));
    seeEdges(what, step, one);
    for (const field of what.fields.filter((each) => each.members.has(one))) {
      leave(what, step, field, one);
      if (!what.items[field.item].asked) step.said.push('not_asked');
      if (what.declares.has(one * what.items.length + field.item)) declare(what, step, field.item, -1);
    }
  }
  return null;
}

// By its label, or by a name that no other has.
function placeOf(word) {
  const text = String(word);
  const row = places.label.indexOf(text);
  if (row >= 0) return row;
  const named = places.name.reduce((found, name, k) => (name === text ? [...found, k] : found), []);
  return named.length === 1 ? named[0] : -1;
}

// ---- walls ----

function openGate(what, change, step) {
  const { compounds, town } = what;
  const gate = town.plane(...change.at);
  const here = compounds.area.map((_, c) => c).filter((c) => distanceToRim(compounds.outlines[c], ...gate) <= GATE_REACH_M
    && (change.area === undefined || card.areas.label[compounds.area[c]] === String(change.area) || card.areas.name[compounds.area[c]] === change.area));
  if (!here.length) return 'no_wall';
  if (!streetsNear(town, ...gate, what.limitM).length) return 'off_streets';
  const own = new Map(here.map((c) => [compounds.area[c], addGate(compounds.gates[c] || [], gate)]));
  rebuildHomes(what, step, own);
  for (const c of here) setGates(what, step, c, gatesLeft(what, c));
  for (const [p, list] of compounds.inside) {
    if (!list.some(({ compound }) => here.includes(compound)) || what.closed.has(p)) continue;
    const spots = enter(what, step, p);
    if (spots) relocate(what, step, p, spots);
    else seeEdges(what, step, p);
  }
  return null;
}

const addGate = (gates, gate) => (gates.some(([x, y]) => x === gate[0] && y === gate[1]) ? gates : [...gates, gate]);

function setGates(what, step, c, gates) {
  const before = what.compounds.gates[c];
  what.compounds.gates[c] = gates;
  step.undo.push(() => { what.compounds.gates[c] = before; });
}

// The gates at the rim of a compound by which anybody of its area leaves.
function gatesLeft(what, c) {
  const { compounds, homes } = what;
  const found = new Map();
  for (const h of what.homesOf[compounds.area[c]]) {
    for (const gate of homes.doors[h] || (what.atGates ? homes.points[h] : [])) {
      if (distanceToRim(compounds.outlines[c], ...gate) <= IN_REACH * GATE_REACH_M) found.set(String(gate), gate);
    }
  }
  return found.size ? [...found.values()] : null;
}

// Homes of areas that have a gate more, and others in the same buildings, leave by the gates of
// the smallest area with gates around them.
function rebuildHomes(what, step, own) {
  const { homes, compounds, areaOf } = what;
  const gatesOf = new Map(compounds.area.map((area, c) => [area, own.get(area) || compounds.gates[c]]));
  const size = new Map(compounds.area.map((area, c) => [area, compounds.size[c]]));
  const spotOf = (h) => String(homes.points[h][0]);
  const mine = [...own.keys()].flatMap((area) => what.homesOf[area]);
  if (what.atGates) {
    for (const h of mine) moveHome(what, step, h, () => { homes.points[h] = gatesOf.get(areaOf[h]); });
    return;
  }
  what.homesAtSpot ??= groupOf(homes.points.map((_, h) => spotOf(h)));
  const touched = new Set(mine.flatMap((h) => what.homesAtSpot.get(spotOf(h))));
  for (const h of touched) {
    const around = [...new Set(what.homesAtSpot.get(spotOf(h)).map((one) => areaOf[one]))].filter((area) => gatesOf.get(area));
    if (!around.length) continue;
    const best = around.reduce((a, b) => (size.get(b) < size.get(a) ? b : a));
    moveHome(what, step, h, () => setDoors(homes, step, h, gatesOf.get(best)));
  }
}

function moveHome(what, step, h, change) {
  const { homes } = what;
  const points = homes.points[h];
  step.undo.push(() => { homes.points[h] = points; });
  change();
  setPositions(homes, what.homesOn, step.undo, h, positionsOf(what.town, homes, h, what.limitM));
  step.moved.add(h);
}

// ---- streets ----

function addLink(what, change, step) {
  const { town } = what;
  if (!what.walker.shares) return 'slopes';
  const drawn = change.line.map((at) => town.plane(...at));
  const ends = [drawn[0], drawn.at(-1)].map((point) => streetsNear(town, ...point, JOIN_M)[0]);
  if (!ends[0] || !ends[1]) return 'link_off_streets';
  const [one, other] = ends;
  if (Math.hypot(one.x - other.x, one.y - other.y) < 0.01) return 'link_nowhere';
  const small = ends.some(({ edge }) => partOf(town, town.u[edge]) < SMALL_PART_M);
  if (small) step.said.push('island');
  const [u, v] = jointsOf(what, step, ends);
  const line = [one.x, one.y, ...drawn.flat(), other.x, other.y];
  const length = nearestOnLine(line, line[0], line[1]).whole;
  const link = newEdge(town, step.undo, { u, v, line, length });
  countEdge(town, what.walker, what.ways, link);
  const asked = what.fields.filter((field) => what.items[field.item].asked && field.members.size);
  for (const field of asked) {
    if (field.joined && field.joined[u] !== field.joined[v]) dropJoined(what, step, field);
    reachAlong(what, field, link);
  }
  for (const [h, spots] of drawnTo(town, what.homes, link, what.limitM)) {
    setPositions(what.homes, what.homesOn, step.undo, h, spots);
    step.moved.add(h);
  }
  for (const [p, spots] of drawnTo(town, what.places, link, what.limitM)) if (!what.closed.has(p)) relocate(what, step, p, spots);
  standAnew(what, step, link);
  return null;
}

// Facilities inside walls that a new street leads to are entered as the streets now are.
function standAnew(what, step, link) {
  const { compounds, places } = what;
  const line = lineOfEdge(what.town, link);
  for (const [p, before] of compounds.inside) {
    if (!before.length || places.outline.has(p) || what.closed.has(p) || nearestOnLine(line, ...places.points[p][0]).d > what.limitM) continue;
    const now = standing(what, places.points[p][0]);
    compounds.inside.set(p, now);
    step.undo.push(() => compounds.inside.set(p, before));
    if (compounds.own && compounds.own.has(p)) continue;
    const doors = places.doors[p];
    setDoors(places, step, p, null);
    setBehind(what, step, p, '');
    const spots = enter(what, step, p) || positionsOf(what.town, places, p, what.limitM);
    if (doors || places.doors[p]) relocate(what, step, p, spots);
  }
}

// Nodes at two positions: those that are there, or new ones where edges are cut.
function jointsOf(what, step, ends) {
  const { town } = what;
  const nodes = [];
  const order = [0, 1].sort((a, b) => ends[a].edge - ends[b].edge || ends[a].fraction - ends[b].fraction);
  let cut = null;
  for (const k of order) {
    let { edge, fraction } = ends[k];
    if (cut && cut.edge === edge) {
      if (fraction <= cut.fraction) { nodes[k] = cut.node; continue; }
      fraction = (fraction - cut.fraction) / (1 - cut.fraction);
      edge = cut.other;
    }
    const line = lineOfEdge(town, edge);
    const { whole } = nearestOnLine(line, line[0], line[1]);
    if (fraction * whole <= AT_NODE_M) nodes[k] = town.u[edge];
    else if ((1 - fraction) * whole <= AT_NODE_M) nodes[k] = town.v[edge];
    else {
      const made = cutAndCount(what, step, edge, fraction);
      nodes[k] = made.node;
      cut = { edge: ends[k].edge, fraction: ends[k].fraction, ...made };
    }
  }
  return nodes;
}

function cutAndCount(what, step, edge, fraction) {
  const { town } = what;
  step.undo.push(() => countEdge(town, what.walker, what.ways, edge));
  const [tail, head] = [town.u[edge], town.v[edge]];
  if (edge < town.base && !town.drawn.has(edge)) takeArcs(town, what.ways, step.undo, edge);
  const made = cutEdge(town, step.undo, edge, fraction);
  for (const e of [edge, made.other]) countEdge(town, what.walker, what.ways, e);
  moveToParts(what.places, what.placesOn, step.undo, edge, fraction, made.other);
  moveToParts(what.homes, what.homesOn, step.undo, edge, fraction, made.other);
  const { ahead, back } = what.ways[0];
  for (const field of what.fields) {
    if (!what.items[field.item].asked || !field.members.size) continue;
    if (field.joined) field.joined[made.node] = (field.joined[head] && ahead[made.other] < Infinity) || (field.joined[tail] && back[edge] < Infinity) ? 1 : 0;
    reachAlong(what, field, edge);
    reachAlong(what, field, made.other);
  }
  return made;
}

// ---- who walks ----

function changeWalker(what, change, step) {
  const named = walkerNamed(what, change.walker);
  if (!named) return 'no_such_walker';
  const walker = change.speed_kmh ? { ...named, speed_m_s: change.speed_kmh / 3.6 } : named;
  const before = { walker: what.walker, ways: what.ways, fields: what.fields };
  step.undo.push(() => Object.assign(what, before));
  const answer = (!change.speed_kmh && what.ahead.get(walker.name)) || answerFor(what, walker);
  while (answerNext(answer));
  const { ways, fields, walks, verdicts, near } = answer.what;
  Object.assign(what, { walker, ways, fields, walks, verdicts, near });
  step.answered = true;
  return null;
}

// Whether the same streets are open in two ways of counting, and whether they cost the same.
function likeness(way, other) {
  let open = true;
  let same = way.speed === other.speed;
  for (const [mine, its] of [[way.ahead, other.ahead], [way.back, other.back]]) {
    for (let e = 0; e < mine.length; e++) {
      if (mine[e] === its[e]) continue;
      same = false;
      if ((mine[e] < Infinity) !== (its[e] < Infinity)) open = false;
    }
  }
  return { open, same };
}
