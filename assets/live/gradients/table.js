// One row per run: who it is, where it stands, and what its gradient does, in words.

import { html, setAttribute, setText } from "../elements.js";
import { makeVerdict } from "../strip.js";
import { setTitled } from "./layout.js";
import { swatch } from "./palette.js";

const WAITING = { starting: "starting…", waiting: "waiting for a free worker…" };

function makeRow(index) {
  const label = html("strong");
  const note = html("span", { class: "rg-note" });
  const name = html("span", { class: "rg-name" }, swatch(index), label, note);
  const verdict = html("div", { class: "rl-verdict rl-verdict-none", hidden: "" });
  const brokenText = html("span", { class: "rl-sentence" });
  const broken = html(
    "div",
    { class: "rl-verdict rg-broken", role: "alert", hidden: "" },
    html("span", { class: "rl-word" }, "✕ diverged"),
    brokenText,
  );
  const chip = html("span", { class: "rl-link", role: "status", hidden: "" });
  const said = html("span", { class: "rg-said" }, chip, verdict, broken);
  const node = html("div", { class: "rg-run", "data-run": String(index) }, name, said);
  return {
    node,
    label,
    note,
    name,
    said,
    verdict,
    drawVerdict: makeVerdict(verdict),
    broken,
    brokenText,
    chip,
    values: [],
  };
}

function drawValues(row, numbers) {
  while (row.values.length > numbers.length) row.values.pop().remove();
  while (row.values.length < numbers.length) {
    row.values.push(html("span", { class: "rg-value" }));
    row.said.before(row.values.at(-1));
  }
  numbers.forEach(({ value }, i) => setText(row.values[i], value));
}

/** Why nothing moves yet, or what the server had to say. */
function chipWords({ link, gone, frame }) {
  if (gone) return gone;
  if (link === "lost") return "reconnecting…";
  return frame?.header.message || WAITING[frame?.header.status] || (frame ? "" : "starting…");
}

function drawRow(row, run, columns) {
  const header = run.frame?.header;
  setText(row.label, run.spec.label);
  setText(row.note, run.spec.note ?? "");
  row.name.title = [header?.title, run.spec.note].filter(Boolean).join("\n");
  const blank = Array.from({ length: columns }, () => ({ value: "–" }));
  drawValues(row, header?.numbers?.length === columns ? header.numbers : blank);
  setAttribute(row.node, "data-status", header?.status ?? "connecting");
  const words = chipWords(run);
  row.chip.hidden = !words;
  setTitled(row.chip, words);
  row.broken.hidden = !header?.divergence;
  setTitled(row.brokenText, header?.divergence?.text ?? "");
  row.drawVerdict(header?.divergence ? null : header?.verdict);
  const { title, text } = header?.verdict ?? {};
  row.verdict.title = [title, text].filter(Boolean).join(" ");
}

/** draw(runs): a line of labels, then a row for each run. */
export function makeTable(node) {
  const head = html("div", { class: "rg-run rg-labels" });
  const rows = [];
  node.append(head);

  return function draw(runs) {
    while (rows.length > runs.length) rows.pop().node.remove();
    while (rows.length < runs.length) {
      rows.push(makeRow(rows.length));
      node.append(rows.at(-1).node);
    }
    const numbers = runs.find(({ frame }) => frame?.header.numbers?.length)?.frame.header.numbers ?? [];
    const labels = ["", ...numbers.map(({ label }) => label), ""];
    if (head.dataset.labels !== labels.join("|")) {
      head.replaceChildren(...labels.map((label) => html("span", {}, label)));
      head.dataset.labels = labels.join("|");
      node.style.setProperty("--rg-numbers", String(numbers.length));
    }
    node.classList.toggle("rg-many", runs.length > 2);
    runs.forEach((run, i) => drawRow(rows[i], run, numbers.length));
  };
}
