"""Any two reports over the same range and filters agree to the token and the micro-dollar, at every price."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, key, priced, usage

from moonlock.model import rows
from moonlock.model.events import FAST, UNDERSTATED, UsageEvent
from moonlock.model.question import Answer, Question
from moonlock.model.reading import Batch
from moonlock.model.rows import Row, Sums
from moonlock.model.session import SessionKey, SessionSeen
from moonlock.model.tokens import Tokens
from moonlock.store import Store
from moonlock.store.errors import UnknownName
from moonlock.store.schema import SUMS
from moonlock.store.sessions import usage_from

REPORTS = ("daily", "weekly", "monthly", "hourly", "session", "model", "project", "branch", "agent", "tool")
PLACES = {"app": "/home/ann/app", "api": "/home/ann/api", "shop": "/srv/shop", "tree": "/home/ann/app/.worktrees/fix"}
PROJECT = {"app": "app", "api": "api", "shop": "shop", "tree": "app"}
BRANCHES = ("", "main", "fix/äöü")
MODELS = ("claude-opus-4-5-20251101", "mystery", "haiku")
AGENTS = ("claude-code", "codex")
ZONES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((0, 0),),
    ((0, 5 * HOUR + 45 * MINUTE),),
    ((0, -9 * HOUR - 30 * MINUTE),),
    ((0, 2 * HOUR), (NOON + 17 * DAY - 11 * HOUR, HOUR)),
    ((0, 11 * HOUR), (NOON + DAY + 3 * HOUR, 10 * HOUR + 30 * MINUTE)),
    ((0, 28_372_000),),
)
MOMENTS = st.one_of(
    st.integers(NOON - 40 * DAY, NOON + 40 * DAY), st.integers(-9, 90).map(lambda step: NOON + step * 15 * MINUTE)
)


class Asked:
    """One request, and whose it is."""

    def __init__(self, event: UsageEvent, place: str, agent: str, native_id: str) -> None:
        self.event, self.place, self.agent, self.native_id = event, place, agent, native_id

    @property
    def session(self) -> tuple[str, str, str]:
        return self.agent, self.place, self.native_id


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Asked, int]]:
    """Requests with the number of tools that each called."""
    found = []
    for number in range(draw(st.integers(0, 14))):
        helper = draw(st.sampled_from(("", "", "x", "y")))
        event = usage(
            f"m{number}",
            draw(MOMENTS),
            model=draw(st.sampled_from(MODELS)),
            tokens=Tokens(*(draw(st.integers(0, 10**6)) for _ in range(5))),
            marks=draw(st.sampled_from((0, 0, FAST, UNDERSTATED))),
            recorded=draw(st.sampled_from((None, None, 0, 77))),
            sidechain=bool(helper),
            agent_id=helper,
            branch=draw(st.sampled_from(BRANCHES)),
        )
        place = draw(st.sampled_from(sorted(PLACES)))
        asked = Asked(event, place, draw(st.sampled_from(AGENTS)), draw(st.sampled_from(("s1", "s2"))))
        found.append((asked, draw(st.integers(0, 3))))
    return found


def batches(lives: Sequence[tuple[Asked, int]]) -> Iterator[Batch]:
    for number, (asked, calls) in enumerate(lives):
        event = asked.event
        tools = [
            call(f"t{number}/{place}", event.at + place, request=event.key, name=("Bash", "Read")[(number + place) % 2])
            for place in range(calls)
        ]
        folder = PLACES[asked.place].replace("/", "-").replace(".", "-")
        seen = SessionSeen(
            SessionKey(asked.agent, folder, asked.native_id), event.agent_id, PLACES[asked.place], event.branch
        )
        yield batch(f"{asked.agent}/{folder}/{asked.native_id}/{number}.jsonl", [event, *tools], seen)


def sums(events: Sequence[UsageEvent], price: Callable[[UsageEvent], int | None]) -> list[int]:
    """The ten columns, added up in the plainest way."""
    total = [0] * 10
    for event in events:
        cost = price(event)
        unpriced = (0, 0) if cost is not None else (1, event.tokens.total)
        low = int(bool(event.marks & UNDERSTATED))
        row = [*astuple(event.tokens), 1, cost or 0, *unpriced, low]
        total = [one + more for one, more in zip(total, row, strict=True)]
    return total


def doubled(event: UsageEvent) -> int | None:
    """Another price than the stored one."""
    return None if event.model == "haiku" else 2 * event.tokens.total + len(event.model) + event.marks


def added(several: Sequence[Sums]) -> list[int]:
    return [sum(column) for column in zip([0] * 10, *several, strict=True)]


def local(at: int, segments: Sequence[tuple[int, int]]) -> tuple[datetime, int]:
    offset = next((offset for since, offset in reversed(segments[1:]) if at >= since), segments[0][1])
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at + offset), offset


def period(report: str, at: int, question: Question) -> str:
    """What a moment's period is called."""
    moment, offset = local(at, question.segments)
    if report == "hourly":
        sign, seconds = "-" if offset < 0 else "+", abs(offset) // 1000
        rest = f":{seconds % 60:02d}" if seconds % 60 else ""
        return f"{moment:%Y-%m-%dT%H:00}{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{rest}"
    if report == "weekly":
        return f"{moment - timedelta(days=(moment.weekday() - question.week_start) % 7):%Y-%m-%d}"
    return f"{moment:%Y-%m}" if report == "monthly" else f"{moment:%Y-%m-%d}"


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[tuple[Asked, int]], Question]:
    """Lives, and a question about them that names what they have."""
    told = draw(lives())
    start, end = sorted((draw(MOMENTS), draw(MOMENTS)))

    def names(of: Callable[[Asked], str]) -> tuple[str, ...]:
        known = sorted({of(asked) for asked, _ in told})
        if not known or draw(st.booleans()):
            return ()
        return tuple(draw(st.lists(st.sampled_from(known), max_size=2)))

    question = Question(
        "daily",
        segments=draw(st.sampled_from(ZONES)),
        start=draw(st.sampled_from((None, start))),
        end=draw(st.sampled_from((None, end))),
        week_start=draw(st.integers(0, 6)),
        agents=names(lambda one: one.agent),
        projects=names(lambda one: PROJECT[one.place]),
        models=names(shown),
        branches=names(lambda one: one.event.branch or "(none)"),
    )
    return told, question


