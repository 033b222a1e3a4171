"""What was reproduced, as a table for people and as plain values for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rnnlab.config import as_dict
from rnnlab.reproduce.experiment import (
    RULE,
    Experiment,
    Found,
    Job,
    Measured,
    Variant,
    held,
    verdict,
    weakest,
)

HEAD = ("experiment", "paper", "published figure", "ours, seed by seed", "updates", "seconds", "verdict")
WIDTH = 100

Experiments = Mapping[str, Experiment]


def facts(experiments: Experiments, jobs: Sequence[Job], found: Found) -> list[dict[str, Any]]:
    """Every experiment with its rows and seeds, as JSON values."""
    names = dict.fromkeys(job.experiment for job in jobs)
    return [experiment_facts(name, experiments[name], jobs, found) for name in names]


def experiment_facts(name: str, about: Experiment, jobs: Sequence[Job], found: Found) -> dict[str, Any]:
    rows = [
        row_facts(
            variant, row, [job for job in jobs if (job.experiment, job.variant) == (name, variant)], found
        )
        for variant, row in about.variants.items()
    ]
    return {
        "name": name,
        "paper": about.paper,
        "what": about.what,
        "differs": about.differs,
        "verdict": weakest([row["verdict"] for row in rows]),
        "rows": rows,
    }


def row_facts(name: str, about: Variant, jobs: Sequence[Job], found: Found) -> dict[str, Any]:
    claims = [held(about, job, found) for job in jobs]
    plan = about.training
    return {
        "name": name,
        "label": about.label,
        "source": about.source,
        "published": about.published,
        "claim": about.claim,
        "verdict": verdict(claims),
        "design": as_dict(plan.design) if plan else None,
        "settings": as_dict(plan.settings) if plan else None,
        "budget": plan.budget if plan else 0,
        "seeds": [
            seed_facts(job, about, found.get(job), claim) for job, claim in zip(jobs, claims, strict=True)
        ],
    }


def seed_facts(job: Job, about: Variant, measured: Measured | None, claim: bool | None) -> dict[str, Any]:
    """One seed; `holds` is null where it is not known, `numbers` are those of the last measurement."""
    measured = measured or Measured({})
    shown = about.text(measured.numbers[about.shown]) if measured.numbers else "–"
    broken = f" (diverged at {measured.diverged_at:,})" if measured.diverged_at is not None else ""
    broken = broken if measured.finished or not measured.numbers else " (unfinished)"
    return {
        "seed": job.seed if about.training else None,
        "holds": claim,
        "ours": shown + broken,
        "numbers": dict(measured.numbers),
        "updates": measured.updates,
        "sequences": measured.updates * about.training.design.batch_size if about.training else 0,
        "seconds": measured.seconds,
        "finished": measured.finished,
        "diverged_at": measured.diverged_at,
    }


def words(told: Sequence[dict[str, Any]], details: bool) -> str:
    """The table, in Markdown that is aligned for a terminal; with `details` all about each experiment."""
    rows = [cells(experiment, row) for experiment in told for row in experiment["rows"]]
    parts = [*(detail(experiment) for experiment in told if details), table([HEAD, *rows]), paragraph(RULE)]
    return "\n\n".join(parts)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def cells(experiment: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, ...]:
    seeds = row["seeds"]
    return (
        f"{experiment['name']}: {row['label']}",
        row["source"],
        row["published"],
        ", ".join(seed["ours"] for seed in seeds),
        span([seed["updates"] for seed in seeds if seed["updates"]]),
        seconds(row),
        judged(row),
    )


def span(updates: Sequence[int]) -> str:
    """The smallest and the largest of some numbers; a dash for none."""
    if not updates:
        return "–"
    low, high = min(updates), max(updates)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def judged(row: Mapping[str, Any]) -> str:
    """The verdict, how many seeds keep the claim, the claim, and the seeds that do not keep it."""
    kept = [seed for seed in row["seeds"] if seed["holds"]]
    broken = [
        str(seed["seed"]) for seed in row["seeds"] if seed["holds"] is False and seed["seed"] is not None
    ]
    counted = f", {len(kept)} of {len(row['seeds'])}" if row["budget"] else ""
    without = f"; not seed {' and '.join(broken)}" if broken else ""
    return f"{row['verdict']}{counted}: {row['claim']}{without}"


def seconds(row: Mapping[str, Any]) -> str:
    """What all seeds of a row took together."""
    spent = sum(seed["seconds"] for seed in row["seeds"])
    return f"{spent:.0f}" if spent >= 1 else f"{spent:.2f}"


def detail(experiment: Mapping[str, Any]) -> str:
    said = (
        f"{experiment['name']} – {experiment['paper']}: {experiment['verdict']}",
        experiment["what"],
        f"Differs from the paper: {experiment['differs']}",
    )
    return "\n".join(map(paragraph, said))


def paragraph(text: str) -> str:
    return textwrap.fill(text, WIDTH)
