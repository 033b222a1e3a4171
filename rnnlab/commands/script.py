"""`rnnlab script`: an experiment as a PyTorch script, on stdout."""

from __future__ import annotations

import argparse
import sys

from rnnlab.commands.experiment import asked_pairs, experiment, title_of
from rnnlab.commands.refusal import refuse


def run_script(asked: argparse.Namespace) -> int:
    """Write the script that `--link`, `--set` and `--updates` ask for, in UTF-8 whatever the terminal's."""
    from rnnlab.script import write

    try:
        text = write(*experiment(asked_pairs(asked.link, asked.fields)), asked.updates, title_of(asked))
    except ValueError as wrong:
        refuse(str(wrong))
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    return 0
