"""Turns: who is next, when more calls wait than there are workers. Pure: times are given.

Every account (a person) gets the same share of the workers' time, whatever its calls cost. Next is
the account that has used the least (start-time fair queueing; Goyal, Vin and Cheng, 1996), and one
that comes, or comes back, starts level with the least of those that are at it: having slept gives
no credit. Four rules more:

- A call that a person waits for counts as if its account had used URGENT_SECONDS less. What it
  costs is counted all the same, so nobody clicks their way to a larger share.
- A run asks for its next slice a moment after the last one came back. For that moment its account
  holds its place (COMING_SECONDS, unless it says that nothing comes): else an account of long
  calls would always find itself alone in the queue, and short ones would get one call for each.
- Calls that are known to be long leave one worker to the short ones.
- A call may have more than one share: only its cost divided by its `weight` is counted. That is for
  runs whose shortest call is longer than a share lasts (see pace.py).

What is used beyond the others is held against an account up to a bound only: data loaded for the
first time, or workers that nobody else wanted, must not cost a person the next minute.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

URGENT_SECONDS = 0.15
COMING_SECONDS = 0.05
LEEWAY_SECONDS = 0.02  # no worker stands still for a difference as small as a slice
LONG_SECONDS = 0.25
MOST_AHEAD_SECONDS = (
    0.2  # what is held against an account that costs little as a rule; more than a click is worth
)
RECENT_CALLS = 8  # of an account; what only one of them cost is no rule
Item = TypeVar("Item")


@dataclass(eq=False)
class Turn(Generic[Item]):
    """A call that waits, or is under way since it was taken.

    `expected` is what it may cost, in seconds; `weight` is how many shares it has.
    """

    account: Account[Item]
    item: Item
    urgent: bool
    weight: float = 1.0
    expected: float = 0.0

    def counted(self, seconds: float) -> float:
        """What is held against the account for `seconds` of a worker."""
        return seconds / self.weight


@dataclass(eq=False)
class Account(Generic[Item]):
    """What somebody has used, in seconds of worker time, and what they wait for."""

    used: float
    last_cost: float = 0.0
    flying: int = 0
    started: int = 0  # the number of its last call, of all calls
    coming_until: float = 0.0
    waiting: deque[Turn[Item]] = field(default_factory=deque)
    as_a_rule: float = 0.0  # what calls cost, but for the dearest of the recent ones
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT_CALLS))

    def learn(self, seconds: float) -> None:
        """What a call cost. A person's cheap run says nothing of the dear one beside it."""
        self.last_cost = seconds
        self.recent.append(seconds)
        self.as_a_rule = sorted(self.recent)[-2] if len(self.recent) > 1 else 0.0

    @property
    def next(self) -> Turn[Item]:
        """The oldest urgent call, or else the oldest."""
        return next((turn for turn in self.waiting if turn.urgent), self.waiting[0])

    @property
    def rank(self) -> float:
        """Less is earlier."""
        return self.used - (URGENT_SECONDS if self.next.urgent else 0.0)

    @property
    def long(self) -> bool:
        """Whether calls are long, or one of a person's runs is whose calls are."""
        return max(self.last_cost, self.as_a_rule) > LONG_SECONDS

    def busy(self, now: float) -> bool:
        return bool(self.waiting or self.flying or now < self.coming_until)


class Turns(Generic[Item]):
    """Calls that wait, by account."""

    def __init__(self) -> None:
        self._accounts: dict[Hashable, Account[Item]] = {}
        self._flying = self._waiting = 0
        self._level = 0.0  # the least that those who are at it have used
        self._starts = 0

    @property
    def outstanding(self) -> int:
        """Calls that wait or are under way."""
        return self._waiting + self._flying

    @property
    def flying(self) -> int:
        return self._flying

    def ask(self, name: Hashable, item: Item, urgent: bool, now: float, weight: float = 1.0) -> Turn[Item]:
        """`item` waits for its turn."""
        self._settle(now)
        account = self._accounts.setdefault(name, Account(self._level))
        if not account.busy(now):
            account.used = max(account.used, self._level)
        turn = Turn(account, item, urgent, weight)
        account.waiting.append(turn)
        self._waiting += 1
        account.coming_until = 0.0
        return turn

    def withdraw(self, turn: Turn[Item]) -> bool:
        """It need not be done any more. False where it is under way already."""
        waits = turn in turn.account.waiting
        if waits:
            turn.account.waiting.remove(turn)
            self._waiting -= 1
        return waits

    def hurry(self, name: Hashable) -> None:
        """Somebody waits for what this account waits for."""
        if name in self._accounts:
            for turn in self._accounts[name].waiting:
                turn.urgent = True

    def rest(self, name: Hashable) -> None:
        """Nothing comes from this account for now: nobody need wait for it."""
        if name in self._accounts:
            self._accounts[name].coming_until = 0.0

    def take(self, workers: int, now: float) -> Turn[Item] | None:
        """The call to be done next, under way from now on; None while none should be.

        Besides one call for each worker, one more may be under way: it waits at a worker's door.
        """
        if not self._waiting or self._flying > workers:
            return None
        ready = [account for account in self._accounts.values() if account.waiting]
        if self._kept_for_short(workers, now):
            ready = [account for account in ready if not account.long]
        best = min(ready, key=lambda account: (account.rank, account.started), default=None)
        if best is None or self._another_is_due(best, self._flying >= workers, now):
            return None
        return self._start(best)

    def _start(self, account: Account[Item]) -> Turn[Item]:
        turn = account.next
        account.waiting.remove(turn)
        account.flying += 1
        self._waiting -= 1
        self._flying += 1
        self._starts += 1
        account.started = self._starts
        turn.expected = account.last_cost
        account.used += turn.counted(turn.expected)
        return turn

    def _kept_for_short(self, workers: int, now: float) -> bool:
        """Whether long calls have all workers but one, which the short ones need."""
        accounts = self._accounts.values()
        long = sum(account.flying for account in accounts if account.long)
        return 0 < workers - 1 <= long and any(a.busy(now) and not a.long for a in accounts)

    def _another_is_due(self, best: Account[Item], at_the_door: bool, now: float) -> bool:
        """Whether one that has used less will ask in a moment: at once, or when its call comes back."""
        return any(
            other.used < best.rank - LEEWAY_SECONDS
            for other in self._accounts.values()
            if not other.waiting and (now < other.coming_until or (at_the_door and other.flying))
        )

    def ended(self, turn: Turn[Item], seconds: float, now: float) -> None:
        """A call came back: it took `seconds` of a worker."""
        account = turn.account
        account.flying -= 1
        self._flying -= 1
        account.learn(seconds)
        used = account.used + turn.counted(seconds - turn.expected)
        account.used = min(used, self._level + max(MOST_AHEAD_SECONDS, 2 * account.as_a_rule))
        account.coming_until = now + COMING_SECONDS
        self._settle(now)

    def _settle(self, now: float) -> None:
        """Raise the level, and forget accounts that would start from it anyway."""
        busy, still = [], {}
        for name, account in self._accounts.items():
            if account.busy(now):
                busy.append(account.used)
            else:
                still[name] = account.used
        self._level = max(self._level, min(busy) if busy else max(still.values(), default=0.0))
        for name, used in still.items():
            if used <= self._level:
                del self._accounts[name]
