"""The live components: everything that moves. They fetch their code and their frames from the live route."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages import teacher
from rnnlab.live.route import plotly_url

MODULES = Path(__file__).parent.parent / "assets" / "live"

LOADER = """
// The component proper is a module of the live route; this only fetches it, once.
const mounted = new WeakMap()

export default function (component) {
  const state = mounted.get(component.parentElement) ?? { cleanup: null, gone: false }
  mounted.set(component.parentElement, state)
  const { base, version, module } = component.data
  import(new URL(`${base}/live/assets/${module}?v=${version}`, window.location.origin).href)
    .then((module) => {
      if (!state.gone) state.cleanup = module.default(component)
    })
    .catch((error) => console.error("The live component could not be loaded.", error))
  return () => {
    state.gone = true
    mounted.delete(component.parentElement)
    if (state.cleanup) state.cleanup()
  }
}
"""

COPY = """
// Copies the page's address, which holds the whole experiment.
export default function (component) {
  const { parentElement } = component
  let button = parentElement.querySelector("button")
  if (!button) {
    button = document.createElement("button")
    button.type = "button"
    button.className = "rnnlab-copy"
    button.textContent = "Copy link"
    button.title = "Copy the address of this experiment: design, settings and seed"
    parentElement.append(button)
  }
  const { link, locked } = component.data ?? {}
  button.disabled = Boolean(locked)
  if (locked) button.title = locked
  button.onclick = async () => {
    const copied = await copy(link || window.location.href)
    button.textContent = copied ? "Copied" : "Press Ctrl+C"
    setTimeout(() => { button.textContent = "Copy link" }, 1800)
  }
}

// Browsers give pages without https no clipboard, except on this very machine: then select and copy.
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch { /* not allowed: the old way */ }
  }
  const area = document.createElement("textarea")
  area.value = text
  document.body.append(area)
  area.select()
  const copied = document.execCommand("copy")
  if (copied) area.remove()
  else setTimeout(() => area.remove(), 8000)
  return copied
}
"""

COPY_LOOK = """
.rnnlab-copy {
  width: 100%; min-height: 2.5rem; padding: 0.25rem 0.75rem; cursor: pointer; white-space: nowrap;
  font: inherit; font-size: 0.875rem; color: var(--st-text-color);
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
.rnnlab-copy:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.rnnlab-copy:disabled { opacity: 0.5; cursor: not-allowed; }
.rnnlab-copy:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

COPY_LINK = st.components.v2.component("rnnlab_copy_link", js=COPY, css=COPY_LOOK)
LIVE = st.components.v2.component("rnnlab_live", js=LOADER, isolate_styles=False)
GRADIENTS = st.components.v2.component("rnnlab_gradients", js=LOADER, isolate_styles=False)
UNROLL = st.components.v2.component("rnnlab_unroll", js=LOADER, isolate_styles=False)


@st.cache_data
def version() -> str:
    """Changes with the live components' files, so that a browser keeps no old ones."""
    newest = max(path.stat().st_mtime_ns for path in MODULES.rglob("*"))
    return f"{newest:x}"


def copy_link(key: str) -> None:
    """The button that copies the page's address."""
    if teacher.shown("copy_link"):
        locked = teacher.LOCKED if teacher.locked("copy_link") else ""
        COPY_LINK(key=key, width="content", data={"locked": locked})


def mounted(component: Any, module: str, data: dict[str, Any], **more: Any) -> Any:
    """Mount a component whose code is `module` of the live route."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    where = {"base": f"/{base}" if base else "", "version": version(), "module": module}
    more_data = {**where, "plotly": plotly_url(), "room": teacher.parts()}
    return component(data={**data, **more_data}, height="content", **more)


def live(data: dict[str, Any], **heard: Callable[[], None]) -> Any:
    """The Lab's picture of a run and its branches; `heard` maps what a person does on it to its handler."""
    handlers = {f"on_{name}_change": handler for name, handler in heard.items()}
    return mounted(LIVE, "live.js", data, key="live", on_status_change=lambda: None, **handlers)


def gradients(data: dict[str, Any], on_check: Callable[[], None], on_key: Callable[[], None]) -> Any:
    """Up to three runs side by side: their gradient flow, losses, gradient norms and waterfalls."""
    return mounted(
        GRADIENTS,
        "gradients/gradients.js",
        data,
        key="gradients",
        on_check_change=on_check,
        on_key_change=on_key,
        on_status_change=lambda: None,
    )


def unroll(
    computed: dict[str, Any], on_edit: Callable[[], None], on_key: Callable[[], None], answer: int
) -> Any:
    """The Unroll page's whole computation. `answer` counts edits: a refused one is put back."""
    return mounted(
        UNROLL,
        "unroll/unroll.js",
        {"computed": computed, "answer": answer},
        key="unroll",
        on_edit_change=on_edit,
        on_key_change=on_key,
    )
