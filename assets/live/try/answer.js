// The answer in large letters, and how sure the network is of it: at the end, or at a time step that is looked at.

import { html, visible } from "../elements.js";
import { soundButton } from "../sound.js";
import { isImage } from "../shades.js";
import { paint } from "./pixels.js";

export const percent = (chance) => {
  if (chance === null || chance === undefined) return "no number";
  const hundred = 100 * chance;
  if (hundred > 0 && hundred < 0.1) return "< 0.1 %";
  if (hundred < 100 && hundred >= 99.95) return "> 99.9 %";
  return `${hundred >= 99.5 || hundred < 9.95 ? Number(hundred.toFixed(1)) : Math.round(hundred)} %`;
};

const SIZES = [
  [10, "rt-huge"],
  [17, "rt-large"],
  [40, "rt-middle"],
];

const sizeOf = (words) => SIZES.find(([most]) => words.length <= most)?.[1] ?? "rt-small";

/** A character or a word as a person can see it; a row of an image as an image. */
export function shown(label, colour) {
  if (!isImage(label)) return document.createTextNode(visible(label));
  const canvas = html("canvas", { class: label.includes("\n") ? "rt-pixels rt-square" : "rt-pixels", role: "img", "aria-label": "image" });
  paint(canvas, label, colour);
  return canvas;
}

function bar([label, chance], first) {
  const width = `${Math.max(0, Math.min(100, 100 * (chance ?? 0)))}%`;
  return html(
    "li",
    { class: first ? "rt-bar rt-first" : "rt-bar" },
    html("span", { class: "rt-bar-label" }, visible(label)),
    html("span", { class: "rt-bar-track" }, html("span", { class: "rt-bar-fill", style: `width:${width}` })),
    html("span", { class: "rt-bar-number" }, percent(chance)),
  );
}

export function bars(top, words) {
  const list = html("ul", { class: "rt-bars", "aria-label": words });
  list.append(...top.map((one, i) => bar(one, i === 0)));
  return list;
}

function asked(answer, theme) {
  const { text, characters } = answer;
  const image = characters.length && characters.every(isImage);
  const said = image ? shown(characters.join("\n"), theme.text) : html("q", {}, visible(text));
  return html("div", { class: image ? "rt-asked rt-asked-image" : "rt-asked" }, said);
}

function judged({ correct, right, top }) {
  if (correct === null) return "";
  const number = !top.length;
  const wrong = number ? `✗ it was ${visible(right)}` : `✗ right would be ${visible(right)}`;
  const words = correct ? (number ? `✓ close: it was ${visible(right)}` : "✓ right") : wrong;
  return html("div", { class: `rt-right ${correct ? "rt-good" : "rt-bad"}` }, words);
}

/** What the bars show at a column: the heading and the likeliest answers there. */
export function chances(answer, at) {
  const { ended, outputs, top } = answer;
  if (at && ended.length && at.panel.steps === ended.length && at.t < ended.length - 1) {
    const read = at.panel.reads.slice(0, at.t + 1);
    const apart = read.every((label) => label.length === 1) ? "" : " ";
    const words = read.every((label) => !isImage(label)) ? `“${read.join(apart)}”` : `${at.t + 1} rows`;
    return { heading: `If it ended after ${words}`, top: ended[at.t] };
  }
  if (!top.length || !top[0].length) return { heading: "", top: [] };
  if (outputs.length === 1) return { heading: "Probability", top: top[0] };
  const own = at && at.panel.says.length === outputs.length ? at.t : outputs.length - 1;
  return { heading: `At time step ${own + 1} of ${outputs.length}`, top: top[own] ?? [] };
}

const heard = { input: soundButton("Play what was asked"), answer: soundButton("Play the answer") };

/** Buttons for what can be heard; they outlive a drawing, so that a sound goes on. */
function sounds(given) {
  for (const [name, { set }] of Object.entries(heard)) set(given?.[name] ?? null);
  const words = { input: "the sound that was asked about", answer: "what the network made of it" };
  const there = Object.keys(heard).filter((name) => given?.[name]);
  return there.map((name) => html("div", { class: "rt-sound" }, heard[name].node, html("span", {}, words[name])));
}

/** Where the answer's words were said: all along, or at one time step, as the most surprising hour. */
function whenSaid({ outputs, words }) {
  const first = outputs.indexOf(words);
  if (first < 0) return "at each time step";
  return first === outputs.lastIndexOf(words) ? `at time step ${first + 1} of ${outputs.length}` : `at one of ${outputs.length} time steps`;
}

export function drawAnswer(node, answer, at, theme, drawn) {
  const { words, sure } = answer;
  const said = html(
    "div",
    { class: "rt-said", "aria-live": "polite" },
    answer.written || answer.outputs.length < 2 ? "" : html("span", { class: "rt-caption" }, whenSaid(answer)),
    html("span", { class: `rt-words ${words ? sizeOf(words) : "rt-middle rt-none"}` }, visible(words) || "nothing: it stops at once"),
    sure === null ? "" : html("span", { class: "rt-sure" }, percent(sure)),
  );
  const now = chances(answer, at);
  node.replaceChildren(
    drawn ? "" : asked(answer, theme),
    drawn ? "" : html("div", { class: "rt-arrow", "aria-hidden": "true" }, "↓"),
    said,
    judged(answer),
    answer.update ? "" : html("p", { class: "rt-untrained" }, "This network has not learned anything yet."),
    ...sounds(answer.sounds),
    answer.note ? html("p", { class: "rt-note" }, answer.note) : "",
    now.top.length ? html("h3", { class: "rt-heading" }, now.heading) : "",
    now.top.length ? bars(now.top, now.heading) : "",
  );
}
