// The one scale of colours of all waterfalls.

import { html } from "../elements.js";
import { powerTicks } from "../numbers.js";
import { heatGradient } from "./palette.js";
import { holds, MARKS } from "./waterfall.js";

/** "10<sup>−3</sup>", as numbers.js writes it for Plotly, as nodes. */
function powerNodes(text) {
  const [, base, exponent] = text.match(/^([^<]*)(?:<sup>(.*)<\/sup>)?$/);
  return exponent ? [base, html("sup", {}, exponent)] : [base];
}

/** `bar` from the layout; `height` of its ramp in pixels. */
export function drawBar(bar, { falls, scale, theme, size, height }) {
  bar.ramp.style.background = heatGradient(theme);
  bar.node.classList.toggle("rg-bar-empty", !scale);
  bar.zero.hidden = !holds(falls, MARKS.zero);
  bar.none.hidden = !holds(falls, MARKS.none);
  if (!scale) return;
  const room = scale.high - scale.low || 1;
  const { values, text } = powerTicks(
    scale.low,
    scale.high,
    Math.max(2, Math.floor(height / (size.fontSize + 12))),
  );
  bar.ticks.replaceChildren(
    ...values.map((value, i) =>
      html("span", { style: `bottom:${((value - scale.low) / room) * 100}%` }, ...powerNodes(text[i])),
    ),
  );
}
