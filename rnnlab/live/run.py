"""One live run: what it does next, and what becomes of the answers. No clock, no thread, no process.

A Run has at most one slice in flight. Each slice carries the epoch it was cut in, and an answer
from an earlier epoch (before a reset or a rewind) is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from rnnlab.config import Design, Settings, fit
from rnnlab.files import StoredRun
from rnnlab.live.history import FULL, FallRow, History, position
from rnnlab.live.jobs import Job as Job
from rnnlab.live.jobs import landing_of
from rnnlab.live.pace import Pace, Plan
from rnnlab.live.picture import Picture
from rnnlab.live.seen import Seen
from rnnlab.live.slices import SliceResult
from rnnlab.live.status import Content, Status
from rnnlab.patience import Stop, stop
from rnnlab.state import Records, RunState


class Run:
    """The state of a run with its history. Times are seconds of a monotonic clock."""

    def __init__(
        self, name: str, design: Design, settings: Settings, history_bytes: int, kind: str = "lab"
    ) -> None:
        self.name = name
        self.kind = kind
        self.design = design
        self.settings = fit(design, settings)
        self.title = ""
        self.history = History(history_bytes)
        self.message: str | None = None
        self.flying: Job | None = None
        self.epoch = 0
        self.seen = Seen()
        self._state: RunState | None = None
        self._pace = Pace()
        self._playing = False
        self._singles = 0
        self._goal: int | None = None
        self._early_stop: Stop | None = None
        self._patient_since = 0

    # What a person asks for

    def restore(self, stored: StoredRun) -> None:
        """Show a stored run and go on from it."""
        self._state, self.title = self._lean(stored.state), stored.title
        self.history.restore(stored._replace(state=self._state))
        if self.update < self.history.furthest:
            self.rewind(self.update)
        self.seen = Seen.of(stored, (position(stored.state), fit(self.design, stored.settings)))

    def branch(self, name: str, update: int, settings: Settings) -> Run:
        """Another run that shares this one's past up to `update` and goes on with `settings`.

        Raises ValueError for an update that this run has not come to, and as `fit` does.
        """
        found = Run(name, self.design, settings, self.history.budget_bytes, self.kind)
        found.history = self.history.fork(update)
        if not self.history.takes(update, found.settings):
            raise ValueError(FULL)
        found.seen, found.title = self.seen.stale(), self.title
        found._pace = self._pace.again()
        found.rewind(update)
        return found

    def play(self) -> None:
        self.message = self._early_stop = None
        if not self._playing:
            self._patient_since = self.update
        self._playing = not self.diverged

    def pause(self) -> None:
        self._playing = False
        self._singles = 0
        self._pace.rest()

    def one_update(self) -> None:
        self.message = self._early_stop = None
        self._playing = False
        self._singles += not self.diverged

    def change(self, settings: Settings) -> None:
        """`settings` from the next slice on. Raises ValueError where the task does not allow them."""
        fitted = fit(self.design, settings)
        if not self.history.takes(self.update, fitted):
            raise ValueError(FULL)
        assert fitted.length
        assert self.settings.length
        self._pace.stretch(max(1.0, fitted.length / self.settings.length))
        self._pace.show_soon()
        if fitted != self.settings:
            self._patient_since = self.update  # other settings get as much patience
        self.settings = fitted

    def reset(self) -> None:
        """Back to the first weights, without a past."""
        self._leave()
        self.history = History(self.history.budget_bytes)
        self._state, self.seen = None, self.seen.stale()
        self._pace = self._pace.again()

    def rewind(self, update: int) -> None:
        """Go to `update`, or to the nearest there is. What lies after it stays until training leaves it."""
        self._leave()
        self._goal = min(max(update, 0), self.history.furthest)
        self._state = self.history.way_to(self._goal)
        self._arrive()

    def _leave(self) -> None:
        self.epoch += 1
        self.message = self._early_stop = None
        self._goal = None
        self.pause()

    # What it does next

    def next_job(self, now: float, watched: bool, crowd: float = 1.0) -> Job | None:
        """The next slice, in flight from now on, or None where there is nothing to do; `crowd` as in Pace."""
        assert self.flying is None, "one slice in flight"
        self.flying = self._choose(now, watched, crowd)
        return self.flying

    def _choose(self, now: float, watched: bool, crowd: float) -> Job | None:
        if self.message is not None:
            return None
        if self._goal is not None:
            return self._replay_job(now)
        if self._state is None:
            return self._job("draw", self.settings, Plan(0, True, True))
        if self._singles:
            self._singles -= 1
            return self._train_job(Plan(1, True, True))
        if self._playing and watched:
            plan = self._pace.plan(now, crowd)
            return self._train_job(plan.looking(self.update, self.settings.early_stopping))
        here = (self.update, self.settings)
        if self.seen.drawn != here:
            return self._job("draw", self.settings, Plan(0, True, self.seen.evaluated != here))
        return None

    def _train_job(self, plan: Plan) -> Job:
        """Training; where it only repeats what is known, no further than that."""
        known = self.history.known_until(self.update, self.settings) - self.update
        updates = min(plan.updates, known) if known else plan.updates
        return self._job("train", self.settings, plan._replace(updates=updates))

    def _replay_job(self, now: float) -> Job:
        assert self._goal is not None
        settings, end = self.history.in_force(self.update)
        updates = min(self._pace.plan(now).updates, self._goal - self.update, end - self.update)
        return self._job("replay", settings, Plan(updates, False, False))

    def _job(self, kind: str, settings: Settings, plan: Plan) -> Job:
        return Job(kind, self.epoch, self._state, settings, plan)

    # What comes back

    def land(self, job: Job, result: SliceResult, submitted_at: float, now: float) -> None:
        """Take in the answer to `job`; one from an earlier epoch is dropped."""
        self.flying = None
        if job.epoch != self.epoch:
            return
        start = 0 if job.state is None else job.state.update
        self._state = state = self._lean(result.state)
        known = self.history.known_until(start, job.settings) > start
        if job.kind == "train" and not known:
            self.history.extend(start, job.settings, state, result.records)
        elif job.kind != "draw":
            self.history.retrace(state, result.records)
        self._pace.landed(landing_of(job, result, submitted_at, now))
        self._take_picture(job, result)
        self._arrive()
        if job.kind == "train" and result.report is not None and self._playing:
            patience = self.settings.early_stopping
            self._early_stop = stop(self.history.reports, self.update, self._patient_since, patience)
        if self.diverged or self._early_stop:
            self.pause()

    def _lean(self, state: RunState) -> RunState:
        """With the run's own design: each comes from elsewhere with a copy, and a text can be long."""
        return replace(state, design=self.design)

    def _take_picture(self, job: Job, result: SliceResult) -> None:
        if result.report is not None:
            self.history.add_report(result.report)
        if result.picture is not None and (row := result.picture.arrays.get("row")) is not None:
            self.history.add_fall(FallRow(self.update, row))
        self.seen = self.seen.after(job, result, self.update)

    def _arrive(self) -> None:
        if self._goal is not None and self._goal == self.update:
            self._goal = None

    def fail(self, job: Job, message: str) -> None:
        """`job` gave no answer: no further slice until somebody asks for one."""
        self.flying = None
        if job.epoch == self.epoch:
            self.stop(message)

    def stop(self, message: str) -> None:
        """Nothing more happens until somebody asks for it."""
        self.flying = None
        self.pause()
        self._goal = None
        self.message = message

    # What there is to see

    @property
    def update(self) -> int:
        return 0 if self._state is None else position(self._state)

    @property
    def diverged(self) -> bool:
        return self._state is not None and self._state.divergence is not None

    @property
    def picture(self) -> Picture | None:
        """The newest one."""
        return self.seen.picture

    @property
    def state(self) -> RunState | None:
        """The state at `update`; None before the first weights came back."""
        return self._state

    @property
    def playing(self) -> bool:
        """Whether it trains on while somebody watches."""
        return self._playing

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way, or still to be asked for, that will change `update`."""
        training = self.flying is not None and self.flying.kind == "train" and self.flying.epoch == self.epoch
        return training or self._goal is not None or self._singles > 0

    @property
    def word(self) -> str:
        """The status in one word."""
        words = {
            "stopped": self.message is not None,
            "waiting": self._goal is not None,
            "diverged": self.diverged,
            "stopped early": self._early_stop is not None,
            "playing": self._playing,
            "starting": self.picture is None,
        }
        return next((word for word, true in words.items() if true), "paused")

    def records(self) -> Records:
        """A copy of all records, those after a rewind included."""
        return Records._make(column.copy() for column in self.history.table.records())

    def status(self, viewers: int) -> Status:
        return Status(
            run=self.name,
            design=self.design,
            settings=self.settings,
            status=self.word,
            update=self.update,
            furthest=self.history.furthest,
            loss=self.history.loss_at(self.update),
            updates_per_second=self._pace.updates_per_second,
            viewers=viewers,
            divergence=self._state.divergence if self._state else None,
            rewind_to=self.history.last_sound() if self.diverged else None,
            message=self.message,
            stretches=self.history.stretches,
            going_to=self._goal,
            early_stop=self._early_stop,
            busy=self.busy,
            title=self.title,
        )

    def content(self, stamp_ms: float) -> Content:
        """What a frame shows now."""
        return Content(
            run=self.status(0),
            stamp_ms=stamp_ms,
            picture=self.seen.picture,
            picture_update=self.seen.drawn[0] if self.seen.drawn else None,
            report=self.history.report_at(self.update),
            written=self.seen.written,
            curves=self.history.curves(),
            kind=self.kind,
            fall=self.history.fall,
        )
