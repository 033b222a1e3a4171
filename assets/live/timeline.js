// The timeline: one track for each branch, forks, where settings changed, and where the run stands.

import { html, setAttribute, setText } from "./elements.js";
import { grouped } from "./numbers.js";
import { byKey, carrier, planOf, roundNumbers, shared, target } from "./timeline_plan.js";

const KEY_PAUSE_MS = 180; // arrow keys that follow one another are one wish
const ASKED_MS = 8000; // then what was asked for is not waited for any longer
const UNDO_MS = 30000;
const LETTERS_APART = 6.5; // widths of a number under the axis, in letters

/** Nodes that are kept while their number changes: draw(items) calls change(node, item). */
function kept(parent, make, change) {
  const nodes = [];
  return (items) => {
    while (nodes.length > items.length) nodes.pop().remove();
    while (nodes.length < items.length) {
      nodes.push(make());
      parent.append(nodes.at(-1));
    }
    items.forEach((item, i) => change(nodes[i], item));
  };
}

const percent = (share) => `${(100 * share).toFixed(3)}%`;
const setStyle = (node, name, value) => {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
};

/** One lane's place in the side column: its name to choose it, and a cross to put it away. */
function makeName(ask) {
  const name = html("button", { type: "button", class: "rl-branch-name" });
  const away = html("button", { type: "button", class: "rl-branch-away" }, "×");
  const node = html("div", { class: "rl-branch" }, name, away);
  name.addEventListener("click", () => ask({ do: "show", token: node.dataset.token }));
  away.addEventListener("click", () => ask({ do: "put_away", token: node.dataset.token }));
  return node;
}

function changeName(node, { token, name, style, isCurrent }) {
  const [choose, away] = node.children;
  node.dataset.token = token;
  setStyle(node, "--tone", `var(--rl-branch-${style})`);
  node.classList.toggle("rl-branch-current", isCurrent);
  setText(choose, name);
  setAttribute(choose, "aria-pressed", String(isCurrent));
  setAttribute(choose, "title", isCurrent ? name : `${name}: look at this branch`);
  away.hidden = isCurrent;
  setAttribute(away, "aria-label", `Put away the branch ${name}`);
  setAttribute(away, "title", "Put this branch away");
}

/**
 * The strip in `parts` (see layout.js). `ask` tells Python: {do: "go", token, update}, {do: "show" | "put_away", token},
 * {do: "undo"}. draw({ branches, current, frameOf, onPlay, undo, locked }) after every frame and every rerun.
 */
