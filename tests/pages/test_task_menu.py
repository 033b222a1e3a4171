"""The menu of tasks, in groups, on the Lab and on the Gradients page."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from pages import controls
from rnnlab.config import Design
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import GROUPS

from .test_lab import APP


def page(path: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60).run()
    if path:
        at.switch_page(path).run()
    assert not at.exception
    return at


@pytest.mark.parametrize(("path", "key"), [("", "task"), ("pages/gradients.py", "gradients task")])
def test_tasks_stand_in_groups_and_keep_their_link_names(path, key):
    at = page(path)
    lines = at.selectbox(key=key).options
    groups = [line.split(" · ")[0] for line in lines]
    assert groups == sorted(groups, key=GROUPS.index)
    assert set(groups) == set(GROUPS)
    assert {f"{spec.group} · {spec.label}" for name, spec in TASKS.items() if name != "tomorrow"} <= set(
        lines
    )
    assert at.selectbox(key=key).value in TASKS
    at.selectbox(key=key).set_value("dyck").run()
    assert not at.exception
    assert at.session_state[key] == "dyck"
    assert at.query_params["task"] in ("dyck", ["dyck"])


@pytest.mark.parametrize("said", ["Many to one", "many-to-one"])
def test_what_a_slow_browser_still_says_of_the_last_task_is_no_wish(said):
    """It sends every widget's value with each click, and has not drawn the new choices yet."""

    class Stale(Selectbox):
        @property
        def _widget_state(self):
            return WidgetState(id=self.id, string_value=said)

    at = page("")
    at.selectbox(key="task").set_value("dates").run()
    assert not at.exception
    at.selectbox(key="topology").__class__ = Stale
    next(button for button in at.button if button.label == "One update").click().run()
    assert not at.exception
    assert at.session_state["topology"] == at.session_state["design"].topology == "encoder-decoder"
    assert at.session_state["design"].task == "dates"


@pytest.mark.parametrize("said", ["Many to one", "many-to-one"])
def test_the_topology_of_another_task_gives_way_to_the_one_in_force(said, monkeypatch):
    design = Design(task="dates")
    held = {"task": "dates", "topology": said, "design": design, "length": 21}
    monkeypatch.setattr(controls.st, "session_state", held)
    controls.take_topology()
    assert held == {"task": "dates", "topology": "encoder-decoder", "design": design, "length": 21}
    held["task"] = "adding"
    held["topology"] = "Encoder-decoder"
    controls.take_topology()
    assert held["topology"] == "many-to-one"
