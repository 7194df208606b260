"""The limits of the plan where no server runs, by the server's own fold: for what is not plain, and ``doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from moonlock.analytics import quota
from moonlock.live.quota_outlook import remembered, told
from moonlock.live.quota_shapes import quota_shape
from moonlock.live.spool import spooled
from moonlock.model.limits import Quota, QuotaSample
from moonlock.sources import ALL
from moonlock.sources.base import Reporter

if TYPE_CHECKING:
    from moonlock.model.instant import Instant
    from moonlock.model.statusline import StatusSample
    from moonlock.store import Store


def official(store: Store, spool: Path, now: Instant) -> quota.Official:
    """What the provider said, with the status lines that wait for a server."""
    samples = [*remembered(store, now), *_waiting(store, spool, now)]
    return quota.read(reduce(quota.add, samples, quota.EMPTY), now)


def document(store: Store, spool: Path, now: Instant) -> dict[str, object] | None:
    """The same as ``GET /api/quota`` says it; None where nothing is known."""
    found = official(store, spool, now)
    shape = quota_shape(Quota(found.windows, None, found.accounts), now)
    return msgspec.to_builtins(shape) if found.windows else None


def _waiting(store: Store, spool: Path, now: Instant) -> Iterator[QuotaSample]:
    """What a session only repeats is no younger."""
    last = {(one.session, one.name, one.resets_at): one.used for one in told(store, now)}
    for sample in spooled(spool, _read, now):
        for limit in sample.limits:
            said = QuotaSample(limit.name, limit.length, limit.used, limit.resets_at, sample.at, sample.key.native_id)
            fits = quota.fit(said)
            if fits is None or last.get(key := (fits.session, fits.name, fits.resets_at)) == fits.used:
                continue
            last[key] = fits.used
            yield fits


def _read(said: object, at: Instant) -> StatusSample | None:
    found = (source.status_line(said, at) for source in ALL if isinstance(source, Reporter))
    return next((sample for sample in found if sample is not None), None)
