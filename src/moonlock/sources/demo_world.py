"""The demo world: a month of work that was, and people who go on working while you look.

Pure: the same seed, moment and speed give the same lines. Each person and each past day has a random stream of its own,
so that nothing depends on who is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from itertools import count
from random import Random
from typing import NamedTuple

from moonlock.model.instant import DAY, HOUR, MINUTE, Instant, moment
from moonlock.sources import demo_words as words
from moonlock.sources.demo_lines import Line
from moonlock.sources.demo_session import Session, Style, next_reset
from moonlock.sources.demo_worker import Pace

DAYS = 30
MODELS = (words.OPUS, words.SONNET, words.HAIKU)


class Step(NamedTuple):
    """Wait ``delay`` milliseconds, then append ``data`` to ``path`` (relative to the home folder)."""

    delay: int
    path: str
    data: bytes


class World(NamedTuple):
    """``past`` holds the lines up to now, file by file in time order; ``future`` never ends."""

    past: dict[str, list[bytes]]
    future: Iterator[Step]


def world(seed: int, now: Instant, speed: float) -> World:
    """The demo as of ``now``."""
    pace = Pace(now, speed)
    past: dict[str, list[bytes]] = {}
    for day in range(DAYS, -1, -1):
        for line in _past_day(Random(f"{seed}/day/{day}"), pace, now - day * DAY):
            if line.at < now - HOUR:
                past.setdefault(line.path, []).append(line.data)
    people = [person(Random(f"{seed}/person/{place}"), pace) for place, person in enumerate(PEOPLE)]
    lines = merge(*people, key=lambda line: line.at)
    for line in lines:
        if line.at > now:
            return World(past, _steps(now, line, lines))
        past.setdefault(line.path, []).append(line.data)
    raise AssertionError("the demo never ends")


def _steps(now: Instant, first: Line, lines: Iterator[Line]) -> Iterator[Step]:
    at = now
    line: Line | None = first
    while line is not None:
        yield Step(max(0, line.at - at), line.path, line.data)
        at = max(at, line.at)
        line = next(lines, None)


def _past_day(rng: Random, pace: Pace, day: Instant) -> Iterator[Line]:
    """What was done on one day: some sessions between morning and evening, few at the weekend."""
    morning = day // DAY * DAY + 7 * HOUR
    weekend = moment(day).weekday() >= 5
    for _ in range(rng.choice((0, 0, 1, 2)) if weekend else rng.randrange(2, 6)):
        at = morning + rng.randrange(12 * HOUR)
        project = rng.choices(words.PROJECTS, (5, 4, 3, 2, 1))[0]
        style = Style(project, rng.choices(MODELS, (4, 5, 2))[0], steps=rng.randrange(3, 9), helpers=0.15)
        session = Session(rng, style, pace, at)
        for _ in range(rng.randrange(1, 5)):
            yield from session.turn()
            session.worker.wait(20_000, 9 * MINUTE if rng.random() < 0.9 else 2 * HOUR)
        if rng.random() < 0.25:
            yield session.delivered(rng.randrange(100, 999))
        if rng.random() < 0.02:
            yield from session.limited(next_reset(session.at, HOUR))


Person = Callable[[Random, Pace], Iterator[Line]]


def _busy(style: Style, since: int, turns: int, soon: int) -> Person:
    """Somebody who goes from turn to turn, and from session to session; next seen writing ``soon`` from now."""

    def begun(rng: Random, pace: Pace, since: float) -> Iterator[Line]:
        at = pace.now - int(since)
        for number in count(200):
            session = Session(rng, style, pace, at)
            for _ in range(turns):
                yield from session.turn()
                session.worker.wait(3_000, 15_000)
            yield session.delivered(number)
            session.worker.wait(30_000, 90_000)
            at = session.at

    def live(rng: Random, pace: Pace) -> Iterator[Line]:
        state = rng.getstate()
        delay = next(line.at for line in begun(rng, pace, since) if line.at > pace.now) - pace.now
        rng.setstate(state)
        return begun(rng, pace, since + max(0, delay - soon) * pace.speed)

    return live


def _resting(style: Style, since: int, rests: int, returns: int) -> Person:
    """Somebody who stopped ``rests`` ago with the agent waiting, and comes back ``returns`` from now."""

    def live(rng: Random, pace: Pace) -> Iterator[Line]:
        session = Session(rng, style, pace, pace.now - since)
        yield from _worked_until(session, pace.now - rests)
        session.worker.at = pace.after(pace.now, returns)
        while True:
            yield from session.turn()
            session.worker.wait(returns, 3 * returns)

    return live


def _questioned(style: Style, since: int, asked: int, answers: int) -> Person:
    """Somebody whose agent asked something ``asked`` ago; the answer comes ``answers`` from now."""

    def live(rng: Random, pace: Pace) -> Iterator[Line]:
        session = Session(rng, style, pace, pace.now - since)
        yield from _worked_until(session, pace.now - asked)
        session.worker.at = max(session.at, pace.now - asked)
        while True:
            # Time before now is not squeezed by the speed, so what lies before is added in full.
            yield from session.asks(max(0, pace.now - session.at) + answers)
            for _ in range(2):
                yield from session.turn()
                session.worker.wait(10_000, 40_000)

    return live


def _stopped(style: Style, since: int, hit: int) -> Person:
    """Somebody who ran into a limit ``hit`` ago and has to wait for its reset."""

    def live(rng: Random, pace: Pace) -> Iterator[Line]:
        session = Session(rng, style, pace, pace.now - since)
        yield from _worked_until(session, pace.now - hit)
        session.worker.at = pace.now - hit
        while True:
            reset = next_reset(session.at, 50 * MINUTE)
            yield from session.limited(reset)
            session.worker.at = reset + MINUTE
            for _ in range(9):
                yield from session.turn()
                session.worker.wait(8_000, 40_000)

    return live


def _worked_until(session: Session, end: Instant) -> Iterator[Line]:
    """Whole turns that are over by ``end``; one that would take longer is not begun."""
    worker = session.worker
    while True:
        before = (session.turns, worker.context, worker.fresh, worker.asked_at, worker.scribe.parent)
        lines = list(session.turn())
        if session.at > end:
            session.turns, worker.context, worker.fresh, worker.asked_at, worker.scribe.parent = before
            session.plan = None
            return
        yield from lines
        worker.wait(15_000, 70_000)


PEOPLE: tuple[Person, ...] = (
    _busy(Style(words.ATLAS, words.OPUS, steps=8, helpers=0.45, plans=0.6), 55 * MINUTE, 30, 1_400),
    _busy(Style(words.HARBOR, words.SONNET, steps=9, helpers=0.1, plans=0.5), 95 * MINUTE, 40, 400),
    _busy(Style(words.LUMEN, words.SMALL, steps=10, plans=0.8, hunger=9_000), 30 * MINUTE, 30, 900),
    _resting(Style(words.TIDE, words.SONNET, steps=5), 70 * MINUTE, 2 * MINUTE, 50_000),
    _questioned(Style(words.CRANE, words.HAIKU, steps=4), 50 * MINUTE, 9 * MINUTE, 2 * MINUTE),
    _stopped(Style(words.ATLAS, words.OPUS, steps=6, helpers=0.2), 100 * MINUTE, 7 * MINUTE),
)
