// What is to come: the network's forecast beside persistence, a linear autoregression, and what came.

import { html, svg } from "../elements.js";
import { short } from "./columns.js";

const LINES = [
  ["truth", "what came", "text", "", 2.4],
  ["persistence", "persistence", "quiet", "2 5", 2.4],
  ["autoregression", "autoregression", "amber", "9 5", 2.4],
  ["network", "network", "predict", "", 3.4],
];
/** Margins in pixels, for words of a size. */
const margins = (size) => ({ left: 36 + 2 * size, right: 16, top: 14, bottom: 3.6 * size });

function ticks(low, high, most) {
  const span = high - low || 1;
  const step = [1, 2, 5, 10].map((one) => one * 10 ** Math.floor(Math.log10(span / most))).find((one) => span / one <= most) ?? span;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9 * span; at += step) found.push(Number(at.toPrecision(10)));
  return found;
}

function chart(more, { width, height, size }, theme) {
  const ROOM = margins(size);
  const { history, unit } = more;
  const horizon = more.truth.length;
  const all = [...history, ...LINES.flatMap(([name]) => more[name])].filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const edge = (high - low || 1) * 0.06;
  const [bottom, top] = [low - edge, high + edge];
  const first = 1 - history.length;
  const x = (t) => ROOM.left + ((t - first) / (horizon - first)) * (width - ROOM.left - ROOM.right);
  const y = (value) => ROOM.top + (1 - (value - bottom) / (top - bottom)) * (height - ROOM.top - ROOM.bottom);
  const line = (points, colour, dash, stroke) => svg("polyline", { points: points.filter(([, value]) => Number.isFinite(value)).map(([t, value]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`).join(" "), fill: "none", stroke: colour, "stroke-width": stroke, "stroke-dasharray": dash, "stroke-linejoin": "round", "stroke-linecap": "round" });
  const word = (text, attributes) => svg("text", { fill: theme.muted, "font-size": size, ...attributes }, text);
  const node = svg("svg", { class: "rt-forecast", width, height, role: "img", "aria-label": `${horizon} time steps ahead: the network, persistence and an autoregression beside what came` });
  for (const value of ticks(bottom, top, 6)) node.append(svg("line", { x1: ROOM.left, x2: width - ROOM.right, y1: y(value), y2: y(value), stroke: theme.grid }), word(short(value), { x: ROOM.left - 8, y: y(value) + 4, "text-anchor": "end" }));
  for (const t of ticks(first, horizon, 9)) node.append(word(short(t), { x: x(t), y: height - ROOM.bottom + size * 1.4, "text-anchor": "middle" }));
  node.append(
    svg("line", { x1: x(0), x2: x(0), y1: ROOM.top, y2: height - ROOM.bottom, stroke: theme.muted, "stroke-dasharray": "3 4" }),
    word("time steps from now", { x: (ROOM.left + width) / 2, y: height - 8, "text-anchor": "middle" }),
    word(unit, { x: ROOM.left + 4, y: ROOM.top + size - 3 }),
    line(history.map((value, i) => [first + i, value]), theme.forward, "", 2.6),
  );
  const now = history.at(-1);
  for (const [name, , colour, dash, stroke] of LINES) node.append(line([[0, now], ...more[name].map((value, i) => [i + 1, value])], theme[colour], dash, stroke));
  return node;
}

function table(more, theme) {
  const { errors, average, unit, lags } = more;
  const rows = LINES.filter(([name]) => errors[name]);
  const best = (which) => Math.min(...rows.map(([name]) => (which[name] ?? [Infinity])[0]));
  const words = { autoregression: `autoregression AR(${lags})` };
  const cell = (which, name) => {
    const own = which?.[name];
    const text = own ? `${short(own[0])} ${unit}` : "–";
    return html("td", {}, own && own[0] === best(which) ? html("b", {}, text) : text);
  };
  const head = html("tr", {}, html("th"), html("th", {}, "off by, here"), average ? html("th", {}, `off by, over ${average.moments} moments`) : "");
  const body = rows.map(([name, label, colour, dash]) => {
    const key = svg("svg", { width: 34, height: 8 });
    key.append(svg("line", { x1: 1, x2: 33, y1: 4, y2: 4, stroke: theme[colour], "stroke-width": 3.4, "stroke-dasharray": dash, "stroke-linecap": "round" }));
    return html("tr", {}, html("th", {}, key, " ", words[name] ?? label), cell(errors, name), average ? cell(average.errors, name) : "");
  });
  return html("table", { class: "rt-errors" }, html("thead", {}, head), html("tbody", {}, ...body));
}

export function drawForecast(node, { data, theme, room }) {
  const { more } = data;
  if (!more?.network) return node.replaceChildren();
  const key = html("p", { class: "rt-note rt-key" }, html("span", { style: `color:${theme.forward}` }, "▬ what was known"), " ", html("span", { style: `color:${theme.text}` }, "▬ what came"));
  const height = Math.max(220, room.height - 12.7 * room.size);
  node.replaceChildren(key, chart(more, { width: room.width, height, size: Math.max(room.least + 1, room.size * 0.86) }, theme), table(more, theme), html("p", { class: "rt-note" }, "Off by: the mean absolute error. Each forecast of the network is its next input, where it says only the next value."));
}
