// The view in the address after #: where the map is, what is chosen, and the scenario.

const SHARED_MOST = 6000; // letters of a scenario that still fit in an address
let aboutToShare = false;
let sharing = false; // not before the view of the address has been taken over

const plainNumber = (n, digits) => String(Number(n.toFixed(digits)));

function viewText() {
  const parts = new URLSearchParams();
  if (map) {
    const { lng, lat } = map.getCenter();
    parts.set('at', [plainNumber(map.getZoom(), 2), plainNumber(lat, 5), plainNumber(lng, 5)].join('/'));
  }
  parts.set('lang', lang);
  if (chosen.item >= 0) parts.set('item', card.checklist.items[chosen.item].key);
  else if (chosen.group >= 0) parts.set('group', card.checklist.groups[chosen.group].key);
  if (chosen.area >= 0) parts.set('area', card.areas.label[chosen.area]);
  if (chosen.shown !== 'theme') parts.set('facilities', chosen.shown);
  if (chosen.blind) parts.set('blind', '1');
  if (chosen.point) parts.set('point', [...chosen.point].reverse().join('/'));
  if (chosen.tab !== 'areas') parts.set('tab', chosen.tab);
  const changes = changesMade();
  if (changes.length) {
    const text = JSON.stringify({ name: scenario.name, changes });
    if (text.length <= SHARED_MOST) parts.set('scenario', text);
  }
  return parts.toString();
}

function shareView() {
  if (!sharing || aboutToShare) return;
  aboutToShare = true;
  queueMicrotask(shareNow); // once, however much is changed
}

function shareNow() {
  aboutToShare = false;
  try { window.history.replaceState(null, '', `#${viewText()}`); } catch { /* a frame without an address of its own */ }
}

// Takes over what the address says; what it says of things that are not there is passed over.
async function viewFromAddress() {
  const parts = new URLSearchParams(window.location.hash.slice(1));
  const find = (list, key) => list.findIndex((one) => one.key === parts.get(key));
  if (['zh', 'en'].includes(parts.get('lang')) && parts.get('lang') !== lang) speak(parts.get('lang'));
  if (['all', 'none'].includes(parts.get('facilities'))) { chosen.shown = parts.get('facilities'); $('facilities').value = chosen.shown; }
  chosen.item = find(card.checklist.items, 'item');
  chosen.group = find(card.checklist.groups, 'group');
  chosen.blind = parts.get('blind') === '1' && Boolean($('block-what_if'));
  $('blind').checked = chosen.blind;
  if (chosen.item >= 0 || chosen.group >= 0 || chosen.blind || parts.has('facilities')) themeChanged();
  const area = card.areas.label.indexOf(parts.get('area'));
  if (area >= 0) await chooseArea(area);
  if (parts.has('scenario') && await readyToAsk()) takeScenario(parts.get('scenario'));
  const point = numbersIn(parts.get('point'), 2);
  if (point) await walkFrom(point[1], point[0]);
  if (TABS.includes(parts.get('tab'))) openTab(parts.get('tab'));
  const at = numbersIn(parts.get('at'), 3);
  if (map && at) map.jumpTo({ zoom: at[0], center: [at[2], at[1]] });
  sharing = true;
}

// So many numbers between slashes, or null.
function numbersIn(text, n) {
  const all = (text || '').split('/').map((one) => (one ? Number(one) : NaN));
  return all.length === n && all.every(Number.isFinite) ? all : null;
}

function takeScenario(text) {
  try {
    const { name, changes } = JSON.parse(text);
    openScenario(JSON.stringify(scenarioFile(changes, name)));
  } catch { planner.said = say('file_no_json'); }
}

// Everything as it was when the page was opened; the scenario stays until it is cleared itself.
function resetView() {
  Object.assign(chosen, { group: -1, item: -1, statuses: new Set(['met', 'unmet', 'unknown']), words: '', shown: 'theme', order: 'worst', area: -1, point: null, blind: false });
  for (const [id, value] of [['search', ''], ['facilities', 'theme'], ['order', 'worst']]) $(id).value = value;
  document.querySelectorAll('[name="status"]').forEach((box) => { box.checked = true; });
  $('blind').checked = false;
  markChosen();
  themeChanged();
  showBlind();
  showArea();
  pointChanged();
  put('picked', EMPTY);
  showRings();
  if (map) map.fitBounds(boundsOfAll(), { padding: roomForLegend(40), animate: false });
}
