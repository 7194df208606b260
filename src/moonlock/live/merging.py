"""Which frames may stand for each other: state is replaced by newer state, a fact stays what it is."""

from __future__ import annotations

from collections.abc import Hashable

from moonlock.model.wire import (
    AlertRaised,
    AlertResolved,
    ContextUpdate,
    ForecastUpdate,
    Frame,
    HealthCheck,
    ProgressUpdate,
    QuotaUpdate,
    SessionFrame,
    SessionStatusChanged,
    SessionTokens,
    TodayUpdate,
)


def kind(frame: Frame) -> str:
    """The frame's type on the wire."""
    return str(frame.__struct_config__.tag)


def about(frame: Frame) -> str | None:
    """The session that the frame is about, or None when it is about the whole house."""
    if isinstance(frame, AlertRaised | AlertResolved):
        return frame.data.session_id
    return frame.session_id if isinstance(frame, SessionFrame) else None


def place(frame: Frame) -> Hashable:
    """Frames of one place replace each other; a fact has a place of its own.

    A minute belongs to the place: the last total of one minute must not get lost behind the first of the next.
    """
    match frame:
        case SessionTokens(data=data):
            return (kind(frame), frame.session_id, data.minute.at if data.minute else None)
        case SessionStatusChanged():
            return (kind(frame), frame.session_id)
        case ContextUpdate(data=data):
            return (kind(frame), frame.session_id, data.subagent)
        case TodayUpdate(data=data):
            return (kind(frame), tuple(minute.at for minute in data.minutes))
        case ProgressUpdate() | ForecastUpdate() | HealthCheck() | QuotaUpdate():
            return kind(frame)
    return object()


class Held:
    """Frames that wait for their turn, in the order of their newest part."""

    def __init__(self) -> None:
        self._frames: dict[Hashable, Frame] = {}

    def add(self, frame: Frame) -> None:
        where = place(frame)
        self._frames.pop(where, None)
        self._frames[where] = frame

    def take(self) -> list[Frame]:
        """All that waited; nothing waits afterwards."""
        frames, self._frames = list(self._frames.values()), {}
        return frames
