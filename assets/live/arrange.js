// What a teacher's link says of the controls inside a live component: hidden, or there and out of use.

const PLAYER = ".ru-back, .ru-play, .ru-forward, .ru-line, .ru-select, .ru-stages";
const PARTS = {
  check: [".rl-card .rl-check"],
  chart_choices: [".rl-select, .rl-switch"],
  save: [".rl-save"],
  play: [PLAYER],
  numbers: [".ru-tab + .ru-tab", ".ru-body input"], // hidden: their whole sheet; locked: there to be read
};

/** Lay the room out; anew whenever the component has drawn new nodes. */
export function arrange(root, room = {}) {
  const { hidden = [], locked = [], projector = false } = room;
  root.classList.toggle("rl-projector", projector);
  for (const [name, [whole, fields = whole]] of Object.entries(PARTS)) {
    for (const node of root.querySelectorAll(whole)) node.classList.toggle("rl-away", hidden.includes(name));
    for (const node of root.querySelectorAll(fields)) node.inert = locked.includes(name);
  }
}

/** The size of letters, in pixels, for a component of this width; on a projector for the last row of the room. */
export function fontSizeFor(width, projector) {
  if (projector) return Math.max(20, Math.round(width * 0.0147));
  return width >= 1300 ? 14 : 12;
}