def shown(asked: Asked) -> str:
    return asked.event.model + ("-fast" if asked.event.marks & FAST else "")


def wanted(asked: Asked, question: Question) -> bool:
    event = asked.event
    return (
        (question.start is None or event.at >= question.start)
        and (question.end is None or event.at < question.end)
        and (not question.agents or asked.agent in question.agents)
        and (not question.projects or PROJECT[asked.place] in question.projects)
        and (not question.models or shown(asked) in question.models)
        and (not question.branches or (event.branch or "(none)") in question.branches)
    )


def hide_first(store: Store) -> None:
    """Hide the first session, as ``session delete`` does."""
    uid = store._db.execute("select id from session order by id limit 1").fetchall()
    store._db.executemany("insert into label (session, hidden_at) values (?, 1)", uid)


def hidden(store: Store) -> set[tuple[str, str, str]]:
    sql = "select agent, folder, native_id from session where id in (select session from label where hidden_at > 0)"
    return {(agent, folder, native_id) for agent, folder, native_id in store._db.execute(sql)}


def asked_again(question: Question, report: str) -> Question:
    return Question(**{**vars(question), "report": report})


def assert_rows_add_up(answer: Answer) -> None:
    for row in (*answer.rows, answer.totals):
        assert added([own for _, own in row[4]]) == list(row[2])
    assert added([row[2] for row in answer.rows]) == list(answer.totals[2])
    keys = [row[0] for row in answer.rows]
    assert len(set(keys)) == len(keys)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions(), st.booleans())
def test_all_reports_say_the_same_in_their_own_rows(
    asked_of: tuple[list[tuple[Asked, int]], Question], hiding: bool
) -> None:
    lives, question = asked_of
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", priced)
        store.append([*batches(lives)])
        if hiding:
            hide_first(store)
        gone = hidden(store)
        told = [
            asked
            for asked, _ in lives
            if (asked.agent, PLACES[asked.place].replace("/", "-").replace(".", "-"), asked.native_id) not in gone
            and wanted(asked, question)
        ]
        for price, reckoned in ((None, priced), (priced, priced), (doubled, doubled)):
            truth = sums([asked.event for asked in told], reckoned)
            for report in REPORTS:
                try:
                    answer = store.rows(asked_again(question, report), price)
                except UnknownName as unknown:
                    assert hiding and unknown.name not in unknown.known
                    continue
                assert (report, list(answer.totals[2])) == (report, truth)
                assert answer.totals[3] == len({asked.session for asked in told})
                assert answer.totals[1] == tuple(sorted({asked.agent for asked in told}))
                assert answer.reading[-1] == len(gone)
                assert_rows_add_up(answer)
                assert_keys(answer, told, asked_again(question, report), reckoned)
        store.close()


