// Streets that can be changed: an edge is cut, a footway is added, somebody else walks. Whatever
// is done says how it is undone.

const ROOM = 512; // edges that may be added
const AT_NODE_M = 0.01; // as in edited.py: a cut this near to the end of an edge is at its node
const NEAR_M = 150;

function grown(array, kind, more) {
  const found = new kind(array.length + more);
  found.set(array);
  return found;
}

function makeTown(streets, block, plane) {
  const base = streets.n;
  const town = {
    n: base, nodes: streets.nodes, plane,
    u: grown(streets.u, Int32Array, ROOM), v: grown(streets.v, Int32Array, ROOM),
    length: grown(numbersOf(block.length), Float64Array, ROOM),
    kind: grown(Int32Array.from(block.kind), Int32Array, ROOM),
    signal: new Float64Array(base + ROOM), crossing: new Float64Array(base + ROOM),
    passedOver: new Uint8Array(base + ROOM), base, drawn: new Map(), more: new Map(), walkers: block.walkers,
  };
  const [signal, crossing] = [numbersOf(block.signal), numbersOf(block.crossing)];
  block.waiting.forEach((e, k) => { town.signal[e] = signal[k]; town.crossing[e] = crossing[k]; });
  block.passed_over.forEach((e) => { town.passedOver[e] = 1; });
  town.x = new Float64Array(streets.lon.length);
  town.y = new Float64Array(streets.lon.length);
  streets.lon.forEach((lon, i) => { [town.x[i], town.y[i]] = plane(lon, streets.lat[i]); });
  town.offset = streets.offset;
  town.graph = graphOf(streets);
  town.arcs = arcsOf(town);
  town.level = levelKind(town);
  town.cells = new Map();
  for (let e = 0; e < base; e++) if (!town.passedOver[e]) putInCells(town, e);
  return town;
}

// For each node where one comes from along its edges; what is added or cut is in town.more.
function arcsOf(town) {
  const { offset, edge } = town.graph;
  const tail = new Int32Array(edge.length);
  for (let node = 0; node + 1 < offset.length; node++) {
    for (let k = offset[node]; k < offset[node + 1]; k++) tail[k] = town.v[edge[k]] === node ? town.u[edge[k]] : town.v[edge[k]];
  }
  return { offset, tail, more: town.more };
}

// What each of these ways costs to a node, and from it; an edge that was cut is not among them any more.
function costOf(town, way) {
  const { offset, edge } = town.graph;
  const [cost, out] = [new Float64Array(edge.length), new Float64Array(edge.length)];
  for (let node = 0; node + 1 < offset.length; node++) {
    for (let k = offset[node]; k < offset[node + 1]; k++) {
      const e = edge[k];
      const ends = town.v[e] === node;
      cost[k] = ends ? way.ahead[e] : way.back[e];
      out[k] = ends ? way.back[e] : way.ahead[e];
      if (town.drawn.has(e)) cost[k] = out[k] = Infinity;
    }
  }
  return { cost, out };
}

// Before an edge of the base is cut for the first time: its arcs are walked no more, and both of
// its nodes know it as an edge that was added.
function takeArcs(town, ways, undo, e) {
  const { offset, edge } = town.graph;
  for (const node of [town.u[e], town.v[e]]) {
    for (let k = offset[node]; k < offset[node + 1]; k++) {
      if (edge[k] !== e) continue;
      const was = ways.map((way) => [way.cost[k], way.out[k]]);
      ways.forEach((way) => { way.cost[k] = Infinity; way.out[k] = Infinity; });
      undo.push(() => ways.forEach((way, n) => { [way.cost[k], way.out[k]] = was[n]; }));
    }
  }
  const node = town.u[e];
  town.more.set(node, [...(town.more.get(node) || []), e]);
  undo.push(() => town.more.set(node, town.more.get(node).filter((one) => one !== e)));
}

