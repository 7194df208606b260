"""What agents export over OpenTelemetry, from the door to the store; and what it says of one session.

The door hands on what it could read and has answered already: what of it is kept, is found out in the writer's thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial

from moonlock.live.health import Condition
from moonlock.live.samples import Ask
from moonlock.live.shapes import dollars, tokens_shape
from moonlock.model.health import Component, Finding
from moonlock.model.instant import Instant, iso
from moonlock.model.shapes import SessionShape
from moonlock.model.telemetry import ApiRequest, Counter, Noted, SessionTelemetry, Telemetry
from moonlock.model.telemetry_shapes import (
    AuxiliaryShape,
    AuxiliarySourceShape,
    TelemetryCompactionShape,
    TelemetryShape,
)
from moonlock.model.tokens import Tokens
from moonlock.model.words import many
from moonlock.sources.base import Exporter, Source
from moonlock.sources.otlp import Otlp
from moonlock.store import Store

MOST_WAITING = 16_000_000
"""Bytes of bodies that may wait; an exporter sends again what is turned away for now."""
SOURCES = 20
"""Kinds of auxiliary requests that are told apart; what is beyond is told together."""
UNTOLD = Finding(
    "no-telemetry",
    "No agent exports telemetry to Moonlock, so requests that no log tells of (titles, compaction) are unknown.",
    "All else works without. To have it, start the agent with CLAUDE_CODE_ENABLE_TELEMETRY=1 "
    "OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=http/json "
    "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:3001 (docs/telemetry.md says it all)",
)
NAME = "telemetry"


class TelemetryDoor:
    """Lives in the event loop. ``offer`` is called once the door could read a body."""

    def __init__(self, store: Store, sources: Sequence[Source], ask: Ask) -> None:
        self._store, self._ask = store, ask
        self._exporters = [source for source in sources if isinstance(source, Exporter)]
        self._waiting: deque[tuple[Otlp, int, Instant]] = deque()
        self._bytes, self._others = 0, 0
        self._come = asyncio.Event()

    def offer(self, said: Otlp, size: int, now: Instant) -> bool:
        """Take what an agent exported, in so many bytes; False while too much waits already."""
        if self._waiting and self._bytes + size > MOST_WAITING:
            return False
        self._waiting.append((said, size, now))
        self._bytes += size
        self._come.set()
        return True

    async def follow(self, condition: Condition) -> None:
        """Keep what comes, for ever, and say how it does."""
        heard = await self._ask(self._store.telemetry().newest_at)
        try:
            while True:
                while self._waiting:
                    heard = max(heard or 0, await self._keep_one() or 0) or None
                condition.put(NAME, telemetry_health(heard, self._others))
                await self._come.wait()
                self._come.clear()
        except asyncio.CancelledError:
            while self._waiting:  # its senders were told that it was taken, and will not send it again
                await self._keep_one()
            raise

    async def _keep_one(self) -> Instant | None:
        """What came first, once it is kept; when it came if anything in it was ours."""
        said, size, now = self._waiting[0]
        told = await self._ask(partial(self._kept, said, now))
        self._waiting.popleft()
        self._bytes -= size
        self._others += told.others
        return now if told.requests or told.counted or told.noted else None

    def _kept(self, said: Otlp, now: Instant) -> Telemetry:
        whole = Telemetry()
        for exporter in self._exporters:
            told = exporter.telemetry(said, now)
            self._store.telemetry().keep(exporter.name, told, now)
            whole += told
        return whole


def telemetry_health(heard: Instant | None, others: int = 0) -> Component:
    """When an agent last exported something of a session; without any, nothing is wrong, but something is unknown."""
    if heard is None:
        return Component("healthy", _with("never heard", others), (UNTOLD,))
    return Component("healthy", _with(f"last heard at {iso(heard)}", others))


def _with(said: str, others: int) -> str:
    return f"{said}; {many(others, 'event or figure', 'events or figures')} not kept" if others else said


Said = tuple[AuxiliaryShape | None, TelemetryShape | None]


def of_session(store: Store, session: SessionShape, now: Instant) -> Said:
    """What no log tells of a session, and what its client counted; None of one that was never heard."""
    found = store.telemetry().of_session(session.agent, session.agent_session_id or "", session.id, now)
    return (None, None) if found is None else (auxiliary(found.alone), counted(found))


def auxiliary(alone: Sequence[ApiRequest]) -> AuxiliaryShape:
    """Requests that no log tells of, by what they were for."""
    found: dict[str, list[ApiRequest]] = {}
    for one in alone:
        found.setdefault(one.source, []).append(one)
    ordered = sorted(found, key=lambda source: (-_sum(found[source]).total, source))
    for source in ordered[SOURCES:]:
        found.setdefault("", []).extend(found.pop(source) if source else [])
    kept = ordered[:SOURCES] + ([""] if "" in found and "" not in ordered[:SOURCES] else [])
    return AuxiliaryShape(
        tokens=tokens_shape(_sum(alone)),
        cost_usd=_cost(alone),
        requests=len(alone),
        by_source=[_source(source, found[source]) for source in kept],
    )


def counted(found: SessionTelemetry) -> TelemetryShape:
    """What the client counted by itself."""

    def count(counter: Counter) -> int | None:
        return round(found.counters.get(counter, 0)) if found.counters else None

    return TelemetryShape(
        last_at=iso(found.last_at),
        requests=found.requests,
        errors=sum(one.kind == "error" for one in found.noted),
        lines_added=count("lines_added"),
        lines_removed=count("lines_removed"),
        commits=count("commits"),
        pull_requests=count("pull_requests"),
        active_user_ms=count("active_user"),
        active_cli_ms=count("active_cli"),
        compactions=[_compaction(one) for one in found.noted if one.kind == "compaction"],
    )


def _source(source: str, asked: Sequence[ApiRequest]) -> AuxiliarySourceShape:
    return AuxiliarySourceShape(
        source=source, tokens=tokens_shape(_sum(asked)), cost_usd=_cost(asked), requests=len(asked)
    )


def _compaction(one: Noted) -> TelemetryCompactionShape:
    return TelemetryCompactionShape(
        at=iso(one.at),
        trigger=one.trigger or None,
        before_tokens=one.before,
        after_tokens=one.after,
        duration_ms=one.duration,
    )


def _sum(asked: Iterable[ApiRequest]) -> Tokens:
    return sum((one.tokens for one in asked), Tokens())


def _cost(asked: Sequence[ApiRequest]) -> float | None:
    known = [one.cost for one in asked if one.cost is not None]
    return dollars(sum(known)) if known or not asked else None
