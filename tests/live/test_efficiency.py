"""Suggestions of some days as they leave the house, and where the money of one session went."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date
from pathlib import Path

import pytest
from store_batches import MINUTE, NOON, batch, call, key, session, usage

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live import efficiency
from moonlock.live.days import Days, Span
from moonlock.live.efficiency import Asked
from moonlock.model.efficiency_shapes import ChangedShape, HintBasis
from moonlock.model.events import LOST_TOOLS, Event, PromptSent
from moonlock.model.label import Relabel
from moonlock.model.tokens import Tokens
from moonlock.store import Store

OPUS = "claude-opus-4-5"
TODAY = date(2025, 10, 9)


def asked(day: date | None = TODAY) -> Asked:
    return Asked(Days("UTC", UTC, Span(day, day, UTC), NOON), builtin())


def rewritten(name: str, count: int, gap: int = 10, marks: int = 0, model: str = OPUS) -> list[Event]:
    """A context of 100,000 tokens that is written so many times, 0.575 dollars more than reading it each time."""
    tokens = Tokens(10, 100, 100_000, 0, 0)
    return [
        usage(f"{name}{at}", NOON + at * gap * MINUTE, model=model, tokens=tokens, marks=marks if at else 0)
        for at in range(count)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two sessions that waited too long, and one whose tools changed."""
    with closing(Store.write(tmp_path / "moon.db", price_of(builtin()))) as found:
        calls: list[Event] = [
            call("t", NOON, request=key("a0"), outcome="failed", duration=1),
            PromptSent(key("p"), NOON),
        ]
        found.append([batch("a.jsonl", [*rewritten("a", 4), *calls], session("a", "-w-a", cwd="/w/a"))])
        found.append([batch("b.jsonl", rewritten("b", 2), session("b", "-w-b", cwd="/w/b"))])
        found.append([batch("c.jsonl", rewritten("c", 5, 1, LOST_TOOLS), session("c", "-w-c", cwd="/w/c"))])
        yield found


def test_each_suggestion_names_its_sessions_times_and_dollars(store: Store) -> None:
    store.relabel("b", Relabel(name="Login"), NOON)
    told = efficiency.listed(store, asked())
    assert [(one.key, one.times, one.sessions) for one in told.suggestions[:2]] == [
        ("rebuild-changed", 4, 1),
        ("rebuild-idle", 4, 2),
    ]
    idle = told.suggestions[1]
    assert (idle.cost_usd, idle.measure) == (2.3, "wasted")
    assert idle.share == pytest.approx(2.3 / (told.spending.cost_usd or 0), abs=1e-4)
    assert [(one.project, one.name, one.times, one.cost_usd) for one in idle.evidence] == [
        ("a", None, 3, 1.725),
        ("b", "Login", 1, 0.575),
    ]
    assert (idle.evidence[0].first_at, idle.evidence[0].last_at) == (
        "2025-10-09T12:10:00.000Z",
        "2025-10-09T12:30:00.000Z",
    )
    assert (told.since, told.until, told.timezone) == ("2025-10-09", "2025-10-09", "UTC")


def test_the_spending_beside_them_has_every_part(store: Store) -> None:
    told = efficiency.listed(store, asked(None)).spending
    assert {one.cause: (one.times, one.rewritten_tokens) for one in told.rebuilds} == {
        "idle": (4, 400_000),
        "tools": (4, 400_000),
    }
    assert (told.requests, told.sessions, told.prompts, told.cost_per_prompt) == (11, 3, 1, told.cost_usd)
    assert (told.commits, told.cost_per_commit) == (0, None)
    assert (told.tools.calls, told.tools.failed, told.tools.share) == (1, 1, 1.0)
    assert (told.large_context.requests, told.subagents.cost_usd, told.subagents.share) == (11, 0.0, 0.0)
    (mix,) = told.models
    assert mix.cost_usd == mix.list_usd == told.cost_usd and len(mix.instead) >= 3


def test_a_suggestion_is_gone_when_the_days_no_longer_show_it(store: Store) -> None:
    told = efficiency.listed(store, asked(date(2025, 10, 10)))
    assert (told.suggestions, told.spending.cost_usd, told.spending.rebuilds) == ([], 0.0, [])
    assert (told.spending.large_context.share, told.spending.tools.share) == (None, None)


def test_one_suggestion_has_all_its_sessions_and_rebuilds_dearest_first(store: Store) -> None:
    told = efficiency.basis(store, asked(), "rebuild-idle", 3)
    assert told is not None
    assert [one.context_before for one in told.rebuilds] == [100_010] * 3 and told.left_out == 1
    assert {one.gap_ms for one in told.rebuilds} == {10 * MINUTE}
    assert sum(one.wasted_usd or 0 for one in told.rebuilds) == pytest.approx(3 * 0.575)
    assert told.suggestion == efficiency.listed(store, asked()).suggestions[1]
    none = efficiency.basis(store, asked(), "price-cliff", 3)
    assert none is not None and (none.suggestion, none.rebuilds, none.left_out) == (None, [], 0)
    assert efficiency.basis(store, asked(), "no-such-thing", 3) is None


