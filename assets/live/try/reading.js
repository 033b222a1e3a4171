// The stage: characters over a map of states, on common columns. A time step and a unit are chosen on either.

import { html, setText, visible } from "../elements.js";
import { minus } from "./columns.js";
import { fitted } from "./fitting.js";
import { drawStrip, labelsOf } from "./strip.js";
import { isImage } from "../shades.js";
import { drawMap, hit, leftOf, rowHeight, widthOf } from "./map.js";
import { panelAt, quantityOf } from "./states.js";

const LEFT = 40;
const BETWEEN = 46; // pixels of margins between head, strip, map and foot

const WORDS = { h: "hidden state h", c: "cell state c", i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o", r: "reset gate r", z: "update gate z", n: "candidate n" };

/** How a person calls a quantity. */
export const quantityWords = (name) => WORDS[name] ?? name;

/** `act(what)` is told what a person chose: { column, unit }. */
export function makeReading(act) {
  const strip = html("div", { class: "rt-strip" });
  const canvas = html("canvas", { class: "rt-map", tabindex: "0", role: "img" });
  const frame = html("div", { class: "rt-frame" });
  const cursor = html("div", { class: "rt-cursor" });
  const units = html("div", { class: "rt-units" });
  const field = html("div", { class: "rt-field" }, units, canvas, cursor, frame);
  const readout = html("p", { class: "rt-readout" });
  const scale = html("span", { class: "rt-scale" });
  const foot = html("div", { class: "rt-foot" }, readout, scale);
  const scroller = html("div", { class: "rt-scroll" }, strip, field);
  const node = html("div", { class: "rt-reading" }, scroller, foot);
  let now = null;

  const place = ({ offsetX, offsetY }) => (now ? hit(now.stack, now.geometry, offsetX, offsetY) : null);
  canvas.addEventListener("pointermove", (event) => say(place(event)));
  canvas.addEventListener("pointerleave", () => say(null));
  canvas.addEventListener("click", (event) => {
    const found = place(event);
    if (found) act(found);
  });
  canvas.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !now) return;
    event.preventDefault();
    act({ unit: Math.max(0, Math.min(now.stack.units - 1, now.unit + by)) });
  });
  strip.addEventListener("click", ({ target }) => {
    const found = target.closest("[data-column]");
    if (found) act({ column: Number(found.dataset.column) });
  });
  strip.addEventListener("pointerover", ({ target, pointerType }) => {
    const found = target.closest("[data-column]");
    if (found && pointerType !== "touch") act({ hovered: Number(found.dataset.column) });
  });
  strip.addEventListener("pointerleave", () => act({ hovered: null }));

  /** The value under the pointer, or of the chosen unit at the chosen time step. */
  function say(found) {
    if (!now) return;
    const { unit, column } = found ?? { unit: now.unit, column: now.column };
    const { panel, t } = panelAt(now.stack, column);
    const value = quantityOf(panel, now.quantity).at(unit, t);
    const number = Number.isFinite(value) ? minus(value.toFixed(2)) : "not a number";
    const read = panel.reads[t].length > 24 || !panel.reads[t] || isImage(panel.reads[t]) ? "" : `, after “${visible(panel.reads[t])}”`;
    setText(readout, `${now.quantity} of unit ${unit + 1} at time step ${t + 1}${read}: ${number}`);
  }

  function placeMarks() {
    const { stack, geometry, unit, column } = now;
    const { row } = geometry;
    Object.assign(frame.style, { top: `${unit * row - 2}px`, left: `${geometry.left - 3}px`, width: `${widthOf(stack, geometry) + 5}px`, height: `${row + 3}px` });
    const left = geometry.left + leftOf(stack, column, geometry);
    Object.assign(cursor.style, { left: `${left - 1.5}px`, width: `${geometry.column + 2}px`, height: `${row * stack.units}px` });
    units.replaceChildren(html("span", { style: `top:${unit * row + row / 2}px` }, String(unit + 1)));
    units.style.width = `${geometry.left - 8}px`;
    for (const one of strip.querySelectorAll(".rt-character")) {
      one.setAttribute("aria-pressed", String(Number(one.dataset.column) === column));
    }
  }

  /** The chosen column, where columns are too many for the room. */
  function inView(left, width) {
    const { scrollLeft, clientWidth } = scroller;
    if (left < scrollLeft) scroller.scrollLeft = left - width;
    else if (left + width > scrollLeft + clientWidth) scroller.scrollLeft = left + 2 * width - clientWidth;
  }

  /** Another time step, with nothing drawn anew. */
  function mark(column) {
    if (!now) return;
    now.column = column;
    placeMarks();
    say(null);
  }

  function draw({ stack, quantity, unit, column, colours, theme, room }) {
    const geometry = fitted(labelsOf(stack), room, LEFT);
    now = { stack, quantity, unit, column, geometry };
    const chosen = (panel, t) => {
      const one = quantityOf(panel, quantity);
      return colours.look(one.at(unit, t), one.reach, one.signed);
    };
    drawStrip(strip, stack, geometry, { look: chosen, theme, size: room.size });
    geometry.row = rowHeight(stack.units, room.height - strip.offsetHeight - foot.offsetHeight - BETWEEN);
    field.style.height = `${geometry.row * stack.units + 4}px`;
    canvas.style.marginLeft = `${geometry.left}px`;
    canvas.setAttribute("aria-label", `${quantityWords(quantity)} of ${stack.units} units by time step; arrow keys up and down choose a unit`);
    drawMap(canvas, stack, geometry, quantity, colours);
    const one = quantityOf(stack.panels[0], quantity);
    const ends = [one.signed ? -one.reach : 0, one.reach].map((value) => minus(String(Number(value.toPrecision(2)))));
    scale.replaceChildren(ends[0], html("i", { style: `background:${colours.scale(one.signed)}` }), ends[1]);
    placeMarks();
    inView(geometry.left + leftOf(stack, column, geometry), geometry.column);
    say(null);
  }
  return { node, draw, mark };
}
