"""The live component: everything that moves. It fetches its code and its frames from the live route."""

from collections.abc import Callable
from typing import Any

import streamlit as st

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

LIVE = st.components.v2.component("rnnlab_live", js=LOADER, isolate_styles=False)


def live(token: str, version: str, on_rewind: Callable[[], None], key: str = "live") -> Any:
    """Mount the component on a run. `version` changes with its files, so that no old one is cached."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    data = {"token": token, "base": f"/{base}" if base else "", "version": version}
    return LIVE(
        key=key, data=data, on_rewind_change=on_rewind, on_status_change=lambda: None, height="content"
    )
