"""Written scripts, run as a person would run them: in a clean interpreter, with torch and numpy alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RUNNER = """
import contextlib, io, json, pathlib, sys

import torch
torch.set_num_threads(1)
printed = []
for path in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = compile(pathlib.Path(path).read_text("utf-8"), path, "exec")
        exec(code, {"__name__": "__main__"})
    printed.append(out.getvalue())
wrong = {"rnnlab", "sklearn", "babel", "faker", "streamlit", "pandas", "plotly"} & set(sys.modules)
assert not wrong, wrong
print(json.dumps(printed))
"""


def run_scripts(folder: Path, scripts: Sequence[str]) -> list[str]:
    """What each script prints, all in one clean interpreter: torch takes seconds to import."""
    empty = folder / "empty"
    empty.mkdir()
    paths = []
    for number, script in enumerate(scripts):
        paths.append(folder / f"script_{number}.py")
        paths[-1].write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", RUNNER, *map(str, paths)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=empty,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert list(empty.iterdir()) == []
    return list(json.loads(done.stdout.splitlines()[-1]))


def losses(printed: str) -> list[float]:
    """The losses that a script printed, one for each update in order."""
    rows = [line.split() for line in printed.splitlines() if line.startswith("update")]
    assert [row[1] for row in rows] == [f"{number}:" for number in range(1, len(rows) + 1)]
    return [float(row[-1]) for row in rows]
