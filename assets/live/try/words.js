// Words over columns too narrow for them: a swatch of colour in the column, and the word at a slant above it.

import { html, visible } from "../elements.js";

/** What a slanted column holds: the word, and its swatch in the style `look`. */
export function slantedParts(label, { font, angle, swatch }, look) {
  const turn = `rotate(${(-angle * 180) / Math.PI}deg)`;
  const place = `bottom:${swatch + font * 0.35 + 3}px;font-size:${font}px;transform:translateY(50%) ${turn}`;
  return [html("span", { class: "rt-slant", style: place }, visible(label)), html("i", { class: "rt-swatch", style: `height:${swatch}px;${look}` })];
}

/** A row of words over columns; `look(t)` is a swatch's style, `hint(t)` what is said of it. */
export function drawWords(labels, geometry, look, hint) {
  const { column, left, head } = geometry;
  const words = labels.map((label, t) => html("span", { class: "rt-slanted", title: hint(t), style: `width:${column}px;height:${head}px` }, ...slantedParts(label, geometry, look(t))));
  return html("div", { class: "rt-row", style: `padding-left:${left}px` }, ...words);
}
