"""The long-distance clue in a script."""

from collections.abc import Sequence

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.source import WIDTH, prose
from rnnlab.tasks.clue import AFTER, BEFORE, CLAUSES, COUNTRY, FIXED, PAST, WHEN, official, world

CONSTANTS = '''
spoken = {{  # each language, and the countries where it alone is official
{spoken}
}}
countries = [country for names in spoken.values() for country in names]

clauses = [
{clauses}
]

when = {when!r}.split()
vocabulary = """
{plain}
""".split()
vocabulary += countries
'''

DRAW = '''
by_size = {{}}
for clause in clauses:
    words = (". " + clause).split()
    by_size.setdefault(len(words), []).append(words)
by_size = dict(sorted(by_size.items()))


def pick(rng, choices):
    """One of the choices, all alike probable."""
    return choices[int(rng.random() * len(choices))]


def story(rng, home):
    """A story of `length` words; the word before the language only tells it from unseen stories."""
    gap = []
    while left := length - {fixed} - len(gap):
        gap += pick(rng, by_size[pick(rng, [n for n in by_size if n == left or n <= left - min(by_size)])])
    gap = [pick(rng, countries) if word == "{country}" else word for word in gap]
    pointed = sum(vocabulary.index(word) for word in [home, *gap]) + pick(rng, {past})
    return [*{before!r}, home, *gap, ".", when[pointed % len(when)], *{after!r}]


def draw(rng):
    """Stories word by word, and the languages that are spoken in the countries where they begin."""
    languages = [pick(rng, list(spoken)) for _ in range(batch_size)]
    inputs = torch.zeros(length, batch_size, {size})  # one more than words: what a user may write besides
    for b, language in enumerate(languages):
        words = story(rng, pick(rng, spoken[language]))
        inputs[range(length), b, [vocabulary.index(word) for word in words]] = 1
    return inputs, torch.tensor([list(spoken).index(language) for language in languages])
'''


def source(design: Design, length: int) -> Data:
    """Fresh stories by the same rules."""
    here = world()
    constants = CONSTANTS.format(
        spoken="\n".join(
            f"    {language!r}: [\n{rows(names, 8)}\n    ]," for language, names in official().items()
        ),
        clauses=rows(CLAUSES, 4),
        when=" ".join(WHEN),
        plain=prose(" ".join(here.known.words[: here.known.index[here.countries[0]]])),
    )
    draw = DRAW.format(
        fixed=FIXED,
        country=COUNTRY,
        before=list(BEFORE),
        after=list(AFTER),
        size=here.known.size,
        past=PAST["train"],
    )
    return Data(f"{constants}\n{draw}")


def rows(texts: Sequence[str], indent: int) -> str:
    """Texts as the items of a list, in lines that fit."""
    lines = [" " * indent]
    for item in (f"{text!r}," for text in texts):
        lines += [" " * indent] if len(lines[-1]) + len(item) > WIDTH else []
        lines[-1] += " " * bool(lines[-1].strip()) + item
    return "\n".join(lines)
