// Marks, patterns and labels: shapes that say met, unmet and unknown without colour.

const markColour = (status) => LOOKS.statuses[status].mark;

// A mark in a square of side s at (x, y): tick, dotted tick, cross, question mark.
function drawMark(pen, status, x, y, s) {
  pen.save();
  pen.translate(x, y);
  pen.scale(s / 16, s / 16);
  pen.beginPath();
  pen.arc(8, 8, 7.2, 0, 7);
  pen.fillStyle = '#ffffff';
  pen.fill();
  pen.strokeStyle = markColour(status);
  pen.lineWidth = 1.3;
  if (status === 'implied') pen.setLineDash([2.2, 2]);
  pen.stroke();
  pen.setLineDash([]);
  pen.lineWidth = 2.3;
  pen.beginPath();
  if (status === 'unmet') {
    for (const [a, b] of [[5, 11], [11, 5]]) { pen.moveTo(5, a); pen.lineTo(11, b); }
  } else if (status === 'unknown') {
    pen.fillStyle = markColour('unknown');
    pen.font = 'bold 11.5px sans-serif';
    pen.textAlign = 'center';
    pen.fillText(LOOKS.statuses.unknown.sign, 8, 12.2);
  } else {
    pen.moveTo(4.3, 8.3); pen.lineTo(7, 11); pen.lineTo(11.7, 5.2);
  }
  pen.stroke();
  pen.restore();
}

function canvasOf(width, height, scale) {
  const canvas = document.createElement('canvas');
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  return [canvas, pen];
}

// A small picture as the background of an element: drawn once, however often it is shown.
const pictures = new Map();
function pictured(className, what, width, height, draw) {
  if (!pictures.has(what)) {
    const [canvas, pen] = canvasOf(width, height, 2);
    draw(pen);
    pictures.set(what, `url(${canvas.toDataURL()})`);
  }
  const node = document.createElement('span');
  node.className = className;
  node.style.backgroundImage = pictures.get(what);
  return node;
}

function markElement(status) {
  const mark = pictured('mark', status, 16, 16, (pen) => drawMark(pen, status, 0, 0, 16));
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', say(status));
  return mark;
}

const TILE = 16;

function drawPattern(pen, pattern) {
  const line = (x0, y0, x1, y1) => { pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke(); };
  const dot = (x, y, r) => { pen.beginPath(); pen.arc(x, y, r, 0, 7); pen.fill(); };
  if (pattern === 'unmet') {
    pen.strokeStyle = LOOKS.statuses.unmet.ink;
    pen.lineWidth = 1.6;
    for (const k of [-8, 0, 8]) line(k - 1, 17, k + 17, -1);
  } else if (pattern === 'unknown') {
    pen.fillStyle = LOOKS.statuses.unknown.ink;
    dot(4, 4, 1.4); dot(12, 12, 1.4);
  } else if (pattern === 'implied') {
    pen.strokeStyle = LOOKS.statuses.implied.ink;
    pen.lineWidth = 1;
    line(0, 4, 16, 4); line(0, 12, 16, 12);
  } else if (pattern === 'rests') {
    pen.strokeStyle = '#222222';
    pen.lineWidth = 0.9;
    line(0, 4, 16, 4); line(0, 12, 16, 12);
  } else if (pattern === 'none') {
    pen.strokeStyle = LOOKS.nothing.ink;
    pen.lineWidth = 1;
    for (const k of [-8, 0, 8]) { line(k - 1, 17, k + 17, -1); line(k - 1, -1, k + 17, 17); }
  }
}

