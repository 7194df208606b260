"""What the logs tell of moments that are over, for a rule that is tried against them. Hidden sessions are left out."""

from __future__ import annotations

import apsw
import msgspec

from moonlock.model.events import AgentError, PromptSent
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens
from moonlock.store.connection import rows
from moonlock.store.facts import decode
from moonlock.store.labels import HIDDEN, but_hidden
from moonlock.store.places import uid_of
from moonlock.store.schema import MAIN

_PROMPTS = f"""
select c.session, (select version from session where id = c.session), r.at, (select text from name where id = r.model),
    r.input, r.output, r.write_5m, r.write_1h, r.cache_read
from request r join chain c on c.id = r.chain where r.at >= ? and r.side = {MAIN} and c.agent_id = ''
"""
_STOPS = f"""
select session, at, body from event
where kind in ('error', 'limit', 'prompt') and at >= ? and session not in ({HIDDEN})
"""


class Prompted(msgspec.Struct, frozen=True, gc=False):
    """A request of a session's own line, not of a sub-agent."""

    uid: str
    version: str
    at: Instant
    model: str
    tokens: Tokens


class Rehearsing:
    """Looks into one store."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def prompts(self, since: Instant) -> list[Prompted]:
        """All requests since then, session by session, each in time order."""
        sql = f"{_PROMPTS}{but_hidden(self._db, 'r.chain')} order by c.session, r.at, r.key"
        return [
            Prompted(uid_of(session), version, at, model, Tokens(*counts))
            for session, version, at, model, *counts in rows(self._db, sql, (since,))
        ]

    def turns(self, since: Instant) -> dict[str, list[tuple[Instant, bool]]]:
        """By session, when it stopped with an error or at a limit (True), and when somebody went on (False)."""
        found: dict[str, list[tuple[Instant, bool]]] = {}
        for session, at, body in rows(self._db, f"{_STOPS} order by session, at, key", (since,)):
            event = decode(body)
            tries = isinstance(event, AgentError) and event.retrying
            if not tries:
                found.setdefault(uid_of(session), []).append((at, not isinstance(event, PromptSent)))
        return found
