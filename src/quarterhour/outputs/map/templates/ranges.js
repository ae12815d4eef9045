// Walking ranges of areas: what isochrones() draws, drawn in the page when an area is chosen. A spot
// is inside if the walk to the nearest street position and the leg from there are within the limit,
// and the leg is no longer than the reach. The plane is sampled on a grid; where a grid line leaves
// the inside is found by halving, so that ranges of longer limits always hold those of shorter ones.

const STEP_M = 6.25;
const BLOCK = 8; // steps along the side of a square whose streets are listed together
const HALVINGS = 6;
const RANGES_KEPT = 64;

// Gives, for an area, one MultiPolygon's coordinates for each limit.
function makeRanges(streets, starts, rules) {
  const graph = graphOf(streets);
  const nodeS = new Float64Array(streets.nodes).fill(Infinity);
  const first = groupBy(starts.of, card.areas.label.length);
  const limits = rules.minutes.map((minutes) => minutes * 60);
  const kept = new Map();
  return (area) => {
    if (kept.has(area)) return kept.get(area);
    const mine = [...first.member.subarray(first.offset[area], first.offset[area + 1])]
      .map((k) => ({ edge: starts.edge[k], fraction: starts.fraction[k], legS: starts.leg[k] / rules.speed_m_s }));
    const touched = search(graph, streets, nodeS, mine, limits.at(-1));
    const field = fieldAround(streets, nodeS, mine, edgesAt(graph, touched, mine), rules);
    const ranges = limits.map((limit) => (field ? tracedShape(field, limit) : []));
    for (const node of touched) nodeS[node] = Infinity;
    if (kept.size >= RANGES_KEPT) kept.delete(kept.keys().next().value);
    kept.set(area, ranges);
    return ranges;
  };
}

// Seconds to the nearest street and metres from it, at every point of a grid around some edges.
function fieldAround(streets, nodeS, starts, edges, rules) {
  if (!edges.length) return null;
  const { isochrone_reach_m: reach, speed_m_s: speed } = rules;
  const box = boxOf(streets, edges);
  const lat0 = (box[1] + box[3]) / 2;
  const [mx, my] = scaleAt(lat0);
  const margin = reach + 2 * STEP_M;
  const west = box[0] - margin / mx;
  const south = box[1] - margin / my;
  const size = BLOCK * STEP_M;
  const columns = Math.ceil(((box[2] - west) * mx + margin) / size);
  const rows = Math.ceil(((box[3] - south) * my + margin) / size);
  const pieces = piecesIn(streets, [west, south, west + columns * size / mx, south + rows * size / my], [mx, my], reach);
  const field = { west, south, mx, my, columns, rows, wide: columns * BLOCK + 1, reach, speed, streets, nodeS, startsOn: startsBy(starts), ...pieces };
  field.lists = listsOf(field);
  sampleField(field);
  return field;
}

function boxOf(streets, edges) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const e of edges) {
    for (let i = streets.offset[e]; i < streets.offset[e + 1]; i++) {
      box[0] = Math.min(box[0], streets.lon[i]); box[1] = Math.min(box[1], streets.lat[i]);
      box[2] = Math.max(box[2], streets.lon[i]); box[3] = Math.max(box[3], streets.lat[i]);
    }
  }
  return box;
}

// Straight pieces of the streets that places snap to, in metres from the corner of a box: where each
// begins, its direction, and which part of its edge it is.
function piecesIn(streets, [west, south, east, north], [mx, my], reach) {
  const [dx, dy] = [reach / mx, reach / my];
  const found = { n: 0, ax: [], ay: [], dx: [], dy: [], edge: [], from: [], to: [] };
  for (let e = 0; e < streets.n; e++) {
    const [first, last] = [streets.offset[e], streets.offset[e + 1] - 1];
    if (streets.kind[e] & PASSED_OVER || !nearBox(streets, first, last, west - dx, south - dy, east + dx, north + dy)) continue;
    let [along, k] = [0, found.n];
    for (let i = first; i < last; i++) {
      const [x, y] = [(streets.lon[i] - west) * mx, (streets.lat[i] - south) * my];
      const [px, py] = [(streets.lon[i + 1] - streets.lon[i]) * mx, (streets.lat[i + 1] - streets.lat[i]) * my];
      found.ax.push(x); found.ay.push(y); found.dx.push(px); found.dy.push(py); found.edge.push(e);
      found.from.push(along);
      along += Math.hypot(px, py);
      found.to.push(along);
      found.n++;
    }
    for (; k < found.n; k++) { found.from[k] = along > 0 ? found.from[k] / along : 0; found.to[k] = along > 0 ? found.to[k] / along : 1; }
  }
  return found;
}

