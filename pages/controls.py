"""The sidebar: what a person sets, as a Design and Settings.

Widgets keep their values in the session, under the fields' names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages import own_data, teacher
from pages.fields import FIELDS, cap_words, choice, draw, help_of, number, place, slider, switch, tucked
from pages.literal import literally
from pages.popovers import popover
from rnnlab.config import Design, Settings, default_settings, fit, why_not_bidirectional
from rnnlab.fields import declared
from rnnlab.live.engine import engine
from rnnlab.model.cells import CELLS
from rnnlab.tasks import TASKS
from rnnlab.tasks.menu import menu
from rnnlab.tasks.options import ChoiceOption, TaskOption
from rnnlab.tasks.spec import Preset
from rnnlab.topologies import TOPOLOGIES

DESIGN_MORE = ("recurrent_init", "recurrent_gain", "forget_bias", "batch_size", "device")
SETTINGS_MORE = ("tbptt_window", "weight_decay", "dropout", "early_stopping", "teacher_forcing")
DECODING = {"attention": "none", "context_size": 0}
"""What only a network that decodes has, with its value for all others."""
OPTION = own_data.OPTION
"""How the keys of a task's own options begin."""


def show(design: Design, settings: Settings, *, missing: bool = False) -> None:
    """Put a design and settings into the widgets; with `missing`, only into those that have no value.

    What is more than the operator allows becomes the most that is. Streamlit forgets the value of
    a widget that a run of the page does not draw.
    """
    design, settings = engine().limits.within(design, fit(design, settings))
    values = {name: getattr(design, name) for name in declared(Design)}
    values |= {OPTION + name: value for name, value in design.options.items()}
    values |= {name: getattr(settings, name) for name in declared(Settings)}
    values |= {"clip": settings.clipping != "off"}
    if settings.clipping == "off":
        values["clipping"] = "norm"
    for key, value in values.items():
        if not missing or key not in st.session_state:
            st.session_state[key] = value


def shown_design() -> Design:
    """The design that the widgets say. Raises ValueError, in one sentence."""
    fields = {name: st.session_state[name] for name in declared(Design)}
    names = TASKS[fields["task"]].options
    options = {name: st.session_state.get(OPTION + name, option.default) for name, option in names.items()}
    design = Design(**fields, task_options=options)
    engine().limits.check(design, engine().limits.within(design, default_settings(design))[1])
    return design


def shown_settings(design: Design) -> Settings:
    """The settings that the widgets say, the length brought into the design's range.

    Raises ValueError, in one sentence.
    """
    fields = {name: st.session_state[name] for name in declared(Settings)}
    if not st.session_state["clip"]:
        fields["clipping"] = "off"
    fields["length"] = design.lengths.nearest(fields["length"])
    return engine().limits.within(design, Settings(**fields))[1]


def take_task() -> None:
    """Another task brings its own design and settings; the seed in force stays, and a person's own data."""
    task = st.session_state["task"]
    design = Design(task=task, seed=st.session_state["design"].seed, task_options=own_data.carried(task))
    show(*with_fixed(design, default_settings(design)))


def with_fixed(design: Design, settings: Settings) -> tuple[Design, Settings]:
    """A design and settings, but for what a teacher has hidden or locked: that stays as it is in force."""
    held = fixed(st.session_state["design"])
    if why_not_bidirectional(design.task, design.topology):
        held.pop("bidirectional", None)
    if not TOPOLOGIES[design.topology].decodes:
        held = {name: value for name, value in held.items() if name not in DECODING}
    settings = replace(settings, **fixed(st.session_state["settings"]))
    return replace(design, **held), replace(settings, length=design.lengths.nearest(settings.length or 1))


def fixed(value: Design | Settings) -> dict[str, Any]:
    """The fields that nobody on this page can set, with their values."""
    free = ("task", "topology")  # these say what is set
    names = [name for name in declared(type(value)) if name not in free and not teacher.usable(name)]
    return {name: getattr(value, name) for name in names}


def take_topology() -> None:
    """Another topology keeps the design, but for what it cannot have.

    A browser that is slow to follow another task says the last one's, maybe by its label: that is no wish.
    """
    task, topology = st.session_state["task"], st.session_state["topology"]
    if topology not in TASKS[task].topologies:
        design = st.session_state["design"]
        st.session_state["topology"] = (design if design.task == task else Design(task=task)).topology
        return
    if why_not_bidirectional(task, topology):
        st.session_state["bidirectional"] = False
    if not TOPOLOGIES[topology].decodes:
        st.session_state.update(DECODING)
    st.session_state["length"] = default_settings(Design(task=task, topology=topology)).length


def take_preset() -> None:
    """A preset's design and settings, if one was picked."""
    preset = TASKS[st.session_state["task"]].presets.get(st.session_state["preset"] or "")
    if preset:
        seed = st.session_state["design"].seed
        design = Design(task=st.session_state["task"], seed=seed, **preset.design)
        show(*with_fixed(design, replace(default_settings(design), **preset.settings)))


