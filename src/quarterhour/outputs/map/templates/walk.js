// Who can be reached on foot from a point: the search of the library, in the page.
// A point is snapped to the nearest position on a street; walks go both ways along its edge;
// facilities are reached where their own ends lie on the streets.

const CELL_M = 150;
const PASSED_OVER = 16;
const ACROSS_SQUARE = 8;

// Metres per degree around a point.
function scaleAt(lat) {
  const phi = lat * Math.PI / 180;
  return [
    111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi),
    111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi),
  ];
}

function makeWalker(streets, ends, rules) {
  const graph = graphOf(streets);
  const cells = cellsOf(streets);
  const nodeS = new Float64Array(streets.nodes).fill(Infinity);
  const endsOfEdge = groupBy(ends.edge, streets.n);
  return {
    from(lon, lat, minutes) {
      const at = snap(streets, cells, lon, lat, rules.snap_limit_m);
      if (!at) return null;
      const limit = minutes * 60;
      at.legS = at.leg / rules.speed_m_s;
      const touched = search(graph, streets, nodeS, [at], limit);
      const edges = edgesAt(graph, touched, [at]);
      const found = facilitiesAlong(edges, streets, ends, endsOfEdge, nodeS, at)
        .map(({ i, s }) => ({ facility: ends.of[i], seconds: s + ends.leg[i] / rules.speed_m_s }))
        .filter(({ seconds }) => seconds <= limit);
      const spans = edges.map((e) => ({ e, s: nodeS[streets.u[e]], t: nodeS[streets.v[e]] }));
      for (const node of touched) nodeS[node] = Infinity;
      return { at, found: nearestOnce(found), spans };
    },
  };
}

// Edges by node, both ways: arcs of node i are offset[i] to offset[i + 1].
function graphOf(streets) {
  const offset = new Int32Array(streets.nodes + 1);
  for (let e = 0; e < streets.n; e++) {
    offset[streets.u[e] + 1]++;
    offset[streets.v[e] + 1]++;
  }
  for (let i = 0; i < streets.nodes; i++) offset[i + 1] += offset[i];
  const place = offset.slice(0, -1);
  const edge = new Int32Array(2 * streets.n);
  for (let e = 0; e < streets.n; e++) {
    edge[place[streets.u[e]]++] = e;
    edge[place[streets.v[e]]++] = e;
  }
  return { offset, edge };
}

function groupBy(keys, n) {
  const offset = new Int32Array(n + 1);
  for (const key of keys) offset[key + 1]++;
  for (let i = 0; i < n; i++) offset[i + 1] += offset[i];
  const place = offset.slice(0, -1);
  const member = new Int32Array(keys.length);
  keys.forEach((key, i) => { member[place[key]++] = i; });
  return { offset, member };
}

// Straight pieces of streets by square cell, to find what is near.
function cellsOf(streets) {
  const [mx, my] = scaleAt(streets.lat[0]);
  const dx = CELL_M / mx;
  const dy = CELL_M / my;
  const cells = new Map();
  const put = (c, r, e, i) => {
    const key = c * 4194304 + r;
    const list = cells.get(key);
    if (list) list.push(e, i);
    else cells.set(key, [e, i]);
  };
  for (let e = 0; e < streets.n; e++) {
    if (streets.kind[e] & PASSED_OVER) continue;
    for (let i = streets.offset[e]; i + 1 < streets.offset[e + 1]; i++) {
      const [x0, x1] = ordered(streets.lon[i], streets.lon[i + 1], dx);
      const [y0, y1] = ordered(streets.lat[i], streets.lat[i + 1], dy);
      for (let c = x0; c <= x1; c++) for (let r = y0; r <= y1; r++) put(c, r, e, i);
    }
  }
  return { cells, dx, dy };
}

function ordered(a, b, step) {
  return [Math.floor(Math.min(a, b) / step), Math.floor(Math.max(a, b) / step)];
}

