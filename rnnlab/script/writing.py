"""A whole script from its parts: header, imports, constants, data, network, weights, training."""

from __future__ import annotations

import re

from rnnlab.config import Design, Settings, fit
from rnnlab.link import to_link
from rnnlab.live.picture import title
from rnnlab.own.given import source_of
from rnnlab.script.data import DATA
from rnnlab.script.loop import train
from rnnlab.script.network import network
from rnnlab.script.plan import Plan
from rnnlab.script.recurrent import classes
from rnnlab.script.source import joined, mentions, prose
from rnnlab.script.start import start
from rnnlab.tasks import TASKS
from rnnlab.title import read_title

LONGEST_LINK = 300
"""Characters of an address that the header still quotes; a text of the user's own makes longer ones."""

IMPORTS = {
    "base64": "import base64",
    "zlib": "import zlib",
    "timedelta": "from datetime import date, timedelta",
    "np": "import numpy as np",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "pad_packed_sequence": "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence",
    "pack_padded_sequence": "from torch.nn.utils.rnn import pack_padded_sequence",
}
"""By the name that needs it, in their order; of two that give the same name the first is taken."""

OPENS = re.compile(r"(def|class|if __name__)\b")
CLOSING = (")", "]", "}")

STANDARD = ("import base64", "import zlib", "from datetime")


def write(design: Design, settings: Settings, updates: int = 100, called: str = "") -> str:
    """A Python script that trains this experiment for `updates` updates and prints each loss.

    It needs only torch and numpy and holds only what this design uses. Weights, batches and every other
    random number are those of `rnnlab.advance` with these settings from the first update on; losses agree
    to float32 rounding, as PyTorch's kernels sum in another order. Its docstring has the title that the
    experiment is `called`. Raises ValueError as `fit` and `read_title` do, and for a number of updates
    below 1.
    """
    if updates < 1:
        raise ValueError(f"updates must be 1 or more, not {updates}.")
    plan = planned(design, settings)
    code = joined("\n" + plan.data.draw.strip("\n"), classes(plan), network(plan), start(plan), train(plan))
    end = joined(plan.data.packed, "\n", 'if __name__ == "__main__":', "    train()")
    numbers = constants(plan, updates, code)
    found = joined(
        header(plan, read_title(called)), "", imports(f"{numbers}\n{code}\n{end}"), "", numbers, code, end
    )
    return spaced(found)


def planned(design: Design, settings: Settings) -> Plan:
    """All that decides what the script holds."""
    settings = fit(design, settings)
    task = TASKS[design.task].load(design.topology, design.options)
    data = DATA[design.task](design, settings.length or 1)
    return Plan(design, settings, data, task.input_size, task.output_size, task.loss)


def header(plan: Plan, called: str) -> str:
    """What the script is, where it comes from, how to run it."""
    design, spec = plan.design, TASKS[plan.design.task]
    link = to_link(design, plan.settings, title=called)
    quoted = f"\n\nThe experiment in the app: ?{link}" if len(link) <= LONGEST_LINK else ""
    return joined(
        f'"""{spec.label}: an experiment of RNN Lab as one PyTorch script.',
        "",
        *([prose(f"Title: {called}"), ""] if called else []),
        prose(f"{title(design)}. {spec.sentence}"),
        "",
        prose(
            "It needs only torch and numpy. Network, first weights, batches and settings are those of the "
            "app, so it prints the same losses, up to the rounding of single precision. The settings are as "
            "they were when it was written, from the first update on."
        )
        + quoted,
        "",
        prose(f"Data: {source_of(design.task, design.options)}"),
        "",
        "Shapes: T time steps, B sequences, H hidden size.",
        '"""',
    )


def constants(plan: Plan, updates: int, code: str) -> str:
    """The numbers that the code mentions, each with its unit."""
    design, settings = plan.design, plan.settings
    numbers: list[tuple[str, float, str]] = [
        ("updates", updates, ""),
        ("seed", design.seed, ""),
        ("batch_size", design.batch_size, "sequences"),
        ("length", plan.length, "time steps"),
        *plan.data.numbers,
        ("hidden_size", design.hidden_size, "units"),
        ("context_size", design.context_size, "numbers from encoder to decoder"),
        ("recurrent_gain", design.recurrent_gain, ""),
        ("forget_bias", design.forget_bias, ""),
        ("learning_rate", settings.learning_rate, ""),
        ("weight_decay", settings.weight_decay, ""),
        ("clip_threshold", settings.clip_threshold, ""),
        ("window", plan.window, "time steps, after which the gradient is cut"),
        ("teacher_forcing", settings.teacher_forcing, "probability of the true symbol"),
        ("dropout", settings.dropout, "probability"),
    ]
    used = [(name, value, unit) for name, value, unit in numbers if mentions(code, name)]
    return "\n".join(f"{name} = {value!r}" + f"  # {unit}" * bool(unit) for name, value, unit in used)


def imports(code: str) -> str:
    """The imports that the code needs: the standard library first."""
    found: dict[str, None] = {}
    for name, line in IMPORTS.items():
        wanted = mentions(code, name) and not any(f" {name}" in other for other in found)
        found.update({line: None} if wanted else {})
    own = [line for line in found if not line.startswith(STANDARD)]
    standard = [line for line in found if line.startswith(STANDARD)]
    return "\n".join([*standard, *[""] * bool(standard), *own])


def spaced(text: str) -> str:
    """Two blank lines before and after what stands at the top level with a body, one elsewhere at most."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line and lines[-1:] == [""]:
            continue
        if (
            lines
            and line
            and not line.startswith((" ", *CLOSING))
            and (OPENS.match(line) or below_body(lines))
        ):
            while lines[-1] == "":
                lines.pop()
            lines += ["", ""]
        lines.append(line)
    return "\n".join(lines).strip() + "\n"


def below_body(lines: list[str]) -> bool:
    """Whether the last line that is not empty is indented."""
    return next((line for line in reversed(lines) if line), "").startswith(" ")
