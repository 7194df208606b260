"""The rules: each looks at a picture of now and says how far what it watches has gone. An alert rule is added here.

A rule says something of every subject that is there, also where all is well: what it says nothing of is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf

import msgspec

from moonlock.analytics.caching import Cache
from moonlock.analytics.limit_rules import LIMIT_RULES, Limit
from moonlock.analytics.sessions import Status
from moonlock.model.alert import Alert, Rule, Sign
from moonlock.model.health import ComponentStatus
from moonlock.model.instant import MINUTE, SECOND, Instant
from moonlock.model.limits import ContextWindow
from moonlock.model.outlook import AnomalyState

LIKELY = 0.5
"""A time to the limit is told when it is likelier than not that the limit is reached."""

LOGS = "logs"
"""Stands for no place of its own: a part of what is there cannot be read."""
GONE = "Logs that were read cannot be reached"
SHORT = 5 * MINUTE
"""So long those rest that somebody has to do something about each time."""


class Seen(msgspec.Struct, frozen=True):
    """A live session of an agent."""

    uid: str
    name: str
    status: Status
    context: ContextWindow | None = None
    cache: Cache | None = None


class Prospect(msgspec.Struct, frozen=True):
    """Where something with a limit leads; ``probability`` None: there is no limit, or it is not told yet."""

    probability: float | None = None
    limit_at: Instant | None = None
    """None beside a probability: the limit is not reached."""


class Planned(msgspec.Struct, frozen=True):
    """A session by hand that is open, or was until just now; shares of its budgets, None without one."""

    uid: str
    name: str
    running: bool
    tokens: float | None = None
    cost: float | None = None
    prospect: Prospect | None = None


class Window(msgspec.Struct, frozen=True):
    """The five-hour window that is open."""

    active: bool
    """Whether anything was used in the last minutes."""
    prospect: Prospect | None = None
    pace: AnomalyState | None = None


class Picture(msgspec.Struct, frozen=True):
    """What the rules see at one moment."""

    now: Instant
    sessions: Sequence[Seen] = ()
    hands: Sequence[Planned] = ()
    window: Window | None = None
    limits: Sequence[Limit] = ()
    silent: Mapping[str, bool] = {}
    """The places where logs were read, and ``LOGS``: whether one is gone, or cannot be read."""
    store: ComponentStatus = "healthy"


Look = Callable[[Picture], Iterable[Sign]]


def budget(seen: Picture) -> Iterator[Sign]:
    """How much of a budget is used."""
    for hand in seen.hands:
        for kind, share in (("token", hand.tokens), ("cost", hand.cost)):
            if share is not None:
                title = f"{hand.name}: the {kind} budget runs out"
                yield Sign(f"{hand.uid} {kind}s", share, title, hand.uid)


def overrun(seen: Picture) -> Iterator[Sign]:
    """How likely a limit is passed. Nothing changes while nothing happens."""
    for subject, session, name, active, prospect in _prospects(seen):
        likely = prospect.probability if prospect is not None and active else None
        yield Sign(subject, likely, f"{name}: likely to pass its limit", session)


def time_to_limit(seen: Picture) -> Iterator[Sign]:
    """How soon a limit is reached that is likely reached."""
    for subject, session, name, active, prospect in _prospects(seen):
        level: float | None = None
        if prospect is not None and prospect.probability is not None and active:
            near = prospect.limit_at if prospect.probability >= LIKELY else None
            level = inf if near is None else max(0, near - seen.now)
        yield Sign(subject, level, f"{name}: the limit may be reached soon", session)


def _of_limits(look: Callable[[Sequence[Limit]], Iterable[Sign]]) -> Look:
    return lambda seen: look(seen.limits)


def anomaly(seen: Picture) -> Iterator[Sign]:
    """Whether it goes faster than one's own habit."""
    if seen.window is not None:
        pace = seen.window.pace
        level = None if pace in (None, "learning") else float(pace == "high")
        yield Sign("pace", level, "It goes much faster than usual")


def context_high(seen: Picture) -> Iterator[Sign]:
    """How far the context has filled up on its way to the next compaction."""
    for session in seen.sessions:
        context = session.context
        room = 0 if context is None else context.used + context.until_compaction
        share = context.used / room if context is not None and room else None
        title = f"{session.name}: the context is close to compaction"
        yield Sign(session.uid, share, title, session.uid)


def cache_lost(seen: Picture) -> Iterator[Sign]:
    """Which share of a large prompt was written into the cache anew."""
    for session in seen.sessions:
        lost = None if session.cache is None else session.cache.lost
        tokens = 0 if session.cache is None else session.cache.rewritten
        title = f"{session.name}: the cache was lost, {tokens:,} tokens were written anew"
        yield Sign(session.uid, lost, title, session.uid)


