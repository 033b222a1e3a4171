"""RNN Lab: train small recurrent networks, see their states, gates and gradients through time.

    import rnnlab

    design = rnnlab.Design(task="adding", cell="gru", hidden_size=64)
    settings = rnnlab.Settings(length=100, learning_rate=2e-3)
    state, records = rnnlab.advance(rnnlab.begin(design), settings, updates=1000)

Importing this loads no torch; the names that need it load it on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnlab.config import Design, Settings, default_settings
from rnnlab.state import Records, Report, RunState, Trace
from rnnlab.tasks import TASKS

if TYPE_CHECKING:
    from rnnlab import analysis, asking, figures, own, probing, script
    from rnnlab.evaluation import evaluate
    from rnnlab.files import load_run, save_run
    from rnnlab.final import final_report
    from rnnlab.link import from_link, to_link
    from rnnlab.tracing import trace
    from rnnlab.training import advance, begin

LATER = {
    "advance": "rnnlab.training",
    "begin": "rnnlab.training",
    "evaluate": "rnnlab.evaluation",
    "final_report": "rnnlab.final",
    "trace": "rnnlab.tracing",
    "to_link": "rnnlab.link",
    "from_link": "rnnlab.link",
    "load_run": "rnnlab.files",
    "save_run": "rnnlab.files",
}
"""Names that are imported when they are first asked for, and where they live."""

PACKAGES = ("analysis", "asking", "figures", "own", "probing", "script")

__all__ = [
    "TASKS",
    "Design",
    "Records",
    "Report",
    "RunState",
    "Settings",
    "Trace",
    "advance",
    "analysis",
    "asking",
    "begin",
    "default_settings",
    "evaluate",
    "figures",
    "final_report",
    "from_link",
    "load_run",
    "own",
    "probing",
    "save_run",
    "script",
    "to_link",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name in PACKAGES:
        return import_module(f"rnnlab.{name}")
    if name in LATER:
        return getattr(import_module(LATER[name]), name)
    raise AttributeError(f"rnnlab has no attribute {name!r}.")
