// What the planner's tools do: on a click, at the centre of the map, from a file.

// A change more; what stands in its way is said.
async function changeTown(change) {
  const what = await readyToAsk();
  if (!what) return false;
  const began = performance.now();
  const refused = makeChange(what, change);
  planner.from = null;
  put('picked', EMPTY);
  if (refused) {
    planner.said = say('refused', { why: WORDS[lang].why_not[refused] || refused });
    await showPlanner();
    return false;
  }
  scenarioChanged(began);
  return true;
}

// All that the page shows of the scenario, anew.
function scenarioChanged(began = performance.now()) {
  const had = plans.indexOf(scenario.plan);
  if (had >= 0) plans.splice(had, 1);
  scenario.plan = changesMade().length ? planOfScenario() : null;
  if (scenario.plan) plans.push(scenario.plan);
  chosen.plan = scenario.plan ? plans.length - 1 : -1;
  chosen.after = Boolean(scenario.plan);
  planChanged();
  if (closingNow()) drawPlaces();
  if (chosen.blind) showBlind();
  const notes = whatIf.done.length ? whatIf.done.at(-1).said.map((word) => say(`said_${word}`)) : [];
  planner.ms = performance.now() - began;
  planner.said = scenario.plan ? [say('answered', { ms: number(Math.round(planner.ms)) }), ...new Set(notes)].join(' ') : '';
  showPlanner().then(showResult);
  tellScenario();
  shareView();
}

// On a phone, what came of a change would stand below the edge of the panel.
function showResult() {
  const [said, view] = [$('edit-said'), $('views')];
  if (!said || !said.textContent || view.clientHeight > LOW_PX) return;
  view.scrollTop += said.getBoundingClientRect().top - view.getBoundingClientRect().top;
}

const LOW_PX = 420;

function undoChange() {
  if (!undoLast(whatIf)) return;
  scenarioChanged();
}

function clearChanges() {
  while (undoLast(whatIf));
  scenarioChanged();
}

// Without one of the changes: those after it are made again, and any that cannot be is said.
function withoutChange(k) {
  const rest = changesMade().filter((_, n) => n !== k);
  const faults = setChanges(rest);
  if (faults.length) { planner.said = faults.join(' '); showPlanner(); }
}

function setChanges(changes) {
  while (undoLast(whatIf));
  const faults = [];
  changes.forEach((change, n) => {
    const refused = makeChange(whatIf, change);
    if (refused) faults.push(say('file_change', { n: n + 1, why: WORDS[lang].why_not[refused] || refused }));
  });
  scenarioChanged();
  return faults;
}

// ---- on the map ----

function useTool(at, hits = []) {
  const where = at.map((one) => Math.round(one * 1e7) / 1e7);
  const { tool } = planner;
  if (tool === 'add_facility') return changeTown({ change: tool, item: card.checklist.items[planner.item].key, at: where });
  if (tool === 'open_gate') return changeTown({ change: tool, at: where });
  if (tool === 'add_link') return drawLink(where);
  if (tool === 'close_facility' && hits.length) return closePlace(hits[0]);
  return showPlanner();
}

const closePlace = (f) => changeTown({ change: 'close_facility', facility: places.label[f] });

function drawLink(where) {
  if (planner.from) return changeTown({ change: 'add_link', line: [planner.from, where] });
  planner.from = where;
  put('picked', collection([feature('Point', where)]));
  planner.said = '';
  return showPlanner();
}

function goTo(at) {
  if (map) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 15.5), animate: !still(), duration: 600 });
}

// ---- files, and scenarios side by side ----

function saveFile() {
  const text = `${JSON.stringify(scenarioFile(), null, 1)}\n`;
  const link = el('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/geo+json' })), download: `${scenario.name || say('scenario')}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function openFile(file) {
  if (!file) return;
  openScenario(await file.text());
}

function openScenario(text) {
  const { name, changes, faults } = scenarioRead(text);
  if (!changes) { planner.said = faults.join(' '); showPlanner(); return faults; }
  scenario.name = name;
  const all = [...faults, ...setChanges(changes)];
  planner.said = [say('opened', { n: changesMade().length }), ...all].join(' ');
  showPlanner();
  return all;
}

function keepScenario() {
  const { plan } = scenario;
  const name = scenario.name || `${say('scenario')} ${scenario.kept.length + 1}`;
  scenario.kept = scenario.kept.filter((one) => one.name !== name);
  const { met, known } = plan.coverage[1];
  scenario.kept.push({ name, changes: changesMade(), gained: plan.moved.all[0], lost: plan.moved.all[1], share: known ? percentOf(perMille(met / known)) : '–' });
  showPlanner();
}

function bringBack(one) {
  scenario.name = one.name;
  setChanges(one.changes);
}

// Whoever has the page in a frame, such as a notebook, is told, and may set a scenario.
const framed = () => window.parent !== window;

function tellScenario() {
  if (framed()) window.parent.postMessage({ quarterhour: 'scenario', scenario: { ...scenarioFile(), name: scenario.name } }, '*');
}

function listenToFrame() {
  if (!framed() || !$('block-what_if')) return;
  window.addEventListener('message', async ({ source, data }) => {
    if (source !== window.parent || !data || data.quarterhour !== 'set') return;
    await readyToAsk();
    openScenario(JSON.stringify(data.scenario));
    openTab('edit');
  });
  window.parent.postMessage({ quarterhour: 'ready' }, '*');
}
