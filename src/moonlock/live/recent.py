"""The newest facts, as the frames that told them: a list of activity begins with these."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from moonlock.model.wire import Frame, SessionError, SessionObjective, SessionTool

MOST = 50
FactFrame = SessionTool | SessionObjective | SessionError


class Recent:
    """Holds each fact once, however often it is told; a tool's end stands for its start."""

    def __init__(self) -> None:
        self._frames: dict[Hashable, FactFrame] = {}

    def add(self, frame: Frame) -> None:
        """Take in a frame that is told; all but facts are let by."""
        if isinstance(frame, FactFrame):
            self._frames[_fact(frame)] = frame
            if len(self._frames) > 2 * MOST:
                self._frames = {_fact(kept): kept for kept in self.newest()}

    def forget(self, session_id: str) -> None:
        """The facts of this session are told no more."""
        self._frames = {fact: frame for fact, frame in self._frames.items() if frame.session_id != session_id}

    def newest(self) -> list[FactFrame]:
        """At most 50, oldest first."""
        return sorted(self._frames.values(), key=_moment)[-MOST:]

    def untold(self, frames: Iterable[FactFrame]) -> list[FactFrame]:
        """Those that would be among the newest and are not known yet, oldest first."""
        told = self.newest()
        oldest = told[0].at if len(told) == MOST else ""
        fresh = {_fact(frame): frame for frame in frames if frame.at > oldest}
        return sorted((frame for fact, frame in fresh.items() if fact not in self._frames), key=_moment)[-MOST:]


def _fact(frame: FactFrame) -> Hashable:
    match frame:
        case SessionTool(data=data):
            return frame.session_id, data.id
        case SessionObjective(data=data):
            return frame.session_id, frame.at, data.id, data.state
        case SessionError(data=data):
            return frame.session_id, frame.at, data.kind


def _moment(frame: FactFrame) -> tuple[str, int]:
    """Times on the wire compare as text."""
    return frame.at, frame.seq
