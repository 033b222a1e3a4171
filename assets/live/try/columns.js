// Columns over characters: one bar for each time step, as high as its value beside the largest.

import { html, visible } from "../elements.js";
import { shown } from "./answer.js";

const finite = (values) => values.filter(Number.isFinite);

export const largest = (values) => Math.max(0, ...finite(values)) || 1;

/** A number with a real minus sign. */
export const minus = (text) => text.replace("-", "−");

/** A number in three figures. */
export const short = (value) => (Number.isFinite(value) ? minus(String(Number(value.toPrecision(3)))) : "no number");

/** Bars with their characters below; `look(value, t)` is the style of a character, `act(t)` hears a click. */
export function drawColumns(labels, values, { column, height = 56, look, colour, act, tone = "", font }) {
  const most = largest(values);
  const columns = labels.map((label, t) => {
    const share = Math.round((100 * (Number.isFinite(values[t]) ? values[t] : 0)) / most);
    const words = `${visible(label)}: ${short(values[t])}`;
    const node = html(
      "button",
      { type: "button", class: "rt-column", style: `width:${column}px`, title: words, "aria-label": words, "data-t": t },
      html("span", { class: "rt-column-room", style: `height:${height}px` }, html("i", { class: tone, style: `height:${share}%` })),
      html("span", { class: "rt-column-label", style: `${font ? `font-size:${font}px;` : ""}${look?.(values[t], t) ?? ""}` }, label ? shown(label, colour) : "▸"),
    );
    if (act) node.addEventListener("click", () => act(t));
    return node;
  });
  return html("div", { class: "rt-columns" }, ...columns);
}

/** Longer labels, one below the other, each with its bar. */
export function drawList(labels, values, { height, tone }) {
  const most = largest(values);
  const rows = labels.flatMap((label, t) => {
    const share = Math.max(0.5, (100 * (Number.isFinite(values[t]) ? values[t] : 0)) / most);
    return [html("span", { class: "rt-list-label" }, visible(label)), html("span", { class: "rt-list-room", title: short(values[t]) }, html("i", { class: tone, style: `width:${share}%` }))];
  });
  return html("div", { class: "rt-list", style: `grid-auto-rows:${height}px` }, ...rows);
}

/** The same as running text, where there are too many for columns. */
export function drawText(labels, values, { look }) {
  const apart = labels.some((label) => label.length > 1) ? " " : "";
  const spans = labels.flatMap((label, t) => [html("span", { class: "rt-token", style: look(values[t], t), title: short(values[t]) }, visible(label)), apart]);
  return html("p", { class: "rt-text" }, ...spans);
}
