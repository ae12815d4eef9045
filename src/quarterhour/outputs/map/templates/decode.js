// Blocks of the page to arrays: JSON in gzip in base64, coordinates as steps.

const reading = {};

// Reads a block when it is first asked for; null where the file has none.
function readBlock(name) {
  reading[name] ??= unpack(document.getElementById(`block-${name}`));
  return reading[name];
}

async function unpack(holder) {
  if (!holder) return null;
  const text = atob(holder.textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  holder.textContent = '';
  return JSON.parse(await new Response(stream).text());
}

// Running sums: steps back to numbers. Coordinates come out in degrees.
function walkSteps(steps, unit = 1) {
  const values = new Float64Array(steps.length);
  let at = 0;
  for (let i = 0; i < steps.length; i++) {
    at += steps[i];
    values[i] = at / unit;
  }
  return values;
}

// A block of polygons: a function that gives one MultiPolygon's coordinates.
function shapesOf(block) {
  const lon = walkSteps(block.lon, block.degree);
  const lat = walkSteps(block.lat, block.degree);
  const parts = running(block.parts);
  const rings = running(block.rings);
  const points = running(block.points);
  const range = (first, last, take) => Array.from({ length: last - first }, (_, k) => take(first + k));
  const ring = (r) => range(points[r], points[r + 1], (p) => [lon[p], lat[p]]);
  const part = (p) => range(rings[p], rings[p + 1], ring);
  return (shape) => range(parts[shape], parts[shape + 1], part);
}

// Where each run begins, from the lengths of the runs.
function running(counts) {
  const first = new Int32Array(counts.length + 1);
  counts.forEach((count, k) => { first[k + 1] = first[k] + count; });
  return first;
}

// Streets with the place of each edge's points.
function streetsOf(block, degree, second) {
  const n = block.u.length;
  const u = Int32Array.from(walkSteps(block.u));
  const v = u.map((node, e) => node + block.v[e]);
  const offset = new Int32Array(n + 1);
  const ahead = new Float64Array(n);
  const back = new Float64Array(n);
  for (let e = 0; e < n; e++) {
    offset[e + 1] = offset[e] + block.points[e];
    const backSteps = block.ahead[e] + block.back[e];
    ahead[e] = block.ahead[e] < 0 ? Infinity : block.ahead[e] / second;
    back[e] = backSteps < 0 ? Infinity : backSteps / second;
  }
  const nodes = u.reduce((most, node, e) => Math.max(most, node, v[e]), -1) + 1;
  const { names } = block;
  return {
    n, nodes, u, v, ahead, back, offset, kind: block.kind, names: names && { ...names, edge: Int32Array.from(walkSteps(names.edge)) },
    lon: walkSteps(block.lon, degree), lat: walkSteps(block.lat, degree),
  };
}

// Where homes of areas, or facilities, are on the streets.
function endsOf(block) {
  return {
    of: Int32Array.from(walkSteps(block.of)),
    edge: Int32Array.from(walkSteps(block.edge)),
    fraction: Float64Array.from(block.fraction, (f) => f / 65535),
    leg: Float64Array.from(block.leg_dm, (dm) => dm / 10),
  };
}
