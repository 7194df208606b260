"""What status lines said: of each session the newest, so that a restart does not begin with nothing."""

from __future__ import annotations

from collections.abc import Iterable

import apsw
import msgspec

from moonlock.model.instant import MINUTE, Instant
from moonlock.model.statusline import StatusSample
from moonlock.store.connection import rows, transaction

MOST = 200
"""Sessions that are remembered: the newest ones."""
_EVERY = f"select body from status_sample order by at, session limit {MOST}"
_KNOWN = "select at, body from status_sample where session = ?"
_KEEP = "insert or replace into status_sample values (?, ?, ?)"
_FORGET = f"""
delete from status_sample where session not in (select session from status_sample order by at desc limit {MOST})
"""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(StatusSample).decode


class StatusSamples:
    """One row for each session, by the agent's own id."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def all(self) -> list[StatusSample]:
        """Everything that is remembered, the oldest first."""
        return [_decode(body) for (body,) in rows(self._db, _EVERY)]

    def newest_at(self) -> Instant | None:
        """When a status line last spoke."""
        found: Instant | None = rows(self._db, "select max(at) from status_sample")[0][0]
        return found

    def keep(self, samples: Iterable[StatusSample]) -> int:
        """Remember these; how many rows that took. What says nothing new is written once a minute, older ones never."""
        with transaction(self._db):
            written = sum(self._kept(sample) for sample in samples)
            if written:
                self._db.execute(_FORGET)
        return written

    def _kept(self, sample: StatusSample) -> bool:
        session = sample.key.native_id
        found = rows(self._db, _KNOWN, (session,))
        if found:
            at, body = found[0]
            same = msgspec.structs.replace(_decode(body), at=sample.at) == sample
            if sample.at < at + (MINUTE if same else 0):
                return False
        self._db.execute(_KEEP, (session, sample.at, _encode(sample)))
        return True
