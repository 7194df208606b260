"""What the provider said of its limits, folded into what holds now.

Within one window, which is known by its reset, the largest percentage holds: every session tells what its own last
response said, so idle ones lag behind. Of two windows of the same limit the one that resets later holds, and one whose
reset is past says nothing any more. In whatever order samples come, the fold is the same.

Windows are told apart by how long they are, never by the place in which they were named. Resets tremble by some
seconds; those up to a minute apart are one.

No sample names its account. Sessions that are told of the same window are of one account; where two windows of one
limit run at the same time and no session links them, there are two accounts, and the one that was heard of last is
shown. Two accounts whose windows end in the same minute, and a session that changed its account, look like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

import msgspec

from moonlock.analytics.anchor import FLOOR
from moonlock.model.events import LimitHit
from moonlock.model.instant import DAY, MINUTE, Instant
from moonlock.model.limits import QuotaSample, QuotaWindow
from moonlock.model.window import FULLEST, LENGTHS, SLACK, WEEK
from moonlock.model.window import LENGTH as FIVE_HOURS

MOST_RESETS, MOST_SESSIONS, LONGEST_NAME = 32, 64, 40
"""Bounds on what may be sent to us: of one limit the newest windows, of one window so many sessions."""


class Word(msgspec.Struct, frozen=True):
    """What was said of one window."""

    used: float
    at: Instant
    """When the largest percentage was said last."""
    heard: Instant
    """When anything was."""
    sessions: frozenset[str] = frozenset()


Limit = tuple[str, Instant]
"""A name and a length."""


class Told(msgspec.Struct, frozen=True):
    """Everything that was said of windows that were open when something was said last."""

    limits: Mapping[Limit, Mapping[Instant, Word]] = {}
    newest: Instant = 0


EMPTY = Told()


class Official(msgspec.Struct, frozen=True):
    """What holds now."""

    windows: tuple[QuotaWindow, ...] = ()
    accounts: int = 0


class _Open(msgspec.Struct, frozen=True):
    """A window that is open."""

    limit: Limit
    reset: Instant
    word: Word


def fit(said: QuotaSample) -> QuotaSample | None:
    """The sample by its right name, its reset without the trembling; None when it makes no sense."""
    if not (isfinite(said.used) and 0 <= said.used <= FULLEST and MINUTE <= said.length <= 40 * DAY):
        return None
    if not said.at < said.resets_at <= said.at + said.length + SLACK:
        return None
    reset = _settled(said.resets_at)
    if reset <= said.at:
        return None
    return msgspec.structs.replace(said, name=_name(said), used=round(said.used, 2), resets_at=reset)


def of_hit(hit: LimitHit) -> QuotaSample | None:
    """A limit that was hit is used up; None when the message does not say until when, or of which limit."""
    if hit.resets_at is None or hit.kind == "spend":
        return None
    short = hit.kind in ("session", "unknown") and hit.resets_at - hit.at <= FIVE_HOURS + MINUTE
    if hit.kind == "session" and not short:
        return None
    name = "five_hour" if short else "seven_day_model" if hit.kind == "model" else "seven_day"
    return fit(QuotaSample(name, FIVE_HOURS if short else WEEK, 100.0, hit.resets_at, hit.at))


def add(acc: Told, sample: QuotaSample) -> Told:
    """One sample that is ``fit``."""
    newest = max(acc.newest, sample.at)
    limits = (
        {limit: _still(words, newest) for limit, words in acc.limits.items()} if newest > acc.newest else acc.limits
    )
    if sample.resets_at > newest:
        limit = sample.name, sample.length
        words = dict(limits.get(limit, {}))
        sessions = frozenset([sample.session] if sample.session else [])
        said = Word(sample.used, sample.at, sample.at, sessions)
        words[sample.resets_at] = _both(words.get(sample.resets_at, said), said)
        limits = {**limits, limit: dict(sorted(words.items())[-MOST_RESETS:])}
    return Told({limit: words for limit, words in limits.items() if words}, newest)


def read(acc: Told, now: Instant) -> Official:
    """The windows that are open at ``now``, the shortest first."""
    found = [each for limit, words in acc.limits.items() for each in _grouped(limit, words) if each.reset > now]
    accounts = _accounts([each for each in found if each.word.sessions])
    of_nobody = [each for each in found if not each.word.sessions]
    last = max(accounts, key=_heard, default=[])
    newest: dict[Limit, _Open] = {}
    for each in sorted([*of_nobody, *last], key=lambda one: (one.reset, one.word.used)):
        newest[each.limit] = each
    shown = sorted(newest.values(), key=lambda one: (one.limit[1], one.limit[0]))
    return Official(tuple(_window(each, now) for each in shown), max(len(accounts), min(1, len(found))))


def even(resets_at: Instant, length: Instant, now: Instant) -> float:
    """Percent of a window that has gone by."""
    return 100 * min(1.0, max(0.0, 1 - (resets_at - now) / length))


def _window(one: _Open, now: Instant) -> QuotaWindow:
    name, length = one.limit
    return QuotaWindow(
        name=name,
        length=length,
        source="official",
        used=one.word.used,
        resets_at=one.reset,
        as_of=one.word.at,
        expected=even(one.reset, length, now),
    )


def _name(said: QuotaSample) -> str:
    """By its length; what alone it holds for stays behind that."""
    base = next((name for name, length in LENGTHS.items() if abs(said.length - length) <= length // 50), "")
    base = base or f"{round(said.length / MINUTE)}_minutes"
    scope = next((said.name[len(name) + 1 :] for name in LENGTHS if said.name.startswith(f"{name}_")), "")
    kept = "".join(each for each in scope.lower() if each.isascii() and (each.isalnum() or each == "_"))
    return f"{base}_{kept}"[:LONGEST_NAME].rstrip("_")


def _settled(reset: Instant) -> Instant:
    """The multiple of ten minutes that it is near to, else its minute."""
    near = round(reset / FLOOR) * FLOOR
    return near if abs(reset - near) <= MINUTE else round(reset / MINUTE) * MINUTE


def _still(words: Mapping[Instant, Word], now: Instant) -> Mapping[Instant, Word]:
    return {reset: word for reset, word in words.items() if reset > now}


def _both(one: Word, other: Word) -> Word:
    used, at = max((one.used, one.at), (other.used, other.at))
    sessions = frozenset(sorted(one.sessions | other.sessions)[:MOST_SESSIONS])
    return Word(used, at, max(one.heard, other.heard), sessions)


def _grouped(limit: Limit, words: Mapping[Instant, Word]) -> Iterator[_Open]:
    """Resets that are a minute apart at most are one, known by the word that came last, as the open window is."""
    found: _Open | None = None
    last = 0
    for reset, word in sorted(words.items()):
        if found is not None and reset - last <= MINUTE:
            known = max((found.word.heard, found.reset), (word.heard, reset))[1]
            found = _Open(limit, known, _both(found.word, word))
        else:
            if found is not None:
                yield found
            found = _Open(limit, reset, word)
        last = reset
    if found is not None:
        yield found


def _accounts(found: Iterable[_Open]) -> list[list[_Open]]:
    """Windows that are linked by sessions."""
    linked: list[tuple[frozenset[str], list[_Open]]] = []
    for each in found:
        apart = [one for one in linked if not one[0] & each.word.sessions]
        mine = [one for one in linked if one[0] & each.word.sessions]
        sessions = each.word.sessions.union(*(known for known, _ in mine))
        linked = [*apart, (sessions, [*(open_one for _, kept in mine for open_one in kept), each])]
    return _at_odds([kept for _, kept in linked])


def _at_odds(linked: list[list[_Open]]) -> list[list[_Open]]:
    """Only those are apart that name the same limit: who speaks of other limits may well be the same account."""
    merged: list[list[_Open]] = []
    for group in sorted(linked, key=_heard):
        limits = {each.limit for each in group}
        home = next((one for one in merged if not limits & {each.limit for each in one}), None)
        if home is None:
            merged.append([*group])
        else:
            home += group
    return merged


def _heard(group: Iterable[_Open]) -> tuple[Instant, Instant]:
    return max(((each.word.heard, each.reset) for each in group), default=(0, 0))
