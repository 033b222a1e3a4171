"""Any text at all is a question or a ValueError of one sentence, for every task."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import OWN_TEXTS

from rnnlab.asking import ASKING
from rnnlab.tasks import TASKS

FEW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SIGNS = "abcdefghSTBPXVE01()·▸>.*+-=,;: \n\té̈ßø１２３‹›?“”’'ACGTU>[]{}$°%/_^€٣²½İſﬁ\u200d\ufeff\u00ad\u0301"
WORDS = st.sampled_from(
    [
        "I grew up in",
        "Chile",
        "where is",
        "Anna",
        "went",
        "home",
        ".",
        "?",
        "not",
        "good",
        "the film was",
        "3 days ago",
        "May 3, 2011",
        "2011-02-30",
        "535+61",
        "0.3*",
        "1e999",
        "nan",
        "-0",
        "0,5",
        "14:00",
        "‹?›",
        "99:00",
        "1_0",
        "heed",
        "Am",
        "Dutch",
        "BTBTXSETE",
        "SaabbT",
        "U+200B",
        "◌́",
        "\n",
        ">seq",
        "ACGTN",
        "l/s",
        "$",
        "°C",
        "t = 4000",
        "0",
        "17",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(SIGNS, max_size=60),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(st.floats(width=32).map(str), max_size=70).map(" ".join),
    st.lists(st.integers(-1, 17).map(str), min_size=63, max_size=65).map(" ".join),
)
CASES = [(name, topology) for name, spec in TASKS.items() for topology in spec.topologies]


@pytest.mark.parametrize(("name", "topology"), CASES)
def test_any_text_is_a_question_or_one_sentence(name, topology):
    task, lengths = TASKS[name].load(topology, {}), TASKS[name].topologies[topology]

    @FEW
    @given(TEXTS, st.sampled_from([lengths.low, lengths.default, lengths.high]))
    def read(text, length):
        try:
            question = ASKING[name].read(task, text, length)
        except ValueError as wrong:
            sentence = str(wrong)
            assert sentence.endswith(".")
            assert sentence.isprintable()
            assert len(sentence) < 500
            return
        assert 1 <= len(question.batch.inputs_TBI) <= 500
        assert len(question.characters) == len(question.batch.inputs_TBI)
        assert all(question.characters)
        assert question.note == "" or question.note.endswith(".")
        assert question.note.isprintable()
        again = ASKING[name].read(task, question.text, length)
        assert again.batch.inputs_TBI.tobytes() == question.batch.inputs_TBI.tobytes()
        assert again.batch.targets.tobytes() == question.batch.targets.tobytes()
        assert again.known == question.known
        assert again.text == question.text

    read()


@pytest.mark.parametrize("name", ["language-model", "next-character", "word-model", "next-word"])
def test_examples_of_any_own_text_are_read(name):
    topology, lengths = next(iter(TASKS[name].topologies.items()))

    @FEW
    @given(st.one_of(OWN_TEXTS, st.text("ab c'\n.\r\t\u200b\u0301", min_size=100, max_size=130)))
    def read(own):
        assume(own.strip(own[0]))
        task = TASKS[name].load(topology, {"text": own})
        for text in ASKING[name].examples(task, lengths.default):
            question = ASKING[name].read(task, text, lengths.default)
            again = ASKING[name].read(task, question.text, lengths.default)
            assert np.array_equal(again.batch.inputs_TBI, question.batch.inputs_TBI)

    read()