def assert_keys(
    answer: Answer, told: Sequence[Asked], question: Question, price: Callable[[UsageEvent], int | None]
) -> None:
    """Each row has the requests of its key, and counts their sessions."""
    whose: dict[str, Callable[[Asked], str]] = {
        "model": shown,
        "project": lambda one: PROJECT[one.place],
        "branch": lambda one: one.event.branch,
        "agent": lambda one: one.agent,
    }
    if question.report in ("session", "tool"):
        return

    def in_time(one: Asked) -> str:
        return period(question.report, one.event.at, question)

    of = whose.get(question.report, in_time)
    groups: defaultdict[str, list[Asked]] = defaultdict(list)
    for asked in told:
        groups[of(asked)].append(asked)
    found = {row[0]: (list(row[2]), row[3], row[1]) for row in answer.rows}
    assert found == {
        name: (
            sums([one.event for one in group], price),
            len({one.session for one in group}),
            tuple(sorted({one.agent for one in group})),
        )
        for name, group in groups.items()
    }
    if question.report in ("daily", "weekly", "monthly"):
        assert list(found) == sorted(found)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def row_of(answer: Answer, name: str) -> Row:
    (found,) = [row for row in answer.rows if row[0] == name]
    return found


def test_the_places_of_sums_are_those_of_their_columns() -> None:
    names = SUMS.split(", ")
    assert [names[place] for place in (rows.REQUESTS, rows.COST, rows.UNPRICED_REQUESTS, rows.UNDERSTATED)] == [
        *("requests", "cost", "unpriced_requests", "understated")
    ]
    assert len(Tokens.__struct_fields__) == rows.KINDS


def test_an_empty_store_has_every_report(store: Store) -> None:
    for report in REPORTS:
        answer = store.rows(Question(report))
        assert (answer.rows, answer.totals, answer.extra) == ([], ("", (), [0] * 10, 0, [], ()), ())


def test_a_day_of_25_hours_has_the_same_hour_twice(store: Store) -> None:
    change = NOON + 17 * DAY - 11 * HOUR
    times = [change - HOUR, change - 1, change, change + HOUR - 1, change + HOUR]
    store.append([batch("a.jsonl", [usage(f"m{at}", at) for at in times])])
    zone = ((0, 2 * HOUR), (change, HOUR))
    assert [(row[0], row[2][5]) for row in store.rows(Question("hourly", segments=zone)).rows] == [
        ("2025-10-26T02:00+02:00", 2),
        ("2025-10-26T02:00+01:00", 2),
        ("2025-10-26T03:00+01:00", 1),
    ]
    assert [(row[0], row[2][5]) for row in store.rows(Question("daily", segments=zone)).rows] == [("2025-10-26", 5)]


