"""People, companies, places and dates made of Faker's American names, in the ways in which Faker makes them.

One name in four, with all that is made of it, belongs to the held-out side, and so does every fourth year.
Who is a first name and a surname is on one side only. Endings of towns and companies are on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from rnnlab.tasks.words import pick

CALENDAR = "January February March April May June July August September October November December"
MONTHS = tuple(CALENDAR.split())
YEARS = range(1960, 2030)
HELD_OUT_EVERY = 4


class Stock(NamedTuple):
    """What the entities of one side are made of; `others` are the names of the other one."""

    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    others: frozenset[str]
    years: tuple[int, ...]
    town_starts: tuple[str, ...]
    town_ends: tuple[str, ...]
    company_ends: tuple[str, ...]


def side_of(names: Sequence[Any], held_out: bool) -> tuple[Any, ...]:
    """Every fourth of `names`, or the others."""
    return tuple(name for i, name in enumerate(names) if (i % HELD_OUT_EVERY == 0) == held_out)


def provider(kind: str) -> Any:
    return import_module(f"faker.providers.{kind}.en_US").Provider


@lru_cache(maxsize=2)
def stock(held_out: bool) -> Stock:
    """Faker's American names, those of one side. Who is a first name and a surname is on one side too."""
    person, address, company = provider("person"), provider("address"), provider("company")
    firsts, lasts = ({n for n in names if n.isalpha()} for names in (person.first_names, person.last_names))
    shuffled = np.random.default_rng(2009).permutation(sorted(firsts | lasts))
    kept, others = (side_of([str(name) for name in shuffled], side) for side in (held_out, not held_out))
    return Stock(
        tuple(name for name in kept if name in firsts),
        tuple(name for name in kept if name in lasts),
        frozenset(others),
        side_of(YEARS, held_out),
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
