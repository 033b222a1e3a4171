"""The menu of tasks, in groups, on the Lab and on the Gradients page."""

import pytest
from streamlit.testing.v1 import AppTest

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