export function makeTimeline(parts, ask) {
  const { root, field, tracks, axis, side, thumb, line, ghost, words, undo } = parts;
  const state = { now: null, plan: null, drag: null, asked: null, timer: 0, undoKey: null, undoAt: 0 };

  const drawTracks = kept(tracks, () => html("div", { class: "rl-track-line" }, html("i")), changeTrack);
  const drawForks = kept(tracks, () => html("div", { class: "rl-fork" }), changeFork);
  const drawChanges = kept(tracks, makeChange, changeChange);
  const drawNumbers = kept(axis, () => html("span"), changeNumber);
  const drawNames = kept(side, () => makeName(tell), changeName);

  const place = (update) => percent(Math.min(1, update / state.plan.last));

  function changeTrack(node, lane) {
    setStyle(node, "--tone", `var(--rl-branch-${lane.style})`);
    setStyle(node, "--row", String(lane.row));
    setStyle(node, "left", place(lane.left_at));
    setStyle(node, "width", place(lane.furthest - lane.left_at));
    const until = shared(state.plan, lane.token, state.now.current);
    const length = lane.furthest - lane.left_at;
    const share = until === null ? 0 : length ? Math.min(1, (until - lane.left_at) / length) : 1;
    setStyle(node.firstChild, "width", percent(share)); // the part that is the current one's own past
  }

  function changeFork(node, lane) {
    const parent = state.plan.byToken.get(lane.parent);
    setStyle(node, "--tone", `var(--rl-branch-${lane.style})`);
    setStyle(node, "left", place(lane.left_at));
    setStyle(node, "--row", String(Math.min(parent.row, lane.row)));
    setStyle(node, "--rows", String(Math.abs(lane.row - parent.row)));
    node.classList.toggle("rl-fork-current", shared(state.plan, lane.token, state.now.current) !== null);
  }

  function makeChange() {
    const node = html("button", { type: "button", class: "rl-change" });
    node.addEventListener("pointerdown", (event) => event.stopPropagation());
    node.addEventListener("click", () => go(node.dataset.token, Number(node.dataset.update)));
    return node;
  }

  function changeChange(node, { lane, update, what }) {
    const said = `from update ${grouped(update)}: ${what}`;
    Object.assign(node.dataset, { token: lane.token, update, said });
    setAttribute(node, "aria-label", `Setting changed ${said}`);
    setStyle(node, "left", place(update));
    setStyle(node, "--row", String(lane.row));
    setStyle(node, "--tone", `var(--rl-branch-${lane.style})`);
    node.classList.toggle("rl-late", update > state.plan.last / 2);
  }

  function changeNumber(node, update) {
    setText(node, grouped(update));
    setStyle(node, "left", place(update));
  }

  /** Ticks of each lane's own track; those of the shared past stand on the lane that carries them. */
  function changesOf({ lanes }) {
    return lanes.flatMap((lane) =>
      (state.now.frameOf(lane.token)?.header.changes ?? [])
        .filter(([update]) => !lane.parent || update >= lane.left_at)
        .map(([update, what]) => ({ lane, update, what })),
    );
  }

  const header = () => state.now.frameOf(state.now.current)?.header ?? {};

  /** Where the marker stands: under the finger, at what was asked for, or at the run. */
  function standing() {
    const here = header().update ?? (state.plan.lanes.length > 1 ? state.stood : 0);
    state.stood = here ?? 0;
    return state.drag?.update ?? state.asked?.update ?? state.stood;
  }

  function drawMarker() {
    const { current } = state.now;
    const token = state.drag?.token ?? state.asked?.token ?? current;
    const update = standing();
    const lane = carrier(state.plan, token, update) ?? state.plan.lanes[0];
    for (const node of [thumb, line]) setStyle(node, "left", place(update));
    setStyle(thumb, "--row", String(lane.row));
    setStyle(thumb, "--tone", `var(--rl-branch-${lane.style})`);
    setAttribute(thumb, "aria-valuemax", String(state.plan.byToken.get(current).furthest));
    setAttribute(thumb, "aria-valuenow", String(update));
    setAttribute(thumb, "aria-valuetext", `update ${grouped(update)}`);
    ghost.hidden = !state.drag;
    if (state.drag) {
      setText(ghost, `update ${grouped(update)}`);
      setStyle(ghost, "left", place(update));
    }
  }

  function wordsNow() {
    const { update = 0, furthest = 0, going_to: goal, status } = header();
    const wanted = state.asked?.update ?? goal ?? null;
    if (wanted !== null && wanted !== update) return [`going to update ${grouped(wanted)} …`, "going"];
    if (state.now.onPlay) return [state.now.onPlay, "branch"];
    if (update < furthest) return [`update ${grouped(update)} of ${grouped(furthest)}`, ""];
    const silent = state.now.locked || furthest < 2 || status === "playing" || state.plan.lanes.length > 1;
    return [silent ? "" : "click or drag to go back", "hint"];
  }

  function drawWords() {
    const [said, kind] = wordsNow();
    const offered = state.now.undo && performance.now() - state.undoAt < UNDO_MS;
    undo.hidden = !offered;
    if (offered) setText(undo.firstChild, `${state.now.undo.what} `);
    setText(words, offered && kind === "hint" ? "" : said);
    words.title = said;
    words.className = `rl-time-words${kind ? ` rl-time-${kind}` : ""}`;
  }

  function arrived() {
    const { asked } = state;
    if (!asked) return;
    const here = state.now.current === asked.token && header().update === asked.update;
    if ((here && header().going_to == null) || performance.now() > asked.until) state.asked = null;
  }

  function draw(now) {
    state.now = now;
    root.hidden = Boolean(now.hidden) || !now.branches.length;
    if (root.hidden) return;
    root.inert = Boolean(now.locked);
    noticeUndo(now.undo);
    arrived();
    state.plan = planOf(now.branches, (token) => now.frameOf(token)?.header.furthest ?? 0);
    const { lanes, last } = state.plan;
    setStyle(root, "--lanes", String(lanes.length));
    root.classList.toggle("rl-timeline-alone", lanes.length === 1);
    drawTracks(lanes);
    drawForks(lanes.filter(({ parent }) => parent));
    drawChanges(changesOf(state.plan));
    const letters = field.clientWidth / (parseFloat(getComputedStyle(root).fontSize) || 12);
    drawNumbers(roundNumbers(last, Math.max(2, Math.floor(letters / LETTERS_APART))));
    drawNames(lanes.length > 1 ? lanes.map((lane) => ({ ...lane, isCurrent: lane.token === now.current })) : []);
    drawMarker();
    drawWords();
  }

  function noticeUndo(offer) {
    if ((offer?.key ?? null) === state.undoKey) return;
    state.undoKey = offer?.key ?? null;
    state.undoAt = performance.now();
  }

  const redraw = () => state.now && draw(state.now);
  const tell = (wish) => !state.now?.locked && ask(wish);

  function go(token, update) {
    state.asked = { token, update, until: performance.now() + ASKED_MS };
    window.setTimeout(redraw, ASKED_MS + 50);
    tell({ do: "go", token, update });
    redraw();
  }

  function at({ clientX, clientY }) {
    const box = field.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    const laneHeight = (box.height - axis.offsetHeight) / state.plan.lanes.length;
    return { update: Math.round(share * state.plan.last), row: Math.floor((clientY - box.top) / laneHeight) };
  }

  function pressed(event) {
    if (event.button !== 0 || !state.plan) return;
    const { row, update } = at(event);
    field.setPointerCapture(event.pointerId);
    thumb.focus({ preventScroll: true });
    const token = event.target === thumb ? state.now.current : target(state.plan, row, update, state.now.current);
    state.drag = { token, update: 0 };
    moved(event);
    event.preventDefault();
  }

  function moved(event) {
    if (!state.drag) return;
    state.drag.update = Math.min(at(event).update, state.plan.byToken.get(state.drag.token)?.furthest ?? 0);
    drawMarker();
  }

  function released() {
    if (!state.drag) return;
    const { token, update } = state.drag;
    state.drag = null;
    go(token, update);
  }

  field.addEventListener("pointerdown", pressed);
  field.addEventListener("pointermove", moved);
  field.addEventListener("pointerup", released);
  field.addEventListener("pointercancel", () => {
    state.drag = null;
    redraw();
  });
  thumb.addEventListener("keydown", (event) => {
    if (!state.plan || event.ctrlKey || event.altKey || event.metaKey) return;
    const { current } = state.now;
    const update = byKey(event.key, standing(), state.plan.byToken.get(current).furthest);
    if (update === null) return;
    event.preventDefault();
    event.stopPropagation();
    state.asked = { token: current, update, until: performance.now() + ASKED_MS };
    window.clearTimeout(state.timer);
    state.timer = window.setTimeout(() => go(current, update), KEY_PAUSE_MS);
    redraw();
  });
  undo.lastChild.addEventListener("click", () => tell({ do: "undo" }));

  return { draw, stop: () => window.clearTimeout(state.timer) };
}

