// The plane of the streets: degrees to metres, as the library's own projection has them.

function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// Numbers that were written to the last bit.
const numbersOf = (text) => new Float64Array(bytesOf(text).buffer);

// Metres east and north of the origin of the plane; the terms are in the order of plane.py.
function planeOf({ middle, half, order, x, y }) {
  const toMetres = (lon, lat) => {
    const s = (lon - middle[0]) / half;
    const t = (lat - middle[1]) / half;
    const ss = [1];
    const tt = [1];
    for (let k = 1; k <= order; k++) { ss.push(ss[k - 1] * s); tt.push(tt[k - 1] * t); }
    let [px, py] = [0, 0];
    for (let k = 0, n = 0; k <= order; k++) {
      for (let i = 0; i <= k; i++, n++) {
        const term = ss[i] * tt[k - i];
        px += x[n] * term;
        py += y[n] * term;
      }
    }
    return [px, py];
  };
  toMetres.middle = middle;
  return toMetres;
}

// Degrees of a spot in the plane: the polynomial is followed back.
function degreesAt(plane, x, y) {
  const step = 1e-5;
  let [lon, lat] = plane.middle;
  for (let k = 0; k < 6; k++) {
    const [ax, ay] = plane(lon, lat);
    const [bx, by] = plane(lon + step, lat);
    const [cx, cy] = plane(lon, lat + step);
    const [xx, yx, xy, yy] = [bx - ax, by - ay, cx - ax, cy - ay];
    const whole = xx * yy - xy * yx;
    lon += step * ((x - ax) * yy - (y - ay) * xy) / whole;
    lat += step * ((y - ay) * xx - (x - ax) * yx) / whole;
  }
  return [lon, lat];
}

// Points that were written as steps of millimetres.
function metresOf(block) {
  return { x: walkSteps(block.x, 1000), y: walkSteps(block.y, 1000) };
}

// Points by owner: [[x, y], …] for each, from how many each has.
function pointsBy(block) {
  const { x, y } = metresOf(block);
  const first = running(block.count);
  return block.count.map((n, k) => Array.from({ length: n }, (_, i) => [x[first[k] + i], y[first[k] + i]]));
}

// Lines by owner: flat [x, y, x, y, …], and whether they enclose something.
function outlinesBy(block) {
  const { x, y } = metresOf(block);
  const lines = running(block.lines);
  const points = running(block.points);
  return block.lines.map((n, k) => ({
    solid: block.solid[k] === 1,
    lines: Array.from({ length: n }, (_, i) => {
      const [from, to] = [points[lines[k] + i], points[lines[k] + i + 1]];
      return Array.from({ length: 2 * (to - from) }, (__, j) => (j % 2 ? y : x)[from + (j >> 1)]);
    }),
  }));
}

// Distance of a point from a flat line, how far along it the nearest spot is, and that spot.
function nearestOnLine(line, px, py) {
  let best = { d: Infinity, along: 0, x: 0, y: 0 };
  let before = 0;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [ax, ay] = [line[i], line[i + 1]];
    const [dx, dy] = [line[i + 2] - ax, line[i + 3] - ay];
    const step = Math.hypot(dx, dy);
    const w = step > 0 ? Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / (step * step))) : 0;
    const d = Math.hypot(ax + w * dx - px, ay + w * dy - py);
    if (d < best.d) best = { d, along: before + w * step, x: ax + w * dx, y: ay + w * dy };
    before += step;
  }
  return { ...best, whole: before };
}

function distanceTo(outline, x, y) {
  if (outline.solid && isInside(outline, x, y)) return 0;
  return Math.min(...outline.lines.map((line) => nearestOnLine(line, x, y).d));
}

const distanceToRim = (outline, x, y) => Math.min(...outline.lines.map((line) => nearestOnLine(line, x, y).d));

function isInside(outline, x, y) {
  let inside = false;
  for (const line of outline.lines) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      const [ax, ay, bx, by] = [line[i], line[i + 1], line[i + 2], line[i + 3]];
      if ((ay > y) !== (by > y) && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    }
  }
  return inside;
}

// Where two flat lines cross.
function crossings(one, other) {
  const found = [];
  for (let i = 0; i + 3 < one.length; i += 2) {
    for (let k = 0; k + 3 < other.length; k += 2) {
      const [ax, ay] = [one[i], one[i + 1]];
      const [bx, by] = [one[i + 2] - ax, one[i + 3] - ay];
      const [cx, cy] = [other[k], other[k + 1]];
      const [dx, dy] = [other[k + 2] - cx, other[k + 3] - cy];
      const cross = bx * dy - by * dx;
      if (cross === 0) continue;
      const s = ((cx - ax) * dy - (cy - ay) * dx) / cross;
      const t = ((cx - ax) * by - (cy - ay) * bx) / cross;
      if (s >= 0 && s <= 1 && t >= 0 && t <= 1) found.push([ax + s * bx, ay + s * by]);
    }
  }
  return found;
}
