"""`rnnlab pretrain`: make the networks again that ship already trained."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from rnnlab.commands.refusal import refuse
from rnnlab.commands.train import strict_json, why_not_writable
from rnnlab.files import StoredRun
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
    started, updates = perf_counter(), PRETRAINED[name].updates
    run, path = trained(name, to, updates)
    report, seconds = run.reports[-1], perf_counter() - started
    if not quiet:
        print(words(name, report, updates, seconds, path), flush=True)
    return {
        "name": name,
        "file": str(path),
        "bytes": path.stat().st_size,
        "updates": updates,
        "seconds": seconds,
        "held_out_loss": report.loss,
        "baseline": report.baseline_loss,
        "metric": report.metric,
        "metric_name": report.metric_name,
        "baseline_metric": report.baseline_metric,
    }


def trained(name: str, to: Path, updates: int) -> tuple[StoredRun, Path]:
    """The run and its file, with progress on stderr; a mistake ends the command."""
    import torch
    from tqdm import tqdm

    from rnnlab.memory import keep_memory

    keep_memory()
    torch.set_num_threads(1)
    with tqdm(total=updates, unit=" updates", desc=name, file=sys.stderr) as bar:
        try:
            return make(name, to, bar.update)
        except ValueError as wrong:
            refuse(str(wrong))


def words(name: str, report: Report, updates: int, seconds: float, path: Path) -> str:
    trivial = METRICS[report.metric_name].text(report.baseline_metric)
    return (
        f"{name}: {updates:,} updates in {seconds:.0f} s, {report.metric_label} {report.metric_text} "
        f"(baseline {trivial}), {path.stat().st_size / 1000:.0f} kB in {path}"
    )
