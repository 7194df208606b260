"""How contexts grow: folded from news it is what the store tells, and listeners hear of each step once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import MINUTE, NOON, batch, priced, session, usage

from moonlock.live.context_report import context_report, fill
from moonlock.live.contextnews import ContextNews
from moonlock.live.contexts import Contexts, recalled
from moonlock.live.known import recall
from moonlock.live.shapes import Setting, session_shape
from moonlock.live.state import State
from moonlock.model.chronicle import Billed
from moonlock.model.context_shapes import FillShape
from moonlock.model.events import Compaction, Event
from moonlock.model.session import Session, SessionKey, SessionSeen, Tail
from moonlock.model.shapes import SessionShape
from moonlock.model.statusline import StatusSample, WindowSeen
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.wire import ContextUpdate, Frame
from moonlock.store import Store

HAIKU = "claude-haiku-4-5"
KEY = SessionKey("claude-code", "-home-ann-app", "s")


def response(number: int, prompt: int, agent_id: str = "") -> Event:
    at = NOON + number * MINUTE
    return usage(f"m{number}", at, model=HAIKU, tokens=Tokens(prompt), agent_id=agent_id, sidechain=bool(agent_id))


def seen(number: int, prompt: int) -> SessionSeen:
    at = NOON + number * MINUTE
    tail = Tail(at, "answered", context=prompt, context_at=at, model=HAIKU, largest_prompt=prompt)
    return session("s", first_at=NOON, last_at=at, tail=tail)


def compaction(number: int, before: int) -> Event:
    return Compaction(number, NOON + number * MINUTE + 1, "auto", before, 10)


STEPS = st.lists(st.tuples(st.sampled_from(("own", "helper", "compaction")), st.integers(0, 190_000)), max_size=12)


@settings(max_examples=20, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_what_is_folded_is_what_the_store_tells(steps: list[tuple[str, int]], together: int) -> None:
    made = {
        "own": lambda number, tokens: response(number, tokens),
        "helper": lambda number, tokens: response(number, tokens, "h"),
        "compaction": compaction,
    }
    events = [made[kind](number, tokens) for number, (kind, tokens) in enumerate(steps, 1)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        folded, later = Contexts({}), NOON + 20 * MINUTE
        for start in range(0, len(events), together):
            part = events[start : start + together]
            folded.apply(store.append([batch("s.jsonl", part, seen(start, 5), offset=start + 1)]))
        known = {one.uid: one for one in store.sessions()}
        begun = Contexts({})
        begun.begin(recalled(store, known, later))
        store.close()
    for one in known.values():
        assert (begun.of(one), begun.helpers(one)) == (folded.of(one), folded.helpers(one))


def test_a_picture_has_the_context_of_the_session_and_of_its_helpers(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    events = [response(number, 100_000 + 1_000 * number) for number in range(5)]
    events += [response(number, 20_000, "h") for number in range(5, 9)]
    store.append([batch("s.jsonl", events, seen(4, 104_000))])
    now = NOON + 9 * MINUTE
    state = State(recall(store, now, UTC), {})
    store.close()
    (told,) = (state.shape(one, now) for one in state.live(now))
    assert told.context is not None and told.context.turns is not None
    assert (told.context.used, told.context.compacts_at, told.context.turns.expected) == (104_000, 167_000, 63)
    assert told.context.advice is not None and "in about 63 turns" in told.context.advice
    (helper,) = told.subagents
    assert helper.context is not None and (helper.context.used, helper.context.turns) == (20_000, None)


def test_a_statusline_tells_the_size_where_nothing_better_does() -> None:
    contexts = Contexts({})
    one = known(Tail(context=50_000, model="glm-4.6"))
    for size, limit in ((128_000, 128_000), (None, 128_000), (7, 128_000), (90_000, 90_000)):
        contexts.hear(StatusSample(at=NOON, key=KEY, context=WindowSeen(size, None, None)))
        found = contexts.of(one)
        assert found is not None and (found.limit, found.source) == (limit, "official")
    contexts.hear(StatusSample(at=NOON - 1, key=KEY, context=WindowSeen(150_000, None, None)))
    contexts.hear(StatusSample(at=NOON, key=KEY))
    found = contexts.of(one)
    assert found is not None and found.limit == 90_000


def test_of_many_statuslines_the_newest_are_remembered() -> None:
    contexts = Contexts({})
    for number in range(1_001):
        sample = StatusSample(
            at=NOON, key=SessionKey("claude-code", "", str(number)), context=WindowSeen(90_000, None, None)
        )
        contexts.hear(sample)
    found = contexts.of(known(Tail(context=5, model="glm-4.6"), "0")), contexts.of(known(Tail(context=5), "1000"))
    assert [one.limit for one in found if one is not None] == [200_000, 90_000]


def known(tail: Tail, native_id: str = "s") -> Session:
    key = SessionKey("claude-code", "-home-ann-app", native_id)
    return Session("s", key, "", "app", "/app", "", "", NOON, NOON, HAIKU, tail, Usage(), Usage())


def full(used: int) -> SessionShape:
    return session_shape(known(Tail(at=NOON, context=used, model=HAIKU)), Setting(NOON, {}))


def told(frames: Iterable[Frame]) -> list[str]:
    return [str(frame.__struct_config__.tag).partition(":")[2] for frame in frames]


def test_listeners_hear_of_each_percent_and_of_each_level_once() -> None:
    news = ContextNews([full(50_000)])
    assert told(news.of(full(50_000), NOON)) == []
    assert told(news.of(full(50_010), NOON)) == []
    assert told(news.of(full(52_000), NOON)) == ["update"]
    assert told(news.of(full(120_000), NOON)) == ["update", "warning"]
    assert told(news.of(full(117_000), NOON)) == ["update"]
    assert told(news.of(full(135_000), NOON)) == ["update", "warning"]
    assert told(news.of(full(120_000), NOON)) == ["update"]
    assert told(news.of(full(135_000), NOON)) == ["update"]  # it was said
    assert told(news.of(full(165_000), NOON)) == ["update", "warning"]
    assert told(news.of(full(10_000), NOON)) == ["update"]  # compacted: it may be said again
    assert told(news.of(full(165_000), NOON)) == ["update", "warning"]
    news.forget("s")
    assert told(news.of(full(10_000), NOON)) == ["update"]
    (frame,) = news.of(full(12_000), NOON)
    assert isinstance(frame, ContextUpdate) and (frame.data.subagent, frame.data.context.used) == (None, 12_000)


def billed(at: int, prompt: int, output: int = 0, agent_id: str = "") -> Billed:
    return Billed(at, at, at, HAIKU, Tokens(prompt, output), 1, agent_id)


def test_what_fills_a_context_adds_up() -> None:
    assert fill([], []) is None
    grown = [billed(1, 20_000, 500), billed(2, 24_000, 1_000), billed(3, 30_000, 9)]
    assert fill(grown, []) == FillShape(beginning=20_000, summary=0, answers=1_500, results=8_500)
    event = Compaction(1, 4, "auto", 30_000, 5)
    again = [*grown, billed(5, 26_000, 700), billed(6, 29_000, 3)]
    assert fill(again, [event]) == FillShape(beginning=20_000, summary=6_000, answers=700, results=2_300)
    silent = Compaction(1, 4, "auto", 30_000)
    assert fill(grown, [silent]) == fill(grown, [])
    told = Compaction(1, 4, "auto", 30_000, tokens_after=22_000)
    assert fill(grown, [told]) == FillShape(beginning=20_000, summary=2_000, answers=0, results=0)
    assert fill(again, [told]) == fill(again, [event])
    wound_back = [*grown, billed(7, 8_000, 3)]
    assert fill(wound_back, []) == FillShape(beginning=8_000, summary=0, answers=0, results=0)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=9), st.integers(0, 9))
def test_no_part_of_a_context_is_negative(each: list[tuple[int, int]], compacted: int) -> None:
    found = fill([billed(at, *one) for at, one in enumerate(each)], [Compaction(1, compacted, "auto")])
    assert found is not None
    parts = found.beginning, found.summary, found.answers, found.results
    assert min(parts) >= 0 and sum(parts) == each[-1][0]


def test_a_report_has_the_peak_and_compactions_beside_what_was_measured(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    events = [response(0, 150_000), response(1, 166_000), compaction(1, 167_500), response(2, 30_000)]
    events += [response(3, 40_000, "h")]
    store.append([batch("s.jsonl", events, seen(2, 30_000))])
    (one,) = store.sessions()
    report = context_report(store, session_shape(one, Setting(NOON, {})), lambda model: {})
    store.close()
    (event,) = report.compactions
    assert (event.tokens_before, event.measured_before, event.tokens_after) == (167_500, 166_000, 10)
    assert report.peak == 166_000 and report.context is not None and report.context.used == 30_000
    (helper,) = report.subagents
    assert (helper.id, helper.model, helper.context.used) == ("h", HAIKU, 40_000)
