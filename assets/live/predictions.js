// Predictions on held-out samples, and what a generating network writes when it runs freely.

import { textWidth } from "./timeaxis.js";
import { html, setText, visible } from "./elements.js";
import { soundButton } from "./sound.js";

const percent = (share) => `${Math.round(share * 100)} %`;
const ROOM_FOR_SOUND = 30; // pixels
const known = (value) => value !== null && value !== undefined;

const HEARD = { input: "Play the input", target: "Play the target", prediction: "Play the prediction" };

function cell(name, ...children) {
  return html("td", { class: `rl-cell rl-cell-${name}`, dir: "auto" }, ...children);
}

function newRow() {
  const mark = html("span", { class: "rl-tick", "aria-hidden": "true" });
  const said = html("span", { class: "rl-answer", dir: "auto" });
  const given = html("span");
  const wanted = html("span", { dir: "auto" });
  const sounds = Object.fromEntries(Object.entries(HEARD).map(([name, words]) => [name, soundButton(words)]));
  const bar = html("span", { class: "rl-fill" });
  const share = html("span", { class: "rl-percent" });
  const cells = {
    input: cell("input", sounds.input.node, given),
    target: cell("target", sounds.target.node, wanted),
    prediction: cell("prediction", sounds.prediction.node, mark, said),
    confidence: cell("confidence"),
  };
  cells.confidence.append(html("span", { class: "rl-track" }, bar), share);
  return { row: html("tr", {}, ...Object.values(cells)), cells, given, wanted, sounds, mark, said, bar, share };
}

function fillRow(kept, sample, withConfidence, image, fontSize) {
  const { cells, given, wanted, sounds, mark, said, bar, share } = kept;
  fillInput(given, sample.input, image, fontSize);
  for (const [name, button] of Object.entries(sounds)) button.set(sample.sounds?.[name]);
  for (const [node, text] of [
    [wanted, sample.target],
    [said, sample.prediction],
  ]) {
    setText(node, visible(text));
    node.title = text;
  }
  const judged = known(sample.correct);
  setText(mark, judged ? (sample.correct ? "✓" : "✗") : "");
  cells.prediction.className = `rl-cell rl-cell-prediction ${judged ? (sample.correct ? "rl-right" : "rl-wrong") : ""}`;
  cells.confidence.hidden = !withConfidence;
  if (!withConfidence || !known(sample.confidence)) return;
  bar.style.transform = `scaleX(${sample.confidence})`;
  setText(share, percent(sample.confidence));
}

/** As high as a row lets it be, its pixels all alike where they can be. */
function imageHeight(image, fontSize) {
  const room = 1.6 * fontSize;
  return image.height > room ? Math.round(room) : Math.floor(room / image.height) * image.height;
}

/** The input as words, or as the small image that it is. */
function fillInput(node, text, image, fontSize) {
  if (!image) {
    setText(node, visible(text));
    node.title = text;
    node.image = null;
    return;
  }
  const height = imageHeight(image, fontSize);
  if (node.image === image && node.imageHeight === height) return;
  Object.assign(node, { image, imageHeight: height });
  const style = `height: ${height}px; aspect-ratio: ${image.width} / ${image.height}`;
  const canvas = html("canvas", { class: "rl-pixels", role: "img", "aria-label": "image", style });
  image.paintOn(canvas);
  node.replaceChildren(canvas);
}

