// Keys for a lesson: listen(root, act) calls act("toggle" | "one_update" | "left" | "right"); ? shows the list.

import { html } from "./elements.js";

const ACTS = { " ": "toggle", ".": "one_update", ArrowLeft: "left", ArrowRight: "right" };
export const KEYS = [
  ["Space", "play, pause"],
  [".", "one update"],
  ["←  →", "another time step"],
  ["?", "this list"],
  ["Esc", "close; leave the projector's view"],
];
const FIELDS = "input:not([type=range]), textarea, select, [contenteditable]";
const TYPING = `${FIELDS}, [role=combobox], [role=slider], [role=spinbutton], [role=listbox]`;
const PRESSED_BY_SPACE = "button, summary, a, label, [role=button], [role=tab], [role=checkbox]";
const MOVED_BY_ARROWS = "input[type=range], [role=radio], [role=menuitem]";
const ASIDE = "[data-testid=stPopoverBody], details[open] > .rl-popover, details[open] > .ru-popover";
const OPEN = `[role=dialog], [role=listbox], [role=menu], ${ASIDE}`;

// Who clicked Play and then presses space means the lesson's key: only a button reached by Tab keeps its own.
let clicked = null;
document.addEventListener("pointerdown", ({ target }) => (clicked = target.closest?.("button") ?? null), true);
document.addEventListener("keydown", ({ key }) => key === "Tab" && (clicked = null), true);

/** Whether a key that was pressed there means something else: it is typed, chooses, or belongs to a shortcut. */
export function taken(event) {
  const { target, key, ctrlKey, altKey, metaKey, isComposing, defaultPrevented } = event;
  if (defaultPrevented || isComposing || ctrlKey || altKey || metaKey) return true;
  if (target.closest?.(TYPING) || document.querySelector(OPEN)) return true;
  if (key === " ") return ![null, undefined, clicked].includes(target.closest?.(PRESSED_BY_SPACE));
  return key.startsWith("Arrow") && Boolean(target.matches?.("[data-arrows]") || target.closest?.(MOVED_BY_ARROWS));
}

function rows(keys) {
  return keys.flatMap(([key, words]) => [
    html("dt", {}, ...key.split("  ").map((one) => html("kbd", {}, one))),
    html("dd", {}, words),
  ]);
}

/** The list of keys over the page, in the page's own colours. `toggle()` shows it, or takes it away. */
function makeList(root, keys) {
  const close = html("button", { type: "button", class: "rl-key-close", "aria-label": "Close" }, "✕");
  const node = html(
    "div",
    { class: "rl-key-list", role: "dialog", "aria-label": "Keys" },
    html("div", { class: "rl-key-head" }, html("b", {}, "Keys"), close),
    html("dl", {}, ...rows(keys)),
  );
  let before = null;

  function hide() {
    if (!node.isConnected) return false;
    node.remove();
    before?.focus?.({ preventScroll: true });
    return true;
  }

  function toggle() {
    if (hide()) return;
    before = document.activeElement;
    root.append(node);
    close.focus({ preventScroll: true });
  }
  close.addEventListener("click", hide);
  return { hide, toggle, node };
}

/** Returns how to stop. `own` lists more keys of this page, as pairs of key and words. */
export function listen(root, act, own = KEYS) {
  const list = makeList(root, own);

  function onKey(event) {
    if (event.key === "Escape" || (event.key === "?" && list.node.isConnected)) {
      if (list.hide()) event.stopImmediatePropagation(); // this Escape closes the list and nothing behind it
      return;
    }
    if (taken(event)) return;
    const asked = event.key === "?" ? "list" : ACTS[event.key];
    if (!asked) return;
    event.preventDefault();
    if (event.repeat && asked === "toggle") return; // a key that is held down must not flicker
    if (asked === "list") list.toggle();
    else act(asked);
  }

  function onClick({ target }) {
    if (!list.node.contains(target)) list.hide();
  }
  window.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onClick);
  return () => {
    list.hide();
    window.removeEventListener("keydown", onKey, true);
    document.removeEventListener("click", onClick);
  };
}
