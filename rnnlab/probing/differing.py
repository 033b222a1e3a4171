"""Two answers side by side: what a changed character or an intervention changes downstream.

T time steps, S output time steps, O output size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.probing.answers import Answer, quantities

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """The second answer beside the first, over the time steps that both have.

    `states[layer]` (T,) is ||h_b - h_a||, and `sizes[layer]` is ||h_a||, to compare it with; `cells` the same
    of c where there is one. `probabilities_SO` is how much each label gained, None where outputs are numbers:
    then `outputs_SO` are the differences of the outputs. `moved_S` is the share of probability that went
    elsewhere, half the sum of |gains| (of all of it, for labels that exclude each other), or the norm of the
    outputs' difference. `symbols` are what stands in the answers, and `read` what was read, where it differs.
    """

    states: dict[str, Doubles]
    cells: dict[str, Doubles]
    sizes: dict[str, Doubles]
    labels: tuple[str, ...]
    probabilities_SO: Doubles | None
    outputs_SO: Doubles
    moved_S: Doubles
    symbols: tuple[tuple[str, str], ...]
    words: tuple[str, str]
    read: tuple[tuple[int, str, str], ...]
    ended_here_T: Doubles | None
    """The same share at each input time step, had the sequence ended there; None where that is not asked."""


def difference(a: Answer, b: Answer) -> Difference:
    """What changes from answer `a` to answer `b`. Raises ValueError for networks of different kinds."""
    if list(a.trace.layers) != list(b.trace.layers) or a.outputs_SO.shape[1] != b.outputs_SO.shape[1]:
        raise ValueError("Only answers of networks with the same layers and outputs can be compared.")
    steps = min(len(a.outputs), len(b.outputs))
    outputs_SO = b.outputs_SO[:steps] - a.outputs_SO[:steps]
    gained_SO = None
    if a.probabilities_SO is not None and b.probabilities_SO is not None:
        gained_SO = b.probabilities_SO[:steps] - a.probabilities_SO[:steps]
    return Difference(
        states=distances(a, b, "h"),
        cells=distances(a, b, "c"),
        sizes={name: np.linalg.norm(quantities(a, name)["h"], axis=1) for name in a.trace.layers},
        labels=a.labels,
        probabilities_SO=gained_SO,
        outputs_SO=outputs_SO,
        moved_S=moved(gained_SO, outputs_SO),
        symbols=tuple(zip(a.outputs[:steps], b.outputs[:steps], strict=True)),
        words=(a.words, b.words),
        read=read_otherwise(a, b),
        ended_here_T=moved_on_the_way(a, b),
    )


def distances(a: Answer, b: Answer, quantity: str) -> dict[str, Doubles]:
    """||s_b - s_a|| (T,) by layer, of the layers that have such a state."""
    found = {}
    for name in a.trace.layers:
        here, there = quantities(a, name), quantities(b, name)
        if quantity in here:
            steps = min(len(here[quantity]), len(there[quantity]))
            found[name] = np.linalg.norm(there[quantity][:steps] - here[quantity][:steps], axis=1)
    return found


def moved(gained_SO: Doubles | None, outputs_SO: Doubles) -> Doubles:
    """Half the sum of what labels gained and lost (S,); a distance where outputs are numbers."""
    if gained_SO is None:
        return np.asarray(np.linalg.norm(outputs_SO, axis=1))
    return np.asarray(0.5 * np.abs(gained_SO).sum(axis=1))


def moved_on_the_way(a: Answer, b: Answer) -> Doubles | None:
    here, there = a.ended_here, b.ended_here
    if here is None or there is None:
        return None
    steps = min(len(here.outputs_TO), len(there.outputs_TO))
    outputs_TO = there.outputs_TO[:steps] - here.outputs_TO[:steps]
    if here.probabilities_TO is None or there.probabilities_TO is None:
        return moved(None, outputs_TO)
    return moved(there.probabilities_TO[:steps] - here.probabilities_TO[:steps], outputs_TO)


def read_otherwise(a: Answer, b: Answer) -> tuple[tuple[int, str, str], ...]:
    """Time step (from 0), first and second symbol, wherever the questions differ."""
    pairs = zip(a.question.characters, b.question.characters, strict=False)
    return tuple((t, x, y) for t, (x, y) in enumerate(pairs) if x != y)
