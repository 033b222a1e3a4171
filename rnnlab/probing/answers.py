"""An answer: what the network says to one question, how sure it is, and its states on the way.

T input time steps, S output time steps, O output size, I input size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.model.losses import LOSSES
from rnnlab.probing.beginnings import EndedHere, ended_here
from rnnlab.probing.changes import Change, changed
from rnnlab.probing.reading import Top, chances, check_finite, labels_of, top_of
from rnnlab.probing.writing import draw
from rnnlab.state import RunState, Trace
from rnnlab.tasks.spec import Batch, Sample, Task
from rnnlab.tasks.surname import END
from rnnlab.topologies import TOPOLOGIES

if TYPE_CHECKING:
    from rnnlab.asking import Question

Doubles = NDArray[np.float64]

LONGEST_WORD = 40
"""Symbols at most where a network decides by itself when it is done."""


@dataclass(frozen=True)
class Answer:
    """A question and the network's answer; `trace` holds one sequence, the question.

    `outputs` says what stands at each of the S output time steps, `words` the whole answer as a person
    reads it. Where the right answer is known, `wanted` says what should stand at each output time step,
    else it is empty, and `correct` whether all is right, else None. `probabilities_SO` are those of `labels`,
    None where outputs are numbers; `top` the most probable at each output time step; `confidence` that of
    the answer, None where there is none. `read` says what stands at each time step of the layers of each
    part. `exclusive`: exactly one label is true. `ended_here`, where the network answers once after
    reading: its answer to each beginning. `written`: the network was fed its own symbols `symbols_S`, and
    `ended` says whether it came to its end sign, or needs none.
    """

    question: Question
    trace: Trace
    outputs: tuple[str, ...]
    words: str
    wanted: tuple[str, ...]
    correct: bool | None
    confidence: float | None
    labels: tuple[str, ...]
    probabilities_SO: Doubles | None
    top: tuple[Top, ...]
    exclusive: bool
    read: dict[str, tuple[str, ...]]
    ended_here: EndedHere | None
    written: bool
    symbols_S: NDArray[np.int64]
    ended: bool
    changes: tuple[Change, ...]
    temperature: float
    seed: int

    @property
    def outputs_SO(self) -> Doubles:
        """The network's raw outputs: logits for classes, plain numbers otherwise."""
        return np.asarray(self.trace.outputs[:, 0], np.float64)

    @property
    def attention_ST(self) -> Doubles | None:
        """How much each output time step looked at each input, rows that sum to one."""
        found = self.trace.attention
        return None if found is None else found[:, 0]


def answer(
    state: RunState,
    settings: Settings,
    question: Question,
    *,
    changes: Sequence[Change] = (),
    temperature: float = 0.0,
    seed: int = 0,
    steps: int | None = None,
) -> Answer:
    """Ask a network. One that generates is fed its own symbols: the most probable ones at temperature 0.

    Gradients are those of the whole sequence, whatever the settings' truncation. Raises ValueError, in one
    sentence, for a change that it cannot have, and where its outputs are no finite numbers.
    """
    passed = read_whole(changed(state, changes), settings, question, temperature, seed, steps)
    return made_of(passed, question, tuple(changes), temperature, seed)


class Passed(NamedTuple):
    """A network's pass over a question: the batch as it was asked, and the trace of all that was read.

    `written` says that the network wrote and was fed its own symbols, `ended` that it came to an end.
    """

    task: Task
    asked: Batch
    trace: Trace
    written: bool
    ended: bool

    @property
    def symbols_S(self) -> NDArray[np.int64]:
        """What it wrote; nothing where it does not."""
        return self.trace.batch.targets[:, 0] if self.written else np.zeros(0, np.int64)

    @property
    def said_SO(self) -> Doubles:
        """What it said at each output time step: the symbols it wrote, for certain, or its outputs."""
        outputs_SO = self.trace.outputs[:, 0]
        return np.eye(outputs_SO.shape[1])[self.symbols_S] if self.written else outputs_SO


def made_of(
    passed: Passed, question: Question, changes: tuple[Change, ...], temperature: float, seed: int
) -> Answer:
    """What a pass says in answer to the question."""
    task, asked, traced, written, ended = passed
    batch, outputs_SO = traced.batch, traced.outputs[:, 0]
    labels, found = labels_of(task, outputs_SO.shape[1]), chances(task, outputs_SO)
    sample = task.sample(batch, 0, passed.said_SO)
    return Answer(
        question=question,
        trace=traced,
        outputs=tuple(task.output_labels(batch, 0, passed.said_SO)),
        words=sample.prediction,
        wanted=tuple(task.target_labels(asked, 0)) if question.known else (),
        correct=right(question, sample, asked, batch, written),
        confidence=confidence(sample, found, batch) if written else sample.confidence,
        labels=labels,
        probabilities_SO=found,
        top=top_of(labels, found),
        exclusive=LOSSES[task.loss].classes,
        read=read(traced, task, question.characters, batch),
        ended_here=ended_here(traced, task, labels, asked),
        written=written,
        symbols_S=passed.symbols_S,
        ended=ended,
        changes=changes,
        temperature=temperature,
        seed=seed,
    )


