"""The command line: `rnnlab` starts the app; its commands, from train to pretrain, work in the terminal.

Results go to stdout, progress and errors to stderr. A bad value ends with status 2 and one line
that names the field; Ctrl-C ends training with a summary of what was done, and status 130.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from rnnlab.commands.app import run_app
from rnnlab.commands.bench import run_bench
from rnnlab.commands.pretrain import run_pretrain
from rnnlab.commands.refusal import refuse
from rnnlab.commands.reproduce import MOST_SEEDS, run_reproduce
from rnnlab.commands.script import run_script
from rnnlab.commands.trace import run_trace
from rnnlab.commands.train import INTERRUPTED, run_train
from rnnlab.fields import shown
from rnnlab.title import LONGEST

MOST_UPDATES = 10_000_000


class Parser(argparse.ArgumentParser):
    """argparse, but what is wrong fits on one line."""

    def error(self, message: str) -> NoReturn:
        refuse(message.removeprefix("argument "))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status. Raises SystemExit for a bad value and for --help."""
    asked = parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except KeyboardInterrupt:
        print("rnnlab: stopped.", file=sys.stderr)
        return INTERRUPTED


def parser() -> Parser:
    top = Parser(
        prog="rnnlab", description="Without a command: open RNN Lab in the browser.", allow_abbrev=False
    )
    top.add_argument("--host", help="address that the app listens on; all of this machine's by default")
    top.add_argument("--port", type=whole(1, 65535), help="port that the app listens on, 8501 by default")
    top.add_argument("--headless", action="store_true", help="do not open a browser window")
    top.set_defaults(run=run_app)
    commands = top.add_subparsers(metavar="COMMAND")
    add_for_one_experiment(commands)
    add_for_many(commands)
    return top


def add_for_one_experiment(commands: Any) -> None:
    """train, trace and script: they take a link or fields."""
    train = add_command(commands, "train", run_train, "train a network and say how well it does")
    add_experiment(train, updates=1000)
    train.add_argument("--save", metavar="FILE", help="write the run to a file, with a picture of it")
    add_title(train, "file")
    trace = add_command(commands, "trace", run_trace, "say how much of the gradient reaches each time step")
    add_experiment(trace, updates=0)
    script = commands.add_parser("script", help=(words := "print an experiment as a PyTorch script"))
    script.description = f"{words.capitalize()}: rnnlab script --set cell=gru > gru.py"
    script.set_defaults(run=run_script)
    add_experiment(script, updates=100)
    add_title(script, "script")


def add_for_many(commands: Any) -> None:
    """bench, reproduce and pretrain: they have lists of their own."""
    bench = add_command(commands, "bench", run_bench, "measure how fast this machine trains")
    bench.add_argument("--quick", action="store_true", help="fewer and shorter rounds: rough figures")
    reproduce = add_command(commands, "reproduce", run_reproduce, "run small published experiments again")
    reproduce.add_argument("name", nargs="?", metavar="NAME", help="one experiment; all of them by default")
    reproduce.add_argument(
        "--seeds", type=whole(1, MOST_SEEDS), default=3, help="seeds of every network, 3 by default"
    )
    pretrain = add_command(
        commands, "pretrain", run_pretrain, "make the networks again that ship already trained"
    )
    pretrain.add_argument("name", nargs="?", metavar="NAME", help="one network; all of them by default")
    pretrain.add_argument("--to", metavar="FOLDER", help="where to write; the folder they ship in by default")


def add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], words: str) -> Parser:
    command: Parser = commands.add_parser(
        name, help=words, description=words.capitalize() + ".", allow_abbrev=False
    )
    command.add_argument("--json", action="store_true", help="print one JSON object, last on stdout")
    command.set_defaults(run=run)
    return command


def add_experiment(command: Parser, updates: int) -> None:
    command.add_argument("--link", default="", metavar="QUERY", help="a link of the app, or its part after ?")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        dest="fields",
        help="a field of the design, the settings or the task, such as cell=gru; "
        "text=@FILE reads a text file; wins over the link",
    )
    command.add_argument(
        "--updates",
        type=whole(0, MOST_UPDATES),
        default=updates,
        help=f"updates to train for, {updates:,} by default",
    )


def add_title(command: Parser, where: str) -> None:
    words = f"what the run is called in the {where}, at most {LONGEST} characters; wins over the link"
    command.add_argument("--title", metavar="TEXT", help=words)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`, as argparse wants it."""

    def parse(text: str) -> int:
        digits = text.replace(",", "")
        if digits.isascii() and digits.isdigit() and len(digits) < 12 and low <= int(digits) <= high:
            return int(digits)
        raise argparse.ArgumentTypeError(f"give a whole number from {low:,} to {high:,}, not {shown(text)}.")

    return parse
