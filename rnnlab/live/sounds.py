"""What can be heard: notes that a page plays by itself, and sounds that it asks for as a file.

In a frame a sound is `{"keys": [...], "seconds": ...}`, MIDI keys of equally long notes (60 is middle C, 69
is 440 Hz), or `{"url": ...}`, the address of a WAV file, relative to that of the live route.
B sounds, N samples.
"""

from __future__ import annotations

import io
import wave
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Audible, Batch, Floats, Task, Tuneful

HELD_OUT = 3
"""The stream of random numbers of held-out data, as in `rnnlab.evaluation`, which needs torch."""

PROBES = 32
"""How many sequences a picture is made of."""

LOUDNESS = 0.1
"""Root mean square of a sound whose own is 1, of the most that a file can hold: gentle, and rarely cut."""


def tune(task: Tuneful, symbols: NDArray[np.int64]) -> dict[str, Any]:
    """Output symbols (S,) as a melody."""
    return {"keys": task.keys(symbols), "seconds": task.note_seconds}


def row_sounds(
    task: Task, design: Design, settings: Settings, batch: Batch, index: int, outputs_SO: NDArray[Any]
) -> dict[str, Any]:
    """What is to hear of a row of predictions, by the column that it belongs to."""
    if isinstance(task, Tuneful):
        valid_S = batch.mask_SB[:, index]
        said = {"target": batch.targets[valid_S, index], "prediction": outputs_SO.argmax(axis=1)[valid_S]}
        return {column: tune(task, symbols) for column, symbols in said.items()}
    if isinstance(task, Audible):
        asked = {"task": design.task, "length": settings.length, "index": index}
        return {"input": {"url": f"sound?{urlencode(asked)}"}}
    return {}


@lru_cache(maxsize=8)
def held_out_sounds(name: str, length: int) -> tuple[int, Floats]:
    """Samples a second, and the sounds (B, N) of a picture's held-out sequences.

    Raises ValueError for a task that cannot be heard, or a length that it does not have.
    """
    design = Design(task=name)
    fit(design, Settings(length=length))
    task = TASKS[name].load(design.topology, design.options)
    if not isinstance(task, Audible):
        raise ValueError(f"The task {name} has nothing to hear.")
    return task.rate, task.held_out_sounds(np.random.default_rng([HELD_OUT]), PROBES, length)


def wav(samples_N: Floats, rate: int) -> bytes:
    """One channel of 16 bits; what is too loud is cut."""
    held = io.BytesIO()
    levels = np.round(np.clip(samples_N * LOUDNESS, -1, 1) * 32767).astype("<i2")
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(levels.tobytes())
    return held.getvalue()
