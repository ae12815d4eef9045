// What is said of every area: the share of its residents within each item's limit.

const TOLERANCE = 1e-9;
const WHY_NOT = ['beyond_limit', 'unreachable', 'not_in_service'];

const [UNMET, MET, UNKNOWN] = [0, 1, 2];

// The verdict on an item, area by area, as the library's judge gives it; of areas whose walks are
// as they were, it is what it was. `told` is what is said of it, `raw` what walks alone would say.
function judgeItem(what, k, known = null, areas = null) {
  const n = what.homesOf.length;
  const raw = known && areas ? copyOf(known.raw) : {
    status: new Uint8Array(n), reason: new Uint8Array(n), share: new Float64Array(n), median: new Float64Array(n), worst: new Float64Array(n), place: new Int32Array(n),
  };
  const room = { cost: new Float64Array(what.mostHomes), share: new Float64Array(what.mostHomes) };
  if (known && areas) for (const area of areas) judgeArea(what, k, area, raw, room);
  else for (let area = 0; area < n; area++) judgeArea(what, k, area, raw, room);
  return { raw, told: silence(what, k, raw) };
}

const copyOf = (verdicts) => Object.fromEntries(Object.entries(verdicts).map(([name, values]) => [name, values.slice()]));

function judgeArea(what, k, area, raw, room) {
  const { most } = what.items[k];
  const [direct, host] = what.walks[k];
  const mine = what.homesOf[area];
  let self = 0;
  let either = 0;
  let lost = 0;
  let beyond = 0;
  let unreachable = 0;
  for (const h of mine) {
    const weight = what.share[h];
    const own = direct.cost[h];
    const state = direct.state[h];
    if (own <= most) self += weight;
    if (own <= most || host.cost[h] <= most) either += weight;
    if (state === NOT_SNAPPED) lost += weight;
    else if (state === BEYOND) beyond += weight;
    else if (state === UNREACHABLE) unreachable += weight;
  }
  const enough = what.quota - TOLERANCE;
  const [bySelf, withHost] = [self >= enough, either >= enough];
  const open = !withHost && lost > 0 && either + lost >= enough;
  const reason = bySelf ? 'within_limit' : withHost ? 'implied_by_host' : open ? 'not_snapped' : WHY_NOT[isIdle(what, k) ? 2 : unreachable > beyond ? 1 : 0];
  const implied = !bySelf && withHost;
  raw.status[area] = withHost ? MET : open ? UNKNOWN : UNMET;
  raw.reason[area] = what.reasons.get(reason);
  raw.share[area] = Math.min(1, implied ? either : self);
  let worst = -Infinity;
  let whole = 0;
  for (let n = 0; n < mine.length; n++) {
    const h = mine[n];
    const cost = implied && host.cost[h] < direct.cost[h] ? host.cost[h] : direct.cost[h];
    room.cost[n] = cost;
    room.share[n] = what.share[h];
    whole += what.share[h];
    if (cost > worst) worst = cost;
  }
  raw.place[area] = favourite(mine, room.cost, room.share, (h) => (implied && host.cost[h] < direct.cost[h] ? host.place[h] : direct.place[h]));
  raw.worst[area] = mine.length ? worst : Infinity;
  raw.median[area] = middleCost(room.cost, room.share, mine.length, 0.5 * whole - TOLERANCE);
}

// Whether there are facilities of an item, and none of them counts.
const isIdle = (what, k) => what.items[k].idle && !what.fields[2 * k].members.size;

// The least cost up to which homes come to so large a share: that of the median resident. Puts the
// first n of both arrays in another order.
function middleCost(cost, share, n, enough) {
  if (!n) return Infinity;
  let [low, high, before] = [0, n - 1, 0];
  const swap = (i, j) => {
    [cost[i], cost[j]] = [cost[j], cost[i]];
    [share[i], share[j]] = [share[j], share[i]];
  };
  while (low < high) {
    const pivot = cost[(low + high) >> 1];
    let [less, same, at] = [0, 0, low];
    let [first, last] = [low, high]; // from first to at the pivot's equals, after last what is more
    while (at <= last) {
      if (cost[at] < pivot) { less += share[at]; swap(at++, first++); }
      else if (cost[at] > pivot) swap(at, last--);
      else same += share[at++];
    }
    if (before + less >= enough && first > low) high = first - 1;
    else if (before + less + same >= enough || last === high) return pivot;
    else { before += less + same; low = last + 1; }
  }
  return cost[low];
}

