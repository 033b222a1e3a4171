// Which inputs mattered: for one output at a time, and for all of them as a map, by gradient or by attention.

import { html, visible } from "../elements.js";
import { drawColumns, drawText, largest, roomy } from "./columns.js";

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

function grid(rows, more, room, colours, s, act) {
  const [labels, outputs] = [more.characters, more.outputs];
  const column = Math.min(40, (room.width - 90) / labels.length);
  const row = Math.max(8, Math.min(26, (room.height - 60) / outputs.length));
  const node = html("div", { class: "rt-grid", style: `grid-template-columns:80px repeat(${labels.length}, ${column}px)`, "aria-label": "outputs by inputs" });
  rows.forEach((values, i) => {
    const most = largest(values);
    const name = html("button", { type: "button", class: "rt-grid-name", "aria-pressed": String(i === s) }, visible(outputs[i]));
    name.addEventListener("click", () => act(i));
    node.append(name, ...values.map((value, t) => html("i", { style: `height:${row}px;${colours.look(value, most, false)}`, title: `${visible(outputs[i])} from ${visible(labels[t])}: ${value?.toPrecision(3)}` })));
  });
  if (column >= 13) node.append(html("span"), ...labels.map((label) => html("span", { class: "rt-grid-label" }, visible(label))));
  return node;
}

export function drawMattered(node, { data, colours, theme, room, redraw }) {
  const { more } = data;
  if (!more?.rows) return node.replaceChildren();
  const by = more.attention ? kept.by : "gradient";
  const rows = by === "attention" ? more.attention : more.rows;
  const s = rows.length === 1 ? 0 : Math.min(kept.output ?? 0, rows.length - 1);
  const values = rows[s].slice(0, more.characters.length);
  const most = largest(values);
  const look = (value) => colours.look(value, most, false);
  const column = Math.min(76, room.width / more.characters.length);
  const set = (field) => (value) => {
    kept[field] = value;
    redraw();
  };
  const several = rows.length > 1;
  const wide = roomy(more.characters, column);
  node.replaceChildren(
    html("p", { class: "rt-note" }, WORDS[by]),
    more.attention ? chips([["gradient", "Gradient"], ["attention", "Attention"]], by, set("by"), "Which map") : "",
    several ? html("div", { class: "rt-which" }, html("span", {}, "for the output"), chips(more.outputs.map((label, i) => [i, visible(label) || "␣"]), s, set("output"), "Output")) : "",
    wide ? drawColumns(more.characters, values, { column, look, colour: theme.text, tone: "rt-tone-gradient" }) : drawText(more.characters, values, { look }),
    several && more.characters.length <= 64 ? grid(rows, more, room, colours, s, set("output")) : "",
  );
}
