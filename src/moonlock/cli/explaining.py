"""From the words of ``moonlock explain`` to the number that is meant, as its report has it, and to its explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from moonlock.cli.asked import Asked
from moonlock.cli.called import session_called
from moonlock.cli.days import Days
from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import fresh, whole
from moonlock.cli.prices import priced
from moonlock.config.errors import nearest
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.live.explain import ALWAYS, blocks, explain
from moonlock.live.explained import Explanation, Kind, Scope
from moonlock.model.question import Question
from moonlock.model.rows import REQUESTS
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.sessions import usage_from

KINDS: tuple[Kind, ...] = ("day", "session", "block", "total")
BUILT_IN = "built-in"
NAMED = 5
"""So many blocks are told where more than one is meant."""
OTHERS = "`session NAME`, `block START`, `total` or `forecast`"


def explained(what: Sequence[str], config: Config, env: Mapping[str, str], home: Path) -> tuple[Explanation, str, str]:
    """The explanation, the zone that days are cut by, and where the prices come from."""
    kind, name = _meant(what)
    named = Asked(since=name, until=name) if kind == "day" else Asked()
    try:
        days = Days(named, config.timezone, env, clock.now())
    except Trouble as wrong:
        raise Trouble("usage", f"{name!r} is not a day", f"{wrong.hint}; or say {OTHERS}") from wrong
    read = whole if kind == "session" else fresh
    with read(config, env, home) as store, store.still():
        scope = _Numbers(store, days).scope(kind, name)
        prices = priced(config)
        found = explain(store, scope, prices.table, ALL)
    return found, days.name, config.prices if config.prices and prices.wrong is None else BUILT_IN


def _meant(what: Sequence[str]) -> tuple[Kind, str]:
    """What kind of number, and which; a word alone is a day."""
    words = list(what)
    for kind in KINDS:
        if words[:1] == [kind] and len(words) == (1 if kind == "total" else 2):
            return kind, words[-1]
    if len(words) == 1 and words[0] not in KINDS:
        return "day", words[0]
    said = f"`explain {' '.join(words)}` is not a number" if words else "there is no number to explain"
    raise Trouble("usage", said, f"say a day, {OTHERS}")


class _Numbers:
    """The reports' own numbers: what an explanation has to add up to."""

    def __init__(self, store: Store, days: Days) -> None:
        self._store = store
        self._days = days

    def scope(self, kind: Kind, name: str) -> Scope:
        return {"day": self._day, "session": self._session, "block": self._block, "total": self._total}[kind](name)

    def _total(self, _: str) -> Scope:
        everything = self._store.rows(Question("daily", now=self._days.now)).totals
        return Scope("total", "all", *ALWAYS, usage_from(everything[2]))

    def _day(self, _: str) -> Scope:
        days = self._days
        start, end = days.start or 0, days.end or 0
        question = Question("daily", segments=days.segments, start=start, end=end, now=days.now)
        found = self._store.rows(question).totals
        if not found[2][REQUESTS]:
            raise Trouble("unknown_day", f"there is no usage on {days.since}", self._near(days.since or ""), 1)
        return Scope("day", days.since or "", start, end, usage_from(found[2]))

    def _near(self, day: str) -> str:
        """The days with usage around one without."""
        everything = Question("daily", segments=self._days.segments, now=self._days.now)
        known = [row[0] for row in self._store.rows(everything).rows]
        near = [*[one for one in known if one < day][-1:], *[one for one in known if one > day][:1]]
        return f"there is on {' and '.join(near)}" if near else "no log has any usage yet"

    def _session(self, name: str) -> Scope:
        found = session_called(self._store, name)
        rows = self._store.rows(Question("session", now=self._days.now)).rows
        reported = next((row for row in rows if row[0] == found.uid), None)
        if reported is None:
            raise Trouble(
                "no_usage", f"the session {name} has no usage", "`moonlock usage session` lists those with", 1
            )
        usage = usage_from(reported[2])
        return Scope("session", found.uid, *ALWAYS, usage, found.uid, found.label.name or found.title)

    def _block(self, name: str) -> Scope:
        rows = self._store.rows(Question("blocks", now=self._days.now)).rows
        known = {scope.key: scope for scope in blocks(rows)}
        found = [key for key in known if key.startswith(name.upper())]
        if len(found) > 1:
            said = f"{len(found)} blocks begin with {name!r}"
            raise Trouble("ambiguous", said, f"there is {', '.join(found[:NAMED])}", 1)
        if not found:
            close = nearest(name, known)
            hint = f"did you mean {close}?" if close else "`moonlock usage blocks` shows what there is"
            raise Trouble("unknown_block", f"there is no block {name!r}", hint, 1)
        return known[found[0]]
