// How much of the window is left for the picture: what stands above it changes with the view.

const BELOW_PIXELS = 12;

/** Keeps `root` as high as there is room below its top. Returns { start, fit, stop }. */
export function fillWindow(root) {
  let above = null;

  function fit() {
    if (!root.isConnected) return;
    const scroller = root.closest('[data-testid="stMain"]');
    const top = root.getBoundingClientRect().top + (scroller?.scrollTop ?? window.scrollY);
    const now = Math.round(top) + BELOW_PIXELS;
    if (now === above) return;
    above = now;
    root.style.setProperty("--rg-above", `${now}px`);
  }

  const moved = new ResizeObserver(fit);

  /** The column that holds the root grows and shrinks with what stands above. */
  function start() {
    const column = root.closest('[data-testid="stVerticalBlock"]') ?? root.parentElement;
    if (column) moved.observe(column);
    fit();
  }

  return { start, fit, stop: () => moved.disconnect() };
}
