// The one time step, and the one curve, that a person chose: whose number stands in the title line and can be checked.

/** { run, state, time }; `curves()` gives the curves there are now. Calls changed() after every choice. */
export function makeSelection(curves, changed) {
  const chosen = { run: 0, state: null, time: 1 };

  const same = (curve) => curve.run === chosen.run && curve.state === chosen.state;

  function preferred(all) {
    const ofRun = all.filter(({ run }) => run === chosen.run);
    const candidates = ofRun.length ? ofRun : all;
    return candidates.find(({ state, flow }) => state === flow.memory_state) ?? candidates[0];
  }

  /** The chosen curve, its column and time step; null while there is none. */
  function current() {
    const all = curves();
    const curve = all.find(same) ?? preferred(all);
    if (!curve) return null;
    const column = Math.min(
      curve.values.length - 1,
      Math.max(0, Math.round((chosen.time - 1) / curve.stride)),
    );
    return { curve, column, time: curve.time(column), value: curve.values[column] };
  }

  function choose(change) {
    Object.assign(chosen, change);
    changed();
  }

  function step(by) {
    const now = current();
    if (!now) return;
    const column = Math.min(now.curve.values.length - 1, Math.max(0, now.column + by));
    choose({ time: now.curve.time(column) });
  }

  return { current, choose, step };
}
