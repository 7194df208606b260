"""Messages to channels: on the disk before they are sent, each taken once, held while it is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from live.house import open_store
from live.receiver import OK, Receiver, receiver, says

from moonlock.live import channels, clock
from moonlock.live.alarms import Alarms
from moonlock.live.byhand import ByHand
from moonlock.live.channels import Channels, delivery_shape
from moonlock.live.engine import Engine
from moonlock.live.setup import Setup
from moonlock.model.alert import Alert
from moonlock.model.channel import Delivery, Webhook
from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.model.manual import Budget, Plan, Posting
from moonlock.model.quiet import Hours
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.errors import StoreFull

T = TypeVar("T")
NOW: Instant = 1_795_161_600_000
NEVER, ALWAYS = None, (0, 24 * 60)
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


def alert(name: str, **more: object) -> Alert:
    plain = Alert(
        id=name,
        rule="budget-80",
        subject="s1 tokens",
        session="s1",
        severity="warning",
        phase="firing",
        title="Login: the token budget runs out",
        measure="share",
        level=0.81,
        threshold=0.8,
        since=NOW,
        fired_at=NOW,
    )
    return msgspec.structs.replace(plain, **more)


def over(one: Alert) -> Alert:
    return msgspec.structs.replace(one, phase="resolved", resolved_at=NOW + 5)


async def ask(work: Callable[[], T]) -> T:
    return work()


def setup(home: Path, hooks: Sequence[str], quiet: Hours | None = NEVER) -> Setup:
    found = tuple(Webhook(url=url, secret="s3cret", allow_private=True) for url in hooks)
    return Setup(env={}, home=home, zone=UTC, timezone="UTC", version="0", webhooks=found, quiet_hours=quiet)


def said(store: Store, known: Channels, *alerts: Alert) -> None:
    """What Alarms does with alerts that changed."""
    work = store.alerts()
    with work.durably():
        work.keep(alerts)
        known.within(alerts)
    for one in alerts:
        known.on_alert(one)


@asynccontextmanager
async def following(known: Channels) -> AsyncIterator[None]:
    ready = asyncio.Event()
    ready.set()
    task = asyncio.create_task(known.follow(ready))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(store: Store, name: str, *states: str) -> list[Delivery]:
    """What became of the messages of an alert, once it is this."""
    async with asyncio.timeout(10):
        while True:
            found = store.deliveries().of([name]).get(name, [])
            if [one.state for one in found] == [*states]:
                return found
            await asyncio.sleep(0.005)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test need not wait for the next try."""
    monkeypatch.setattr(channels, "FIRST", 1)


def told(answer: bytes, story: Callable[[Receiver, str], Awaitable[None]]) -> None:
    """A story with somebody who answers so."""

    async def live() -> None:
        async with receiver(says(answer)) as somebody:
            await story(somebody, f"http://127.0.0.1:{somebody.port}/")

    asyncio.run(live())


def test_every_channel_is_told_of_the_beginning_and_of_the_end(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url, url]))
        async with following(known):
            said(store, known, alert("a1"))
            await until(store, "a1", "sent", "sent")
            said(store, known, over(alert("a1")))
            found = await until(store, "a1", "sent", "sent", "sent", "sent")
        assert [(one.news, one.channel, one.tries, one.answer) for one in found[1:3]] == [
            ("firing", "webhook-2", 1, "204"),
            ("resolved", "webhook-1", 1, "204"),
        ]
        bodies = [msgspec.json.decode(body) for _, body in somebody.heard]
        assert [(body["schema"], body["id"], body["phase"]) for body in bodies] == [
            *2 * [("moonlock.alert/1", "a1", "firing")],
            *2 * [("moonlock.alert/1", "a1", "resolved")],
        ]
        assert {head["X-Moonlock-Delivery"] for head, _ in somebody.heard} == {"a1-firing", "a1-resolved"}
        assert delivery_shape(found[0]).state == "sent"

    told(OK, story)


def test_a_name_with_signs_for_a_terminal_is_sent_as_plain_words() -> None:
    found = msgspec.json.decode(channels.body(alert("a1", title="a\x1b[31m\u202eb\nc")))
    assert found["title"] == "a [31m b c"