// The kind of edges on which every walker keeps the whole speed: a footway that is drawn is one.
function levelKind(town) {
  const some = town.walkers.filter((one) => one.shares);
  const kinds = some.length ? some[0].shares.map((_, k) => k) : [];
  const found = kinds.find((k) => some.every((one) => one.shares[k][0] === 1 && one.shares[k][1] === 1));
  if (found !== undefined) return found;
  some.forEach((one) => one.shares.push([1, 1]));
  return kinds.length;
}

// The flat line of an edge, in metres.
function lineOfEdge(town, e) {
  const own = town.drawn.get(e);
  if (own) return own;
  const line = [];
  for (let i = town.offset[e]; i < town.offset[e + 1]; i++) line.push(town.x[i], town.y[i]);
  return line;
}

function cellsAlong(line, visit) {
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x0, x1] = ordered(line[i], line[i + 2], NEAR_M);
    const [y0, y1] = ordered(line[i + 1], line[i + 3], NEAR_M);
    for (let c = x0; c <= x1; c++) for (let r = y0; r <= y1; r++) visit(c * 4194304 + r);
  }
}

function putInCells(town, e) {
  cellsAlong(lineOfEdge(town, e), (key) => {
    const list = town.cells.get(key);
    if (!list) town.cells.set(key, [e]);
    else if (list.at(-1) !== e) list.push(e);
  });
}

// Positions on all streets within so many metres, nearest first; edges in order where as near.
function streetsNear(town, x, y, limitM) {
  const [c, r] = [Math.floor(x / NEAR_M), Math.floor(y / NEAR_M)];
  const seen = new Set();
  const found = [];
  for (let i = c - 1; i <= c + 1; i++) {
    for (let k = r - 1; k <= r + 1; k++) {
      for (const e of town.cells.get(i * 4194304 + k) || []) {
        if (seen.has(e)) continue;
        seen.add(e);
        const spot = nearestOnLine(lineOfEdge(town, e), x, y);
        if (spot.d <= limitM) found.push({ edge: e, fraction: spot.whole > 0 ? spot.along / spot.whole : 0, leg: spot.d, x: spot.x, y: spot.y });
      }
    }
  }
  return found.sort((a, b) => a.leg - b.leg || a.edge - b.edge);
}

// ---- what a walker makes of the edges ----

function secondsOfEdge(town, walker, e) {
  if (!walker.shares) return [walker.aheadS[e], walker.backS[e]];
  const [ahead, back] = walker.shares[town.kind[e]];
  const wait = walker.waits[0] * town.signal[e] + walker.waits[1] * town.crossing[e];
  const level = town.length[e] / walker.speed_m_s;
  return [ahead > 0 ? level / ahead + wait : Infinity, back > 0 ? level / back + wait : Infinity];
}

// The two ways of counting: seconds, and metres of the streets that the walker may use.
function waysOf(town, walker) {
  if (walker.ahead && !walker.aheadS) { // as written: -1 is none, infinity was kept by its bits
    walker.aheadS = grown(numbersOf(walker.ahead), Float64Array, ROOM);
    walker.backS = grown(numbersOf(walker.back), Float64Array, ROOM);
  }
  const size = town.length.length;
  const time = { ahead: new Float64Array(size), back: new Float64Array(size), speed: walker.speed_m_s };
  const metres = { ahead: new Float64Array(size), back: new Float64Array(size), speed: 1 };
  const ways = [time, metres];
  for (let e = 0; e < town.n; e++) countEdge(town, walker, ways, e);
  for (const way of ways) Object.assign(way, costOf(town, way));
  return ways;
}

function countEdge(town, walker, [time, metres], e) {
  [time.ahead[e], time.back[e]] = secondsOfEdge(town, walker, e);
  metres.ahead[e] = time.ahead[e] < Infinity ? town.length[e] : Infinity;
  metres.back[e] = time.back[e] < Infinity ? town.length[e] : Infinity;
}

// ---- changes of the streets ----

