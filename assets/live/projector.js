// Charts for the last row: lines and marks are drawn larger, in every figure alike.

const FACTOR = 1.75;
const thicker = (line) => line && Object.assign(line, { width: (line.width ?? 1.5) * FACTOR });

/** Lines and marks of a Plotly figure that was just built, where its node stands on a projected page. */
export function enlarge(node, data, layout) {
  if (!node.closest(".rl-projector")) return;
  for (const trace of data) {
    thicker(trace.line?.width === 0 ? null : trace.line);
    if (typeof trace.marker?.size === "number") trace.marker.size *= FACTOR;
  }
  for (const { line } of layout.shapes ?? []) thicker(line);
}