// Nearest position on a street within the limit: edge, fraction along it, metres beside it.
function snap(streets, index, lon, lat, limitM) {
  const [mx, my] = scaleAt(lat);
  const column = Math.floor(lon / index.dx);
  const row = Math.floor(lat / index.dy);
  let best = null;
  for (let c = column - 1; c <= column + 1; c++) {
    for (let r = row - 1; r <= row + 1; r++) {
      const list = index.cells.get(c * 4194304 + r) || [];
      for (let k = 0; k < list.length; k += 2) {
        const hit = project(streets, list[k + 1], lon, lat, mx, my);
        const nearer = !best || hit.d < best.d || (hit.d === best.d && list[k] < best.edge);
        if (hit.d <= limitM && nearer) best = { edge: list[k], piece: list[k + 1], ...hit };
      }
    }
  }
  if (!best) return null;
  const { edge, piece, along, d } = best;
  return { edge, fraction: fractionAt(streets, edge, piece, along, mx, my), leg: d, lon, lat };
}

function project(streets, i, lon, lat, mx, my) {
  const ax = (streets.lon[i] - lon) * mx;
  const ay = (streets.lat[i] - lat) * my;
  const dx = (streets.lon[i + 1] - streets.lon[i]) * mx;
  const dy = (streets.lat[i + 1] - streets.lat[i]) * my;
  const whole = dx * dx + dy * dy;
  const along = whole > 0 ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / whole)) : 0;
  return { d: Math.hypot(ax + along * dx, ay + along * dy), along };
}

function fractionAt(streets, edge, piece, along, mx, my) {
  let before = 0;
  let whole = 0;
  for (let i = streets.offset[edge]; i + 1 < streets.offset[edge + 1]; i++) {
    const step = Math.hypot((streets.lon[i + 1] - streets.lon[i]) * mx, (streets.lat[i + 1] - streets.lat[i]) * my);
    if (i < piece) before += step;
    if (i === piece) before += along * step;
    whole += step;
  }
  return whole > 0 ? before / whole : 0;
}

const part = (share, seconds) => (share > 0 ? share * seconds : 0);

// Dijkstra from both ends of the edges of some positions; fills nodeS, gives the nodes it touched.
function search(graph, streets, nodeS, starts, limit) {
  const heap = makeHeap();
  const touched = [];
  const reach = (node, s) => {
    if (s > limit || s >= nodeS[node]) return;
    if (nodeS[node] === Infinity) touched.push(node);
    nodeS[node] = s;
    heap.push(s, node);
  };
  for (const { edge, fraction, legS } of starts) {
    reach(streets.u[edge], legS + part(fraction, streets.back[edge]));
    reach(streets.v[edge], legS + part(1 - fraction, streets.ahead[edge]));
  }
  while (heap.size()) {
    heap.pop();
    const { key: s, value: node } = heap;
    if (s > nodeS[node]) continue;
    for (let k = graph.offset[node]; k < graph.offset[node + 1]; k++) {
      const e = graph.edge[k];
      if (streets.u[e] === node) reach(streets.v[e], s + streets.ahead[e]);
      if (streets.v[e] === node) reach(streets.u[e], s + streets.back[e]);
    }
  }
  return touched;
}

// A binary heap of nodes by their seconds; what is taken is heap.key and heap.value.
function makeHeap() {
  let keys = new Float64Array(1 << 10);
  let values = new Int32Array(1 << 10);
  let n = 0;
  const put = (i, key, value) => { keys[i] = key; values[i] = value; };
  const heap = {
    key: 0, value: 0,
    size: () => n,
    push(key, value) {
      if (n === keys.length) { keys = grown(keys, Float64Array, n); values = grown(values, Int32Array, n); }
      let i = n++;
      for (let up = (i - 1) >> 1; i > 0 && keys[up] > key; i = up, up = (i - 1) >> 1) put(i, keys[up], values[up]);
      put(i, key, value);
    },
    pop() {
      [heap.key, heap.value] = [keys[0], values[0]];
      const [key, value] = [keys[--n], values[n]];
      let i = 0;
      for (let down = 1; down < n; i = down, down = 2 * i + 1) {
        if (down + 1 < n && keys[down + 1] < keys[down]) down++;
        if (key <= keys[down]) break;
        put(i, keys[down], values[down]);
      }
      put(i, key, value);
    },
  };
  return heap;
}

