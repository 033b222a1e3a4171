"""An answer as plain values for a page: words, probabilities, and the states of every layer.

T time steps, U units.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from rnnlab.figures.heat import SIGNED_GATES, colour_reach
from rnnlab.layers import layer_words
from rnnlab.live.sounds import tune
from rnnlab.state import LayerTrace
from rnnlab.tasks.digits import SIDE, shaded
from rnnlab.tasks.spec import Audible, Pictured, Task, Tuneful

if TYPE_CHECKING:
    from rnnlab.asking import Question
    from rnnlab.forecasting import Average, Forecast
    from rnnlab.probing import Answer, Tracked, Written
    from rnnlab.probing.reading import Top

Doubles = NDArray[np.float64]
MOST_NUMBERS = 400_000
"""Values of all layers that travel to a page; of a larger network only the uppermost layer does."""

MOST_IMAGES = 16
FULL = 32767
NOT_A_NUMBER = -32768


def told(answer: Answer) -> dict[str, Any]:
    """Everything that a page shows of one answer, without arrays."""
    question, ended = answer.question, answer.ended_here
    return {
        "text": question.text,
        "note": question.note,
        "characters": list(question.characters),
        "words": answer.words,
        "correct": answer.correct,
        "right": "" if answer.correct is None else right_of(answer),
        "sure": None if answer.confidence is None else number(answer.confidence),
        "outputs": list(answer.outputs),
        "top": tops(answer.top),
        "ended": tops(ended.top) if ended and ended.top else [],
        "said": list(ended.said) if ended else [],
        "written": answer.written,
        "sounds": sounds_of(answer),
        "layers": layers_of(answer),
        "update": answer.trace.update,
    }


def sounds_of(answer: Answer) -> dict[str, Any]:
    """What can be heard of the question and of the answer, for the page's player."""
    from rnnlab.model.network import load_task

    design = answer.trace.design
    task = load_task(design)
    if isinstance(task, Tuneful) and answer.written:
        return {"answer": tune(task, answer.symbols_S)}
    if isinstance(task, Audible):
        asked = {
            "task": design.task,
            "length": len(answer.question.characters),
            "asked": answer.question.text,
        }
        return {"input": {"url": f"sound?{urlencode(asked)}"}}
    return {}


def tops(top: Sequence[Top]) -> list[list[list[Any]]]:
    """Per time step the likeliest labels with their probabilities; None where there is no number."""
    return [[[label, number(chance)] for label, chance in one] for one in top]


def number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def right_of(answer: Answer) -> str:
    """The right answer, as a person reads it."""
    from rnnlab.model.network import load_task

    batch, task = answer.question.batch, load_task(answer.trace.design)
    return task.sample(batch, 0, np.zeros((len(batch.targets), task.output_size))).target


def layers_of(answer: Answer) -> list[dict[str, Any]]:
    """Every layer's states and gates by time step, with what goes in there and what comes out."""
    layers = answer.trace.layers
    numbers = sum(one.h.size * (2 + len(one.gates)) for one in layers.values())
    shown = layers if numbers <= MOST_NUMBERS else dict(list(layers.items())[-1:])
    last, read = list(answer.read)[-1], read_by(answer)
    found = []
    for name, layer in shown.items():
        part = name.split("/")[0]
        says = says_of(answer, len(read[part])) if part == last else []
        found.append(layer_told(layer, read[part], says))
    return found


def read_by(answer: Answer) -> Mapping[str, Sequence[str]]:
    """What stands at each time step of each part; a few images as lines of shades."""
    from rnnlab.model.network import load_task

    task, first = load_task(answer.trace.design), next(iter(answer.read))
    if not isinstance(task, Pictured) or len(answer.read[first]) > MOST_IMAGES:
        return answer.read
    frames_THW = task.images(answer.question.batch, 0) / 255
    frames = ["\n".join(shaded(row) for row in frame_HW) for frame_HW in frames_THW]
    return {**answer.read, first: [*frames, *answer.read[first][len(frames) :]]}


def says_of(answer: Answer, steps: int) -> list[list[Any]]:
    """What the network says at each time step of its last part, with the probability; empty where nothing."""
    if len(answer.outputs) == steps:
        return [[label, chance_of(label, at(answer.top, s))] for s, label in enumerate(answer.outputs)]
    ended = answer.ended_here
    if ended is None or len(ended.said) != steps:
        return []
    return [[label, chance_of(label, at(ended.top, t))] for t, label in enumerate(ended.said)]


def at(top: Sequence[Top], step: int) -> Top:
    return top[step] if step < len(top) else ()


def chance_of(label: str, top: Top) -> float | None:
    return next((number(chance) for one, chance in top if one == label), None)


def layer_told(layer: LayerTrace, reads: Sequence[str], says: list[list[Any]]) -> dict[str, Any]:
    known = {"h": layer.h, "c": layer.c, **layer.gates}
    there = {name: values for name, values in known.items() if values is not None}
    return {
        "name": layer.name,
        "words": layer_words(layer.name),
        "reads": list(reads),
        "says": says,
        "units": layer.h.shape[2],
        "quantities": [quantity(name, values[layer.valid[:, 0], 0], layer) for name, values in there.items()],
    }


