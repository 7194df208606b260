"""Objectives: what each used, where several share the time, and what stands for them where none was named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.aims import Spent, Stretch, counted, outcomes, parted, spent, trust
from moonlock.analytics.timeline import Sums
from moonlock.model.chronicle import Billed
from moonlock.model.events import Committed, ObjectiveSet, PromptSent, PullRequestOpened
from moonlock.model.tokens import Tokens, Usage


def billed(at: int, output: int = 10) -> Billed:
    return Billed(at, at, at, "opus", Tokens(output=output), output)


def used(output: int, requests: int) -> Usage:
    return Usage(Tokens(output=output), requests, output)


def test_one_at_a_time_has_all_that_was_used_meanwhile() -> None:
    sums = Sums([billed(at) for at in range(0, 100, 10)])
    found = spent({"a": [(0, 30)], "b": [(30, 50), (70, None)]}, sums)
    assert found == {"a": Spent(used(30, 3), 30, 0), "b": Spent(used(50, 5), 40, 0)}


def test_shared_time_is_split_and_said() -> None:
    sums = Sums([billed(0), billed(10, 11), billed(20)])
    found = spent({"a": [(0, 20)], "b": [(10, None)]}, sums)
    assert found["a"] == Spent(used(10 + 6, 1 + 1), 20, 10)
    assert found["b"] == Spent(used(5 + 10, 0 + 1), 10, 10)


def test_what_never_began_or_ended_before_it_began_used_nothing() -> None:
    sums = Sums([billed(0), billed(10)])
    assert spent({"a": [], "b": [(10, 5)]}, sums) == {"a": Spent(), "b": Spent()}
    assert spent({}, sums) == {}


MOMENTS = st.integers(0, 60)
STRETCHES = st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=3)


@given(st.lists(st.tuples(MOMENTS, st.integers(0, 99)), max_size=12), st.lists(STRETCHES, max_size=4))
def test_the_parts_add_up_to_what_was_used_while_any_was_in_progress(
    requests: list[tuple[int, int]], each: list[list[Stretch]]
) -> None:
    found = spent({str(n): one for n, one in enumerate(each)}, Sums([billed(at, out) for at, out in requests]))
    covered = [out for at, out in requests if any(s <= at < (99 if e is None else e) for one in each for s, e in one)]
    assert sum((one.usage for one in found.values()), Usage()) == used(sum(covered), len(covered))


@given(st.integers(0, 10**9), st.integers(1, 9))
def test_parts_are_whole_and_even(cost: int, count: int) -> None:
    parts = parted(Usage(Tokens(cost, cost + 1, cost, 3, cost), 5, cost), count)
    assert sum(parts, Usage()) == Usage(Tokens(cost, cost + 1, cost, 3, cost), 5, cost) and len(parts) == count
    assert max(one.cost for one in parts) - min(one.cost for one in parts) < count


def test_words_are_trusted_from_task_lists_over_plans_goals_and_sub_agents_to_commits() -> None:
    sources = ("TodoWrite", "TaskUpdate", "ExitPlanMode", "goal", "Agent", "Task", "commit")
    assert [trust(source) for source in sources] == [1, 1, 2, 3, 4, 4, 5]


def test_what_sub_agents_were_called_for_counts_only_where_nothing_else_was_named() -> None:
    goal, brief, gone = (
        ObjectiveSet(1, 1, source, source, state, source)  # type: ignore[arg-type]
        for source, state in (("goal", "in_progress"), ("Agent", "completed"), ("TodoWrite", "deleted"))
    )
    assert counted([goal, brief, gone]) == [goal]
    assert counted([brief, gone]) == [brief]
    assert counted([gone]) == []


def test_a_session_that_named_nothing_is_told_by_what_it_led_to() -> None:
    told = outcomes(
        [PromptSent(1, 5), Committed(2, 10, "abcdef0123"), PullRequestOpened(3, 30, 7, "o/r"), Committed(4, 40, "")]
    )
    assert [[(one.at, one.title, one.state, one.source) for one in each] for each in told] == [
        [(5, "commit abcdef0", "in_progress", "commit"), (10, "commit abcdef0", "completed", "commit")],
        [
            (10, "pull request #7", "in_progress", "pull-request"),
            (30, "pull request #7", "completed", "pull-request"),
        ],
        [(30, "commit", "in_progress", "commit"), (40, "commit", "completed", "commit")],
    ]
    assert outcomes([PromptSent(1, 5)]) == []
