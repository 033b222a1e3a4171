// What the stage shows, by the name that Python sends: a title, what is drawn above the map, and whether that is all.

import { drawChanged } from "./changed.js";
import { drawForecast } from "./forecast.js";
import { drawMattered } from "./mattered.js";
import { drawUnits } from "./units.js";
import { drawWriting } from "./writing.js";

const nothing = (node) => node.replaceChildren();

export const VIEWS = {
  reading: { title: "While it reads", map: true, draw: nothing },
  forecast: { title: "What comes next", alone: () => true, draw: drawForecast },
  mattered: { title: "What mattered", alone: () => true, draw: drawMattered },
  units: { title: "Units that follow something known", map: true, draw: drawUnits },
  changed: { title: "What changes", map: true, alone: ({ more }) => Boolean(more?.after), draw: drawChanged },
  written: { title: "It goes on by itself", alone: () => true, draw: drawWriting },
};
