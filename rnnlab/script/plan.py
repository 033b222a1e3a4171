"""What a script has to hold: only what this design and these settings use."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.config import Design, Settings
from rnnlab.model.weights import directions
from rnnlab.script.cells import has_memory, own_rule
from rnnlab.script.data import Data
from rnnlab.topologies import TOPOLOGIES


@dataclass(frozen=True)
class Plan:
    """A design with fitted settings, its data, and the sizes of the task's inputs and outputs."""

    design: Design
    settings: Settings
    data: Data
    inputs: int
    outputs: int
    loss: str

    @property
    def length(self) -> int:
        return self.settings.length or 1

    @property
    def pairs(self) -> bool:
        """Whether a cell's state is a pair of h and c."""
        return has_memory(self.design)

    @property
    def window(self) -> int:
        """After how many time steps the gradient is cut; 0 where no sequence is as long."""
        window = self.settings.tbptt_window
        return window if window < self.length else 0

    @property
    def stacked(self) -> bool:
        return self.design.layers > 1

    @property
    def both(self) -> bool:
        return self.design.bidirectional

    @property
    def drops(self) -> bool:
        return self.settings.dropout > 0

    @property
    def generates(self) -> bool:
        return TOPOLOGIES[self.design.topology].generates

    @property
    def coins(self) -> bool:
        """Whether the network is at times fed its own symbols in training."""
        return self.generates and self.settings.teacher_forcing < 1

    @property
    def chance(self) -> bool:
        """Whether an update draws random numbers of its own."""
        return self.drops or self.coins

    @property
    def why_written_out(self) -> str:
        """Why PyTorch's module for whole sequences cannot do it, as a clause; empty where it can."""
        reasons = {
            f"has no activation {self.design.activation}": own_rule(self.design) is not None,
            "cannot cut the gradient on the way": self.window > 0,
            "draws the dropout between its layers in its own way": self.drops and self.stacked,
        }
        return " and ".join(reason for reason, holds in reasons.items() if holds)

    @property
    def states_wide(self) -> str:
        """How many numbers all directions of a layer hold together, as source."""
        return "2 * hidden_size" if directions(self.design) > 1 else "hidden_size"

    @property
    def reads_lengths(self) -> bool:
        """Whether the network must know where each sequence ends."""
        return self.data.uneven and (self.both or not self.mask_tells)

    @property
    def mask_tells(self) -> bool:
        """Whether the mask shows where each input ends: where there is one output for every input."""
        return self.data.masked and not self.generates

    @property
    def batch_names(self) -> str:
        """What `draw` returns."""
        lengths = self.data.uneven and not self.mask_tells
        return ", ".join(["inputs", "targets", *["mask"] * self.data.masked, *["lengths"] * lengths])
