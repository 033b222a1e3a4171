"""What a run is at one moment, what it recorded on the way, and its trace.

NumPy only: these values travel between processes.
Shapes: T time steps, B sequences, H hidden size, I inputs, O outputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design
from rnnlab.tasks.spec import Batch

if TYPE_CHECKING:
    import pandas

Array = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Divergence(NamedTuple):
    """The first number that was not finite: in which update, tensor and time step (None: no time step)."""

    update: int
    tensor: str
    time_step: int | None
    words: str


@dataclass(frozen=True)
class RunState:
    """A run after `update` updates. `weights` go by PyTorch's names; `optimizer` by its slots.

    A run that diverged keeps the last weights that were finite: those before `diverged_at`.
    """

    design: Design
    update: int
    weights: Mapping[str, Array]
    optimizer: Mapping[str, Array] = field(default_factory=dict)
    divergence: Divergence | None = None

    @property
    def diverged_at(self) -> int | None:
        """The update that met a NaN or an infinity, or None."""
        return self.divergence.update if self.divergence else None

    @property
    def parameters(self) -> int:
        """How many numbers the network learns. It does not depend on the sequence length."""
        return sum(array.size for array in self.weights.values())


class Records(NamedTuple):
    """One row per update; all columns have the same length.

    Norms are over all parameters together, `grad_norm` before clipping. `clip_angle` is the
    angle in degrees between the gradient before and after clipping.
    """

    update: NDArray[np.int64]
    loss: NDArray[np.float64]
    grad_norm: NDArray[np.float64]
    grad_norm_clipped: NDArray[np.float64]
    clip_angle: NDArray[np.float64]
    weight_norm: NDArray[np.float64]
    update_norm: NDArray[np.float64]

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[float, ...]]) -> Records:
        columns = np.array(rows, np.float64).reshape(len(rows), len(cls._fields)).T
        return cls(columns[0].astype(np.int64), *columns[1:])

    @classmethod
    def empty(cls) -> Records:
        return cls.from_rows([])

    @classmethod
    def concat(cls, parts: Sequence[Records]) -> Records:
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    @property
    def rows(self) -> int:
        return len(self.update)

    def frame(self) -> pandas.DataFrame:
        """The records as a table, one row per update."""
        import pandas

        return pandas.DataFrame(self._asdict())


class Measure(NamedTuple):
    """One more number of a report: `name` for programs, `label` and `text` for people."""

    name: str
    label: str
    value: float
    text: str


class Report(NamedTuple):
    """Loss and metric on held-out data, beside the trivial baseline's and those on training data.

    `train_loss` and `train_metric` are the same measures on a fixed sample of as many sequences of
    training data, with dropout off: their distance is what was learned by heart. NaN in a report of an
    earlier version. `measures` say how a network that writes one right text does on held-out data, fed the
    truth and fed its own symbols; `exposure` says their gap in a sentence. Both are empty for others.
    """

    update: int
    loss: float
    metric: float
    metric_name: str
    metric_label: str
    metric_text: str
    baseline_loss: float
    baseline_metric: float
    baseline_words: str
    baseline_exact: bool
    train_loss: float = math.nan
    train_metric: float = math.nan
    measures: tuple[Measure, ...] = ()
    exposure: str = ""


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one direction, in the order of time, float64.

    `h`, `c` and each of `gates` are (T, B, H), zero where `valid` (T, B) is False. `grad_h` and
    `grad_c` are the total derivatives of the trace's loss, along every path through time and
    layers; in an LSTM, h and c count as two states, so the long memory shows in `grad_c`.
    `start` are the states (B, H) before the first time step that this direction reads.
    """

    name: str
    reverse: bool
    valid: NDArray[np.bool_]
    h: Doubles
    c: Doubles | None
    gates: Mapping[str, Doubles]
    grad_h: Doubles
    grad_c: Doubles | None
    start: tuple[Doubles, ...]


@dataclass(frozen=True)
class Trace:
    """The unrolled network on one batch.

    `layers` by name, e.g. `recurrent/0/forward` or `encoder/1/backward`, from the input upwards.
    `loss` is the mean over the positions where `mask` is True; `gradients` are its derivatives
    by the weights' names, `grad_outputs` (S, B, O) those by the outputs. `weights` by the same
    names; `window` is the truncation of the gradient, 0 for none.
    Of an encoder-decoder, `context` (B, C) is what the decoder starts from (see `model.bridge`) and
    `grad_context` its derivative; with attention, `attention` (S, B, T) are its weights, 0 on padding,
    and `grad_attention` (T, B, H) the derivatives by the encoder's uppermost states on that way alone.
    """

    design: Design
    update: int
    layers: Mapping[str, LayerTrace]
    inputs: Doubles
    outputs: Doubles
    targets: NDArray[Any]
    mask: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    loss: float
    gradients: Mapping[str, Doubles]
    batch: Batch
    weights: Mapping[str, Doubles]
    grad_outputs: Doubles
    window: int
    context: Doubles | None = None
    grad_context: Doubles | None = None
    attention: Doubles | None = None
    grad_attention: Doubles | None = None
