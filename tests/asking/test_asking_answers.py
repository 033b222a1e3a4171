"""What is understood of typed text, what is said about it, and which answers are known to be right."""

import random
from datetime import date

import pytest

from rnnlab.asking import ASKING
from rnnlab.asking.dates import months
from rnnlab.tasks import TASKS
from rnnlab.tasks.words import UNKNOWN


def asked(name: str, text: str, length: int | None = None, **options: str):
    spec = TASKS[name]
    topology = next(iter(spec.topologies))
    steps = length or spec.topologies[topology].default
    task = spec.load(topology, options)
    return task, ASKING[name].read(task, text, steps)


def answer(name: str, text: str, length: int | None = None, **options: str) -> list[str] | None:
    task, question = asked(name, text, length, **options)
    return task.target_labels(question.batch, 0) if question.known else None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tuesday, May 3, 2011", date(2011, 5, 3)),
        ("mardi 3 mai 2011", date(2011, 5, 3)),
        ("MARDI  3 MAI 2011 ", date(2011, 5, 3)),
        ("３ mai ２０１１", date(2011, 5, 3)),
        ("3 mai 2011", date(2011, 5, 3)),
        ("03.05.2011", date(2011, 5, 3)),
        ("2011-05-03", date(2011, 5, 3)),
        ("12 août 1999", date(1999, 8, 12)),
        ("12 aout 1999", date(1999, 8, 12)),
        ("29 february 2000", date(2000, 2, 29)),
        ("3 mai 1789", date(1789, 5, 3)),
    ],
)
def test_dates_that_are_known(text, day):
    assert "".join(answer("dates", text)) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    ["30 february 2000", "may 2011", "3 may or june 2011", "3 4 may 2011", "hello", "2011-13-01", "3 may 99"],
)
def test_dates_that_are_not(text):
    _, question = asked("dates", text)
    assert not question.known
    assert not question.batch.targets.any()
    assert question.batch.targets.shape == (10, 1)


def test_no_name_of_a_month_is_that_of_another():
    assert all(len(found) == 1 for found in months().values())
    assert set().union(*months().values()) == set(range(1, 13))


def test_days_beyond_the_training_data_are_told():
    assert "begins in 1970" in asked("dates", "3 mai 1789")[1].note
    assert "ends in 2029" in asked("dates", "3 mai 2089")[1].note


@pytest.mark.parametrize("order", ["end", "start"])
def test_sums(order):
    rng = random.Random(0)
    for _ in range(50):
        a, b = rng.randrange(100), rng.randrange(100)
        task, question = asked("arithmetic", f" {a} + {b} = ", order=order)
        assert question.known
        assert "".join(task.target_labels(question.batch, 0)).rstrip("·") == str(a + b)
        assert question.text == f"{a}+{b}"
        read = "".join(question.characters)
        assert (read[::-1] if order == "end" else read) == f"{a}+{b}"


def test_sums_beyond_the_training_are_read_and_told():
    task, question = asked("arithmetic", "98765 + 12345")
    assert "".join(task.target_labels(question.batch, 0)) == "111110"
    assert "up to 2 digits" in question.note
    assert asked("arithmetic", "９+9")[1].text == "9+9"


@pytest.mark.parametrize("text", ["535-61", "twelve", "5+", "+5", "5", "1.5+2", "3*4"])
def test_no_sums(text):
    with pytest.raises(ValueError, match=r"type a sum of whole numbers, such as 535\+61\.$"):
        asked("arithmetic", text)


def test_names():
    _, question = asked("nationality", "Nguyễn")
    assert question.text == "nguyen"
    for way in ("Mu\u0308ller", "Ｍüller", "Müller\u200b", "  MÜLLER"):
        assert asked("nationality", way)[1].text == "müller"
        assert asked("nationality", way)[1].note == asked("nationality", "müller")[1].note
    assert question.note == "“ễ” is not in the alphabet: read as “e”."
    assert not question.known
    with pytest.raises(ValueError, match=r"^“李” cannot be read here: type a surname"):
        asked("nationality", "李")


