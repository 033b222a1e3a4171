"""The run that a session begins with: what its link asks for, or the one that was trained beforehand."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages import visitor
from rnnlab.config import Design, Settings
from rnnlab.files import StoredRun, load_run
from rnnlab.live.engine import engine

ASSETS = Path(__file__).parent.parent / "assets"


@st.cache_resource
def first_run() -> StoredRun:
    """The run that the Lab opens with, trained beforehand."""
    return load_run(ASSETS / "first-run.npz")


def allowed(design: Design, settings: Settings) -> tuple[Design, Settings, list[str]]:
    """The nearest experiment that the operator allows, and a message where it is another one."""
    try:
        engine().limits.check(design, settings)
    except ValueError as refused:
        return *engine().limits.within(design, settings), [str(refused)]
    return design, settings, []


def start(design: Design, settings: Settings, begin: Callable[..., str] = visitor.begun) -> str:
    """A run; the experiment that was trained beforehand goes on from there."""
    stored = first_run()
    same = design == stored.state.design and settings == stored.settings
    return begin(design, settings, stored if same else None)
