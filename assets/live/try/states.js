// What the network went through, unpacked: layers side by side, each with its quantities by unit and time step.

const FULL = 32767;
const NOT_A_NUMBER = -32768;

function unpack({ name, signed, reach, values }, steps) {
  const bytes = Uint8Array.from(atob(values), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const at = (unit, t) => {
    const whole = view.getInt16(2 * (unit * steps + t), true);
    return whole === NOT_A_NUMBER ? NaN : (whole / FULL) * reach;
  };
  return { name, signed, reach, at };
}

const place = (layer) => layer.name.split("/").slice(1).join("/");

/** The layers as stacks that are shown together: an encoder's and a decoder's of one height, say. */
export function unpacked(answer) {
  const layers = answer.layers.map((layer) => {
    const steps = layer.reads.length;
    const quantities = layer.quantities.map((one) => unpack(one, steps));
    return { ...layer, steps, quantities };
  });
  const places = [...new Set(layers.map(place))];
  return places.map((one) => {
    const panels = layers.filter((layer) => place(layer) === one);
    const words = panels.length > 1 ? panels[0].words.replace(/^\w+ (?=layer)/, "") : panels[0].words;
    return { place: one, words, panels, units: panels[0].units, quantities: panels[0].quantities };
  });
}

/** A column of all panels together as the panel and its own time step. */
export function panelAt(stack, column) {
  let left = column;
  for (const panel of stack.panels) {
    if (left < panel.steps) return { panel, t: left };
    left -= panel.steps;
  }
  const panel = stack.panels.at(-1);
  return { panel, t: panel.steps - 1 };
}

export const columnsOf = (stack) => stack.panels.reduce((sum, panel) => sum + panel.steps, 0);

export const quantityOf = (panel, name) => panel.quantities.find((one) => one.name === name) ?? panel.quantities[0];

/** The unit whose value changes most while the network reads. */
export function liveliest(stack) {
  let [best, widest] = [0, -1];
  for (let unit = 0; unit < stack.units; unit += 1) {
    const values = stack.panels.flatMap((panel) =>
      Array.from({ length: panel.steps }, (_, t) => panel.quantities[0].at(unit, t)),
    );
    const width = Math.max(...values) - Math.min(...values);
    if (width > widest) [best, widest] = [unit, width];
  }
  return best;
}
