"""Calls those who do not look: every message is in the store before it is sent, and again once it was answered.

What was not answered when the process ended is sent again by the next one, under the same name. Each channel has its
messages one after the other, in their order.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import msgspec

from moonlock.analytics.rules import abroad
from moonlock.live import clock, log
from moonlock.live.alarms import Alarms
from moonlock.live.alert_shapes import alert_shape
from moonlock.live.setup import Setup
from moonlock.live.turns import Ask
from moonlock.live.webhook import Answer, Letter, Resolve, look_up, post
from moonlock.model.alert import Alert
from moonlock.model.alert_shapes import DeliveryShape
from moonlock.model.channel import Delivery, Message, State, Webhook
from moonlock.model.instant import SECOND, Instant, iso
from moonlock.model.quiet import is_quiet, text
from moonlock.store import Store

SCHEMA = "moonlock.alert/1"
TRIES = 3
FIRST, FACTOR, LONGEST = 5 * SECOND, 4, 60 * SECOND
"""How long a failed message waits for its next try, give or take a half; no clock that was set back makes it longer."""
LOOK = 10.0
"""Seconds between two looks at whether quiet hours are over, while something is held."""
_encode = msgspec.json.Encoder().encode


class Channels:
    """Lives in the event loop's thread, but for ``within``. Channels are named by their place in the settings."""

    def __init__(self, store: Store, ask: Ask, setup: Setup, resolve: Resolve = look_up) -> None:
        self._store, self._ask, self._resolve = store, ask, resolve
        self._hours, self._zone = setup.quiet_hours, setup.zone
        self.hooks = {f"webhook-{number}": hook for number, hook in enumerate(setup.webhooks, 1)}
        self._alone = {channel: asyncio.Lock() for channel in self.hooks}
        self._news = {channel: asyncio.Event() for channel in (*self.hooks, "")}
        self._answered: dict[int, Callable[[], None]] = {}
        self._held = True

    def listen(self, alarms: Alarms) -> None:
        """Say what becomes of alerts from now on."""
        alarms.quiet, alarms.within, alarms.on_alert = self.is_quiet, self.within, self.on_alert

    @property
    def quiet_hours(self) -> str | None:
        """As a person writes them; None for none."""
        return None if self._hours is None else text(self._hours)

    def is_quiet(self, now: Instant) -> bool:
        """Whether nobody is to be called now."""
        return is_quiet(self._hours, now, self._zone)

    def within(self, alerts: Sequence[Alert]) -> None:
        """What is to be said of alerts that changed. In the writer's thread, in the transaction that keeps them."""
        if self.hooks:
            now = clock.now()
            quiet = self.is_quiet(now)
            messages = [message(one, one.quiet if one.phase == "firing" else quiet) for one in alerts]
            self._store.deliveries().put(messages, [*self.hooks], now)

    def on_alert(self, alert: Alert) -> None:
        """There is something to say now."""
        self._held = True
        self._wake()

    async def follow(self, ready: asyncio.Event) -> None:
        """Say what is to be said, as long as the house stands. What was held is judged once history is read."""
        await self._ask(partial(self._store.deliveries().leave_out, [*self.hooks], clock.now()))
        try:
            async with asyncio.TaskGroup() as group:
                for channel, hook in self.hooks.items():
                    group.create_task(self._serve(channel, hook))
                if self.hooks:
                    group.create_task(self._release(ready))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # by its own name, so that health can say what to do
        finally:  # also when the house is closed: else what was answered would be sent again
            for number in [*self._answered]:
                await self._note(number)

    async def test(self, channel: str) -> tuple[Answer, Instant] | None:
        """Send a message that says that it is a test: the real answer, and how long it took; None for no channel."""
        hook = self.hooks.get(channel)
        if hook is None:
            return None
        async with self._alone[channel]:
            now, began = clock.now(), clock.monotonic()
            answer = await post(hook, Letter(f"test-{now}", body(_trial(channel, now)), now), self._resolve)
        return answer, clock.monotonic() - began

    async def _serve(self, channel: str, hook: Webhook) -> None:
        news = self._news[channel]
        while True:
            news.clear()
            one = await self._ask(partial(self._store.deliveries().next, channel))
            wait = None if one is None else one.due - clock.now()
            if one is not None and wait is not None and not 0 < wait <= LONGEST:
                async with self._alone[channel]:
                    await self._try(hook, one)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(None if wait is None else wait / SECOND):
                    await news.wait()

    async def _try(self, hook: Webhook, one: Delivery) -> None:
        """Once; an answer that could not be written down is written down the next time, and nothing is sent again."""
        if one.number not in self._answered:
            self._answered[one.number] = await self._sent(hook, one)
        await self._note(one.number)

    async def _note(self, number: int) -> None:
        await self._ask(self._answered[number])
        del self._answered[number]

    async def _sent(self, hook: Webhook, one: Delivery) -> Callable[[], None]:
        kept, now = self._store.deliveries(), clock.now()
        if one.tries >= TRIES:
            return partial(kept.tried, one.number, "failed", "Moonlock ended during the last try", (now, now))
        await self._ask(partial(kept.trying, one.number, now))
        answer = await post(hook, Letter(f"{one.alert}-{one.news}", one.body, now), self._resolve)
        now, tries = clock.now(), one.tries + 1
        state: State = "sent" if answer.taken else "waiting" if answer.again and tries < TRIES else "failed"
        log.delivered(one, state, answer.text)
        return partial(kept.tried, one.number, state, answer.text, (now, now + pause(tries)))

    async def _release(self, ready: asyncio.Event) -> None:
        await ready.wait()
        news = self._news[""]
        while True:
            news.clear()
            kept, now = self._store.deliveries(), clock.now()
            if self._held and not self.is_quiet(now):
                self._held = False
                await self._ask(partial(kept.release, now))
                self._wake()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK if self._held else None):
                    await news.wait()

    def _wake(self) -> None:
        for news in self._news.values():
            news.set()


def message(alert: Alert, quiet: bool) -> Message:
    """What is to be said of an alert that fires or is over."""
    return Message(alert.id, "resolved" if alert.phase == "resolved" else "firing", body(alert), quiet)


def body(alert: Alert) -> bytes:
    """Ids, numbers and one line of text, whatever was in the name of a session; no path."""
    told = abroad(alert)
    title = "".join(sign if sign.isprintable() else " " for sign in told.title)
    shape = alert_shape(msgspec.structs.replace(told, title=title))
    return b'{"schema":"' + SCHEMA.encode() + b'",' + _encode(shape)[1:]


def pause(tries: int) -> int:
    """Milliseconds until the next try: longer each time, and never for all at the same moment."""
    longer: int = FIRST * FACTOR ** (tries - 1)
    return min(LONGEST, round(longer * random.uniform(0.5, 1.5)))


def delivery_shape(one: Delivery) -> DeliveryShape:
    """What became of a message, as every face shows it."""
    return DeliveryShape(channel=one.channel, state=one.state, at=iso(one.at), tries=one.tries, answer=one.answer)


def _trial(channel: str, now: Instant) -> Alert:
    return Alert(
        id=f"test-{now}",
        rule="test",
        subject=channel,
        session=None,
        severity="info",
        phase="firing",
        title="A test of this channel: nothing is wrong",
        measure="state",
        level=1.0,
        threshold=1.0,
        since=now,
        fired_at=now,
    )
