"""What the contexts of chains are told from: the prompts of their requests, and compactions."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import apsw
import msgspec

from moonlock.model.events import Compaction
from moonlock.model.instant import Instant
from moonlock.store.connection import rows
from moonlock.store.facts import decode
from moonlock.store.places import signed, uid_of
from moonlock.store.schema import MAIN, REPLAY

_PROMPTS = f"""
select c.session, c.agent_id, r.at, (select text from name where id = r.model),
    r.input + r.write_5m + r.write_1h + r.cache_read
from request r join chain c on c.id = r.chain
where r.at >= ? and (r.side = {MAIN} or r.side < {REPLAY} and c.agent_id <> '') order by r.at, r.key
"""
_COMPACTIONS = """
select session, body from event
where session in (select value from carray(?)) and at >= ? and kind = 'compaction' order by at, key
"""


class Prompted(msgspec.Struct, frozen=True, gc=False):
    """How much one response read, and on which chain: ``agent_id`` is "" for the session's own."""

    uid: str
    agent_id: str
    at: Instant
    model: str
    tokens: int


class ContextFacts:
    """Looks into one store."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def prompts(self, since: Instant) -> list[Prompted]:
        """Every response since then, in time order."""
        return [Prompted(uid_of(session), *rest) for session, *rest in rows(self._db, _PROMPTS, (since,))]

    def compactions(self, uids: Collection[str], since: Instant) -> list[tuple[str, Compaction]]:
        """Those of these sessions since then, in time order."""
        numbers = array("q", sorted(signed(int(uid, 16)) for uid in uids))
        if not numbers:
            return []
        found = rows(self._db, _COMPACTIONS, (apsw.carray(numbers), since))
        events = [(uid_of(session), decode(body)) for session, body in found]
        return [(uid, event) for uid, event in events if isinstance(event, Compaction)]
