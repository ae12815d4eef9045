// How far every node is from the nearest facility of an item: one field for each item, and one
// for what only hosts imply. A change searches only where walks become others.

const [WITHIN, BEYOND, UNREACHABLE, NOT_SNAPPED, NO_FACILITY] = [0, 1, 2, 3, 4];

// Nodes that wait, in buckets of a small part of the limit; one that is improved waits again, so
// that the seconds are exact whatever the width.
const BUCKETS = 1024;
const queue = {
  heads: new Int32Array(BUCKETS + 1).fill(-1), s: new Float64Array(1 << 16), node: new Int32Array(1 << 16), next: new Int32Array(1 << 16),
  size: 0, low: BUCKETS + 1,
};

function pushNode(field, s, node) {
  if (queue.size === queue.s.length) {
    queue.s = grown(queue.s, Float64Array, queue.size);
    queue.node = grown(queue.node, Int32Array, queue.size);
    queue.next = grown(queue.next, Int32Array, queue.size);
  }
  const entry = queue.size++;
  const bucket = Math.min(BUCKETS, Math.floor(s * field.perSecond));
  queue.s[entry] = s;
  queue.node[entry] = node;
  queue.next[entry] = queue.heads[bucket];
  queue.heads[bucket] = entry;
  if (bucket < queue.low) queue.low = bucket;
}

function makeField(town, { item, host, way, limit }) {
  const size = town.nodes + 2 * ROOM;
  return { item, host, way, limit, members: new Set(), s: new Float64Array(size).fill(Infinity), who: new Int32Array(size).fill(-1), log: null, joined: null, perSecond: BUCKETS / limit };
}

// Writes down what a node was, so that it can be so again.
function setNode(field, node, s, who) {
  if (field.log) field.log.push(node, field.s[node], field.who[node]);
  field.s[node] = s;
  field.who[node] = who;
}

function reachNode(field, node, s, who) {
  if (s > field.limit || !(s < field.s[node])) return;
  setNode(field, node, s, who);
  pushNode(field, s, node);
}

function seedPlace(what, field, p) {
  const { town, places } = what;
  const { ahead, back, speed } = what.ways[field.way];
  for (const { edge, fraction, leg } of places.at[p]) {
    reachNode(field, town.u[edge], part(fraction, ahead[edge]) + leg / speed, p);
    reachNode(field, town.v[edge], part(1 - fraction, back[edge]) + leg / speed, p);
  }
}

// From what waits outwards, against the direction of walking.
function spread(what, field) {
  const { offset, tail, more } = what.town.arcs;
  const { cost } = what.ways[field.way];
  const { s: seconds, who, log, limit } = field;
  const last = offset.length - 1;
  const { heads } = queue;
  for (let bucket = queue.low; bucket <= BUCKETS; bucket++) {
    for (let entry = heads[bucket]; entry >= 0; entry = heads[bucket]) {
      heads[bucket] = queue.next[entry];
      const node = queue.node[entry];
      const s = queue.s[entry];
      if (s > seconds[node]) continue;
      const end = node < last ? offset[node + 1] : 0;
      for (let k = node < last ? offset[node] : 0; k < end; k++) {
        const [at, reached] = [tail[k], s + cost[k]];
        if (reached > limit || !(reached < seconds[at])) continue;
        if (log) log.push(at, seconds[at], who[at]);
        seconds[at] = reached;
        who[at] = who[node];
        pushNode(field, reached, at);
      }
      if (more.size && more.has(node)) spreadMore(what, field, node, s);
    }
  }
  queue.size = 0;
  queue.low = BUCKETS + 1;
}

// Along edges that were added, and those that were cut.
function spreadMore(what, field, node, s) {
  const { u, v, more } = what.town;
  const { ahead, back } = what.ways[field.way];
  for (const e of more.get(node)) {
    if (v[e] === node) reachNode(field, u[e], s + ahead[e], field.who[node]);
    if (u[e] === node) reachNode(field, v[e], s + back[e], field.who[node]);
  }
}

function fillField(what, field) {
  field.s.fill(Infinity);
  field.who.fill(-1);
  for (const p of field.members) seedPlace(what, field, p);
  spread(what, field);
}

// Nodes from which walks went to a facility are searched anew, from those around them.
function forget(what, field, p) {
  const { town } = what;
  const { ahead, back } = what.ways[field.way];
  const lost = [];
  for (let node = 0; node < town.nodes; node++) if (field.who[node] === p) lost.push(node);
  for (const node of lost) setNode(field, node, Infinity, -1);
  for (const node of lost) {
    edgesOfNode(town, node, (e) => {
      const { s, who } = field;
      if (town.u[e] === node && who[town.v[e]] >= 0) reachNode(field, node, s[town.v[e]] + ahead[e], who[town.v[e]]);
      if (town.v[e] === node && who[town.u[e]] >= 0) reachNode(field, node, s[town.u[e]] + back[e], who[town.u[e]]);
    });
  }
  if (lost.length) for (const one of field.members) if (one !== p) seedPlace(what, field, one);
  spread(what, field);
}

