"""Small frames for tests of the hub: only what tells them apart."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from moonlock.model.shapes import MinuteShape, SessionShape, StateShape, TokensShape, TotalsShape
from moonlock.model.toolwork_shapes import ToolData
from moonlock.model.wire import FrameBase, SessionTokens, SessionTool, TodayData, TodayUpdate, TokensData


def tokens(total: int) -> TokensShape:
    return TokensShape(input=total, total=total)


def totals(total: int) -> TotalsShape:
    return TotalsShape(tokens=tokens(total), cost_usd=0.0, requests=total)


def session(uid: str, total: int = 0) -> SessionShape:
    return SessionShape(
        id=uid,
        agent="claude-code",
        agent_session_id=uid,
        status="running",
        state=StateShape(since=None, source="log", tool=None, certain=True),
        project="p",
        cwd=None,
        branch=None,
        model=None,
        version=None,
        started_at=None,
        last_activity_at=None,
        tokens=tokens(total),
        cost_usd=0.0,
        requests=total,
    )


def used(uid: str, total: int, minute: str = "m") -> SessionTokens:
    data = TokensData(
        session=session(uid, total),
        today=totals(total),
        block=None,
        minute=MinuteShape(at=minute, tokens=tokens(total)),
    )
    return SessionTokens(seq=0, at="", sent_at="", session_id=uid, data=data)


def tool(uid: str, name: str, at: str = "") -> SessionTool:
    data = ToolData(id=name, tool="Bash", state="started", started_at="", duration_ms=None, outcome=None, subagent=None)
    return SessionTool(seq=0, at=at, sent_at="", session_id=uid, data=data)


def today(total: int) -> TodayUpdate:
    return TodayUpdate(seq=0, at="", sent_at="", data=TodayData(today=totals(total), block=None))


F = TypeVar("F", bound=FrameBase)


class Head(msgspec.Struct, rename="camel"):
    """What every frame and skip has in common, for looking into encoded ones."""

    type: str
    seq: int = 0
    to: int = 0
    session_id: str | None = None
    sent_at: str = ""


def head(body: bytes) -> Head:
    return msgspec.json.decode(body, type=Head)


def whole(body: bytes, kind: type[F]) -> F:
    return msgspec.json.decode(body, type=kind)
