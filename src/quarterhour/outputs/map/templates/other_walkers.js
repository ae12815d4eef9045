// The answers for another walker: item by item, so that they can be found before they are asked for,
// while the reader is still choosing.

const walkerNamed = (what, name) => what.town.walkers.filter((one) => one.shares && one.name === name).at(-1);

// What the town is to another walker. Nothing of it is another's until the answers are whole.
function answerFor(what, walker) {
  const ways = waysOf(what.town, walker);
  const fields = what.fields.map((field) => ({ ...field, log: null }));
  return {
    what: { ...what, walker, ways, fields, walks: [...what.walks], verdicts: [...what.verdicts], near: [...what.near] },
    before: what.ways, alike: ways.map((way, k) => likeness(way, what.ways[k])), room: roomFor(what.fields[0].s.length), item: 0,
  };
}

// Answers for the next item; false where none is left.
function answerNext(answer) {
  const { what } = answer;
  if (answer.item === what.items.length) return false;
  const k = answer.item++;
  const mine = [what.fields[2 * k], what.fields[2 * k + 1]];
  for (const field of mine) if (field.members.size) walkAsOther(answer, field);
  if (!what.items[k].asked) return true;
  what.walks[k] = mine.map((field) => walksOf(what, field));
  what.verdicts[k] = judgeItem(what, k);
  what.near[k] = nearOf(what, k);
  return true;
}

function walkAsOther({ what, before, alike, room }, field) {
  if (!alike[field.way].open) field.joined = null;
  if (alike[field.way].same || !what.items[field.item].asked) return;
  const was = { s: field.s, out: before[field.way].out };
  Object.assign(field, { s: new Float64Array(field.s.length).fill(Infinity), who: new Int32Array(field.who.length).fill(-1) });
  walkAgain(what, field, was, room);
}

// ---- before they are asked for ----

const AHEAD_BYTES = 150e6; // what such answers may take of the reader's memory
let answering = false;

const whenIdle = (go) => (window.requestIdleCallback ? window.requestIdleCallback(go, { timeout: 100 }) : setTimeout(go));
const bytesOfAnswer = (what) => what.fields.filter((field) => field.members.size).length * what.fields[0].s.length * 12;

// Finds the answers for the walker that stands in the list, an item at a time, then for the others.
function answerAhead() {
  if (answering) return;
  answering = true;
  whenIdle(() => {
    answering = false;
    const list = $('edit-walker');
    if (!list || planner.tool !== 'change_walker') return;
    const names = [list.value, ...[...list.options].map((one) => one.value)].filter((name) => name !== whatIf.walker.name);
    list.dataset.known = [...whatIf.ahead].filter(([, one]) => one.item === whatIf.items.length).map(([name]) => name).join(' ');
    const room = Math.floor(AHEAD_BYTES / bytesOfAnswer(whatIf));
    for (const name of new Set(names)) {
      if (!whatIf.ahead.has(name)) {
        if (whatIf.ahead.size >= room) return;
        whatIf.ahead.set(name, answerFor(whatIf, walkerNamed(whatIf, name)));
      } else if (!answerNext(whatIf.ahead.get(name))) continue;
      answerAhead();
      return;
    }
  });
}
