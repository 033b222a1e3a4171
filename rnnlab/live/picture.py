"""What a frame shows of one run at one moment: the unrolled network, its states, its gradient flow.

Everything is taken from one trace on held-out sequences. `meta` is ready for JSON, `arrays` for
the wire: heat maps as bytes, norms as base-ten logarithms, so that none underflows.
Shapes: T time steps, B sequences, S output time steps, U units.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis import GradientFlow, attention_map
from rnnlab.analysis.flow import flow_through
from rnnlab.config import Design, Settings, fit
from rnnlab.live.drawing import drawing
from rnnlab.live.sounds import row_sounds
from rnnlab.live.thumbnails import thumbnails
from rnnlab.live.verdict import verdict
from rnnlab.live.view import rounded
from rnnlab.metrics import METRICS
from rnnlab.model.cells import CELLS
from rnnlab.state import LayerTrace, RunState, Trace
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import OwnData
from rnnlab.topologies import TOPOLOGIES

SHOWN = 0
"""Which of the probe sequences is drawn."""

PROBES = 32
ROWS = 8
WIDEST = 250
"""Most time steps that a heat map is given; longer sequences are shown every so many steps."""

NO_NUMBER = 255
ATTENTION = "attention"
"""The quantity that is no layer's: what the decoder looks back at."""