def read_whole(
    state: RunState,
    settings: Settings,
    question: Question,
    temperature: float,
    seed: int,
    steps: int | None,
) -> Passed:
    """Have the network read, and write where it generates. Raises ValueError where an output is no number."""
    from rnnlab.model.network import load_task
    from rnnlab.tracing import trace

    task, asked = load_task(state.design), only_one(question.batch)
    generates = TOPOLOGIES[state.design.topology].generates
    batch, ended = asked, True
    if generates:
        batch, ended = written_batch(state, task, asked, steps, temperature, seed)
    whole = replace(settings, length=None, tbptt_window=0)
    with np.errstate(all="ignore"):
        traced = trace(state, whole, batch, weight_gradients=False)
    check_finite(traced.outputs[:, 0])
    return Passed(task, asked, traced, generates, ended)


def only_one(batch: Batch) -> Batch:
    """The question's sequence. Raises ValueError for several of them, or where there is padding."""
    length, sequences, _ = batch.inputs_TBI.shape
    if sequences != 1:
        raise ValueError(f"A question is one sequence, not {sequences}.")
    if int(batch.lengths_B[0]) != length:
        raise ValueError("A question has no padding.")
    return batch


def written_batch(
    state: RunState, task: Task, asked: Batch, steps: int | None, temperature: float, seed: int
) -> tuple[Batch, bool]:
    """The question with what the network writes as its own targets; and whether it came to an end."""
    longest = LONGEST_WORD if END in task.labels else 1
    count = max(longest, len(asked.targets)) if steps is None else steps
    drawn = draw(state, task, asked, count, temperature, seed)
    symbols_S1 = drawn.indices_S[:, None]
    ended = drawn.ended or END not in task.labels
    return asked._replace(targets=symbols_S1, mask_SB=np.ones(symbols_S1.shape, np.bool_)), ended


def right(question: Question, sample: Sample, asked: Batch, batch: Batch, generates: bool) -> bool | None:
    """Whether the answer is right, None where nobody knows."""
    if not question.known:
        return None
    if not generates:
        return bool(sample.correct)
    return bool(np.array_equal(asked.targets[asked.mask_SB[:, 0], 0], batch.targets[:, 0]))


def confidence(sample: Sample, found: Doubles | None, batch: Batch) -> float | None:
    """The probability of all that was written together."""
    if found is None:
        return None
    return float(np.take_along_axis(found, batch.targets, axis=1).prod())


def read(traced: Trace, task: Task, characters: tuple[str, ...], batch: Batch) -> dict[str, tuple[str, ...]]:
    """What stands at each time step of each part: the question, and where it writes, its own symbols."""
    found: dict[str, tuple[str, ...]] = {}
    for name, layer in traced.layers.items():
        part, count = name.split("/")[0], len(layer.valid)
        if part in found:
            continue
        given = tuple(characters) if not found else ("",)
        written = (
            [task.labels[i] for i in batch.targets[: count - len(given), 0]] if count > len(given) else []
        )
        found[part] = (*given, *written)[:count]
    return found


def unit_values(answer: Answer, layer: str, quantity: str, unit: int) -> Doubles:
    """One unit's h, c or gate at each time step of its layer (T,).

    Raises ValueError, in one sentence, for what the network does not have.
    """
    traced = answer.trace.layers
    if layer not in traced:
        raise ValueError(f"layer must be one of {', '.join(traced)}, not {layer!r}.")
    found = quantities(answer, layer)
    if quantity not in found:
        raise ValueError(f"quantity must be one of {', '.join(found)}, not {quantity!r}.")
    units = found[quantity].shape[1]
    if not 0 <= unit < units:
        raise ValueError(f"unit must be a whole number from 0 to {units - 1}, not {unit!r}.")
    return found[quantity][:, unit]


def quantities(answer: Answer, layer: str) -> dict[str, Doubles]:
    """States and gates of a layer by name, each (T, H)."""
    found = answer.trace.layers[layer]
    states = {"h": found.h} | ({} if found.c is None else {"c": found.c})
    valid_T = found.valid[:, 0]
    return {name: values[valid_T, 0] for name, values in (states | dict(found.gates)).items()}