def test_a_list_goes_on_behind_the_last_one_and_begins_anew_where_that_is_gone(store: Store) -> None:
    whole = [one.key for one in efficiency.listed(store, asked()).suggestions]
    first = efficiency.listed(store, asked(), None, 1)
    rest = efficiency.listed(store, asked(), first.next_cursor, 100)
    assert [one.key for one in (*first.suggestions, *rest.suggestions)] == whole and rest.next_cursor is None
    assert [one.key for one in efficiency.listed(store, asked(), "gone", 1).suggestions] == whole[:1]


def test_a_session_has_the_parts_of_its_own(store: Store) -> None:
    known = store.session("a")
    assert known is not None
    told = efficiency.of_session(store, known.uid, builtin())
    assert (told.sessions, told.requests, [one.times for one in told.rebuilds]) == (1, 4, [3])
    assert told.rebuilds[0].wasted_usd == pytest.approx(3 * 0.575)


def failures(name: str, count: int) -> list[Event]:
    """Responses that each ran one command in vain, and before them one that changed a file."""
    tokens = Tokens(10, 100, 0, 0, 0)
    edit = {"name": "Edit", "target": "/w/a/x.py", "outcome": "ok", "duration": 1, "added": 6, "removed": 2}
    told: list[Event] = [call(f"{name}e", NOON, request=key(f"{name}0"), **edit)]
    for at in range(count):
        told.append(usage(f"{name}{at}", NOON + at * MINUTE, model=OPUS, tokens=tokens))
        run = {"target": "pytest", "mark": 7, "outcome": "failed", "duration": 1}
        told.append(call(f"{name}c{at}", NOON + at * MINUTE, request=key(f"{name}{at}"), **run))
    return told


def test_rows_of_failures_are_listed_behind_their_suggestion_dearest_first(store: Store) -> None:
    store.append([batch("d.jsonl", failures("d", 3), session("d", "-w-a", cwd="/w/a"))])
    store.append([batch("e.jsonl", failures("e", 4), session("e", "-w-a", cwd="/w/a"))])
    told = efficiency.basis(store, asked(), "command-repeats", 1)
    assert told is not None and told.suggestion is not None
    assert (told.suggestion.title, told.suggestion.sessions, told.suggestion.times) == (
        "The same command failed again and again: pytest",
        2,
        7,
    )
    each = 0.00255
    assert told.suggestion.cost_usd == pytest.approx(7 * each)
    (row,) = told.repeats
    assert (row.label, row.times, told.left_out) == ("pytest", 4, 1)
    assert row.cost_usd == pytest.approx(4 * each)
    assert (row.first_at, row.last_at) == ("2025-10-09T12:00:00.000Z", "2025-10-09T12:03:00.000Z")
    assert efficiency.basis(store, asked(date(2025, 10, 10)), "command-repeats", 1) == HintBasis(
        schema="moonlock.suggestion/1",
        timezone="UTC",
        since="2025-10-10",
        until="2025-10-10",
        suggestion=None,
        rebuilds=[],
        repeats=[],
        left_out=0,
    )


def test_a_suggestion_about_a_command_is_gone_with_its_success(store: Store) -> None:
    store.append([batch("d.jsonl", failures("d", 2), session("d"))])
    assert "command-repeats" not in [one.key for one in efficiency.listed(store, asked()).suggestions]


def test_all_money_is_divided_by_the_lines_and_files_that_changed(store: Store) -> None:
    store.append([batch("d.jsonl", failures("d", 1), session("d"))])
    spending = efficiency.listed(store, asked()).spending
    assert spending.cost_usd is not None
    assert spending.changed == ChangedShape(
        basis="attributed",
        lines_added=6,
        lines_removed=2,
        cost_per_line=round(spending.cost_usd / 8, 6),
        files_edited=1,
        cost_per_file=spending.cost_usd,
    )


def test_without_a_counted_line_no_cost_of_a_line_is_known(store: Store) -> None:
    changed = efficiency.listed(store, asked()).spending.changed
    assert (changed.lines_added, changed.lines_removed, changed.cost_per_line) == (None, None, None)
    assert (changed.files_edited, changed.cost_per_file) == (0, None)


def test_what_has_no_price_is_unknown_and_not_free(tmp_path: Path) -> None:
    with closing(Store.write(tmp_path / "moon.db", price_of(builtin()))) as store:
        store.append([batch("m.jsonl", rewritten("m", 4, model="mystery"))])
        found = efficiency.listed(store, asked())
    spent = found.spending
    assert (found.suggestions, spent.cost_usd, spent.large_context.cost_usd) == ([], None, None)
    assert [(one.times, one.wasted_usd) for one in spent.rebuilds] == [(3, None)]
    assert [(one.list_usd, one.instead) for one in spent.models] == [(None, [])]
    assert (spent.unpriced_tokens, spent.cost_per_prompt) == (4 * 100_110, None)
