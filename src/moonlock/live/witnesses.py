"""What is known of sessions beside their logs: hooks in their order, and who of the registry lives."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from moonlock.analytics import hooks, presence, sessions
from moonlock.analytics.presence import NOBODY, Witness
from moonlock.analytics.sessions import Status
from moonlock.model.instant import Instant
from moonlock.model.presence import HookSeen, Process, Remembered, Roll
from moonlock.model.session import Session

MOST = 256
"""Sessions whose hooks are kept, known or not: those that were heard of last."""
MOST_GONE = 1_024
Key = tuple[str, str]
"""The agent, and its own id of a session."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(hooks.Course).decode


class Witnesses:
    """Lives in the event loop's thread. A session that was copied has several logs: the newest is the one that runs."""

    def __init__(self) -> None:
        self._owners: dict[Key, tuple[Instant, str]] = {}
        self._courses: dict[Key, hooks.Course] = {}
        self._processes: dict[Key, Process] = {}
        self._gone: dict[Key, Instant] = {}
        self._once: set[Key] = set()
        """Whose processes were registered when we looked last, before a restart."""
        self._unkept: set[Key] = set()

    def recall(self, told: Iterable[Remembered]) -> Instant | None:
        """Go on with what is remembered; when the newest hook of it was called.

        What another version wrote, and cannot be read, is as if it were not.
        """
        for one in told:
            key = one.agent, one.session
            if one.alive:
                self._once.add(key)
            if one.gone_at is not None:
                self._gone[key] = one.gone_at
            try:
                self._courses[key] = _decode(one.course)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        return max((max(word.at, word.helper_at) for word in map(hooks.read, self._courses.values())), default=None)

    def unkept(self, now: Instant) -> list[Remembered]:
        """What is known of sessions of which something new is known since the last time."""
        fresh, self._unkept = self._unkept, set()
        return [self._remembered(key, now) for key in sorted(fresh)]

    def again(self, told: Iterable[Remembered]) -> None:
        """These could not be kept."""
        self._unkept |= {(one.agent, one.session) for one in told}

    def begin(self, known: Iterable[Session]) -> None:
        """These are all the sessions that there are."""
        self._owners.clear()
        for session in known:
            self.meet(session)

    def meet(self, session: Session) -> None:
        """A session that was heard of."""
        key, rank = _key(session), (sessions.last_activity(session), session.uid)
        self._owners[key] = max(self._owners.get(key, rank), rank)

    def take(self, agent: str, seen: HookSeen, now: Instant) -> bool:
        """Remember a hook; whether that says anything new."""
        key = agent, seen.session
        before = hooks.as_of(self._courses.pop(key, hooks.EMPTY), now)
        course = self._courses[key] = hooks.add(before, seen)
        if course is not before:
            self._unkept.add(key)
        while len(self._courses) > MOST:
            del self._courses[next(iter(self._courses))]
        return course.word != before.word

    def enroll(self, agent: str, roll: Roll, now: Instant) -> set[str]:
        """Take in who lives; the agent's ids of those sessions of which something new is known."""
        alive: dict[Key, Process] = {}
        for process in sorted(roll.alive, key=lambda each: (each.at, each.pid)):
            alive[agent, process.session] = process
        before = {key: process for key, process in self._processes.items() if key[0] == agent}
        once = {key for key in self._once if key[0] == agent} if roll.found else set()
        self._once -= once
        dead = {(agent, process.session) for process in roll.dead}
        left = {*before, *once, *dead} - alive.keys() if roll.found else set()
        fresh = left - self._gone.keys()
        changed = {key for key in {*before, *alive} if before.get(key) != alive.get(key)} | fresh
        self._unkept |= (before.keys() ^ alive.keys()) - once | fresh
        for key in before:
            del self._processes[key]
        self._processes.update(alive)
        self._gone.update(dict.fromkeys(sorted(fresh), now))
        for key in alive:
            self._gone.pop(key, None)
        while len(self._gone) > MOST_GONE:
            del self._gone[next(iter(self._gone))]
        return {native for _, native in changed}

    def of(self, session: Session) -> Witness:
        """What is known of it."""
        key = _key(session)
        process, gone, course = self._processes.get(key), self._gone.get(key), self._courses.get(key)
        if process is None and gone is None and course is None:
            return NOBODY
        owner = self._owners.get(key)
        if owner is not None and owner[1] != session.uid:
            return NOBODY
        return Witness(process, gone, hooks.read(course or hooks.EMPTY))

    def status(self, session: Session, now: Instant) -> Status:
        """What it does, by everybody who knows something of it."""
        return presence.status(session, now, self.of(session))

    def is_live(self, session: Session, now: Instant) -> bool:
        """Whether it belongs on the screen of now."""
        return presence.is_live(session, now, self.of(session))

    def _remembered(self, key: Key, now: Instant) -> Remembered:
        course, gone = self._courses.get(key), self._gone.get(key)
        plain = Remembered(*key, now, key in self._processes or key in self._once, gone)
        if course is None:
            return plain
        waits, settled = hooks.read(course).waits, hooks.settled(course)
        return msgspec.structs.replace(plain, course=_encode(course), waits=waits, settled=settled)


def _key(session: Session) -> Key:
    return session.key.agent, session.key.native_id