def test_the_place_of_a_log_is_sent_nowhere() -> None:
    gone = {"rule": "source-silent", "subject": "/home/mary/.claude", "session": None}
    sent = channels.body(alert("a1", title="Logs that were read cannot be reached: /home/mary/.claude", **gone))
    assert b"mary" not in sent
    found = msgspec.json.decode(sent)
    assert (found["id"], found["subject"], found["title"]) == ("a1", "logs", "Logs that were read cannot be reached")
    unreadable = {**gone, "subject": "logs", "title": "Some logs cannot be read"}
    assert msgspec.json.decode(channels.body(alert("a1", **unreadable)))["title"] == "Some logs cannot be read"


@pytest.mark.usefixtures("eager")
def test_three_tries_and_no_more(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        async with following(known):
            said(store, known, alert("a1"))
            (found,) = await until(store, "a1", "failed")
        assert (found.tries, found.answer, somebody.met) == (3, "503", 3)

    told(BUSY, story)


def test_what_will_never_be_taken_is_tried_once(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        async with following(known):
            said(store, known, alert("a1"))
            (found,) = await until(store, "a1", "failed")
        assert (found.tries, found.answer, somebody.met) == (1, "410", 1)

    told(GONE, story)


def test_tries_are_further_and_further_apart_and_never_at_one_moment() -> None:
    first, second = ({channels.pause(tries) for _ in range(50)} for tries in (1, 2))
    assert 2_500 <= min(first) < max(first) <= 7_500
    assert 10_000 <= min(second) < max(second) <= 30_000
    assert channels.pause(3) <= channels.LONGEST


def test_a_channel_has_one_message_at_a_time_and_in_their_order(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        async with following(known):
            said(store, known, *(alert(f"a{number}") for number in range(8)))
            await asyncio.gather(known.test("webhook-1"), until(store, "a7", "sent"))
        names = [head["X-Moonlock-Delivery"] for head, _ in somebody.heard]
        assert [name for name in names if not name.startswith("test")] == [f"a{number}-firing" for number in range(8)]
        assert (len(names), somebody.most_at_once) == (9, 1)

    told(OK, story)


def test_what_was_kept_is_sent_by_the_next_process_and_what_was_answered_is_not(tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        choices = setup(tmp_path, [url])
        store = open_store(tmp_path)
        known = Channels(store, ask, choices)
        async with following(known):
            said(store, known, alert("a1"))
            await until(store, "a1", "sent")
        said(store, known, alert("a2"))  # nobody sends any more
        store.close()
        store = open_store(tmp_path)
        known = Channels(store, ask, choices)
        async with following(known):
            await until(store, "a2", "sent")
            said(store, known, alert("a2"))  # the same said again is nothing new
            said(store, known, alert("a3"))
            await until(store, "a3", "sent")
        names = [head["X-Moonlock-Delivery"] for head, _ in somebody.heard]
        assert names == ["a1-firing", "a2-firing", "a3-firing"]
        store.close()

    told(OK, story)


def test_a_house_that_is_closed_as_the_answer_comes_writes_it_down(store: Store, tmp_path: Path) -> None:
    """Closed between answer and disk: the next process must not send it again."""
    stuck = asyncio.Event()

    async def slow(work: Callable[[], T]) -> T:
        if getattr(work, "func", None) is not None and work.func.__name__ == "tried" and not stuck.is_set():  # type: ignore[attr-defined]
            stuck.set()
            await asyncio.sleep(60)
        return work()

    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, slow, setup(tmp_path, [url]))
        async with following(known):
            said(store, known, alert("a1"))
            await stuck.wait()
        (found,) = store.deliveries().of(["a1"])["a1"]
        assert (found.state, somebody.met) == ("sent", 1)

    told(OK, story)


def test_a_store_that_fails_is_told_as_that_for_health_says_what_to_do_about_it(store: Store, tmp_path: Path) -> None:
    async def full(work: Callable[[], T]) -> T:
        if work.func.__name__ == "next":  # type: ignore[attr-defined]
            raise StoreFull("The disk is full.")
        return work()

    async def story() -> None:
        ready = asyncio.Event()
        with pytest.raises(StoreFull):
            await Channels(store, full, setup(tmp_path, ["http://127.0.0.1:9/", "http://127.0.0.1:9/"])).follow(ready)

    asyncio.run(story())


def test_a_message_whose_last_try_was_cut_off_is_said_to_have_failed(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        said(store, known, alert("a1"))
        for _ in range(3):
            store.deliveries().trying(1, NOW)
        async with following(known):
            (found,) = await until(store, "a1", "failed")
        assert (found.answer, somebody.met) == ("Moonlock ended during the last try", 0)

    told(OK, story)


def test_a_clock_that_is_set_back_makes_no_message_wait_longer(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        said(store, known, alert("a1"))
        later = clock.now() + HOUR
        store.deliveries().tried(1, "waiting", "503", (later, later))
        async with following(known):
            await until(store, "a1", "sent")

    told(OK, story)


def test_in_quiet_hours_messages_are_held_and_then_only_said_if_they_still_hold(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        quiet = Channels(store, ask, setup(tmp_path, [url], ALWAYS))
        async with following(quiet):
            said(store, quiet, alert("a1", quiet=True), alert("a2", quiet=True))
            await asyncio.sleep(0)
            said(store, quiet, over(alert("a2")))
        assert [one.state for name in ("a1", "a2") for one in store.deliveries().of([name])[name]] == ["held", "held"]
        loud = Channels(store, ask, setup(tmp_path, [url]))
        async with following(loud):
            await until(store, "a1", "sent")
            (dropped,) = await until(store, "a2", "dropped")
        assert dropped.answer == "it was over before the quiet hours were"
        assert [head["X-Moonlock-Delivery"] for head, _ in somebody.heard] == ["a1-firing"]

    told(OK, story)


def test_quiet_hours_that_end_while_the_server_runs_let_go_of_what_is_held(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "LOOK", 0.01)

    async def story(somebody: Receiver, url: str) -> None:
        minute = clock.now() // MINUTE % (24 * 60)
        known = Channels(store, ask, setup(tmp_path, [url], ((minute - 5) % 1440, (minute + 30) % 1440)))
        assert known.is_quiet(clock.now())
        async with following(known):
            said(store, known, alert("a1", quiet=True))
            (held,) = await until(store, "a1", "held")
            assert (held.tries, somebody.met) == (0, 0)
            real = clock.now
            monkeypatch.setattr(clock, "now", lambda: real() + HOUR)
            await until(store, "a1", "sent")

    told(OK, story)


def test_the_end_of_an_alert_is_only_told_to_who_was_told_of_it(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url]))
        said(store, known, over(alert("a1")))
        assert store.deliveries().of(["a1"]) == {}

    told(OK, story)


def test_what_waits_for_a_channel_that_is_no_longer_there_is_dropped(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        said(store, Channels(store, ask, setup(tmp_path, [url, url])), alert("a1"))
        async with following(Channels(store, ask, setup(tmp_path, [url]))):
            found = await until(store, "a1", "sent", "dropped")
        assert found[1].answer == "the channel is no longer in the settings"

    told(OK, story)


def test_a_trial_says_that_it_is_one_and_gives_the_real_answer(store: Store, tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        known = Channels(store, ask, setup(tmp_path, [url], ALWAYS))
        done = await known.test("webhook-1")  # who asks for it wants it now, quiet or not
        assert done is not None
        assert (done[0].taken, done[0].text) == (False, "410")
        body = msgspec.json.decode(somebody.heard[0][1])
        assert (body["rule"], body["title"]) == ("test", "A test of this channel: nothing is wrong")
        assert await known.test("webhook-2") is None

    told(GONE, story)


def test_a_crossing_in_a_running_house_calls_somebody_once_also_after_a_restart(tmp_path: Path) -> None:
    async def story(somebody: Receiver, url: str) -> None:
        for turn in range(2):
            store = open_store(tmp_path)
            engine = Engine(store, ALL, setup(tmp_path, [url]))
            async with engine.running():
                if turn == 0:
                    await crossing(engine.by_hand)
                    await somebody.until(2)
                else:
                    await engine.channels.test("webhook-1")
            store.close()
        said = [msgspec.json.decode(body) for _, body in somebody.heard]
        assert sorted(body["rule"] for body in said) == ["budget-80", "budget-95", "test"]

    told(OK, story)


async def crossing(by_hand: ByHand) -> None:
    started = await by_hand.start(Plan("Login", budget=Budget(tokens=100)))
    await by_hand.post(started.id, Posting(96))


def test_channels_listen_to_alarms(store: Store, tmp_path: Path) -> None:
    async def in_turn(work: Callable[[], T], then: Callable[[T], None]) -> T:
        done = work()
        then(done)
        return done

    async def story(somebody: Receiver, url: str) -> None:
        alarms, known = Alarms(store, in_turn, lambda frames: None, UTC), Channels(store, ask, setup(tmp_path, [url]))
        known.listen(alarms)
        assert (alarms.quiet, alarms.within, alarms.on_alert) == (known.is_quiet, known.within, known.on_alert)

    told(OK, story)
