// Words under the titles of cards, made from what a frame says.

/** e.g. "24 units × 10 time steps", and which of them are drawn where not all are. */
export function unitsByTime(units, { all_time_steps: steps, stride }) {
  const drawn = stride > 1 ? `, one in ${stride} drawn` : "";
  return `${units} units × ${steps} time step${steps === 1 ? "" : "s"}${drawn}`;
}

/** How much was clipped, and how. */
export function clipWords(clip) {
  if (clip.kind === "off") return "by update · clipping is off";
  const known = clip.share !== null && clip.share !== undefined;
  const share = known ? `${Math.round(clip.share * 100)} % ${clip.window ?? "of updates"} clipped` : "";
  const how = clip.kind === "value" ? `by value at ±${clip.threshold}` : "";
  return [share, how].filter(Boolean).join(" · ") || "before and after clipping";
}
