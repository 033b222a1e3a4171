// Formulas and matrices as HTML. Formulas come in a small part of LaTeX: \frac{}{}, \fn{}, _{}, ^{}, {}.

import { html } from "../elements.js";

const NAMES = /[A-Za-zα-ωΑ-Ωκηδ]/u;

/** A formula as nodes. */
export function typeset(formula) {
  const reader = { text: formula, at: 0 };
  return sequence(reader);
}

function sequence(reader) {
  const nodes = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== "}") nodes.push(scripted(reader));
  return nodes;
}

/** One item with what hangs at its lower and upper right. */
function scripted(reader) {
  const core = item(reader);
  const scripts = {};
  while ("_^".includes(reader.text[reader.at]) && reader.at < reader.text.length) {
    const which = reader.text[reader.at] === "_" ? "sub" : "sup";
    reader.at += 1;
    scripts[which] = group(reader);
  }
  if (scripts.sub && scripts.sup) {
    const pair = html("span", { class: "ru-scripts" }, html("span", {}, ...scripts.sup), html("span", {}, ...scripts.sub));
    return html("span", { class: "ru-scripted" }, core, pair);
  }
  for (const which of ["sub", "sup"])
    if (scripts[which]) return html("span", { class: "ru-scripted" }, core, html(which, {}, ...scripts[which]));
  return core;
}

function group(reader) {
  if (reader.text[reader.at] !== "{") return [item(reader)];
  reader.at += 1;
  const nodes = sequence(reader);
  reader.at += 1;
  return nodes;
}

function item(reader) {
  const { text } = reader;
  if (text.startsWith("\\frac", reader.at)) {
    reader.at += 5;
    const [above, below] = [group(reader), group(reader)];
    return html("span", { class: "ru-frac" }, html("span", {}, ...above), html("span", {}, ...below));
  }
  if (text.startsWith("\\fn", reader.at)) {
    reader.at += 3;
    return html("span", { class: "ru-fn" }, ...upright(group(reader)));
  }
  if (text[reader.at] === "{") return html("span", {}, ...group(reader));
  const character = text[reader.at];
  reader.at += 1;
  if (NAMES.test(character)) return html("i", {}, character === "L" ? "L" : character);
  if ("+−=⊙·".includes(character)) return html("span", { class: "ru-op" }, character);
  return character;
}

/** Names of functions and words stand upright. */
const upright = (nodes) => nodes.map((node) => (node.nodeName === "I" ? node.textContent : node));

/** A number as people read it: three decimals, powers of ten where it is small or large. */
export function shortNumber(number, decimals = 3) {
  if (typeof number !== "number") return number;
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 0.5 * 10 ** -decimals && size < 10000)
    return trimmed(number.toFixed(size >= 100 ? 1 : size >= 10 ? Math.min(2, decimals) : decimals));
  const [mantissa, exponent] = number.toExponential(1).split("e");
  return `${trimmed(mantissa)}·10${raised(Number(exponent))}`;
}

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace("-", "−");
const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => DIGITS[digit]).join("");

const isColumn = (rows) => rows.length > 1 && rows[0].length === 1;
const isNumber = (rows) => rows.length === 1 && rows[0].length === 1;

function cell(number, decimals) {
  const bad = typeof number !== "number";
  const node = html("span", bad ? { class: "ru-bad" } : {}, shortNumber(number, decimals));
  node.title = String(number);
  return node;
}

/** A matrix in brackets; a number without them. `flat` writes a column as a row with ⊤. */
export function matrix(rows, { decimals = 3, flat = false } = {}) {
  if (isNumber(rows)) {
    const node = cell(rows[0][0], decimals);
    node.classList.add("ru-number");
    return node;
  }
  const turned = flat && isColumn(rows);
  const lines = turned ? [rows.map(([number]) => number)] : rows;
  const grid = html("span", { class: "ru-matrix" });
  grid.style.gridTemplateColumns = `repeat(${lines[0].length}, auto)`;
  for (const line of lines) for (const number of line) grid.append(cell(number, decimals));
  return turned ? html("span", { class: "ru-scripted" }, grid, html("sup", {}, "⊤")) : grid;
}

/** The same formula with numbers: tokens are texts and places of matrices. Lines break between terms only. */
export function withNumbers(tokens, arrays) {
  const terms = [[]];
  let depth = 0;
  tokens.forEach((token, i) => {
    if (depth === 0 && i > 0 && (token === " + " || token === " − ")) terms.push([]);
    terms.at(-1).push(...numbersOf(token, i > 0 ? tokens[i - 1] : "(", arrays));
    if (typeof token === "string") depth += token.split("(").length - token.split(")").length;
  });
  return terms.map((nodes) => html("span", { class: "ru-term" }, ...nodes));
}

/** One token; a negative number after an operator gets parentheses. */
function numbersOf(token, before, arrays) {
  if (typeof token === "string") return token.trim() ? [html("span", { class: operator(token) }, token)] : [];
  const rows = arrays[token];
  const negative = isNumber(rows) && (rows[0][0] < 0 || rows[0][0] === "−∞");
  return negative && !String(before).endsWith("(") ? ["(", matrix(rows), ")"] : [matrix(rows)];
}

const operator = (token) => (/^\s.*\s$/.test(token) ? "ru-op" : "ru-word");
