"""`rnnlab trace`: how much of the loss's derivative reaches each time step, in numbers."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from rnnlab.analysis import GradientFlow, gradient_flow
from rnnlab.commands.train import INTERRUPTED, Trained, strict_json, train_as_asked
from rnnlab.config import as_dict
from rnnlab.state import Trace

LARGEST_POWER = 300
"""Powers of ten up to this, and down to its negative, are floats."""


def run_trace(asked: argparse.Namespace) -> int:
    from rnnlab.tracing import trace

    run = train_as_asked(asked)
    traced = trace(run.state, run.settings)
    flows = flows_of(traced)
    print(strict_json(facts(run, traced, flows)) if asked.json else words(run, traced, flows))
    return INTERRUPTED if run.interrupted else 0


def flows_of(traced: Trace) -> list[GradientFlow]:
    """The flow as the page draws it, for h and where there is one for c, then layer by layer."""
    states = {name: ("h",) if layer.c is None else ("h", "c") for name, layer in traced.layers.items()}
    page = [gradient_flow(traced, state=state) for state in next(iter(states.values()))]
    shown = {(flow.layers, flow.state) for flow in page}
    single = [(name, state) for name, has in states.items() for state in has if ((name,), state) not in shown]
    return page + [gradient_flow(traced, name, state) for name, state in single]


def facts(run: Trained, traced: Trace, flows: list[GradientFlow]) -> dict[str, Any]:
    """The flows for programs; `flow` is the page's for h, `flows` are all of them."""
    told = [flow_facts(flow) for flow in flows]
    return {
        "design": as_dict(run.state.design),
        "settings": as_dict(run.settings),
        "updates": run.state.update,
        "diverged_at": run.state.diverged_at,
        "loss": traced.loss,
        "sequences": traced.mask.shape[1],
        "flow": told[0],
        "flows": told,
    }


def flow_facts(flow: GradientFlow) -> dict[str, Any]:
    return {
        "layers": list(flow.layers),
        "parts": list(flow.parts),
        "state": flow.state,
        "reverse": flow.reverse,
        "verdict": flow.verdict,
        "rate": flow.rate,
        "half_life": flow.half_life,
        "ratio": flow.ratio,
        "log10_ratio": flow.log10_ratio,
        "log10_norm": flow.log10_norm.tolist(),
        "log10_low": flow.log10_low.tolist(),
        "log10_high": flow.log10_high.tolist(),
        "norm": flow.norm.tolist(),
        "low": flow.low.tolist(),
        "high": flow.high.tolist(),
    }


def words(run: Trained, traced: Trace, flows: list[GradientFlow]) -> str:
    """The flows as a table, one row for each."""
    from rnnlab.live.picture import title

    head = ("derivative", "verdict", "rate", "half-life", "norm at the first time step", "at the last")
    rows = [head, *(row(flow) for flow in flows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in rows]
    return "\n".join(
        [
            f"{run.state.design.task} · {title(run.state.design)} · {run.settings.length} time steps",
            f"after {run.state.update:,} updates: loss {traced.loss:.4g} "
            f"on {traced.mask.shape[1]} held-out sequences; rates are ln(norm) per time step on the way back",
            *table,
            *([f"diverged: {run.state.divergence.words}"] if run.state.divergence else []),
        ]
    )


def row(flow: GradientFlow) -> tuple[str, str, str, str, str, str]:
    there = flow.log10_norm[~np.isnan(flow.log10_norm)]
    first, last = (number(there[0]), number(there[-1])) if len(there) else ("none", "none")
    half_life = f"{flow.half_life:.3g} time steps" if np.isfinite(flow.half_life) else "none"
    rate = f"{flow.rate:+.3g}" if np.isfinite(flow.rate) else "none"
    return (f"dL/d{flow.state} {' + '.join(flow.layers)}", flow.verdict, rate, half_life, first, last)


def number(log10: float) -> str:
    """The number with this logarithm; as a power of ten where no float holds it."""
    from rnnlab.live.verdict import power_of_ten

    held = not np.isfinite(log10) or abs(log10) < LARGEST_POWER
    return f"{10**log10:.3g}" if held else power_of_ten(float(log10))
