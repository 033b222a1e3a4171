// The Try it page's moving part: an answer, and everything that the network went through on the way to it.
// Python sends it once; what is looked at is chosen here.

import { arrange, fontSizeFor } from "../arrange.js";
import { html } from "../elements.js";
import { KEYS, listen } from "../keyboard.js";
import { applyTheme, readTheme } from "../theme.js";
import { drawAnswer } from "./answer.js";
import { makeColours } from "./colours.js";
import { makeReading, quantityWords } from "./reading.js";
import { columnsOf, liveliest, panelAt, unpacked } from "./states.js";
import { loadStyle } from "./style.js";
import { VIEWS } from "./views.js";

const OWN_KEYS = [["←  →", "another time step"], ["↑  ↓", "another unit, on the map"], ...KEYS.slice(3)];
const NARROW = 640; // pixels below which the answer stands above its picture
const mounted = new WeakMap();

function select(label, options, chosen, act) {
  const node = html("select", { class: "rt-select", "aria-label": label });
  node.append(...options.map(([value, words]) => html("option", { value }, words)));
  node.value = chosen;
  node.addEventListener("change", () => act(node.value));
  return node;
}

function makeTry(parentElement) {
  const left = html("section", { class: "rt-card rt-answer", "aria-label": "Answer" });
  const head = html("div", { class: "rt-head" });
  const more = html("div", { class: "rt-more" });
  const right = html("section", { class: "rt-card rt-stage", "aria-label": "What the network went through" });
  const root = html("div", { class: "rt-root", "data-testid": "try" }, left, right);
  const reading = makeReading(choose);
  right.append(head, more, reading.node);
  const state = { component: null, data: null, text: "", stacks: [], stack: 0, quantity: "h", unit: null, column: 0, hovered: null };

  const stackNow = () => state.stacks[Math.min(state.stack, state.stacks.length - 1)];
  const columnNow = () => state.hovered ?? Math.min(state.column, columnsOf(stackNow()) - 1);

  function choose({ unit, column, hovered }) {
    if (hovered !== undefined) return hover(hovered);
    if (column !== undefined) state.column = column;
    if (unit !== undefined && unit !== state.unit) {
      state.unit = unit;
      tell();
    }
    draw();
  }

  /** The address holds the chosen unit and what the map shows of it. */
  function tell() {
    const { panel } = panelAt(stackNow(), columnNow());
    state.component.setTriggerValue?.("unit", { layer: panel.name, unit: state.unit, quantity: state.quantity });
  }

  /** The unit of an address, or none for a network that is looked at for the first time. */
  function open(look) {
    const stack = state.stacks.findIndex(({ panels }) => panels.some((panel) => panel.name === look?.layer));
    Object.assign(state, stack < 0 ? { unit: null, quantity: "h", stack: 0 } : { unit: look.unit, quantity: look.quantity, stack });
  }

  /** Looking at a time step in passing moves the cursor and the bars, and draws nothing anew. */
  function hover(column) {
    if (column === state.hovered) return;
    state.hovered = column;
    reading.mark(columnNow());
    drawLeft();
  }

  /** A unit that follows something known: its layer, its quantity, its colours. */
  function follow({ layer, unit, quantity }) {
    const stack = state.stacks.findIndex(({ panels }) => panels.some((panel) => panel.name === layer));
    if (stack < 0) return;
    Object.assign(state, { stack, quantity });
    choose({ unit });
  }

  function drawHead(view) {
    const stack = stackNow();
    const names = stack.quantities.map(({ name }) => [name, quantityWords(name)]);
    const units = Array.from({ length: stack.units }, (_, i) => [String(i), `unit ${i + 1}`]);
    const chips = names.map(([name, words]) => {
      const chip = html("button", { type: "button", class: "rt-chip", title: words, "aria-label": words, "aria-pressed": String(name === state.quantity) }, html("i", {}, name));
      chip.addEventListener("click", () => {
        state.quantity = name;
        tell();
        draw();
      });
      return chip;
    });
    const several = state.stacks.length > 1;
    const layers = several ? select("Layer", state.stacks.map(({ words }, i) => [String(i), words]), String(state.stack), (value) => {
      Object.assign(state, { stack: Number(value), unit: null });
      draw();
    }) : "";
    const title = html("h3", { class: "rt-title" }, view.title);
    const own = view.map ? [html("span", { class: "rt-space" }), layers, html("span", { class: "rt-chips" }, ...chips), select("Unit", units, String(state.unit), (value) => choose({ unit: Number(value) }))] : [];
    head.replaceChildren(title, ...own);
  }

  const alone = (view) => Boolean(view.alone?.(state.data));

  function room(view) {
    const size = parseFloat(getComputedStyle(root).fontSize);
    const used = head.offsetHeight + (alone(view) ? size : more.offsetHeight) + 28;
    const height = Math.max(120, right.clientHeight - used);
    return { width: right.clientWidth - 34, height, size, font: size * 1.25, least: state.projector ? 18 : 12, family: state.theme.font };
  }

  function drawLeft() {
    drawAnswer(left, state.data.answer, panelAt(stackNow(), columnNow()), state.theme, state.data.drawn);
  }

  function draw() {
    if (!state.data || !root.isConnected || !right.clientWidth) return;
    const { answer, view: name } = state.data;
    const view = VIEWS[name] ?? VIEWS.reading;
    const stack = stackNow();
    if (!stack.quantities.some((one) => one.name === state.quantity)) state.quantity = stack.quantities[0].name;
    state.unit ??= liveliest(stack);
    drawLeft();
    drawHead(view);
    view.draw(more, { ...state, stackNow: stack, redraw: draw, follow, room: room(view) });
    reading.node.hidden = alone(view);
    if (!alone(view)) {
      const { quantity, unit, colours, theme } = state;
      reading.draw({ stack, quantity, unit, colours, theme, column: columnNow(), room: room(view) });
    }
    const shown = { words: answer.words, asked: answer.text, view: name, column: columnNow() + 1, unit: state.unit + 1, quantity: state.quantity };
    Object.assign(root.dataset, shown);
  }

  function load(data) {
    const before = state.data?.answer;
    state.data = data;
    const fresh = data.fresh !== state.fresh;
    state.fresh = data.fresh;
    if (!fresh && JSON.stringify(before) === JSON.stringify(data.answer)) return;
    state.stacks = unpacked(data.answer);
    if (fresh) open(data.look);
    state.stack = Math.min(state.stack, state.stacks.length - 1);
    if (state.unit !== null && state.unit >= stackNow().units) state.unit = null;
    const columns = columnsOf(stackNow());
    state.column = data.answer.written ? Math.max(0, columns - data.answer.outputs.length) : columns - 1;
    state.hovered = null;
  }

  const move = (by) => {
    if (!state.data) return;
    const last = columnsOf(stackNow()) - 1;
    state.hovered = null;
    choose({ column: Math.max(0, Math.min(last, state.column + by)) });
  };
  const stopKeys = listen(root, (asked) => ({ left: () => move(-1), right: () => move(1) })[asked]?.(), OWN_KEYS);
  const resized = new ResizeObserver(() => measure());
  for (const node of [root, document.documentElement]) resized.observe(node);

  /** As high as the window leaves room for, whatever stands above. */
  function fill() {
    const main = root.closest("[data-testid=stMain]");
    const top = root.getBoundingClientRect().top + (main?.scrollTop ?? 0);
    const height = `${Math.max(430, Math.floor(window.innerHeight - top - 14))}px`;
    if (root.style.height !== height) root.style.height = height;
  }

  function measure() {
    fill();
    root.classList.toggle("rt-narrow", root.clientWidth < NARROW);
    const size = fontSizeFor(root.clientWidth, state.projector);
    root.style.setProperty("--rt-size", `${state.projector ? size : Math.max(15, Math.min(20, root.clientWidth * 0.0125))}px`);
    draw();
  }

  function update(component) {
    state.component = component;
    const { room: own, answer, ...rest } = component.data ?? {};
    state.projector = Boolean(own?.projector);
    const theme = readTheme(parentElement, state.projector);
    if (theme.key !== state.theme?.key) {
      Object.assign(state, { theme, colours: makeColours(theme) });
      applyTheme(root, theme);
    }
    if (!root.isConnected) {
      root.style.visibility = "hidden"; // until it has its style
      parentElement.append(root);
      const page = root.closest("[data-testid=stMainBlockContainer]");
      if (page) resized.observe(page); // what stands above may grow and shrink
      loadStyle().then(() => {
        root.style.removeProperty("visibility");
        measure();
      });
    }
    if (answer) load({ answer, ...rest });
    arrange(root, own);
    measure();
    requestAnimationFrame(() => root.isConnected && measure()); // what stands above may still be moving
  }

  function destroy() {
    stopKeys();
    resized.disconnect();
    root.remove();
    mounted.delete(parentElement);
  }
  return { update, destroy };
}

/** Streamlit's entry point; returns what takes everything away again. */
export default function mount(component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, makeTry(parentElement));
  const one = mounted.get(parentElement);
  one.update(component);
  return () => one.destroy();
}
