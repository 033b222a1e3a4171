"""`rnnlab pretrain`: make the networks again that ship already trained."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from rnnlab.commands.refusal import refuse
from rnnlab.commands.train import strict_json, why_not_writable
from rnnlab.metrics import METRICS
from rnnlab.pretrained import PRETRAINED, folder, known, make
from rnnlab.state import Report


def run_pretrain(asked: argparse.Namespace) -> int:
    to = Path(asked.to) if asked.to else folder()
    try:
        names = [asked.name] if asked.name else list(PRETRAINED)
        for name in names:
            known(name)
    except ValueError as wrong:
        refuse(str(wrong))
    to.parent.mkdir(parents=True, exist_ok=True)
    if reason := why_not_writable(to / "file.npz") if to.is_dir() else why_not_writable(to):
        refuse(f"--to must name a folder that can be written in; {reason}.")
    made = [one(name, to, quiet=asked.json) for name in names]
    if asked.json:
        print(strict_json({"made": made}))
    return 0


def one(name: str, to: Path, quiet: bool) -> dict[str, Any]:
    """Make one network, and say how it does on held-out data."""
    import torch
    from tqdm import tqdm

    from rnnlab.memory import keep_memory

    keep_memory()
    torch.set_num_threads(1)
    started = perf_counter()
    about = PRETRAINED[name]
    with tqdm(total=about.updates, unit=" updates", desc=name, file=sys.stderr) as bar:
        try:
            run, path = make(name, to, bar.update)
        except ValueError as wrong:
            refuse(str(wrong))
    report, seconds = run.reports[-1], perf_counter() - started
    if not quiet:
        print(words(name, report, about.updates, seconds, path), flush=True)
    return {
        "name": name,
        "file": str(path),
        "bytes": path.stat().st_size,
        "updates": about.updates,
        "seconds": seconds,
        "held_out_loss": report.loss,
        "baseline": report.baseline_loss,
        "metric": report.metric,
        "metric_name": report.metric_name,
        "baseline_metric": report.baseline_metric,
    }


def words(name: str, report: Report, updates: int, seconds: float, path: Path) -> str:
    trivial = METRICS[report.metric_name].text(report.baseline_metric)
    return (
        f"{name}: {updates:,} updates in {seconds:.0f} s, {report.metric_label} {report.metric_text} "
        f"(baseline {trivial}), {path.stat().st_size / 1000:.0f} kB in {path}"
    )
