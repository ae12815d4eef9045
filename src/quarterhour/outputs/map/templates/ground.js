// The ground of the map from the extract itself: water, green, railways, buildings, and names.

const GROUND = LOOKS.ground;
const GROUND_KINDS = ['green', 'water', 'building'];
let groundLabels = null;
let streetLabels = [];

function groundLayers() {
  const fill = (kind) => ({ id: `ground-${kind}`, type: 'fill', source: `ground-${kind}`, paint: { 'fill-color': GROUND[kind] } });
  return [
    ...GROUND_KINDS.map(fill),
    { id: 'ground-railway', type: 'line', source: 'ground-railway', paint: { 'line-color': GROUND.railway, 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.6, 16, 2.6] } },
    { id: 'ground-sleepers', type: 'line', source: 'ground-railway', minzoom: 13, paint: { 'line-color': '#ffffff', 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 0.6, 16, 1.4], 'line-dasharray': [4, 4] } },
  ];
}

async function showGround() {
  const block = await readBlock('backdrop');
  if (!block || !map) return;
  const { degree } = card.walk;
  for (const kind of GROUND_KINDS) put(`ground-${kind}`, polygonsOf(block[kind], degree));
  const lines = lineParts(block.railway, degree);
  put('ground-railway', lines.length ? collection([feature('MultiLineString', lines)]) : EMPTY);
  const { labels } = block;
  groundLabels = labels.text.map((text, k) => ({ text, kind: labels.kind[k], wide: labels.wide_m[k] }));
  const [lon, lat] = [walkSteps(labels.lon, degree), walkSteps(labels.lat, degree)];
  groundLabels.forEach((one, k) => { one.at = [lon[k], lat[k]]; });
  groundLabels.sort((a, b) => b.wide - a.wide);
  showLegend();
}

function lineParts({ points, lon, lat }, degree) {
  const [x, y, first] = [walkSteps(lon, degree), walkSteps(lat, degree), running(points)];
  return points.map((n, k) => Array.from({ length: n }, (_, i) => [x[first[k] + i], y[first[k] + i]]));
}

function polygonsOf(block, degree) {
  const rings = lineParts(block, degree);
  const first = running(block.rings);
  const parts = block.rings.map((n, k) => rings.slice(first[k], first[k] + n));
  return parts.length ? collection([feature('MultiPolygon', parts)]) : EMPTY;
}

// ---- names ----

const PIECE_PX = 24; // shorter pieces of streets have room for no name
const NAME_FONT = '11px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const APART_PX = 320;

// Pieces of named streets in view, the longest of each name first.
function seeStreets() {
  streetLabels = [];
  if (!map || !streets.names) return;
  const box = map.getBounds();
  const { texts, edge, text } = streets.names;
  const least = PIECE_PX * metresOfPixel();
  for (let k = 0; k < edge.length; k++) {
    const e = edge[k];
    if (streets.kind[e] & ACROSS_SQUARE) continue;
    const [from, to] = [streets.offset[e], streets.offset[e + 1] - 1];
    const [at, piece] = longestPiece(from, to);
    if (piece < least || !box.contains([streets.lon[at], streets.lat[at]])) continue;
    const [mx, my] = scaleAt(streets.lat[at]);
    const length = Math.hypot((streets.lon[to] - streets.lon[from]) * mx, (streets.lat[to] - streets.lat[from]) * my);
    streetLabels.push({ text: texts[text[k]], at, length });
  }
  streetLabels.sort((a, b) => b.length - a.length);
}

function longestPiece(from, to) {
  let [best, longest] = [from, -1];
  const [mx, my] = scaleAt(streets.lat[from]);
  for (let i = from; i < to; i++) {
    const length = Math.hypot((streets.lon[i + 1] - streets.lon[i]) * mx, (streets.lat[i + 1] - streets.lat[i]) * my);
    if (length > longest) { longest = length; best = i; }
  }
  return [best, longest];
}

const metresOfPixel = () => 156543.03 * Math.cos(map.getCenter().lat * Math.PI / 180) / 2 ** map.getZoom() / 2;

function drawNames(pen, taken) {
  if (groundLabels) drawGroundNames(pen, taken);
  const placed = new Map();
  pen.font = NAME_FONT;
  for (const { text, at } of streetLabels) {
    const [a, b] = [map.project([streets.lon[at], streets.lat[at]]), map.project([streets.lon[at + 1], streets.lat[at + 1]])];
    const spot = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    if ((placed.get(text) || []).some((one) => Math.hypot(one.x - spot.x, one.y - spot.y) < APART_PX)) continue;
    const width = pen.measureText(text).width;
    if (Math.hypot(b.x - a.x, b.y - a.y) < width * 0.6) continue;
    let angle = Math.atan2(b.y - a.y, b.x - a.x);
    if (angle > Math.PI / 2 || angle <= -Math.PI / 2) angle += Math.PI;
    if (!roomAlong(taken, spot, angle, width)) continue;
    placed.set(text, [...(placed.get(text) || []), spot]);
    pen.save();
    pen.translate(spot.x, spot.y);
    pen.rotate(angle);
    nameText(pen, text, 0, 4, '#4c525e');
    pen.restore();
  }
}

// A name that leans takes the room of squares along it.
function roomAlong(taken, { x, y }, angle, width) {
  const n = Math.max(1, Math.ceil(width / 14));
  const boxes = Array.from({ length: n }, (_, k) => {
    const d = ((k + 0.5) / n - 0.5) * width;
    const [cx, cy] = [x + d * Math.cos(angle), y + d * Math.sin(angle)];
    return [cx - 8, cy - 7, cx + 8, cy + 7];
  });
  const hits = (b) => taken.some((t) => b[0] < t[2] && b[2] > t[0] && b[1] < t[3] && b[3] > t[1]);
  if (boxes.some(hits)) return false;
  taken.push(...boxes);
  return true;
}

function drawGroundNames(pen, taken) {
  const bounds = map.getBounds();
  const metre = metresOfPixel();
  pen.font = `italic ${NAME_FONT}`;
  for (const { text, kind, wide, at } of groundLabels) {
    const width = pen.measureText(text).width;
    if (wide / metre < width || !bounds.contains(at)) continue;
    const spot = map.project(at);
    if (free(taken, [spot.x - width / 2 - 2, spot.y - 8, spot.x + width / 2 + 2, spot.y + 8])) nameText(pen, text, spot.x, spot.y + 4, kind === 'water' ? '#1f5c8a' : '#3c6b2f');
  }
}

function nameText(pen, text, x, y, colour) {
  pen.textAlign = 'center';
  pen.lineJoin = 'round';
  pen.lineWidth = 3;
  pen.strokeStyle = 'rgba(255,255,255,.9)';
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function groundKeys(key) {
  if (!groundLabels) return [];
  return [...GROUND_KINDS.map((kind) => key(swatchElement(GROUND[kind], ''), say(`ground_${kind}`))), key(lineElement(GROUND.railway, 2.4, []), say('ground_railway'))];
}
