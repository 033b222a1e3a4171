"""The live component: everything that moves. It fetches its code and its frames from the live route."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from rnnlab.live.route import plotly_url

LOADER = """
// The component proper is a module of the live route; this only fetches it, once.
const mounted = new WeakMap()

export default function (component) {
  const state = mounted.get(component.parentElement) ?? { cleanup: null, gone: false }
  mounted.set(component.parentElement, state)
  const { base, version } = component.data
  import(new URL(`${base}/live/assets/live.js?v=${version}`, window.location.origin).href)
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
  button.onclick = async () => {
    const copied = await copy(window.location.href)
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
.rnnlab-copy:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

COPY_LINK = st.components.v2.component("rnnlab_copy_link", js=COPY, css=COPY_LOOK)
LIVE = st.components.v2.component("rnnlab_live", js=LOADER, isolate_styles=False)


def live(token: str, version: str, on_rewind: Callable[[], None], key: str = "live") -> Any:
    """Mount the component on a run. `version` changes with its files, so that no old one is cached."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    data = {
        "token": token,
        "base": f"/{base}" if base else "",
        "version": version,
        "plotly": plotly_url(),
    }
    return LIVE(
        key=key, data=data, on_rewind_change=on_rewind, on_status_change=lambda: None, height="content"
    )
