"""Attention and the context size on the Lab page: where they are, and that links hold them."""

from __future__ import annotations

from pages.test_lab import clean, named, opened

from rnnlab.link import from_link, to_link


def labels(at) -> set[str]:
    return {one.label for one in (*at.selectbox, *at.number_input)}


def test_they_are_there_for_an_encoder_decoder_alone() -> None:
    at = clean(opened({"task": "dates", "attention": "additive", "context_size": "16", "hidden_size": "6"}))
    assert {"Attention", "Context size"} <= labels(at)
    assert (at.session_state["design"].attention, at.session_state["design"].context_size) == ("additive", 16)
    named(at.selectbox, "Task").set_value("nationality")
    clean(at.run())
    assert not {"Attention", "Context size"} & labels(at)
    design = at.session_state["design"]
    assert (design.task, design.attention, design.context_size) == ("nationality", "none", 0)
    named(at.selectbox, "Task").set_value("reverse")
    clean(at.run())
    assert named(at.selectbox, "Attention").value == "none"


def test_choosing_attention_starts_a_new_run_with_a_link_of_its_own() -> None:
    at = clean(opened({"task": "reverse", "hidden_size": "6"}))
    named(at.selectbox, "Attention").set_value("dot")
    named(at.number_input, "Context size").set_value(4)
    clean(at.run())
    design = at.session_state["design"]
    assert (design.attention, design.context_size) == ("dot", 4)
    link = to_link(design, at.session_state["settings"])
    assert "attention=dot" in link
    assert "context_size=4" in link
    assert from_link(link).design == design


def test_a_link_that_asks_for_it_elsewhere_is_told_so() -> None:
    found = from_link("task=adding&attention=dot&context_size=4")
    assert found.design.attention == "none"
    assert len(found.messages) == 2
    assert "only an encoder-decoder" in found.messages[0]


def test_a_locked_attention_does_not_stop_a_change_of_task() -> None:
    at = clean(opened({"task": "dates", "attention": "dot", "lock": "attention", "hidden_size": "6"}))
    named(at.selectbox, "Task").set_value("adding")
    clean(at.run())
    assert (at.session_state["design"].task, at.session_state["design"].attention) == ("adding", "none")
