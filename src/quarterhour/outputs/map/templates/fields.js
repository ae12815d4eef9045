// How far every node is from the nearest facility of an item: one field for each item, and one
// for what only hosts imply. A change searches only where walks become others.

const [WITHIN, BEYOND, UNREACHABLE, NOT_SNAPPED, NO_FACILITY] = [0, 1, 2, 3, 4];

// A heap of nodes by seconds, in arrays that are used again.
const heap = { keys: new Float64Array(1 << 16), nodes: new Int32Array(1 << 16), size: 0 };

function pushNode(key, node) {
  if (heap.size === heap.keys.length) {
    heap.keys = grown(heap.keys, Float64Array, heap.size);
    heap.nodes = grown(heap.nodes, Int32Array, heap.size);
  }
  const { keys, nodes } = heap;
  let i = heap.size++;
  while (i > 0) {
    const up = (i - 1) >> 1;
    if (keys[up] <= key) break;
    keys[i] = keys[up]; nodes[i] = nodes[up];
    i = up;
  }
  keys[i] = key; nodes[i] = node;
}

// The node that is nearest; its seconds are in heap.key.
function popNode() {
  const { keys, nodes } = heap;
  const node = nodes[0];
  heap.key = keys[0];
  const last = --heap.size;
  const [key, moved] = [keys[last], nodes[last]];
  let i = 0;
  for (let down = 1; down < last; down = 2 * i + 1) {
    if (down + 1 < last && keys[down + 1] < keys[down]) down++;
    if (keys[down] >= key) break;
    keys[i] = keys[down]; nodes[i] = nodes[down];
    i = down;
  }
  keys[i] = key; nodes[i] = moved;
  return node;
}

function makeField(town, { item, host, way, limit }) {
  const size = town.nodes + 2 * ROOM;
  return { item, host, way, limit, members: new Set(), s: new Float64Array(size).fill(Infinity), who: new Int32Array(size).fill(-1), log: null, joined: null };
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
  pushNode(s, node);
}

function seedPlace(what, field, p) {
  const { town, places } = what;
  const { ahead, back, speed } = what.ways[field.way];
  for (const { edge, fraction, leg } of places.at[p]) {
    reachNode(field, town.u[edge], part(fraction, ahead[edge]) + leg / speed, p);
    reachNode(field, town.v[edge], part(1 - fraction, back[edge]) + leg / speed, p);
  }
}

// From what waits in the heap outwards, against the direction of walking.
function spread(what, field) {
  const { town } = what;
  const { u, v, graph: { offset, edge: edges }, more } = town;
  const { ahead, back } = what.ways[field.way];
  const { s: seconds, who } = field;
  const last = offset.length - 1;
  const relax = (e, node, s) => {
    if (v[e] === node) reachNode(field, u[e], s + ahead[e], who[node]);
    if (u[e] === node) reachNode(field, v[e], s + back[e], who[node]);
  };
  while (heap.size) {
    const node = popNode();
    const s = heap.key;
    if (s > seconds[node]) continue;
    if (node < last) for (let k = offset[node]; k < offset[node + 1]; k++) relax(edges[k], node, s);
    const extra = more.size ? more.get(node) : undefined;
    if (extra) for (const e of extra) relax(e, node, s);
  }
}

function fillField(what, field) {
  field.s.fill(Infinity);
  field.who.fill(-1);
  heap.size = 0;
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
  heap.size = 0;
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
  heap.size = 0;
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
  const { homes, places, town, placesOn } = what;
  const { ahead, back, speed } = what.ways[field.way];
  const take = (s, p) => {
    if (s <= field.limit && s < found.cost[h]) { found.cost[h] = s; found.place[h] = p; }
  };
  for (const { edge, fraction, leg } of homes.at[h]) {
    const [u, v] = [town.u[edge], town.v[edge]];
    take(part(fraction, back[edge]) + leg / speed + field.s[u], field.who[u]);
    take(part(1 - fraction, ahead[edge]) + leg / speed + field.s[v], field.who[v]);
    const others = placesOn.get(edge);
    if (!others || (ahead[edge] === Infinity && back[edge] === Infinity)) continue;
    for (const p of others) {
      if (!field.members.has(p)) continue;
      for (const spot of places.at[p]) {
        if (spot.edge !== edge) continue;
        const on = spot.fraction - fraction;
        take(part(Math.abs(on), on > 0 ? ahead[edge] : back[edge]) + (leg + spot.leg) / speed, p);
      }
    }
  }
  const label = homes.behind[h];
  for (const p of (label && what.placesBehind.get(label)) || []) {
    if (field.members.has(p) && places.at[p].length) take(straightMetres(homes, places, h, p) / speed, p);
  }
}
