"""Questions about a story: the answer by following everyone around, word by word."""

import math
from collections import Counter

import numpy as np
import pytest

from rnnlab.tasks import TASKS, question
from rnnlab.tasks.spec import PARTS

LENGTHS = TASKS["question"].topologies["many-to-one"]
every_order = pytest.mark.parametrize("asked", ["after", "before"])


def drawn(side: str, number: int, length: int, asked: str = "after") -> list[tuple[list[str], str]]:
    task = TASKS["question"].load("many-to-one", {"asked": asked})
    batch = getattr(task, side)(np.random.default_rng(0), number, length)
    return [(task.input_labels(batch, b), task.target_labels(batch, b)[0]) for b in range(number)]


def followed(words: list[str]) -> str:
    """Where the person asked for is in the end."""
    where, asked = dict[str, str](), ""
    for sentence in " ".join(words).replace("?", "?.").split("."):
        match sentence.split():
            case ["where", "is", person, "?"]:
                asked = person
            case [person, _, place]:
                where[person] = place
    return where[asked]


@every_order
@pytest.mark.parametrize("side", PARTS)
@pytest.mark.parametrize("length", [8, 16, 17, 40, 100])
def test_the_answer_is_where_the_person_went_last(side, length, asked):
    for words, place in drawn(side, 100, length, asked):
        assert followed(words) == place
        assert words.index("where") == (0 if asked == "before" else len(words) - 4)
        assert len(words) == length // 4 * 4


def test_others_move_about_and_people_move_twice():
    told = drawn("train", 200, 40)
    assert all(len(set(words) & set(question.PEOPLE)) >= 2 for words, _ in told)
    assert np.mean([followed(words) != words[-6] for words, _ in told]) > 0.5


def test_no_story_can_be_in_two_parts():
    """The shortest stories, all there are of them."""
    seen, held_out, test = ({" ".join(words) for words, _ in drawn(part, 8000, 8)} for part in PARTS)
    every = len(question.PEOPLE) * len(question.PLACES) * len(question.VERBS)
    assert len(seen) + len(held_out) + len(test) == len(seen | held_out | test) == every
    assert len(held_out) == len(test) == every / len(question.VERBS)


@pytest.mark.parametrize("side", PARTS)
def test_places_are_alike_probable_so_a_guess_costs_ln_of_their_number(side):
    places = Counter(place for _, place in drawn(side, 8000, 16))
    number = len(question.PLACES)
    assert np.array(list(places.values())) / 8000 == pytest.approx(np.full(number, 1 / number), abs=0.02)
    baseline = TASKS["question"].load("many-to-one", {}).baseline(16)
    assert baseline.loss == pytest.approx(math.log(number))
    assert baseline.metric == 1 / number


def test_verbs_say_nothing():
    told = drawn("train", 8000, 16)
    for verb in question.VERBS:
        places = Counter(place for words, place in told if words[1] == verb)
        shares = np.array([places[place] for place in question.PLACES]) / places.total()
        assert shares == pytest.approx(1 / len(question.PLACES), abs=0.05)
