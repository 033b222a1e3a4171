"""People, companies, places and dates made of Faker's American names, in the ways in which Faker makes them.

One name in six, with all that is made of it, belongs to the held-out part, one in six to the test, and so it
is with the years. Who is a first name and a surname is in one part only. Endings of towns and companies are
in all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from rnnlab.tasks.spec import Part
from rnnlab.tasks.words import pick

CALENDAR = "January February March April May June July August September October November December"
MONTHS = tuple(CALENDAR.split())
YEARS = range(1960, 2030)
PLACES: dict[Part, tuple[int, ...]] = {"train": (2, 3, 4, 5), "held_out": (0,), "test": (1,)}
"""Of every six names, which belong to each part."""


class Stock(NamedTuple):
    """What the entities of one part are made of; `others` are the names of the other parts."""

    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    others: frozenset[str]
    years: tuple[int, ...]
    town_starts: tuple[str, ...]
    town_ends: tuple[str, ...]
    company_ends: tuple[str, ...]


def part_of(names: Sequence[Any], part: Part) -> tuple[Any, ...]:
    """Those of `names` that belong to a part."""
    return tuple(name for i, name in enumerate(names) if i % 6 in PLACES[part])


def provider(kind: str) -> Any:
    return import_module(f"faker.providers.{kind}.en_US").Provider


@lru_cache(maxsize=3)
def stock(part: Part) -> Stock:
    """Faker's American names, those of one part. Who is a first name and a surname is in one part too."""
    person, address, company = provider("person"), provider("address"), provider("company")
    firsts, lasts = ({n for n in names if n.isalpha()} for names in (person.first_names, person.last_names))
    shuffled = [str(name) for name in np.random.default_rng(2009).permutation(sorted(firsts | lasts))]
    kept = part_of(shuffled, part)
    return Stock(
        tuple(name for name in kept if name in firsts),
        tuple(name for name in kept if name in lasts),
        frozenset(shuffled) - frozenset(kept),
        part_of(YEARS, part),
        tuple(address.city_prefixes),
        tuple(sorted(set(address.city_suffixes))),
        tuple(company.company_suffixes),
    )


def person(rng: np.random.Generator, names: Stock) -> str:
    first, last = pick(rng, names.firsts), pick(rng, names.lasts)
    return pick(rng, (f"{first} {last}", f"{first} {last}", first))


def company(rng: np.random.Generator, names: Stock) -> str:
    one, two, three = (pick(rng, names.lasts) for _ in range(3))
    end = pick(rng, names.company_ends)
    return pick(rng, (f"{one} {end}", f"{one}-{two}", f"{one} , {two} and {three}"))


def place(rng: np.random.Generator, names: Stock) -> str:
    start, end = pick(rng, names.town_starts), pick(rng, names.town_ends)
    first, last = pick(rng, names.firsts), pick(rng, names.lasts)
    return pick(rng, (f"{start} {first}{end}", f"{start} {first}", f"{first}{end}", f"{last}{end}"))


def date(rng: np.random.Generator, names: Stock) -> str:
    day, month, year = pick(rng, range(1, 29)), pick(rng, MONTHS), pick(rng, names.years)
    return pick(rng, (f"{day} {month} {year}", f"{month} {day} , {year}", f"{month} {year}"))


KINDS: dict[str, Callable[[np.random.Generator, Stock], str]] = {
    "person": person,
    "company": company,
    "place": place,
    "date": date,
}
