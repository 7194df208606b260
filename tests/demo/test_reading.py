"""The demo as the real source reads it and the real store keeps it: nothing skipped, everything there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.analytics.sessions import is_live, status
from moonlock.live.catchup import sync
from moonlock.model.events import (
    AgentError,
    Compaction,
    LimitHit,
    ObjectiveSet,
    PromptSent,
    PullRequestOpened,
)
from moonlock.model.instant import DAY
from moonlock.model.session import Session
from moonlock.sources import ALL
from moonlock.sources.demo import Demo, append, demo
from moonlock.store import Store

NOW = 1_795_161_600_000


@pytest.fixture(scope="module")
def read() -> Iterator[tuple[Demo, Store]]:
    """A demo whose history was read into its own store."""
    with demo(7, NOW, 1.0) as made:
        store = Store.write(made.store, price_of(builtin()), NOW)
        try:
            report = sync(store, ALL, {}, made.home)
            assert report.troubles == ()
            yield made, store
        finally:
            store.close()


def live(store: Store, now: int = NOW) -> list[Session]:
    return [session for session in store.sessions(now - DAY) if is_live(session, now)]


def test_no_line_is_skipped_mended_or_pending(read: tuple[Demo, Store]) -> None:
    reading = read[1].reading()
    assert (reading.skipped, reading.repaired, reading.pending_tail) == (0, 0, 0)
    assert reading.records > 5_000
    assert reading.duplicates > 1_000  # the further lines of one response
    assert reading.understated_output == 0


def test_every_model_of_the_demo_has_a_price(read: tuple[Demo, Store]) -> None:
    totals = read[1].totals().usage
    assert read[1].reading().unpriced_models == ()
    assert totals.unpriced_requests == 0
    assert totals.cost > 20_000_000


def test_there_is_usage_on_most_days_of_a_month(read: tuple[Demo, Store]) -> None:
    rows = read[1].daily(((0, 0),))
    assert 20 <= len(rows) <= 31
    assert rows[-1].key == "2026-11-20"


def test_every_kind_of_event_is_found(read: tuple[Demo, Store]) -> None:
    store = read[1]
    kinds: Counter[type] = Counter()
    for session in store.sessions(None, 1_000):
        kinds.update(map(type, store.events(session.uid)))
    for kind in (AgentError, Compaction, LimitHit, ObjectiveSet, PromptSent, PullRequestOpened):
        assert kinds[kind], kind


def test_tools_have_results_and_some_fail(read: tuple[Demo, Store]) -> None:
    store = read[1]
    uses = [use for session in store.sessions(None, 1_000) for use in store.tools(session.uid)]
    assert {"Bash", "Read", "Edit", "Agent", "TaskCreate", "TodoWrite", "AskUserQuestion"} <= {use.name for use in uses}
    assert sum(use.failed for use in uses) > 50


def test_the_people_of_now_are_in_different_states(read: tuple[Demo, Store]) -> None:
    found = live(read[1])
    states = Counter(status(session, NOW).status for session in found)
    assert 4 <= len(found) <= 12
    assert states["running"] >= 2 and states["waiting"] >= 1 and states["limited"] == 1
    asked = [session for session in found if any(tool.name == "AskUserQuestion" for tool in session.tail.pending)]
    assert len(asked) == 1


def test_sessions_have_titles_projects_branches_and_helpers(read: tuple[Demo, Store]) -> None:
    found = live(read[1])
    assert all(session.title and session.branch and session.model for session in found)
    assert {"atlas-api", "harbor-web", "lumen-cli", "tidepool", "paper-crane"} <= {session.project for session in found}
    assert any(session.agents and session.subagents.tokens.total for session in found)


def test_sub_agents_have_titles_and_kinds_and_some_are_called_by_others(read: tuple[Demo, Store]) -> None:
    agents = [agent for session in read[1].sessions(None, 1_000) for agent in session.agents]
    assert len(agents) > 20 and all(agent.title and agent.kind for agent in agents)
    assert any(agent.parent for agent in agents)
    assert sum(agent.state == "completed" for agent in agents) > 20


def test_objectives_have_names_and_move_on(read: tuple[Demo, Store]) -> None:
    store = read[1]
    aims = [aim for session in live(store) for aim in store.objectives(session.uid)]
    assert all(aim.title for aim in aims)
    assert {"completed", "in_progress", "pending"} <= {aim.state for aim in aims}


def test_the_limit_says_when_it_ends(read: tuple[Demo, Store]) -> None:
    newest = read[1].limits(NOW - DAY)[-1]
    assert newest.resets_at is not None and newest.resets_at > NOW
    assert newest.kind == "model"


def test_the_context_of_the_small_model_comes_near_its_end_and_is_compacted(read: tuple[Demo, Store]) -> None:
    store = read[1]
    happenings = [event for session in store.sessions(None, 1_000) for event in store.events(session.uid)]
    found = [event for event in happenings if isinstance(event, Compaction)]
    assert found and all(150_000 < (event.tokens_before or 0) < 200_000 for event in found)


def test_what_is_written_on_is_read_on(read: tuple[Demo, Store], tmp_path: Path) -> None:
    with demo(7, NOW, 1.0) as made:
        store = Store.write(tmp_path / "m.db", price_of(builtin()), NOW)
        try:
            sync(store, ALL, {}, made.home)
            before = store.totals().usage
            for _, step in zip(range(400), made.steps, strict=False):
                append(made.home / step.path, step.data)
            sync(store, ALL, {}, made.home)
            assert store.totals().usage.requests > before.requests + 50
            assert store.reading().skipped == 0
        finally:
            store.close()
