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
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.live.explain import explain
from moonlock.live.explained import Explanation, Kind, Scope
from moonlock.live.numbers import NoNumber, Numbers
from moonlock.sources import ALL
from moonlock.store import Store

KINDS: tuple[Kind, ...] = ("day", "session", "block", "total")
BUILT_IN = "built-in"
OTHERS = "`session NAME`, `block START`, `total`, `forecast` or `quota`"


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
        scope = _scope(store, days, (kind, name))
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


def _scope(store: Store, days: Days, meant: tuple[Kind, str]) -> Scope:
    numbers, (kind, name) = Numbers(store, days.now), meant
    try:
        if kind == "day":
            return numbers.day(days)
        if kind == "session":
            return numbers.session(session_called(store, name))
        return numbers.block(name) if kind == "block" else numbers.total()
    except NoNumber as none:
        raise Trouble(none.code, str(none), none.hint, 1) from none