def test_a_training_name_is_said_to_be_one():
    from rnnlab.tasks.names import NATIONALITIES, split

    names = split()
    name = names.letters.decode(names.train.letters_NW[5])
    task, question = asked("nationality", name.upper())
    assert question.known
    assert task.target_labels(question.batch, 0) == [NATIONALITIES[0]]
    assert "in the training data" in question.note
    held_out = names.letters.decode(names.held_out.letters_NW[-1])
    assert answer("nationality", held_out) == [NATIONALITIES[-1]]
    assert "training" not in asked("nationality", held_out)[1].note


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The film was not very good.", "negative"),
        ("the film was good", "positive"),
        ("the film isn’t bad", "positive"),
        ("I don't like the book and the hotel was awful", "negative"),
        ("we came by train, i love the music", "positive"),
        ("the film was nice and the film was sad", None),
        ("what a film", None),
        ("we came by train", None),
    ],
)
def test_sentiment(text, label):
    assert answer("sentiment", text) == (None if label is None else [label])


def test_unknown_words_are_named():
    _, question = asked("sentiment", "the xylophone was good!")
    assert question.characters == ("the", UNKNOWN, "was", "good")
    assert question.note == "“xylophone” not known, read as ‹?›; “!” left out."
    with pytest.raises(ValueError, match=r"^There is no word here that the network knows"):
        asked("sentiment", "xylophone zither")


def test_clue():
    task, question = asked("clue", "I grew up in Costa Rica. We had dogs. today I speak")
    assert task.target_labels(question.batch, 0) == ["Spanish"]
    assert "Costa Rica" in question.characters
    assert answer("clue", "i grew up in BRAZIL . today i speak") == ["Portuguese"]
    assert answer("clue", "I grew up in Atlantis. today I speak") is None
    assert "end with" in asked("clue", "I grew up in Chile")[1].note


def test_story():
    story = "Anna went home. Ben ran outside. Anna moved upstairs. where is Anna?"
    assert answer("question", story) == ["upstairs"]
    assert answer("question", story.lower().replace("?", "")) == ["upstairs"]
    assert answer("question", "Anna went home\nBen ran outside\nwhere is Ben") == ["outside"]
    assert answer("question", "where is Ben? Ben ran outside.", asked="before") == ["outside"]
    assert asked("question", "Ben ran outside\nwhere is Ben")[1].text == "Ben ran outside. where is Ben?"
    assert "comes last" in asked("question", "where is Ben? Ben ran outside.")[1].note
    assert answer("question", "Anna went home. where is Ben?") is None


@pytest.mark.parametrize(
    ("text", "language", "translated"),
    [
        ("3 days ago", "fr", "il y a 3 jours"),
        ("In 1 week", "de", "in 1 Woche"),
        ("in 5 years", "es", "dentro de 5 años"),
    ],
)
def test_relative_times(text, language, translated):
    task, question = asked("relative-time", text, language=language)
    assert "".join(task.target_labels(question.batch, 0)).replace("␣", " ").rstrip("■") == translated


def test_relative_times_that_are_not_in_the_data():
    assert answer("relative-time", "120 days ago") is None
    assert answer("relative-time", "1 days ago") is None


def test_dna():
    fasta = ">one gene\nacgu ACGT\n10 acg\n>another\nTTTT\n"
    _, question = asked("coding", fasta)
    assert question.text == "ACGTACGTACG"
    assert question.note == "U is read as T; only the first of 2 records is read."
    with pytest.raises(ValueError, match=r"^“N” cannot be read here"):
        asked("coding", "ACGTN")
    with pytest.raises(ValueError, match=r"^There are no bases here"):
        asked("coding", ">only a header")