def quantity(name: str, values_TU: Doubles, layer: LayerTrace) -> dict[str, Any]:
    """One quantity (units, time steps) in whole numbers of 16 bits, on a scale of its own."""
    signed = name not in layer.gates or name in SIGNED_GATES
    reach = colour_reach(values_TU, name)
    return {"name": name, "signed": signed, "reach": reach, "values": packed(values_TU.T, reach)}


def packed(values_UT: Doubles, reach: float) -> str:
    """-FULL to FULL stand for -reach to reach, NOT_A_NUMBER for what is none; little-endian, base64."""
    with np.errstate(invalid="ignore"):
        scaled_UT = np.round(np.clip(values_UT / reach, -1, 1) * FULL)
    whole_UT = np.where(np.isfinite(values_UT), np.nan_to_num(scaled_UT), NOT_A_NUMBER).astype("<i2")
    return base64.b64encode(whole_UT.tobytes()).decode()


MOST_ROWS = 48
"""Output time steps up to which each has a row of its own in the map of what mattered."""


def mattered_at(answer: Answer) -> dict[str, Any]:
    """Norms (S, T) of the derivative by each input: of each output, or of all together."""
    from rnnlab.probing import saliency_map, saliency_of

    several = 1 < len(answer.outputs) <= MOST_ROWS
    norms_ST = saliency_map(answer) if several else saliency_of(answer)[None]
    looked_ST = answer.attention_ST
    return {
        **pixels_of(answer),
        "rows": [[number(value) for value in row] for row in norms_ST],
        "each": several or len(answer.outputs) == 1,
        "attention": None if looked_ST is None else looked_ST.tolist(),
        "characters": list(answer.question.characters),
        "outputs": list(answer.outputs),
    }


def pixels_of(answer: Answer) -> dict[str, Any]:
    """d log p of the answer by each pixel of a drawing, and the drawing; empty for other questions."""
    from rnnlab.model.network import load_task
    from rnnlab.probing.salient import by_each_number

    pixels = answer.question.batch.inputs_TBI.ravel()
    if not isinstance(load_task(answer.trace.design), Pictured) or pixels.size != SIDE * SIDE:
        return {}
    return {"pixels": numbers(by_each_number(answer).ravel()), "drawn": [float(pixel) for pixel in pixels]}


def chosen_at(answer: Answer, choices: Sequence[Question]) -> dict[str, Any]:
    """The answer's probability under every choice: of all of it, as logarithms, and of each symbol."""
    from rnnlab.probing import by_choice

    names = [question.characters[0] for question in choices]
    found = by_choice(answer, [question.batch for question in choices])
    return {
        "rows": [],
        "choices": names,
        "chosen": names.index(answer.question.characters[0]),
        "logarithms": numbers(found.logarithms_C),
        "chances": [numbers(row_C) for row_C in found.chances_SC],
        "outputs": list(answer.outputs),
    }


def unit_told(one: Tracked) -> dict[str, Any]:
    from rnnlab.probing import KNOWN

    about = {"label": KNOWN[one.name].label, "words": KNOWN[one.name].words, "place": layer_words(one.layer)}
    return {**one._asdict(), **about}


def compared(before: Answer, after: Answer) -> dict[str, Any]:
    """The second answer, and how far the network is from where it was, by layer and time step."""
    from rnnlab.probing import change_words, difference

    found = difference(before, after)
    cell = before.trace.design.cell
    return {
        "after": told(after),
        "distances": {name: [number(value) for value in far_T] for name, far_T in found.states.items()},
        "sizes": {name: [number(value) for value in size_T] for name, size_T in found.sizes.items()},
        "moved": [number(value) for value in found.moved_S],
        "on_the_way": None if found.ended_here_T is None else [number(v) for v in found.ended_here_T],
        "changes": [change_words(change, cell) for change in after.changes],
    }


def written_told(written: Written, task: Task) -> dict[str, Any]:
    return {
        "sound": tune(task, written.indices_S) if isinstance(task, Tuneful) else None,
        "prompt": list(written.prompt),
        "symbols": list(written.symbols),
        "chances": [number(value) for value in written.probability_S],
        "top": tops(written.top),
        "text": written.text,
        "ended": written.ended,
        "temperature": written.temperature,
    }


def foreseen(found: Forecast, mean: Average | None) -> dict[str, Any]:
    """Three forecasts beside what came, and how far each is off, here and on average."""
    paths = {name: numbers(getattr(found, name)) for name in ("history", "truth", *found.errors)}
    return {
        **paths,
        "errors": {name: list(error) for name, error in found.errors.items()},
        "average": mean
        and {"moments": mean.moments, "errors": {name: list(one) for name, one in mean.errors.items()}},
        "lags": found.lags,
        "unit": found.unit,
    }


def numbers(values: Doubles) -> list[float | None]:
    return [number(value) for value in values]
