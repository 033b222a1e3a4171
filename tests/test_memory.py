"""Memory kept from update to update: fewer pages asked for, the same numbers."""

import subprocess
import sys

import pytest

COUNT = """
import resource, torch
torch.set_num_threads(1)
from rnnlab import Design, Settings, advance, begin
from rnnlab.memory import keep_memory
kept = {keep} and keep_memory()
settings = Settings(length=60, tbptt_window=60)
state, _ = advance(begin(Design(task="adding", cell="lstm", hidden_size=64, batch_size=64)), settings, 4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
_, records = advance(state, settings, 6)
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, repr(float(records.loss[-1])))
"""


def test_it_saves_page_faults_and_changes_no_number():
    told = [run(keep).split() for keep in (False, True)]
    (_, faults, loss), (kept, faults_kept, loss_kept) = told
    assert loss == loss_kept
    if kept == "0":
        pytest.skip("this C library has no such limits")
    assert int(faults_kept) < 200 + int(faults) / 2


def run(keep: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(keep=keep)], capture_output=True, text=True, check=True
    )
    return done.stdout