/** A table and lines kept in `body`; draw(predictions, size) writes as many rows as fit. */
export function makePredictions(body) {
  const head = html("tr");
  const rows = html("tbody");
  const table = html("table", { class: "rl-table" }, html("thead", {}, head), rows);
  const caption = html("div", { class: "rl-generated-caption" });
  const lines = html("div", { class: "rl-generated" });
  const empty = html("div", { class: "rl-empty" });
  body.append(table, caption, lines, empty);
  const columns = html("colgroup");
  table.prepend(columns);
  const kept = [];
  let widest = [];
  let measuredFor = "";

  /** Column widths for these samples; they only ever grow, so that the table does not tremble. */
  function fitColumns(samples, withConfidence, theme, size, images) {
    const font = `600 ${size.fontSize + 1}px ${theme.font}`;
    const longest = (widths) => Math.max(...widths.map((width) => Math.min(190, width))) + 14;
    const widthOf = (field) => (sample, row) => {
      const image = field === "input" && images[row];
      const shown = image ? (imageHeight(image, size.fontSize) * image.width) / image.height : textWidth(visible(sample[field]), font);
      return shown + (sample.sounds?.[field] ? ROOM_FOR_SOUND : 0);
    };
    const key = JSON.stringify([size, withConfidence, samples.map(({ input, target }) => [input, target])]);
    if (key !== measuredFor) widest = [];
    measuredFor = key;
    const fields = ["input", "target", "prediction"];
    const wanted = fields.map((field, i) => {
      const mark = field === "prediction" ? size.fontSize * 1.3 : 0;
      return Math.max(widest[i] ?? 70, longest(samples.map(widthOf(field))) + mark);
    });
    if (wanted.every((width, i) => width === widest[i])) return;
    widest = wanted;
    const room = size.width - 24 - (withConfidence ? size.fontSize * 6.2 : 0);
    const spare = room - wanted[1] - wanted[2];
    const first = Math.min(wanted[0], Math.max(spare, 0.28 * room)); // a long input is what may be cut
    const rest = Math.min(1, (room - first) / (wanted[1] + wanted[2]));
    const widths = [first, wanted[1] * rest, wanted[2] * rest];
    const nodes = widths.map((width) => html("col", { style: `width: ${Math.round(width)}px` }));
    columns.replaceChildren(...nodes, ...(withConfidence ? [html("col")] : []));
  }

  function drawHead(names, withConfidence) {
    const wanted = withConfidence ? [...names, "probability"] : names;
    if (wanted.join("\n") === [...head.children].map((th) => th.textContent).join("\n")) return;
    head.replaceChildren(...wanted.map((name) => html("th", { scope: "col" }, name)));
  }

  function drawGenerated(predictions, count) {
    const samples = (predictions.generated ?? []).slice(0, count);
    caption.hidden = samples.length === 0;
    setText(caption, predictions.generated_caption ?? "free-running samples");
    while (lines.children.length > samples.length) lines.lastChild.remove();
    while (lines.children.length < samples.length)
      lines.append(html("div", { class: "rl-line", dir: "auto" }));
    samples.forEach((sample, i) => {
      const line = lines.children[i];
      line.title = sample;
      const sound = predictions.generated_sounds?.[i];
      if (!sound) {
        line.heard = null;
        return setText(line, sample);
      }
      if (!line.heard) {
        line.heard = soundButton("Play what the network wrote");
        line.replaceChildren(line.heard.node, html("span"));
      }
      line.heard.set(sound);
      return setText(line.lastChild, sample);
    });
    lines.classList.toggle("rl-prose", samples.length === 1);
    if (samples.length === 1) lines.firstChild.style.webkitLineClamp = String(count);
  }

  function draw(predictions, size, theme, images = []) {
    const line = Math.round(size.fontSize * 1.75);
    const samples = predictions?.rows ?? [];
    const generated = predictions?.generated?.length ?? 0;
    const room = Math.floor((size.height - 6) / line) - (samples.length ? 1 : 0);
    const share = samples.length ? Math.max(2, Math.floor(room * 0.45)) : room;
    const reserved = generated ? (generated === 1 ? share : Math.min(generated, share)) + 1 : 0;
    const count = Math.max(0, Math.min(samples.length, room - reserved));
    const withConfidence = samples.some(({ confidence }) => known(confidence));
    table.hidden = count === 0;
    if (count) {
      drawHead(predictions.head, withConfidence);
      fitColumns(samples, withConfidence, theme, size, images);
    }
    while (kept.length < count) {
      kept.push(newRow());
      rows.append(kept.at(-1).row);
    }
    while (kept.length > count) kept.pop().row.remove();
    samples.slice(0, count).forEach((sample, i) => fillRow(kept[i], sample, withConfidence, images[i], size.fontSize));
    drawGenerated(predictions ?? {}, Math.max(0, room - count - 1 + (count === 0 ? 1 : 0)));
    empty.hidden = count > 0 || generated > 0;
    setText(empty, "No predictions yet.");
  }

  return { draw };
}