def test_entities():
    _, question = asked("entities", "Zoë met Mr. O’Brien, in Łódź.")
    assert question.characters == ("Zoe", "met", "Mr.", "O'Brien", ",", "in", "Lodz")
    assert not question.known


def test_drawings():
    blank = " ".join(["0"] * 64)
    with pytest.raises(ValueError, match=r"^Nothing is drawn here: draw a digit\.$"):
        asked("digits", blank)
    with pytest.raises(ValueError, match=r"^This has 63 numbers"):
        asked("digits", " ".join(["1"] * 63))
    with pytest.raises(ValueError, match=r"^17 is not between 0 and 16"):
        asked("digits", blank[:-1] + "17")
    _, question = asked("digits", blank[:-1] + "16")
    assert not question.known
    assert question.batch.inputs_TBI.ravel()[-1] == 1


def test_typed_readings_of_a_flow():
    task, question = asked("anomaly", "14:00 101.9 102.3 102.1")
    assert task.hours(question.batch, 0).tolist() == [14, 15]
    assert answer("anomaly", "14:00 101.9 102.3 102.1") == ["+0.4", "−0.2"]
    with pytest.raises(ValueError, match=r"^“25:00” is no hour"):
        asked("anomaly", "25:00 101 102")


def test_typed_prices_and_values():
    task, question = asked("tomorrow", "70,5 $")
    assert task.input_labels(question.batch, 0) == ["70.50 $"]
    assert not question.known
    task, question = asked("forecast", "12,5 °C 13,5 °C 11", series="weather")
    assert task.input_labels(question.batch, 0) == ["13.5 °C", "11.0 °C"]
    with pytest.raises(ValueError, match=r"^There is no moment 99999, only 0 to"):
        asked("forecast", "99999")


def test_moments_are_days():
    task = TASKS["forecast"].load("many-to-one", {"series": "weather"})
    days = ASKING["forecast"].choices(task)
    question = ASKING["forecast"].read(task, "2015-03-01", 12)
    import csv
    from importlib.resources import files

    rows = csv.DictReader((files("vega_datasets") / "_data/seattle-weather.csv").read_text().splitlines())
    highest = {row["date"]: row["temp_max"] for row in rows}
    assert list(days) == sorted(days)
    assert question.characters[-1] == f"{float(highest['2015/03/01']):.1f} °C"
    assert task.target_labels(question.batch, 0) == [f"{float(highest['2015/03/02']):.1f} °C"]


def test_prompts():
    task, question = asked("language-model", "The value of x")
    assert "".join(question.characters) == "The␣value␣of␣x"
    letters = task.text.letters
    assert letters.decode(question.batch.targets[:-1, 0]) == "he value of x"
    assert not question.known
    assert asked("language-model", "naïve œuvre")[1].text == "naive oeuvre"
    with pytest.raises(ValueError, match="cannot be read here"):
        asked("language-model", "日本")


def test_words_of_a_prompt():
    _, question = asked("word-model", "The value of xyzzy")
    assert question.characters == ("the", "value", "of", UNKNOWN)
    assert question.note == "“xyzzy” not among the words that the network knows, read as ‹?›."


def test_vowels_are_those_of_the_spectrogram():
    """The first formant of what is heard is near the published one."""
    from rnnlab.tasks.voice import AVERAGES, WORDS, centres

    bands = centres()[1:-1]
    for word in ("heed", "had", "hod", "who'd"):
        for kind, speaker in enumerate(("a man", "a woman")):
            _, question = asked("vowels", f"{word}, spoken by {speaker}")
            loud_K = question.batch.inputs_TBI[:, 0].max(axis=0)
            first = AVERAGES[kind, WORDS.index(word), 1]
            low = bands < first * 2
            heard = bands[low][loud_K[low].argmax()]
            assert 0.6 < heard / first < 1.6
    assert asked("vowels", "HEED")[1].text == "heed, spoken by a man"