def test_times_before_1970_and_after_9999_have_a_day_too(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", -1), usage("m2", -80_000_000_000_000), usage("m3", 1 << 52)])])
    assert [row[0] for row in store.rows(Question("daily")).rows] == ["0001-01-01", "1969-12-31", "9999-12-31"]
    assert [row[0] for row in store.rows(Question("hourly")).rows] == [
        "0001-01-01T00:00+00:00", "1969-12-31T23:00+00:00", "9999-12-31T23:00+00:00",
    ]  # fmt: skip
    assert [row[0] for row in store.rows(Question("weekly")).rows] == ["0001-01-01", "1969-12-29", "9999-12-27"]
    assert [row[0] for row in store.rows(Question("monthly")).rows] == ["0001-01", "1969-12", "9999-12"]


def test_a_week_begins_where_it_is_asked_to(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", NOON), usage("m2", NOON + 3 * DAY)])])  # Thursday and Sunday
    found = {day: [row[0] for row in store.rows(Question("weekly", week_start=day)).rows] for day in (0, 3, 6)}
    assert found == {0: ["2025-10-06"], 3: ["2025-10-09"], 6: ["2025-10-05", "2025-10-12"]}


def test_a_session_row_says_whose_it_is_and_what_its_helpers_spent(store: Store) -> None:
    seen = SessionSeen(
        SessionKey("claude-code", "-home-ann-app", "s1"), "", "/home/ann/app", "main", "2.1", "A title", "agent",
        NOON, NOON + 9,
    )  # fmt: skip
    helper = SessionSeen(SessionKey("claude-code", "-home-ann-app", "s1"), "x")
    store.append(
        [
            batch("a.jsonl", [usage("m1", branch="main"), usage("m2", branch="fix")], seen),
            batch(
                "x.jsonl", [usage("m3", agent_id="x", sidechain=True), usage("m4", agent_id="x", branch="fix")], helper
            ),
        ]
    )
    (uid,) = [told.uid for told in store.sessions()]
    store._db.execute("insert into label (session, name) select id, 'release' from session")
    store._db.execute("insert into tag select id, 'urgent' from session")
    (row,) = store.rows(Question("session")).rows
    assert (row[0], row[3], dict(row[5])) == (
        uid,
        1,
        {
            "sessionId": uid, "name": "release", "title": "A title", "project": "app", "branch": "main",
            "firstAt": "2025-10-09T12:00:00.000Z", "lastAt": "2025-10-09T12:00:00.009Z",
            "subagentTokens": 2 * 6110, "folder": "-home-ann-app", "nativeId": "s1", "tags": ["urgent"],
        },
    )  # fmt: skip
    (told,) = store.sessions()
    assert [(helper.agent_id, helper.usage.requests) for helper in told.agents] == [("x", 2)]
    assert (told.usage, told.subagents.requests) == (usage_from(row[2]), 2)


def test_what_is_not_known_of_a_session_is_null(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    facts = dict(store.rows(Question("session")).rows[0][5])
    assert [facts[name] for name in ("name", "title", "branch", "firstAt", "lastAt")] == [None] * 5


def test_a_project_counts_its_worktrees(store: Store) -> None:
    places = ("/srv/app", "/srv/app/src", "/srv/app/.claude/worktrees/one", "/srv/app/.worktrees/two/src")
    for number, place in enumerate((*places, "/srv/app/.worktrees/two")):
        seen = SessionSeen(SessionKey("claude-code", place.replace("/", "-"), f"s{number}"), "", place)
        store.append([batch(f"{number}.jsonl", [usage(f"m{number}")], seen)])
    app = row_of(store.rows(Question("project")), "app")
    assert (app[3], dict(app[5])) == (4, {"path": "/srv/app", "worktrees": 2})


def test_a_response_is_shared_evenly_among_its_calls_and_the_first_has_the_rest(store: Store) -> None:
    request = usage("m1", tokens=Tokens(10, 101, 0, 0, 7), recorded=50)
    calls = [
        call("t1", NOON + 2, request=request.key, name="Bash", outcome="failed", duration=40),
        call("t2", NOON + 1, request=request.key, name="Read", outcome="ok", duration=5),
        call("t3", NOON + 3, request=request.key, name="Bash", outcome="denied"),
    ]
    lost = call("t4", NOON + 4, request=key("never kept"), name="Grep")
    store.append([batch("a.jsonl", [request, *calls, lost, usage("m2", output=5)])])
    answer = store.rows(Question("tool"))
    assert {row[0]: ([*row[2][:7]], row[3], [fact for _, fact in row[5][:5]]) for row in answer.rows} == {
        "Read": ([4, 35, 0, 0, 3, 1, 18], 1, [1, 0, 0, 0, 5]),
        "Bash": ([6, 66, 0, 0, 4, 0, 32], 1, [2, 1, 1, 0, 40]),
        "Grep": ([0, 0, 0, 0, 0, 0, 0], 0, [1, 0, 0, 1, 0]),
        "(no tool)": ([10, 5, 0, 1000, 5000, 1, 6015], 1, [0, 0, 0, 0, 0]),
    }
    told = [name for name, _ in answer.rows[0][5]]
    assert told == ["calls", "failed", "denied", "open", "durationMs", "p50Ms", "p95Ms", "server"]
    assert_rows_add_up(answer)


def test_a_call_finds_its_response_under_the_key_that_is_left(store: Store) -> None:
    one, other = usage("m1", aliases=(7,)), usage("m2", aliases=(7,))
    store.append([batch("a.jsonl", [one, call("t1", request=one.key)])])
    store.append([batch("b.jsonl", [other, call("t2", request=other.key)])])
    (bash,) = store.rows(Question("tool")).rows
    assert (bash[0], bash[2][5], dict(bash[5])["calls"]) == ("Bash", 1, 2)


def test_names_are_found_in_any_spelling_and_unknown_ones_are_said(store: Store) -> None:
    seen = SessionSeen(SessionKey("claude-code", "-srv-App", "s1"), "", "/srv/App")
    store.append([batch("a.jsonl", [usage("m1", model="claude-opus-4-5-20251101", branch="Main"), usage("m2")], seen)])
    for names in (
        {"models": ["claude-opus-4-5"]}, {"models": ["opus-4.5"]}, {"models": ["anthropic/claude-opus-4-5@20251101"]},
        {"models": ["Claude-Opus-4-5-20251101[1m]"]}, {"branches": ["main"]},
    ):  # fmt: skip
        assert store.rows(Question("daily", **names)).totals[2][5] == 1  # type: ignore[arg-type]
    for names in ({"projects": ["app"]}, {"projects": ["/srv/App/"]}, {"agents": ["Claude-Code"]}):
        assert store.rows(Question("daily", **names)).totals[2][5] == 2  # type: ignore[arg-type]
    assert store.rows(Question("daily", branches=["(none)"])).totals[2][5] == 1
    for kind, names in (
        ("agent", {"agents": ["claude"]}), ("project", {"projects": ["ap"]}), ("model", {"models": ["opus-4"]}),
        ("branch", {"branches": ["mai"]}),
    ):  # fmt: skip
        with pytest.raises(UnknownName) as unknown:
            store.rows(Question("daily", **names))  # type: ignore[arg-type]
        assert (unknown.value.kind, unknown.value.name) == (kind, next(iter(names.values()))[0])
        assert unknown.value.known


def test_a_hidden_session_is_in_no_report_and_the_reading_counts_it(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1"), call("t1", request=key("m1"))]), batch("b.jsonl", [usage("m2")])])
    store._db.execute("insert into label (session, hidden_at) select id, 5 from session where native_id = 'a'")
    for report in REPORTS:
        answer = store.rows(Question(report))
        assert (answer.totals[2][5], answer.totals[3], answer.reading[-1]) == (1, 1, 1)
        assert len(answer.rows) == 1
    with pytest.raises(UnknownName):
        store.rows(Question("daily", branches=["fix"]))


def test_the_reading_names_what_the_report_itself_could_not_price(store: Store) -> None:
    events = [usage("m1", model="mystery"), usage("m2", NOON + DAY, marks=UNDERSTATED)]
    store.append([batch("a.jsonl", events)])
    assert store.reading().unpriced_models == ("mystery",)
    later = store.rows(Question("daily", start=NOON + HOUR))
    assert later.reading[-3:] == (1, (), 0)
    assert store.rows(Question("daily"), doubled).reading[-2] == ()
    assert store.rows(Question("daily"), lambda _: None).reading[-2] == ("mystery", "opus")


@pytest.mark.parametrize("price", [None, lambda _: 10**14, lambda _: 1 << 80, lambda _: -5])
def test_absurd_numbers_add_up_and_an_absurd_cost_is_no_cost(
    store: Store, price: Callable[[UsageEvent], int | None] | None
) -> None:
    most = 10**12
    events = [
        usage(f"m{number}", NOON + number, tokens=Tokens(most, most, most, most, most), recorded=recorded)
        for number, recorded in enumerate((10**14, 10**14, 10**300, -1, None))
    ]
    store.append([batch("a.jsonl", [event, call(f"t{event.at}", request=event.key)]) for event in events])
    for report in REPORTS:
        answer = store.rows(Question(report), price)
        assert answer.totals[2][0] == 5 * most
        assert_rows_add_up(answer)
    if price is None:
        assert (answer.totals[2][6], answer.totals[2][7]) == (2 * 10**14 + 5 * most, 2)
    store.reprice(lambda _: 1 << 70, "absurd")
    assert store.totals().usage.unpriced_requests == 5


def test_what_is_written_while_a_report_is_made_is_in_the_next_one(store: Store, tmp_path: Path) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    later = iter([usage("m2", NOON + DAY)])

    def priced_while_somebody_writes(event: UsageEvent) -> int | None:
        store.append([batch("b.jsonl", [more]) for more in later])
        return priced(event)

    reader = Store.read(tmp_path / "moon.db")
    try:
        assert [row[2][5] for row in reader.rows(Question("daily"), priced_while_somebody_writes).rows] == [1]
        assert [row[2][5] for row in reader.rows(Question("daily")).rows] == [1, 1]
    finally:
        reader.close()


def test_several_questions_can_be_about_one_moment(store: Store, tmp_path: Path) -> None:
    store.append([batch("a.jsonl", [usage("m1")])])
    reader = Store.read(tmp_path / "moon.db")
    try:
        with reader.still():
            before = reader.totals()
            store.append([batch("b.jsonl", [usage("m2", NOON + DAY)])])
            assert reader.totals() == before
            assert len(reader.evidence().between(0, NOON + 2 * DAY)) == before.usage.requests == 1
        assert reader.totals().usage.requests == 2
    finally:
        reader.close()
