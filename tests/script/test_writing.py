"""What a written script holds, and what it leaves out."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from script.test_same_losses import (
    every_activation,
    every_architecture,
    every_optimizer_and_start,
    every_task,
    every_way_across,
    experiment,
)

from rnnlab import TASKS, Design, Settings, cli, default_settings
from rnnlab.model.attention import ATTENTIONS
from rnnlab.model.cells import CELLS
from rnnlab.model.losses import LOSSES
from rnnlab.model.optimizers import OPTIMIZERS
from rnnlab.model.weights import RECURRENT
from rnnlab.script import crossing, loop, network, start, write
from rnnlab.script.cells import SCRIPT_CELLS
from rnnlab.script.data import DATA
from rnnlab.topologies import TOPOLOGIES

WIDEST = 110


def own(task: str, **design: object) -> str:
    made = Design(task=task, **design)
    return write(made, default_settings(made))


def test_registries_are_complete() -> None:
    assert set(DATA) == set(TASKS)
    assert set(SCRIPT_CELLS) == set(CELLS)
    assert set(network.NETWORKS) == set(TOPOLOGIES)
    assert set(loop.OPTIMIZERS) == set(OPTIMIZERS)
    assert set(loop.LOSSES) == set(LOSSES)
    assert set(start.BLOCKS) == set(RECURRENT)
    assert set(crossing.SCORES) == set(ATTENTIONS)


@pytest.mark.parametrize("task", TASKS)
def test_pytorchs_own_module_is_used_where_it_fits(task: str) -> None:
    for cell, module in (("rnn", "nn.RNN("), ("lstm", "nn.LSTM("), ("gru", "nn.GRU(")):
        script = own(task, cell=cell, activation="tanh")
        assert module in script
        assert "class Recurrent" not in script


def test_the_header_names_the_experiment_and_its_data() -> None:
    doc = ast.get_docstring(ast.parse(own("digits", seed=12)))
    assert doc is not None
    assert "?task=digits&seed=12" in doc
    assert "CC BY 4.0" in doc


@pytest.mark.parametrize(
    "experiments",
    [every_task, every_architecture, every_way_across, every_activation, every_optimizer_and_start],
)
def test_nothing_unused_is_in_it_and_no_line_is_wide(experiments: object) -> None:
    for design, settings in experiments():  # type: ignore[operator]
        script = write(design, settings)
        module = ast.parse(script)
        said = Counter(node.id for node in ast.walk(module) if isinstance(node, ast.Name))
        said += Counter(
            node.value.id
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        )
        assert [name for name in defined(module) if not said[name]] == [], script
        code = script[script.index('"""', 3) :]
        assert [line for line in code.splitlines() if len(line) > WIDEST and "alphabet" not in line] == []
        assert "\n\n\n\n" not in script


def defined(module: ast.Module) -> list[str]:
    """Names that the module binds at its top level and arguments of its functions."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.FunctionDef):
            found += [argument.arg for argument in node.args.args if argument.arg != "self"]
    for node in module.body:
        if isinstance(node, ast.Assign):
            found += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
    return found


def test_only_what_is_used_is_explained() -> None:
    plain = own("adding")
    for word in ("dropout", "mask", "lengths", "generator", "window", "forget_bias", "zlib", "timedelta"):
        assert word not in plain.split('"""')[2] + "".join(plain.split('"""')[3:]), word


def test_refusals_are_one_sentence() -> None:
    with pytest.raises(ValueError, match="updates must be 1 or more, not 0"):
        write(*experiment("adding"), updates=0)
    with pytest.raises(ValueError, match="length must be from 4 to 400"):
        write(Design(task="adding"), Settings(length=3))


def test_a_long_text_of_the_users_own_is_quoted_nowhere_but_in_the_data() -> None:
    text = 'quote """ and backslash \\ and unicode ü\n' * 5000
    design = Design(task="language-model", task_options={"text": text})
    script = write(design, default_settings(design))
    assert len(script) < 20_000
    assert "?task" not in script
    compile(script, "script", "exec")


def test_the_command_line_prints_it(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert (
        cli.main(["script", "--link", "task=surname&hidden_size=6", "--set", "cell=rnn", "--updates", "7"])
        == 0
    )
    design = Design(task="surname", hidden_size=6, cell="rnn")
    printed = capfdbinary.readouterr().out.decode("utf-8")
    assert printed == write(design, default_settings(design), 7)
    with pytest.raises(SystemExit) as refused:
        cli.main(["script", "--set", "cell=nonsense"])
    assert refused.value.code == 2
    assert b"cell must be one of" in capfdbinary.readouterr().err
