// Homes and facilities on the streets, and the gates that lead to them.

const TOUCH_M = 0.5; // as in snap.py: a gate is on every edge that is as near as the nearest

// What homes and facilities have in common: points, gates, metres more, whose walls, positions.
function placedOf(block) {
  const more = numbersOf(block.more);
  const sets = pointsBy(block.sets);
  const placed = {
    n: block.count.length,
    points: pointsBy(block),
    doors: block.doors.map((k) => (k < 0 ? null : sets[k])),
    more: more.length ? Array.from(more) : new Array(block.count.length).fill(0),
    behind: block.behind.length ? [...block.behind] : new Array(block.count.length).fill(''),
    outline: new Map(),
    at: block.count.map(() => []), moved: new Set(),
  };
  const place = walkSteps(block.at.place);
  const edge = walkSteps(block.at.edge);
  const [fraction, leg] = [numbersOf(block.at.fraction), numbersOf(block.at.leg)];
  placed.spots = { first: groupBy(place, placed.n).offset, edge, fraction, leg }; // of those not moved since
  block.at.anchor.forEach((anchor, k) => placed.at[place[k]].push({ edge: edge[k], fraction: fraction[k], leg: leg[k], anchor }));
  if (block.outlines) outlinesBy(block.outlines).forEach((outline, k) => placed.outline.set(block.outlines.place[k], outline));
  return placed;
}

function groupOf(keys) {
  const groups = new Map();
  keys.forEach((key, k) => { if (key) groups.set(key, [...(groups.get(key) || []), k]); });
  return groups;
}

// Straight metres between a home and a facility inside the same walls.
function straightMetres(homes, places, h, p) {
  const outline = places.outline.get(p);
  let best = Infinity;
  for (const [x, y] of homes.points[h]) {
    if (outline) best = Math.min(best, distanceTo(outline, x, y));
    else for (const [a, b] of places.points[p]) best = Math.min(best, Math.hypot(a - x, b - y));
  }
  return best + homes.more[h] + places.more[p];
}

function insideMetres(placed, k, [x, y]) {
  const outline = placed.outline.get(k);
  if (outline) return distanceTo(outline, x, y);
  return Math.min(...placed.points[k].map(([a, b]) => Math.hypot(a - x, b - y)));
}

// Positions of a point: the nearest street; for a gate all streets that are as near as it.
function positionsAt(town, [x, y], limitM, gate) {
  const near = streetsNear(town, x, y, limitM);
  if (!near.length) return [];
  return gate ? streetsNear(town, x, y, near[0].leg + TOUCH_M) : [near[0]];
}

// Where a home or a facility meets the streets: through its doors, else from its points.
function positionsOf(town, placed, k, limitM) {
  const doors = placed.doors[k];
  const found = [];
  (doors || placed.points[k]).forEach((point, anchor) => {
    const inside = doors ? insideMetres(placed, k, point) : 0;
    for (const spot of positionsAt(town, point, limitM, Boolean(doors))) {
      found.push({ edge: spot.edge, fraction: spot.fraction, leg: spot.leg + inside + placed.more[k], anchor });
    }
  });
  return found;
}

// Who is at each edge, for walks that stay on it.
function byEdge(placed) {
  const found = new Map();
  placed.at.forEach((list, k) => list.forEach((spot) => addTo(found, spot.edge, k)));
  return found;
}

function addTo(map, key, value) {
  const list = map.get(key);
  if (!list) map.set(key, [value]);
  else if (!list.includes(value)) list.push(value);
}

function setPositions(placed, edges, undo, k, spots) {
  const before = placed.at[k];
  const put = (list, now) => {
    for (const { edge } of list) edges.set(edge, (edges.get(edge) || []).filter((one) => one !== k));
    placed.at[k] = now;
    placed.moved.add(k);
    for (const { edge } of now) addTo(edges, edge, k);
  };
  put(before, spots);
  undo.push(() => put(spots, before));
}

// After an edge was cut: who was on it is on one of its parts.
function moveToParts(placed, edges, undo, edge, fraction, other) {
  for (const k of [...(edges.get(edge) || [])]) {
    setPositions(placed, edges, undo, k, placed.at[k].map((spot) => {
      if (spot.edge !== edge) return spot;
      if (spot.fraction <= fraction) return { ...spot, fraction: fraction > 0 ? Math.min(1, spot.fraction / fraction) : 0 };
      return { ...spot, edge: other, fraction: Math.min(1, (spot.fraction - fraction) / (1 - fraction)) };
    }));
  }
}

// Who meets the streets otherwise now that there is a new edge; gives them with their positions.
function drawnTo(town, placed, edge, limitM) {
  const line = lineOfEdge(town, edge);
  const moved = [];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < line.length; i += 2) {
    box[0] = Math.min(box[0], line[i]); box[1] = Math.min(box[1], line[i + 1]);
    box[2] = Math.max(box[2], line[i]); box[3] = Math.max(box[3], line[i + 1]);
  }
  const far = ([x, y]) => x < box[0] - limitM || x > box[2] + limitM || y < box[1] - limitM || y > box[3] + limitM;
  for (let k = 0; k < placed.n; k++) {
    const outline = placed.outline.get(k);
    if (outline && !placed.doors[k]) {
      const spots = outlineDrawn(placed, k, outline, line, edge, limitM);
      if (spots) moved.push([k, spots]);
      continue;
    }
    const anchors = placed.doors[k] || placed.points[k];
    if (!anchors.some((point) => !far(point) && nearestOnLine(line, ...point).d <= limitM)) continue;
    const spots = positionsOf(town, placed, k, limitM);
    if (spots.some((spot) => spot.edge === edge)) moved.push([k, spots]);
  }
  return moved;
}

// A large facility is met by a street that crosses its outline, else by the nearest.
function outlineDrawn(placed, k, outline, line, edge, limitM) {
  const crossing = outline.lines.flatMap((rim) => crossings(rim, line)).map(([x, y]) => {
    const spot = nearestOnLine(line, x, y);
    return { edge, fraction: spot.whole > 0 ? spot.along / spot.whole : 0, leg: placed.more[k], anchor: -1 };
  });
  const apart = placed.at[k].filter((spot) => spot.leg - placed.more[k] > 1e-9);
  if (crossing.length) return [...placed.at[k].filter((spot) => !apart.includes(spot)), ...crossing];
  const meets = placed.at[k].length > apart.length;
  if (meets) return null;
  let best = { d: Infinity };
  for (const rim of outline.lines) {
    for (let i = 0; i < line.length; i += 2) {
      const d = nearestOnLine(rim, line[i], line[i + 1]).d;
      const spot = nearestOnLine(line, line[i], line[i + 1]);
      if (d < best.d) best = { d, spot };
    }
    for (let i = 0; i < rim.length; i += 2) {
      const spot = nearestOnLine(line, rim[i], rim[i + 1]);
      if (spot.d < best.d) best = { d: spot.d, spot };
    }
  }
  const now = apart.length ? apart[0].leg - placed.more[k] : Infinity;
  if (!(best.d < now) || best.d > limitM) return null;
  return [{ edge, fraction: best.spot.whole > 0 ? best.spot.along / best.spot.whole : 0, leg: best.d + placed.more[k], anchor: -1 }];
}
