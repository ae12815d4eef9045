// What if: the town as it is changed, step by step, and what every step makes of the verdicts.

let whatIf = null;

async function readyToAsk() {
  if (!whatIf) {
    const block = await readBlock('what_if');
    if (block && block.plane) whatIf = makeWhatIf(block);
  }
  return whatIf;
}

function makeWhatIf(block) {
  const town = makeTown(streets, block.streets, planeOf(block.plane));
  const homes = placedOf(block.homes);
  const places = placedOf(block.places);
  const areaOf = block.homes.area;
  const again = new Uint8Array(homes.n);
  block.homes.again.forEach((h) => { again[h] = 1; });
  const homesOf = card.areas.label.map(() => []);
  areaOf.forEach((area, h) => homesOf[area].push(h));
  const what = {
    town, homes, places, areaOf, homesOf, again, items: block.items, quota: block.quota, limitM: block.snap_limit_m,
    share: numbersOf(block.homes.share), weight: numbersOf(block.homes.weight), measure: block.homes.measure,
    residents: numbersOf(block.homes.residents), edgeM: numbersOf(block.homes.edge_m), atGates: block.homes.at_gates,
    placesOn: byEdge(places), homesOn: byEdge(homes), placesBehind: groupOf(places.behind), homesBehind: groupOf(homes.behind), given: places.n, newNames: new Map(),
    twins: block.twins, addable: block.addable, whole: block.whole, walker: town.walkers[0], closed: new Set(), declares: new Set(),
    ahead: new Map(),
    declared: block.items.map(() => 0), compounds: compoundsOf(block.compounds), done: [],
    reasons: new Map(card.results.reasons.map((word, code) => [word, code])), mostHomes: homesOf.reduce((most, mine) => Math.max(most, mine.length), 0),
  };
  what.ways = waysOf(town, what.walker);
  what.fields = fieldsOf(what, block);
  what.walks = what.items.map(() => null);
  what.verdicts = what.items.map(() => null);
  what.near = what.items.map(() => null);
  for (const field of what.fields) if (what.items[field.item].asked) fillField(what, field);
  judgeAll(what);
  what.base = { verdicts: [...what.verdicts], near: [...what.near], walks: [...what.walks], speed: what.ways[0].speed };
  what.apart = countApart(what);
  return what;
}

function fieldsOf(what, block) {
  const most = [0, 0];
  for (const item of what.items) most[item.in_metres ? 1 : 0] = Math.max(most[item.in_metres ? 1 : 0], item.most);
  const limits = most.map((one) => block.horizon * one / 60 * 60);
  const fields = what.items.flatMap((item, k) => [0, 1].map((host) => {
    const way = item.in_metres ? 1 : 0;
    return makeField(what.town, { item: k, host, way, limit: limits[way] });
  }));
  const { place, item, host, declared } = block.matches;
  place.forEach((p, k) => {
    fields[2 * item[k] + host[k]].members.add(p);
    what.declared[item[k]] += declared[k];
    if (declared[k]) what.declares.add(p * what.items.length + item[k]);
  });
  return fields;
}

function judgeAll(what) {
  what.items.forEach((item, k) => {
    if (!item.asked) return;
    what.walks[k] = [0, 1].map((host) => walksOf(what, what.fields[2 * k + host]));
    what.verdicts[k] = judgeItem(what, k);
    what.near[k] = nearOf(what, k);
  });
}

// Answers that the page finds to be others than those of the scorecard: nothing is changed yet.
function countApart(what) {
  let apart = 0;
  what.verdicts.forEach((mine, k) => {
    if (mine) mine.told.status.forEach((status, area) => { if (status !== STATUS_CODES.indexOf(plain(baseStatus(area, k)))) apart++; });
  });
  return apart;
}

const STATUS_CODES = ['unmet', 'met', 'unknown'];
const baseStatus = (area, k) => card.results.statuses[card.results.status[area * model.m + k]];

// ---- a step, and its undoing ----

// Makes a change; gives a word that says why it cannot be made, or null.
function makeChange(what, change) {
  const step = { change, undo: [], moved: new Set(), edges: new Set(), behind: new Set(), rejoined: new Set(), answered: false, said: [] };
  const before = { walks: [...what.walks], verdicts: [...what.verdicts], near: [...what.near] };
  const { fields } = what;
  for (const field of fields) field.log = [];
  for (const way of what.ways) way.starts = null; // whoever is moved starts elsewhere
  const refused = CHANGES[change.change](what, change, step);
  what.ahead.clear();
  const touched = step.answered ? [] : fields.map((field) => homesAt(what, field, step));
  const logs = fields.map((field) => field.log);
  for (const field of fields) field.log = null;
  step.undo.unshift(() => logs.forEach((log, f) => {
    const field = fields[f];
    for (let k = log.length - 3; k >= 0; k -= 3) { field.s[log[k]] = log[k + 1]; field.who[log[k]] = log[k + 2]; }
  }));
  step.undo.unshift(() => Object.assign(what, before));
  if (refused) { undoStep(step); return refused; }
  if (!step.answered) judgeTouched(what, step, touched);
  what.done.push(step);
  return null;
}

function undoStep(step) {
  while (step.undo.length) step.undo.pop()();
}

function undoLast(what) {
  const step = what.done.pop();
  what.ahead.clear();
  if (step) undoStep(step);
  return Boolean(step);
}

// Homes whose walks to the facilities of a field may be others now.
function homesAt(what, field, step) {
  const found = new Set(step.moved);
  const log = field.log || [];
  for (let k = 0; k < log.length; k += 3) {
    edgesOfNode(what.town, log[k], (e) => { for (const h of what.homesOn.get(e) || []) found.add(h); });
  }
  for (const edge of step.edges) for (const h of what.homesOn.get(edge) || []) found.add(h);
  for (const label of step.behind) for (const h of what.homesBehind.get(label) || []) found.add(h);
  return found;
}

function judgeTouched(what, step, touched) {
  what.items.forEach((item, k) => {
    if (!item.asked) return;
    const known = what.walks[k];
    const now = [0, 1].map((host) => {
      const some = touched[2 * k + host];
      return !some.size && !step.rejoined.has(2 * k + host) ? known[host] : walksOf(what, what.fields[2 * k + host], known[host], some);
    });
    const areas = areasOfOthers(what, known, now);
    if (!areas.size && !step.rejoined.has(2 * k)) return;
    what.walks[k] = now;
    what.verdicts[k] = judgeItem(what, k, what.verdicts[k], areas);
    what.near[k] = nearOf(what, k);
  });
}

function areasOfOthers(what, known, now) {
  const areas = new Set();
  for (const host of [0, 1]) {
    const [was, is] = [known[host], now[host]];
    if (was === is) continue;
    for (let h = 0; h < was.cost.length; h++) {
      if (was.cost[h] !== is.cost[h] || was.state[h] !== is.state[h] || was.place[h] !== is.place[h]) areas.add(what.areaOf[h]);
    }
  }
  return areas;
}
