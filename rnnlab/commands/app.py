"""`rnnlab` alone: Streamlit on the app, in a process of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from rnnlab.commands.refusal import refuse

PACKAGE = Path(__file__).resolve().parent.parent


def run_app(asked: argparse.Namespace) -> int:
    """Hand this process over to Streamlit."""
    app = app_file(PACKAGE)
    if app is None:
        refuse(f"app.py was found neither in {PACKAGE / '_app'} nor in {PACKAGE.parent}: install again.")
    check_environment()
    command = app_command(app, asked.host, asked.port, asked.headless)
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # signals then reach Streamlit itself
    return subprocess.call(command)


def check_environment() -> None:
    """Refuse here, in a line, what the server would refuse with a traceback."""
    from rnnlab.live.access import code_from_environment
    from rnnlab.live.doors import origins_from_environment

    try:
        code_from_environment()
        origins_from_environment()
    except ValueError as wrong:
        refuse(str(wrong))


def app_file(package: Path) -> Path | None:
    """The installed wheel's app.py, or the checkout's, beside the package."""
    places = (package / "_app" / "app.py", package.parent / "app.py")
    return next((place for place in places if place.is_file()), None)


def app_command(app: Path, host: str | None, port: int | None, headless: bool) -> list[str]:
    options = [f"--server.address={host}"] if host else []
    options += [f"--server.port={port}"] if port else []
    options += ["--server.headless=true"] if headless else []
    return [sys.executable, "-m", "streamlit", "run", str(app), *options]
