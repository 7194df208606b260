"""``/metrics`` for Prometheus: a few dozen lines, however many sessions there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from litestar import Response, get
from litestar.openapi import ResponseSpec

from moonlock.model.health import ComponentStatus
from moonlock.model.instant import Instant
from moonlock.model.session import SessionStatus
from moonlock.model.shapes import TokensShape
from moonlock.model.wire import Snapshot
from moonlock.server.errors import refusals
from moonlock.server.house import House

TYPE = "text/plain; version=0.0.4"
Sample = tuple[str, float]
"""Labels as they are written, "" for none; and the value."""


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """The one route."""
    text = ResponseSpec(str, description="the samples", media_type="text/plain", generate_examples=False)

    @get("/metrics", responses=refusals() | {200: text}, media_type="text/plain", sync_to_thread=False)
    def metrics() -> Response[str]:
        """The numbers of now in the text format of Prometheus. No session, project or file is named."""
        return Response(written(house.snapshot(clock()), house.hub.listeners), media_type=TYPE)

    return [metrics]


def written(now: Snapshot, listeners: int) -> str:
    """All samples, in the order of their names."""
    return "".join(_family(*family) for family in _families(now, listeners))


def _family(name: str, about: str, kind: str, samples: Iterable[Sample]) -> str:
    lines = "".join(f"moonlock_{name}{labels} {value:.12g}\n" for labels, value in samples)
    return f"# HELP moonlock_{name} {about}\n# TYPE moonlock_{name} {kind}\n{lines}" if lines else ""


def _families(now: Snapshot, listeners: int) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
    health, today, block = now.health, now.today, now.block
    yield "info", "The program that runs.", "gauge", [(_labels(version=now.version), 1)]
    yield "uptime_seconds", "Since the start.", "gauge", [("", health.uptime_ms / 1000)]
    yield "healthy", "1 where a part is well, 0.5 degraded, 0 unhealthy.", "gauge", _well(now)
    yield "listeners", "Clients of the live line.", "gauge", [("", listeners)]
    yield "frames_total", "Frames that were published.", "counter", [("", now.seq)]
    yield "sessions", "Sessions of the last day by status.", "gauge", _statuses(now)
    yield "today_tokens", "Tokens of today by kind.", "gauge", _tokens(today.tokens)
    yield "today_requests", "Requests of today.", "gauge", [("", today.requests)]
    yield "today_cost_usd", "List price of today; what has no price is left out.", "gauge", _known(today.cost_usd)
    yield "today_unpriced_tokens", "Tokens of today without a price.", "gauge", [("", today.unpriced_tokens)]
    if block is not None:
        yield "block_tokens", "Tokens of the open five-hour window by kind.", "gauge", _tokens(block.tokens)
        yield "block_cost_usd", "List price of the open five-hour window.", "gauge", _known(block.cost_usd)
    yield "quota_used_percent", "Of a limit; an estimate is a share of one's own habit.", "gauge", _limits(now)
    left = 0 if now.progress is None else now.progress.bytes - now.progress.bytes_done
    yield "history_bytes", "Bytes of history that are still to be read.", "gauge", [("", left)]


def _well(now: Snapshot) -> Iterator[Sample]:
    worth: dict[ComponentStatus, float] = {"healthy": 1, "degraded": 0.5, "unhealthy": 0}
    for name, part in sorted(now.health.components.items()):
        yield _labels(component=name), worth[part.status]


def _limits(now: Snapshot) -> Iterator[Sample]:
    for window in [] if now.quota is None else now.quota.windows:
        if window.used_percentage is not None:
            yield _labels(window=window.name, source=window.source), window.used_percentage


def _statuses(now: Snapshot) -> Iterator[Sample]:
    found = Counter(session.status for session in now.sessions)
    for status in get_args(SessionStatus):
        yield _labels(status=status), found[status]


def _tokens(tokens: TokensShape) -> Iterator[Sample]:
    for kind in ("input", "output", "cache_creation", "cache_read"):
        yield _labels(kind=kind), getattr(tokens, kind)


def _known(value: float | None) -> list[Sample]:
    return [] if value is None else [("", value)]


def _labels(**said: str) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for value in said.values())
    return "{" + ",".join(f'{name}="{value}"' for name, value in zip(said, quoted, strict=True)) + "}"
