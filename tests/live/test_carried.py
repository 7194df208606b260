"""Sessions by hand in exports, imports, tables and pages: real stores, real files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live.test_portable import exported, parsed, refused, signed
from store_batches import HOUR, MINUTE, NOON, batch, call, key, priced, session, usage

from moonlock.live import paper
from moonlock.live.commands import Commands
from moonlock.live.gathered import final
from moonlock.live.paper import page
from moonlock.live.portable import ENTRY_COLUMNS, table, take_in
from moonlock.live.suggesting import Suggesting
from moonlock.model.events import Committed, Event
from moonlock.model.manual import Amend, Budget, Final, Follow, Hand, Milestone, Plan, Posting
from moonlock.model.timer import Clocks
from moonlock.store import Store
from moonlock.store.hands import number_of

LATER = NOON + 3 * HOUR
LOGGED: list[Event] = [
    usage("m1", NOON + MINUTE, branch="main"),
    usage("m2", NOON + HOUR, model="=mystery"),
    call("c1", NOON + MINUTE),
    Committed(key("k1"), NOON + 2 * MINUTE, "a9cace57"),
    Committed(key("k2"), NOON + 3 * MINUTE, "b5e8dfc5"),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    made: list[Store] = []

    def new() -> Store:
        made.append(Store.write(tmp_path / str(len(made)) / "moon.db", priced))
        return made[-1]

    yield new
    for store in made:
        store.close()


def worked(store: Store) -> Hand:
    """A session by hand to which everything happened that can; its uid."""
    seen = session("a", first_at=NOON, last_at=NOON + HOUR, cwd="/w/app", title="<b>Mend</b>", title_source="agent")
    store.append([batch("a.jsonl", LOGGED, seen)])
    commands = Commands(store)
    plan = Plan("Focus <1>", 5 * HOUR, Budget(1_000_000, 5_000_000), follow=Follow("project", "app"))
    hand, _ = commands.start(plan, NOON)
    commands.look(Clocks(NOON, 0, 0), "run")
    for at in (NOON + 4 * MINUTE, NOON + 4 * MINUTE, NOON + 5 * MINUTE):
        commands.post(hand.uid, Posting(70, "embed", "=m", at), NOON + 6 * MINUTE)
    Suggesting(store).accept(hand.uid, key("k1"), NOON + 6 * MINUTE)
    Suggesting(store).dismiss(hand.uid, key("k2"), NOON + 6 * MINUTE)
    commands.reach(hand.uid, Milestone("built", 3, '{"a":1}'), NOON + 7 * MINUTE)
    commands.amend(hand.uid, Amend(status="paused", tags=("x",), description="why"), NOON + 90 * MINUTE)
    commands.amend(hand.uid, Amend(status="running"), NOON + 100 * MINUTE)
    commands.look(Clocks(NOON + 130 * MINUTE, 120 * MINUTE, 120 * MINUTE), "run")
    return again(store, hand)


def again(store: Store, hand: Hand) -> Hand:
    return store.hands().some((number_of(hand.uid),))[0]


def test_another_store_has_the_same_session_and_report_after_an_import(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    hand = worked(here)
    data = exported(here)
    done = take_in(there, io.BytesIO(data), LATER)
    assert (done.hands, done.postings, done.checkpoints) == (1, 3, 2)
    assert final(there, again(there, hand), LATER) == final(here, hand, LATER)
    assert Suggesting(there).open(again(there, hand), LATER) == []
    assert exported(there) == data


def test_a_second_import_changes_nothing(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    worked(here)
    data = exported(here)
    for store in (there, there, here):
        take_in(store, io.BytesIO(data), LATER)
        assert exported(store) == data


def test_one_session_by_hand_is_exported_alone_and_taken_in(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    hand = worked(here)
    data = exported(here, "Focus <1>")
    header, *lines, _ = parsed(data)
    assert header["scope"] == "session"
    assert [line["type"] for line in lines] == ["hand", *["posting"] * 3, *["checkpoint"] * 2]
    assert take_in(there, io.BytesIO(data), LATER, "session").hands == 1
    assert again(there, hand).marks == hand.marks and again(there, hand).posted == 210


def test_a_session_that_went_on_elsewhere_goes_on_here_and_never_back(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    hand = worked(here)
    before = exported(here)
    take_in(there, io.BytesIO(before), LATER)
    Commands(there).amend(hand.uid, Amend(status="completed", name="Done"), LATER)
    after = exported(there)
    take_in(here, io.BytesIO(after), LATER)
    assert again(here, hand).over and again(here, hand).plan.name == "Done"
    take_in(there, io.BytesIO(before), LATER)
    assert exported(there) == after


def test_what_two_stores_did_apart_is_not_mixed(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    hand = worked(here)
    take_in(there, io.BytesIO(exported(here)), LATER)
    Commands(here).amend(hand.uid, Amend(status="completed"), LATER)
    Commands(there).amend(hand.uid, Amend(status="paused"), LATER)
    mine = again(here, hand)
    take_in(here, io.BytesIO(exported(there)), LATER)
    assert again(here, hand) == mine


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("hand", {"name": ""}),
        ("hand", {"name": "a\u001b[2J"}),
        ("hand", {"durationMs": 0}),
        ("hand", {"tokenBudget": 0}),
        ("hand", {"costBudgetUsd": -1}),
        ("hand", {"marks": []}),
        ("hand", {"marks": [["pause", "2025-10-09T12:00:00.000Z", 0]]}),
        ("hand", {"marks": [["dance", "2025-10-09T12:00:00.000Z", 0]]}),
        ("hand", {"marks": [["start", "soon", 0]]}),
        ("hand", {"marks": [["start", "9999-12-31T23:59:59.999Z", 0]]}),
        ("hand", {"marks": [["start", "0001-01-01T00:00:00.000Z", 0]]}),
        (
            "hand",
            {
                "marks": [
                    ["start", "2025-10-09T12:00:00.000Z", 0],
                    *[["clock", "2025-10-09T12:00:00.000Z", 10**13]] * 99,
                ]
            },
        ),
        ("hand", {"marks": [["start", "2025-10-09T12:00:00.000Z", 0], ["expire", "2025-10-09T11:00:00.000Z", 0]]}),
        ("hand", {"follow": "session", "of": "nobody"}),
        ("hand", {"tags": ["two words"]}),
        ("posting", {"tokens": -1}),
        ("posting", {"hand": f"{7:016x}"}),
        ("posting", {"operation": "a\nb"}),
        ("checkpoint", {"phase": ""}),
        ("checkpoint", {"phase": "a\u0000"}),
        ("checkpoint", {"metadata": "[1]"}),
        ("checkpoint", {"elapsedMs": -1}),
        ("checkpoint", {"source": "rumour"}),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_line(
    kind: str, change: dict[str, object], opened: Callable[[], Store]
) -> None:
    here = opened()
    worked(here)
    lines = parsed(exported(here))[:-1]
    number = next(number for number, line in enumerate(lines) if line.get("type") == kind)
    lines[number] = {**lines[number], **change}
    assert refused(opened(), signed(*lines)).line == number + 1


POSTED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([None, "embed"])), max_size=12)


@settings(max_examples=25, deadline=None)
@given(first=POSTED, second=POSTED)
def test_postings_of_two_stores_are_the_most_that_either_has_of_each(
    first: list[tuple[int, int, str | None]],
    second: list[tuple[int, int, str | None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("posted")
    here, there = (Store.write(folder / name / "moon.db", priced) for name in ("here", "there"))
    hand, _ = Commands(here).start(Plan("Focus"), NOON)
    take_in(there, io.BytesIO(exported(here)), NOON)
    for store, posted in ((here, first), (there, second)):
        for at, tokens, operation in posted:
            Commands(store).post(hand.uid, Posting(tokens, operation, None, NOON + at), NOON + HOUR)
    for _ in range(2):
        take_in(there, io.BytesIO(exported(here)), NOON)
    wanted = {one: max(first.count(one), second.count(one)) for one in {*first, *second}}
    assert again(there, hand).posted == sum(tokens * many for (_, tokens, _), many in wanted.items())
    for store in (here, there):
        store.close()


def test_the_table_of_a_session_by_hand_has_what_it_gathered_and_what_was_posted(opened: Callable[[], Store]) -> None:
    store, into = opened(), io.BytesIO()
    hand = worked(store)
    assert table(store, into, hand.uid, LATER) == {"request": 5}
    head, *rows = csv.reader(io.StringIO(into.getvalue().decode()))
    assert tuple(head) == ENTRY_COLUMNS
    assert [(row[1], row[3], row[4], row[5]) for row in rows[:3]] == [
        ("log", "opus", "", "6110"),
        ("api", "'=m", "embed", "70"),
        ("api", "'=m", "embed", "70"),
    ]
    assert sum(int(row[5]) for row in rows) == final(store, hand, LATER).hand.tokens


class Reader(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [name for name, _ in attrs if name in ("href", "src", "style") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("said", ["Focus <1>", "a"])
def test_the_page_of_a_session_is_plain_text_in_tables_with_nothing_from_elsewhere(
    said: str, opened: Callable[[], Store]
) -> None:
    store, into, read = opened(), io.BytesIO(), Reader()
    worked(store)
    assert page(store, into, said, LATER)
    text = into.getvalue().decode()
    read.feed(text)
    assert not read.tags & {"script", "b", "img", "link", "iframe", "a"} and not read.links
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text and ("Focus <1>" if said != "a" else "<b>Mend</b>") in read.text
    assert ("12,220" if said == "a" else "12,430") in read.text
    assert page(store, io.BytesIO(), "nobody", LATER) is False


def test_the_page_of_a_session_by_hand_tells_its_phases_its_budget_and_what_the_clock_did(
    opened: Callable[[], Store],
) -> None:
    store, into = opened(), io.BytesIO()
    hand = worked(store)
    page(store, into, hand.uid, LATER)
    text = into.getvalue().decode()
    for words in ("commit a9cace57", "built", "since the last checkpoint", "Budget", "the clock was set", "0:10:00"):
        assert words in text, words
    assert json.dumps(text).isascii()


def test_all_figures_of_a_page_are_of_one_moment(
    opened: Callable[[], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, into = opened(), io.BytesIO()
    hand = worked(store)

    def late(*asked: Any) -> Final:
        store.append([batch("more.jsonl", [usage("m9", NOON + 5 * MINUTE)], session("a"))])
        return final(*asked)

    monkeypatch.setattr(paper, "final", late)
    with closing(Store.read(store.path)) as reader:
        assert page(reader, into, hand.uid, LATER)
        totals = set(re.findall(r"<th scope=row>Tokens</th><td>([\d,]+)</td>", into.getvalue().decode()))
        phases = re.findall(r"<td>\d:\d\d:\d\d</td><td>([\d,]+)</td>", into.getvalue().decode())
    assert {f"{sum(int(one.replace(',', '')) for one in phases):,}"} & totals
