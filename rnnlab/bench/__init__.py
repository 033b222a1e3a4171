"""Figures of this machine: how fast it trains, what a slice, a picture, a frame and the analysis cost.

Measured, never judged: nothing here knows what would be fast enough. One torch thread throughout,
as a worker has; contestants take turns, and medians are given, since a machine is never quite idle.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnlab.bench.analysis import analysis_figures, analysis_lines
from rnnlab.bench.flops import peak_per_second
from rnnlab.bench.live import live_figures
from rnnlab.bench.pools import pool_figures, pool_lines
from rnnlab.bench.scaling import scaling_figures, scaling_lines
from rnnlab.bench.training import contests, training_figures
from rnnlab.memory import keep_memory
from rnnlab.threads import one_thread

Figures = dict[str, Any]


def measure(quick: bool = False) -> Figures:
    """All figures, with progress on stderr. Some minutes; `quick`, for rough figures, some seconds."""
    import torch
    from tqdm import tqdm

    torch.set_num_threads(1)
    keep_memory()
    todo = contests(quick)
    with one_thread(), tqdm(total=len(todo) + len(PARTS), file=sys.stderr, unit=" figures") as bar:
        devices = dict.fromkeys(contest.design.device for contest in todo)
        peaks = {device: peak_per_second(device, 0.05 if quick else 1.0) for device in devices}
        training = []
        for contest in todo:
            bar.set_postfix_str(contest.words)
            training.append(training_figures(contest, peaks[contest.design.device]))
            bar.update()
        found = {"machine": machine(), "quick": quick, "peak": peaks, "training": training}
        for words, figures_of in PARTS.items():
            bar.set_postfix_str(words)
            found |= figures_of(quick)
            bar.update()
    return found


PARTS: dict[str, Callable[[bool], Figures]] = {
    "time steps, units, layers": lambda quick: {"scaling": scaling_figures(quick)},
    "slice, picture, frame": live_figures,
    "pools": lambda quick: {"pools": pool_figures(quick)},
    "analysis": analysis_figures,
}
"""What is measured beside the training, by what the progress bar says meanwhile."""


def machine() -> Figures:
    import torch

    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def cpu_name() -> str:
    """The processor's name; Linux keeps it in a file, other systems tell Python."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def words(figures: Figures) -> str:
    """The figures as a person reads them."""
    about = figures["machine"]
    lines = [
        f"cpu: {about['cpu']}, {about['cores']} cores, {about['threads']} torch thread",
        f"cuda: {about['cuda'] or 'none'}; torch {about['torch']}, Python {about['python']}",
        "",
        *(
            f"{device}: {peak / 1e9:.0f} GFLOP/s of matrix products"
            for device, peak in figures["peak"].items()
        ),
        "updates per second, rnnlab.advance beside a plain torch loop on the same batches, on a CPU of",
        "processor time; operations of an update's matrix products, and their share of that peak",
        "device  cell    T    B    H   advance     plain   ratio   MFLOP  share",
        *(training_line(row) for row in figures["training"]),
        "",
        *scaling_lines(figures["scaling"]),
        "",
        *(f"{name}: {value}" for name, value in live_words(figures).items()),
        *pool_lines(figures["pools"]),
        "",
        *analysis_lines(figures),
    ]
    return "\n".join(lines)


def training_line(row: Figures) -> str:
    size = f"{row['length']:4} {row['batch_size']:4} {row['hidden_size']:4}"
    speeds = f"{row['advance_per_second']:9.1f} {row['plain_per_second']:9.1f} {row['ratio']:7.2f}"
    work = f"{row['flops_per_update'] / 1e6:7.1f} {row['share_of_peak']:6.1%}"
    return f"{row['device']:6}  {row['cell']:4} {size} {speeds} {work}"


def live_words(figures: Figures) -> dict[str, str]:
    cost, frame = figures["slice"], figures["frame"]
    return {
        "slice": f"{cost['overhead_ms']:.2f} ms to rebuild and pack, {cost['update_ms']:.2f} ms an update, "
        f"{cost['transport_ms']:.2f} ms to and from bytes, state {cost['state_bytes'] / 1000:.0f} kB",
        "picture": f"{figures['picture_ms']:.1f} ms",
        "evaluation": f"{figures['evaluate_ms']:.1f} ms",
        "frame": f"{frame['bytes'] / 1000:.1f} kB, packed in {frame['pack_ms']:.2f} ms "
        f"({frame['curve_points']} points on the curves)",
    }
