// The connection to the server: opens, decodes nothing, reopens after a break with growing pauses.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

function address(base) {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}${base}/live/ws`;
}

/**
 * Keep a socket open until close() is called or the server says that the run is gone.
 * Handlers: onBuffer(ArrayBuffer), onLink("open" | "lost"), onGone(message).
 */
export function connect({ base, token, onBuffer, onLink, onGone }) {
  let socket = null;
  let timer = 0;
  let pause_ms = FIRST_PAUSE_MS;
  let finished = false;

  function open() {
    socket = new WebSocket(address(base));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      send({ type: "watch", token }); // not in the address: those end up in logs
      onLink("open");
    };
    socket.onmessage = ({ data }) => {
      if (finished) return; // what was under way when this socket was given up
      pause_ms = FIRST_PAUSE_MS; // only data proves that the connection is good
      if (typeof data === "string") hear(data);
      else onBuffer(data);
    };
    socket.onclose = () => {
      if (finished) return;
      onLink("lost");
      timer = window.setTimeout(open, pause_ms * (0.8 + 0.4 * Math.random())); // a class must not return as one
      pause_ms = Math.min(pause_ms * 1.7, LONGEST_PAUSE_MS);
    };
  }

  function hear(text) {
    const { type, message } = JSON.parse(text);
    if (type !== "gone") return;
    close();
    onGone(message);
  }

  function send(value) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(value));
  }

  function close() {
    finished = true;
    window.clearTimeout(timer);
    socket?.close();
  }

  open();
  return { send, close };
}
