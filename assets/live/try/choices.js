// Where the question is one choice out of few: the same answer under every choice there is, exactly.

import { html, visible } from "../elements.js";
import { percent } from "./answer.js";
import { fitted } from "./fitting.js";
import { drawWords } from "./words.js";

const NAMES = 96;
const WORDS = "The same answer, had another choice been made: how likely the network would have found it, beside the choice that was asked.";

/** e.g. "3.1 × less likely". */
function beside(logarithm) {
  if (!Number.isFinite(logarithm)) return "no number";
  const times = Math.exp(Math.abs(logarithm));
  if (times < 1.05) return "as likely";
  const figures = times >= 1e6 ? `10^${Math.round(Math.log10(times))}` : Number(times.toPrecision(times < 10 ? 2 : 3)).toLocaleString("en");
  return `${figures} × ${logarithm > 0 ? "likelier" : "less likely"}`;
}

function list({ choices, logarithms, chosen }, height) {
  const most = Math.max(...logarithms.filter(Number.isFinite), -Infinity);
  const rows = choices.flatMap((choice, c) => {
    const own = c === chosen ? " rt-own" : "";
    const share = Number.isFinite(logarithms[c]) ? 100 * Math.exp(logarithms[c] - most) : 0;
    const words = c === chosen ? "was asked" : beside(logarithms[c] - logarithms[chosen]);
    return [
      html("span", { class: `rt-list-label${own}` }, visible(choice)),
      html("span", { class: "rt-list-room" }, html("i", { class: "rt-tone-predict", style: `width:${Math.max(0.4, share)}%` })),
      html("span", { class: `rt-list-number${own}` }, words),
    ];
  });
  return html("div", { class: "rt-list rt-list-three", style: `grid-auto-rows:${height}px`, "data-testid": "choices" }, ...rows);
}

/** The probability of every symbol of the answer under every choice. */
function grid({ choices, outputs, chances, chosen }, geometry, row, colours) {
  const cells = outputs.flatMap((output, s) => [
    html("span", { class: "rt-grid-name", style: `height:${row}px` }, visible(output) || "␣"),
    ...choices.map((choice, c) => html("i", { class: c === chosen ? "rt-own" : "", style: `height:${row}px;${colours.look(chances[s][c], 1, false)}`, title: `${visible(output)} after ${choice}: ${percent(chances[s][c])}` })),
  ]);
  return html("div", { class: "rt-grid", style: `grid-template-columns:${NAMES}px repeat(${choices.length}, ${geometry.column}px)`, role: "group", "aria-label": "symbols of the answer by choices" }, ...cells);
}

/** `more` holds choices (C), chosen, logarithms (C) of the answer's probability, chances (S, C) and outputs (S). */
export function drawChoices(node, more, { colours, room }) {
  const geometry = { ...fitted([more.choices], room, NAMES), swatch: 3 };
  const header = geometry.way === "slanted" ? geometry.head : 24;
  const each = Math.max(room.least + 8, Math.min(room.size * 1.75, (room.height * 0.46) / more.choices.length));
  const row = Math.max(room.least + 4, Math.min(room.size * 1.75, (room.height - 150 - header - each * more.choices.length) / more.outputs.length));
  const names = geometry.way === "slanted" ? drawWords(more.choices, geometry, () => "", (c) => more.choices[c]) : html("div", { class: "rt-row", style: `padding-left:${NAMES}px` }, ...more.choices.map((choice) => html("span", { class: "rt-over", style: `width:${geometry.column}px;font-size:${Math.min(room.size, geometry.font)}px` }, visible(choice))));
  node.replaceChildren(
    html("p", { class: "rt-note" }, WORDS),
    list(more, each),
    html("p", { class: "rt-note rt-which" }, "Symbol by symbol: the probability of each, after those above it. The stronger the colour, the likelier."),
    html("div", { class: "rt-scroll" }, names, grid(more, geometry, row, colours)),
  );
}