// A node on an edge that was cut, and what a new edge makes shorter.
function reachAlong(what, field, edge) {
  const { town } = what;
  const { ahead, back } = what.ways[field.way];
  const [u, v] = [town.u[edge], town.v[edge]];
  const { s, who } = field;
  if (who[v] >= 0) reachNode(field, u, s[v] + ahead[edge], who[v]);
  if (who[u] >= 0) reachNode(field, v, s[u] + back[edge], who[u]);
  for (const p of what.placesOn.get(edge) || []) if (field.members.has(p)) seedPlace(what, field, p);
  spread(what, field);
}

// Nodes from which a field's facilities can be reached at all, at whatever distance.
function joinedNodes(what, field) {
  const { town, places } = what;
  const { ahead, back } = what.ways[field.way];
  const seen = new Uint8Array(town.nodes + 2 * ROOM);
  const line = [];
  const see = (node, s) => { if (s < Infinity && !seen[node]) { seen[node] = 1; line.push(node); } };
  for (const p of field.members) {
    for (const { edge, fraction } of places.at[p]) {
      see(town.u[edge], part(fraction, ahead[edge]));
      see(town.v[edge], part(1 - fraction, back[edge]));
    }
  }
  for (let k = 0; k < line.length; k++) {
    edgesOfNode(town, line[k], (e) => {
      if (town.v[e] === line[k]) see(town.u[e], ahead[e]);
      if (town.u[e] === line[k]) see(town.v[e], back[e]);
    });
  }
  return seen;
}

// The walk of each home to the nearest facility of a field: cost, facility, what became of it.
// Of walks that are known, only those of some homes are looked at again.
function walksOf(what, field, known = null, some = null) {
  const { homes, places } = what;
  const n = homes.n;
  const found = known
    ? { cost: known.cost.slice(), place: known.place.slice(), state: known.state.slice() }
    : { cost: new Float64Array(n).fill(Infinity), place: new Int32Array(n).fill(-1), state: new Uint8Array(n).fill(NO_FACILITY) };
  const none = !field.members.size;
  const there = !none && [...field.members].some((p) => places.at[p].length);
  const look = (h) => {
    found.cost[h] = Infinity;
    found.place[h] = -1;
    if (there && homes.at[h].length) walkOf(what, field, h, found);
  };
  if (known && some) some.forEach(look);
  else for (let h = 0; h < n; h++) look(h);
  for (let h = 0; h < n; h++) {
    if (found.cost[h] < Infinity) found.state[h] = WITHIN;
    else if (none) found.state[h] = NO_FACILITY;
    else if (!there || !homes.at[h].length) found.state[h] = NOT_SNAPPED;
    else found.state[h] = leadsOut(what, field, h) ? BEYOND : UNREACHABLE;
  }
  return found;
}

// Whether a home can walk to any facility of a field, however far.
function leadsOut(what, field, h) {
  const { town, homes } = what;
  const { ahead, back } = what.ways[field.way];
  field.joined ??= joinedNodes(what, field);
  return homes.at[h].some(({ edge, fraction }) => (field.joined[town.u[edge]] && part(fraction, back[edge]) < Infinity)
    || (field.joined[town.v[edge]] && part(1 - fraction, ahead[edge]) < Infinity));
}

function walkOf(what, field, h, found) {
  const { homes, town, placesOn } = what;
  const { ahead, back, speed } = what.ways[field.way];
  const { s, who, limit } = field;
  let best = Infinity;
  let place = -1;
  for (const at of homes.at[h]) {
    const { edge, fraction } = at;
    const legS = at.leg / speed;
    const [u, v] = [town.u[edge], town.v[edge]];
    const through = part(fraction, back[edge]) + legS + s[u];
    if (through < best && through <= limit) { best = through; place = who[u]; }
    const on = part(1 - fraction, ahead[edge]) + legS + s[v];
    if (on < best && on <= limit) { best = on; place = who[v]; }
    const others = placesOn.get(edge);
    if (others && !(ahead[edge] === Infinity && back[edge] === Infinity)) {
      const along = nearestAlong(what, field, at, others);
      if (along.s < best && along.s <= limit) { best = along.s; place = along.p; }
    }
  }
  const label = homes.behind[h];
  if (label) {
    for (const p of what.placesBehind.get(label) || []) {
      if (!field.members.has(p) || !what.places.at[p].length) continue;
      const straight = straightMetres(homes, what.places, h, p) / speed;
      if (straight < best && straight <= limit) { best = straight; place = p; }
    }
  }
  found.cost[h] = best;
  found.place[h] = place;
}

// The nearest facility of a field that is on the same edge.
function nearestAlong(what, field, { edge, fraction, leg }, others) {
  const { ahead, back, speed } = what.ways[field.way];
  const best = { s: Infinity, p: -1 };
  for (const p of others) {
    if (!field.members.has(p)) continue;
    for (const spot of what.places.at[p]) {
      if (spot.edge !== edge) continue;
      const on = spot.fraction - fraction;
      const s = part(Math.abs(on), on > 0 ? ahead[edge] : back[edge]) + (leg + spot.leg) / speed;
      if (s < best.s) { best.s = s; best.p = p; }
    }
  }
  return best;
}
