"""The gradient flow in words: what was measured, never more."""

from __future__ import annotations

import numpy as np

from rnnlab.analysis import GradientFlow
from rnnlab.state import Trace

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

CLOSE = 0.1
"""Below this share, a gradient that arrives is said to have shrunk on the way."""


def verdict(flow: GradientFlow, trace: Trace) -> dict[str, str]:
    """Kind (healthy, vanishing, exploding or none), a title, and a sentence with the figures."""
    words = {"kind": flow.verdict, "title": title(flow), "text": ""}
    flows = flow.finite and len(flow.log10_norm) > 1 and np.isfinite(flow.log10_norm).any()
    own_losses = len(trace.mask) > 1 and len(flow.parts) == 1
    if not flows or (flow.verdict == "none" and not own_losses):
        return {**words, **no_flow(flow)}
    if own_losses:
        told = "Near losses outweigh far ones; Contributions (Gradients, Look closer) show each alone."
        return {"kind": "none", "title": "Each time step has its own loss.", "text": told}
    if trace.window and flow.log10_ratio == -np.inf:
        told = f"Truncated after {trace.window} time steps, it is exactly 0 before: nothing has vanished."
        return {"kind": "none", "title": "Gradient is cut.", "text": told}
    far, near = ("last", "first") if flow.reverse else ("first", "last")
    where = "input" if len(flow.parts) > 1 else "time step"
    if flow.log10_ratio == -np.inf:
        return {**words, "text": f"{norm_at(flow, far, where)} it is exactly 0."}
    words["text"] = (
        f"{norm_at(flow, far, where)}: {portion(flow.log10_ratio)} its size at the {near}{pace(flow)}."
    )
    return words


def title(flow: GradientFlow) -> str:
    titles = {
        "vanishing": "Gradient vanishes.",
        "exploding": "Gradient explodes.",
        "none": "No gradient through time.",
    }
    if flow.verdict in titles:
        return titles[flow.verdict]
    if flow.log10_ratio < np.log10(CLOSE):
        return "Gradient shrinks, but arrives."
    return (
        "Gradient grows on its way back."
        if flow.log10_ratio > -np.log10(CLOSE)
        else "Gradient reaches the start."
    )


def norm_at(flow: GradientFlow, far: str, where: str) -> str:
    return f"At the {far} {where}" if flow.state == "h" else f"‖dL/d{flow.state}ₜ‖ at the {far} {where}"


def no_flow(flow: GradientFlow) -> dict[str, str]:
    """What there is to say where the flow cannot be followed from one end to the other."""
    if len(flow.log10_norm) == 1:
        return {"text": "One time step: nothing to flow through."}
    steps = np.flatnonzero(~(flow.log10_norm < np.inf)) + 1
    if not len(steps):
        return {"text": "The gradient is exactly 0."}
    told = f"At time steps {steps[0]} to {steps[-1]} it is no finite number any more."
    title = "Gradient explodes." if flow.verdict == "exploding" else "Gradient is no number."
    return {"title": title, "text": told}


def portion(log10_ratio: float) -> str:
    """A ratio, given as its base-ten logarithm, as it stands before "its size"."""
    if log10_ratio >= 6 or log10_ratio < np.log10(0.0095):
        return f"{power_of_ten(log10_ratio)} {'times' if log10_ratio > 0 else 'of'}"
    ratio = 10**log10_ratio
    return f"{100 * ratio:.0f} % of" if ratio < 10 else f"{ratio:,.0f} times"


def power_of_ten(log10: float) -> str:
    """The number with this base-ten logarithm, e.g. 6 × 10⁻¹²; also where float64 has no such number."""
    exponent = int(np.floor(log10))
    digit = f"{10 ** (log10 - exponent):.0f}"
    digit, exponent = ("1", exponent + 1) if digit == "10" else (digit, exponent)
    return f"{digit} × 10{str(exponent).translate(SUPERSCRIPT)}"


def pace(flow: GradientFlow) -> str:
    """How fast the norm changes on its way back; nothing where it changes little or not evenly."""
    fitted = flow.rate * (flow.parts[0] - 1)
    measured = flow.log10_ratio * np.log(10)
    even = abs(fitted - measured) <= 0.5 * max(abs(fitted), abs(measured))
    if not np.isfinite(flow.rate) or abs(fitted) < np.log(2) or not even:
        return ""
    time_steps = np.log(2) / abs(flow.rate)
    change = "halves" if flow.rate < 0 else "doubles"
    if 0.95 <= time_steps < 1.05:
        return f"; {change} every time step"
    figure = f"{time_steps:.0f}" if time_steps >= 10 else f"{time_steps:.2g}"
    return f"; {change} every {figure} time steps"
