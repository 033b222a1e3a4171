"""Texts: alphabets, one-hot vectors, visible labels, the split, and the two tasks on text."""

import math
from collections import Counter

import numpy as np
import pytest

from rnnlab.tasks import TASKS, characters, text
from rnnlab.tasks.characters import NOTHING, OTHER, alphabet, one_hot, visible

SAMPLES = {
    "emoji": "👍🏽 and 👩‍💻 " * 20,
    "right to left": "مرحبا بالعالم. שלום עולם! " * 20,
    "combining": "e\u0301a\u0308o\u0302 " * 40,
    "lines": "one\r\n\ttwo\n" * 30,
    "one half of a pair": "a\ud83db" * 40,
    "shortest": "ab" * 50,
}
every_sample = pytest.mark.parametrize("given", SAMPLES.values(), ids=SAMPLES)
TEXT_TASKS = {"language-model": "many-to-many", "next-character": "many-to-one"}
every_text_task = pytest.mark.parametrize(("name", "topology"), TEXT_TASKS.items())


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@every_sample
def test_every_text_survives_encoding(given):
    letters = alphabet(given)
    assert letters.decode(letters.encode(given)) == given
    assert letters.size == len(set(given))
    assert len(set(letters.labels)) == letters.size


def test_rare_characters_of_a_large_alphabet_become_one():
    given = "".join(chr(0x4E00 + i) * (1 + i % 7) for i in range(300))
    letters = alphabet(given, largest=200)
    counts = Counter(given)
    decoded = letters.decode(letters.encode(given))
    assert letters.size == 201
    assert len(decoded) == len(given)
    kept, dropped = set(decoded) - {OTHER}, set(given) - set(decoded)
    assert len(kept) == 200
    assert min(counts[c] for c in kept) >= max(counts[c] for c in dropped)


def test_a_character_that_is_not_in_the_alphabet_is_refused():
    with pytest.raises(KeyError, match="'z'"):
        alphabet("abc").encode("abz")


def test_one_hot_is_one_at_the_index_and_zeros_for_padding():
    indices = np.array([[0, 2], [1, NOTHING]])
    expected = [[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 0]]]
    assert one_hot(indices, 3).tolist() == expected


@pytest.mark.parametrize(
    ("character", "label"),
    [
        ("\n", "⏎"),
        (" ", "␣"),
        ("\t", "⇥"),
        ("a", "a"),
        ("\u0301", "◌\u0301"),
        ("\u200d", "U+200D"),
        ("م", "م"),
    ],
)
def test_what_cannot_be_seen_gets_a_sign(character, label):
    assert visible(character) == label


def test_rows_of_a_table_are_cut_and_padded():
    rows, lengths = characters.table(["abc", "a", "cab"], alphabet("abc"), 2)
    assert rows.tolist() == [[0, 1], [0, NOTHING], [2, 0]]
    assert lengths.tolist() == [3, 1, 3]


@pytest.mark.parametrize("size", [100, 150, 203, 205, 400, 509, 510, 511, 1019, 1020, 10_001])
def test_a_tenth_is_unseen_and_of_short_texts_more(size):
    border, middle = text.borders(size)
    unseen = size - border
    assert size / 10 - 1 < unseen <= size / 4
    assert unseen == size // 10 or size < 1020
    assert min(middle - border, size - middle) >= min(51, size // 8)
    assert 0 <= (middle - border) - (size - middle) <= 1


def test_the_parts_are_the_text():
    given = "".join(chr(97 + i * i % 23) for i in range(1000))
    split = text.text_of(given)
    assert split.letters.decode(split.train_N) == given[:898]
    assert split.letters.decode(split.held_out_N) == given[898:949]
    assert split.letters.decode(split.test_N) == given[949:]


def test_prose_is_english_and_says_nothing_twice():
    lines = text.prose().split("\n")
    assert len(lines) == len(set(lines)) > 100
    assert sum(len(line) for line in lines) > 50_000
    assert sum("the" in line.split() for line in lines) > len(lines) / 2


@every_text_task
@every_sample
def test_chunks_come_from_their_own_part_of_the_text(name, topology, given):
    task = TASKS[name].load(topology, {"text": given})
    border, middle = text.borders(len(given))
    length = TASKS[name].topologies[topology].high
    for batch, part in [
        (task.train(rng(), 20, length), given[:border]),
        (task.held_out(rng(), 20, length), given[border:middle]),
        (task.test(rng(), 20, length), given[middle:]),
    ]:
        for index in range(20):
            span = batch.lengths_B[index]
            assert span == min(length, len(part) - 1)
            assert batch.mask_SB[:, index].sum() == (span if topology == "many-to-many" else 1)
            read = task.text.letters.decode(batch.inputs_TBI[:span, index].argmax(axis=1))
            following = task.text.letters.decode(batch.targets[:span, index])
            chunk = read + following[-1]
            assert chunk in part
            assert following in {chunk[1:], chunk[-1]}
            assert len(following) == (span if topology == "many-to-many" else 1)


@pytest.mark.parametrize("test", [False, True])
@every_text_task
def test_baseline_is_the_cross_entropy_of_letter_frequencies(name, topology, test):
    given = "".join("abcde"[min(i * 7 % 11, 4)] for i in range(2000))
    task = TASKS[name].load(topology, {"text": given})
    counts = Counter(given[:1800])
    shares = {letter: (counts[letter] + 1) / (1800 + len(set(given))) for letter in set(given)}
    part = given[1900:] if test else given[1800:1900]
    held_out = part[1:] if name == "language-model" else part[3:]
    cost = -sum(math.log(shares[letter]) for letter in held_out) / len(held_out)
    assert task.baseline(3, test).loss == pytest.approx(cost)
    if name == "next-character":
        commonest = counts.most_common(1)[0][0]
        assert task.baseline(3, test).metric == pytest.approx(held_out.count(commonest) / len(held_out))


def test_the_textbook_preset_is_the_textbook():
    preset = TASKS["next-character"].presets["textbook"]
    assert preset.design == {"cell": "rnn", "activation": "relu", "hidden_size": 50, "optimizer": "adam"}
    assert preset.settings["length"] == 3
