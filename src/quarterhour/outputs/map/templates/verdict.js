// What is said of every area: the share of its residents within each item's limit.

const TOLERANCE = 1e-9;
const WHY_NOT = ['beyond_limit', 'unreachable', 'not_in_service'];

// The verdict on an item, area by area, as the library's judge gives it; of areas whose walks are
// as they were, it is what it was.
function judgeItem(what, k, known = null, areas = null) {
  const raw = known && areas ? [...known.raw] : new Array(what.homesOf.length);
  if (known && areas) for (const area of areas) raw[area] = judgeArea(what, k, area);
  else for (let area = 0; area < raw.length; area++) raw[area] = judgeArea(what, k, area);
  return { raw, told: silence(what, k, raw) };
}

function judgeArea(what, k, area) {
  const item = what.items[k];
  const [direct, host] = what.walks[k];
  const sum = { self: 0, either: 0, lost: 0, beyond: 0, unreachable: 0 };
  const mine = what.homesOf[area];
  for (const h of mine) {
    const weight = what.share[h];
    if (direct.cost[h] <= item.most) sum.self += weight;
    if (Math.min(direct.cost[h], host.cost[h]) <= item.most) sum.either += weight;
    if (direct.state[h] === NOT_SNAPPED) sum.lost += weight;
    if (direct.state[h] === BEYOND) sum.beyond += weight;
    if (direct.state[h] === UNREACHABLE) sum.unreachable += weight;
  }
  return verdictOf(what, mine, sum, direct, host, isIdle(what, k));
}

// Whether there are facilities of an item, and none of them counts.
const isIdle = (what, k) => what.items[k].idle && !what.fields[2 * k].members.size;

function verdictOf(what, mine, sum, direct, host, idle) {
  const enough = what.quota - TOLERANCE;
  const bySelf = sum.self >= enough;
  const withHost = sum.either >= enough;
  const open = !withHost && sum.lost > 0 && sum.either + sum.lost >= enough;
  const most = idle ? 2 : sum.unreachable > sum.beyond ? 1 : 0;
  const reason = bySelf ? 'within_limit' : withHost ? 'implied_by_host' : open ? 'not_snapped' : WHY_NOT[most];
  const implied = !bySelf && withHost;
  const cost = (h) => (implied && host.cost[h] < direct.cost[h] ? host.cost[h] : direct.cost[h]);
  const where = (h) => (implied && host.cost[h] < direct.cost[h] ? host.place[h] : direct.place[h]);
  return {
    status: withHost ? 'met' : open ? 'unknown' : 'unmet', reason,
    share: Math.min(1, implied ? sum.either : sum.self),
    ...spreadOf(what, mine, cost), place: favourite(what, mine, cost, where),
  };
}

// Cost of the median resident and of the worst.
function spreadOf(what, mine, cost) {
  const order = mine.map((h) => [cost(h), what.share[h]]).sort((a, b) => a[0] - b[0] || 0);
  const whole = order.reduce((sum, [, share]) => sum + share, 0);
  let before = 0;
  let middle = order.length - 1;
  for (let k = 0; k < order.length; k++) {
    before += order[k][1];
    if (before >= 0.5 * whole - TOLERANCE) { middle = k; break; }
  }
  return { median: order[middle][0], worst: order.at(-1)[0] };
}

// The facility that most residents have nearest.
function favourite(what, mine, cost, where) {
  const votes = new Map();
  for (const h of mine) if (cost(h) < Infinity) votes.set(where(h), (votes.get(where(h)) || 0) + what.share[h]);
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
  const reason = shown || item.surveyed ? 'no_facility' : 'not_assessable';
  return raw.map((one) => (one.status === 'unmet' ? { ...one, status: item.surveyed ? 'unmet' : 'unknown', reason } : one));
}

// Whether each home has an item within its limit, by itself or through a host.
function nearOf(what, k) {
  const [direct, host] = what.walks[k];
  const { most } = what.items[k];
  return Uint8Array.from(direct.cost, (cost, h) => (Math.min(cost, host.cost[h]) <= most ? 1 : 0));
}

// Results as the page has them of a scorecard: what no change has touched is as it was.
function resultsOf(what) {
  const before = card.results;
  const codes = new Map(before.reasons.map((word, code) => [word, code]));
  const results = { ...before };
  for (const name of ['status', 'reason', 'share', 'without', 'minutes', 'worst', 'metres', 'facility', 'edge']) results[name] = before[name].slice();
  const names = {};
  const rows = [];
  what.verdicts.forEach((mine, k) => {
    if (!mine || mine.told === what.base.verdicts[k].told) return;
    const was = what.base.verdicts[k].told;
    mine.told.forEach((one, area) => {
      if (sameVerdict(one, was[area])) return;
      writeResult(what, { results, names, codes }, k, area, one);
      rows.push(area * model.m + k);
    });
  });
  return { results, names, rows, areas: sharesOf(what, results, new Set(rows.map((row) => Math.floor(row / model.m)))) };
}

function sameVerdict(one, other) {
  return one === other || (one.status === other.status && one.reason === other.reason && one.share === other.share
    && one.median === other.median && one.worst === other.worst && one.place === other.place);
}

// Up, as all that people read.
const tenths = (minutes) => (minutes < Infinity ? Math.ceil(minutes * 10 - 1e-6) : -1);

// As numpy rounds: halves to the even number.
function roundHalf(x) {
  const whole = Math.floor(x);
  if (x - whole !== 0.5) return Math.round(x);
  return whole % 2 ? whole + 1 : whole;
}

function writeResult(what, { results, names, codes }, k, area, one) {
  const item = what.items[k];
  const row = area * model.m + k;
  const { speed } = what.ways[0];
  const status = one.reason === 'implied_by_host' ? 'implied' : one.status;
  const people = what.residents[area];
  const unit = item.in_metres ? 60 * speed : 60;
  results.status[row] = results.statuses.indexOf(status);
  results.reason[row] = codes.get(one.reason);
  results.share[row] = roundHalf(one.share * 1000);
  results.without[row] = one.status === 'unknown' || !(people >= 0) ? -1 : roundHalf((1 - one.share) * people);
  results.minutes[row] = tenths(one.median / unit);
  results.worst[row] = tenths(one.worst / unit);
  if (results.metres.length) results.metres[row] = item.in_metres && one.median < Infinity ? Math.ceil(one.median - 1e-6) : -1;
  const isNew = one.place >= what.given;
  results.facility[row] = isNew ? -1 : one.place;
  if (isNew) names[row] = what.newNames.get(one.place) || '';
  const reach = item.in_metres ? item.most : item.most * speed;
  results.edge[row] = one.status !== 'met' && what.edgeM[area] < reach ? 1 : 0;
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
      shares[area] = known > 0 ? roundHalf(good / known * 1000) : -1;
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
    const people = what.residents[area];
    if (status === 'unknown' || !(people >= 0)) return;
    for (const h of mine) {
      if (what.again[h]) continue;
      const here = status === 'implied' ? near[h] : direct.cost[h] <= most;
      if (here) within += what.share[h] * people;
      counted += what.share[h] * people;
    }
  });
  return { within, counted };
}
