"""`rnnlab train`: a run in the terminal, with a bar that moves and a summary at the end."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.commands.experiment import asked_pairs, experiment, title_of
from rnnlab.commands.refusal import refuse
from rnnlab.config import Design, Settings, as_dict
from rnnlab.patience import Stop, look_every, stop
from rnnlab.state import Records, Report, RunState

if TYPE_CHECKING:
    from rnnlab.final import FinalReport

INTERRUPTED = 130
REPORTS = 12
"""How many times a run that will be saved is evaluated on the way: its held-out curve."""

CHUNK_SECONDS = 0.25
"""How often the bar moves; Ctrl-C loses no more than this."""


class Trained(NamedTuple):
    """A run as far as it came, and what it recorded on the way. `seconds` were spent on its updates."""

    state: RunState
    settings: Settings
    parts: tuple[Records, ...] = ()
    reports: tuple[Report, ...] = ()
    seconds: float = 0.0
    interrupted: bool = False
    early_stop: Stop | None = None

    @property
    def records(self) -> Records:
        return Records.concat(self.parts)

    @property
    def ended(self) -> bool:
        """Whether more updates would not be what was asked for."""
        return bool(self.state.divergence or self.early_stop)

    @property
    def updates_per_second(self) -> float | None:
        return self.state.update / self.seconds if self.seconds else None

    def last(self, column: str) -> float | None:
        """The newest record's value, or None before the first."""
        return float(getattr(self.parts[-1], column)[-1]) if self.parts else None


def run_train(asked: argparse.Namespace) -> int:
    if asked.save and (reason := why_not_writable(Path(asked.save))):
        refuse(f"--save must name a file that can be written; {reason}.")
    title = asked_title(asked)
    run = train_as_asked(asked, reports=REPORTS if asked.save else 0)
    report, last = save(run, asked.save, title) if asked.save else held_out(run), on_test(run)
    print(strict_json(facts(run, report, last)) if asked.json else words(run, report, last, asked.save))
    return INTERRUPTED if run.interrupted else 0


def asked_title(asked: argparse.Namespace) -> str:
    """Looked at before the training, as all that can be refused."""
    try:
        return title_of(asked)
    except ValueError as wrong:
        refuse(str(wrong))