function nearBox(streets, first, last, west, south, east, north) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = first; i <= last; i++) {
    const [lon, lat] = [streets.lon[i], streets.lat[i]];
    if (lon < x0) x0 = lon; if (lon > x1) x1 = lon;
    if (lat < y0) y0 = lat; if (lat > y1) y1 = lat;
  }
  return x1 >= west && x0 <= east && y1 >= south && y0 <= north;
}

// For each square the pieces that may be nearest to one of its points, in the order of their edges.
function listsOf(field) {
  const { n, ax, ay, dx, dy, columns, rows, reach } = field;
  const size = BLOCK * STEP_M;
  const half = size * Math.SQRT1_2;
  const lists = Array.from({ length: columns * rows }, () => []);
  const far = lists.map(() => []);
  const least = new Float64Array(lists.length).fill(Infinity);
  for (let k = 0; k < n; k++) {
    const [c0, c1] = spanOf(ax[k], ax[k] + dx[k], reach, size, columns);
    const [r0, r1] = spanOf(ay[k], ay[k] + dy[k], reach, size, rows);
    for (let r = r0; r <= r1; r++) {
      for (let c = c0; c <= c1; c++) {
        const d = Math.sqrt(squaredTo(field, k, (c + 0.5) * size, (r + 0.5) * size));
        const square = r * columns + c;
        if (d > Math.min(reach, least[square] + half) + half) continue;
        if (d < least[square]) least[square] = d;
        lists[square].push(k);
        far[square].push(d);
      }
    }
  }
  return lists.map((list, square) => {
    const most = Math.min(reach, least[square] + half) + half;
    return list.filter((_, at) => far[square][at] <= most);
  });
}

function spanOf(a, b, reach, size, count) {
  return [Math.max(0, Math.floor((Math.min(a, b) - reach) / size)), Math.min(count - 1, Math.floor((Math.max(a, b) + reach) / size))];
}

function squaredTo({ ax, ay, dx, dy }, k, x, y) {
  const [px, py] = [x - ax[k], y - ay[k]];
  const whole = dx[k] * dx[k] + dy[k] * dy[k];
  const along = whole > 0 ? Math.min(1, Math.max(0, (px * dx[k] + py * dy[k]) / whole)) : 0;
  const [ex, ey] = [px - along * dx[k], py - along * dy[k]];
  return ex * ex + ey * ey;
}

// The nearest street position of a spot, of those listed: seconds there, and metres from it.
const spot = { s: Infinity, d: Infinity };
function lookAt(field, list, x, y) {
  let [best, which] = [Infinity, -1];
  for (const k of list) {
    const d2 = squaredTo(field, k, x, y);
    if (d2 < best) { best = d2; which = k; }
  }
  spot.d = Math.sqrt(best);
  spot.s = Infinity;
  if (which < 0 || spot.d > field.reach) return;
  const { ax, ay, dx, dy, from, to, edge, streets, nodeS, startsOn } = field;
  const whole = dx[which] * dx[which] + dy[which] * dy[which];
  const along = whole > 0 ? Math.min(1, Math.max(0, ((x - ax[which]) * dx[which] + (y - ay[which]) * dy[which]) / whole)) : 0;
  const e = edge[which];
  spot.s = secondsTo(streets, nodeS, startsOn.get(e), e, from[which] + along * (to[which] - from[which]));
}

function sampleField(field) {
  const { columns, rows, wide, lists } = field;
  field.s = new Float64Array(wide * (rows * BLOCK + 1)).fill(Infinity);
  field.d = new Float64Array(field.s.length).fill(Infinity);
  for (let square = 0; square < lists.length; square++) {
    if (!lists[square].length) continue;
    const [i0, j0] = [(square % columns) * BLOCK, Math.floor(square / columns) * BLOCK];
    for (let j = j0; j < j0 + BLOCK; j++) {
      for (let i = i0; i < i0 + BLOCK; i++) {
        lookAt(field, lists[square], i * STEP_M, j * STEP_M);
        field.s[j * wide + i] = spot.s;
        field.d[j * wide + i] = spot.d;
      }
    }
  }
}

