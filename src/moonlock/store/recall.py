"""Questions about sessions and about spans of time. Each loads what it needs when it is first asked."""

from __future__ import annotations

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    import apsw

    from moonlock.model.events import LimitHit, ObjectiveSet
    from moonlock.model.gain import Fact
    from moonlock.model.instant import Instant
    from moonlock.model.report import ToolUse
    from moonlock.model.session import Session
    from moonlock.model.tokens import Tokens, Usage
    from moonlock.store.facts import Happening
    from moonlock.store.lock import WriterLock

_TOOLS = """
select n.text, count(*), sum(t.outcome is 1), sum(t.outcome is 2), sum(t.outcome is null), ifnull(sum(t.duration), 0)
from chain c cross join tool t on t.chain = c.id join name n on n.id = t.name
where c.session = ? group by t.name order by 2 desc, 1
"""


class Packed:
    """The part of the store that knows what was put aside."""

    _db: apsw.Connection
    _lock: WriterLock | None
    _whole: bool

    def unpack(self) -> None:
        """Have tool calls and prompts of a first reading where they belong; whoever asks for them does it by itself.

        ``StorePacked`` where nobody may write: whoever writes next can do it.
        """
        if self._whole:
            return
        from moonlock.store.packages import take_out, waiting

        if waiting(self._db):
            if self._lock is None:
                from moonlock.store.errors import StorePacked

                raise StorePacked("Tool calls of the first reading still wait to be sorted in.")
            take_out(self._db)
        self._whole = self._lock is not None


class Recall(Packed):
    """The part of the store that answers for sessions and spans of time."""

    def sessions(
        self, since: Instant | None = None, limit: int = 100, before: tuple[Instant, str] | None = None
    ) -> list[Session]:
        """Sessions with activity since then, newest first; ``before`` (last_at or 0, uid) goes on after that one."""
        from moonlock.store.sessions import page

        self.unpack()
        return page(self._db, since or 0, limit, before)

    def session(self, prefix: str) -> Session | None:
        """The one session whose uid or native id begins like that; ``AmbiguousSession`` when there are more."""
        from moonlock.store.sessions import by_number, find

        self.unpack()
        number = find(self._db, prefix)
        return None if number is None else by_number(self._db, (number,))[0]

    def events(self, uid: str) -> list[Happening]:
        """What happened in the session but for requests and tool calls, in time order."""
        from moonlock.store.facts import of_session
        from moonlock.store.sessions import find

        self.unpack()
        number = find(self._db, uid)
        return [] if number is None else of_session(self._db, number)

    def tools(self, uid: str) -> list[ToolUse]:
        """The tools that the session and its sub-agents called, most used first."""
        from moonlock.model.report import ToolUse
        from moonlock.store.sessions import find

        self.unpack()
        return [ToolUse(*row) for row in rows(self._db, _TOOLS, (find(self._db, uid),))]

    def objectives(self, uid: str) -> list[ObjectiveSet]:
        """The newest state of each objective of the session, in the order in which they came up."""
        from moonlock.store.facts import objectives
        from moonlock.store.sessions import find

        number = find(self._db, uid)
        return [] if number is None else objectives(self._db, number)

    def limits(self, since: Instant) -> list[LimitHit]:
        """Limits that were hit since then, in time order."""
        from moonlock.store.facts import limits

        return limits(self._db, since)

    def usage_between(self, start: Instant, end: Instant) -> Usage:
        """All usage in [start, end)."""
        from moonlock.store.usage import between

        return between(self._db, start, end)


class Present(Packed):
    """The part of the store that a picture of now begins with."""

    def minutes(self, start: Instant, end: Instant) -> list[tuple[Instant, Tokens]]:
        """Tokens of each minute in [start, end) that has any, oldest first."""
        from moonlock.store.usage import minutes

        return minutes(self._db, start, end)

    def pulses(self, since: Instant) -> list[tuple[str, Instant, int]]:
        """Tokens of each session in each minute since then that has any: (uid, minute, tokens), oldest first."""
        from moonlock.store.usage import pulses

        return pulses(self._db, since)

    def lately(self, uids: Collection[str], since: Instant, limit: int) -> list[Fact]:
        """The newest tool calls, objectives, errors and limits of the sessions since then, oldest first."""
        from moonlock.store.lately import lately

        self.unpack()
        return lately(self._db, uids, since, limit)

    def marks(self, since: Instant) -> list[tuple[Instant, Usage]]:
        """Every request since then, in time order: what blocks and burn rates are made of."""
        from moonlock.store.usage import marks

        return marks(self._db, since)
