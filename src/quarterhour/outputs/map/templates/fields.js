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

function reachNode(field, node, s, who, waits = true) {
  if (s > field.limit || !(s < field.s[node])) return;
  setNode(field, node, s, who);
  if (waits) pushNode(field, s, node);
}

function seedPlace(what, field, p, waits = true) {
  const { places } = what;
  if (p < what.given && !places.moved.has(p)) {
    const { first, edge, fraction, leg } = places.spots;
    for (let k = first[p]; k < first[p + 1]; k++) seedSpot(what, field, p, edge[k], fraction[k], leg[k], waits);
  } else for (const { edge, fraction, leg } of places.at[p]) seedSpot(what, field, p, edge, fraction, leg, waits);
}

function seedSpot({ town, ways }, field, p, edge, fraction, leg, waits) {
  const { ahead, back, speed } = ways[field.way];
  reachNode(field, town.u[edge], part(fraction, ahead[edge]) + leg / speed, p, waits);
  reachNode(field, town.v[edge], part(1 - fraction, back[edge]) + leg / speed, p, waits);
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
        const at = tail[k];
        const reached = s + cost[k];
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

// When somebody else walks, the ways that were shortest are walked again: most of them stay it. Where
// another has become shorter, the search goes on from there. `was` is the seconds of the field as they
// were, and what its arcs cost then; `room` is to work in.
function walkAgain(what, field, was, { takes, done, chain }) {
  const { offset, tail } = what.town.arcs;
  const { out } = what.ways[field.way];
  const { s: seconds, who, limit } = field;
  for (const p of field.members) seedPlace(what, field, p, false);
  done.fill(0);
  for (let node = 0; node + 1 < offset.length; node++) {
    if (done[node]) continue;
    let n = 0;
    let next = node;
    while (next >= 0 && !done[next]) {
      const at = next;
      done[at] = 1;
      chain[n++] = at;
      next = -1;
      const is = was.s[at];
      for (let k = offset[at]; k < offset[at + 1] && is < Infinity; k++) {
        const s = was.s[tail[k]];
        if (s < is && s + was.out[k] === is) { next = tail[k]; takes[at] = out[k]; break; }
      }
    }
    if (next < 0) next = chain[--n]; // it was reached otherwise
    while (n > 0) {
      const at = chain[--n];
      const s = seconds[next] + takes[at];
      if (s <= limit && s < seconds[at]) { seconds[at] = s; who[at] = who[next]; }
      next = at;
    }
  }
  pushShorter(what, field);
  spread(what, field);
}

const roomFor = (n) => ({ takes: new Float64Array(n), done: new Uint8Array(n), chain: new Int32Array(n) });

function pushShorter(what, field) {
  const { offset, tail, more } = what.town.arcs;
  const { out } = what.ways[field.way];
  const { s: seconds, who } = field;
  for (let node = 0; node + 1 < offset.length; node++) {
    for (let k = offset[node]; k < offset[node + 1]; k++) {
      const s = seconds[tail[k]] + out[k];
      if (s < seconds[node]) reachNode(field, node, s, who[tail[k]]);
    }
  }
  for (const node of more.keys()) if (seconds[node] < Infinity) spreadMore(what, field, node, seconds[node]);
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
  if (!field.members.size) return (what.nowhere ??= noWalks(n));
  const found = known && some ? { cost: known.cost.slice(), place: known.place.slice(), state: known.state.slice() } : noWalks(n);
  let there = false;
  for (const p of field.members) if (places.at[p].length) { there = true; break; }
  const look = (h) => {
    found.cost[h] = Infinity;
    found.place[h] = -1;
    if (there && homes.at[h].length) walkOf(what, field, h, found);
  };
  if (known && some) some.forEach(look);
  else if (there) walkAll(what, field, found);
  for (let h = 0; h < n; h++) {
    if (found.cost[h] < Infinity) found.state[h] = WITHIN;
    else if (!there || !homes.at[h].length) found.state[h] = NOT_SNAPPED;
    else found.state[h] = leadsOut(what, field, h) ? BEYOND : UNREACHABLE;
  }
  return found;
}

const noWalks = (n) => ({ cost: new Float64Array(n).fill(Infinity), place: new Int32Array(n).fill(-1), state: new Uint8Array(n).fill(NO_FACILITY) });

// As walkOf, of all homes.
function walkAll(what, field, found) {
  const { first, u, v, toU, toV, near } = startsOf(what, field.way);
  const { s, who, limit, members } = field;
  for (let h = 0; h < what.homes.n; h++) {
    let best = Infinity;
    let place = -1;
    for (let k = first[h]; k < first[h + 1]; k++) {
      const through = toU[k] + s[u[k]];
      if (through < best && through <= limit) { best = through; place = who[u[k]]; }
      const on = toV[k] + s[v[k]];
      if (on < best && on <= limit) { best = on; place = who[v[k]]; }
    }
    for (let k = near.first[h]; k < near.first[h + 1]; k++) {
      if (near.s[k] < best && near.s[k] <= limit && members.has(near.p[k])) { best = near.s[k]; place = near.p[k]; }
    }
    found.cost[h] = best;
    found.place[h] = place;
  }
}

// What it takes from each home to the nodes around it, for the town as it is now, and to the
// facilities on its own street or behind its own walls.
function startsOf(what, which) {
  const { homes, town } = what;
  const way = what.ways[which];
  if (way.starts) return way.starts;
  const { ahead, back, speed } = way;
  const first = new Int32Array(homes.n + 1);
  for (let h = 0; h < homes.n; h++) first[h + 1] = first[h] + homes.at[h].length;
  const n = first[homes.n];
  const near = { first: new Int32Array(homes.n + 1), p: [], s: [] };
  way.starts = { first, u: new Int32Array(n), v: new Int32Array(n), toU: new Float64Array(n), toV: new Float64Array(n), near };
  const { u, v, toU, toV } = way.starts;
  for (let h = 0, k = 0; h < homes.n; h++) {
    for (const at of homes.at[h]) {
      const { edge, fraction } = at;
      const legS = at.leg / speed;
      u[k] = town.u[edge];
      v[k] = town.v[edge];
      toU[k] = part(fraction, back[edge]) + legS;
      toV[k] = part(1 - fraction, ahead[edge]) + legS;
      k++;
      eachAlong(what, way, at, (p, s) => { near.p.push(p); near.s.push(s); });
    }
    eachBehind(what, way, h, (p, s) => { near.p.push(p); near.s.push(s); });
    near.first[h + 1] = near.p.length;
  }
  return way.starts;
}

// Facilities on the street of a position, and what it takes along it to each of their own positions.
function eachAlong({ placesOn, places }, { ahead, back, speed }, { edge, fraction, leg }, visit) {
  const others = placesOn.get(edge);
  if (!others || (ahead[edge] === Infinity && back[edge] === Infinity)) return;
  for (const p of others) {
    for (const spot of places.at[p]) {
      if (spot.edge !== edge) continue;
      const on = spot.fraction - fraction;
      visit(p, part(Math.abs(on), on > 0 ? ahead[edge] : back[edge]) + (leg + spot.leg) / speed);
    }
  }
}

// Facilities behind the walls of a home, and what it takes straight to each.
function eachBehind(what, { speed }, h, visit) {
  const label = what.homes.behind[h];
  for (const p of (label && what.placesBehind.get(label)) || []) {
    if (what.places.at[p].length) visit(p, straightMetres(what.homes, what.places, h, p) / speed);
  }
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
  const { homes, town } = what;
  const way = what.ways[field.way];
  const { ahead, back, speed } = way;
  const { s, who, limit, members } = field;
  let [best, place] = [Infinity, -1];
  const take = (p, seconds) => { if (seconds < best && seconds <= limit) { best = seconds; place = p; } };
  const takeMember = (p, seconds) => { if (members.has(p)) take(p, seconds); };
  for (const at of homes.at[h]) {
    const { edge, fraction } = at;
    const legS = at.leg / speed;
    const [u, v] = [town.u[edge], town.v[edge]];
    take(who[u], part(fraction, back[edge]) + legS + s[u]);
    take(who[v], part(1 - fraction, ahead[edge]) + legS + s[v]);
    eachAlong(what, way, at, takeMember);
  }
  eachBehind(what, way, h, takeMember);
  found.cost[h] = best;
  found.place[h] = place;
}
