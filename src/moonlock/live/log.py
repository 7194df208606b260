"""What the heart of the house writes into the log: what it did, and what failed, but never a word of a prompt.

``Health`` is for those who ask; the log is for those who want to know afterwards. The words of an error that nobody
foresaw may quote what was read, so only its place is logged; those of the store and of the system name paths at most.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping

from moonlock.live.health import UNFORESEEN
from moonlock.model.alert import Alert
from moonlock.model.channel import Delivery, State
from moonlock.model.health import Health
from moonlock.model.instant import Instant
from moonlock.model.outlook import Anomaly, Unit
from moonlock.model.reading import Batch
from moonlock.model.words import many, size, span
from moonlock.store.errors import StoreError

log = logging.getLogger("moonlock.live")


def failed(work: str, error: Exception, before: str) -> str:
    """Log why work failed, with where; the text, which is not logged again when it was so ``before``."""
    words = f": {_one_line(str(error))}" if isinstance(error, StoreError | OSError) else ""
    place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    said = f"{work} failed: {type(error).__name__}{words}\n{place}"
    log.log(logging.DEBUG if said == before else logging.ERROR, "%s", said)
    return said


def health(before: Mapping[str, str], found: Health) -> dict[str, str]:
    """Log the parts that got better or worse; how each part does now. A part that was never told of was well."""
    now: dict[str, str] = {name: part.status for name, part in found.components.items()}
    for name, part in found.components.items():
        if part.status != before.get(name, "healthy"):
            known = [each.message for each in part.findings if each.code != UNFORESEEN and part.status != "healthy"]
            why = _one_line("; ".join([part.summary, *known[:1]]))
            log.warning("%s is %s: %s", name, part.status, why)
    return now


def caught_up(files: int, read: int, took: Instant, *, first: bool) -> None:
    """Log what was read that nobody had watched; a look that found nothing is worth a line only once."""
    if files or first:
        found = f"{many(files, 'file')}, {size(read)}" if files else "nothing new"
        log.info("caught up: %s in %s", found, span(took))


def appended(batches: Iterable[Batch]) -> None:
    """Log each batch that is kept now."""
    if log.isEnabledFor(logging.DEBUG):
        for batch in batches:
            brought = f"{many(batch.counts.lines, 'line')}, {many(len(batch.events), 'event')}"
            log.debug("kept %s up to byte %d: %s", _one_line(batch.path), batch.cursor.offset, brought)


def anomaly(found: Anomaly, unit: Unit) -> None:
    """Log that it goes faster than it usually does."""
    said = "%s a minute, which is more than usual: %s as a rule, unusual above %s"
    log.warning(said, *(_amount(each, unit) for each in (found.rate, found.usual, found.high)))


def alert(found: Alert) -> None:
    """Log that an alert fired, or is over: by its ids, for its words may name a project."""
    where = f" of session {found.session}" if found.session else ""
    log.warning("alert %s: %s%s %s", found.id, found.rule, where, "fires" if found.phase == "firing" else "is over")


def delivered(one: Delivery, state: State, answer: str) -> None:
    """Log what became of a message to a channel, failed ones as a warning; the other side's own words are not."""
    level = logging.INFO if state == "sent" else logging.WARNING
    log.log(level, "alert %s, %s, to %s: %s (%s)", one.alert, one.news, one.channel, state, answer.partition(":")[0])


def _amount(each: float, unit: Unit) -> str:
    return f"${each / 1_000_000:,.4f}" if unit == "costUsd" else f"{each:,.0f} tokens"


def _one_line(text: str) -> str:
    """A path may hold anything: no line of the log is forged, and no terminal obeys one."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()
