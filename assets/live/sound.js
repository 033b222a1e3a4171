// Sounds to listen to: melodies from their notes, made by the browser itself, and sounds from the server.
//
//   const button = soundButton("Play the target");   // append button.node
//   button.set({ keys: [60, 64, 67], seconds: 0.25 });  // MIDI keys, equally long notes
//   button.set({ url: "sound?task=vowels&length=24&index=0" });  // a file of the live route
//   button.set({ url: "sound?task=vowels&length=24&asked=heed, spoken by a man" });
//   button.set({ samples: [...], rate: 8000 });  // numbers between -1 and 1
//   button.set(null);                             // nothing to hear: the button is hidden
//
// One sound at a time: a second one, or a second press, stops the first. Nothing is heard without a press.

import { html } from "./elements.js";

const LOUDNESS = 0.22; // of what the machine can do: a class full of melodies is enough
const EDGE_SECONDS = 0.012; // notes swell and fade this fast, so that nothing clicks
const LIVE_ROUTE = new URL("../", import.meta.url);

let context = null; // made at the first press, since browsers let nothing sound before
let playing = null; // { stop }

const hertz = (key) => 440 * 2 ** ((key - 69) / 12);

/** Notes one after the other into `output`; resolves to the last source, and what to stop. */
function notes({ keys, seconds }, output) {
  const start = context.currentTime + 0.03;
  return keys.map((key, i) => {
    const [from, to] = [start + i * seconds, start + (i + 1) * seconds];
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz(key) });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(1, from + EDGE_SECONDS);
    volume.gain.setTargetAtTime(0.35, from + EDGE_SECONDS, seconds / 3);
    volume.gain.setTargetAtTime(0, to - EDGE_SECONDS * 3, EDGE_SECONDS);
    tone.connect(volume).connect(output);
    tone.start(from);
    tone.stop(to + EDGE_SECONDS);
    return tone;
  });
}

function recording(buffer, output) {
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(output);
  source.start();
  return [source];
}

function bufferOf({ samples, rate }) {
  const buffer = new AudioBuffer({ length: Math.max(1, samples.length), sampleRate: rate });
  buffer.copyToChannel(Float32Array.from(samples), 0);
  return buffer;
}

async function fetched(url) {
  const answer = await fetch(new URL(url, LIVE_ROUTE));
  if (!answer.ok) throw new Error(`The sound could not be fetched: ${answer.status}.`);
  return context.decodeAudioData(await answer.arrayBuffer());
}

/** Stops whatever sounds. */
export function stopSound() {
  playing?.stop();
}

/** Plays a sound; `onEnd` is called once, when it is over or stopped. Resolves when it has begun. */
export async function playSound(sound, onEnd = () => {}) {
  stopSound();
  context ??= new AudioContext();
  const output = new GainNode(context, { gain: sound.keys ? LOUDNESS : 1 });
  output.connect(context.destination);
  let sources = [];
  const now = {
    stop() {
      if (playing === now) playing = null;
      for (const source of sources) source.onended = null;
      output.disconnect();
      sources.forEach((source) => source.stop());
      now.stop = () => {};
      onEnd();
    },
  };
  playing = now;
  try {
    await context.resume();
    const buffer = sound.keys ? null : sound.url ? await fetched(sound.url) : bufferOf(sound);
    if (playing !== now) return; // stopped, or another was pressed, while it was on its way
    sources = sound.keys ? notes(sound, output) : recording(buffer, output);
    if (sources.length) sources.at(-1).onended = () => now.stop();
    else now.stop();
  } catch (error) {
    now.stop();
    throw error;
  }
}

/** A button that plays and stops: { node, set }. `label` says what is heard, e.g. "Play the target". */
export function soundButton(label) {
  const node = html("button", { type: "button", class: "rl-sound", "aria-label": label, title: label, hidden: "" }, "▶");
  let held = null;
  let key = "null";

  function show(sounding) {
    node.textContent = sounding ? "■" : "▶";
    node.setAttribute("aria-label", sounding ? "Stop" : label);
    node.title = sounding ? "Stop" : label;
    node.classList.toggle("rl-sounding", sounding);
  }

  let sounding = false;
  node.addEventListener("click", () => {
    if (sounding) return stopSound();
    sounding = true;
    show(true);
    return playSound(held, () => {
      sounding = false;
      show(false);
    }).catch((error) => {
      node.title = error.message;
      console.error("RNN Lab: a sound could not be played.", error);
    });
  });

  return {
    node,
    /** What to play from now on; one that sounds already goes on to its end. */
    set(sound) {
      const now = JSON.stringify(sound ?? null);
      if (now === key) return;
      key = now;
      held = sound ?? null;
      node.hidden = !held;
    },
  };
}
