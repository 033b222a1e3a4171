"""What a frame of the Gradients page shows: the gradient flow now, and how it changed while training.

T time steps (drawn every so many, T'), R rows of the waterfall, one for each picture so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis import GradientFlow, gradient_flow
from rnnlab.analysis.chain import named
from rnnlab.analysis.flow import norms
from rnnlab.config import Settings, fit
from rnnlab.live.history import FallRow
from rnnlab.live.picture import PROBES, WIDEST, Picture, flow_curves, title
from rnnlab.live.status import Content
from rnnlab.live.verdict import verdict
from rnnlab.live.view import View, rounded
from rnnlab.model.cells import CELLS
from rnnlab.state import RunState, Trace

FALL_COLUMNS = 100
"""Most time steps that a waterfall is given."""

DEEPEST, ZERO, NO_NUMBER = 253, 254, 255
"""Bytes of a waterfall: 0 to DEEPEST are numbers, then exactly 0, then none at all."""

NO_PICTURE = dict.fromkeys(("title", "verdict", "flow", "fall"))
Array = NDArray[Any]


def draw(state: RunState, settings: Settings) -> Picture:
    """The flow through the uppermost layer, at the time steps that there are.

    Raises ValueError where the task has no such length.
    """
    from rnnlab.tracing import trace

    settings = fit(state.design, settings)
    traced = trace(state, settings, sequences=PROBES, weight_gradients=False)
    letters = CELLS[state.design.cell].states
    flows = {letter: without_padding(gradient_flow(traced, state=letter), traced) for letter in letters}
    memory = letters[-1]  # the state that carries the long memory
    stride = -(-len(flows["h"].norm) // WIDEST)
    meta = {
        "title": title(state.design),
        "verdict": verdict(flows[memory], traced),
        "flow": flow_facts(flows[memory], list(letters), stride, traced.outputs.shape[1]),
    }
    arrays: dict[str, Array] = {}
    for letter, flow in flows.items():
        arrays |= flow_curves("flow" if letter == "h" else "cell", flow, stride)
    arrays["row"] = flow_curves("row", flows[memory], 1)["row:median"]
    return Picture(rounded(meta), arrays)


def without_padding(flow: GradientFlow, trace: Trace) -> GradientFlow:
    """Without the time steps that no sequence has: where all are shorter than the length allows."""
    there = [norms(trace, named(trace, name), "h").valid_TB.any(axis=1) for name in flow.layers]
    there_T = np.concatenate(there)
    return replace(
        flow,
        parts=tuple(int(part_T.sum()) for part_T in there),
        log10_norm=flow.log10_norm[there_T],
        log10_low=flow.log10_low[there_T],
        log10_high=flow.log10_high[there_T],
    )


def flow_facts(flow: GradientFlow, letters: list[str], stride: int, sequences: int) -> dict[str, Any]:
    stops = np.cumsum(flow.parts).tolist()
    parts = [
        {"label": layer.split("/")[0], "start": stop - length, "stop": stop}
        for layer, length, stop in zip(flow.layers, flow.parts, stops, strict=True)
    ]
    return {
        "states": letters,
        "memory_state": flow.state,
        "parts": parts,
        "reverse": flow.reverse,
        "sequences": sequences,
        "stride": stride,
        "all_time_steps": len(flow.norm),
        "rate": flow.rate,
        "half_life": flow.half_life,
        "caption": f"total derivative, median and 10–90 % of {sequences} held-out sequences",
    }


def header(picture: Picture | None, view: View, content: Content) -> dict[str, Any]:
    """The picture's facts, and what the bytes of its waterfall mean."""
    if picture is None:
        return dict(NO_PICTURE)
    low, high = span(content.fall)
    flow = picture.meta["flow"]
    fall = {"state": flow["memory_state"], "low": low, "high": high, "stride": fall_stride(picture)}
    return {**NO_PICTURE, **picture.meta, "fall": rounded(fall)}


def fall_stride(picture: Picture) -> int:
    return int(-(-len(picture.arrays["row"]) // FALL_COLUMNS))


def span(fall: Sequence[FallRow]) -> tuple[float, float]:
    """Least and greatest finite logarithm of all rows."""
    values = np.concatenate([np.zeros(0, np.float32), *(row.log10_norm for row in fall)])
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def arrays(picture: Picture, view: View, fall: Sequence[FallRow]) -> dict[str, Array]:
    """The curves of the flow, and the waterfall as bytes (R, T')."""
    drawn = {name.replace(":", "_"): array for name, array in picture.arrays.items() if name != "row"}
    length, stride = len(picture.arrays["row"]), fall_stride(picture)
    low, high = span(fall)
    rows = [to_bytes(at_end(row.log10_norm, length)[::stride], low, high) for row in fall]
    drawn["fall"] = np.stack(rows) if rows else np.zeros((0, -(-length // stride)), np.uint8)
    drawn["fall_update"] = np.array([row.update for row in fall], np.uint32)
    return drawn


def at_end(row_T: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """A row of another length, moved so that its last time step stays the last."""
    kept = row_T[-length:]
    return np.concatenate([np.full(length - len(kept), np.nan, np.float32), kept])


def to_bytes(row_T: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    with np.errstate(invalid="ignore"):
        share = (row_T - low) / ((high - low) or 1.0)
    levels = np.round(np.nan_to_num(share).clip(0, 1) * DEEPEST)
    marked = np.where(np.isfinite(row_T), levels, NO_NUMBER)
    return np.where(np.isneginf(row_T), ZERO, marked).astype(np.uint8)
