"""Networks that are broken on purpose, what to watch in each, and what mends it.

Every recipe and every remedy is run by the tests: what is claimed here was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnlab.config import Design, Settings, default_settings
from rnnlab.state import Records

Fields = Mapping[str, Any]
NONE: Fields = {}


@dataclass(frozen=True)
class Recipe:
    """A broken network and its remedy, as fields of Design and Settings.

    `watch` says what to look at. A remedy that changes the design starts a new network; one that
    changes the settings alone leaves the broken run just before it breaks and goes on from there.
    """

    label: str
    watch: str
    design: Fields
    settings: Fields
    remedy: str
    remedy_design: Fields = field(default_factory=dict)
    remedy_settings: Fields = field(default_factory=dict)

    def experiment(self, seed: int) -> tuple[Design, Settings]:
        """What breaks."""
        design = Design(**self.design, seed=seed)
        return design, replace(default_settings(design), **self.settings)

    def mended(self, seed: int) -> tuple[Design, Settings]:
        """What does not, other things being equal."""
        return self.mend(*self.experiment(seed))

    def mend(self, design: Design, settings: Settings) -> tuple[Design, Settings]:
        """The remedy for what breaks, or for what a person made of it."""
        return replace(design, **self.remedy_design), replace(settings, **self.remedy_settings)


TANH = {"task": "temporal-order", "cell": "rnn", "hidden_size": 32, "recurrent_init": "orthogonal"}
CLIPPED = {"clipping": "norm", "clip_threshold": 1.0}

RECIPES: dict[str, Recipe] = {
    "exploding": Recipe(
        label="Exploding",
        watch="The gradient grows on its way back, since the recurrent weights stretch every state. The "
        "first update is hundreds of times too long and throws the weights where nothing can be learnt.",
        design={**TANH, "recurrent_gain": 2.0, "optimizer": "momentum"},
        settings={"length": 50, "learning_rate": 0.01, "clipping": "off"},
        remedy="gain 1, clip at 1",
        remedy_design={"recurrent_gain": 1.0},
        remedy_settings=CLIPPED,
    ),
    "vanishing": Recipe(
        label="Vanishing",
        watch="With PyTorch's usual weights the gradient shrinks on its way back, time step by time step. "
        "One of the two symbols that decide comes early: almost nothing arrives there, the loss stays.",
        design={**TANH, "recurrent_init": "uniform", "optimizer": "adam"},
        settings={"length": 50, "learning_rate": 5e-3},
        remedy="LSTM, forget bias 3",
        remedy_design={"cell": "lstm", "forget_bias": 3.0},
    ),
    "saturation": Recipe(
        label="Saturation",
        watch="Far too large weights drive every unit to -1 or 1, where tanh is flat: its slope, and with it "
        "the gradient, falls to almost nothing, though the weights are large.",
        design={**TANH, "recurrent_gain": 3.0, "optimizer": "sgd"},
        settings={"length": 30, "learning_rate": 0.1, "clipping": "off"},
        remedy="gain 1, clip at 1",
        remedy_design={"recurrent_gain": 1.0},
        remedy_settings=CLIPPED,
    ),
    "dead relu": Recipe(
        label="Dead relu",
        watch="The learning rate is so high that within some updates no unit is ever above 0. A relu that is "
        "always 0 has slope 0: no gradient passes, and hardly anything can wake it.",
        design={**TANH, "recurrent_init": "identity", "activation": "relu", "optimizer": "adam"},
        settings={"length": 30, "learning_rate": 0.05, "clipping": "off"},
        remedy="learning rate 0.002",
        remedy_settings={"learning_rate": 0.002},
    ),
    "nan": Recipe(
        label="NaN",
        watch="A relu has no ceiling: states and gradient grow together until float32 has no number for "
        "them. Within a few updates the loss is NaN, and the run stops.",
        design={
            **TANH,
            "task": "adding",
            "activation": "relu",
            "recurrent_gain": 1.5,
            "optimizer": "sgd",
        },
        settings={"length": 50, "learning_rate": 0.01, "clipping": "off"},
        remedy="clip by norm at 1",
        remedy_settings=CLIPPED,
    ),
}


@dataclass(frozen=True)
class Remedy:
    """Other settings for a run that broke, and why, in a sentence."""

    words: str
    settings: Settings


def suggested(settings: Settings, records: Records, sound: int) -> Remedy:
    """What to try from update `sound` on, the last whose weights still worked.

    Clipping, where there was none: by norm at the median of the norms up to then, since a
    threshold of half to ten times the usual norm still converges (Pascanu, Mikolov and Bengio
    2013, section 3.2). A tenth of the learning rate, where gradients were clipped already.
    """
    if settings.clipping == "norm":
        slower = settings.learning_rate / 10
        words = f"Gradients were clipped already. Shorten the steps: lower the learning rate to {slower:g}."
        return Remedy(words, replace(settings, learning_rate=max(slower, 1e-6)))
    threshold = usual_norm(records, sound)
    words = f"Clip by norm at {threshold:g}: no step is then longer than that of a usual gradient."
    return Remedy(words, replace(settings, clipping="norm", clip_threshold=threshold))


def usual_norm(records: Records, sound: int) -> float:
    """The median gradient norm up to an update, to one significant figure; at most 1, at least 0.001."""
    norms = records.grad_norm[: max(sound, 1)]
    norms = norms[np.isfinite(norms)]
    return float(f"{np.clip(np.median(norms), 1e-3, 1.0):.1g}") if len(norms) else 1.0
