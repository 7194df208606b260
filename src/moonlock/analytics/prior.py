"""What is expected of somebody whose windows are not known yet: generated windows of people who work in bursts.

They come from one seed, so they are the same everywhere; no user's data are in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from math import cos, exp, log, pi, sqrt
from random import Random
from statistics import median

from moonlock.analytics.forecast import WINDOW, Analogs, analogs

SEED, USERS, WINDOWS, SAMPLED = 20_261_120, 12, 40, 300
TOKENS, COST = 9_000_000, 6_400_000
"""What a usual window spends as long as nothing of one's own is known: tokens, and micro-dollars."""
_BUSY, _ON, _BACK = 0.85, 0.75, 0.8
"""Minutes of a burst with usage; bursts after which somebody stays; pauses after which it goes on."""


class Person:
    """Somebody's way of working."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._burst, self._pause = chance.uniform(6, 25), chance.uniform(3, 20)
        self._away, self._scale = chance.uniform(40, 240), chance.uniform(0.05, 0.6)
        self._spread = chance.uniform(0.6, 1.4)

    def windows(self, count: int) -> list[list[float]]:
        """So many days' windows, minute by minute; those in which nothing happened are left out."""
        made = (self._window(exp(self._normal(0.5))) for _ in range(count))
        return [bins for bins in made if any(bins)]

    def _window(self, day: float) -> list[float]:
        bins = [0.0] * WINDOW
        for start, end in self._bursts():
            level = self._scale * day * exp(self._normal(0.6) - self._spread**2 / 2)
            for minute in range(start, min(end, WINDOW)):
                if self._chance.random() < _BUSY:
                    bins[minute] = level * exp(self._normal(self._spread))
        return bins

    def _bursts(self) -> Iterator[tuple[int, int]]:
        """Where work begins and ends: a burst, then thinking or absence, until the window is over."""
        minute = 0
        while minute < WINDOW:
            end = minute + self._lasting(self._burst)
            yield minute, end
            stays = self._chance.random() < _ON
            minute = end + self._lasting(self._pause if stays else self._away)
            if stays and self._chance.random() >= _BACK:
                minute += self._lasting(self._away)

    def _lasting(self, mean: float) -> int:
        return max(1, round(-mean * log(1 - self._chance.random())))

    def _normal(self, spread: float) -> float:
        """Made from ``random`` alone, which is promised to stay the same in every version of Python."""
        first, second = 1 - self._chance.random(), self._chance.random()
        return spread * sqrt(-2 * log(first)) * cos(2 * pi * second)


def people(seed: int, count: int, windows: int) -> list[list[list[float]]]:
    """The windows of so many people."""
    chance = Random(seed)
    return [Person(chance).windows(windows) for _ in range(count)]


@cache
def windows() -> list[list[float]]:
    """Every window in units of its own person's usual one."""
    made = []
    for known in people(SEED, USERS, WINDOWS):
        usual = median(sum(bins) for bins in known)
        made += [[each / usual for each in bins] for bins in known]
    return Random(SEED).sample(made, SAMPLED)


@lru_cache(maxsize=8)
def prior(length: int = WINDOW) -> Analogs:
    """The prior, or as many of the first minutes of it. Made in a tenth of a second, once."""
    return analogs(windows(), length=length)