class Picture(NamedTuple):
    """`meta` as plain JSON values, `arrays` as they travel: bytes and float32."""

    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def draw(state: RunState, settings: Settings) -> Picture:
    """The picture of a run. Raises ValueError where the task does not have the settings' length."""
    from rnnlab.model.network import load_task
    from rnnlab.tracing import trace

    settings = fit(state.design, settings)
    traced = trace(state, settings, sequences=PROBES, weight_gradients=False)
    task = load_task(state.design)
    stride = -(-steps_shown(traced) // WIDEST)
    meta: dict[str, Any] = {
        "title": title(state.design),
        "parameters": state.parameters,
        "network": drawing(traced, task, SHOWN, stride),
        "views": views(traced),
        "flow": flow_facts(traced),
        "flows": {},
        "predictions": predictions(state, settings, traced),
    }
    rows = len(meta["predictions"]["rows"])
    arrays: dict[str, NDArray[Any]] = {}
    meta["images"], seen = thumbnails(task, traced.batch, SHOWN, rows, stride)
    arrays |= seen
    for name, same in levels(traced).items():
        arrays |= heat_maps(name, same, meta["views"]["scales"], stride) | looks(name, traced, stride)
        meta["flows"][name], curves = flow_of(name, same, traced, stride)
        arrays |= curves
    return Picture(rounded(meta), arrays)


def flow_of(
    name: str, same: list[LayerTrace], trace: Trace, stride: int
) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """The gradient flow through layers of one height: its verdict, and curves of h (and of c)."""
    states = CELLS[trace.design.cell].states
    layers = [layer.name for layer in same]
    flows = {letter: flow_through(trace, layers, letter, sequence=SHOWN) for letter in states}
    facts = {
        "verdict": verdict(flows[states[-1]], trace),
        "layers": layers,
        "layer_label": layer_label(name) if len(levels(trace)) > 1 else "",
    }
    curves: dict[str, NDArray[np.float32]] = {}
    for letter, flow in flows.items():
        curves |= flow_curves(f"{'flow' if letter == 'h' else 'cell'}:{name}", flow, stride)
    return facts, curves


def title(design: Design) -> str:
    """e.g. `LSTM · 24 units · many to one`."""
    words = [CELLS[design.cell].label, f"{design.hidden_size} units"]
    if CELLS[design.cell].has_activation:
        words[0] += f" ({design.activation})"
    if design.layers > 1:
        words.append(f"{design.layers} layers")
    if design.bidirectional:
        words.append("bidirectional")
    return " · ".join([*words, TOPOLOGIES[design.topology].label.lower()])


def steps_shown(trace: Trace) -> int:
    """Time steps of the drawn sequence, through all parts."""
    lowest = next(iter(levels(trace).values()))
    return sum(int(layer.valid[:, SHOWN].sum()) for layer in lowest)


def layer_label(name: str) -> str:
    _, layer, direction = name.split("/")
    return f"layer {int(layer) + 1}" + (" backward" if direction == "backward" else "")


def levels(trace: Trace) -> dict[str, list[LayerTrace]]:
    """Layers of the same height and direction, one after the other in time, by the first one's name."""
    found: dict[str, list[LayerTrace]] = {}
    for layer in trace.layers.values():
        found.setdefault(layer.name.split("/", 1)[1], []).append(layer)
    return {same[0].name: same for same in found.values()}


def views(trace: Trace) -> dict[str, Any]:
    """What the heat map can show."""
    cell = CELLS[trace.design.cell]
    names = list(levels(trace))
    quantities = [["h", "hidden state h"]]
    quantities += [["c", "cell state c"]] if "c" in cell.states else []
    quantities += [[key, words] for key, words in cell.gates.items()]
    quantities += [] if trace.attention is None else [[ATTENTION, "attention"]]
    return {
        "layers": [[name, layer_label(name)] for name in names],
        "quantities": quantities,
        "layer": [name for name in names if name.endswith("/forward")][-1],
        "quantity": "h",
        "scales": scales(trace),
        "units": trace.design.hidden_size,
    }


def scales(trace: Trace) -> dict[str, list[float]]:
    """Range of the colours for each layer and quantity: fixed where the quantity is bounded."""
    found = {}
    for name, same in levels(trace).items():
        for key in quantities(same[0]):
            shown = [quantities(layer)[key][:, SHOWN] for layer in same]
            found[f"{name}:{key}"] = list(scale(key, np.concatenate(shown), trace.design))
        if trace.attention is not None:
            found[f"{name}:{ATTENTION}"] = [0.0, 1.0]
    return found


def quantities(layer: LayerTrace) -> dict[str, NDArray[np.float64]]:
    states = {"h": layer.h} if layer.c is None else {"h": layer.h, "c": layer.c}
    return {**states, **layer.gates}


def scale(key: str, values_TU: NDArray[np.float64], design: Design) -> tuple[float, float]:
    cell = CELLS[design.cell]
    if key in cell.gates:
        return (-1.0, 1.0) if key in cell.signed_gates else (0.0, 1.0)
    if key == "h" and (not cell.has_activation or design.activation == "tanh"):
        return -1.0, 1.0
    if key == "h" and design.activation == "sigmoid":
        return 0.0, 1.0
    finite = np.abs(values_TU[np.isfinite(values_TU)])
    reach = float(finite.max(initial=0.0)) or 1.0
    reach = round_up(reach)
    return (0.0, reach) if key == "h" and design.activation == "relu" else (-reach, reach)


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten: a scale that does not flicker."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9)))


def heat_maps(
    name: str, same: list[LayerTrace], ranges: dict[str, list[float]], stride: int
) -> dict[str, NDArray[np.uint8]]:
    """Each quantity of the drawn sequence (U, T), and each layer's mean |h| by time step (T), as bytes."""
    steps = {layer.name: np.flatnonzero(layer.valid[:, SHOWN]) for layer in same}
    maps = {}
    for key in quantities(same[0]):
        shown = [quantities(layer)[key][steps[layer.name], SHOWN] for layer in same]
        maps[f"heat:{name}:{key}"] = to_bytes(np.concatenate(shown)[::stride].T, *ranges[f"{name}:{key}"])
    for layer in same:
        size = np.abs(layer.h[steps[layer.name][::stride], SHOWN]).mean(axis=1)
        maps[f"row:{layer.name}"] = to_bytes(size, 0, ranges[f"{name}:h"][1])
    return maps


def looks(name: str, trace: Trace, stride: int) -> dict[str, NDArray[np.uint8]]:
    """The attention of the drawn sequence: a row for each output, nothing at its own time steps (S, T)."""
    if trace.attention is None:
        return {}
    weights_ST = attention_map(trace, SHOWN).weights
    beside = ((0, 0), (0, steps_shown(trace) - weights_ST.shape[1]))
    drawn_ST = np.pad(weights_ST, beside, constant_values=np.nan)[:, ::stride]
    return {f"heat:{name}:{ATTENTION}": to_bytes(drawn_ST, 0.0, 1.0)}


def to_bytes(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Numbers in [low, high] to 0..254, what is not finite to 255."""
    share = np.clip((values - low) / (high - low), 0, 1) * (NO_NUMBER - 1)
    return np.where(np.isfinite(values), np.round(np.nan_to_num(share)), NO_NUMBER).astype(np.uint8)


def flow_curves(prefix: str, flow: GradientFlow, stride: int) -> dict[str, NDArray[np.float32]]:
    """Base-ten logarithms; minus infinity where the norm is exactly 0."""
    curves = {"median": flow.log10_norm, "low": flow.log10_low, "high": flow.log10_high}
    return {f"{prefix}:{name}": values[::stride].astype(np.float32) for name, values in curves.items()}


def flow_facts(trace: Trace) -> dict[str, Any]:
    sequences = trace.outputs.shape[1]
    return {
        "low_q": 10,
        "high_q": 90,
        "sequences": sequences,
        "has_cell": len(CELLS[trace.design.cell].states) > 1,
        "caption": f"total derivative, log scale, median and 10–90 % of {sequences} held-out sequences",
    }


def how_fed(design: Design, free: bool) -> str:
    """Whether a generating network was fed its own symbols or the true ones."""
    if not TOPOLOGIES[design.topology].generates:
        return ""
    return ", free-running" if free else ", fed the true symbols"


def source(design: Design) -> str:
    """Where the task's data comes from: its own source, or the text that was pasted."""
    spec = TASKS[design.task]
    own = any(isinstance(spec.options[name], OwnData) and text for name, text in design.options.items())
    return "your own data" if own else spec.source


def predictions(state: RunState, settings: Settings, trace: Trace) -> dict[str, Any]:
    """A table of held-out samples; for generating networks their own free-running output."""
    from rnnlab.evaluation import outputs_on
    from rnnlab.model.network import load_task

    task = load_task(state.design)
    count = min(ROWS, trace.outputs.shape[1])
    outputs_SBO = trace.outputs
    free = METRICS[task.metric].free_running
    batch = trace.batch._replace(
        inputs_TBI=trace.batch.inputs_TBI[:, :count],
        targets=trace.batch.targets[:, :count],
        mask_SB=trace.batch.mask_SB[:, :count],
        lengths_B=trace.batch.lengths_B[:count],
    )
    if free:
        outputs_SBO, _ = outputs_on(state, batch, free_running=True)  # type: ignore[assignment]
    rows = []
    for b in range(count):
        heard = row_sounds(task, state.design, settings, batch, b, outputs_SBO[:, b])
        rows.append(task.sample(batch, b, outputs_SBO[:, b])._asdict() | ({"sounds": heard} if heard else {}))
    return {
        "head": ["input", "target", "predicted"],
        "rows": rows,
        "caption": f"held-out{how_fed(state.design, free)} · {source(state.design)}",
        "metric": TASKS[state.design.task].metric_label,
    }