// The facility that most residents have nearest.
function favourite(mine, cost, share, where) {
  if (mine.length === 1) return cost[0] < Infinity ? where(mine[0]) : -1;
  const votes = new Map();
  mine.forEach((h, n) => { if (cost[n] < Infinity) votes.set(where(h), (votes.get(where(h)) || 0) + share[n]); });
  let best = -1;
  for (const [p, weight] of votes) if (best < 0 || weight > votes.get(best) + TOLERANCE) best = p;
  return best;
}

// An item that is not found is unknown where the data could not have shown it.
function silence(what, k, raw) {
  const item = what.items[k];
  const shown = item.shown || what.declared[k] > 0;
  const present = isIdle(what, k) || what.walks[k][0].state.some((state) => state !== NO_FACILITY);
  if (present && (shown || item.surveyed)) return raw;
  const reason = what.reasons.get(shown || item.surveyed ? 'no_facility' : 'not_assessable');
  const told = { ...raw, status: raw.status.slice(), reason: raw.reason.slice() };
  raw.status.forEach((status, area) => {
    if (status !== UNMET) return;
    if (!item.surveyed) told.status[area] = UNKNOWN;
    told.reason[area] = reason;
  });
  return told;
}

// Whether each home has an item within its limit, by itself or through a host.
function nearOf(what, k) {
  const [direct, host] = what.walks[k];
  const { most } = what.items[k];
  const near = new Uint8Array(direct.cost.length);
  for (let h = 0; h < near.length; h++) near[h] = direct.cost[h] <= most || host.cost[h] <= most ? 1 : 0;
  return near;
}

// Results as the page has them of a scorecard: what no change has touched is as it was.
function resultsOf(what) {
  const before = card.results;
  const results = { ...before };
  for (const name of ['status', 'reason', 'share', 'without', 'minutes', 'worst', 'metres', 'facility', 'edge']) results[name] = before[name].slice();
  const names = {};
  const rows = [];
  what.verdicts.forEach((mine, k) => {
    if (!mine || mine.told === what.base.verdicts[k].told) return;
    const was = what.base.verdicts[k].told;
    const write = writerOf(what, results, names, k, mine.told);
    const alike = what.ways[0].speed === what.base.speed || what.items[k].in_metres;
    for (let area = 0; area < model.n; area++) {
      if (alike && sameVerdict(mine.told, was, area)) continue; // who is faster is nearer to the edge of the data
      write(area);
      rows.push(area * model.m + k);
    }
  });
  return { results, names, rows, areas: sharesOf(what, results, new Set(rows.map((row) => Math.floor(row / model.m)))) };
}

function sameVerdict(one, other, area) {
  return one === other || (one.median[area] === other.median[area] && one.worst[area] === other.worst[area] && one.place[area] === other.place[area]
    && one.status[area] === other.status[area] && one.reason[area] === other.reason[area] && one.share[area] === other.share[area]);
}

// Up, as all that people read.
const tenths = (minutes) => (minutes < Infinity ? Math.ceil(minutes * 10 - 1e-6) : -1);

// Writes the verdict on an item of an area as results have it.
function writerOf(what, results, names, k, told) {
  const item = what.items[k];
  const { speed } = what.ways[0];
  const [unit, reach] = item.in_metres ? [60 * speed, item.most] : [60, item.most * speed];
  const implied = what.reasons.get('implied_by_host');
  const codes = ['unmet', 'met', 'unknown', 'implied'].map((status) => results.statuses.indexOf(status));
  return (area) => {
    const row = area * model.m + k;
    const status = told.status[area];
    const share = told.share[area];
    const median = told.median[area];
    const place = told.place[area];
    const people = what.residents[area];
    results.status[row] = codes[told.reason[area] === implied ? 3 : status];
    results.reason[row] = told.reason[area];
    results.share[row] = perMille(share);
    results.without[row] = status === UNKNOWN || !(people >= 0) ? -1 : roundHalf((1 - share) * people);
    results.minutes[row] = tenths(median / unit);
    results.worst[row] = tenths(told.worst[area] / unit);
    if (results.metres.length) results.metres[row] = item.in_metres && median < Infinity ? Math.ceil(median - 1e-6) : -1;
    results.facility[row] = place >= what.given ? -1 : place;
    if (place >= what.given) names[row] = what.newNames.get(place) || '';
    results.edge[row] = status !== MET && what.edgeM[area] < reach ? 1 : 0;
  };
}