/** The strip's nodes, to be put into the page; `beside` stands beside its name. */
export function buildTimeline(...beside) {
  const tracks = html("div", { class: "rl-tracks" });
  const axis = html("div", { class: "rl-time-axis", "aria-hidden": "true" });
  const line = html("div", { class: "rl-time-line" });
  const thumb = html("div", {
    class: "rl-time-thumb",
    role: "slider",
    tabindex: "0",
    "aria-label": "Timeline",
    "aria-valuemin": "0",
  });
  const ghost = html("div", { class: "rl-time-ghost", hidden: "" });
  const field = html("div", { class: "rl-time-field" }, tracks, line, thumb, ghost, axis);
  const side = html("div", { class: "rl-branches" });
  const words = html("span", { class: "rl-time-words", role: "status" });
  const undo = html(
    "span",
    { class: "rl-time-undo", hidden: "" },
    html("span"),
    html("button", { type: "button", class: "rl-check" }, "Undo"),
  );
  const told = html("div", { class: "rl-time-told" }, words, undo);
  const title = html("div", { class: "rl-time-title" }, html("span", { class: "rl-title" }, "Timeline"), ...beside);
  const root = html(
    "section",
    { class: "rl-timeline", "aria-label": "Timeline and branches", hidden: "" },
    title,
    field,
    html("div", { class: "rl-time-side" }, side, told),
  );
  return { root, field, tracks, axis, side, thumb, line, ghost, words, undo };
}
