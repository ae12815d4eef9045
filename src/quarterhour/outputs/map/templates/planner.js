// The planner's panel: tools, the list of changes, what they do, and scenarios side by side.

const TOOLS = ['add_facility', 'close_facility', 'open_gate', 'add_link', 'change_walker'];
const planner = { tool: 'add_facility', item: 0, from: null, said: '', ms: 0 };
const TURNED_SHOWN = 30;
const NEAREST_SHOWN = 8;

const button = (text, onclick, extra = {}) => el('button', { type: 'button', onclick, ...extra }, text);

async function showPlanner() {
  const view = $('view-edit');
  if (!(await readyToAsk())) { view.replaceChildren(el('p', {}, say('edit_not'))); return; }
  const focus = document.activeElement && view.contains(document.activeElement) ? document.activeElement.id : '';
  view.replaceChildren(
    el('p', { class: 'facts' }, say('edit_hint')), ...apartNote(), nameField(), toolButtons(), toolPanel(),
    el('p', { id: 'edit-said', role: 'status' }, planner.said), ...wholeResult(), ...changesList(), scenarioButtons(), ...resultParts(), ...keptTable());
  if (focus && $(focus)) $(focus).focus();
  if (planner.tool === 'change_walker') answerAhead();
}

function apartNote() {
  const notes = [];
  if (whatIf.apart) notes.push(say('edit_apart', { n: number(whatIf.apart) }));
  const not = whatIf.items.filter((item) => !item.asked).length;
  if (not) notes.push(say('edit_not_asked', { n: not }));
  return notes.map((text) => el('p', { class: 'note' }, text));
}

function nameField() {
  return el('label', { class: 'stacked' }, say('scenario_name'), el('input', {
    id: 'scenario-name', value: scenario.name, autocomplete: 'off',
    onchange: (event) => { scenario.name = event.target.value.trim(); scenarioChanged(); },
  }));
}

function toolButtons() {
  return el('div', { class: 'row tools', role: 'group', 'aria-label': say('tools') }, ...TOOLS.map((tool) => button(say(`tool_${tool}`), () => chooseTool(tool), {
    id: `tool-${tool}`, 'aria-pressed': String(planner.tool === tool),
  })));
}

function chooseTool(tool) {
  planner.tool = tool;
  planner.from = null;
  planner.said = '';
  put('picked', EMPTY);
  closing = closingNow();
  drawPlaces();
  showLegend();
  showPlanner();
}

function toolPanel() {
  const hint = planner.tool !== 'change_walker' && el('p', { class: 'facts' }, say(planner.tool === 'add_link' && planner.from ? 'hint_link_to' : `hint_${planner.tool}`));
  const centre = (word) => button(say(word), () => useTool(centreOfMap()), { id: 'edit-centre', class: 'plain' });
  const parts = {
    add_facility: () => [itemField(), hint, centre('centre_add')],
    close_facility: () => [hint, nearestList()],
    open_gate: () => [hint, centre('centre_gate')],
    add_link: () => [hint, centre(planner.from ? 'centre_link_to' : 'centre_link')],
    change_walker: () => [walkerField()],
  };
  return el('div', { class: 'tool' }, ...parts[planner.tool]());
}

function itemField() {
  const groups = card.checklist.groups.map((group, g) => el('optgroup', { label: nameOf(group) },
    ...card.checklist.items.map((item, k) => ({ item, k })).filter(({ item }) => item.group === g)
      .map(({ item, k }) => option(k, `${k + 1} ${nameOf(item)}`, planner.item === k))));
  return el('label', { class: 'stacked' }, say('item'), el('select', { id: 'edit-item', onchange: (event) => { planner.item = Number(event.target.value); } }, ...groups));
}

function walkerField() {
  const names = [...new Set(whatIf.town.walkers.filter((one) => one.shares).map((one) => one.name))];
  const select = el('select', { id: 'edit-walker', onchange: answerAhead }, ...names.map((name) => option(name, walkerName(name), whatIf.walker.name === name)));
  return el('div', {}, el('label', { class: 'stacked' }, say('walker_now', { name: walkerName(whatIf.walker.name) }), select),
    el('div', { class: 'row' }, button(say('walk_so'), () => changeTown({ change: 'change_walker', walker: select.value }), { id: 'edit-walk' })));
}

// Facilities near the centre of the map, for whoever has no pointer.
function nearestList() {
  const [lon, lat] = centreOfMap();
  const [mx, my] = scaleAt(lat);
  const far = (f) => Math.hypot((places.lon[f] - lon) * mx, (places.lat[f] - lat) * my);
  const near = Array.from(places.lon, (_, f) => f).filter((f) => !whatIf.closed.has(f)).map((f) => [far(f), f]).sort((a, b) => a[0] - b[0]).slice(0, NEAREST_SHOWN);
  const line = ([metres, f]) => el('li', {}, button(say('close_this', { name: placeName(f), m: number(Math.round(metres)) }), () => closePlace(f), { class: 'place' }));
  return el('div', {}, el('h2', {}, say('near_centre')), el('ul', { id: 'edit-near' }, ...near.map(line)));
}

const centreOfMap = () => (map ? map.getCenter().toArray() : [model.lon[0], model.lat[0]]).map((one) => Math.round(one * 1e7) / 1e7);

// ---- the list, and what can be done with it ----

