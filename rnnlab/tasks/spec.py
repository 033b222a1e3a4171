"""What a task is: facts that load nothing (`TaskSpec`), and data once loaded (`Task`, `Batch`).

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.options import TaskOption

Floats = NDArray[np.float32]
Options = Mapping[str, str]
Data = TypeVar("Data")
Part = Literal["train", "held_out", "test"]
PARTS: tuple[Part, ...] = ("train", "held_out", "test")


class Parts(NamedTuple, Generic[Data]):
    """A task's data in three parts that never overlap.

    `train` is learnt from. `held_out`, the validation part, is what every curve and table shows while a
    network learns, so choices come to depend on it. `test` is met by nobody until it is asked for.
    """

    train: Data
    held_out: Data
    test: Data

    def unseen(self, test: bool) -> Data:
        """The test part, or the held-out one."""
        return self.test if test else self.held_out


class Batch(NamedTuple):
    """A batch of sequences, padded at the end to one length.

    `targets` are class indices (S, B) for cross entropy, numbers (S, B, O) otherwise.
    `mask_SB` is True where the loss attaches. One-to-many and encoder-decoder networks take
    their own inputs from `targets`: the topology does that, not the task.
    """

    inputs_TBI: Floats
    targets: NDArray[Any]
    mask_SB: NDArray[np.bool_]
    lengths_B: NDArray[np.int64]


class Baseline(NamedTuple):
    """The best that a predictor without a memory, or without the input, can do."""

    loss: float
    metric: float
    words: str
    exact: bool


class Sample(NamedTuple):
    """One sequence, its target and a prediction, as a person would write them.

    `confidence` is a probability in [0, 1], or None where the network gives none.
    """

    input: str
    target: str
    prediction: str
    correct: bool
    confidence: float | None


class Lengths(NamedTuple):
    """Range and default of the sequence length T for a task, and what T counts."""

    low: int
    high: int
    default: int
    meaning: str

    @property
    def fixed(self) -> bool:
        return self.low == self.high

    def nearest(self, length: int) -> int:
        """The length in the range that is closest to `length`."""
        return min(max(length, self.low), self.high)


class Task(Protocol):
    """A task with its data loaded. Every method is a pure function of its arguments.

    `labels` names the output classes (length O), or is empty where outputs are numbers.
    """

    @property
    def input_size(self) -> int: ...

    @property
    def output_size(self) -> int: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def loss(self) -> str: ...

    @property
    def metric(self) -> str: ...

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        """A training batch drawn with `rng`; never holds a held-out or a test example."""
        ...

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        """A validation batch: examples that no training batch can contain; where generated, fresh ones."""
        ...

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        """A batch of examples that neither a training batch nor a held-out one can contain."""
        ...

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """Loss and metric of the trivial predictor on held-out data, or on the test part."""
        ...

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        """What stands under each of the T input time steps of sequence `index`, valid ones only."""
        ...

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        """The prediction at each of the S output time steps of sequence `index`."""
        ...

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        """The target at each of the S output time steps; empty text where the mask is False."""
        ...

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """Sequence `index` and its prediction for the table of predictions."""
        ...


@runtime_checkable
class Pictured(Protocol):
    """A task whose inputs are images, 255 where a pixel is full. H rows, W columns."""

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        """What enters at each input time step of sequence `index` (T, H, W), valid ones only."""
        ...

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        """All of sequence `index` in one small image (H, W)."""
        ...


@runtime_checkable
class Tuneful(Protocol):
    """A task whose outputs are notes: `keys` are MIDI's, 60 for middle C."""

    @property
    def note_seconds(self) -> float: ...

    def keys(self, symbols_S: NDArray[np.int64]) -> list[int]: ...


@runtime_checkable
class Audible(Protocol):
    """A task whose inputs are sounds: `rate` samples a second, with a root mean square of about 1."""

    @property
    def rate(self) -> int: ...

    def held_out_sounds(self, rng: np.random.Generator, batch_size: int, length: int) -> Floats:
        """The sounds (B, N) of the batch that `held_out` makes with the same generator."""
        ...


GROUPS = (
    "Names",
    "Text",
    "Sentences",
    "Translation",
    "Images",
    "Sound",
    "Series",
    "DNA",
    "Algorithms",
    "Memory",
)
"""What tasks are about, in the order in which a menu lists them."""


@dataclass(frozen=True)
class Preset:
    """A named starting point: fields of Design and of Settings that differ from the task's own."""

    label: str
    design: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskSpec:
    """The facts of a task. Importing one loads no data and nothing beyond NumPy.

    `group` is one of GROUPS. `sentence` says what the task shows; `source` says where the data comes
    from, and its licence, or that it is generated. `design` and `settings` are the defaults that differ
    from the general ones. `sees_answer` is True where the target at t is part of a later
    input, so that a backward reading would be cheating. `writes` is "text" where inputs and
    outputs are one alphabet, so that the network can go on from a prompt, "word" where it spells
    a word from one input, and empty elsewhere. `reader` names what stands between an input and the recurrent
    network, in `rnnlab.model.readers`; empty where nothing does.
    """

    label: str
    group: str
    sentence: str
    source: str
    topologies: Mapping[str, Lengths]
    load: Callable[[str, Options], Task]
    metric_label: str
    design: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, TaskOption] = field(default_factory=dict)
    presets: Mapping[str, Preset] = field(default_factory=dict)
    sees_answer: bool = False
    writes: str = ""
    reader: str = ""
