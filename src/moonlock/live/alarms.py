"""The life of alerts while a server runs: what the rules see becomes alerts, written before anybody is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from functools import partial

import msgspec

from moonlock.analytics import alerts, periods
from moonlock.analytics.alerts import NOTHING, Past
from moonlock.analytics.rules import RULES, Picture, signs
from moonlock.live import clock, log
from moonlock.live.alert_shapes import alert_frame, alert_shape
from moonlock.live.turns import InTurn
from moonlock.model.alert import Alert, Phase, Rule
from moonlock.model.alert_shapes import AlertShape
from moonlock.model.instant import DAY, Instant
from moonlock.model.wire import Frame
from moonlock.store import Store
from moonlock.store.alerts import place_of
from moonlock.store.errors import StoreError

Key = tuple[str, str]
"""A rule and a subject."""
Known = tuple[dict[Key, Past], list[Alert]]
REMEMBERED = 30 * DAY
"""So old are the crossings that a new one is told from; no rule rests as long."""
MOST_OVER = 100
"""So many of those that were over today are shown, the newest; the page keeps no more either."""
UNWRITTEN = "store-trouble"
"""Alerts of this rule are told even where they cannot be written: that is what they say."""


class Alarms:
    """Lives in the event loop's thread. ``rules`` are those in force. What a look costs follows what is there now."""

    def __init__(self, store: Store, in_turn: InTurn, publish: Callable[[Iterable[Frame]], None], zone: tzinfo) -> None:
        self._store, self._in_turn, self._publish, self._zone = store, in_turn, publish, zone
        self._pasts: dict[Key, Past] = {}
        self._open: dict[str, Alert] = {}
        """By its id, each alert that is not over."""
        self._over: list[Alert] = []
        self._acting = asyncio.Lock()
        self.rules: tuple[Rule, ...] = RULES
        self.quiet: Callable[[Instant], bool] = _never
        self.within: Callable[[Sequence[Alert]], None] = _nothing
        """Called in the writer's thread, within the transaction, with those that fired or are over after they did."""
        self.on_alert: Callable[[Alert], None] = _nothing
        """Called for each of these once it is written."""

    def use(self, rules: Sequence[Rule]) -> None:
        """From the next look on these rules are in force."""
        self.rules = tuple(rules)

    @property
    def remembered(self) -> int:
        """Of how many crossings anything is held, so that tests can count."""
        return len(self._pasts) + len(self._over)

    async def begin(self) -> None:
        """Go on with what the store remembers: what fired fires on, and nobody is told again."""
        async with self._acting:
            await self._in_turn(partial(self._recall, clock.now()), self._begin)

    async def look(self, seen: Picture) -> None:
        """Find what crossed its threshold or came back since the last look, write it, and tell it."""
        async with self._acting:
            found = self._found(seen)
            changes = [alert for key, alert in found.items() if self._turned(key, alert)]
            if not changes:
                self._adopt(found, seen.now)
                return
            try:
                await self._in_turn(partial(self._write, changes), lambda _: self._adopt(found, seen.now))
            except StoreError:
                self._adopt({key: alert for key, alert in found.items() if key[0] == UNWRITTEN}, seen.now)
                raise

    async def acknowledge(self, name: str) -> AlertShape | None:
        """Somebody has seen it; once is enough. None when there is no such alert."""
        async with self._acting:
            alert = self._held(name) or await self._in_turn(partial(self._store.alerts().one, name), _nothing)
            if alert is not None and alert.acknowledged_at is None:
                now = clock.now()
                alert = msgspec.structs.replace(alert, acknowledged_at=now)
                await self._in_turn(partial(self._write, [alert], fresh=False), _nothing)
                self._put(alert)
                self._publish([alert_frame(alert, now)])
        return None if alert is None else alert_shape(alert)

    def newest(self, alert: Alert) -> Alert:
        """An alert out of the store with the level of now, which is not written each time that it moves."""
        return msgspec.structs.replace(alert, level=self._open.get(alert.id, alert).level)

    def shapes(self, now: Instant) -> list[AlertShape]:
        """Those that fire, those that are pending, and the newest that were over today; each newest first."""
        self._over = self._of_today(self._over, now)
        held = sorted([*self._open.values(), *self._over], key=lambda one: (place_of(one)[0], -one.since, one.id))
        return [alert_shape(alert) for alert in held]

    def _found(self, seen: Picture) -> dict[Key, Alert]:
        """What is so now of every subject that has an alert, or had one until now."""
        found: dict[Key, Alert] = {}
        subjects: set[Key] = set()
        for rule in self.rules:
            for sign in signs(rule, seen):
                key = rule.id, sign.subject
                subjects.add(key)
                alert = alerts.step(self._pasts.get(key, NOTHING), rule, sign, seen.now)
                if alert is not None:
                    found[key] = self._hushed(key, alert, seen.now)
        gone = [alert for alert in self._open.values() if _key(alert) not in subjects]
        return found | {_key(alert): alerts.over(alert, seen.now) for alert in gone}

    def _hushed(self, key: Key, alert: Alert, now: Instant) -> Alert:
        """One that fires in quiet hours says so for good."""
        fires = alert.phase == "firing" and self._turned(key, alert)
        return msgspec.structs.replace(alert, quiet=True) if fires and self.quiet(now) else alert

    def _turned(self, key: Key, alert: Alert) -> bool:
        """Whether there is something to write and to tell; that a level moved is not."""
        past = self._pasts.get(key, NOTHING).alert
        before: Phase = "resolved" if past is None else past.phase
        return alert.phase != before

    def _write(self, changes: Sequence[Alert], fresh: bool = True) -> None:
        kept = self._store.alerts()
        with kept.durably():
            kept.keep(changes)
            if fresh:
                self.within([alert for alert in changes if alert.fired_at is not None])

    def _adopt(self, found: dict[Key, Alert], now: Instant) -> None:
        """What is written is so, and is told."""
        turned = [alert for key, alert in found.items() if self._turned(key, alert)]
        for key, alert in found.items():
            self._know(key, alerts.after(self._pasts.get(key, NOTHING), alert))
        fired = [alert for alert in turned if alert.fired_at is not None]
        self._over += [alert for alert in fired if alert.phase == "resolved"]
        if turned:
            self._forget(now)
        self._publish(alert_frame(alert, now) for alert in turned)
        for alert in fired:
            log.alert(alert)
            self.on_alert(alert)

    def _recall(self, now: Instant) -> Known:
        known = self._store.alerts()
        last = known.last(now - REMEMBERED)
        pasts = {(rule, subject): Past(None, seen, fired) for rule, subject, seen, fired in last}
        for alert in known.open():
            pasts[_key(alert)] = alerts.after(pasts.get(_key(alert), NOTHING), alert)
        return pasts, known.over(periods.day_bounds(now, self._zone)[0])

    def _begin(self, known: Known) -> None:
        pasts, self._over = known
        for key, past in pasts.items():
            self._know(key, past)

    def _know(self, key: Key, past: Past) -> None:
        """What is known of a subject from now on."""
        before = self._pasts.get(key, NOTHING).alert
        if before is not None:
            self._open.pop(before.id, None)
        self._pasts[key] = past
        if past.alert is not None:
            self._open[past.alert.id] = past.alert

    def _forget(self, now: Instant) -> None:
        """What a restart would not remember either, and what is not shown any more."""
        self._over = self._of_today(self._over, now)
        old = [key for key, past in self._pasts.items() if past.alert is None and _last(past) < now - REMEMBERED]
        for key in old:
            del self._pasts[key]

    def _of_today(self, over: Sequence[Alert], now: Instant) -> list[Alert]:
        today = periods.day_bounds(now, self._zone)[0]
        kept = [alert for alert in over if (alert.resolved_at or 0) >= today]
        return sorted(kept, key=lambda alert: alert.resolved_at or 0)[-MOST_OVER:]

    def _held(self, name: str) -> Alert | None:
        return self._open.get(name) or next((alert for alert in self._over if alert.id == name), None)

    def _put(self, alert: Alert) -> None:
        """The alert as it is now, in place of what was held of it."""
        if alert.id in self._open:
            self._know(_key(alert), msgspec.structs.replace(self._pasts[_key(alert)], alert=alert))
        self._over = [alert if one.id == alert.id else one for one in self._over]


def _key(alert: Alert) -> Key:
    return alert.rule, alert.subject


def _last(past: Past) -> Instant:
    """The newest moment of which anything is known."""
    return max(past.seen_at, past.fired_at or 0)


def _never(_: Instant) -> bool:
    return False


def _nothing(_: object) -> None:
    """When nobody is to be told."""
