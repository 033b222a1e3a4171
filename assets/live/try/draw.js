// A drawing of 8x8 pixels in 17 grey levels: by mouse, finger, pen or keys. Python hears it after each stroke.

import { html } from "../elements.js";
import { applyTheme, readTheme } from "../theme.js";
import { loadStyle } from "./style.js";

const SIDE = 8;
const BLACK = 16;
const REACH = 1.15; // of the brush, in pixels of the drawing
const mounted = new WeakMap();

function numbers(text) {
  const found = (text ?? "").split(/[\s,;]+/).filter(Boolean).map(Number);
  return found.length === SIDE * SIDE && found.every((value) => value >= 0 && value <= BLACK) ? found : null;
}

const asText = (pixels) => Array.from({ length: SIDE }, (_, row) => pixels.slice(row * SIDE, (row + 1) * SIDE).join(" ")).join("\n");

function paint(canvas, pixels, theme, cursor = null) {
  const size = canvas.width / SIDE;
  const brush = canvas.getContext("2d");
  brush.fillStyle = theme.card;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  pixels.forEach((value, i) => {
    brush.globalAlpha = value / BLACK;
    brush.fillStyle = theme.text;
    brush.fillRect((i % SIDE) * size, Math.floor(i / SIDE) * size, size, size);
  });
  brush.globalAlpha = 1;
  if (size < 12) return;
  brush.strokeStyle = theme.grid;
  brush.lineWidth = 1;
  for (let i = 1; i < SIDE; i += 1) {
    brush.strokeRect(i * size, -1, 0, canvas.height + 2);
    brush.strokeRect(-1, i * size, canvas.width + 2, 0);
  }
  if (cursor === null) return;
  brush.strokeStyle = theme.gradient;
  brush.lineWidth = 3;
  brush.strokeRect((cursor % SIDE) * size + 2, Math.floor(cursor / SIDE) * size + 2, size - 4, size - 4);
}

function makeDrawing(parentElement) {
  const canvas = html("canvas", { class: "rt-drawing", width: 320, height: 320, tabindex: "0", role: "application", "aria-label": "Drawing of 8 by 8 pixels: drag to draw; arrow keys move, space draws, delete erases" });
  const tools = html("div", { class: "rt-tools" });
  const examples = html("div", { class: "rt-examples" });
  const root = html("div", { class: "rt-draw", "data-testid": "draw" }, canvas, tools, html("p", { class: "rt-examples-words" }, "Or one of the data's, which the network was not trained on:"), examples);
  const state = { component: null, pixels: Array(SIDE * SIDE).fill(0), tool: "pen", cursor: null, last: null, theme: null, sent: "", before: new Set() };
  const buttons = Object.entries({ pen: "Pen", eraser: "Eraser", clear: "Clear" }).map(([name, words]) => {
    const one = html("button", { type: "button", class: "rt-tool", "data-tool": name }, words);
    one.addEventListener("click", () => (name === "clear" ? clear() : use(name)));
    return one;
  });
  tools.append(...buttons);

  function show() {
    if (!state.theme) return;
    paint(canvas, state.pixels, state.theme, document.activeElement === canvas ? state.cursor : null);
    for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset.tool === state.tool));
    root.dataset.ink = String(state.pixels.reduce((sum, value) => sum + value, 0));
  }

  function use(name) {
    state.tool = name;
    show();
  }

  function send() {
    const text = asText(state.pixels);
    if (text === state.sent || state.locked) return;
    state.before.add(state.sent);
    state.sent = text;
    state.component.setTriggerValue?.("drawn", text);
  }

  function clear() {
    state.pixels.fill(0);
    show();
  }

  /** A soft round brush at a point, in pixels of the drawing. */
  function stamp(x, y) {
    for (let i = 0; i < SIDE * SIDE; i += 1) {
      const far = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
      const strength = Math.max(0, Math.min(1, (REACH - far) / 0.7));
      const level = Math.round(BLACK * strength);
      if (state.tool === "pen") state.pixels[i] = Math.max(state.pixels[i], level);
      else state.pixels[i] = Math.min(state.pixels[i], BLACK - level);
    }
  }

  function stroke({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    const to = [((clientX - box.left) / box.width) * SIDE, ((clientY - box.top) / box.height) * SIDE];
    const from = state.last ?? to;
    const count = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) * 4));
    for (let k = 1; k <= count; k += 1) stamp(from[0] + ((to[0] - from[0]) * k) / count, from[1] + ((to[1] - from[1]) * k) / count);
    state.last = to;
    show();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (state.locked) return;
    canvas.setPointerCapture(event.pointerId);
    state.drawing = true;
    state.last = null;
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!state.drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(one);
  });
  const stop = () => {
    if (!state.drawing) return;
    state.drawing = false;
    send();
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, stop);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const [x, y] = [(state.cursor ?? 27) % SIDE, Math.floor((state.cursor ?? 27) / SIDE)];
    const by = steps[event.key];
    if (by) state.cursor = Math.max(0, Math.min(SIDE - 1, y + by[1])) * SIDE + Math.max(0, Math.min(SIDE - 1, x + by[0]));
    else if (event.key === " " || event.key === "Enter") state.pixels[state.cursor ?? 27] = state.tool === "pen" ? BLACK : 0;
    else if (event.key === "Delete" || event.key === "Backspace") state.pixels[state.cursor ?? 27] = 0;
    else return;
    event.preventDefault();
    event.stopPropagation();
    show();
    if (!by) send();
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) state.cursor ??= 27;
    show();
  });
  canvas.addEventListener("blur", show);

  function thumbnails(texts) {
    const all = texts.map(numbers).filter(Boolean);
    examples.replaceChildren(
      ...all.map((pixels, i) => {
        const small = html("canvas", { width: 48, height: 48 });
        paint(small, pixels, state.theme);
        const one = html("button", { type: "button", class: "rt-thumbnail", "aria-label": `Example ${i + 1}` }, small);
        one.addEventListener("click", () => {
          if (state.locked) return;
          state.pixels = [...pixels];
          show();
          send();
        });
        return one;
      }),
    );
    examples.previousSibling.hidden = !all.length;
  }

  function update(component) {
    state.component = component;
    const { text, examples: texts, locked, room } = component.data ?? {};
    state.locked = Boolean(locked);
    root.inert = state.locked;
    const theme = readTheme(parentElement, Boolean(room?.projector));
    state.theme = theme;
    applyTheme(root, theme);
    if (!root.isConnected) {
      parentElement.append(root);
      loadStyle();
    }
    if (text === state.sent) state.before.clear();
    else if (!state.drawing && !state.before.has(text)) {
      // not an answer to an earlier stroke that comes late: it must not take away what was drawn since
      state.pixels = numbers(text) ?? Array(SIDE * SIDE).fill(0);
      state.sent = text ?? "";
    }
    thumbnails(texts ?? []);
    show();
  }

  function destroy() {
    root.remove();
    mounted.delete(parentElement);
  }
  return { update, destroy };
}

/** Streamlit's entry point; returns what takes everything away again. */
export default function mount(component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, makeDrawing(parentElement));
  const one = mounted.get(parentElement);
  one.update(component);
  return () => one.destroy();
}
