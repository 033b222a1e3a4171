// The top of the picture: big numbers, the verdict in words, and notices that need an answer.

import { grouped } from "./numbers.js";
import { html, setAttribute, setText, svg } from "./elements.js";

// What the gradient does from the last time step back to the first, as a shape and as a word.
const VERDICTS = {
  healthy: { word: "healthy", path: "M4 10l4 4 8-9" },
  vanishing: { word: "vanishing", path: "M3 15.5h2.5M7.5 15.5V13M11 15.5V9.5M14.5 15.5V4.5" },
  exploding: { word: "exploding", path: "M10 3.5v8M10 14.6v1.2M10 3.5" },
  none: { word: "", path: "M5 10h10" },
};

function makeNumbers(node) {
  const kept = [];
  return (numbers) => {
    while (kept.length < numbers.length) {
      const value = html("div", { class: "rl-value" });
      const label = html("div", { class: "rl-label" });
      kept.push({ value, label, box: html("div", { class: "rl-number" }, value, label) });
      node.append(kept.at(-1).box);
    }
    while (kept.length > numbers.length) kept.pop().box.remove();
    numbers.forEach(({ label, value }, i) => {
      setText(kept[i].value, value);
      setText(kept[i].label, label);
    });
  };
}

export function makeVerdict(node) {
  const icon = svg("path", {});
  const word = html("span", { class: "rl-word" });
  const title = html("strong");
  const text = html("span");
  node.append(
    svg("svg", { class: "rl-icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, icon),
    word,
    html("div", { class: "rl-sentence" }, title, " ", text),
  );
  return (verdict) => {
    const kind = VERDICTS[verdict?.kind] ? verdict.kind : "none";
    node.className = `rl-verdict rl-verdict-${kind}`;
    node.hidden = !verdict?.title && !verdict?.text;
    setAttribute(icon, "d", VERDICTS[kind].path);
    setText(word, VERDICTS[kind].word);
    setText(title, verdict?.title ?? "");
    setText(text, verdict?.text ?? "");
  };
}

/** The notice of a run that early stopping paused, with the way back to its best update. */
function makeEarlyStop(onRewind) {
  const [words, back] = [html("span"), html("button", { class: "rl-button rl-button-quiet", type: "button" })];
  const mark = html("span", { class: "rl-notice-mark", "aria-hidden": "true" }, "⏸");
  const node = html("div", { class: "rl-notice rl-notice-early", role: "status", hidden: "" }, mark, words, back);
  let best = 0;
  back.addEventListener("click", () => onRewind(best));
  function draw(stop) {
    node.hidden = !stop;
    if (!stop) return;
    best = stop.rewind_to;
    setText(words, stop.text);
    setText(back, `Go back to update ${grouped(best)}`);
  }
  return { node, draw };
}

/** { draw(header), say(notice) }: `onRewind(update)` is called by the button of the divergence notice. */
export function makeStrip({ numbers, verdict, notices }, onRewind) {
  const drawNumbers = makeNumbers(numbers);
  const drawVerdict = makeVerdict(verdict);
  const rewind = html("button", { class: "rl-button", type: "button" });
  const broken = html("span");
  const divergence = html(
    "div",
    { class: "rl-notice rl-notice-red", role: "alert" },
    html("span", { class: "rl-notice-mark", "aria-hidden": "true" }, "✕"),
    broken,
    rewind,
  );
  const message = html("div", { class: "rl-notice", role: "status" });
  const early = makeEarlyStop(onRewind);
  divergence.hidden = true;
  message.hidden = true;
  notices.append(divergence, early.node, message);
  let rewindTo = null;
  rewind.addEventListener("click", () => onRewind(rewindTo));

  function say(text) {
    message.hidden = !text;
    setText(message, text ?? "");
  }

  function draw(header) {
    drawNumbers(header.numbers ?? []);
    drawVerdict(header.verdict);
    divergence.hidden = !header.divergence;
    if (header.divergence) {
      rewindTo = header.divergence.rewind_to;
      setText(broken, header.divergence.text);
      setText(rewind, `Rewind to update ${grouped(rewindTo)}`);
    }
    early.draw(header.early_stop);
    say(header.message);
  }

  return { draw, say };
}
