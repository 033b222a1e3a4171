"""Save: the run as a file that opens again, its numbers, and the experiment as a PyTorch script."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages import controls, teacher, titles, visitor
from pages.literal import literally
from pages.popovers import popover
from rnnlab import script
from rnnlab.config import Design, Settings
from rnnlab.export import file_name, five_lines, records_csv, reports_csv, trace_npz
from rnnlab.files import StoredRun, run_from_bytes, run_to_bytes
from rnnlab.live.engine import engine
from rnnlab.live.status import Status

MOST_MB = 5
MOST_UNPACKED_MB = 48
READY_SECONDS = 10.0
SCRIPT_UPDATES = 100


def take_away(token: str, status: Status) -> None:
    """One popover in the transport row."""
    if not teacher.shown("save"):
        return
    with popover("Save", "save", disabled=teacher.locked("save")) as filled:
        if not filled:
            return
        run_tab, numbers_tab, script_tab = st.tabs(["Run", "Numbers", "PyTorch script"])
        with run_tab:
            the_run(token, status)
        with numbers_tab:
            the_numbers(token, status)
        with script_tab:
            the_script(status)


def download(label: str, data: Callable[[], bytes | str], name: str, mime: str, words: str) -> None:
    """A button whose file is made when it is clicked, not before."""
    st.download_button(label, data, name, mime, help=words or None, on_click="ignore", width="stretch")


def at_rest(status: Status) -> int | None:
    """The update for a file's name; None while it moves on."""
    return None if status.status == "playing" else status.update


def the_run(token: str, status: Status) -> None:
    titles.field()
    name = file_name(status.design, at_rest(status), ".npz", titles.title())
    words = "State, settings, records and held-out results in one file, as they are when you click."
    download("Save the run", partial(run_file, token), name, "application/octet-stream", words)
    st.caption("It opens here again, or in five lines of Python:")
    st.code(five_lines(name), language="python", wrap_lines=True)
    number = st.session_state.setdefault("open number", 0)
    st.file_uploader(
        "Open a saved run",
        type="npz",
        max_upload_size=MOST_MB,
        key=(key := f"open-{number}"),
        on_change=open_file,
        args=[key],
        help=f"A file saved here, {MOST_MB} MB at most. It takes the place of the run on the page, which is "
        "closed: save that one first if you want it back.",
    )
    if message := st.session_state.pop("open message", None):
        st.error(literally(message))
    st.caption(engine().limits.words)


def the_numbers(token: str, status: Status) -> None:
    endings = ("-records.csv", "-trace.npz", "-held-out.csv")
    names = [file_name(status.design, at_rest(status), ending, titles.title()) for ending in endings]
    download(
        "Records as CSV",
        partial(records_file, token),
        names[0],
        "text/csv",
        "One line for each update: loss, gradient norm before and after clipping, its angle, weight norm, "
        "norm of the update.",
    )
    download(
        "Held-out results as CSV",
        partial(reports_file, token),
        names[2],
        "text/csv",
        "One line for each time that it was measured: loss and metric on held-out data and on a fixed sample "
        "of training data, beside the trivial predictor's.",
    )
    download(
        "Trace as NPZ",
        partial(trace_file, token),
        names[1],
        "application/octet-stream",
        "The unrolled network on 32 held-out sequences: states, gates and total derivatives at every time "
        "step, in double precision. Computed when you click.",
    )
    st.caption(
        '`numpy.load("' + names[1] + '")` gives arrays by layer, such as `recurrent/0/forward/grad_h`.'
    )


