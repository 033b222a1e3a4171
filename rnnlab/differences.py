"""What differs between settings, in words: the names of branches, and what changed at an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rnnlab.config import Settings

MOST = 3
"""Differences that one name can hold."""
SAME = "the same settings"


def clipping(settings: Settings) -> str:
    """Kind and threshold are one setting: a threshold means nothing while clipping is off."""
    off = settings.clipping == "off"
    return "off" if off else f"{settings.clipping} {settings.clip_threshold:g}"


def truncation(settings: Settings) -> str:
    return f"{settings.tbptt_window}" if settings.tbptt_window else "never"


def patience(settings: Settings) -> str:
    return f"after {settings.early_stopping:,}" if settings.early_stopping else "off"


APART = " · "
ASPECTS: Mapping[str, Callable[[Settings], str]] = {
    "clipping": clipping,
    "learning rate": lambda settings: f"{settings.learning_rate:g}",
    "length": lambda settings: f"{settings.length}",
    "truncated after": truncation,
    "teacher forcing": lambda settings: f"{settings.teacher_forcing:g}",
    "dropout": lambda settings: f"{settings.dropout:g}",
    "weight decay": lambda settings: f"{settings.weight_decay:g}",
    "early stopping": patience,
}
"""All that settings can differ by, in the order in which it is named, and how its value is written."""
BRIEFLY = {
    "learning rate": "rate",
    "truncated after": "cut after",
    "teacher forcing": "forcing",
    "weight decay": "decay",
    "early stopping": "stopping",
}
"""Aspects as they are called beside a line, where every letter counts."""


def differing(all_settings: Sequence[Settings]) -> list[str]:
    """The aspects that are not the same everywhere."""
    return [aspect for aspect, value in ASPECTS.items() if len({value(one) for one in all_settings}) > 1]


def joined(words: Sequence[str]) -> str:
    """Three at most; of more it is said how many."""
    more = len(words) - MOST
    return APART.join(words[:MOST]) + (f" and {more} more" if more > 0 else "")


def difference(settings: Settings, other: Settings) -> str:
    """What `settings` has that `other` has not: "clipping off · learning rate 0.005"."""
    found = [f"{aspect} {ASPECTS[aspect](settings)}" for aspect in differing((settings, other))]
    return joined(found) or SAME


def names(pasts: Sequence[Sequence[Settings]]) -> tuple[str, ...]:
    """One name for each run, by what tells it from the others.

    `pasts` holds for each run the settings it was trained with, in order, since it was one with the
    others; there is at least one for each. A run whose settings changed on the way is named by the
    first and the last: "clipping norm 1, later off".
    """
    told = [aspect for aspect in ASPECTS if len({values(aspect, past) for past in pasts}) > 1]
    return tuple(joined([phrase(aspect, past) for aspect in told]) or SAME for past in pasts)


def short_names(pasts: Sequence[Sequence[Settings]]) -> tuple[str, ...]:
    """As `names`, in as few words as tell the runs apart: their last settings, where those are enough.

    Only as many aspects as it takes are named; all runs by the same ones.
    """
    last = [past[-1] for past in pasts]
    if len(set(map(effect, last))) < len(last):
        return names(pasts)
    told = differing(last)
    for aspect in reversed(list(told)):
        fewer = [other for other in told if other != aspect]
        if fewer and len({tuple(ASPECTS[one](settings) for one in fewer) for settings in last}) == len(last):
            told = fewer
    return tuple(
        joined([f"{BRIEFLY.get(one, one)} {ASPECTS[one](settings)}" for one in told]) for settings in last
    )


def effect(settings: Settings) -> tuple[str, ...]:
    """What settings do, as values of all aspects."""
    return tuple(value(settings) for value in ASPECTS.values())


def values(aspect: str, past: Sequence[Settings]) -> tuple[str, ...]:
    """The values of one aspect in order, without repeats."""
    written = [ASPECTS[aspect](settings) for settings in past]
    return tuple(value for i, value in enumerate(written) if i == 0 or value != written[i - 1])


def phrase(aspect: str, past: Sequence[Settings]) -> str:
    first, *later = values(aspect, past)
    word = "later" if len(later) == 1 else "at last"
    return f"{aspect} {first}" + (f", {word} {later[-1]}" if later else "")
