// Where the page stands in the computation: a line, and with it a stage. Play, step, and the keys of this page alone.

import { taken } from "../keyboard.js";

const LINE_MS = 1500;

/** `onMove(player)` is called after every move; `moved` says whether by "line" or by "stage". */
export function makePlayer(onMove) {
  const player = { stages: [], lines: [], at: 0, stage: 0, playing: false, speed: 1, moved: "stage", rests: false };
  let timer = 0;

  function go(at, moved) {
    player.at = Math.max(0, Math.min(player.lines.length - 1, at));
    player.stage = player.lines[player.at].stage;
    player.moved = moved;
    onMove(player);
  }

  /** All lines of a stage at once. */
  player.toStage = (stage) => {
    const wanted = Math.max(0, Math.min(player.stages.length - 1, stage));
    go(player.lines.findLastIndex((line) => line.stage === wanted), "stage");
  };
  player.toLine = (at) => go(at, "line");
  player.step = (by) => player.toStage(player.stage + by);
  player.line = (by) => go(player.at + by, "line");

  player.load = (stages) => {
    const old = player.stages[player.stage];
    const offset = player.lines.length ? player.at - player.lines.findIndex((line) => line.stage === player.stage) : 0;
    player.stages = stages;
    player.lines = stages.flatMap(({ lines }, stage) => lines.map((line) => ({ ...line, stage })));
    const same = stages.findIndex(({ title }) => title === old?.title);
    const first = player.lines.findIndex((line) => line.stage === Math.max(0, same));
    if (same < 0) player.toStage(0);
    else go(Math.min(first + offset, player.lines.findLastIndex((line) => line.stage === same)), "stage");
  };

  function tick() {
    if (player.at === player.lines.length - 1) return player.play(false);
    player.line(1);
    timer = setTimeout(tick, LINE_MS / player.speed);
  }

  player.play = (on = !player.playing) => {
    clearTimeout(timer);
    player.playing = on;
    if (on && player.at === player.lines.length - 1) go(0, "line");
    else onMove(player);
    if (on) timer = setTimeout(tick, LINE_MS / player.speed / 3);
  };

  const KEYS = {
    ArrowDown: () => player.line(1),
    ArrowUp: () => player.line(-1),
    Home: () => player.toStage(0),
    End: () => player.toStage(player.stages.length - 1),
  };

  function onKey(event) {
    if (!KEYS[event.key] || player.rests || taken(event)) return;
    event.preventDefault();
    if (player.playing) player.play(false);
    KEYS[event.key]();
  }
  document.addEventListener("keydown", onKey);

  player.destroy = () => {
    clearTimeout(timer);
    document.removeEventListener("keydown", onKey);
  };
  return player;
}
