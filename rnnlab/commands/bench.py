"""`rnnlab bench`: how fast this machine trains."""

from __future__ import annotations

import argparse

from rnnlab.commands.train import strict_json


def run_bench(asked: argparse.Namespace) -> int:
    from rnnlab.bench import measure, words

    figures = measure(quick=asked.quick)
    print(strict_json(figures) if asked.json else words(figures))
    return 0
