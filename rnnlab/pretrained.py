"""Networks that ship already trained, so that there is something to ask before anything was learned here.

Each is a run as `rnnlab pretrain NAME` makes it again: the design, the settings and the number of updates
stand in PRETRAINED, the seed in the design. The files hold weights, the curve in buckets and the held-out
reports; the optimiser's memory is left out, so training that goes on from one begins with an empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rnnlab.config import Design, Settings, default_settings, fit
from rnnlab.files import StoredRun, load_run, save_run
from rnnlab.state import Records, Report, RunState
from rnnlab.tasks import TASKS

REPORTS = 12
MOST_BYTES = 300_000


@dataclass(frozen=True)
class Pretrained:
    """A network that ships: what it is called, and what it is made of.

    `alphabet` is that of the text it learned from, where that text is another with another Python.
    """

    label: str
    task: str
    updates: int
    design_fields: Mapping[str, Any] = field(default_factory=dict)
    settings_fields: Mapping[str, Any] = field(default_factory=dict)
    alphabet: str = ""

    @property
    def design(self) -> Design:
        return Design(task=self.task, **self.design_fields)

    @property
    def settings(self) -> Settings:
        return fit(self.design, replace(default_settings(self.design), **self.settings_fields))

    @property
    def name(self) -> str:
        return next(name for name, one in PRETRAINED.items() if one is self)

    @property
    def fits(self) -> bool:
        """Whether what it reads and writes still means here what it meant where it was trained."""
        if not self.alphabet:
            return True
        return (
            "".join(TASKS[self.task].load(self.design.topology, self.design.options).labels) == self.alphabet
        )

    @property
    def file(self) -> Path:
        return folder() / f"{self.name}.npz"


PROSE = (
    "⏎␣!\"#%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_abcdefghijklmnopqrstuvwxyz{|}~"
    "°ß–—‘’“”…"
)
"""The characters in the prose of Python 3.11's documentation."""

PRETRAINED: dict[str, Pretrained] = {
    "nationality": Pretrained("Surname to nationality", "nationality", 1400),
    "surname": Pretrained("Nationality to surname", "surname", 1500),
    "digits": Pretrained("Digits, at once", "digits", 700, {"topology": "one-to-one"}),
    "digits-by-row": Pretrained(
        "Digits, row by row", "digits", 1000, {"topology": "many-to-one"}, {"dropout": 0.2}
    ),
    "caption": Pretrained("Digit to its name", "caption", 700),
    "sentiment": Pretrained("Sentiment", "sentiment", 1000),
    "dates": Pretrained("Dates, with attention", "dates", 600, {"attention": "dot"}),
    "arithmetic": Pretrained(
        "Sums, with attention",
        "arithmetic",
        2500,
        {"hidden_size": 64, "batch_size": 64, "attention": "dot"},
        {"learning_rate": 1e-2},
    ),
    "language-model": Pretrained("Language model", "language-model", 2000, alphabet=PROSE),
    "entities": Pretrained(
        "Named entities", "entities", 700, {"cell": "gru", "hidden_size": 16}, {"learning_rate": 1e-2}
    ),
    "forecast": Pretrained(
        "Seattle's temperature",
        "forecast",
        300,
        {"hidden_size": 16, "task_options": {"series": "weather"}},
        {"dropout": 0.3, "learning_rate": 5e-3},
    ),
    "melody": Pretrained("Melodies", "melody", 1300),
    "vowels": Pretrained("Vowels", "vowels", 500),
    "coding": Pretrained("Genes in DNA", "coding", 1200),
    "question": Pretrained("Question about a story", "question", 3000),
    "adding": Pretrained("Adding", "adding", 1500, settings_fields={"length": 40}),
}
"""Link name to network."""


def folder() -> Path:
    """Where the files are: in the installed wheel, or in the checkout beside the package."""
    package = Path(__file__).resolve().parent
    places = (package / "_app" / "assets", package.parent / "assets")
    return next((place for place in places if place.is_dir()), places[-1]) / "pretrained"


@lru_cache(maxsize=8)
def load(name: str) -> StoredRun:
    """A network that ships. Raises ValueError, in one sentence, for a name that is none."""
    return load_run(known(name).file)


def known(name: str) -> Pretrained:
    if name not in PRETRAINED:
        raise ValueError(f"name must be one of {', '.join(PRETRAINED)}, not {name[:40]!r}.")
    return PRETRAINED[name]


def make(name: str, to: Path, progress: Callable[[int], None] | None = None) -> tuple[StoredRun, Path]:
    """Train a network and write its file. Raises ValueError for a name that is none, or too large a file."""
    run = trained(known(name), progress)
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{name}.npz"
    save_run(path, run)
    if path.stat().st_size > MOST_BYTES:
        path.unlink()
        raise ValueError(
            f"{name} would take more than {MOST_BYTES // 1000} kB: make its hidden size smaller."
        )
    return run, path


def trained(one: Pretrained, progress: Callable[[int], None] | None = None) -> StoredRun:
    """A network from its first weights to its last, as a file holds it."""
    from rnnlab.evaluation import evaluate
    from rnnlab.live.table import RecordTable
    from rnnlab.training import advance, begin

    state, table, reports = begin(one.design), RecordTable(), list[Report]()
    for end in reported(one.updates):
        state, records = advance(state, one.settings, end - state.update, progress)
        table.append(records)
        reports.append(evaluate(state, one.settings))
    return StoredRun(
        without_memory(state), one.settings, Records.empty(), tuple(reports), buckets=table.buckets
    )


def reported(updates: int) -> list[int]:
    """After which updates it is evaluated: evenly, from the start to the end."""
    return [updates * place // REPORTS for place in range(REPORTS + 1)]


def without_memory(state: RunState) -> RunState:
    return replace(state, optimizer={})