def train_as_asked(asked: argparse.Namespace, reports: int = 0) -> Trained:
    """The run that `--link`, `--set` and `--updates` ask for, evaluated `reports` times on the way."""
    try:
        design, settings = experiment(asked_pairs(asked.link, asked.fields))
        run = Trained(new_run(design), settings)
    except ValueError as wrong:
        refuse(str(wrong))
    return train(run, asked.updates, report_every=-(-asked.updates // reports) if reports else 0)


def new_run(design: Design) -> RunState:
    """A run before its first update. Raises ValueError where the design's device is missing."""
    import torch

    from rnnlab.memory import keep_memory
    from rnnlab.training import begin

    keep_memory()
    # At these sizes a second thread gains nothing, and on one thread sums have one order on every machine.
    torch.set_num_threads(1)
    return begin(design)


def train(run: Trained, updates: int, report_every: int = 0) -> Trained:
    """`run` after `updates` more, or as far as it came when it diverged, stopped early or Ctrl-C was pressed.

    With `report_every` it is evaluated each time so many updates are done, from the start on; with
    early stopping where that looks at the held-out loss instead.
    """
    from tqdm import tqdm

    start, end, chunk = run.state.update, run.state.update + updates, 1
    every = looks_of(run.settings, report_every)
    with tqdm(total=updates, unit=" updates", file=sys.stderr, disable=not updates) as bar:
        try:
            while run.state.update < end and not run.ended:
                run = reported(run, start, every)
                if run.ended:
                    break
                to_look = every - run.state.update % every if every else chunk
                before, run = run, one_chunk(run, min(chunk, end - run.state.update, to_look))
                done = run.state.update - before.state.update
                chunk = max(1, int(done * CHUNK_SECONDS / (run.seconds - before.seconds)))
                bar.set_postfix_str(f"loss {run.last('loss'):.3g}", refresh=False)
                bar.update(done)
        except KeyboardInterrupt:
            return run._replace(interrupted=True)
    return run


def looks_of(settings: Settings, report_every: int) -> int:
    """After how many updates each the run is evaluated, for its curve or for early stopping; 0 for never.

    Where that looks at the held-out loss nothing else does, or whether a run is saved would move its end.
    """
    return look_every(settings.early_stopping) if settings.early_stopping else report_every


def reported(run: Trained, since: int, every: int) -> Trained:
    """With a report, where one is due; early stopping may end the run there."""
    update = run.state.update
    if not every or update % every:
        return run
    reports = (*run.reports, held_out(run))
    return run._replace(reports=reports, early_stop=stop(reports, update, since, run.settings.early_stopping))


def one_chunk(run: Trained, updates: int) -> Trained:
    from rnnlab.training import advance

    started = perf_counter()
    state, records = advance(run.state, run.settings, updates)
    seconds = run.seconds + perf_counter() - started
    return run._replace(state=state, parts=(*run.parts, records), seconds=seconds)


def held_out(run: Trained) -> Report:
    from rnnlab.evaluation import evaluate

    return evaluate(run.state, run.settings)


def on_test(run: Trained) -> FinalReport:
    from rnnlab.final import final_report

    return final_report(run.state, run.settings)


def why_not_writable(path: Path) -> str:
    """Why no file can be written there, found out before the training rather than after; else empty."""
    if path.is_dir():
        return f"{path} is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    target = path if path.exists() else path.parent
    return "" if os.access(target, os.W_OK) else f"{target} is protected"


def save(run: Trained, path: str, title: str = "") -> Report:
    """Write the run to a file, with a picture and what the network writes by itself."""
    from rnnlab.files import StoredRun, save_run
    from rnnlab.live.slices import SliceRequest, run_slice

    seen = run_slice(SliceRequest(run.state.design, run.settings, run.state, 0, True, True))
    assert seen.report is not None
    before = (report for report in run.reports if report.update < run.state.update)
    reports, shown = (*before, seen.report), (seen.picture, seen.written)
    save_run(path, StoredRun(run.state, run.settings, run.records, reports, *shown, title=title))
    return seen.report


def strict_json(value: Any) -> str:
    """`value` on one line; null in place of numbers that JSON does not have."""
    from rnnlab.live.packing import without_infinities

    return json.dumps(without_infinities(value), allow_nan=False)


def facts(run: Trained, report: Report, last: FinalReport) -> dict[str, Any]:
    """The summary for programs. `loss` and `grad_norm` are the last update's; of the rest, what does not
    say that it is of training data or of the test is held-out."""
    divergence = run.state.divergence
    return {
        "design": as_dict(run.state.design),
        "settings": as_dict(run.settings),
        "updates": run.state.update,
        "loss": run.last("loss"),
        "held_out_loss": report.loss,
        "train_loss": report.train_loss,
        "baseline": report.baseline_loss,
        "metric": report.metric,
        "train_metric": report.train_metric,
        "metric_name": report.metric_name,
        "baseline_metric": report.baseline_metric,
        "test_loss": last.loss,
        "test_baseline": last.baseline_loss,
        "test_metric": last.metric,
        "test_baseline_metric": last.baseline_metric,
        "measures": {measure.name: measure.value for measure in report.measures},
        "grad_norm": run.last("grad_norm"),
        "diverged_at": run.state.diverged_at,
        "divergence": divergence.words if divergence else None,
        "early_stop": run.early_stop._asdict() if run.early_stop else None,
        "interrupted": run.interrupted,
        "seconds": run.seconds,
        "updates_per_second": run.updates_per_second,
    }


def words(run: Trained, report: Report, last: FinalReport, saved: str | None) -> str:
    """The summary for people."""
    from rnnlab.live.picture import title
    from rnnlab.metrics import METRICS

    metric = METRICS[report.metric_name]
    baseline_text = metric.text(report.baseline_metric)
    speed = f" ({run.updates_per_second:,.0f} per second)" if run.updates_per_second else ""
    lines = [
        f"{run.state.design.task} · {title(run.state.design)} · {run.settings.length} time steps",
        f"{run.state.update:,} updates in {run.seconds:.1f} s{speed}",
        f"held-out loss {report.loss:.4g}, baseline {report.baseline_loss:.4g} ({report.baseline_words})",
        f"held-out {report.metric_label} {report.metric_text}, baseline {baseline_text}",
        f"test loss {last.loss:.4g}, baseline {last.baseline_loss:.4g}; {report.metric_label} "
        f"{last.metric_text}, baseline {metric.text(last.baseline_metric)}",
        f"on training data loss {report.train_loss:.4g}, "
        f"{report.metric_label} {metric.text(report.train_metric)}",
        *([report.exposure] if report.exposure else []),
    ]
    if run.parts:
        lines.insert(
            2, f"last update: loss {run.last('loss'):.4g}, gradient norm {run.last('grad_norm'):.4g}"
        )
    if run.state.divergence:
        lines.append(f"diverged: {run.state.divergence.words}")
    if run.early_stop:
        lines.append(run.early_stop.words)
    if run.interrupted:
        lines.append("interrupted: this is how far it came")
    return "\n".join([*lines, *([f"saved to {saved}"] if saved else [])])
