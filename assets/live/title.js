// The run's title: above the timeline, changed where it stands. It is text wherever it goes, never HTML.

import { html, setAttribute, setText } from "./elements.js";

export const LONGEST = 60; // characters, as the server counts them
const RENAME = "Click to change the title";
const BEGIN = "Give this run a title";

/** The title's nodes: `root` is a line of its own, `begin` the way to a title where there is none. */
export function buildTitle() {
  const name = html("button", { type: "button", class: "rl-run-name", dir: "auto" });
  const field = html("input", {
    type: "text",
    class: "rl-run-field",
    dir: "auto",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Title of the run",
    placeholder: "A title, such as “Group 3: clipping at 1”. Enter keeps it, Esc leaves it as it was.",
    hidden: "",
  });
  const heading = html("div", { class: "rl-run-heading", role: "heading", "aria-level": "1" }, name);
  const root = html("div", { class: "rl-run", "data-testid": "title", hidden: "" }, heading, field);
  const begin = html("button", { type: "button", class: "rl-run-begin", "aria-label": BEGIN, title: BEGIN }, "✎");
  return { root, name, heading, field, begin };
}

/** `rename(text)` tells Python; show({ text, fixed, projector }) after every rerun. A fixed title is only read. */
export function makeTitle({ root, name, heading, field, begin }, rename) {
  const state = { text: "", fixed: false, projector: false, editing: false };

  function draw() {
    const { text, fixed, projector, editing } = state;
    root.hidden = !(text || editing);
    heading.hidden = editing;
    field.hidden = !editing;
    begin.hidden = fixed || projector || Boolean(text) || editing;
    setText(name, text);
    name.disabled = fixed;
    setAttribute(name, "title", fixed ? text : `${text}\n${RENAME}`);
  }

  function edit() {
    state.editing = true;
    field.value = state.text;
    window.addEventListener("keydown", onKey, true); // before Esc leaves the projector's view
    draw();
    field.focus();
    field.select();
  }

  function end(kept) {
    if (!state.editing) return;
    state.editing = false;
    window.removeEventListener("keydown", onKey, true);
    const typed = field.value.trim();
    if (kept && typed !== state.text) {
      state.text = typed; // until Python says what it made of it
      rename(typed);
    }
    draw();
  }

  function onKey(event) {
    if (event.target !== field || event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    end(event.key === "Enter");
    (begin.hidden ? name : begin).focus({ preventScroll: true });
  }

  function cut({ isComposing }) {
    const signs = [...field.value];
    if (!isComposing && signs.length > LONGEST) field.value = signs.slice(0, LONGEST).join("");
  }
  name.addEventListener("click", edit);
  begin.addEventListener("click", edit);
  field.addEventListener("input", cut);
  field.addEventListener("compositionend", cut); // after which Chromium says nothing more of what was composed
  field.addEventListener("blur", () => end(true));

  return {
    show(now) {
      Object.assign(state, now);
      draw();
    },
    stop: () => end(false),
  };
}