function changesList() {
  const changes = changesMade();
  if (!changes.length) return [el('p', { class: 'facts' }, say('no_changes'))];
  return [el('h2', {}, say('plan_changes')), el('ol', { id: 'edit-changes' }, ...changes.map((change, k) => el('li', {},
    placeOfChange(change) ? button(changeText(change), () => goTo(placeOfChange(change)), { class: 'place' }) : changeText(change),
    ' ', button(say('take_back'), () => withoutChange(k), { class: 'plain small', 'aria-label': `${say('take_back')}${say('colon')}${changeText(change)}` }))))];
}

function scenarioButtons() {
  const some = changesMade().length > 0;
  const file = el('input', { type: 'file', accept: '.json,.geojson', id: 'edit-open', class: 'unseen', onchange: (event) => openFile(event.target.files[0]) });
  return el('div', { class: 'row' },
    button(say('undo'), undoChange, { id: 'edit-undo', disabled: !some }),
    button(say('clear'), clearChanges, { id: 'edit-clear', disabled: !some }),
    button(say('keep'), keepScenario, { id: 'edit-keep', disabled: !some }),
    button(say('save'), saveFile, { id: 'edit-save', disabled: !some }),
    el('label', { class: 'plain file' }, say('open'), file));
}

// What the scenario does as a whole: the first thing that is asked of it.
function wholeResult() {
  const plan = scenario.plan;
  if (!plan) return [];
  const people = (n) => say(`${plan.unit === 'homes' ? 'homes' : 'residents'}_n`, { n: number(roundHalf(n)) });
  const share = ({ met, known }) => say('share_of', { p: known ? percentOf(perMille(met / known)) : '–', met: number(met), known: number(known) });
  const learnt = plan.turned.filter(({ was, is }) => was === 'unknown' && is === 'unmet').length;
  return [
    el('p', { id: 'edit-moved' }, say('edit_moved', { gained: people(plan.moved.all[0]), lost: people(plan.moved.all[1]) })),
    el('p', { id: 'edit-coverage' }, say('edit_coverage', { before: share(plan.coverage[0]), after: share(plan.coverage[1]) })),
    ...(learnt ? [el('p', { id: 'edit-learnt', class: 'note' }, say('edit_learnt', { n: number(learnt) }))] : []),
  ];
}

function resultParts() {
  const plan = scenario.plan;
  if (!plan) return [];
  const turned = plan.turned.map(({ area, item, was, is }) => el('li', {},
    button(areaName(area), () => chooseArea(area, true), { class: 'place' }), ` ${nameOf(card.checklist.items[item])}${say('colon')} ${say(was)} → ${say(is)}`));
  return [
    ...itemTable(plan),
    el('h2', {}, say('edit_turned', { n: number(plan.turned.length) })),
    ...(turned.length ? [el('ul', { id: 'edit-turned' }, ...turned.slice(0, TURNED_SHOWN))] : []),
    ...(turned.length > TURNED_SHOWN ? [button(say('show_all', { n: number(turned.length) }), (event) => { $('edit-turned').replaceChildren(...turned); event.currentTarget.remove(); }, { class: 'plain' })] : []),
  ];
}

// Items with the residents within their limit before and after, and who gains and loses.
function itemTable(plan) {
  if (!plan.by_item.length) return [];
  const theme = (k) => () => { chosen.group = -1; chosen.item = k; themeChanged(); };
  const share = (results, near, walks, k) => {
    const { within, counted } = peopleCoverage({ ...whatIf, walks }, k, results, near[k]);
    return counted > 0 ? percentOf(perMille(within / counted)) : '–';
  };
  const row = ([k, gained, lost]) => el('tr', {}, el('th', { scope: 'row' }, button(nameOf(card.checklist.items[k]), theme(k), { class: 'place' })),
    el('td', {}, share(card.results, whatIf.base.near, whatIf.base.walks, k)), el('td', {}, share(plan.after.results, whatIf.near, whatIf.walks, k)),
    el('td', {}, gained ? `+${number(gained)}` : '–'), el('td', {}, lost ? `−${number(lost)}` : '–'));
  const unit = plan.unit === 'homes' ? '_homes' : '';
  const heads = ['item', 'before', 'after', `gained${unit}`, `lost${unit}`].map((word) => el('th', { scope: 'col' }, say(word)));
  return [el('table', { class: 'numbers', id: 'edit-items' }, el('caption', {}, say(`edit_items${unit}`)), el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...plan.by_item.map(row)))];
}

const signed = (sign, n) => (roundHalf(n) ? `${sign}${number(roundHalf(n))}` : '–');

function keptTable() {
  if (!scenario.kept.length) return [];
  const row = (one) => el('tr', {}, el('th', { scope: 'row' }, button(one.name, () => bringBack(one), { class: 'place' })),
    el('td', {}, String(one.changes.length)), el('td', {}, signed('+', one.gained)), el('td', {}, signed('−', one.lost)), el('td', {}, one.share));
  const unit = whatIf.measure === 'residences' ? '_homes' : '';
  const heads = ['scenario', 'changes_n', `gained${unit}`, `lost${unit}`, 'kept_share'].map((word) => el('th', { scope: 'col' }, say(word)));
  return [el('table', { class: 'numbers', id: 'edit-kept' }, el('caption', {}, say('kept')), el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...scenario.kept.map(row)))];
}