// Shares of items met by area, in all and by group, as summary() has them; of areas that changed.
function sharesOf(what, results, areas) {
  const { items, groups } = card.checklist;
  const weights = what.items.map((item) => item.weight);
  const of = (before, among, observed) => {
    const shares = before.slice();
    for (const area of areas) {
      let [good, known] = [0, 0];
      for (const k of among) {
        const status = results.statuses[results.status[area * model.m + k]];
        if (status !== 'unknown') known += weights[k];
        if (status === 'met' || (status === 'implied' && !observed)) good += weights[k];
      }
      shares[area] = known > 0 ? perMille(good / known) : -1;
    }
    return shares;
  };
  const all = items.map((_, k) => k);
  const by = groups.map((_, g) => all.filter((k) => items[k].group === g));
  const before = card.areas;
  return {
    items_met_share: of(before.items_met_share, all, false), items_observed_share: of(before.items_observed_share, all, true),
    by_group: by.map((mine, g) => of(before.by_group[g], mine, false)), by_group_observed: by.map((mine, g) => of(before.by_group_observed[g], mine, true)),
    way_out: before.way_out,
  };
}

// Residents who have something more, or less: by area, by item, and in all.
function movedBetween(what, before, after) {
  const { homes, weight, again, areaOf } = what;
  const n = model.n;
  const found = { gained: new Float64Array(n), lost: new Float64Array(n), byItem: [], all: [0, 0] };
  const any = [new Uint8Array(homes.n), new Uint8Array(homes.n)];
  before.forEach((was, k) => {
    const is = after[k];
    if (!was || was === is) return;
    const sums = [0, 0];
    for (let h = 0; h < homes.n; h++) {
      if (was[h] === is[h]) continue;
      const side = is[h] ? 0 : 1;
      any[side][h] = 1;
      if (!again[h]) sums[side] += weight[h];
    }
    if (sums[0] || sums[1]) found.byItem.push([k, sums[0], sums[1]]);
  });
  for (let h = 0; h < homes.n; h++) {
    if (any[0][h]) found.gained[areaOf[h]] += weight[h];
    if (any[1][h]) found.lost[areaOf[h]] += weight[h];
    for (const side of [0, 1]) if (any[side][h] && !again[h]) found.all[side] += weight[h];
  }
  found.byItem.sort((a, b) => b[1] + b[2] - a[1] - a[2]);
  return found;
}

// Pairs of area and item that are met, of those that are known: the coverage named "item".
function itemCoverage(results) {
  const is = results.statuses.map((status) => [status === 'met' || status === 'implied' ? 1 : 0, status === 'unknown' ? 0 : 1]);
  let [met, known] = [0, 0];
  for (const code of results.status) {
    met += is[code][0];
    known += is[code][1];
  }
  return { met, known };
}

// Residents within the limit of an item, of those whose answer is known: "population".
function peopleCoverage(what, k, results, near) {
  const [direct] = what.walks[k];
  const { most } = what.items[k];
  let [within, counted] = [0, 0];
  what.homesOf.forEach((mine, area) => {
    const row = area * model.m + k;
    const status = results.statuses[results.status[row]];
    const byHomes = what.measure === 'residences'; // nobody has counted the people
    const people = what.residents[area];
    if (status === 'unknown' || !(byHomes || people >= 0)) return;
    for (const h of mine) {
      if (what.again[h]) continue;
      const here = status === 'implied' ? near[h] : direct.cost[h] <= most;
      const weight = byHomes ? 1 : what.share[h] * people;
      if (here) within += weight;
      counted += weight;
    }
  });
  return { within, counted };
}
