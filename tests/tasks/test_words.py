"""Words: cutting texts, vocabularies, sentences to look at, and the two tasks on words of a text."""

import math
from collections import Counter

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from rnnlab.tasks import TASKS, text, words
from rnnlab.tasks.characters import NOTHING
from rnnlab.tasks.words import UNKNOWN, Vocabulary, joined, table, vocabulary, word_text_of, words_of

TEXT_TASKS = {"word-model": "many-to-many", "next-word": "many-to-one"}
every_text_task = pytest.mark.parametrize(("name", "topology"), TEXT_TASKS.items())
NUMBERED = " ".join(f"w{i * i % 23}" for i in range(1000))
"""A thousand words whose order is known."""

SAMPLES = {
    "sentences": "A cat, a dog (or two); isn't it? " * 20,
    "emoji": "👍🏽 and 👩‍💻 " * 40,
    "no spaces": "敏捷的棕色狐狸跳过了懒狗。" * 20,
    "right to left": "مرحبا بالعالم. שלום עולם! " * 20,
    "one word only": "word " * 100,
    "one half of a pair": "a\ud83db " * 40,
    "shortest": "ab" * 50,
    "the sign itself": f"{UNKNOWN} ⏎\n" * 60,
}
every_sample = pytest.mark.parametrize("given", SAMPLES.values(), ids=SAMPLES)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("It isn't Anna's.", ["it", "isn't", "anna's", "."]),
        ("'quoted' text", ["'", "quoted", "'", "text"]),
        ("one\n two, 3.5", ["one", "⏎", "two", ",", "3", ".", "5"]),
        ("ÉTÉ à Nîmes", ["été", "à", "nîmes"]),
        ("  \t ", []),
    ],
)
def test_words_are_runs_of_letters_and_single_signs(given, found):
    assert words_of(given) == found


@hypothesis.given(st.text())
def test_every_word_can_be_seen(given):
    for word in words_of(given):
        assert word == word.strip() != ""
        assert word.isprintable()
        assert word != UNKNOWN


@pytest.mark.parametrize("line", ["it isn't, is it?", "a (small) dog; a cat.", "“yes”", ", and so on"])
def test_a_sentence_reads_as_people_write_it(line):
    assert joined(words_of(line)) == line


def test_rare_words_are_unknown_and_missing_ones_refused():
    known = vocabulary("babccad", 3)
    assert known.words == ("a", "b", "c", UNKNOWN)
    assert known.encode(["c", "d", "a"]).tolist() == [2, 3, 0]
    assert known.decode([2, NOTHING, 3]) == ["c", UNKNOWN]
    with pytest.raises(KeyError, match="'z'"):
        Vocabulary(("a", "b")).encode("az")


def test_rows_of_a_table_are_padded():
    rows, lengths = table([["a", "c"], [], ["b"]], Vocabulary(("a", "b", "c")), 3)
    assert rows.tolist() == [[0, 2, NOTHING], [NOTHING] * 3, [1, NOTHING, NOTHING]]
    assert lengths.tolist() == [2, 0, 1]


def test_the_parts_are_the_text_and_only_training_words_are_known():
    given = " ".join(["one two three"] * 300 + ["four"] * 100)
    split = word_text_of(given)
    assert split.vocabulary.words == ("one", "three", "two", UNKNOWN)
    assert split.vocabulary.decode(split.train_N) == given.split()[:898]
    assert split.vocabulary.decode(split.held_out_N) == ["two", "three", *[UNKNOWN] * 49]
    assert split.vocabulary.decode(split.test_N) == [UNKNOWN] * 51


def test_a_text_of_few_words_is_read_character_by_character():
    split = word_text_of("ab" * 50)
    assert split.vocabulary.words == ("a", "b", UNKNOWN)
    assert len(split.train_N) + len(split.held_out_N) + len(split.test_N) == 100


def test_the_prose_has_words_enough():
    split = word_text_of("")
    assert len(split.train_N) > 10_000
    assert split.vocabulary.size == words.LARGEST_VOCABULARY + 1
    assert (split.held_out_N == split.vocabulary.index[UNKNOWN]).mean() < 0.3
    assert {"the", "is", ","} < set(split.vocabulary.words)


@every_text_task
@every_sample
def test_any_text_can_be_learned_from(name, topology, given):
    task, lengths = TASKS[name].load(topology, {"text": given}), TASKS[name].topologies[topology]
    for length in (lengths.low, lengths.high):
        assert np.isfinite(task.baseline(length).loss)
        assert np.isfinite(task.baseline(length, test=True).loss)
        for batch in (draw(rng(), 20, length) for draw in (task.train, task.held_out, task.test)):
            assert batch.mask_SB.any(axis=0).all()
            assert len(task.input_labels(batch, 0)) == batch.lengths_B[0]


@every_text_task
def test_chunks_come_from_their_own_part_of_the_text(name, topology):
    task = TASKS[name].load(topology, {"text": NUMBERED})
    border, middle = text.borders(1000)
    sides = slice(border), slice(border, middle), slice(middle, None)
    parts = [" ".join(NUMBERED.split()[side]) for side in sides]
    for draw, part in zip((task.train, task.held_out, task.test), parts, strict=True):
        batch = draw(rng(), 20, 9)
        for index in range(20):
            read, targets = task.input_labels(batch, index), task.target_labels(batch, index)
            assert len(read) == 9
            assert targets[:-1] == (read[1:] if topology == "many-to-many" else [])
            assert f" {' '.join([*read, targets[-1]])} " in f" {part} "


@pytest.mark.parametrize("test", [False, True])
@every_text_task
def test_baseline_is_the_cross_entropy_of_word_frequencies(name, topology, test):
    drawn = [f"w{min(i * 7 % 11, 4)}" for i in range(2000)]
    task = TASKS[name].load(topology, {"text": " ".join(drawn)})
    counts = Counter(drawn[:1800])
    total = 1800 + len(counts) + 1  # each word once more than seen, the unknown one too
    part = drawn[1900:] if test else drawn[1800:1900]
    held_out = part[1:] if name == "word-model" else part[3:]
    cost = -sum(math.log((counts[word] + 1) / total) for word in held_out) / len(held_out)
    baseline = task.baseline(3, test)
    assert baseline.loss == pytest.approx(cost)
    if name == "next-word":
        assert baseline.metric == pytest.approx(held_out.count(counts.most_common(1)[0][0]) / len(held_out))
