"""The alarms of one run on a real store, and levels that cross a threshold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import TypeVar

from moonlock.analytics.rules import RULES, Picture, Planned
from moonlock.live.alarms import Alarms
from moonlock.model.alert import Alert
from moonlock.model.alert_shapes import AlertShape
from moonlock.model.instant import HOUR
from moonlock.model.wire import AlertRaised, AlertResolved, Frame
from moonlock.store import Store
from moonlock.store.alerts import Which
from moonlock.store.pricing import unpriced

T = TypeVar("T")
NOON = 1_795_161_600_000
BUDGET = tuple(rule for rule in RULES if rule.id == "budget-80")


class Killed(BaseException):
    """Nothing of what would have come next happens."""


class Desk:
    """The alarms of one run, and everything that was told."""

    def __init__(self, store: Store, chance: Callable[[], float] = lambda: 1.0) -> None:
        self.store, self.chance = store, chance
        self.frames: list[Frame] = []
        self.called: list[Alert] = []
        self.alarms = Alarms(store, self.in_turn, self.frames.extend, UTC)
        self.alarms.on_alert = self.called.append

    async def in_turn(self, work: Callable[[], T], then: Callable[[T], None]) -> T:
        """The writer's thread; by chance everything ends before or after the work."""
        if self.chance() < 0.1:
            raise Killed
        done = work()
        if self.chance() < 0.1:
            raise Killed
        then(done)
        return done

    async def see(self, *levels: float, now: int = NOON) -> None:
        await self.alarms.look(planned(*levels, now=now))

    @property
    def told(self) -> list[AlertShape]:
        """The alerts of all frames."""
        return [frame.data for frame in self.frames if isinstance(frame, AlertRaised | AlertResolved)]

    @property
    def phases(self) -> list[str]:
        return [shape.phase for shape in self.alarms.shapes(NOON)]


def planned(*levels: float, now: int = NOON) -> Picture:
    """Sessions by hand that have used so much of their tokens."""
    hands = [Planned(f"{number:016x}", f"Plan {number}", True, level) for number, level in enumerate(levels, 1)]
    return Picture(now, hands=hands)


def opened(folder: Path) -> Store:
    return Store.write(folder / "moon.db", unpriced, checked=False)


def known(store: Store) -> list[Alert]:
    return store.alerts().page(Which(), None, 10_000)


def crossings(count: int, chance: random.Random) -> Iterator[tuple[float, int]]:
    """Levels that cross so many times, and the clock meanwhile, which is set now and then."""
    now = NOON
    for _ in range(count):
        for above in (True, False):
            for _ in range(chance.randint(1, 2)):
                now += chance.choice((1, 250, 1_000, 1_000, HOUR, -HOUR, -1, 0))
                yield chance.uniform(0.8, 1.2) if above else chance.uniform(0, 0.74), now
        if chance.random() < 0.3:
            yield chance.uniform(0.75, 0.79), now


def together(plans: int, count: int, chance: random.Random) -> Iterator[tuple[list[float], int]]:
    """Levels of so many sessions at a time, each of which crosses so many times."""
    lives = [list(crossings(count, chance)) for _ in range(plans)]
    for step in range(max(map(len, lives))):
        seen = [life[min(step, len(life) - 1)] for life in lives]
        yield [level for level, _ in seen], seen[0][1]
