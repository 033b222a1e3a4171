// Below each time step what it adds to the gradient of one shared weight; at the left their sum.

import { html, svg } from "../elements.js";
import { columns } from "./plan.js";
import { knownAt } from "./network.js";
import { shortNumber } from "./typeset.js";

const SMALLEST = 8;

/** Buttons for the weights: a letter, and a gate where the letter has gates. */
export function makeChooser(onChoose) {
  const node = html("div", { class: "ru-chooser", role: "group", "aria-label": "Whose gradient is shown" });
  const chooser = { node, key: null };

  chooser.show = (blocks) => {
    const letters = [...new Set(blocks.map(({ key }) => key.split("_")[0]))];
    const has = (key) => blocks.some((block) => block.key === key);
    if (!has(chooser.key)) chooser.key = blocks.find(({ key }) => key.split("_")[0] === "U").key;
    const [letter, gate] = chooser.key.split("_");
    const gates = blocks.map(({ key }) => key.split("_")).filter(([l, g]) => g && l === letter).map(([, g]) => g);
    const button = (name, key, on) => {
      const one = html("button", { type: "button", class: "ru-chip", "aria-pressed": String(on) }, html("i", {}, name));
      one.addEventListener("click", () => onChoose(key));
      return one;
    };
    const keyOf = (l) => (has(l) ? l : has(`${l}_${gate}`) ? `${l}_${gate}` : blocks.find(({ key }) => key.startsWith(`${l}_`)).key);
    node.replaceChildren(
      html("span", { class: "ru-chooser-words" }, "gradient of"),
      ...letters.map((l) => button(l, keyOf(l), l === letter)),
      ...(gates.length ? [html("span", { class: "ru-chooser-words" }, "gate"), ...gates.map((g) => button(g, `${letter}_${g}`, g === gate))] : []),
    );
  };
  return chooser;
}

/** Letter size and column width with which every number of a matrix fits. */
function fitted(rows, width, most, decimals) {
  const longest = Math.max(...rows.flat().map((value) => shortNumber(value, decimals).length));
  const letters = 0.53 * longest + 0.7;
  const size = Math.min(most, (width - 14) / (rows[0].length * letters));
  return { size, decimals, column: size * letters };
}

/** The same with the powers of ten taken out, where that makes larger letters: [rows, exponent]. */
function scaled(rows, width, most) {
  const plain = fitted(rows, width, most, 3).size >= 11 ? 3 : 2;
  const sizes = rows.flat().map(Math.abs);
  const exponent = Math.floor(Math.log10(Math.max(...sizes)));
  if (fitted(rows, width, most, plain).size >= 10 || !Number.isFinite(exponent) || exponent > -2) return [rows, 0, plain];
  return [rows.map((line) => line.map((value) => value / 10 ** exponent)), exponent, 1];
}

/** A matrix with brackets, centred on `x`; as shades where numbers would be too small to read. */
function drawn(given, x, height, width, cls, limit) {
  const [n, m] = [given.length, given[0].length];
  const most = Math.min(limit, (height - 6) / (n * 1.25));
  const [rows, exponent, decimals] = scaled(given, width, most);
  const { size, column } = fitted(rows, width, most, decimals);
  const shades = size < SMALLEST;
  const [across, down] = shades ? [(width - 14) / m, (height - 8) / n].map((one) => Math.min(22, one)) : [column, size * 1.25];
  const [left, top] = [x - (across * m) / 2, height / 2 - (down * n) / 2];
  const nodes = rows.flatMap((line, i) =>
    line.map((value, j) => {
      const place = [left + across * (j + 0.5), top + down * (i + 0.5)];
      return shades ? shade(value, place, across, down, rows) : text(value, given[i][j], place, size, cls, decimals);
    }),
  );
  if (n * m > 1) nodes.push(bracket(left - 3, top, down * n, 1), bracket(left + across * m + 3, top, down * n, -1));
  if (exponent && !shades) {
    const power = svg("tspan", { dy: -4, "font-size": 9 }, String(exponent).replace("-", "−"));
    nodes.push(svg("text", { x, y: Math.min(height - 1, top + down * n + 11), "font-size": 11, class: "ru-sign" }, "· 10", power));
  }
  return nodes;
}

function text(value, exact, [x, y], size, cls, decimals) {
  const bad = typeof value !== "number" ? " ru-nan" : "";
  const shown = shortNumber(value, decimals);
  return svg("text", { x, y: y + size * 0.35, "font-size": size, class: `ru-num ${cls}${bad}` }, shown, svg("title", {}, String(exact)));
}

function shade(value, [x, y], width, height, rows) {
  const largest = Math.max(...rows.flat().map((v) => Math.abs(Number(v) || 0)), 1e-300);
  const share = typeof value === "number" ? Math.abs(value) / largest : 1;
  const cls = typeof value !== "number" ? "ru-shade-bad" : value < 0 ? "ru-shade-minus" : "ru-shade-plus";
  return svg(
    "rect",
    { x: x - width / 2 + 1, y: y - height / 2 + 1, width: width - 2, height: height - 2, rx: 2, class: cls, "fill-opacity": 0.08 + 0.92 * share },
    svg("title", {}, String(value)),
  );
}

function bracket(x, top, height, side) {
  return svg("path", { class: "ru-bracket", d: `M${x + 5 * side},${top} H${x} V${top + height} H${x + 5 * side}` });
}

/** Draw what is known of the chosen block's gradient at the player's place. */
export function drawSums(canvas, player, data, key) {
  const { clientWidth: width, clientHeight: height } = canvas.parentElement;
  if (!width || !height) return;
  const cols = columns(width, data);
  const known = knownAt(player, data.arrays);
  const line = player.lines[player.at];
  const letter = parseFloat(getComputedStyle(canvas).fontSize); // larger on a projector
  const limit = Math.max(width > 900 ? 22 : 16, 1.05 * letter);
  const nodes = [];
  const sign = (words, x) =>
    nodes.push(svg("text", { x, y: height / 2 + limit * 0.35, class: "ru-sign", "font-size": limit * 1.1 }, words));
  const total = known.get(`sum ${key}`);
  if (total) nodes.push(...drawn(total, cols.folded / 2 - 2, height, cols.folded - 14, "ru-total", limit));
  else sign("Σ", cols.folded / 2);
  for (let t = 1; t <= data.length; t += 1) {
    const now = line.t === t && line.shows.includes(`part ${key}`);
    if (now) nodes.push(svg("rect", { x: cols.left(t) - 6, y: 1, width: cols.box + 12, height: height - 2, rx: 8, class: "ru-column ru-column-backward" }));
    const part = known.get(`part ${key}`, t);
    if (part) nodes.push(...drawn(part, cols.middle(t), height, cols.box + 12, "ru-gradient", limit));
    else sign("·", cols.middle(t));
    sign(t === 1 ? "=" : "+", cols.left(t) - cols.between / 2);
  }
  canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
  canvas.replaceChildren(...nodes);
}
