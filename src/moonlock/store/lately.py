"""What happened last, of a few sessions: where a list of activity begins."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import apsw

from moonlock.model.events import ToolCall
from moonlock.model.gain import Fact
from moonlock.model.instant import Instant
from moonlock.store.calls import SUBJECT, call_of
from moonlock.store.connection import rows
from moonlock.store.facts import newest
from moonlock.store.lineage import told
from moonlock.store.places import signed, uid_of

_CALLS = f"""
select c.session, t.key, t.at, n.text, t.request, t.duration, t.outcome, c.agent_id, {SUBJECT}
from chain c cross join tool t on t.chain = c.id join name n on n.id = t.name left join subject s on s.call = t.key
where c.session in carray(?) and t.at >= ? order by t.at + ifnull(max(t.duration, 0), 0) desc, t.key desc limit ?
"""


def lately(db: apsw.Connection, uids: Collection[str], since: Instant, limit: int) -> list[Fact]:
    """The newest tool calls, objectives, errors and limits of the sessions since then, oldest first."""
    numbers = array("q", sorted(signed(int(uid, 16)) for uid in uids))
    if not numbers:
        return []
    calls = rows(db, _CALLS, (apsw.carray(numbers), since, limit))
    found = [Fact(uid_of(session), call_of(columns)) for session, *columns in calls]
    found += [Fact(uid_of(session), event) for session, event in told(db, (), newest(db, numbers, since, limit))]
    return sorted(found, key=_moment)[-limit:]


def _moment(fact: Fact) -> Instant:
    """A call counts from its end."""
    return fact.event.at + (fact.event.duration or 0 if isinstance(fact.event, ToolCall) else 0)