def waiting(seen: Picture) -> Iterator[Sign]:
    """How long a session has waited for a person."""
    for session in seen.sessions:
        status = session.status
        waits = status.status == "waiting" and status.since is not None
        level = max(0, seen.now - (status.since or 0)) if waits else 0
        what = _WAITS.get(status.waiting_for or "", "waits for you")
        yield Sign(session.uid, level, f"{session.name} {what}", session.uid)


_WAITS = {"question": "has a question", "permission": "waits for a permission"}


def session_error(seen: Picture) -> Iterator[Sign]:
    """Whether a session stopped with an error or at a limit."""
    for session in seen.sessions:
        limited = session.status.status == "limited"
        title = f"{session.name} {'was stopped by a limit' if limited else 'stopped with an error'}"
        yield Sign(session.uid, float(limited or session.status.status == "error"), title, session.uid)


def source_silent(seen: Picture) -> Iterator[Sign]:
    """Whether logs that were read are gone, or cannot be read."""
    for place, silent in seen.silent.items():
        title = f"{GONE}: {place}" if place != LOGS else "Some logs cannot be read"
        yield Sign(place, float(silent), title)


def store_trouble(seen: Picture) -> Iterator[Sign]:
    """Whether what Moonlock remembers is in danger."""
    yield Sign("store", float(seen.store != "healthy"), f"The store is {seen.store}: `moonlock doctor` says why")


_ALL: tuple[tuple[Rule, Look], ...] = (
    (
        Rule(id="budget-80", title="80 % of a budget is used", measure="share", threshold=0.8, clear=0.75, cooldown=0),
        budget,
    ),
    (
        Rule(
            id="budget-95",
            title="95 % of a budget is used",
            measure="share",
            threshold=0.95,
            clear=0.9,
            cooldown=0,
            severity="error",
        ),
        budget,
    ),
    (
        Rule(
            id="overrun",
            title="A limit is likely passed",
            measure="probability",
            threshold=0.4,
            clear=0.3,
            hold=MINUTE,
        ),
        overrun,
    ),
    (
        Rule(
            id="time-to-limit",
            title="A limit is near",
            measure="milliseconds",
            rises=False,
            threshold=30 * MINUTE,
            clear=45 * MINUTE,
            hold=MINUTE,
        ),
        time_to_limit,
    ),
    *((rule, _of_limits(look)) for rule, look in LIMIT_RULES),
    (Rule(id="anomaly", title="It goes faster than usual", measure="state", threshold=1, clear=1), anomaly),
    (
        Rule(id="context-high", title="A context is nearly full", measure="share", threshold=0.8, clear=0.7),
        context_high,
    ),
    (
        Rule(id="cache-lost", title="A cache was lost", measure="share", threshold=0.5, clear=0.2, severity="info"),
        cache_lost,
    ),
    (
        Rule(
            id="waiting",
            title="A session waits for a person",
            measure="milliseconds",
            threshold=2 * MINUTE,
            clear=2 * MINUTE,
            cooldown=SHORT,
            severity="info",
        ),
        waiting,
    ),
    (
        Rule(
            id="session-error",
            title="A session stopped with an error",
            measure="state",
            threshold=1,
            clear=1,
            cooldown=SHORT,
            severity="error",
        ),
        session_error,
    ),
    (
        Rule(
            id="source-silent",
            title="Logs cannot be reached",
            measure="state",
            threshold=1,
            clear=1,
            hold=10 * SECOND,
            cooldown=SHORT,
        ),
        source_silent,
    ),
    (
        Rule(
            id="store-trouble",
            title="The store has trouble",
            measure="state",
            threshold=1,
            clear=1,
            cooldown=SHORT,
            severity="error",
        ),
        store_trouble,
    ),
)
RULES: tuple[Rule, ...] = tuple(rule for rule, _ in _ALL)
"""As they are when nobody says otherwise."""
_LOOKS: Mapping[str, Look] = {rule.id: look for rule, look in _ALL}


def signs(rule: Rule, seen: Picture) -> Iterable[Sign]:
    """What a rule sees, of each subject that is there."""
    return _LOOKS[rule.id](seen)


def abroad(alert: Alert) -> Alert:
    """The alert as it may leave this machine: where a log lies is nobody else's business."""
    if alert.rule != "source-silent" or alert.subject == LOGS:
        return alert
    return msgspec.structs.replace(alert, subject=LOGS, title=GONE)


def _prospects(seen: Picture) -> Iterator[tuple[str, str | None, str, bool, Prospect | None]]:
    if seen.window is not None:
        yield "window", None, "The five-hour window", seen.window.active, seen.window.prospect
    for hand in seen.hands:
        if hand.prospect is not None:
            yield hand.uid, hand.uid, hand.name, hand.running, hand.prospect
