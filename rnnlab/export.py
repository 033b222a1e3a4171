"""A run in other forms: records and reports as CSV, a trace as NPZ, a file's name, how Python reads it."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, as_dict
from rnnlab.state import LayerTrace, Records, Report, RunState, Trace
from rnnlab.title import slug

PARTS = ("inputs", "outputs", "targets", "mask", "lengths")
CROSSED = ("context", "grad_context", "attention", "grad_attention")
"""What goes from an encoder to a decoder, where there are both."""


def file_name(design: Design, update: int | None, ending: str, title: str = "") -> str:
    """e.g. `rnnlab-adding-gru-1240.npz`, `rnnlab-group-3-1240.npz` for a run with a title.

    Without the update where it moves on.
    """
    called = [slug(title)] if slug(title) else [design.task, design.cell]
    parts = ["rnnlab", *called, *([str(update)] if update is not None else [])]
    return "-".join(parts) + ending


def records_csv(records: Records) -> str:
    """One line for each update, every number to its last digit; nan and inf by these names."""
    text: str = records.frame().to_csv(index=False, na_rep="nan", lineterminator="\n")
    return text


REPORT_COLUMNS = {
    "update": "update",
    "held_out_loss": "loss",
    "training_loss": "train_loss",
    "held_out_metric": "metric",
    "training_metric": "train_metric",
    "metric": "metric_name",
    "baseline_loss": "baseline_loss",
    "baseline_metric": "baseline_metric",
}


def reports_csv(reports: Sequence[Report]) -> str:
    """One line for each time that held-out data and the sample of training data were measured."""
    import pandas

    names = [measure.name for measure in reports[-1].measures] if reports else []
    rows = [
        [getattr(report, field) for field in REPORT_COLUMNS.values()]
        + [{one.name: one.value for one in report.measures}.get(name, math.nan) for name in names]
        for report in reports
    ]
    table = pandas.DataFrame(rows, columns=[*REPORT_COLUMNS, *names])
    text: str = table.to_csv(index=False, na_rep="nan", lineterminator="\n")
    return text


def trace_npz(state: RunState, settings: Settings) -> bytes:
    """The unrolled network on 32 held-out sequences as a NumPy archive; needs torch.

    Arrays go by layer and quantity, `recurrent/0/forward/h` (T, B, H); `about` is JSON in bytes.
    """
    from rnnlab.tracing import trace

    return packed(trace(state, settings), settings)


def packed(trace: Trace, settings: Settings) -> bytes:
    """A trace as the content of an .npz file that loads without pickle."""
    about = {
        "design": as_dict(trace.design),
        "settings": as_dict(settings),
        "update": trace.update,
        "layers": list(trace.layers),
    }
    arrays: dict[str, Any] = {name: getattr(trace, name) for name in PARTS}
    arrays |= {name: value for name in CROSSED if (value := getattr(trace, name)) is not None}
    for name, layer in trace.layers.items():
        arrays |= {f"{name}/{quantity}": array for quantity, array in quantities(layer).items()}
    arrays |= {f"weights/{name}": array for name, array in trace.weights.items()}
    arrays |= {f"gradients/{name}": array for name, array in trace.gradients.items()}
    file = io.BytesIO()
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez_compressed(file, about=text, loss=np.float64(trace.loss), **arrays)
    return file.getvalue()


def quantities(layer: LayerTrace) -> dict[str, NDArray[Any]]:
    """All arrays of a layer by their names."""
    cell = {"c": layer.c, "grad_c": layer.grad_c}
    given = {name: array for name, array in cell.items() if array is not None}
    gates = {f"gates/{letter}": array for letter, array in layer.gates.items()}
    return {"h": layer.h, "grad_h": layer.grad_h, "valid": layer.valid, **given, **gates}


def five_lines(name: str) -> str:
    """Python that goes on with a saved run and looks into it."""
    return f"""import rnnlab
run = rnnlab.load_run("{name}")
state, records = rnnlab.advance(run.state, run.settings, updates=100)
flow = rnnlab.analysis.gradient_flow(rnnlab.trace(state, run.settings))
rnnlab.figures.gradient_flow(flow).show()"""
