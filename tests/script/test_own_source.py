"""A script that learns from a series of one's own says so, whatever that is called."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from rnnlab import Design, default_settings
from rnnlab.own import write_series
from rnnlab.script import write

VALUES = np.round(20 + 5 * np.sin(np.arange(200) / 7), 2)


@pytest.mark.parametrize("name", ["Flow", '""" + evil() + """', "\\", '"', '\\"""\nevil()'])
def test_the_header_names_the_series_and_nothing_of_its_name_is_executed(name: str) -> None:
    value = write_series(VALUES, name, "l/s")
    design = Design(task="forecast", hidden_size=4, task_options={"values": value})
    module = ast.parse(write(design, default_settings(design)))
    told = " ".join((ast.get_docstring(module) or "").split())
    assert "Data: Your own series: " in told
    assert "[l/s], 200 values." in told
    assert "airline" not in told.split("Data: ")[1]
    assert "evil" not in {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