// Positions by the edge that they are on.
function startsBy(starts) {
  const found = new Map();
  for (const at of starts) found.set(at.edge, [...(found.get(at.edge) || []), at]);
  return found;
}

function edgesAt(graph, touched, starts) {
  const edges = new Set(starts.map(({ edge }) => edge));
  for (const node of touched) {
    for (let k = graph.offset[node]; k < graph.offset[node + 1]; k++) edges.add(graph.edge[k]);
  }
  return [...edges];
}

// Seconds to a position on an edge, from its ends or straight along it from the starts on it.
function secondsTo(streets, nodeS, starts, edge, fraction) {
  let least = Math.min(
    nodeS[streets.u[edge]] + part(fraction, streets.ahead[edge]),
    nodeS[streets.v[edge]] + part(1 - fraction, streets.back[edge]),
  );
  for (const at of starts || []) {
    const ahead = fraction - at.fraction;
    least = Math.min(least, at.legS + part(Math.abs(ahead), ahead > 0 ? streets.ahead[edge] : streets.back[edge]));
  }
  return least;
}

function facilitiesAlong(edges, streets, ends, endsOfEdge, nodeS, at) {
  const found = [];
  const startsOn = startsBy([at]);
  for (const e of edges) {
    for (let k = endsOfEdge.offset[e]; k < endsOfEdge.offset[e + 1]; k++) {
      const i = endsOfEdge.member[k];
      found.push({ i, s: secondsTo(streets, nodeS, startsOn.get(e), e, ends.fraction[i]) });
    }
  }
  return found;
}

// A facility with several ends counts once, at its nearest.
function nearestOnce(found) {
  const best = new Map();
  for (const { facility, seconds } of found) {
    if (!(seconds >= best.get(facility))) best.set(facility, seconds);
  }
  return [...best].map(([facility, seconds]) => ({ facility, seconds })).sort((a, b) => a.seconds - b.seconds);
}

// The parts of edges within so many seconds, as lines.
function reachedLines(streets, walk, limit) {
  const lines = [];
  for (const { e, s, t } of walk.spans) {
    if (streets.kind[e] & ACROSS_SQUARE) continue;
    for (const [low, high] of spansOf(streets, walk.at, e, s, t, limit)) {
      const line = cutLine(streets, e, low, high);
      if (line) lines.push(line);
    }
  }
  return lines;
}

function spansOf(streets, at, e, s, t, limit) {
  const share = (left, seconds) => (seconds > 0 ? Math.min(1, left / seconds) : 1);
  const spans = [];
  if (s <= limit) spans.push([0, share(limit - s, streets.ahead[e])]);
  if (t <= limit) spans.push([1 - share(limit - t, streets.back[e]), 1]);
  if (e === at.edge && at.legS <= limit) {
    const left = limit - at.legS;
    spans.push([
      Math.max(0, at.fraction - share(left, streets.back[e])),
      Math.min(1, at.fraction + share(left, streets.ahead[e])),
    ]);
  }
  return spans;
}

function cutLine(streets, e, low, high) {
  if (!(high > low)) return null;
  const first = streets.offset[e];
  const last = streets.offset[e + 1];
  const [mx, my] = scaleAt(streets.lat[first]);
  const at = [0];
  for (let i = first + 1; i < last; i++) {
    at.push(at.at(-1) + Math.hypot((streets.lon[i] - streets.lon[i - 1]) * mx, (streets.lat[i] - streets.lat[i - 1]) * my));
  }
  const whole = at.at(-1);
  const spot = (m) => {
    let k = 1;
    while (k < at.length - 1 && at[k] < m) k++;
    const w = at[k] > at[k - 1] ? (m - at[k - 1]) / (at[k] - at[k - 1]) : 0;
    const i = first + k;
    return [
      streets.lon[i - 1] + w * (streets.lon[i] - streets.lon[i - 1]),
      streets.lat[i - 1] + w * (streets.lat[i] - streets.lat[i - 1]),
    ];
  };
  const line = [spot(low * whole)];
  for (let k = 0; k < at.length; k++) {
    if (at[k] > low * whole && at[k] < high * whole) line.push([streets.lon[first + k], streets.lat[first + k]]);
  }
  line.push(spot(high * whole));
  return line;
}
