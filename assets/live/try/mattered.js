// Which inputs mattered: for one output at a time, and for all of them as a map, by gradient or by attention.

import { html, visible } from "../elements.js";
import { drawChoices } from "./choices.js";
import { drawColumns, drawList, drawText, largest, short } from "./columns.js";
import { fitted } from "./fitting.js";
import { drawLines } from "./lines.js";
import { drawWords } from "./words.js";

const WORDS = {
  gradient: "How strongly the answer would change if an input changed a little: the norm of its derivative by each input.",
  attention: "Where the network looks while it writes: its attention weights, which add up to 1 in each row.",
};
const kept = { by: "gradient", output: null };

function chips(options, chosen, act, label) {
  const row = html("div", { class: "rt-chips rt-wrap", role: "group", "aria-label": label });
  row.append(
    ...options.map(([value, words]) => {
      const chip = html("button", { type: "button", class: "rt-chip", "aria-pressed": String(value === chosen) }, words);
      chip.addEventListener("click", () => act(value));
      return chip;
    }),
  );
  return row;
}

const LEAST_BARS = 44; // pixels
const HEADERS = { upright: 24, running: 24, lines: 124 }; // pixels of what names the columns; words say it themselves
const MOST_LISTED = 24; // words one below the other
const MOST_MAPPED = 64; // inputs up to which every output has a row
const NAMES = 96; // pixels for the outputs' names, left of their rows

function grid(rows, more, column, row, room, colours, s, act) {
  const [labels, outputs] = [more.characters, more.outputs];
  const letters = row < room.least + 1 ? 0 : Math.min(room.size, row - 1); // names that nobody could read are left out
  const node = html("div", { class: "rt-grid", style: `grid-template-columns:${NAMES}px repeat(${labels.length}, ${column}px)`, role: "group", "aria-label": "outputs by inputs" });
  rows.forEach((values, i) => {
    const most = largest(values);
    const words = visible(outputs[i]) || "␣";
    const name = html("button", { type: "button", class: "rt-grid-name", "aria-pressed": String(i === s), "aria-label": words, title: words, style: `height:${row}px;font-size:${letters || row - 1}px` }, letters ? words : "▸");
    name.addEventListener("click", () => act(i));
    const cells = labels.map((label, t) => html("i", { style: `height:${row}px;${colours.look(values[t], most, false)}`, title: `${words} from ${visible(label)}: ${short(values[t])}` }));
    node.append(name, ...cells);
  });
  return node;
}

/** How much each input mattered for one output: bars over or under the inputs, or inputs in colours. */
function oneOutput({ labels, values, several, tone, tall }, geometry, { colours, theme, room }) {
  const { column, left, way } = geometry;
  const most = largest(values);
  const look = (value) => colours.look(value, most, false);
  const words = way === "slanted";
  if (way === "running") return [drawText(labels, values, { look })];
  if (words && !several && labels.length <= MOST_LISTED) return [drawList(labels, values, { height: Math.min(34, (room.height - 70) / labels.length), tone })];
  const header = words ? geometry.head : way === "lines" ? HEADERS.lines : 0;
  const height = several ? tall : Math.min(340, room.height - 110 - header);
  const bars = html("div", { class: way === "upright" ? "" : "rt-bare", style: `padding-left:${left}px` }, drawColumns(labels, values, { column, height, colour: theme.text, tone, font: geometry.font }));
  if (words) return [drawWords(labels, geometry, (t) => look(values[t]), (t) => `${visible(labels[t])}: ${short(values[t])}`), bars];
  return way === "lines" ? [drawLines({ reads: labels, says: [], steps: labels.length }, 0, geometry, theme), bars] : [bars];
}

/** An image's pixels, each in the colour of its derivative, with a dot as dark as the pixel itself. */
function pixelMap({ pixels, drawn }, room, colours) {
  const most = largest(pixels.map((value) => Math.abs(value)));
  const size = Math.floor(Math.min(52, (room.height - 110) / 8, room.width / 8));
  const cells = pixels.map((value, i) => html("i", { style: `${colours.look(value, most, true)};--rt-ink:${drawn[i]}`, title: short(value) }));
  const scale = html("p", { class: "rt-scale" }, html("span", {}, short(-most)), html("i", { style: `background:${colours.scale(true)}` }), html("span", {}, short(most)), html("span", {}, "change of ln p for full ink in a pixel"));
  const map = html("div", { class: "rt-pixelmap", style: `--rt-pixel:${size}px`, role: "img", "aria-label": "derivative by each pixel" }, ...cells);
  return html("div", {}, map, scale);
}

export function drawMattered(node, { data, colours, theme, room, redraw }) {
  const { more } = data;
  if (!more?.rows) return node.replaceChildren();
  if (more.pixels) {
    const words = "Red: ink here would make the network surer of its answer. Blue: less sure. The dots are the drawing.";
    return node.replaceChildren(html("p", { class: "rt-note" }, words), pixelMap(more, room, colours));
  }
  if (more.choices) return drawChoices(node, more, { colours, room });
  const by = more.attention ? kept.by : "gradient";
  const rows = by === "attention" ? more.attention : more.rows;
  const s = Math.min(kept.output ?? (data.answer.written ? 0 : Infinity), rows.length - 1);
  const several = rows.length > 1;
  const geometry = fitted([more.characters], room, several ? NAMES : 0);
  const mapped = several && more.characters.length <= MOST_MAPPED;
  const left = room.height - (more.attention ? 165 : 125) - (HEADERS[geometry.way] ?? geometry.head);
  const row = Math.max(9, Math.min(30, (left - LEAST_BARS) / rows.length));
  const tall = mapped ? Math.max(LEAST_BARS, Math.min(110, left - row * rows.length)) : 110;
  const set = (field) => (value) => {
    kept[field] = value;
    redraw();
  };
  const outputs = more.outputs.map((label, i) => [i, visible(label) || "␣"]);
  const one = { labels: more.characters, values: rows[s].slice(0, more.characters.length), several, tall, tone: by === "attention" ? "rt-tone-forward" : "rt-tone-gradient" };
  node.replaceChildren(
    html("p", { class: "rt-note" }, `${WORDS[by]} The highest bar is ${short(largest(one.values))}.`),
    more.attention ? chips([["gradient", "Gradient"], ["attention", "Attention"]], by, set("by"), "Which map") : "",
    several && !mapped ? html("div", { class: "rt-which" }, html("span", {}, "for the output"), chips(outputs, s, set("output"), "Output")) : "",
    html(
      "div",
      { class: "rt-scroll" },
      ...oneOutput(one, geometry, { colours, theme, room }),
      mapped ? html("p", { class: "rt-note rt-which" }, `Above: output ${s + 1}, “${visible(more.outputs[s])}”. Choose another at the left of its row:`) : "",
      mapped ? grid(rows, more, geometry.column, row, room, colours, s, set("output")) : "",
    ),
  );
}
