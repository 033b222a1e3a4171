// What the network wrote by itself: each symbol coloured by how likely it was, with its rivals on demand.

import { html, visible } from "../elements.js";
import { bars, percent } from "./answer.js";
import { isImage } from "./pixels.js";

const kept = { at: null };

export function drawWriting(node, { data, colours, redraw }) {
  const { more } = data;
  if (!more?.symbols) return node.replaceChildren();
  const apart = more.symbols.some((symbol) => symbol.length > 2) ? " " : "";
  const asked = more.prompt.every(isImage) ? "" : more.prompt.map((one) => (one === "␣" ? " " : one)).join(apart);
  const then = data.answer.written ? (asked ? " → " : "") : apart; // an answer does not go on with the question
  const prompt = html("span", { class: "rt-prompt" }, asked + then);
  const at = kept.at !== null && kept.at < more.symbols.length ? kept.at : null;
  const spans = more.symbols.flatMap((symbol, s) => {
    const look = colours.look(more.chances[s], 1, false);
    const words = symbol === "␣" ? " " : visible(symbol);
    const one = html("button", { type: "button", class: "rt-token", style: look, title: `${visible(symbol)}: ${percent(more.chances[s])}`, "aria-pressed": String(s === at) }, words);
    one.addEventListener("click", () => {
      kept.at = s;
      redraw();
    });
    return [one, apart];
  });
  const ends = more.ended ? html("p", { class: "rt-note" }, "Here the network wrote its end sign.") : "";
  const choice = at === null ? html("p", { class: "rt-note" }, "The deeper the colour, the more likely the symbol was. Click one to see what else could have stood there.") : html("div", { class: "rt-rivals" }, html("h3", { class: "rt-heading" }, `Symbol ${at + 1}: “${visible(more.symbols[at])}”`), bars(more.top[at], "what could have stood here"));
  node.replaceChildren(html("p", { class: "rt-written", "data-testid": "written" }, prompt, ...spans), ends, choice);
}
