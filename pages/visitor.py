"""Who is at the page: a browser by its cookie, and the runs that its session holds."""

import secrets

import streamlit as st

from pages.literal import literally
from rnnlab.config import Design, Settings
from rnnlab.files import StoredRun
from rnnlab.live.client import COOKIE
from rnnlab.live.engine import engine
from rnnlab.live.status import Status


def visitor() -> str:
    """The name that the server gave this browser; empty where it takes no cookies."""
    return str(st.context.cookies.get(COOKIE, ""))


def owner() -> str:
    """Whose the runs of this session are: the browser's, or else the session's alone."""
    if name := visitor():
        return name
    return str(st.session_state.setdefault("session owner", secrets.token_urlsafe(24)))


def opened(design: Design, settings: Settings, start: StoredRun | None = None, kind: str = "lab") -> str:
    """The token of a run that this browser left a moment ago, as it stands, or else of a new one."""
    found = engine().adopt(owner(), design, settings, kind, but=held())
    return keep(found.token) if found else begun(design, settings, start, kind)


def begun(design: Design, settings: Settings, start: StoredRun | None = None, kind: str = "lab") -> str:
    """The token of a new run. Where the server has no room for it, the page says so and ends."""
    try:
        return keep(engine().create(design, settings, start, kind, owner()).token)
    except ValueError as refused:
        st.error(literally(refused))
        st.stop()


def held() -> set[str]:
    """The runs that this session was given: no other part of it may take one of them for its own."""
    tokens: set[str] = st.session_state.setdefault("held runs", set())
    return tokens


def keep(token: str) -> str:
    held().add(token)
    return token


def branched(token: str, update: int, settings: Settings) -> str:
    """The token of a branch. Where there is no room for it, the page says so and ends."""
    try:
        return keep(engine().branch(token, update, settings).token)
    except ValueError as refused:
        st.error(literally(refused))
        st.stop()


def changed(token: str, settings: Settings) -> Status:
    """Other settings for a run, and how it stands. Where it does not take them, the page says why."""
    try:
        return engine().change(token, settings)
    except ValueError as refused:
        st.error(literally(refused))
        return engine().snapshot(token)
