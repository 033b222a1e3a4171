"""The registry of cells as a script names them: link name to PyTorch's modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnlab.config import Design
from rnnlab.model.cells import CELLS


@dataclass(frozen=True)
class ScriptCell:
    """`layers` is PyTorch's module for a whole sequence, `step` the one for a time step.

    `options` are further arguments of both by the design's activation; an activation that is not among
    them has to be written out: `written` maps it to Python source for f(a).
    """

    label: str
    layers: str
    step: str
    options: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)


SCRIPT_CELLS: dict[str, ScriptCell] = {
    "rnn": ScriptCell(
        "a vanilla RNN",
        "nn.RNN",
        "nn.RNNCell",
        options={"relu": ', nonlinearity="relu"'},
        written={"sigmoid": "torch.sigmoid(a)", "identity": "a"},
    ),
    "lstm": ScriptCell("an LSTM", "nn.LSTM", "nn.LSTMCell"),
    "gru": ScriptCell("a GRU", "nn.GRU", "nn.GRUCell"),
}

OWN_CELL = '''
class Cell(nn.RNNCell):
    """A recurrent unit whose activation PyTorch does not offer: {activation}."""

    def forward(self, x, h=None):
        h = x.new_zeros(len(x), hidden_size) if h is None else h
        a = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        return {rule}
'''


def has_memory(design: Design) -> bool:
    """Whether the cell has a state besides h, so that PyTorch's modules take and give pairs."""
    return len(CELLS[design.cell].states) > 1


def options(design: Design) -> str:
    """Further arguments of the cell's modules."""
    return SCRIPT_CELLS[design.cell].options.get(design.activation, "")


def own_rule(design: Design) -> str | None:
    """Source of the activation where PyTorch has no such cell."""
    return SCRIPT_CELLS[design.cell].written.get(design.activation)


def own_cell(design: Design) -> str:
    """The class `Cell`, where the design needs one."""
    return OWN_CELL.format(activation=design.activation, rule=own_rule(design))


def step_module(design: Design) -> str:
    """What makes one layer's cell, to be called with its input size."""
    return "Cell" if own_rule(design) else SCRIPT_CELLS[design.cell].step
