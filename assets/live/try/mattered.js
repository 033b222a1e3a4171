// Which inputs mattered: for one output at a time, and for all of them as a map, by gradient or by attention.

import { html, visible } from "../elements.js";
import { drawColumns, drawList, drawText, largest, roomy, short } from "./columns.js";

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

const MOST_LISTED = 24; // words one below the other
const NAMES = 84; // pixels for the outputs' names, left of their rows

function grid(rows, more, column, room, colours, s, act) {
  const [labels, outputs] = [more.characters, more.outputs];
  const row = Math.max(9, Math.min(30, (room.height - 230) / outputs.length));
  const node = html("div", { class: "rt-grid", style: `grid-template-columns:${NAMES}px repeat(${labels.length}, ${column}px)`, "aria-label": "outputs by inputs" });
  rows.forEach((values, i) => {
    const most = largest(values);
    const name = html("button", { type: "button", class: "rt-grid-name", "aria-pressed": String(i === s), style: `height:${row}px;font-size:min(1em, ${row}px)` }, visible(outputs[i]) || "␣");
    name.addEventListener("click", () => act(i));
    const cells = labels.map((label, t) => html("i", { style: `height:${row}px;${colours.look(values[t], most, false)}`, title: `${visible(outputs[i])} from ${visible(label)}: ${short(values[t])}` }));
    node.append(name, ...cells);
  });
  return node;
}

/** An image's pixels, each in the colour of its derivative, with a dot as dark as the pixel itself. */
function pixelMap({ pixels, drawn }, room, colours) {
  const most = largest(pixels.map(Math.abs));
  const size = Math.floor(Math.min(52, (room.height - 70) / 8, room.width / 8));
  const cells = pixels.map((value, i) => html("i", { style: `${colours.look(value, most, true)};--rt-ink:${drawn[i]}`, title: short(value) }));
  return html("div", { class: "rt-pixelmap", style: `--rt-pixel:${size}px`, role: "img", "aria-label": "derivative by each pixel" }, ...cells);
}

export function drawMattered(node, { data, colours, theme, room, redraw }) {
  const { more } = data;
  if (!more?.rows) return node.replaceChildren();
  if (more.pixels) {
    const words = "Red: ink here would make the network surer of its answer. Blue: less sure. The dots are the drawing.";
    return node.replaceChildren(html("p", { class: "rt-note" }, words), pixelMap(more, room, colours));
  }
  const by = more.attention ? kept.by : "gradient";
  const rows = by === "attention" ? more.attention : more.rows;
  const s = rows.length === 1 ? 0 : Math.min(kept.output ?? 0, rows.length - 1);
  const values = rows[s].slice(0, more.characters.length);
  const most = largest(values);
  const look = (value) => colours.look(value, most, false);
  const several = rows.length > 1;
  const left = several ? NAMES : 0;
  const column = Math.min(150, (room.width - left) / more.characters.length);
  const mapped = several && more.characters.length <= 64;
  const set = (field) => (value) => {
    kept[field] = value;
    redraw();
  };
  const wide = roomy(more.characters, column);
  const outputs = more.outputs.map((label, i) => [i, visible(label) || "␣"]);
  const tone = by === "attention" ? "rt-tone-forward" : "rt-tone-gradient";
  const bars = () => html("div", { style: `padding-left:${left}px` }, drawColumns(more.characters, values, { column, height: several ? 110 : Math.min(340, room.height - 110), colour: theme.text, tone }));
  const listed = !several && more.characters.length <= MOST_LISTED;
  const height = Math.min(34, (room.height - 70) / more.characters.length);
  const inWords = () => (listed ? drawList(more.characters, values, { height, tone }) : drawText(more.characters, values, { look }));
  node.replaceChildren(
    html("p", { class: "rt-note" }, WORDS[by]),
    more.attention ? chips([["gradient", "Gradient"], ["attention", "Attention"]], by, set("by"), "Which map") : "",
    several && !mapped ? html("div", { class: "rt-which" }, html("span", {}, "for the output"), chips(outputs, s, set("output"), "Output")) : "",
    wide ? bars() : inWords(),
    mapped ? html("p", { class: "rt-note rt-which" }, `The bars are of output ${s + 1}, “${visible(more.outputs[s])}”. Choose another by its name:`) : "",
    mapped ? grid(rows, more, column, room, colours, s, set("output")) : "",
  );
}