@st.fragment
def the_script(status: Status) -> None:
    """The script is written beside the workers, where the data is, and kept; the page does not wait."""
    asked = (status.design, status.settings, SCRIPT_UPDATES, titles.title())
    name = file_name(status.design, None, ".py", titles.title())
    words = "Needs only torch and numpy, runs as it is, and prints the losses of the first updates."
    download("Save the script", partial(script_file, *asked), name, "text/x-python", words)
    if len({stretch.settings for stretch in status.stretches} | {status.settings}) > 1:
        st.caption(
            "Settings were changed while this run trained. The script has those of now from its first update "
            "on: its losses are those of a run that starts over with them."
        )
    if st.toggle("Show it", key="show script"):
        st.code(preview(*asked), language="python", height=360)


def script_file(design: Design, settings: Settings, updates: int, called: str) -> str:
    return engine().compute(script.write, design, settings, updates, called)


@st.cache_data(max_entries=32, show_spinner="Writing…")
def preview(design: Design, settings: Settings, updates: int, called: str) -> str:
    """The script, less what nobody reads."""
    return shortened(script_file(design, settings, updates, called))


def shortened(text: str) -> str:
    """A script without its packed data, which nobody reads."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.endswith("unpack('''")]
    if not starts:
        return text
    end = next(i for i, line in enumerate(lines) if i > starts[0] and line.startswith("'''"))
    left_out = end - starts[0] - 2
    return "\n".join([*lines[: starts[0] + 2], f"... {left_out:,} more lines of data", *lines[end:]])


def save_charts(figures: Sequence[Any], name: str) -> None:
    """Charts that Streamlit draws, each as a page of its own; the camera above them saves pictures."""
    if not teacher.shown("save"):
        return
    with popover("Save", "save charts", disabled=teacher.locked("save")) as filled:
        if not filled:
            return
        st.caption("The camera above a chart saves a PNG. A page opens offline, and its camera saves an SVG.")
        for number, figure in enumerate(figures, start=1):
            label = f"Chart {number} as a page" if len(figures) > 1 else "The chart as a page"
            download(label, partial(chart_page, figure), f"rnnlab-{name}-{number}.html", "text/html", "")


def chart_page(figure: Any) -> str:
    camera = {"format": "svg", "filename": "rnnlab"}
    page: str = figure.to_html(config={"toImageButtonOptions": camera, "displaylogo": False})
    return page


def held(token: str) -> StoredRun:
    """The run as it stands; a new one has its first weights after a moment."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return engine().stored(token)
        except ValueError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def run_file(token: str) -> bytes:
    return run_to_bytes(held(token))


def records_file(token: str) -> str:
    return records_csv(held(token).records)


def reports_file(token: str) -> str:
    return reports_csv(held(token).reports)


def trace_file(token: str) -> bytes:
    run = held(token)
    return engine().compute(trace_npz, run.state, run.settings)


def open_file(key: str) -> None:
    """Show the run in the file that was given; where it holds none, the run on the page stays."""
    given = st.session_state.get(key)
    if given is None:
        return
    st.session_state["open number"] += 1  # an empty uploader for the next file
    try:
        go_on_with(opened(given.getvalue(), given.name))
    except ValueError as wrong:
        st.session_state["open message"] = str(wrong)


def opened(raw: bytes, name: str) -> StoredRun:
    """The run in a file. Raises ValueError, in one sentence, where there is none.

    Its picture is left out: it is drawn anew from what the file's weights do.
    """
    if len(raw) > MOST_MB << 20:
        raise ValueError(f"{name} is larger than {MOST_MB} MB, which no run saved here is.")
    return run_from_bytes(raw, name, MOST_UNPACKED_MB << 20)._replace(picture=None, written=None)


def go_on_with(run: StoredRun) -> None:
    """The session's run is now this one, and the sidebar says what it is; its title, but for one that is set.

    Raises ValueError where the operator does not allow its size.
    """
    design, settings = run.state.design, run.settings
    token = engine().create(design, settings, run, owner=visitor.owner()).token
    controls.show(design, settings)
    if teacher.usable("title"):
        titles.take(run.title)
    st.session_state["design"], st.session_state["settings"] = design, settings
    st.session_state["token"] = visitor.keep(token)