def design_controls() -> None:
    """What a run is made of: changing any of it starts a new run."""
    if "design" in st.session_state:
        show(st.session_state["design"], st.session_state["settings"], missing=True)
    words = task_help(st.session_state["task"])
    spec = TASKS[choice("task", labels=menu(), on_change=take_task, help=words)]
    fitting = list(spec.topologies)
    topology = choice("topology", fitting, on_change=take_topology, help=topology_help(fitting))
    with pair(1):
        cell = choice("cell")
        choice("activation", disabled=not CELLS[cell].has_activation)
    slider("hidden_size", 1, 256)
    with pair(2):
        number("layers", step=1)
        number("seed", step=1)
    options = list(choices_of(spec.options).items())
    with pair(3):
        choice("optimizer")
        preset_control(spec.presets)
        for name, option in options[:1]:
            choice_control(name, option)
    for name, option in options[1:]:  # three in a row would be cut short
        choice_control(name, option)
    decoding_controls(topology)
    reason = why_not_bidirectional(st.session_state["task"], topology)
    why = f"Off here: {reason}" if reason else help_of("bidirectional")
    with st.container(horizontal=True, vertical_alignment="center", key="bidirectional-row"):
        switch("bidirectional", disabled=bool(reason), help=why)
        more("more design", "Initialisation, batch size, device", DESIGN_MORE)


def decoding_controls(topology: str) -> None:
    """How a decoder is told what was read, where there is one."""
    if not TOPOLOGIES[topology].decodes:
        for name in DECODING:
            teacher.keep(name)
        return
    with pair(5):
        choice("attention")
        number("context_size", step=16)


def more(key: str, help: str, names: Sequence[str], disabled: Sequence[str] = ()) -> None:
    """What a lesson seldom needs, in a popover, unless all of it is hidden."""
    if not teacher.shown(*names):
        for name in names:
            draw(name)
        return
    with popover("More", key, help=help) as filled:
        for name in names:
            if filled:
                tucked(name, disabled=name in disabled)
            else:
                teacher.keep(name)


def pair(number_of_row: int) -> Any:
    """Two widgets side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"pair-{number_of_row}")


def task_help(task: str) -> str:
    """What the task shows, and where its data comes from."""
    spec = TASKS[task]
    return f"**{spec.label}.** {spec.sentence} *{literally(own_data.source(task))}*"


def preset_control(presets: Mapping[str, Preset]) -> None:
    """Ready-made designs of a task, where it has any."""
    if presets and teacher.shown("preset"):
        words = "A ready-made design: " + ", ".join(preset.label for preset in presets.values()) + "."
        st.selectbox(
            "Preset",
            list(presets),
            index=None,
            format_func=lambda name: presets[name].label,
            key="preset",
            on_change=take_preset,
            placeholder="choose",
            **teacher.ways("preset", words),
        )


def choices_of(options: Mapping[str, TaskOption]) -> dict[str, ChoiceOption]:
    return {name: option for name, option in options.items() if isinstance(option, ChoiceOption)}


def choice_control(name: str, option: ChoiceOption) -> None:
    """A variant of the task, or the user's own data in its place."""
    if own := own_data.in_place_of(name, TASKS[st.session_state["task"]].options):
        teacher.held(name, OPTION + name, lambda: own_data.choice_or_own(name, option, own))
        return
    if st.session_state[OPTION + name] not in option.choices:  # a slow browser's, of the last task
        st.session_state[OPTION + name] = option.default
    teacher.held(
        name,
        OPTION + name,
        lambda: st.selectbox(
            option.label,
            list(option.choices),
            index=place(list(option.choices), st.session_state[OPTION + name]),
            format_func=lambda value: option.choices[value],
            key=OPTION + name,
            **teacher.ways(name, option.help),
        ),
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
    """What may change at any moment, without a new run; and, last, the user's own data."""
    with st.container(key="live-settings"):
        with st.container(horizontal=True, vertical_alignment="center", key="live-title"):
            if teacher.shown(*declared(Settings)):
                st.markdown("**while it trains**")
            generates = TOPOLOGIES[design.topology].generates
            words = "Truncated gradients, weight decay, dropout, early stopping, teacher forcing"
            more("more settings", words, SETTINGS_MORE, disabled=() if generates else ("teacher_forcing",))
        number("learning_rate")
        clip_switch("clip")
        off = not st.session_state["clip"]
        with pair(4):
            choice("clipping", ["norm", "value"], disabled=off, width=96)
            number("clip_threshold", disabled=off)
        length_control(design)
        own_data.panel(TASKS[design.task].options)


def clip_switch(key: str) -> None:
    """Whether gradients are clipped: a part of the field `clipping`."""
    help = "Shorten gradients that are too long before they move the weights."
    ways = teacher.ways("clipping", help)
    teacher.held("clipping", key, lambda: st.toggle("Clip gradients", st.session_state[key], key=key, **ways))


def length_control(design: Design) -> None:
    lengths = design.lengths
    counts = f"Here it counts {lengths.meaning}: {lengths.low} to {lengths.high}."
    words = f"{FIELDS['length'].metadata['help']} {counts} {cap_words('length')}".strip()
    if lengths.fixed:
        if teacher.shown("length"):
            st.number_input(
                "Sequence length", value=lengths.low, disabled=True, help=words, key="fixed_length"
            )
    else:
        slider("length", lengths.low, lengths.high, help=words)
