"""Ask a network: one request, one plain answer, worked out beside the workers.

A page sends a `Request` and gets a dict of plain values, or `{"message": sentence}` where there is
no answer. T input time steps, S output time steps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.config import Design, Settings, fit
from rnnlab.live.asked_answer import (
    chosen_at,
    compared,
    foreseen,
    mattered_at,
    told,
    unit_told,
    written_told,
)
from rnnlab.state import RunState

if TYPE_CHECKING:
    from rnnlab.asking import Question
    from rnnlab.probing import Answer, Tracked, Written

LONGEST = 4000
"""Characters that a question may have, whatever its task allows."""

UNEXPECTED = (
    "The program failed while the network was asked, not your question. "
    "Nothing else was touched; the server's log says more."
)
log = logging.getLogger(__name__)


class Request(NamedTuple):
    """`what` is a key of ANSWERS. Without a state the network is asked before its first update."""

    what: str
    design: Design
    settings: Settings
    state: RunState | None = None
    text: str = ""
    options: Mapping[str, Any] = {}


def run(request: Request) -> dict[str, Any]:
    """What was asked for, or a message. Never raises: a page has nothing to tell of a traceback."""
    try:
        if len(request.text) > LONGEST:
            raise ValueError(f"At most {LONGEST:,} characters are read here, not {len(request.text):,}.")
        return ANSWERS[request.what](request)
    except ValueError as wrong:
        return {"message": str(wrong)}
    except Exception:  # whatever it is, a student's screen shows a sentence and the log the traceback
        log.exception("A network could not be asked: %s", request.what)
        return {"message": UNEXPECTED}


def offer(request: Request) -> dict[str, Any]:
    """What may be asked of a task: kind of input, words, examples, choices; whether its networks write."""
    from rnnlab.asking import ASKING
    from rnnlab.model.network import load_task
    from rnnlab.probing import can_write

    asking, task = ASKING.get(request.design.task), load_task(request.design)
    if asking is None:
        raise ValueError("This task's networks cannot be asked here yet.")
    return {
        "kind": asking.kind,
        "label": asking.label,
        "help": asking.help,
        "examples": list(asking.examples(task, length_of(request))),
        "choices": list(asking.choices(task)),
        "writes": can_write(state_of(request), task),
        "longest_horizon": longest_horizon(request),
    }


def reading(request: Request) -> dict[str, Any]:
    """The answer with everything that the network went through."""
    return told(answered(request, request.text))


def mattered(request: Request) -> dict[str, Any]:
    """Which inputs the answer depends on; where one choice is all that goes in, how on that choice."""
    found = answered(request, request.text)
    choices = choices_of(request) if found.written and len(found.question.characters) == 1 else []
    return chosen_at(found, choices) if choices else mattered_at(found)


def choices_of(request: Request) -> list[Question]:
    """All that may be chosen; empty where the question is none of a few."""
    from rnnlab.asking import ASKING
    from rnnlab.model.network import load_task

    choices = ASKING[request.design.task].choices(load_task(request.design))
    return [question_of(request, choice) for choice in choices]


def units(request: Request) -> dict[str, Any]:
    """The units that follow something known, more than chance would have it; the best one for each thing."""
    from rnnlab.probing import tracked
    from rnnlab.probing.known import known_in
    from rnnlab.tasks import TASKS

    best: dict[str, Tracked] = {}
    known = known_in(TASKS[request.design.task].group)
    for one in tracked(state_of(request), request.settings, known):
        if not one.by_chance:
            best.setdefault(one.name, one)
    apart = {one[1:]: one for one in reversed(best.values())}  # in names the line is the whole position
    return {"tracked": [unit_told(one) for one in sorted(apart.values(), key=lambda o: -abs(o.correlation))]}


def changed(request: Request) -> dict[str, Any]:
    """The answer beside that to another question (`other`), or of a network with `changes`."""
    from rnnlab.probing import Change

    changes = [Change(**one) for one in request.options.get("changes", ())]
    other = str(request.options.get("other", request.text))
    return compared(answered(request, request.text), answered(request, other, changes=changes))


def written(request: Request) -> dict[str, Any]:
    """What the network writes after the question, `steps` symbols at `temperature` with `seed`."""
    from rnnlab.model.network import load_task

    return written_told(went_on(request), load_task(request.design))


def written_table(request: Request) -> dict[str, Any]:
    """The same as the text of a CSV file."""
    from rnnlab import probing

    return {"csv": probing.as_csv(probing.table_of_written(went_on(request)))}


def went_on(request: Request) -> Written:
    from rnnlab.probing import write

    asked = request.options
    prompt = question_of(request, request.text)
    how = int(asked["steps"]), float(asked["temperature"]), int(asked["seed"])
    return write(state_of(request), request.settings, prompt, *how)


def forecast(request: Request) -> dict[str, Any]:
    """The `horizon` values after a moment, by the network and by two simple rules."""
    from rnnlab import forecasting

    if not request.text.isdecimal():
        raise ValueError("A forecast begins at a moment of the series: choose one.")
    state, horizon = state_of(request), int(request.options["horizon"])
    moment = min(int(request.text), forecasting.moments(request.design, horizon) - 1)
    found = forecasting.forecast(state, request.settings, moment, horizon)
    try:
        mean = forecasting.average(state, request.settings, horizon)
    except ValueError:  # no other moment has so long a past and so long a future
        mean = None
    return foreseen(found, mean)


def longest_horizon(request: Request) -> int:
    """How far ahead may be forecast; 0 where the task forecasts no series."""
    from rnnlab import forecasting
    from rnnlab.courses import COURSES

    if request.design.task not in COURSES:
        return 0
    course = forecasting.course_of(request.design)
    return min(forecasting.LONGEST, course.end - course.first - 1)


def table(request: Request) -> dict[str, Any]:
    """The answer as the text of a CSV file."""
    from rnnlab import probing

    return {"csv": probing.as_csv(probing.table(answered(request, request.text)))}


def answered(request: Request, text: str, **more: Any) -> Answer:
    from rnnlab.probing import answer

    return answer(state_of(request), request.settings, question_of(request, text), **more)


def question_of(request: Request, text: str) -> Question:
    from rnnlab.asking import ask

    return ask(request.design, text, length_of(request))


def state_of(request: Request) -> RunState:
    from rnnlab.training import begin

    return begin(request.design) if request.state is None else request.state


def length_of(request: Request) -> int:
    return fit(request.design, request.settings).length or 1


ANSWERS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "offer": offer,
    "reading": reading,
    "mattered": mattered,
    "units": units,
    "changed": changed,
    "written": written,
    "forecast": forecast,
    "table": table,
    "written table": written_table,
}
