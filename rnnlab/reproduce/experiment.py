"""What a small published experiment is: rows, each with a claim that every seed keeps or breaks.

Light: importing this loads no torch. What trains is named by values, and runs in a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rnnlab.config import Design, Settings

Numbers = Mapping[str, float]
"""What was measured, by name."""


def never(numbers: Numbers) -> bool:
    """Train to the end of the budget, whatever was measured."""
    return False


@dataclass(frozen=True)
class Training:
    """A run of at most `budget` updates, measured after every `every` of them until it is `solved`.

    The design's seed is replaced by that of the job.
    """

    design: Design
    settings: Settings
    budget: int
    every: int
    solved: Callable[[Numbers], bool] = never


@dataclass(frozen=True)
class Variant:
    """One row of the table: one network, or none, under one claim.

    `published` is a figure and `source` the place where it stands. `measure(state)` gives the numbers
    of a run, `measure()` those of a calculation without training. `holds(numbers, beside)` says
    whether a seed keeps the `claim`, from its own numbers and those of the variants in `compares`,
    of the same seed, by name. `text` writes the number called `shown`, which is the table's.
    """

    label: str
    source: str
    published: str
    claim: str
    measure: Callable[..., Numbers]
    holds: Callable[[Numbers, Mapping[str, Numbers]], bool]
    shown: str
    text: Callable[[float], str]
    training: Training | None = None
    compares: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """A small published experiment: `differs` says where this set-up is not the paper's."""

    paper: str
    what: str
    differs: str
    variants: Mapping[str, Variant] = field(default_factory=dict)


class Job(NamedTuple):
    """One seed of one variant."""

    experiment: str
    variant: str
    seed: int


@dataclass(frozen=True)
class Measured:
    """How far a job came: `seconds` were spent in its worker. `diverged_at` is an update, or None."""

    numbers: Numbers
    updates: int = 0
    seconds: float = 0.0
    finished: bool = False
    diverged_at: int | None = None


Found = Mapping[Job, Measured]


def jobs_of(experiments: Mapping[str, Experiment], names: Sequence[str], seeds: int) -> list[Job]:
    """All jobs of these experiments. A calculation without training has no seed, so it runs once."""
    return [
        Job(name, variant, seed)
        for name in names
        for variant, about in experiments[name].variants.items()
        for seed in range(seeds if about.training else 1)
    ]


def held(about: Variant, job: Job, found: Found) -> bool | None:
    """Whether a job's numbers keep the claim; None while it, or a job it compares with, is not finished.

    A run that diverged keeps no claim.
    """
    own = found.get(job)
    beside = {name: found.get(job._replace(variant=name)) for name in about.compares}
    others = {name: other.numbers for name, other in beside.items() if other and other.finished}
    if own is None or not own.finished or len(others) < len(beside):
        return None
    return own.diverged_at is None and about.holds(own.numbers, others)


HOLDS, MOSTLY, FAILS, UNFINISHED = "holds", "mostly holds", "does not hold", "unfinished"
RULE = (
    f"Verdict on the claim behind the colon, which is measured here and not read off the published figure: "
    f"{HOLDS}, for every seed; {MOSTLY}, for at least two thirds of them; {FAILS}, for fewer. A run that "
    f"diverged keeps no claim. Seconds are those of all seeds together."
)


def verdict(claims: Sequence[bool | None]) -> str:
    """One word for the seeds of a row; see RULE."""
    if not claims or None in claims:
        return UNFINISHED
    kept = sum(map(bool, claims))
    if kept == len(claims):
        return HOLDS
    return MOSTLY if 3 * kept >= 2 * len(claims) else FAILS


def weakest(verdicts: Sequence[str]) -> str:
    """The verdict on an experiment: that of its weakest row."""
    return max(verdicts, key=[HOLDS, MOSTLY, FAILS, UNFINISHED].index)
