"""Exports and imports: what one store tells, another takes in whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.live.catchup import sync
from moonlock.live.portable import COLUMNS, Origin, export, lines_of, table, take_in
from moonlock.model.events import (
    AgentError,
    Compaction,
    Event,
    LimitHit,
    ObjectiveSet,
    PromptSent,
    PullRequestOpened,
    ToolEnded,
)
from moonlock.model.label import Relabel
from moonlock.model.portable import LONGEST
from moonlock.model.question import Question
from moonlock.model.reading import Counts, Damage
from moonlock.model.seeds import Seed
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.errors import UnfitImport

ORIGIN = Origin("0.1.0", NOON)
REPORTS = ("daily", "session", "model", "project", "branch", "tool", "agent")
HAPPENED: list[Event] = [
    PromptSent(key("p"), NOON),
    Compaction(key("k"), NOON + 1, "auto", 150_000, None, 900),
    LimitHit(key("l"), NOON + 2, "session", NOON + HOUR),
    AgentError(key("e"), NOON + 3, "overloaded", 529, True),
    ObjectiveSet(key("o"), NOON + 4, "1", "Mend the door", "in_progress", "TaskCreate"),
    PullRequestOpened(key("pr"), NOON + 5, 7, "ann/app"),
    ToolEnded(key("early"), NOON + 6, "denied"),
    ToolEnded(key("counted"), NOON + 7, "ok", 12, 3),
]


def filled(store: Store) -> Store:
    """A little of everything that a store can hold."""
    main: list[Event] = [
        usage("m1", branch="main", skill="review"),
        usage("m2", NOON + HOUR, 7, recorded=1234, searches=2, marks=1),
        call("c1", target="git push", mark=-9),
    ]
    main += [
        call("c2", NOON + 9, duration=250, outcome="failed", request=key("m1"), target="/w/app.py", added=4, removed=0)
    ]
    main += HAPPENED
    aside = [
        usage("m3", NOON + 2 * HOUR, agent_id="x", sidechain=True),
        usage("m1", NOON + MINUTE, agent_id="x", sidechain=True, request="other"),  # context that was handed on
        usage("g1", NOON + DAY, aliases=(5, 9), model="mystery"),
    ]
    first = session("s1", cwd="/home/ann/app", branch="main", title="Mend", title_source="agent", last_at=NOON + HOUR)
    helper = session("s1", agent_id="x", first_at=NOON + MINUTE, last_at=NOON + 3 * HOUR, branch="main")
    damage = (Damage(10, 5, "cut", 1),)
    store.append(
        [
            batch("s1.jsonl", main, first, counts=Counts(30, 9, 0, 1, 1), damage=damage, born=NOON - DAY),
            batch("s1/x.jsonl", aside, helper, tail_pending=True),
            batch("s2.jsonl", [usage("m4", NOON + 2 * DAY)], session("s2", folder="-home-ann-web")),
            batch("empty.jsonl", [], session("s9"), offset=0),
        ]
    )
    store.relabel("s1", Relabel(name="Door", description="of the house", tags=("night", "wood")), NOON)
    store.relabel("s2", Relabel(hidden=True), NOON + 1)
    store.seed([Seed("claude-code", "2025-01-01", "opus", 99, 3)], NOON)
    store.gone(["s1/x.jsonl"])
    return store


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """New stores, as many as a test needs."""
    made: list[Store] = []

    def new() -> Store:
        made.append(Store.write(tmp_path / str(len(made)) / "moon.db", priced))
        return made[-1]

    yield new
    for store in made:
        store.close()


def exported(store: Store, said: str | None = None) -> bytes:
    into = io.BytesIO()
    assert export(store, into, ORIGIN, said) is not None
    return into.getvalue()


def told(store: Store) -> list[object]:
    """What all reports say, and what is known of each session."""
    reports = [store.rows(Question(name, now=NOON)) for name in REPORTS]
    sessions = [(one, store.events(one.uid), store.tools(one.uid)) for one in store.sessions()]
    return [[(each.rows, each.totals, each.reading, each.extra) for each in reports], sessions, store.hidden_sessions()]


def signed(*lines: object) -> bytes:
    """Lines with the right end."""
    counts: dict[str, int] = {}
    for line in lines[1:]:
        assert isinstance(line, dict)
        counts[line["type"]] = counts.get(line["type"], 0) + 1
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return body + json.dumps({"type": "end", "counts": counts, "sha256": sha256(body).hexdigest()}).encode() + b"\n"


def parsed(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.splitlines()]


def test_another_store_says_the_same_after_an_import(opened: Callable[[], Store]) -> None:
    here, there = filled(opened()), opened()
    data = exported(here)
    done = take_in(there, io.BytesIO(data), NOON)
    assert (done.sessions, done.requests, done.tools, done.events, done.labels) == (2, 6, 2, 6, 2)
    assert told(there) == told(here)
    assert there.cursors() == here.cursors()
    assert there.damage() == here.damage()
    assert exported(there) == data


def test_a_second_import_changes_nothing(opened: Callable[[], Store]) -> None:
    here, there = filled(opened()), opened()
    data = exported(here)
    take_in(there, io.BytesIO(data), NOON)
    for store in (here, there):
        again = take_in(store, io.BytesIO(data), NOON + DAY)
        assert (again.sessions, again.requests, again.tools, again.events, again.labels) == (0, 0, 0, 0, 0)
        assert exported(store) == data


def test_the_logs_that_were_exported_are_not_counted_again_when_they_are_read(opened: Callable[[], Store]) -> None:
    there = opened()
    take_in(there, io.BytesIO(exported(filled(opened()))), NOON)
    before = told(there)
    filled(there)
    assert told(there)[0] == before[0]


def test_what_both_know_is_merged_and_what_is_here_stays(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    here.append([batch("a.jsonl", [usage("m1", output=500), usage("m2")], session("a"))])
    there.append([batch("a.jsonl", [usage("m1", output=100), usage("m3")], session("a"), offset=70)])
    there.append([batch("b.jsonl", [usage("m4")], session("b"))])
    take_in(there, io.BytesIO(exported(here)), NOON)
    assert there.totals().usage.requests == 4
    assert there.totals().usage.tokens.output == 500 + 100 + 100 + 100
    assert there.cursor("a.jsonl").offset == 70  # what it says after that is read from the log itself


def test_prices_are_those_of_the_store_that_takes_in(tmp_path: Path, opened: Callable[[], Store]) -> None:
    data = exported(filled(opened()))
    dear = Store.write(tmp_path / "dear.db", lambda event: 10 * (priced(event) or 0))
    take_in(dear, io.BytesIO(data), NOON)
    costs = {line["key"]: line.get("costUsd", 0) for line in parsed(exported(dear)) if line.get("type") == "request"}
    before = {line["key"]: line.get("costUsd", 0) for line in parsed(data) if line.get("type") == "request"}
    assert costs == {name: round(10 * float(str(cost)), 6) for name, cost in before.items()}
    dear.close()


@pytest.mark.parametrize(("here_at", "there_at", "kept"), [(1, 2, "there"), (2, 1, "here"), (1, 1, "there")])
def test_the_newer_words_for_a_session_count(
    here_at: int, there_at: int, kept: str, opened: Callable[[], Store]
) -> None:
    stores = {"here": opened(), "there": opened()}
    for name, at in (("here", here_at), ("there", there_at)):
        stores[name].append([batch("a.jsonl", [usage("m1")], session("a"))])
        stores[name].relabel("a", Relabel(name=name, tags=(name,)), NOON + at)
    take_in(stores["there"], io.BytesIO(exported(stores["here"])), NOON)
    found = stores["there"].session("a")
    assert found is not None and (found.label.name, found.label.tags) == (kept, (kept,))


def test_a_name_that_another_session_has_here_is_left_out_and_told(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    here.append([batch("a.jsonl", [usage("m1")], session("a"))])
    here.relabel("a", Relabel(name="Door", tags=("wood",)), NOON)
    there.append([batch("b.jsonl", [usage("m2")], session("b"))])
    there.relabel("b", Relabel(name="door"), NOON)
    done = take_in(there, io.BytesIO(exported(here)), NOON)
    assert done.names_left_out == ("Door",)
    found = there.session("a")
    assert found is not None and (found.label.name, found.label.tags) == ("", ("wood",))


def test_a_hidden_session_stays_hidden(opened: Callable[[], Store]) -> None:
    there = opened()
    take_in(there, io.BytesIO(exported(filled(opened()))), NOON)
    assert [one.key.native_id for one in there.hidden_sessions()] == ["s2"]


def test_one_session_is_exported_with_all_that_is_its_own(opened: Callable[[], Store]) -> None:
    here, there = filled(opened()), opened()
    data = exported(here, "Door")
    header, *lines, end = parsed(data)
    assert header["scope"] == "session"
    assert {str(line["type"]) for line in lines} == {"session", "file", "chain", "request", "tool", "event", "label"}
    assert end["counts"] == {"session": 1, "file": 2, "chain": 3, "request": 4, "tool": 2, "event": 6, "label": 1}
    done = take_in(there, io.BytesIO(data), NOON, "session")
    assert (done.sessions, done.requests) == (1, 4)
    mine, theirs = here.session("Door"), there.session("Door")
    assert mine is not None and theirs is not None
    assert (theirs.usage, theirs.subagents, theirs.label, theirs.title) == (
        *(mine.usage, mine.subagents, mine.label, mine.title),
    )
    assert there.cursor("s1.jsonl").offset == 0  # the log is read from its start: it may hold more than this session
    filled(there)
    assert told(there)[1] == told(here)[1]


def test_a_session_that_is_not_there_is_not_exported(opened: Callable[[], Store]) -> None:
    store, into = filled(opened()), io.BytesIO()
    assert export(store, into, ORIGIN, "nobody") is None
    assert table(store, into, "nobody", NOON) is None
    assert into.getvalue() == b""


def test_the_table_of_a_session_has_its_requests_and_no_formula(opened: Callable[[], Store]) -> None:
    store, into = opened(), io.BytesIO()
    events = [usage("m2", NOON + 1, branch="=cmd()"), usage("m1", branch="-1"), usage("m3", NOON + 2, model="mystery")]
    store.append([batch("a.jsonl", events, session("a"))])
    assert table(store, into, "a", NOON) == {"request": 3}
    head, *rows = csv.reader(io.StringIO(into.getvalue().decode()))
    assert tuple(head) == COLUMNS
    assert [(row[0], row[3], row[10], row[11]) for row in rows] == [
        ("2025-10-09T12:00:00.000Z", "'-1", "6110", "0.00611"),
        ("2025-10-09T12:00:00.001Z", "'=cmd()", "6110", "0.00611"),
        ("2025-10-09T12:00:00.002Z", "", "6110", ""),
    ]


def test_nothing_of_an_export_is_a_prompt_or_an_answer(opened: Callable[[], Store]) -> None:
    prompts = [line for line in parsed(exported(filled(opened()))) if line.get("kind") == "prompt"]
    assert prompts == [
        {
            "type": "event",
            "key": f"{key('p') % (1 << 64):016x}",
            "session": prompts[0]["session"],
            "file": 1,
            "at": "2025-10-09T12:00:00.000Z",
            "kind": "prompt",
        }
    ]


def refused(store: Store, data: bytes, scope: str | None = None) -> UnfitImport:
    before = exported(store)
    with pytest.raises(UnfitImport) as wrong:
        take_in(store, io.BytesIO(data), NOON, scope)
    assert exported(store) == before
    assert "Nothing was written" in str(wrong.value)
    return wrong.value


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"[]\n", b"PK\x03\x04", b'{"type":"summary"}\n', b'{"schema":"ccusage/1"}\n', b"[" * 100_000]
)
def test_a_foreign_file_is_refused(data: bytes, opened: Callable[[], Store]) -> None:
    assert refused(opened(), data).line == 1


def test_a_file_of_another_form_is_refused(opened: Callable[[], Store]) -> None:
    newer = exported(filled(opened())).replace(b"moonlock.export/1", b"moonlock.export/2", 1)
    assert "another version" in str(refused(opened(), newer))
    other = exported(filled(opened())).replace(b"moonlock.export/1", b"moonlock.usage/1", 1)
    assert refused(opened(), other).line == 1


def test_the_door_for_a_session_takes_no_whole_store(opened: Callable[[], Store]) -> None:
    assert refused(opened(), exported(filled(opened())), "session").line == 1


def test_a_line_that_is_too_long_is_not_loaded(opened: Callable[[], Store]) -> None:
    head = exported(opened()).splitlines(keepends=True)[0]
    assert refused(opened(), head + b" " * (LONGEST + 1)).line == 2


def test_what_follows_the_end_is_refused(opened: Callable[[], Store]) -> None:
    data = exported(filled(opened()))
    assert refused(opened(), data + b"{}\n").line == len(data.splitlines()) + 1


def test_a_session_that_no_line_told_of_is_refused_by_its_line(opened: Callable[[], Store]) -> None:
    lines = parsed(exported(filled(opened())))[:-1]
    kept = [line for line in lines if line.get("type") != "session"]
    first = next(number for number, line in enumerate(kept, 1) if line.get("type") == "chain")
    assert refused(filled(opened()), signed(*kept)).line == first


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("request", {"input": -1}),
        ("request", {"input": 10**13}),
        ("request", {"input": "10"}),
        ("request", {"input": 1.5}),
        ("request", {"key": "xyz"}),
        ("request", {"at": "yesterday"}),
        ("request", {"at": "2025-13-09T12:00:00.000Z"}),
        ("request", {"file": 99}),
        ("request", {"model": None}),
        ("request", {"type": "prompt-text"}),
        ("tool", {"outcome": "perhaps"}),
        ("event", {"kind": "rumour"}),
        ("event", {"kind": "limit", "facts": {"kind": 7}}),
        ("event", {"kind": "limit", "facts": {"kind": "session", "resetsAt": "soon"}}),
        ("file", {"cursor": [1, 2, 3]}),
        ("file", {"cursor": [1 << 64, 0, 0, 0, 0, 0, 0, 0]}),
        ("file", {"counts": [1, -1]}),
        ("label", {"name": "a\u001b[2J"}),
        ("label", {"tags": ["two words"]}),
        ("seed", {"day": "tomorrow"}),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_line(
    kind: str, change: dict[str, object], opened: Callable[[], Store]
) -> None:
    lines = parsed(exported(filled(opened())))[:-1]
    number = next(number for number, line in enumerate(lines, 1) if line.get("type") == kind)
    lines[number - 1] |= change
    assert refused(filled(opened()), signed(*lines)).line == number


def test_a_later_version_may_say_more_of_a_thing(opened: Callable[[], Store]) -> None:
    lines = parsed(exported(filled(opened())))[:-1]
    more = [lines[0], *({**line, "mood": {"good": [1]}} for line in lines[1:])]
    assert take_in(opened(), io.BytesIO(signed(*more)), NOON).requests == 6


def test_results_alone_wait_for_their_calls(opened: Callable[[], Store]) -> None:
    head = parsed(exported(opened()))[0]
    end = {
        "type": "tool-end",
        "key": f"{key('c1') % (1 << 64):016x}",
        "at": "2025-10-09T12:00:01.000Z",
        "outcome": "ok",
    }
    there = opened()
    take_in(there, io.BytesIO(signed(head, end)), NOON)
    there.append([batch("a.jsonl", [call("c1")], session("a"))])
    (used,) = there.tools("a")
    assert (used.calls, used.open) == (1, 0)


CASES = sorted(path for path in (Path(__file__).parents[1] / "conformance" / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_of_the_suite_says_the_same_elsewhere(case: Path, opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    sync(here, ALL, {}, case / "home")
    here.unpack()
    take_in(there, io.BytesIO(exported(here)), NOON)
    assert told(there) == told(here)
    found = told(here)[0]
    sync(there, ALL, {}, case / "home")  # the very logs: nothing of them is new
    assert told(there)[0] == found


def test_a_long_file_is_taken_in_by_parts_and_a_replay_is_known_across_them(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    main = [usage(f"m{number}", NOON + number) for number in range(6_000)]
    aside = [
        usage(f"m{number}", NOON + number, sidechain=True, request="again", agent_id="x") for number in range(6_000)
    ]
    here.append([batch("main.jsonl", main), batch("aside.jsonl", aside)])
    done = take_in(there, io.BytesIO(exported(here)), NOON)
    assert (done.requests, there.totals().usage.requests) == (12_000, 6_000)
    assert told(there) == told(here)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_that_was_cut_or_changed_anywhere_brings_nothing(data: st.DataObject) -> None:
    whole = data.draw(st.just(EXAMPLE))
    cut = data.draw(st.integers(0, len(whole) - 2))
    hurt = bytearray(whole[:cut])
    if data.draw(st.booleans()):
        hurt = bytearray(whole)
        hurt[cut] ^= data.draw(st.integers(1, 255))
    with pytest.raises(UnfitImport):
        list(lines_of(io.BytesIO(bytes(hurt))))


def _example() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = filled(Store.write(Path(folder) / "moon.db", priced))
        try:
            return exported(store)
        finally:
            store.close()


EXAMPLE = _example()
