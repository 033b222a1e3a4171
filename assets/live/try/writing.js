// What the network wrote by itself: each symbol coloured by how likely it was, with its rivals on demand.
// Notes stand as high as they sound, and can be heard.

import { html, visible } from "../elements.js";
import { soundButton } from "../sound.js";
import { bars, percent } from "./answer.js";
import { isImage } from "../shades.js";

const NOTE = 7; // pixels of a semitone
const kept = { at: null };
const player = soundButton("Play what was written"); // outlives a drawing, so that a melody goes on

function token(symbol, chance, pressed, colours, act) {
  const words = symbol === "␣" ? " " : visible(symbol);
  const node = html("button", { type: "button", class: "rt-token", style: colours.look(chance, 1, false), title: `${visible(symbol)}: ${percent(chance)}`, "aria-pressed": String(pressed) }, words);
  node.addEventListener("click", act);
  return node;
}

/** Notes from left to right, each as high as it sounds. */
function score(tokens, { keys }) {
  const highest = Math.max(...keys);
  tokens.forEach((node, s) => (node.style.marginTop = `${(highest - keys[s]) * NOTE}px`));
  return html("div", { class: "rt-score", "data-testid": "written" }, ...tokens);
}

function heard({ sound, prompt }) {
  player.set(sound);
  return sound ? html("div", { class: "rt-sound" }, player.node, html("span", {}, `${sound.keys.length} notes over ${visible(prompt.join(""))}`)) : "";
}

export function drawWriting(node, { data, colours, redraw }) {
  const { more } = data;
  if (!more?.symbols) return node.replaceChildren();
  const apart = more.symbols.some((symbol) => symbol.length > 2) ? " " : "";
  const asked = more.prompt.every(isImage) ? "" : more.prompt.map((one) => (one === "␣" ? " " : one)).join(apart);
  const then = data.answer.written ? (asked ? " → " : "") : apart; // an answer does not go on with the question
  const prompt = html("span", { class: "rt-prompt" }, asked + then);
  const at = kept.at !== null && kept.at < more.symbols.length ? kept.at : null;
  const choose = (s) => () => {
    kept.at = s;
    redraw();
  };
  const tokens = more.symbols.map((symbol, s) => token(symbol, more.chances[s], s === at, colours, choose(s)));
  const written = more.sound ? score(tokens, more.sound) : html("p", { class: "rt-written", "data-testid": "written" }, prompt, ...tokens.flatMap((one) => [one, apart]));
  const ends = more.ended ? html("p", { class: "rt-note" }, "Here the network wrote its end sign.") : "";
  const choice = at === null ? html("p", { class: "rt-note" }, "The stronger the colour, the more likely the symbol was. Click one to see what else could have stood there.") : html("div", { class: "rt-rivals" }, html("h3", { class: "rt-heading" }, `Symbol ${at + 1}: “${visible(more.symbols[at])}”`), bars(more.top[at], "what could have stood here"));
  node.replaceChildren(heard(more), written, ends, choice);
}
