"""Questions about sessions and about spans of time. Each loads what it needs when it is first asked."""

from __future__ import annotations

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import apsw

    from moonlock.model.events import LimitHit, ObjectiveSet
    from moonlock.model.gain import Fact
    from moonlock.model.instant import Instant
    from moonlock.model.label import Relabel
    from moonlock.model.outlook import Spent
    from moonlock.model.report import ToolUse
    from moonlock.model.session import Session
    from moonlock.model.tokens import Tokens, Usage
    from moonlock.store.aims import After, Aim
    from moonlock.store.alerts import Alerts
    from moonlock.store.chronicle import Chronicle
    from moonlock.store.facts import Happening
    from moonlock.store.gathering import Gathering
    from moonlock.store.hands import Hands, KnownHands
    from moonlock.store.lock import WriterLock
    from moonlock.store.relabel import Detail, Relabelled

_TOOLS = """
select n.text, count(*), sum(t.outcome is 1), sum(t.outcome is 2), sum(t.outcome is null),
    ifnull(sum(max(t.duration, 0)), 0)
from chain c cross join tool t on t.chain = c.id join name n on n.id = t.name
where c.session = ? group by t.name order by 2 desc, 1
"""

_UNSETTLED = """
select id from session where max(last_at, tail_at) >= ? or phase = 'limited' and limit_resets_at > ?
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
        if rows(self._db, "select 1 from packed limit 1"):
            if self._lock is None:
                from moonlock.store.errors import StorePacked

                raise StorePacked("Tool calls of the first reading still wait to be sorted in.")
            from moonlock.store.packages import take_out

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
        """The one session whose uid, native id or name is this or begins so; ``AmbiguousSession`` when more do."""
        from moonlock.store.finding import find
        from moonlock.store.sessions import by_number

        self.unpack()
        number = find(self._db, prefix)
        return None if number is None else by_number(self._db, (number,))[0]

    def events(self, uid: str) -> list[Happening]:
        """What happened in the session but for requests and tool calls, in time order."""
        from moonlock.store.facts import of_session
        from moonlock.store.finding import find

        self.unpack()
        number = find(self._db, uid)
        return [] if number is None else of_session(self._db, number)

    def tools(self, uid: str) -> list[ToolUse]:
        """The tools that the session and its sub-agents called, most used first."""
        from moonlock.model.report import ToolUse
        from moonlock.store.finding import find

        self.unpack()
        return [ToolUse(*row) for row in rows(self._db, _TOOLS, (find(self._db, uid),))]

    def objectives(self, uid: str) -> list[ObjectiveSet]:
        """The newest state of each objective of the session, in the order in which they came up."""
        from moonlock.store.finding import find
        from moonlock.store.lineage import objectives

        number = find(self._db, uid)
        return [] if number is None else objectives(self._db, number)

    def changes(self) -> tuple[int, int]:
        """Differs from what it was before when anything was written since, here or by others."""
        return rows(self._db, "pragma data_version")[0][0], self._db.total_changes()

    def chronicle(self, uid: str) -> Chronicle:
        """Everything that is known of the session with this uid, in time order."""
        from moonlock.store.chronicle import Chronicle
        from moonlock.store.places import signed

        self.unpack()
        return Chronicle(self._db, signed(int(uid, 16)))

    def aims(self, after: After | None, states: Collection[str], projects: Collection[str]) -> Iterator[Aim]:
        """Objectives of all sessions, of the one heard of last first; see ``store.aims``."""
        from moonlock.store.aims import aims

        self.unpack()
        return aims(self._db, after, states, projects)

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

    def unsettled(self, since: Instant, now: Instant) -> list[Session]:
        """The sessions that were heard of since then, or that wait for their limit to end."""
        numbers = [number for (number,) in rows(self._db, _UNSETTLED, (since, now))]
        if not numbers:
            return []
        from moonlock.store.sessions import by_number

        self.unpack()
        return by_number(self._db, numbers)

    def hands(self) -> KnownHands:
        """The sessions by hand."""
        from moonlock.store.hands import KnownHands

        return KnownHands(self._db)

    def alerts(self) -> Alerts:
        """What crossed its threshold."""
        from moonlock.store.alerts import Alerts

        return Alerts(self._db)

    def gathering(self) -> Gathering:
        """What sessions by hand gather from logs."""
        from moonlock.store.gathering import Gathering

        return Gathering(self._db)

    def marks(self, since: Instant) -> list[tuple[Instant, Usage]]:
        """Every request since then, in time order: what blocks and burn rates are made of."""
        from moonlock.store.usage import marks

        return marks(self._db, since)

    def spent(self, start: Instant, end: Instant) -> list[Spent]:
        """The minutes in [start, end) that have requests, oldest first, with tokens and cost."""
        from moonlock.store.windows import spent

        return spent(self._db, start, end)

    def windows_ago(self, count: int, before: Instant) -> Instant:
        """About when so many five-hour windows with usage ago was; 0 when there were not as many."""
        from moonlock.store.windows import windows_ago

        return windows_ago(self._db, count, before)


class Labelled(Packed):
    """The part of the store that keeps what people say of their sessions."""

    def handwork(self) -> Hands:
        """For whoever writes down what people do with their sessions by hand."""
        from moonlock.store.hands import Hands

        return Hands(self._db)

    def relabel(self, said: str, change: Relabel, now: Instant) -> Relabelled | None:
        """Keep the change of the session that is called so; None when there is none, ``NameTaken`` for a known name.

        One that is to come back is looked for among the hidden ones first.
        """
        from moonlock.store.relabel import Relabelled, relabel
        from moonlock.store.sessions import by_number

        self.unpack()
        number = self._meant(said, change)
        if number is None:
            return None
        turned = relabel(self._db, number, change, now)
        return Relabelled(by_number(self._db, (number,))[0], turned)

    def check_label(self, said: str, change: Relabel) -> None:
        """``NameTaken`` when the change cannot be kept."""
        from moonlock.store.relabel import check

        number = self._meant(said, change)
        if number is not None:
            check(self._db, number, change)

    def hidden_session(self, said: str) -> Session | None:
        """The one hidden session that is called so."""
        from moonlock.store.finding import find_hidden
        from moonlock.store.sessions import by_number

        self.unpack()
        number = find_hidden(self._db, said)
        return None if number is None else by_number(self._db, (number,))[0]

    def hidden_sessions(self) -> list[Session]:
        """All of them, newest first."""
        from moonlock.store.labels import hidden
        from moonlock.store.sessions import by_number

        self.unpack()
        return by_number(self._db, hidden(self._db))

    def detail(self, uid: str) -> Detail | None:
        """What the session is made of, hidden or not."""
        from moonlock.store.finding import find, find_hidden
        from moonlock.store.relabel import detail

        number = find(self._db, uid)
        number = find_hidden(self._db, uid) if number is None else number
        return None if number is None else detail(self._db, number)

    def session_names(self) -> list[str]:
        """Names that sessions were given."""
        from moonlock.store.finding import names

        return names(self._db)

    def project_names(self) -> list[str]:
        """The names of all projects."""
        from moonlock.store.projects import projects

        return sorted({name for name, _ in projects(self._db).values()})

    def agent_names(self) -> list[str]:
        """The agents that have sessions."""
        return [name for (name,) in rows(self._db, "select distinct agent from session order by 1")]

    def tags(self) -> list[str]:
        """The tags that sessions have."""
        return [tag for (tag,) in rows(self._db, "select distinct tag from tag order by 1")]

    def _meant(self, said: str, change: Relabel) -> int | None:
        from moonlock.store.finding import find, find_hidden

        back = find_hidden(self._db, said) if change.hidden is False else None
        return find(self._db, said) if back is None else back
