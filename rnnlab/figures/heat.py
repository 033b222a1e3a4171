"""Heat maps of a layer: units by time steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.style import QUIET, map_of, note, styled
from rnnlab.layers import layer_words
from rnnlab.model.cells import CELLS
from rnnlab.state import LayerTrace

Doubles = NDArray[np.float64]

SIGNED_GATES = {gate for cell in CELLS.values() for gate in cell.signed_gates}


def hidden_states(
    layer_trace: LayerTrace, *, sequence: int = 0, quantity: str = "h", dark: bool = False
) -> go.Figure:
    """One sequence through one layer. `quantity` is h, c, a gate's name, grad_h or grad_c.

    Signed quantities have a diverging map centred on zero, gates between 0 and 1 a sequential one.
    Raises ValueError, in one sentence, for a quantity or a sequence that the trace does not have.
    """
    values_UT = chosen(layer_trace, sequence, quantity)
    signed = quantity not in layer_trace.gates or quantity in SIGNED_GATES
    figure = go.Figure(cells(values_UT, quantity, signed, dark))
    finite = np.isfinite(values_UT)
    if not finite.all():
        note(figure, f"{(~finite).sum():,} of {finite.size:,} values are not finite: grey")
    title = f"{quantity} in {layer_words(layer_trace.name)}"
    styled(figure, title, "time step t", "unit", dark, f"sequence {sequence}")
    figure.update_layout(hovermode="closest", plot_bgcolor=QUIET)  # shows through where no value is
    return figure.update_yaxes(autorange="reversed", showgrid=False)


def cells(values_UT: Doubles, quantity: str, signed: bool, dark: bool) -> go.Heatmap:
    """A cell for each unit and time step, both counted from 1."""
    reach = colour_reach(values_UT, quantity)
    units, steps = values_UT.shape
    return go.Heatmap(
        z=[with_gaps(values_T) for values_T in values_UT],
        x=list(range(1, steps + 1)),
        y=list(range(1, units + 1)),
        zmin=-reach if signed else 0,
        zmax=reach,
        colorscale=map_of(signed, dark),
        colorbar={"title": quantity, "thickness": 14},
        hovertemplate="time step %{x}, unit %{y}: %{z:.3g}<extra></extra>",
        hoverongaps=False,
    )


def chosen(layer: LayerTrace, sequence: int, quantity: str) -> Doubles:
    """The quantity (units, time steps) of one sequence, without its padding."""
    known: dict[str, Any] = {"h": layer.h, "c": layer.c, **layer.gates}
    known |= {"grad_h": layer.grad_h, "grad_c": layer.grad_c}
    there = {name: values for name, values in known.items() if values is not None}
    if quantity not in there:
        raise ValueError(f"quantity must be one of {', '.join(there)}, not {quantity!r}.")
    sequences = layer.h.shape[1]
    if not 0 <= sequence < sequences:
        raise ValueError(f"sequence must be a whole number from 0 to {sequences - 1}, not {sequence!r}.")
    values: Doubles = there[quantity][layer.valid[:, sequence], sequence].T
    return values


def colour_reach(values_UT: Doubles, quantity: str) -> float:
    """The value of the deepest colour. At least 1 for states and gates, so that weak ones look weak."""
    largest = float(np.abs(values_UT[np.isfinite(values_UT)]).max(initial=0.0))
    return (largest or 1.0) if quantity.startswith("grad") else max(1.0, largest)
