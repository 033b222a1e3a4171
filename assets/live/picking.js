// Choosing a time step on a chart: a click where no drag was meant, or the arrow keys of a card that has the focus.

const CLICK_PIXELS = 5; // a press that moves further is a zoom

/** Calls onClick(x, y) in pixels of `body` for presses that are no drags, outside of Plotly's buttons. */
export function listenForClicks(body, onClick) {
  let pressed = null;
  body.addEventListener("pointerdown", ({ clientX, clientY, target, button }) => {
    pressed = button === 0 && !target.closest?.(".modebar") ? [clientX, clientY] : null;
  });
  const release = ({ clientX, clientY }) => {
    if (!pressed) return;
    const moved = Math.hypot(clientX - pressed[0], clientY - pressed[1]);
    pressed = null;
    if (moved > CLICK_PIXELS) return;
    const box = body.getBoundingClientRect();
    onClick(clientX - box.left, clientY - box.top);
  };
  document.addEventListener("pointerup", release);
  return () => document.removeEventListener("pointerup", release);
}

/** Arrow keys of a card that has the focus itself. */
export function listenForArrows(node, onStep) {
  node.dataset.arrows = ""; // the page's own arrow keys leave this card alone
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    onStep((event.key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? 10 : 1));
  });
}

/** One card whose time step is chosen for a check. `at()` gives { axis, frame }, null before there is a picture. */
export function makePicked({ node, body, picked }, at, readout) {
  let time = 1;

  function draw() {
    const now = at();
    const column = now ? Math.min(now.axis.columns - 1, Math.max(0, now.axis.columnAtTime(time))) : -1;
    const shown = column >= 0 && now.axis.shows(column);
    picked.hidden = !shown;
    if (shown) picked.style.transform = `translateX(${now.axis.x(column)}px)`;
    readout(column < 0 ? null : { time: now.axis.time(column), column, frame: now.frame });
    return column < 0 ? null : now.axis.time(column);
  }

  function choose(column) {
    const now = at();
    if (!now || column < 0 || column >= now.axis.columns) return;
    time = now.axis.time(column);
    draw();
  }

  const stop = listenForClicks(body, (x) => {
    const axis = at()?.axis;
    if (axis && x >= axis.left && x <= axis.right) choose(axis.columnAtX(x));
  });
  function step(by) {
    const axis = at()?.axis;
    if (axis) choose(Math.min(axis.columns - 1, Math.max(0, axis.columnAtTime(time) + by)));
  }
  listenForArrows(node, step);

  return { draw, step, stop };
}
