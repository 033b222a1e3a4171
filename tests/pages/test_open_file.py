"""A file as a question on the Try it page, and as the run's data in the Lab."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.own import read_series

from .test_lab import clean, live_data, named, opened, pressed, standing
from .test_own_data import TABLE, VALUES, unfolded

BASES = "ATGGCTTGCGATGAATTTGGTCATATTAAATTGATGAATCCACAACGTTCAACAGTGTGGTATTAA"
FASTA = f">first\n{BASES}\n>second\n{'ACGT' * 20}NN{'ACGT' * 10}\n".encode()


def with_task(task: str, name: str, content: bytes) -> AppTest:
    at = opened({"task": task, "hidden_size": "8"})
    at.switch_page("pages/try_it.py")
    at.session_state["try file"] = True
    clean(at.run())
    at.file_uploader[0].upload(name, content)
    return clean(at.run())


def test_a_record_of_a_fasta_file_is_asked_about() -> None:
    at = with_task("coding", "genes.fa", FASTA)
    assert named(at.selectbox, "Record").options == ["first", "second"]
    pressed(at, "Ask about it")
    assert at.session_state["try text"] == f">first\n{BASES}"
    assert not at.error


def test_what_is_left_out_of_a_record_is_told() -> None:
    at = with_task("coding", "genes.fa", FASTA)
    named(at.selectbox, "Record").set_value("second")
    clean(at.run())
    assert any("2 bases of it are not known" in caption.value for caption in at.caption)


def test_names_in_a_file_stand_in_its_selects_as_they_are() -> None:
    """The options of a select are plain text: what Markdown needs would be seen in them."""
    genes = with_task("coding", "genes.fa", FASTA.replace(b">first", b">gi|31_a [chr:1]"))
    assert named(genes.selectbox, "Record").options[0] == "gi|31_a [chr:1]"
    flow = with_task("forecast", "flow.csv", TABLE.encode())
    assert named(flow.selectbox, "Column").options[0] == "flow [l/s]"


def test_a_text_file_is_asked_about() -> None:
    at = with_task("language-model", "story.txt", "Once upon a time.".encode("utf-16"))
    pressed(at, "Ask about it")
    assert at.session_state["try text"] == "Once upon a time."
    assert not at.error


def test_the_last_values_of_a_column_are_asked_about() -> None:
    at = with_task("forecast", "flow.csv", TABLE.encode())
    pressed(at, "Ask about it")
    assert [float(value) for value in at.session_state["try text"].split()] == VALUES.tolist()
    assert not at.error


@pytest.mark.parametrize(
    ("task", "content", "said"),
    [
        ("coding", b">p\nMKVLEFPQ", "protein"),
        ("coding", b"\x89PNG\r\n", "picture"),
        ("language-model", b"", "empty"),
        ("forecast", b"a\nfoo\nbar", "words"),
    ],
)
def test_a_bad_file_is_told_and_the_question_stays(task: str, content: bytes, said: str) -> None:
    at = with_task(task, "file", content)
    assert any(said in error.value for error in at.error)
    assert not [button for button in at.button if button.label == "Ask about it"]


def test_a_file_becomes_the_data_of_a_run() -> None:
    at = unfolded(opened({"task": "forecast", "hidden_size": "8"}), "values")
    at.file_uploader[0].upload("flow.csv", "\ufeff".encode() + TABLE.replace("\n", "\r\n").encode())
    clean(at.run())
    pressed(at, "Use it")
    assert np.array_equal(read_series(standing(at).design.options["values"]).values_N, VALUES)


def test_a_binary_file_is_told_and_the_run_stays() -> None:
    at = unfolded(opened({"task": "language-model", "hidden_size": "8"}), "text")
    before = live_data(at)["token"]
    at.file_uploader[0].upload("photo.png", b"\x89PNG\r\n" + bytes(range(256)))
    clean(at.run())
    assert any("picture" in error.value for error in at.error)
    assert live_data(at)["token"] == before
