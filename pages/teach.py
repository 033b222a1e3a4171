"""For teachers: a link that hides or locks controls, and a page for the projector."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from pages.component import COPY_LINK
from pages.popovers import popover
from pages.teacher import LOCKED, locked, room, shown, usable
from rnnlab.room import CONTROLS, Room, label_of, pairs_of, take

PROTECTS_NOTHING = (
    "It helps a class to look at one thing and protects nothing: whoever edits the address has every "
    "control back."
)
ONLY_HERE = (
    ":small[:orange[**This address says localhost, which is another machine for everybody.**] Open the app "
    "by the address that its terminal prints for students, then make the link.]"
)
LOOK = Path(__file__).parent.parent / "assets" / "live" / "projector.css"

PROJECT = """
// One click to large type and back; Escape goes back too. Python keeps whether it is on.
const LINES = "M3 4h18M4.5 4v11.5h15V4M12 15.5V18M8 21l4-3 4 3"
const SCREEN = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${LINES}"/></svg>`
const HELP = "details[open] > .rl-popover, .rl-key-list"
const OPEN = `[role=dialog], [role=listbox], [data-testid=stPopoverBody], ${HELP}`
const stops = new WeakMap()

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  let button = parentElement.querySelector("button")
  if (!button) {
    button = document.createElement("button")
    button.type = "button"
    button.className = "rnnlab-projector"
    button.innerHTML = SCREEN
    parentElement.append(button)
  }
  const { on, locked } = data
  const words = on ? "Back to the full page (Esc)" : "Projector: large type, strong lines, fewer controls"
  button.disabled = Boolean(locked)
  button.title = locked || words
  button.setAttribute("aria-label", "Projector")
  button.setAttribute("aria-pressed", String(on))
  button.onclick = () => setTriggerValue("toggle", true)
  stops.get(parentElement)?.()
  const onKey = (event) => {
    const leaves = event.key === "Escape" && on && !locked && !document.querySelector(OPEN)
    if (leaves) setTriggerValue("toggle", true)
  }
  document.addEventListener("keydown", onKey, true)
  const stop = () => document.removeEventListener("keydown", onKey, true)
  stops.set(parentElement, stop)
  return stop
}
"""

PROJECT_LOOK = """
.rnnlab-projector {
  display: grid; place-items: center; width: 2.35rem; height: 2.35rem; padding: 0; cursor: pointer;
  color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
.rnnlab-projector svg {
  width: 1.3rem; height: 1.3rem; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round;
}
.rnnlab-projector:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.rnnlab-projector[aria-pressed="true"] {
  background: var(--st-primary-color); color: #fff; border-color: transparent;
}
.rnnlab-projector:disabled { opacity: 0.5; cursor: not-allowed; }
.rnnlab-projector:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

PROJECTOR = st.components.v2.component("rnnlab_projector", js=PROJECT, css=PROJECT_LOOK)


def dress() -> None:
    """The look of the room: before a page is drawn, so that nothing jumps."""
    menu = ""
    if not shown("pages"):
        menu = '[data-testid="stTopNav"] { display: none; }'
    elif locked("pages"):
        menu = '[data-testid="stTopNav"] { pointer-events: none; interactivity: inert; opacity: 0.5; }'
    st.html(f"<style>{LOOK.read_text() if room().projector else ''}\n{menu}</style>")


def bar() -> None:
    """At the right end of the first row, on every page: a link for a class, and the projector."""
    with st.container(key="room", horizontal=True, vertical_alignment="center", width="content"):
        if not room().arranged and not room().projector:
            teach()
        if shown("projector"):
            words = LOCKED if locked("projector") else ""
            data = {"on": room().projector, "locked": words}
            PROJECTOR(key="projector", data=data, on_toggle_change=project, width="content")


def project() -> None:
    """The projector's button, or Escape while it is on."""
    if usable("projector"):
        st.session_state["room"] = replace(room(), projector=not room().projector)


@st.fragment
def teach() -> None:
    """What to hide and to lock, and the link that does."""
    with popover("Teach", "teach", icon=":material/school:", help="Make a link for your class") as filled:
        if not filled:
            return
        st.markdown("**A link for your class**: this page as it stands, and less to get lost in.")
        hidden = names_control("hide", "Hide", "Their values stay in force.")
        locked_names = names_control("lock", "Lock", "Students see them and cannot change them.")
        chosen = Room(hidden, locked_names, st.toggle("For the projector", key="teach projector"))
        share(link(chosen))
        st.caption(PROTECTS_NOTHING)


def names_control(key: str, label: str, help: str) -> frozenset[str]:
    """Controls, or whole groups of them, to choose from."""
    names = [name for group, members in CONTROLS.items() for name in (group, *members)]
    return frozenset(
        st.multiselect(
            label, names, format_func=label_of, key=f"teach-{key}", help=help, placeholder="nothing"
        )
    )


def link(chosen: Room) -> str:
    """The address of what the page shows now, in that room."""
    pairs = st.query_params.to_dict()
    take(pairs, [])
    query = urlencode(pairs | pairs_of(chosen), safe=",")
    address = (st.context.url or "").removesuffix("/")
    whole = f"{address}/?{query}" if address.count("/") < 3 else f"{address}?{query}"
    return whole.removesuffix("?")


def share(address: str) -> None:
    """The link, to read, to copy and to try."""
    st.code(address, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        COPY_LINK(key="teach copy", width="content", data={"link": address})
        st.link_button("Preview", address, help="The page as a student opens it, in a new tab.")
    if "//localhost" in address or "//127.0.0.1" in address:
        st.markdown(ONLY_HERE)  # a caption is half transparent, and so would be its colour
