// All numbers that a person may set, as matrices of input fields.

import { html } from "../elements.js";
import { typeset } from "./typeset.js";

const WORDS = {
  weight_ih: "reads the input",
  weight_hh: "reads the state of the time step before",
  bias_ih: "bias of the input's part",
  bias_hh: "bias of the state's part",
  "readout.weight": "reads the state for the output",
  "readout.bias": "bias of the output",
};

/** Enough digits to see, all of them while typing. */
const rounded = (number) =>
  typeof number === "number" ? String(Number(number.toPrecision(4))).replace("-", "−") : number;

function field(number, place, say, onEdit) {
  const input = html("input", { type: "text", inputmode: "decimal", "aria-label": say, spellcheck: "false" });
  input.value = rounded(number);
  input.title = String(number);
  input.addEventListener("focus", () => {
    if (input.value === rounded(number)) input.value = typeof number === "number" ? String(number) : number;
    input.select();
  });
  const send = () => {
    const exact = typeof number === "number" ? String(number) : number;
    if (input.value.trim() === exact || input.value === rounded(number)) input.value = rounded(number);
    else onEdit({ ...place, text: input.value });
  };
  input.addEventListener("blur", send);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") input.blur();
    if (event.key === "Escape") {
      input.value = rounded(number);
      input.blur();
    }
  });
  return input;
}

function grid(rows, name, row0, say, onEdit) {
  const node = html("span", { class: "ru-matrix ru-fields" });
  node.style.gridTemplateColumns = `repeat(${rows[0].length}, auto)`;
  rows.forEach((row, i) =>
    row.forEach((number, j) =>
      node.append(field(number, { name, row: row0 + i, column: j }, `${say}, row ${i + 1}, column ${j + 1}`, onEdit)),
    ),
  );
  return node;
}

function labelled(symbol, words, node) {
  const label = html("span", { class: "ru-label" }, html("b", {}, ...typeset(symbol)), html("small", {}, words));
  return html("div", { class: "ru-entry" }, label, node);
}

/** Draw the fields; `onEdit({ name, row, column, text })` is called for a number that was changed. */
export function drawEditor(body, data, onEdit) {
  const { arrays } = data;
  const scroll = body.firstChild?.scrollTop ?? 0;
  const sequence = [
    labelled("x_{t}", "input, a row for each time step", grid(arrays[data.x], "x", 0, "x", onEdit)),
    labelled("y*_{t}", "target", grid(arrays[data.target], "target", 0, "target", onEdit)),
  ];
  const weights = data.blocks.map(({ key, symbol, name, row, value }) =>
    labelled(symbol, WORDS[name], grid(arrays[value], name, row, key, onEdit)),
  );
  const list = html(
    "div",
    { class: "ru-editor" },
    html("p", { class: "ru-hint" }, "Type a number, press Enter: everything is computed anew."),
    html("div", { class: "ru-entries" }, ...sequence),
    html("div", { class: "ru-entries" }, ...weights),
  );
  body.replaceChildren(list);
  list.scrollTop = scroll;
}
