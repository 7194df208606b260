"""Requests, marks and sessions for the tests of analytics, made by hand or taken from the conformance cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moonlock.model.events import BATCH_TIER, GEO_US, LimitHit, LimitKind, UsageEvent
from moonlock.model.instant import Instant, instant
from moonlock.model.session import PendingTool, Phase, Session, SessionKey, Subagent, Tail
from moonlock.model.tokens import Tokens, Usage

SUITE = Path(__file__).parents[1] / "conformance"
PRICES = (SUITE / "prices.json").read_bytes()


def at(text: str) -> Instant:
    """``2026-10-05T10:37`` (UTC) as milliseconds."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def request(model: str, tokens: Tokens, day: str = "2026-10-05", marks: int = 0) -> UsageEvent:
    return UsageEvent(key=1, at=at(day), last_at=at(day), model=model, tokens=tokens, marks=marks)


def spent(tokens: int, cost: int = 0) -> Usage:
    return Usage(tokens=Tokens(input=tokens), requests=1, cost=cost)


def limit(seen: str, resets: str | None, kind: LimitKind = "session") -> LimitHit:
    return LimitHit(key=1, at=at(seen), kind=kind, resets_at=None if resets is None else at(resets))


def expected(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SUITE / "cases" / case / "expected.json").read_text("utf-8"))
    return found


def requests(case: str) -> Iterator[UsageEvent]:
    """What the lines of a case bill, where no line repeats another."""
    for path in sorted((SUITE / "cases" / case / "home").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            found = json.loads(line)
            if found["message"]["model"] != "<synthetic>":
                yield _billed(found)


def _billed(line: dict[str, Any]) -> UsageEvent:
    message, usage = line["message"], line["message"]["usage"]
    split = usage.get("cache_creation") or {}
    long = split.get("ephemeral_1h_input_tokens", 0)
    written = max(usage["cache_creation_input_tokens"], long + split.get("ephemeral_5m_input_tokens", 0))
    marks = GEO_US * (usage.get("inference_geo") == "us") + BATCH_TIER * (usage.get("service_tier") == "batch")
    return UsageEvent(
        key=hash(message["id"]),
        at=at(line["timestamp"]),
        last_at=at(line["timestamp"]),
        model=message["model"],
        tokens=Tokens(
            usage["input_tokens"], usage["output_tokens"], written - long, long, usage["cache_read_input_tokens"]
        ),
        marks=marks,
        searches=(usage.get("server_tool_use") or {}).get("web_search_requests", 0),
        recorded=None if line.get("costUSD") is None else round(line["costUSD"] * 10**6),
    )


def session(tail: Tail | None = None, agents: tuple[Subagent, ...] = ()) -> Session:
    tail = tail or Tail()
    return Session(
        uid="0" * 16,
        key=SessionKey("claude-code", "-w-alpha", "11111111"),
        title="",
        project="alpha",
        cwd="/w/alpha",
        branch="main",
        version="2.1.215",
        first_at=tail.at or None,
        last_at=tail.at or None,
        model=tail.model,
        tail=tail,
        usage=Usage(),
        subagents=Usage(),
        agents=agents,
    )


def tail(phase: Phase, when: str, *pending: tuple[str, str], resets: str | None = None) -> Tail:
    tools = tuple(PendingTool(number, name, at(since)) for number, (name, since) in enumerate(pending))
    return Tail(at=at(when), phase=phase, pending=tools, limit_resets_at=None if resets is None else at(resets))


def helper(first: str, last: str) -> Subagent:
    return Subagent("a1", "claude-haiku-5-5", at(first), at(last), Usage())
