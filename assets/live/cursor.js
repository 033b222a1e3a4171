// One hair line through the three charts of the time axis, and words on what stands at it.

import { setText } from "./elements.js";
import { scientific } from "./numbers.js";
import { inputLabels } from "./unrolled_plan.js";

/** What is known at one column: the time step, its input, the gradient that reaches it. */
function wordsAt(column, axis, { header, arrays }) {
  const input = inputLabels(header.network)[column];
  const norm = arrays.get("flow_median")?.data[column];
  const known = norm !== undefined && !Number.isNaN(norm);
  const parts = [
    `time step ${axis.time(column)}`,
    input && `input ${input}`,
    known && `‖dL/dh‖ ${scientific(norm)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** `cards` share the axis; `readout` takes the words. point(time step or null), then draw(axis, frame). */
export function makeCursor(cards, readout) {
  let time = null;

  function draw(axis, frame) {
    const column = time === null || !axis ? -1 : axis.columnAtTime(time);
    const shown = column >= 0 && axis.shows(column) && axis.columns > 1;
    for (const { cursor, node } of cards) {
      cursor.hidden = !shown;
      node.classList.toggle("rl-pointed", shown);
      if (shown) cursor.style.transform = `translateX(${axis.x(column)}px)`;
    }
    setText(readout, shown ? wordsAt(column, axis, frame) : "");
  }

  return {
    draw,
    point(where) {
      time = where;
    },
  };
}
