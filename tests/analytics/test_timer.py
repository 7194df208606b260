"""A timer is a function of now: whatever happens to it, its parts add up, and nothing is lost, doubled or negative."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics import jumps, timer
from moonlock.model.instant import HOUR, MINUTE, SECOND
from moonlock.model.timer import Clocks, Jump, Mark

NOON = 1_795_176_000_000
FIVE = 5 * HOUR

Step = tuple[str, int]
"""What happens, and how many milliseconds of true time pass before it (or by how much the clock is set)."""
STEPS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "suspend", "clock"]), st.integers(-2 * HOUR, 2 * HOUR)), max_size=12
)


def lived(steps: Sequence[Step], end: str = "") -> tuple[list[Mark], int, int, int, int]:
    """Marks, true time that passed, how much of it was paused, and the wall clock at the end with how far it is off."""
    marks, true, paused, off, held = [Mark("start", NOON)], 0, 0, 0, None
    for kind, size in steps:
        passed = abs(size)
        true += passed
        if kind == "clock":
            off += size
            marks.append(Mark("clock", NOON + true + off, size))
            continue
        if kind == "pause" and held is None:
            held = true
        elif kind == "resume" and held is not None:
            paused, held = paused + true - held, None
        elif kind != "suspend":
            continue
        marks.append(Mark(kind, NOON + true + off, passed))  # type: ignore[arg-type]
    if held is not None:
        paused += true - held
    if end:
        marks.append(Mark(end, NOON + true + off))  # type: ignore[arg-type]
    return marks, true, paused, NOON + true + off, off


@given(STEPS)
def test_what_has_run_and_what_was_paused_make_all_the_time_that_passed_however_the_clock_was_set(
    steps: list[Step],
) -> None:
    marks, true, paused, wall, _ = lived(steps)
    found = timer.read(timer.fold(marks), 100 * FIVE, wall)
    assert (found.elapsed, found.paused) == (true - paused, paused)


@given(STEPS, st.integers(0, 3 * FIVE), st.integers(0, 3 * FIVE))
def test_it_never_runs_backwards_and_never_longer_than_it_may(steps: list[Step], early: int, more: int) -> None:
    marks, _, _, wall, _ = lived(steps)
    course = timer.fold(marks)
    first, second = timer.read(course, FIVE, wall + early), timer.read(course, FIVE, wall + early + more)
    assert 0 <= first.elapsed <= second.elapsed
    for found in (first, second):
        assert found.elapsed == FIVE if found.state == "expired" else found.elapsed < FIVE or found.state == "paused"


@given(STEPS, st.integers(0, FIVE))
def test_while_it_runs_its_end_is_as_far_away_as_what_remains(steps: list[Step], later: int) -> None:
    marks, _, _, wall, _ = lived(steps)
    found = timer.read(timer.fold(marks), 100 * FIVE, wall + later)
    if found.state == "running":
        assert found.ends_at == wall + later + 100 * FIVE - found.elapsed
    else:
        assert found.ends_at is None


@given(STEPS, st.integers(0, FIVE))
def test_once_over_it_stands_still(steps: list[Step], later: int) -> None:
    marks, true, paused, wall, _ = lived(steps, "complete")
    found = timer.read(timer.fold(marks), 100 * FIVE, wall + later)
    assert (found.state, found.elapsed, found.paused) == ("completed", true - paused, paused)
    assert found.ended_at == wall


@given(STEPS)
def test_the_spans_in_which_it_ran_lie_apart_and_in_order(steps: list[Step]) -> None:
    marks, _, _, wall, _ = lived(steps)
    spans = timer.spans(timer.fold(marks), wall)
    assert all(end is not None and start < end for start, end in spans)
    assert all((before[1] or 0) < after[0] for before, after in pairwise(spans))


@given(STEPS.map(lambda steps: [step for step in steps if step[0] != "clock"]))
def test_with_a_true_clock_the_spans_are_as_long_as_it_ran(steps: list[Step]) -> None:
    marks, true, paused, wall, _ = lived(steps)
    assert sum((end or 0) - start for start, end in timer.spans(timer.fold(marks), wall)) == true - paused


def test_it_runs_out_at_the_very_moment_whenever_somebody_looks() -> None:
    course = timer.fold([Mark("start", NOON), Mark("pause", NOON + HOUR), Mark("resume", NOON + 2 * HOUR)])
    end = NOON + HOUR + FIVE
    assert timer.read(course, FIVE, end - 1).state == "running"
    for late in (0, 1, SECOND, 30 * HOUR):
        found = timer.read(course, FIVE, end + late)
        assert (found.state, found.elapsed, found.ended_at) == ("expired", FIVE, end)


def test_an_end_that_was_noticed_late_is_where_it_was() -> None:
    """The machine slept over it: the mark of the sleep comes first, and is later."""
    marks = [Mark("start", NOON), Mark("suspend", NOON + 9 * HOUR, 8 * HOUR), Mark("expire", NOON + FIVE)]
    found = timer.read(timer.fold(marks), FIVE, NOON + 10 * HOUR)
    assert (found.state, found.elapsed, found.ended_at) == ("expired", FIVE, NOON + FIVE)
    assert timer.spans(timer.fold(marks)) == ((NOON, NOON + FIVE),)


def test_a_paused_timer_does_not_run_out() -> None:
    course = timer.fold([Mark("start", NOON), Mark("pause", NOON + MINUTE)])
    found = timer.read(course, FIVE, NOON + 48 * HOUR)
    assert (found.state, found.elapsed) == ("paused", MINUTE)


def test_an_hour_that_the_clock_was_set_back_over_is_not_gathered_twice() -> None:
    marks = [Mark("start", NOON), Mark("clock", NOON + HOUR, -HOUR), Mark("complete", NOON + 90 * MINUTE)]
    course = timer.fold(marks)
    assert timer.spans(course) == ((NOON, NOON + 2 * HOUR),)
    assert timer.read(course, FIVE, NOON + 9 * HOUR).elapsed == 150 * MINUTE


def test_marks_that_do_not_fit_change_nothing() -> None:
    marks = [Mark("start", NOON), Mark("resume", NOON + 1), Mark("pause", NOON + 2), Mark("pause", NOON + 3)]
    ended = [*marks, Mark("complete", NOON + 4)]
    assert timer.read(timer.fold(marks), FIVE, NOON + 9).elapsed == 2
    assert timer.fold([*ended, Mark("pause", NOON + 5)]).state == "completed"


def test_jumps_are_told_in_their_order() -> None:
    marks = [Mark("start", NOON), Mark("suspend", NOON + 5, 4_000), Mark("clock", NOON + 9, -3_600_000)]
    assert timer.jumps(marks) == (Jump("suspend", NOON + 5, 4_000), Jump("clock", NOON + 9, -3_600_000))


def test_a_sleep_and_a_clock_that_was_set_are_told_apart() -> None:
    start = Clocks(NOON, 1_000, 500_000)
    slept = Clocks(NOON + 70_000, 11_000, 570_000)
    after, found = jumps.add(start, slept)
    assert found == (Jump("suspend", NOON + 70_000, 60_000),)
    stepped = Clocks(NOON + HOUR + 80_000, 21_000, 580_000)
    after, found = jumps.add(after, stepped)
    assert found == (Jump("clock", NOON + HOUR + 80_000, HOUR),)
    assert jumps.add(after, stepped) == (after, ())


def test_both_at_once_are_two_jumps() -> None:
    _, found = jumps.add(Clocks(0, 0, 0), Clocks(HOUR + 60_000, 0, 60_000))
    assert [(jump.kind, jump.by) for jump in found] == [("suspend", 60_000), ("clock", HOUR)]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(-1_900, 1_900), st.integers(0, 10_000)), max_size=30))
def test_many_small_steps_are_noticed_together_and_never_more_is_told_than_happened(
    steps: list[tuple[int, int, int]],
) -> None:
    anchor, wall, awake, boot = Clocks(0, 0, 0), 0, 0, 0
    told = {"suspend": 0, "clock": 0}
    slept = stepped = 0
    for sleep, step, passed in steps:
        wall, awake, boot = wall + passed + sleep + step, awake + passed, boot + passed + sleep
        slept, stepped = slept + sleep, stepped + step
        anchor, found = jumps.add(anchor, Clocks(wall, awake, boot))
        for jump in found:
            told[jump.kind] += jump.by
        assert abs(slept - told["suspend"]) <= jumps.SLEPT
        assert abs(stepped - told["clock"]) <= jumps.STEPPED


def test_how_long_it_had_run_by_a_moment_leaves_out_pauses_and_steps_of_the_clock() -> None:
    marks = [
        Mark("start", 0),
        Mark("pause", 100),
        Mark("resume", 150),
        Mark("clock", 1_300, 1_000),
        Mark("pause", 1_400),
    ]
    known = {-5: 0, 0: 0, 60: 60, 120: 100, 160: 110, 299: 249, 1_300: 250, 1_350: 300, 9_000: 350}
    assert {at: timer.elapsed_by(marks, 10_000, at) for at in known} == known
    assert timer.elapsed_by(marks, 200, 9_000) == 200
