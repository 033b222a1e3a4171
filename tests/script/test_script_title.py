"""A title in a written script: no title can break out of the docstring, or change what the script does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from script.running import losses, run_scripts
from strategies import titles

from rnnlab import Design, Settings, cli
from rnnlab.script import write

DESIGN, SETTINGS = Design(task="adding", cell="gru", hidden_size=4, batch_size=4), Settings(length=8)
PLAIN = write(DESIGN, SETTINGS, 3)
BREAKING = [
    '"""',
    'a"',
    'a""""',
    "a\\",
    '\\"""',
    '"""\\',
    "\\N{BULLET} \\x41 \\u12 \\U0001",
    "''' + print(1) + '''",
    '"); import os; os._exit(7) #',
    "# coding: rot13",
    "-*- coding: utf-16 -*-",
    "{x} %s ${y}",
    "Größe → ∞ \U0001f468\u200d\U0001f469",
    "def f(): class A: if __name__",
]


def body(script: str) -> str:
    """All of it but the docstring."""
    module = ast.parse(script)
    return ast.dump(ast.Module(module.body[1:], []))


def titled(script: str) -> str:
    """The title as somebody reads it who asks for the docstring."""
    doc = ast.get_docstring(ast.parse(script)) or ""
    (line,) = (line for line in doc.splitlines() if line.startswith("Title: "))
    return line.removeprefix("Title: ")


@given(titles())
@settings(max_examples=60, deadline=None)
def test_any_title_leaves_the_program_as_it_is(title: str) -> None:
    script = write(DESIGN, SETTINGS, 3, title)
    compile(script.encode(), "script", "exec")  # as a file is read: its first lines may name an encoding
    assert body(script) == body(PLAIN)
    if title:
        assert titled(script) == title.replace('"""', "'''")
    else:
        assert script == PLAIN


@pytest.mark.parametrize("title", BREAKING)
def test_a_title_that_tries_to_break_out(title: str) -> None:
    script = write(DESIGN, SETTINGS, 3, title)
    compile(script.encode(), "script", "exec")
    assert body(script) == body(PLAIN)
    assert titled(script) == title.replace('"""', "'''")


def test_the_losses_are_the_same_with_any_title(tmp_path: Path) -> None:
    printed = run_scripts(tmp_path, [PLAIN, *(write(DESIGN, SETTINGS, 3, title) for title in BREAKING)])
    assert len(set(printed)) == 1
    assert len(losses(printed[0])) == 3


def test_a_title_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 60"):
        write(DESIGN, SETTINGS, 3, "x" * 61)


def test_the_command_line_takes_it_from_the_link_or_by_itself(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    link = "task=adding&hidden_size=4&title=Exercise+3"
    assert cli.main(["script", "--link", link, "--updates", "3"]) == 0
    assert titled(capfdbinary.readouterr().out.decode()) == "Exercise 3"
    assert cli.main(["script", "--link", link, "--title", "Group 7"]) == 0
    assert titled(capfdbinary.readouterr().out.decode()) == "Group 7"
    with pytest.raises(SystemExit) as refused:
        cli.main(["script", "--title", "W" * 61])
    assert refused.value.code == 2
    assert b"A title has at most 60 characters, not 61." in capfdbinary.readouterr().err
