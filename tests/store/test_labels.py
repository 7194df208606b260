"""Names, tags and descriptions, and sessions that were hidden."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import DAY, HOUR, MINUTE, NOON, batch, call, priced, session, usage

from moonlock.model.events import Event, LimitHit
from moonlock.model.label import LONGEST_NAME, Label, Relabel, UnfitLabel, fit, tag
from moonlock.model.question import Question
from moonlock.model.reading import Batch
from moonlock.model.tokens import Usage
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession, NameTaken
from moonlock.store.relabel import Log

ANN = "aaaaaaaa-1111-4111-8111-111111111111"
BEN = "bbbbbbbb-2222-4222-8222-222222222222"
BEA = "bbbbbbbb-3333-4333-8333-333333333333"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    told = [
        batch(f"{name}.jsonl", [usage(f"m{name}", NOON + at * HOUR)], session(name, cwd="/w/app", last_at=NOON + at))
        for at, name in enumerate((ANN, BEN, BEA))
    ]
    store.append(told)
    yield store
    store.close()


def uid(store: Store, said: str) -> str | None:
    found = store.session(said)
    return None if found is None else found.key.native_id


def test_a_session_is_found_by_what_it_is_called(store: Store) -> None:
    done = store.relabel(ANN, fit(Relabel(name="  Fix the Login ", tags=("WIP", "api"), description="why\nnot")), NOON)
    assert done is not None and not done.turned
    assert done.session.label == Label("Fix the Login", "why\nnot", ("api", "wip"))
    assert store.sessions()[-1].label == done.session.label
    for said in (ANN, ANN[:5], "FIX THE LOGIN", "fix the", done.session.uid, done.session.uid[:12].upper()):
        assert uid(store, said) == ANN, said
    assert (uid(store, "login"), uid(store, ""), uid(store, " ")) == (None, None, None)
    assert store.session_names() == ["Fix the Login"]


def test_what_is_not_named_stays_and_what_is_empty_goes(store: Store) -> None:
    store.relabel(ANN, Relabel(name="one", description="two", tags=("three",)), NOON)
    store.relabel(ANN, Relabel(description=""), NOON)
    assert store.session(ANN).label == Label("one", "", ("three",))  # type: ignore[union-attr]
    store.relabel(ANN, Relabel(name="", tags=()), NOON)
    assert store.session(ANN).label == Label()  # type: ignore[union-attr]
    assert store.relabel("nobody", Relabel(name="x"), NOON) is None


def test_a_whole_name_is_meant_before_the_beginning_of_an_id(store: Store) -> None:
    store.relabel(ANN, Relabel(name="bbbb"), NOON)
    store.relabel(BEN, Relabel(name="bbbb too"), NOON)
    assert uid(store, "bbbb") == ANN
    with pytest.raises(AmbiguousSession, match="2 sessions are called 'bbbbbbbb-' or begin so"):
        store.session("bbbbbbbb-")
    with pytest.raises(AmbiguousSession):
        store.session("bbb")


def test_a_name_is_one_sessions_whatever_its_case(store: Store) -> None:
    store.relabel(ANN, Relabel(name="Straße"), NOON)
    with pytest.raises(NameTaken, match="is called 'Straße' already") as taken:
        store.relabel(BEN, Relabel(name="STRASSE"), NOON)
    assert taken.value.uid == store.session(ANN).uid  # type: ignore[union-attr]
    with pytest.raises(NameTaken):
        store.check_label(BEN, Relabel(name="strasse"))
    store.check_label("nobody", Relabel(name="strasse"))
    store.relabel(ANN, Relabel(name="STRASSE"), NOON)  # its own name may be written anew


def test_a_hidden_session_is_in_no_list_and_no_sum_until_it_comes_back(store: Store) -> None:
    before = (store.totals().usage, store.usage_between(NOON, NOON + DAY), store.usage_between(NOON, NOON + MINUTE))
    assert store.relabel(ANN, Relabel(hidden=True), NOON).turned  # type: ignore[union-attr]
    assert [each.key.native_id for each in store.sessions()] == [BEA, BEN]
    assert store.session(ANN) is None and store.relabel(ANN, Relabel(name="x"), NOON) is None
    assert store.usage_between(NOON, NOON + DAY).requests == 2
    assert store.usage_between(NOON, NOON + MINUTE) == Usage()
    assert [at for at, _ in store.marks(0)] == [at for at, _ in store.minutes(0, NOON + DAY)]
    assert [at for at, _ in store.marks(0)] == [at for _, at, _ in store.pulses(0)] == [NOON + HOUR, NOON + 2 * HOUR]
    hidden = store.hidden_session(ANN[:4])
    assert hidden is not None and [hidden] == store.hidden_sessions() and hidden.usage.requests == 1
    back = store.relabel(ANN, Relabel(hidden=False), NOON)
    assert back is not None and back.turned
    assert not store.relabel(ANN, Relabel(hidden=False), NOON).turned, "it is back already"  # type: ignore[union-attr]
    after = (store.totals().usage, store.usage_between(NOON, NOON + DAY), store.usage_between(NOON, NOON + MINUTE))
    assert after == before and store.hidden_sessions() == []


def test_what_comes_of_a_hidden_session_is_kept_and_told_nobody(store: Store) -> None:
    store.relabel(ANN, Relabel(hidden=True), NOON)
    more: list[Event] = [usage("m9", NOON + DAY), call("t9", NOON + DAY), LimitHit(1, NOON + DAY, "weekly")]
    gain = store.append([batch(f"{ANN}.jsonl", more, session(ANN, cwd="/w/app", last_at=NOON + DAY), offset=200)])
    assert (gain.sessions, gain.usage, gain.facts, gain.rows > 0) == ((), (), (), True)
    assert store.limits(0) == []
    store.relabel(ANN, Relabel(hidden=False), NOON)
    assert len(store.limits(0)) == 1
    assert store.session(ANN).usage.requests == 2  # type: ignore[union-attr]


def test_a_hidden_sessions_name_is_free_and_it_waits_with_coming_back_until_it_is_again(store: Store) -> None:
    store.relabel(ANN, Relabel(name="mine"), NOON)
    store.relabel(ANN, Relabel(hidden=True), NOON)
    store.relabel(BEN, Relabel(name="mine"), NOON)
    with pytest.raises(NameTaken):
        store.relabel(ANN, Relabel(hidden=False), NOON)
    store.relabel(BEN, Relabel(name=""), NOON)
    assert store.relabel("mine", Relabel(hidden=False), NOON) is not None


def test_labels_outlive_the_store_and_a_second_reading_of_the_logs(store: Store, tmp_path: Path) -> None:
    store.relabel(ANN, Relabel(name="mine", hidden=True), NOON)
    store.append([batch(f"{ANN}.jsonl", [usage(f"m{ANN}", NOON)], session(ANN, title="other", last_at=NOON))])
    reader = Store.read(tmp_path / "moon.db")
    found = reader.hidden_session("mine")
    assert found is not None and (found.label.name, found.title) == ("mine", "other")
    reader.close()


def test_a_session_says_what_it_is_made_of(store: Store) -> None:
    helper = usage("h1", NOON + 20 * MINUTE, model="haiku", sidechain=True, agent_id="x")
    store.append([batch(f"{ANN}/agent-x.jsonl", [helper], session(ANN, agent_id="x"))])
    store.append([batch("copy.jsonl", [usage("c1")], session(ANN, "-elsewhere"))])
    store.gone([f"{ANN}/agent-x.jsonl"])
    meant, copied = sorted(each.uid for each in store.sessions() if each.key.native_id == ANN)
    meant, copied = (meant, copied) if store.session(meant).subagents.requests else (copied, meant)  # type: ignore[union-attr]
    found = store.detail(meant)
    assert found is not None
    assert {share.model: share.usage.requests for share in found.models} == {"haiku": 1, "opus": 1}
    assert sum((share.usage for share in found.models), Usage()) == sum((used for _, used in found.branches), Usage())
    assert found.logs == (Log(f"{ANN}.jsonl", gone=False), Log(f"{ANN}/agent-x.jsonl", gone=True))
    assert found.quarters == (NOON, NOON + 15 * MINUTE)
    assert found.copies == (copied,) and store.detail("nobody") is None


WORK = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3 * DAY), st.sampled_from(["opus", "haiku"])), max_size=12)
REPORTS = ("daily", "hourly", "weekly", "monthly", "session", "model", "project", "branch", "agent", "tool", "blocks")


@settings(max_examples=25, deadline=None)
@given(WORK, st.sets(st.integers(0, 3)))
def test_a_store_with_hidden_sessions_answers_like_one_that_never_had_them(
    tmp_path_factory: pytest.TempPathFactory, work: list[tuple[int, int, str]], gone: set[int]
) -> None:
    def batches(numbers: set[int]) -> list[Batch]:
        """A batch for each of the sessions that did something."""
        told = [(who, usage(f"m{who} {at}", NOON + at, model=model)) for who, at, model in work if who in numbers]
        owners = sorted({who for who, _ in told})
        return [
            batch(f"s{who}.jsonl", [event for own, event in told if own == who], session(f"s{who}", cwd=f"/w/{who}"))
            for who in owners
        ]

    folder = tmp_path_factory.mktemp("hidden")
    whole, rest = (Store.write(folder / name, priced) for name in ("whole.db", "rest.db"))
    whole.append(batches({0, 1, 2, 3}))
    rest.append(batches({0, 1, 2, 3} - gone))
    for who in gone & {who for who, _, _ in work}:
        assert whole.relabel(f"s{who}", Relabel(hidden=True), NOON)
    for report in REPORTS:
        question = Question(report, now=NOON + DAY)
        one, other = whole.rows(question), rest.rows(question)
        assert (one.rows, one.totals, one.extra) == (other.rows, other.totals, other.extra), report
    span = NOON, NOON + 4 * DAY
    assert whole.usage_between(*span) == rest.usage_between(*span)
    assert (whole.minutes(*span), whole.marks(0)) == (rest.minutes(*span), rest.marks(0))
    assert whole.sessions() == rest.sessions()
    whole.close()
    rest.close()


SHOWN = st.text(string.ascii_letters + string.digits + " äß漢😀-_.", max_size=LONGEST_NAME)


@given(SHOWN, st.lists(st.text(string.ascii_letters + "äß1._", min_size=1, max_size=20), max_size=5))
def test_what_is_fit_stays_as_it_is(name: str, tags: list[str]) -> None:
    once = fit(Relabel(name=name, tags=tuple(tags), description=name))
    assert fit(once) == once
    assert once.name is not None and once.name == once.name.strip()
    assert once.tags == tuple(sorted(set(once.tags or ())))


@pytest.mark.parametrize(
    "change",
    [
        Relabel(name="a\x1b[31mred"),
        Relabel(name="two\nlines"),
        Relabel(name="\u202eback"),
        Relabel(name="half \ud800"),
        Relabel(name="x" * 81),
        Relabel(description="x" * 2001),
        Relabel(description="bell\a"),
        Relabel(tags=("two words",)),
        Relabel(tags=("-x",)),
        Relabel(tags=("a,b",)),
        Relabel(tags=("",)),
        Relabel(tags=("x" * 41,)),
        Relabel(tags=tuple(f"t{n}" for n in range(33))),
    ],
)
def test_words_that_cannot_be_kept_are_refused(change: Relabel) -> None:
    with pytest.raises(UnfitLabel) as refused:
        fit(change)
    assert refused.value.hint and str(refused.value).isprintable()


def test_letters_that_need_joining_may_be_used_in_names() -> None:
    family = "👩\u200d👩\u200d👧"
    assert fit(Relabel(name=family)).name == family
    assert tag(" Straße ") == "strasse"


def test_a_session_is_found_by_its_title_when_nothing_else_is_called_so(store: Store) -> None:
    for name, title in ((ANN, "Fix the login"), (BEN, "Fix the logout"), (BEA, "Fix the login")):
        store.append([batch(f"{name}.jsonl", [usage(f"m{name}", NOON)], session(name, title=title, last_at=NOON))])
    assert (uid(store, "fix the LOGO"), uid(store, " Fix the logout "), uid(store, "the login")) == (BEN, BEN, None)
    for said in ("fix", "Fix the login"):
        with pytest.raises(AmbiguousSession):
            store.session(said)
    store.relabel(ANN, Relabel(name="fix the logouts"), NOON)
    assert uid(store, "fix the logo") == ANN, "a name was chosen, a title was not"
    assert uid(store, "Fix the logout") == BEN, "but this is the whole of one, and the beginning of the other"
