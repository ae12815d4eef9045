// Plans on the map: numbered places, grounds of circles, and the score before and after.

const planShown = () => (chosen.plan >= 0 ? plans[chosen.plan] : null);

function planLayers() {
  const icon = { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true };
  return [
    { id: 'plan-grounds', type: 'fill', source: 'plan-grounds', paint: { 'fill-color': ['get', 'fill'], 'fill-opacity': 0.85 } },
    { id: 'plan-grounds-line', type: 'line', source: 'plan-grounds', paint: { 'line-color': '#444444', 'line-width': 1.2 } },
    { id: 'plan-areas', type: 'line', source: 'areas', filter: ['==', ['get', 'i'], -1], paint: { 'line-color': LOOKS.plan.new, 'line-width': 3, 'line-dasharray': [2, 1.2] } },
    { id: 'plan-lines', type: 'line', source: 'plan-lines', layout: { 'line-cap': 'round' }, paint: { 'line-color': LOOKS.plan.new, 'line-width': 5 } },
    { id: 'plan-left', type: 'symbol', source: 'plan-left', layout: icon },
    { id: 'plan-points', type: 'symbol', source: 'plan-points', layout: icon },
  ];
}

function choosePlan(k) {
  chosen.plan = k;
  chosen.after = false;
  planChanged();
}

function showAfter(after) {
  chosen.after = after;
  planChanged();
}

function planChanged() {
  showPlan();
  drawPlan();
  filtersChanged();
  if (chosen.area >= 0) showArea();
}

function drawPlan() {
  const plan = planShown();
  const points = (of, icon) => collection((of ? of.n : []).map((n, k) => feature('Point', [of.lon[k], of.lat[k]], { icon: icon(n) })).reverse());
  const kind = plan && plan.kind === 'circles' ? 'centre' : 'new';
  put('plan-points', points(plan && plan.points, (n) => `${kind}|${n}`));
  if (map) {
    map.setFilter('plan-areas', ['in', ['get', 'i'], ['literal', areasMoved()]]);
    fadeAreas();
  }
  put('plan-left', points(plan && plan.left, () => 'left|'));
  put('plan-lines', collection(((plan && plan.lines) || []).map((line) => feature('LineString', line))));
  put('plan-grounds', plan && plan.grounds ? groundData(plan) : EMPTY);
}

// Areas of which somebody gains or loses.
function areasMoved() {
  const plan = planShown();
  return plan && plan.gained ? plan.gained.map((_, i) => i).filter((i) => plan.gained[i] || plan.lost[i]) : [];
}

const overGrounds = () => Boolean(planShown() && planShown().grounds);

function groundData(plan) {
  const { grounds } = LOOKS.plan;
  const shapeOf = shapesOf(plan.grounds);
  return collection(plan.grounds.parts.map((_, k) => feature('MultiPolygon', shapeOf(k), { fill: grounds[k % grounds.length] })));
}

function showPlan() {
  const plan = planShown();
  $('plan').replaceChildren(option(-1, say('no_plan'), chosen.plan < 0), ...plans.map((one, k) => option(k, one.title[lang], chosen.plan === k)));
  $('flip').hidden = !(plan && plan.after);
  for (const [id, on] of [['flip-before', !chosen.after], ['flip-after', chosen.after]]) $(id).setAttribute('aria-pressed', String(on));
  $('plan-told').replaceChildren(...(plan ? planTold(plan) : []));
}

function planTold(plan) {
  const heading = { comparison: 'plan_changes', siting: 'plan_sites', circles: 'plan_circles' }[plan.kind];
  const hints = plan.kind !== 'comparison' ? [] : plan.after ? ['plan_hint', 'plan_still'] : ['plan_alone'];
  const entry = (text, k) => {
    const at = plan.points.n.indexOf(k + 1);
    return el('li', {}, at < 0 ? text : el('button', { type: 'button', class: 'place', onclick: () => goToPoint(plan, at) }, text));
  };
  const theme = (k) => () => { chosen.group = -1; chosen.item = k; themeChanged(); };
  const moved = ([k, gained, lost]) => el('li', {}, el('button', { type: 'button', class: 'place', onclick: theme(k) }, nameOf(card.checklist.items[k])),
    ` ${[gained && `+${number(gained)}`, lost && `−${number(lost)}`].filter(Boolean).join(' ')}`);
  const byItem = plan.by_item && plan.by_item.length ? [el('h2', {}, say('plan_by_item')), el('ul', {}, ...plan.by_item.map(moved))] : [];
  return [
    ...plan.told[lang].map((text) => el('p', {}, text)),
    ...(plan.items[lang].length ? [el('h2', {}, say(heading)), el('ol', {}, ...plan.items[lang].map(entry))] : []),
    ...byItem,
    ...hints.map((word) => el('p', { class: word === 'plan_hint' ? 'facts' : 'note' }, say(word))),
  ];
}

function goToPoint(plan, k) {
  if (map) map.easeTo({ center: [plan.points.lon[k], plan.points.lat[k]], zoom: Math.max(map.getZoom(), 15), animate: !still(), duration: 600 });
}

// Who of an area gains and loses by the plan that is shown.
function planNote(i) {
  const plan = planShown();
  if (!plan || !plan.gained || !(plan.gained[i] || plan.lost[i])) return '';
  const people = (n) => say(`${plan.unit === 'homes' ? 'homes' : 'residents'}_n`, { n: number(n) });
  return el('p', { class: 'note' }, say('plan_note', { gained: people(plan.gained[i]), lost: people(plan.lost[i]) }));
}

// The nearest place of a result, where it is one that the plan makes.
function newNearest(found) {
  const name = chosen.after && planShown() && planShown().after ? planShown().after.names[found.k] : '';
  return name ? el('div', { class: 'why' }, say('new_nearest', { name: name.startsWith('new/') ? '' : name })) : '';
}

function planKeys(key) {
  const plan = planShown();
  if (!plan) return [];
  const sign = (text, kind) => {
    const image = discImage(text, kind);
    const canvas = el('canvas', { width: image.width, height: image.height, 'aria-hidden': 'true' });
    canvas.style.width = `${image.width / 2}px`;
    canvas.getContext('2d').putImageData(image, 0, 0);
    return canvas;
  };
  const keys = plan.kind === 'circles'
    ? [key(swatchElement(LOOKS.plan.grounds[0], ''), say('legend_ground')), key(sign('1', 'centre'), say('legend_centre')),
      ...(plan.left.n.length ? [key(sign('', 'left'), say('legend_left'))] : [])]
    : [key(sign('1', 'new'), say('legend_new')),
      ...(areasMoved().length ? [key(lineElement(LOOKS.plan.new, 3, [6, 4]), say('legend_moved'))] : [])];
  return [el('h2', {}, say('legend_plan')), ...keys];
}

function listenToPlans() {
  $('plan').addEventListener('change', (event) => choosePlan(Number(event.target.value)));
  $('flip-before').addEventListener('click', () => showAfter(false));
  $('flip-after').addEventListener('click', () => showAfter(true));
}
