// The timeline as facts: which branch carries which update, where a press leads, which numbers stand under it.

const LEAST_UPDATES = 10;
const STEPS = [1, 2, 5];

/** The branches by token, with what is known of each run; `furthest` from its latest frame. */
export function planOf(branches, furthestOf) {
  const lanes = branches.map((branch, row) => ({
    ...branch,
    row,
    furthest: Math.max(furthestOf(branch.token), branch.left_at),
  }));
  const byToken = new Map(lanes.map((lane) => [lane.token, lane]));
  const last = Math.max(LEAST_UPDATES, ...lanes.map(({ furthest }) => furthest));
  return { lanes, byToken, last };
}

/** The branch on whose own track the past of `token` at `update` lies. */
export function carrier({ byToken }, token, update) {
  let lane = byToken.get(token);
  while (lane?.parent && update <= lane.left_at) lane = byToken.get(lane.parent);
  return lane;
}

/** Whether a branch's own track is part of the current one's past, and up to where. */
export function shared({ byToken }, token, current) {
  let [lane, until] = [byToken.get(current), Infinity];
  while (lane) {
    if (lane.token === token) return until;
    until = Math.min(until, lane.left_at);
    lane = byToken.get(lane.parent);
  }
  return null;
}

/** Where a quiet branch's line leaves the past that it shares with the current one. */
export function separation({ byToken }, token, current) {
  const ways = (from) => {
    const found = new Map();
    for (let [lane, until] = [byToken.get(from), Infinity]; lane; lane = byToken.get(lane.parent)) {
      found.set(lane.token, until);
      until = Math.min(until, lane.left_at);
    }
    return found;
  };
  const [mine, other] = [ways(current), ways(token)];
  for (const [lane, until] of mine) if (other.has(lane)) return Math.min(until, other.get(lane));
  return 0;
}

/** What a press on a lane at an update means: the current branch, where that stretch is its past too. */
export function target(plan, row, update, current) {
  const pressed = plan.lanes[Math.min(plan.lanes.length - 1, Math.max(0, row))];
  const lane = carrier(plan, pressed.token, update);
  const own = carrier(plan, current, update)?.token === lane.token && update <= plan.byToken.get(current).furthest;
  return own ? current : lane.token;
}

/** Round numbers from 0 to `last`, `most` of them at most. */
export function roundNumbers(last, most) {
  const grain = 10 ** Math.floor(Math.log10(last / most));
  const step = [...STEPS, 10].map((n) => n * grain).find((n) => n >= 1 && last / n <= most) ?? last;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}

/** Where an arrow key leads from `update`; null for other keys. */
export function byKey(key, update, furthest) {
  const tenth = Math.max(1, Math.round(furthest / 10));
  const moves = {
    ArrowLeft: update - 1,
    ArrowDown: update - 1,
    ArrowRight: update + 1,
    ArrowUp: update + 1,
    PageDown: update - tenth,
    PageUp: update + tenth,
    Home: 0,
    End: furthest,
  };
  return key in moves ? Math.min(furthest, Math.max(0, moves[key])) : null;
}