// Metres to spare: 0 and more is inside.
const spare = (field, limit, s, d) => Math.min(field.reach - d, (limit - s) * field.speed - d);

// How far along a grid line from a point inside to one outside the range ends.
function crossing(field, limit, [x0, y0], [x1, y1]) {
  const size = BLOCK * STEP_M;
  const at = (x, count) => Math.min(count - 1, Math.max(0, Math.floor(x / size)));
  let [low, high] = [0, 1];
  for (let k = 0; k < HALVINGS; k++) {
    const share = (low + high) / 2;
    const [x, y] = [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
    lookAt(field, field.lists[at(y, field.rows) * field.columns + at(x, field.columns)], x, y);
    if (spare(field, limit, spot.s, spot.d) >= 0) low = share;
    else high = share;
  }
  return (low + high) / 2;
}

// The outline at a limit: rings with the inside on their left, joined to polygons with holes.
function tracedShape(field, limit) {
  const { s, d, wide } = field;
  const g = s.map((seconds, k) => spare(field, limit, seconds, d[k]));
  const high = g.length / wide;
  const after = new Map();
  const inside = (p) => (g[p] >= 0 ? 1 : 0);
  for (let j = 0; j + 1 < high; j++) {
    for (let i = 0; i + 1 < wide; i++) {
      const p = j * wide + i;
      const which = inside(p) | inside(p + 1) << 1 | inside(p + wide + 1) << 2 | inside(p + wide) << 3;
      if (which === 0 || which === 15) continue;
      const is = (corner) => (which >> (corner & 3)) & 1;
      const joined = (which !== 5 && which !== 10) || middleInside(field, limit, i, j);
      for (let side = 0; side < 4; side++) {
        if (!is(side) || is(side + 1)) continue;
        let end = (joined ? side + 1 : side + 3) & 3;
        while (is(end) || !is(end + 1)) end = (end + 1) & 3;
        after.set(gridLine(p, side, wide), gridLine(p, end, wide));
      }
    }
  }
  return shapeOfRings(ringsOf(field, g, limit, after), field);
}

function middleInside(field, limit, i, j) {
  const square = Math.floor(j / BLOCK) * field.columns + Math.floor(i / BLOCK);
  lookAt(field, field.lists[square], (i + 0.5) * STEP_M, (j + 0.5) * STEP_M);
  return spare(field, limit, spot.s, spot.d) >= 0;
}

// Number of the grid line on a side of the step at a point: twice its lower end, and one if upright.
function gridLine(p, side, wide) {
  if (side === 0) return 2 * p;
  if (side === 1) return 2 * (p + 1) + 1;
  return side === 2 ? 2 * (p + wide) : 2 * p + 1;
}

function ringsOf(field, g, limit, after) {
  const { wide } = field;
  const place = (p) => [(p % wide) * STEP_M, Math.floor(p / wide) * STEP_M];
  const rings = [];
  while (after.size) {
    const ring = [];
    let line = after.keys().next().value;
    while (after.has(line)) {
      const low = line >> 1;
      const [a, b] = [low, low + (line & 1 ? wide : 1)];
      const [inner, outer] = g[a] >= 0 ? [place(a), place(b)] : [place(b), place(a)];
      const share = crossing(field, limit, inner, outer);
      ring.push([inner[0] + share * (outer[0] - inner[0]), inner[1] + share * (outer[1] - inner[1])]);
      const next = after.get(line);
      after.delete(line);
      line = next;
    }
    rings.push([...ring, ring[0]]);
  }
  return rings;
}

const areaOfRing = (ring) => ring.reduce((sum, [x, y], k) => (k ? sum + ring[k - 1][0] * y - x * ring[k - 1][1] : 0), 0) / 2;

// Every hole belongs to the smallest ring around it.
function shapeOfRings(rings, { west, south, mx, my }) {
  const shells = [];
  const holes = [];
  for (const ring of rings) (areaOfRing(ring) > 0 ? shells : holes).push(ring);
  const flat = shells.map((ring) => ({ lines: [ring.flat()] }));
  const size = shells.map(areaOfRing);
  const parts = shells.map((ring) => [ring]);
  for (const hole of holes) {
    const around = shells.map((_, k) => k).filter((k) => isInside(flat[k], ...hole[0]));
    if (around.length) parts[around.reduce((a, b) => (size[b] < size[a] ? b : a))].push(hole);
  }
  return parts.map((part_) => part_.map((ring) => ring.map(([x, y]) => [west + x / mx, south + y / my])));
}
