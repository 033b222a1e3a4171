// The branches of a run that are watched: a socket and the latest frame of each. A quiet one rests and sends nothing.

import { decode } from "./frame.js";
import { connect } from "./socket.js";

/** `onNews()` when a frame came, `onLink()` when a connection changed, `onGone(token, message)`. */
export function makeBranches({ onNews, onLink, onGone }) {
  const runs = new Map();

  function open(base, token) {
    const run = { token, frame: null, next: null, link: "open", view: null, socket: null };
    run.socket = connect({
      base,
      token,
      onBuffer(buffer) {
        if (runs.get(token) !== run) return; // designs change faster than sockets close
        run.next = decode(buffer); // a frame that was not drawn yet is dropped: every frame is complete
        onNews();
      },
      onLink(link) {
        if (runs.get(token) !== run) return;
        run.link = link;
        if (link === "open" && run.view) run.socket.send(run.view);
        onLink();
      },
      onGone(message) {
        if (runs.get(token) === run) onGone(token, message);
      },
    });
    return run;
  }

  function close(token) {
    runs.get(token)?.socket.close();
    runs.delete(token);
  }

  return {
    /** Watch these and no others. */
    watch(base, tokens) {
      for (const token of [...runs.keys()]) if (!tokens.includes(token)) close(token);
      for (const token of tokens) if (!runs.has(token)) runs.set(token, open(base, token));
    },
    knows: (token) => runs.has(token),
    frameOf: (token) => runs.get(token)?.frame ?? null,
    linkOf: (token) => runs.get(token)?.link ?? "open",
    /** Frames that came since the last call, by token; they count as drawn from now on. */
    takeNews() {
      const fresh = [...runs.values()].filter(({ next }) => next);
      for (const run of fresh) Object.assign(run, { frame: run.next, next: null });
      return fresh;
    },
    acknowledge: ({ socket, frame }) => socket.send({ type: "drawn", stamp_ms: frame.header.stamp_ms }),
    /** The heat map that a person chose, now and after a reconnection; null for the picture's own proposal. */
    choose(token, view) {
      const run = runs.get(token);
      if (!run || run.view === view) return;
      run.view = view;
      if (view) run.socket.send(view);
    },
    closeAll: () => [...runs.keys()].forEach(close),
  };
}