function edgesOfNode(town, node, visit) {
  const { offset, edge } = town.graph;
  if (node + 1 < offset.length) for (let k = offset[node]; k < offset[node + 1]; k++) visit(edge[k]);
  const more = town.more.get(node);
  if (more) for (const e of more) visit(e);
}

function newEdge(town, undo, { u, v, line, length, like = -1, share = 1 }) {
  if (town.n >= town.length.length) throw new Error('too many changes of streets');
  const e = town.n++;
  town.u[e] = u; town.v[e] = v; town.length[e] = length;
  town.kind[e] = like < 0 ? town.level : town.kind[like];
  town.signal[e] = like < 0 ? 0 : town.signal[like] * share;
  town.crossing[e] = like < 0 ? 0 : town.crossing[like] * share;
  town.passedOver[e] = like < 0 ? 0 : town.passedOver[like];
  town.drawn.set(e, line);
  for (const node of [u, v]) town.more.set(node, [...(town.more.get(node) || []), e]);
  if (!town.passedOver[e]) putInCells(town, e);
  undo.push(() => {
    town.n = e;
    town.drawn.delete(e);
    for (const node of [u, v]) town.more.set(node, (town.more.get(node) || []).filter((one) => one !== e));
    cellsAlong(line, (key) => { const list = town.cells.get(key); if (list) town.cells.set(key, list.filter((one) => one !== e)); });
  });
  return e;
}

// Cuts an edge: its first part keeps its number. Gives the new node and the edge of the rest.
function cutEdge(town, undo, e, fraction) {
  const node = town.nodes++;
  const line = lineOfEdge(town, e);
  const whole = nearestOnLine(line, line[0], line[1]).whole;
  const [first, rest] = parted(line, fraction * whole);
  const before = { v: town.v[e], length: town.length[e], signal: town.signal[e], crossing: town.crossing[e], own: town.drawn.get(e) };
  const kept = { signal: before.signal, crossing: before.crossing };
  const other = newEdge(town, undo, { u: node, v: before.v, line: rest, length: before.length * (1 - fraction), like: e, share: 1 - fraction });
  town.v[e] = node;
  town.length[e] = before.length * fraction;
  town.signal[e] = kept.signal * fraction;
  town.crossing[e] = kept.crossing * fraction;
  town.drawn.set(e, first);
  town.more.set(node, [...(town.more.get(node) || []), e]);
  undo.push(() => {
    town.nodes = node;
    town.more.delete(node);
    town.v[e] = before.v; town.length[e] = before.length; town.signal[e] = before.signal; town.crossing[e] = before.crossing;
    if (before.own) town.drawn.set(e, before.own); else town.drawn.delete(e);
  });
  return { node, other };
}

// A flat line as two, parted so many metres along.
function parted(line, along) {
  const first = [line[0], line[1]];
  let before = 0;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const step = Math.hypot(line[i + 2] - line[i], line[i + 3] - line[i + 1]);
    if (before + step >= along || i + 5 >= line.length) {
      const w = step > 0 ? Math.min(1, (along - before) / step) : 0;
      const spot = [line[i] + w * (line[i + 2] - line[i]), line[i + 1] + w * (line[i + 3] - line[i + 1])];
      return [[...first, ...spot], [...spot, ...line.slice(i + 2)]];
    }
    before += step;
    first.push(line[i + 2], line[i + 3]);
  }
  return [line, line];
}

// Which parts of the network hang together, and how much street each has.
function partOf(town, node) {
  const seen = new Set([node]);
  const line = [node];
  let metres = 0;
  for (let k = 0; k < line.length && metres < SMALL_PART_M; k++) {
    edgesOfNode(town, line[k], (e) => {
      if (town.u[e] === line[k]) metres += town.length[e];
      for (const next of [town.u[e], town.v[e]]) if (!seen.has(next)) { seen.add(next); line.push(next); }
    });
  }
  return metres;
}
const SMALL_PART_M = 1000; // as in street_arrays.py: less street than this is an island
