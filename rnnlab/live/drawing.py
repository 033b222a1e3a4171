"""The unrolled network as facts for a drawing: what stands where, true for each topology.

Time steps count from 0 along the shared axis; in an encoder-decoder the decoder's follow the
encoder's. T time steps, S output time steps, O output size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis import bridge
from rnnlab.live.verdict import power_of_ten
from rnnlab.model.losses import LOSSES
from rnnlab.model.weights import reader
from rnnlab.state import LayerTrace, Trace
from rnnlab.tasks.spec import Task
from rnnlab.topologies import TOPOLOGIES

EXTREMES = {float("-inf"): "exactly 0", float("inf"): "infinite"}
WEAK = ("", "·")
"""Labels of inputs that say nothing: they give way where there is no room for all."""


def drawing(trace: Trace, task: Task, index: int, stride: int) -> dict[str, Any]:
    """The network unrolled on sequence `index`, every `stride`-th time step."""
    stretches = parts(trace, index)
    total = stretches[-1]["stop"]
    labels = strongest(inputs(trace, task, index, stretches), stride)
    return {
        "shapes": shapes(trace),
        "time_steps": -(-total // stride),
        "all_time_steps": total,
        "stride": stride,
        "parts": [
            {**part, "start": part["start"] // stride, "stop": -(-part["stop"] // stride)}
            for part in stretches
        ],
        "rows": rows(trace, stretches, stride),
        "recurrent": total > 1,
        "inputs": labels,
        "strong_inputs": [t for t, label in enumerate(labels) if label not in WEAK],
        "fed_back": TOPOLOGIES[trace.design.topology].generates,
        "fed": "target",
        "fed_words": "teacher forcing: the true symbol is the next input",
        **spoken(trace, output_marks(trace, task, index, total), stretches, stride),
        "join": join(trace, total),
        "bridge": crossing(trace),
    }


def spoken(
    trace: Trace, outputs: list[dict[str, Any]], stretches: list[dict[str, Any]], stride: int
) -> dict[str, list[Any]]:
    """The outputs that are drawn, and where a network of one single output discards the others."""
    single = len(trace.mask) == 1 and stretches[-1]["stop"] > 1
    with_output = {mark["step"] for mark in outputs}
    drawn = [mark for mark in outputs if mark["step"] % stride == 0 or single]
    silent = [t for t in range(0, stretches[0]["stop"], stride) if single and t not in with_output]
    return {
        "outputs": [{**mark, "step": mark["step"] // stride} for mark in drawn],
        "discarded": [t // stride for t in silent],
    }


def strongest(labels: list[str], stride: int) -> list[str]:
    """One label for every `stride` time steps, one that says something where there is one."""
    groups = [labels[t : t + stride] for t in range(0, len(labels), stride)]
    return [next((label for label in group if label not in WEAK), group[0]) for group in groups]


def parts(trace: Trace, index: int) -> list[dict[str, Any]]:
    """Encoder and decoder, or the one stack there is, as stretches of the time axis."""
    there: dict[str, NDArray[np.bool_]] = {}
    for name, layer in trace.layers.items():
        there[name.split("/")[0]] = layer.valid[:, index]
    found, start = [], 0
    for name, valid_T in there.items():
        length, padding = int(valid_T.sum()), int((~valid_T).sum())
        label = name if len(there) > 1 else ""
        place = {"start": start, "stop": start + length}
        found.append({"label": label, "name": name, **place, "padding": padding})
        start += length
    return found


def crossing(trace: Trace) -> dict[str, Any] | None:
    """What crosses from decoder to encoder, as text: medians over the sequences of the gradient's norms."""
    if trace.context is None:
        return None
    found = bridge(trace)
    attention = None if found.log10_attention is None else median_text(found.log10_attention)
    return {"context": median_text(found.log10_context), "attention": attention, "size": found.size}


def median_text(log10_B: NDArray[np.float64]) -> str:
    """The median of norms that come as logarithms."""
    if np.isnan(log10_B).any():
        return "NaN"
    middle = float(np.quantile(log10_B, 0.5, method="lower"))
    return f"{10**middle:.2g}" if -3 <= middle < 4 else EXTREMES.get(middle) or power_of_ten(middle)


