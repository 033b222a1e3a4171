"""The sidebar: what a person sets, as a Design and Settings.

Widgets keep their values in the session, under the fields' names.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.fields import FIELDS, choice, help_of, number, slider, switch, tucked
from rnnlab.config import Design, Settings, default_settings, fit, why_not_bidirectional
from rnnlab.fields import declared
from rnnlab.model.cells import CELLS
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import ChoiceOption, Preset, TaskOption, TextOption
from rnnlab.topologies import TOPOLOGIES

OPTION = "option "
"""How the keys of a task's own options begin."""


def show(design: Design, settings: Settings) -> None:
    """Put a design and settings into the widgets."""
    for name in declared(Design):
        st.session_state[name] = getattr(design, name)
    for name, value in design.options.items():
        st.session_state[OPTION + name] = value
    settings = fit(design, settings)
    for name in declared(Settings):
        st.session_state[name] = getattr(settings, name)
    st.session_state["clip"] = settings.clipping != "off"
    if settings.clipping == "off":
        st.session_state["clipping"] = "norm"


def shown_design() -> Design:
    """The design that the widgets say. Raises ValueError, in one sentence."""
    fields = {name: st.session_state[name] for name in declared(Design)}
    names = TASKS[fields["task"]].options
    options = {name: st.session_state.get(OPTION + name, option.default) for name, option in names.items()}
    return Design(**fields, task_options=options)


def shown_settings(design: Design) -> Settings:
    """The settings that the widgets say, the length brought into the design's range.

    Raises ValueError, in one sentence.
    """
    fields = {name: st.session_state[name] for name in declared(Settings)}
    if not st.session_state["clip"]:
        fields["clipping"] = "off"
    fields["length"] = design.lengths.nearest(fields["length"])
    return Settings(**fields)


def take_task() -> None:
    """Another task brings its own design and settings; the seed in force stays."""
    design = Design(task=st.session_state["task"], seed=st.session_state["design"].seed)
    show(design, default_settings(design))


def take_topology() -> None:
    """Another topology keeps the design, but for what it cannot have."""
    task, topology = st.session_state["task"], st.session_state["topology"]
    if why_not_bidirectional(task, topology):
        st.session_state["bidirectional"] = False
    st.session_state["length"] = default_settings(Design(task=task, topology=topology)).length


def take_preset() -> None:
    """A preset's design and settings, if one was picked."""
    preset = TASKS[st.session_state["task"]].presets.get(st.session_state["preset"] or "")
    if preset:
        seed = st.session_state["design"].seed
        design = Design(task=st.session_state["task"], seed=seed, **preset.design)
        show(design, replace(default_settings(design), **preset.settings))


def design_controls() -> None:
    """What a run is made of: changing any of it starts a new run."""
    spec = TASKS[choice("task", on_change=take_task, help=task_help(st.session_state["task"]))]
    fitting = list(spec.topologies)
    topology = choice("topology", fitting, on_change=take_topology, help=topology_help(fitting))
    with pair(1):
        cell = choice("cell")
        choice("activation", disabled=not CELLS[cell].has_activation)
    slider("hidden_size", 1, 256)
    with pair(2):
        number("layers", step=1)
        number("seed", step=1)
    with pair(3):
        choice("optimizer")
        preset_control(spec.presets)
        for name, option in choices_of(spec.options).items():
            choice_control(name, option)
    reason = why_not_bidirectional(st.session_state["task"], topology)
    why = f"Off here: {reason}" if reason else help_of("bidirectional")
    with st.container(horizontal=True, vertical_alignment="center", key="bidirectional-row"):
        switch("bidirectional", disabled=bool(reason), help=why)
        with st.popover("More", help="Initialisation, batch size, device"):
            tucked("recurrent_init", "recurrent_gain", "forget_bias", "batch_size", "device")


def pair(number_of_row: int) -> Any:
    """Two widgets side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"pair-{number_of_row}")


def task_help(task: str) -> str:
    """What the task shows, and where its data comes from."""
    spec = TASKS[task]
    return f"**{spec.label}.** {spec.sentence} *{spec.source}*"


def preset_control(presets: Mapping[str, Preset]) -> None:
    """Ready-made designs of a task, where it has any."""
    if presets:
        st.selectbox(
            "Preset",
            list(presets),
            index=None,
            format_func=lambda name: presets[name].label,
            key="preset",
            on_change=take_preset,
            placeholder="choose",
            help="A ready-made design: " + ", ".join(preset.label for preset in presets.values()) + ".",
        )


def choices_of(options: Mapping[str, TaskOption]) -> dict[str, ChoiceOption]:
    return {name: option for name, option in options.items() if isinstance(option, ChoiceOption)}


def choice_control(name: str, option: ChoiceOption) -> None:
    """A variant of the task."""
    st.selectbox(
        option.label,
        list(option.choices),
        format_func=lambda value: option.choices[value],
        key=OPTION + name,
        help=option.help,
    )


def text_controls(options: Mapping[str, TaskOption]) -> None:
    """The user's own text, for tasks that learn from one."""
    for name, option in options.items():
        if isinstance(option, TextOption):
            st.text_area(
                option.label,
                key=OPTION + name,
                help=f"{option.help} {option.shortest:,} to {option.longest:,} characters. Starts a new run.",
                placeholder="Paste a text to learn from; empty: English prose.",
                height=68,
            )


def topology_help(fitting: list[str]) -> str:
    """What the fitting topologies are, and where the others can be tried."""
    here = [f"- **{TOPOLOGIES[name].label}**: {TOPOLOGIES[name].sentence}" for name in fitting]
    others = [name for name in TOPOLOGIES if name not in fitting]
    there = [
        f"- **{TOPOLOGIES[name].label}**: {TOPOLOGIES[name].sentence} "
        f"Tasks: {', '.join(spec.label for spec in TASKS.values() if name in spec.topologies)}."
        for name in others
    ]
    return "\n".join(["This task fits:", *here, "", "It does not fit these; other tasks do:", *there])


def settings_controls(design: Design) -> None:
    """What may change at any moment, without a new run; and, last, the user's own text."""
    with st.container(key="live-settings"):
        with st.container(horizontal=True, vertical_alignment="center", key="live-title"):
            st.markdown("**while it trains**")
            with st.popover("More", help="Truncated gradients, weight decay, dropout, teacher forcing"):
                tucked("tbptt_window", "weight_decay", "dropout")
                tucked("teacher_forcing", disabled=not TOPOLOGIES[design.topology].generates)
        number("learning_rate")
        st.toggle(
            "Clip gradients",
            key="clip",
            help="Shorten gradients that are too long before they move the weights.",
        )
        off = not st.session_state["clip"]
        with pair(4):
            choice("clipping", ["norm", "value"], disabled=off, width=96)
            number("clip_threshold", disabled=off)
        length_control(design)
        text_controls(TASKS[design.task].options)


def length_control(design: Design) -> None:
    lengths = design.lengths
    counts = f"Here it counts {lengths.meaning}: {lengths.low} to {lengths.high}."
    words = f"{FIELDS['length'].metadata['help']} {counts}"
    if lengths.fixed:
        st.number_input("Sequence length", value=lengths.low, disabled=True, help=words, key="fixed_length")
    else:
        slider("length", lengths.low, lengths.high, help=words)
