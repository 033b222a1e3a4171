"""Sentiment: the grammar's scores beside VADER's own, and the split."""

import math

import numpy as np
import pytest
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer

from rnnlab.tasks import TASKS, sentiment

VADER = SentimentIntensityAnalyzer()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def sentences(side: sentiment.Sentences) -> list[str]:
    return [" ".join(sentiment.pool().known.decode(row)) for row in side.words_NW]


def vader_score(sentence: str) -> float:
    """The sum of ratings that VADER's compound score, x / sqrt(x^2 + 15), was made of."""
    compound = VADER.polarity_scores(sentence)["compound"]
    return compound * math.sqrt(15 / (1 - compound**2))


def test_a_clause_has_the_score_that_vader_gives_it():
    seen = set()
    for seed in range(400):
        part = sentiment.clause(rng(seed))
        assert part.score == pytest.approx(vader_score(" ".join(part.words)), abs=0.003), part
        seen |= set(part.words)
    assert {"not", "never", "isn't", "don't", "very", "slightly"} < seen


def test_whole_sentences_are_positive_where_vader_says_so():
    """All but a few: where a clause ends soon after a not, VADER turns the next one around as well."""
    side = sentiment.pool().held_out
    agree = [
        (vader_score(text) > 0) == bool(positive)
        for text, positive in zip(sentences(side)[::5], side.positive_N[::5], strict=True)
    ]
    assert np.mean(agree) > 0.97


def test_the_words_are_rated_and_the_others_are_not():
    ratings = sentiment.lexicon()
    assert all(abs(ratings[word]) > 1 for word in (*sentiment.ADJECTIVES, *sentiment.VERBS))
    assert len(set(sentiment.ADJECTIVES)) == len(sentiment.ADJECTIVES)
    plain = {word for text in sentiment.NEUTRAL for word in text.split()} | set(sentiment.THINGS)
    assert not (plain | {"the", "i", "was", "is", "seemed", "and", "do"}) & set(ratings)
    assert all(np.sign(BOOSTER_DICT[word]) == sign for word, sign in sentiment.BOOSTERS.items())
    assert {"not", "never", "isn't", "don't"} <= set(NEGATE)


def test_no_sentence_is_in_two_parts_and_every_word_is_trained():
    pool = sentiment.pool()
    parts = [sentences(part) for part in (pool.train, pool.held_out, pool.test)]
    assert len({text for part in parts for text in part}) == sum(map(len, parts)) == sentiment.SENTENCES
    assert [len(part) / sentiment.SENTENCES for part in parts] == pytest.approx([0.8, 0.1, 0.1])
    trained, *others = ({word for text in part for word in text.split()} for part in parts)
    assert all(words <= trained for words in others)


@pytest.mark.parametrize("length", [8, 16, 40])
def test_only_sentences_that_fit_are_drawn_and_enough_remain(length):
    pool, task = sentiment.pool(), TASKS["sentiment"].load("many-to-one", {})
    assert pool.train.fitting(length) > 500
    assert min(pool.held_out.fitting(length), pool.test.fitting(length)) > 50
    batch = task.train(rng(), 500, length)
    assert max(len(task.input_labels(batch, index)) for index in range(500)) <= length


@pytest.mark.parametrize("length", [8, 40])
def test_baseline_is_the_share_of_positive_sentences(length):
    train, held_out = (
        [p for p, n in zip(side.positive_N, side.widths_N, strict=True) if n <= length]
        for side in (sentiment.pool().train, sentiment.pool().held_out)
    )
    share = (sum(train) + 1) / (len(train) + 2)
    cost = -sum(math.log(share if positive else 1 - share) for positive in held_out) / len(held_out)
    baseline = TASKS["sentiment"].load("many-to-one", {}).baseline(length)
    assert baseline.loss == pytest.approx(cost)
    right = sum(held_out) / len(held_out)
    assert baseline.metric == pytest.approx(right if share > 0.5 else 1 - right)
