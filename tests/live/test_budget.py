"""Whatever a person does, the past keeps to its budget, the curves stay right, every update is exact."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from live.fakes import DESIGN, SETTINGS, fake_slice, straight

from rnnlab.files import StoredRun
from rnnlab.limits import LEAST_SHARE_BYTES
from rnnlab.live.binning import Buckets, in_width
from rnnlab.live.history import FALL_ROWS, HELD_OUT_POINTS, MOST_CHANGES, FallRow, History
from rnnlab.live.run import Run
from rnnlab.live.stored import kept
from rnnlab.live.table import MOST_BUCKETS, RecordTable
from rnnlab.state import Records

BUDGET = 120_000
RATES = (0.01, 0.02, 0.03)
ACTS = st.one_of(
    st.tuples(st.just("train"), st.integers(1, 1500)),
    st.tuples(st.just("change"), st.sampled_from(RATES)),
    st.tuples(st.just("rewind"), st.floats(0, 1)),
    st.tuples(st.just("branch"), st.floats(0, 1)),
    st.tuples(st.just("share"), st.integers(BUDGET, 4 * BUDGET)),
    st.tuples(st.just("restart"), st.none()),
)


class Known:
    """The same run told plainly: every state and every record, by update."""

    def __init__(self):
        self.states = [straight(0).state]
        self.records = Records.empty()

    def train(self, start, updates, settings):
        """As a run does: what follows an update stays while it is only repeated."""
        for update in range(start, start + updates):
            result = straight(1, settings, self.states[update])
            same = update + 1 < len(self.states) and np.array_equal(
                self.states[update + 1].weights["w"], result.state.weights["w"]
            )
            if not same:
                self.states[update + 1 :] = [result.state]
                kept_ = Records._make(column[:update] for column in self.records)
                self.records = Records.concat([kept_, result.records])


def rest(run):
    for now in range(100_000):
        job = run.next_job(float(now), True)
        if job is None:
            return
        run.land(job, fake_slice(job.request(run.design)), float(now), now + 0.5)


def train(run, known, updates):
    """In slices of a hundred, as the pace of a real run would cut them."""
    known.train(run.update, updates, run.settings)
    goal = run.update + updates
    while run.update < goal:
        run._pace.update_seconds = 0.15 / min(100, goal - run.update)
        run._pace.picture_at = run._pace.report_at = 1e9
        run.play()
        job = run.next_job(1e9, True)
        plan = job.plan._replace(updates=min(job.plan.updates, goal - run.update))
        job = job._replace(plan=plan)
        run.land(job, fake_slice(job.request(run.design)), 1e9, 1e9)
        assert run.history.nbytes <= run.history.budget_bytes
    run.pause()


def go_to(run, update):
    run._pace.update_seconds = 0.001
    run.rewind(update)
    rest(run)


def check(run, known):
    assert run.history.furthest == len(known.states) - 1
    assert run.history.nbytes <= run.history.budget_bytes
    assert run.state.weights["w"].tobytes() == known.states[run.update].weights["w"].tobytes()
    assert run.status(0).loss == (known.records.loss[run.update - 1] if run.update else None)
    table = run.history.table
    expected = in_width(Buckets.of(known.records), table._width)
    if table.buckets.last == run.history.furthest:
        np.testing.assert_allclose(table.buckets, expected, rtol=1e-9)
    for column, wanted in zip(table.records(), known.records, strict=True):
        assert np.array_equal(column, wanted[table.first - 1 : table.end])


@examples(max_examples=25)
@given(acts=st.lists(ACTS, min_size=3, max_size=12), last=st.floats(0, 1))
def test_the_past_keeps_to_its_budget_and_stays_exact(acts, last):
    run, known = Run("abc", DESIGN, SETTINGS, BUDGET), Known()
    rest(run)
    for act, value in acts:
        if act == "train":
            train(run, known, value)
        elif act == "change":
            run.change(replace(SETTINGS, learning_rate=value))
        elif act == "rewind":
            go_to(run, round(value * run.history.furthest))
        elif act == "branch":
            at = round(value * run.history.furthest)
            run = run.branch("def", at, replace(SETTINGS, learning_rate=RATES[0]))
            run._pace.update_seconds = 0.001
            known.states[at + 1 :] = []
            known.records = Records._make(column[:at] for column in known.records)
        elif act == "share":
            run.history.fit(value)
        elif act == "restart":
            stored: StoredRun = kept(run)
            run = Run("abc", DESIGN, run.settings, run.history.budget_bytes)
            run.restore(stored)
        rest(run)
        check(run, known)
    go_to(run, round(last * run.history.furthest))
    check(run, known)


def test_the_least_share_holds_the_most_that_a_run_must_remember():
    """Everything at its largest but the snapshots, which may all go: still within the budget."""
    history, state = History(LEAST_SHARE_BYTES), straight(0).state
    for change in range(MOST_CHANGES):
        result = straight(3, replace(SETTINGS, learning_rate=(change + 1) / 1e4), state)
        history.extend(
            state.update, replace(SETTINGS, learning_rate=(change + 1) / 1e4), result.state, result.records
        )
        state = result.state
    for place in range(max(HELD_OUT_POINTS, FALL_ROWS)):
        history.add_report(fake_slice_report(place))
        history.add_fall(FallRow(place, np.zeros(1000, np.float32)))
    assert len(history.table.buckets.update) <= MOST_BUCKETS + 1
    assert history.nbytes <= LEAST_SHARE_BYTES


def fake_slice_report(update):
    from live.fakes import fake_report

    return fake_report(straight(0).state)._replace(update=update)


def test_what_is_counted_is_what_is_allocated():
    """A million updates: Python's own count of the table's memory agrees with ours."""
    import tracemalloc

    piece = Records._make(np.arange(1000) for _ in Records._fields)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    table = RecordTable()
    table.fit(100_000)
    for start in range(0, 1_000_000, 1000):
        table.append(piece._replace(update=piece.update + start + 1))
    took = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert table.buckets.last == 1_000_000
    assert 0.5 * table.nbytes < took < 1.2 * table.nbytes
    assert table.nbytes < 200_000
