"""README.md says what is there: the tasks, the networks that ship, the variables, the commands, the names."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from rnnlab.cli import parser
from rnnlab.commands.experiment import asked_pairs, experiment
from rnnlab.limits import Limits
from rnnlab.pretrained import PRETRAINED
from rnnlab.probing.look import VIEWS, Look
from rnnlab.tasks import TASKS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = {16: "sixteen"}


def section(title: str) -> str:
    """What stands under a heading, up to the next of any depth."""
    return re.split(r"^#+ ", README.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every line of the tables in a text, but for their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("|- ")]


def test_the_table_of_tasks_names_each_once() -> None:
    named = re.findall(r"`([\w-]+)`", " ".join(row[0] for row in rows(section("Tasks"))))
    assert sorted(named) == sorted(TASKS)
    assert f"{len(TASKS)} tasks" in README


def test_the_table_of_tasks_says_every_topology() -> None:
    for names, topologies, *_ in rows(section("Tasks"))[1:]:
        for name in re.findall(r"`([\w-]+)`", names):
            assert all(topology in topologies for topology in TASKS[name].topologies), name


def test_so_many_networks_ship() -> None:
    assert f"one of {NUMBERS[len(PRETRAINED)]} that ship already trained" in README


def test_every_variable_of_the_environment_is_told() -> None:
    code = [*(ROOT / "rnnlab").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    used = {name for file in code for name in re.findall(r"RNNLAB_[A-Z_]*[A-Z]", file.read_text("utf-8"))}
    told = [row for row in rows(section("In a classroom")) if row[0].startswith("`RNNLAB")]
    named = set()
    for row in told:
        for short in re.findall(r"`(\w+)`", row[0]):
            named.add(short if short.startswith("RNNLAB") else f"RNNLAB_MOST{short}")
    assert named == used


def test_the_caps_have_the_defaults_that_are_told() -> None:
    told = {row[0]: row[2] for row in rows(section("In a classroom")) if "RNNLAB" in row[0]}
    for about in fields(Limits):
        variable = about.metadata["variable"]
        end = "_" + variable.rsplit("_", 1)[1]
        default = next(cells for names, cells in told.items() if variable in names or f"`{end}`" in names)
        assert str(about.default) in re.findall(r"\d+", default), variable


def commands() -> list[str]:
    """The lines in which the terminal's commands are shown, without their remarks and redirections."""
    shown = section("In a terminal").split("```")[1].strip().splitlines()
    return [re.split(r"\s[#>]\s", line)[0].strip() for line in shown]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_understood(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices.txt").write_text("\n".join(str(100 + n % 7) for n in range(400)))
    program, *words = shlex.split(command)
    assert program == "rnnlab"
    asked = parser().parse_args(words)
    if hasattr(asked, "fields"):
        experiment(asked_pairs(asked.link, asked.fields))


def test_workers_of_a_cluster_have_one_thread_each() -> None:
    """Dask's own choice, `--nworkers auto`, puts several threads into one worker and ignores `--nthreads`."""
    worker = pytest.importorskip("distributed.cli.dask_worker")
    command = re.search(r"`dask worker (.*?)`", README)
    assert command
    asked = worker.main.make_context("dask worker", shlex.split(command[1])).params
    assert (asked["n_workers"], asked["nthreads"]) == ("-1", 1)


def test_every_name_in_an_address_of_try_it_is_told() -> None:
    table = rows(section("Try it: what has it learned?"))
    told = {name: row[1] for row in table for name in re.findall(r"`(\w+)`", row[0])}
    assert {about.name for about in fields(Look)} | {"network", "ask"} == set(told)
    assert set(re.findall(r"`(\w+)`", told["view"])) == set(VIEWS)