def rows(trace: Trace, stretches: list[dict[str, Any]], stride: int) -> list[dict[str, Any]]:
    """A row for each layer and direction, from the bottom upwards."""
    where = {part["name"]: part for part in stretches}
    found = []
    for name, layer in trace.layers.items():
        part, number, direction = name.split("/")
        found.append(
            {
                "layer": name,
                "label": f"layer {int(number) + 1}",
                "direction": direction,
                "start": where[part]["start"] // stride,
                "stop": -(-where[part]["stop"] // stride),
                "units": int(layer.h.shape[2]),
            }
        )
    return found


def inputs(trace: Trace, task: Task, index: int, stretches: list[dict[str, Any]]) -> list[str]:
    """What enters at each time step; where outputs are fed back, the symbol before."""
    given = task.input_labels(trace.batch, index)
    total = stretches[-1]["stop"]
    if not TOPOLOGIES[trace.design.topology].generates:
        return given[:total]
    fed = task.target_labels(trace.batch, index)
    if len(stretches) > 1:
        given = [*given[: stretches[0]["stop"]], "start"]
    return [*given, *fed][:total]


def output_marks(trace: Trace, task: Task, index: int, total: int) -> list[dict[str, Any]]:
    """Prediction beside target at each output time step of the sequence."""
    predicted = task.output_labels(trace.batch, index, trace.outputs[:, index])
    wanted = task.target_labels(trace.batch, index)
    confidence = confidences(trace.outputs[:, index], task)
    steps = range(len(wanted))
    right = [said == true for said, true in zip(predicted, wanted, strict=True)]
    if len(trace.mask) == 1:  # the task knows how close a number must come
        right = [task.sample(trace.batch, index, trace.outputs[:, index]).correct]
    first = total - int(trace.mask[:, index].sum()) if len(trace.mask) < total else 0
    if len(trace.mask) == 1:
        first = total - 1
    return [
        {
            "step": first + s,
            "predicted": predicted[s],
            "target": wanted[s],
            "correct": right[s],
            "confidence": None if confidence is None else float(confidence[s]),
            "loss": True,
        }
        for s in steps
        if trace.mask[s, index]
    ]


def confidences(outputs_SO: NDArray[np.float64], task: Task) -> NDArray[np.float64] | None:
    """Probability of the predicted class, or of all yes and no together, at each output time step.

    None where outputs are numbers.
    """
    if task.loss == "binary_cross_entropy":
        return np.asarray((1 / (1 + np.exp(-np.abs(outputs_SO)))).prod(axis=1))
    if not LOSSES[task.loss].classes:
        return None
    shares = np.exp(outputs_SO - outputs_SO.max(axis=1, keepdims=True))
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).max(axis=1))


def shapes(trace: Trace) -> str:
    """The sizes of input, state and output, as they are in this network."""
    layers: list[LayerTrace] = list(trace.layers.values())
    inputs, outputs, hidden = trace.inputs.shape[2], trace.outputs.shape[2], layers[-1].h.shape[2]
    units = f"2 × {hidden}" if trace.design.bidirectional else f"{hidden}"
    state = f"h_t ({units})" if layers[-1].c is None else f"h_t, c_t ({units} each)"
    if len({name.split("/")[0] for name in trace.layers}) > 1:
        context = hidden * trace.design.layers * (1 if layers[-1].c is None else 2)
        context = trace.design.context_size or context
        looks = "" if trace.attention is None else f", attention over {len(trace.inputs)}"
        return f"x_t ({inputs}) → {state} → context ({context}){looks} → {state} → y_t ({outputs})"
    entering, read = f"x_t ({inputs})", reader(trace.design)
    if read.words:
        entering += f" → {read.words} ({read.features(inputs)})"
    if TOPOLOGIES[trace.design.topology].generates:
        entering = f"x ({inputs}), y_{{t-1}} ({outputs})"
    return f"{entering} → {state} → y_t ({outputs})"


def join(trace: Trace, total: int) -> str | None:
    if not trace.design.bidirectional or len(trace.mask) > 1 or total == 1:
        return None
    return f"the answer joins the forward state at t = {total} and the backward state at t = 1"
