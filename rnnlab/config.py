"""Design and Settings: the two values that a run is a function of.

Changing a Design starts a new run; Settings may change between any two updates. Each field is
declared once, with its kind, label and help: validation, widgets, links and documentation read
the declaration. A field left at None takes the task's own value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rnnlab.fields import Choice, Number, Switch, check, declare, declared, shown
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Lengths, TaskSpec
from rnnlab.topologies import TOPOLOGIES

LONGEST = 1000
ON_MACHINE = {"auto": "Automatic", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}


def declare_own(kind: Any, general: Any, label: str, help: str) -> Any:
    """A field whose default is the task's own value, and `general` where the task has none."""
    return declare(kind, None, label, help, general=general)


def task_spec(name: str) -> TaskSpec:
    """The facts of a task, or a ValueError that lists the tasks there are."""
    if not isinstance(name, str) or name not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, not {shown(name)}.")
    return TASKS[name]


@dataclass(frozen=True, kw_only=True)
class Design:
    """What a run is made of. Raises ValueError, in one sentence, for a value that is not allowed."""

    task: str = declare(
        Choice({name: spec.label for name, spec in TASKS.items()}),
        next(iter(TASKS)),
        "Task",
        "What the network has to learn.",
    )
    task_options: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    topology: str = declare(
        Choice({name: topology.label for name, topology in TOPOLOGIES.items()}),
        None,
        "Topology",
        "How inputs and outputs are laid out in time. Each task offers those that fit it.",
    )
    cell: str = declare_own(
        Choice({"rnn": "Vanilla RNN", "lstm": "LSTM", "gru": "GRU"}),
        "lstm",
        "Cell",
        "The recurrent unit. A vanilla RNN has one state; LSTM and GRU add gates that protect it.",
    )
    activation: str = declare_own(
        Choice({"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid", "identity": "identity (linear)"}),
        "tanh",
        "Activation",
        "The nonlinearity of a vanilla RNN. LSTM and GRU have their own.",
    )
    hidden_size: int = declare_own(
        Number(1, 256, "units", whole=True),
        32,
        "Hidden size",
        "How many numbers the hidden state holds in each layer and direction.",
    )
    layers: int = declare_own(
        Number(1, 4, whole=True), 1, "Layers", "Recurrent layers, each reading the states of the one below."
    )
    bidirectional: bool = declare_own(
        Switch(),
        False,
        "Bidirectional",
        "Read the sequence from both ends. Impossible where the network writes its own next input.",
    )
    recurrent_init: str = declare_own(
        Choice(
            {
                "uniform": "uniform, as PyTorch",
                "orthogonal": "orthogonal",
                "identity": "identity",
                "normal": "normal",
            }
        ),
        "uniform",
        "Recurrent weights",
        "How the recurrent weights start. Orthogonal and identity keep the length of a state.",
    )
    recurrent_gain: float = declare_own(
        Number(0, 5),
        1.0,
        "Recurrent gain",
        "Factor on the recurrent weights at the start. Above 1 gradients tend to grow, below 1 to shrink.",
    )
    forget_bias: float = declare_own(
        Number(-10, 10),
        1.0,
        "Forget bias",
        "Bias of the LSTM's forget gate at the start; larger values remember longer.",
    )
    attention: str = declare_own(
        Choice({"none": "None", "dot": "Dot", "additive": "Additive"}),
        "none",
        "Attention",
        "How a decoder looks back at the encoder's states: by the dot product of its own state with each "
        "(Luong), or by a small network that scores each (Bahdanau).",
    )
    context_size: int = declare_own(
        Number(0, 256, "numbers", whole=True),
        0,
        "Context size",
        "How many numbers pass from encoder to decoder. 0: the encoder's last states as they are.",
    )
    optimizer: str = declare_own(
        Choice({"sgd": "SGD", "momentum": "SGD with momentum 0.9", "rmsprop": "RMSprop", "adam": "Adam"}),
        "adam",
        "Optimizer",
        "The rule that turns a gradient into an update of the weights.",
    )
    batch_size: int = declare_own(
        Number(1, 256, "sequences", whole=True), 32, "Batch size", "Sequences in one update."
    )
    seed: int = declare_own(
        Number(0, 2**32 - 1, whole=True),
        0,
        "Seed",
        "Decides weights and data. The same seed gives the same run.",
    )
    device: str = declare_own(
        Choice(ON_MACHINE),
        "cpu",
        "Device",
        "Where it trains. Small recurrent networks run fastest on the CPU.",
    )

    def __post_init__(self) -> None:
        spec = task_spec(self.task)
        own = {"topology": next(iter(spec.topologies)), **spec.design}
        for name, about in declared(Design).items():
            value = getattr(self, name)
            value = own.get(name, about.metadata.get("general")) if value is None else value
            object.__setattr__(self, name, check(name, about, value))
        object.__setattr__(self, "task_options", self._checked_options(spec))
        self._check_topology(spec)

    def _checked_options(self, spec: TaskSpec) -> tuple[tuple[str, str], ...]:
        allowed = ", ".join(spec.options) or "none"
        try:
            given = dict(self.task_options)
        except (TypeError, ValueError):
            raise ValueError(
                f"task_options of {self.task} must be a dict that may hold {allowed}, "
                f"not {shown(self.task_options)}."
            ) from None
        for name in given:
            if name not in spec.options:
                raise ValueError(f"task_options of {self.task} may hold {allowed}, not {shown(name)}.")
        filled = {name: given.get(name, option.default) for name, option in spec.options.items()}
        return tuple((name, spec.options[name].check(name, value)) for name, value in sorted(filled.items()))

    def _check_topology(self, spec: TaskSpec) -> None:
        if self.topology not in spec.topologies:
            raise ValueError(
                f"topology of the task {self.task} must be one of {', '.join(spec.topologies)}, "
                f"not {self.topology!r}."
            )
        if self.bidirectional and (reason := why_not_bidirectional(self.task, self.topology)):
            raise ValueError(f"bidirectional must be off here: {reason}")
        if not TOPOLOGIES[self.topology].decodes:
            self._check_nothing_decodes()

    def _check_nothing_decodes(self) -> None:
        if self.attention != "none":
            raise ValueError(
                f"attention must be none for the topology {self.topology}, not {self.attention}: "
                "only an encoder-decoder has encoder states to look back at."
            )
        if self.context_size:
            raise ValueError(
                f"context_size must be 0 for the topology {self.topology}, not {self.context_size}: "
                "only an encoder-decoder has a context vector."
            )

    @property
    def options(self) -> dict[str, str]:
        """The task's options by name, defaults filled in."""
        return dict(self.task_options)

    @property
    def lengths(self) -> Lengths:
        """Range and default of the sequence length for this task and topology."""
        return TASKS[self.task].topologies[self.topology]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may change while a run trains. Raises ValueError, in one sentence, as Design does."""

    learning_rate: float = declare(
        Number(1e-6, 10, logarithmic=True), 5e-3, "Learning rate", "How far one update moves the weights."
    )
    clipping: str = declare(
        Choice({"off": "off", "norm": "norm", "value": "value"}),
        "norm",
        "Clip by",
        "By norm: a gradient longer than the threshold is shortened to it. "
        "By value: each of its numbers is cut at the threshold, which turns it.",
    )
    clip_threshold: float = declare(
        Number(1e-4, 1e4, logarithmic=True),
        1.0,
        "Clip threshold",
        "Gradients above this norm (or numbers above this value) are clipped.",
    )
    length: int | None = declare(
        Number(1, LONGEST, "time steps", whole=True),
        None,
        "Sequence length",
        "Time steps T of the training sequences. The network's size does not depend on it.",
    )
    tbptt_window: int = declare(
        Number(0, LONGEST, "time steps", whole=True),
        0,
        "Truncate gradients after",
        "Truncated backpropagation through time: the gradient is cut at every window's border. 0: never.",
    )
    teacher_forcing: float = declare(
        Number(0, 1),
        1.0,
        "Teacher forcing",
        "Probability that a generating network is fed the true symbol instead of its own in training.",
    )
    weight_decay: float = declare(
        Number(0, 1), 0.0, "Weight decay", "Pull of the weights towards zero, added to their gradient."
    )
    dropout: float = declare(
        Number(0, 0.9),
        0.0,
        "Dropout",
        "Probability that a state's number is left out between layers and before the read-out, in training.",
    )
    early_stopping: int = declare(
        Number(0, 1_000_000, "updates", whole=True),
        0,
        "Early stopping after",
        "Training pauses after so many updates without a better held-out loss. 0: never.",
    )

    def __post_init__(self) -> None:
        for name, about in declared(Settings).items():
            value = getattr(self, name)
            if value is None and about.default is None:
                continue
            object.__setattr__(self, name, check(name, about, value))


def why_not_bidirectional(task: str, topology: str) -> str:
    """Why a network of this kind cannot read backwards, as a sentence; empty where it can."""
    if TOPOLOGIES[topology].generates:
        return "this topology writes its own next input, so there is no future to read backwards from."
    if TASKS[task].sees_answer:
        return "each target is the next input, so a backward reading would see the answer."
    return ""


def default_settings(design: Design) -> Settings:
    """The settings that the design's task starts from."""
    return Settings(**{"length": design.lengths.default, **TASKS[design.task].settings})


def fit(design: Design, settings: Settings) -> Settings:
    """`settings` with the task's own length where none is given.

    Raises ValueError where the length is outside the task's range.
    """
    lengths = design.lengths
    length = lengths.default if settings.length is None else settings.length
    if not lengths.low <= length <= lengths.high:
        allowed = f"from {lengths.low} to {lengths.high}" if not lengths.fixed else f"exactly {lengths.low}"
        raise ValueError(
            f"length must be {allowed} time steps for the task {design.task} ({design.topology}), "
            f"not {length}."
        )
    return replace(settings, length=length)


def as_dict(value: Design | Settings) -> dict[str, Any]:
    """The fields of a Design or Settings as plain JSON values."""
    plain = asdict(value)
    if isinstance(value, Design):
        plain["task_options"] = value.options
    return plain
