// The lines of a stage: all of them short, the one in force with its numbers.

import { html } from "../elements.js";
import { matrix, typeset, withNumbers } from "./typeset.js";

const LARGEST = 1.35;
const HIGH = { start: 2.6, backward: 3.2, sum: 3.4, update: 2.8 }; // letters that a short line is high, about
const OPEN = 9; // and the line in force

/** How much larger than usual the letters of a stage may be; the same for all its lines, so that nothing jumps. */
function scale(body, { kind, lines }) {
  const letter = parseFloat(getComputedStyle(body).fontSize);
  const room = body.clientHeight / letter;
  return Math.max(1, Math.min(LARGEST, room / ((lines.length - 1) * (HIGH[kind] ?? 1.9) + OPEN)));
}

const equals = () => html("span", { class: "ru-op" }, "=");

/** What is to the left and right of the first "=", as nodes. */
function statement(line) {
  const left = html("span", { class: "ru-left" }, ...typeset(line.symbol));
  return line.formula ? [left, equals(), html("span", {}, ...typeset(line.formula))] : [left];
}

function short(line, arrays, done) {
  const value = done ? [equals(), matrix(arrays[line.value], { flat: true })] : [];
  return [html("span", { class: "ru-statement" }, ...statement(line), ...value)];
}

/** Numbers are worth a line of their own where something is computed with them. */
const computes = (line) => line.formula && line.numbers.some((token) => typeof token === "string");

function long(line, arrays) {
  const rows = [html("span", { class: "ru-statement" }, ...statement(line))];
  if (computes(line))
    rows.push(html("span", { class: "ru-with-numbers" }, equals(), ...withNumbers(line.numbers, arrays)));
  rows.push(html("span", { class: "ru-result" }, equals(), matrix(arrays[line.value])));
  return [html("span", { class: "ru-note" }, line.note), ...rows];
}

/** Draw the stage in force into `body`. */
export function drawEquations(body, player, arrays) {
  const stage = player.stages[player.stage];
  const list = html("ol", { class: `ru-lines ru-${stage.kind}` });
  list.style.fontSize = `${scale(body, stage).toFixed(2)}em`;
  let current = null;
  player.lines.forEach((line, at) => {
    if (line.stage !== player.stage) return;
    const now = at === player.at;
    const state = now ? "now" : at < player.at ? "done" : "ahead";
    const row = html(
      "li",
      { class: `ru-line ru-${state}`, "data-key": line.key, "data-t": line.t, "aria-current": now ? "step" : null },
      ...(now ? long(line, arrays) : short(line, arrays, at < player.at)),
    );
    if (at <= player.at) row.dataset.value = JSON.stringify(arrays[line.value]);
    row.addEventListener("click", () => !now && player.toLine(at));
    if (now) current = row;
    list.append(row);
  });
  const old = body.querySelector(".ru-lines");
  const place = old?.scrollTop ?? 0;
  body.replaceChildren(list);
  list.scrollTop = place;
  keepInSight(list, current);
}

/** Scroll the list, never the page. */
function keepInSight(list, row) {
  const [box, inside] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
  const margin = 8;
  if (inside.bottom > box.bottom - margin) list.scrollTop += inside.bottom - box.bottom + margin;
  const top = row.getBoundingClientRect().top;
  if (top < box.top + margin) list.scrollTop -= box.top - top + margin;
}