function patternImage(pattern) {
  const [canvas, pen] = canvasOf(TILE, TILE, 2);
  drawPattern(pen, pattern);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function drawSwatch(pen, fill, pattern) {
  pen.fillStyle = fill;
  pen.fillRect(0, 0, 24, 16);
  drawPattern(pen, pattern);
  pen.translate(16, 0);
  drawPattern(pen, pattern);
}

// Beside a name in the list; the legend has canvases, which pictures of the map take over.
function listSwatch({ fill, pattern }) {
  const swatch = pictured('swatch', `${fill}|${pattern}`, 24, 16, (pen) => drawSwatch(pen, fill, pattern));
  swatch.setAttribute('aria-hidden', 'true');
  return swatch;
}

function swatchElement(fill, pattern) {
  const [canvas, pen] = canvasOf(24, 16, 2);
  drawSwatch(pen, fill, pattern);
  canvas.className = 'swatch';
  canvas.setAttribute('aria-hidden', 'true');
  return canvas;
}

function lineElement(colour, width, dash) {
  const [canvas, pen] = canvasOf(28, 12, 2);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(1, 6);
  pen.lineTo(27, 6);
  pen.stroke();
  canvas.style.width = '28px';
  canvas.setAttribute('aria-hidden', 'true');
  return canvas;
}

// Icons of facilities: a dark square with the letter of its group; clusters say how many.
function iconImage(text, kind) {
  const size = kind === 'place' ? 20 : 24 + 5 * Math.max(0, text.length - 1);
  const [canvas, pen] = canvasOf(size, size, 2);
  const half = size / 2;
  pen.fillStyle = kind === 'place' ? LOOKS.place : '#ffffff';
  pen.strokeStyle = kind === 'place' ? '#ffffff' : LOOKS.place;
  pen.lineWidth = kind === 'place' ? 1.5 : 2;
  pen.beginPath();
  if (kind === 'place') pen.roundRect(1, 1, size - 2, size - 2, 5);
  else pen.arc(half, half, half - 1.5, 0, 7);
  pen.fill();
  pen.stroke();
  pen.fillStyle = kind === 'place' ? '#ffffff' : '#3f1d5e';
  pen.font = `bold ${kind === 'place' ? 11.5 : 11}px sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, half, half + 0.8);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

// Signs of plans: discs with numbers for what is new and for centres, a cross for who is left out.
const DISCS = ['new', 'centre', 'left'];

function discImage(text, kind) {
  const size = kind === 'left' ? 10 : 24 + 5 * Math.max(0, text.length - 2);
  const [canvas, pen] = canvasOf(size, size, 2);
  const half = size / 2;
  if (kind === 'left') {
    pen.strokeStyle = LOOKS.plan.left;
    pen.lineWidth = 2;
    pen.beginPath();
    for (const [a, b] of [[1.5, 8.5], [8.5, 1.5]]) { pen.moveTo(1.5, a); pen.lineTo(8.5, b); }
    pen.stroke();
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }
  pen.fillStyle = LOOKS.plan[kind];
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(half, half, half - 1.5, 0, 7);
  pen.fill();
  pen.stroke();
  pen.fillStyle = '#ffffff';
  pen.font = 'bold 12px sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, half, half + 0.8);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

// Labels of areas over the map, the largest area first, none over another.
function drawLabels(map) {
  const canvas = document.getElementById('labels');
  const box = canvas.parentElement;
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [box.clientWidth, box.clientHeight];
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const taken = [...legendBox(box), ...placeBoxes(map)];
  const bounds = map.getBounds();
  const seen = model.byLabelOrder.filter((area) => area === chosen.area || (model.fits[area] && bounds.contains([model.lon[area], model.lat[area]])));
  const stage = { size: [width, height, taken[0][0]], sparse: seen.length <= SPARSE };
  const placed = seen.map((area) => [area, map.project([model.lon[area], model.lat[area]]), roomOf(map, area)]);
  const rest = placed.filter(([area, at, room]) => !drawLabel(pen, area, at, room, taken, stage));
  if (rest.length && !stage.sparse) drawNamesBeside(pen, rest, taken, stage);
  drawRingLabels(pen, map, taken);
  drawNames(pen, map.getZoom() < NEAR ? [...taken, ...placed.map(([, { x, y }, { width: w, height: h }]) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2])] : taken);
}

const NEAR = 14.2; // from this zoom on, streets are named across areas too

function legendBox(box) {
  const own = box.getBoundingClientRect();
  const legend = document.getElementById('legend').getBoundingClientRect();
  return [[legend.left - own.left, legend.top - own.top, legend.right - own.left, legend.bottom - own.top]];
}

// Facilities that are on the screen: labels leave them free.
let placesSeen = [];

function seePlaces(map) {
  placesSeen = map.queryRenderedFeatures({ layers: ['clusters', 'places', 'plan-points'] }).map((one) => one.geometry.coordinates);
  drawLabels(map);
}

function placeBoxes(map) {
  return placesSeen.map((at) => map.project(at)).map(({ x, y }) => [x - 13, y - 13, x + 13, y + 13]);
}

// Width and height of an area on the screen, in pixels.
function roomOf(map, area) {
  const box = model.extent[area];
  if (!box) return { width: 0, height: 18 };
  const [a, b] = [map.project([box[0], box[3]]), map.project([box[2], box[1]])];
  return { width: b.x - a.x, height: b.y - a.y };
}

// Where no more are in sight, areas may be labelled beyond their outlines, with all that a label has.
const SPARSE = 80;
const LABEL_FONT = '600 12.5px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

// Name and marks where there is room for both, else marks; above or below an area that they would hide, or that is
// taken, and to the left of the legend where it stands in the way.
function drawLabel(pen, area, at, room, taken, stage) {
  const [wide, high, legendLeft] = stage.size;
  const own = area === chosen.area;
  const sparse = stage.sparse || own;
  if (room.width < 12 && room.width > 0 && !sparse) return false;
  const name = hasName(area) || own ? areaName(area) : '';
  const counts = chosen.item >= 0 ? null : model.counts[area];
  const marks = counts ? countsWidth(counts) : 18;
  pen.font = LABEL_FONT;
  for (const text of name ? [name, ''] : ['']) {
    const width = Math.max(text ? pen.measureText(text).width : 0, marks) + 6;
    const tall = text ? 36 : 18;
    if (!(sparse || width < room.width * 1.5 + 30)) continue;
    const hides = text || counts ? room.width < width * 0.8 || room.height < tall : false;
    const aside = room.height / 2 + tall / 2 + 1;
    const within = (x, half, most) => Math.min(Math.max(x, half + 2), most - half - 2); // none is cut off by the rim
    const outside = [at.y - aside, at.y + aside];
    const rows = (hides ? outside : [at.y, ...(sparse ? outside : [])]).map((y) => within(y, tall / 2, high));
    const beside = legendLeft - width / 2 - 2;
    const columns = [within(at.x, width / 2, wide), ...(Math.abs(beside - at.x) < width / 2 ? [beside] : [])];
    const spot = rows.flatMap((y) => columns.map((x) => [x, y]))
      .find(([x, y]) => free(taken, [x - width / 2, y - tall / 2, x + width / 2, y + tall / 2]));
    if (!spot) continue;
    const [centre, middle] = spot;
    if (text) haloText(pen, text, centre, middle - 5);
    const top = text ? middle + 1 : middle - 8;
    if (counts) drawCounts(pen, counts, centre - marks / 2, top);
    else drawMark(pen, statusOf(area, chosen.item), centre - 8, top, 16);
    return true;
  }
  return false;
}

// Of the areas that are left, where many are in sight: the name alone, above or below, where no other area lies.
const CELL = 8; // pixels
const NAMED_AT_MOST = 120;

function drawNamesBeside(pen, rest, taken, { size: [wide, high] }) {
  const across = Math.ceil(wide / CELL);
  const of = new Map(); // cell: the area on it, or -1 for several
  const cells = ([x0, y0, x1, y1], each) => {
    for (let y = Math.floor(y0 / CELL); y * CELL < y1; y++) for (let x = Math.floor(x0 / CELL); x * CELL < x1; x++) each(y * across + x);
  };
  for (const [area, { x, y }, { width, height }] of rest) {
    cells([x - width / 2, y - height / 2, x + width / 2, y + height / 2], (cell) => of.set(cell, of.has(cell) ? -1 : area));
  }
  pen.font = LABEL_FONT;
  let left = NAMED_AT_MOST;
  for (const [area, { x, y }, { height }] of rest) {
    if (!hasName(area)) continue;
    if (!left--) return;
    const half = pen.measureText(areaName(area)).width / 2 + 3;
    const boxes = [-1, 1].map((side) => y + side * (height / 2 + 10)).map((middle) => [x - half, middle - 9, x + half, middle + 9]);
    const box = boxes.find((one) => {
      if (one[0] < 0 || one[1] < 0 || one[2] > wide || one[3] > high) return false;
      let alone = true;
      cells(one, (cell) => { alone &&= !of.has(cell) || of.get(cell) === area; });
      return alone && free(taken, one);
    });
    if (box) haloText(pen, areaName(area), x, box[3] - 5);
  }
}

function free(taken, [x0, y0, x1, y1]) {
  if (taken.some((b) => x0 < b[2] && x1 > b[0] && y0 < b[3] && y1 > b[1])) return false;
  taken.push([x0, y0, x1, y1]);
  return true;
}

function haloText(pen, text, x, y) {
  pen.textAlign = 'center';
  pen.lineJoin = 'round';
  pen.lineWidth = 3.5;
  pen.strokeStyle = 'rgba(255,255,255,.92)';
  pen.strokeText(text, x, y);
  pen.fillStyle = '#1f2430';
  pen.fillText(text, x, y);
}

const DIGIT = 7.2;
const countsWidth = (counts) => Object.values(counts).reduce((w, n) => w + 14 + DIGIT * String(n).length + 4, 0);

function drawCounts(pen, counts, left, top) {
  const width = countsWidth(counts);
  pen.save();
  pen.fillStyle = 'rgba(255,255,255,.88)';
  pen.beginPath();
  pen.roundRect(left - 3, top, width + 4, 15, 4);
  pen.fill();
  pen.font = '600 11.5px sans-serif';
  pen.textAlign = 'left';
  for (const [status, n] of Object.entries(counts)) {
    drawMark(pen, status, left, top + 1, 13);
    pen.fillStyle = markColour(status);
    pen.fillText(String(n), left + 15, top + 11.5);
    left += 14 + DIGIT * String(n).length + 4;
  }
  pen.restore();
}

// The minutes of each isochrone, at its farthest point.
function drawRingLabels(pen, map, taken) {
  pen.font = '600 11.5px sans-serif';
  for (const { minutes, tip } of model.rings || []) {
    const at = map.project(tip);
    const text = say('minutes', { n: minutes });
    const half = pen.measureText(text).width / 2 + 3;
    if (free(taken, [at.x - half, at.y - 14, at.x + half, at.y + 2])) haloText(pen, text, at.x, at.y - 3);
  }
}
