"""Every report in plain rows: which parts it has, who used them, and what is told of each. Loads but the driver."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import apsw

from moonlock.model.question import Answer, Question
from moonlock.model.rows import COST, KINDS, UNDERSTATED, UNPRICED_REQUESTS
from moonlock.store import tallies
from moonlock.store.connection import rows
from moonlock.store.labels import HIDDEN
from moonlock.store.periods import part_and_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.rows import Fields, Row, Share, Sums
    from moonlock.store.pricing import Price

PERIODS = ("daily", "weekly", "monthly", "hourly")
OWNERS = ("session", "project", "branch", "agent")


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """The rows of a question with their totals; at other costs than the stored ones where a price is given."""
    with db:  # one state of the store: a report takes several looks, and others may write meanwhile
        found = _answer(db, question, price)
    return found


def _answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    if question.report in ("blocks", "blocks-hourly"):
        from moonlock.store import blocks

        return blocks.answer(db, question, price)
    if question.report == "tool":
        from moonlock.store import tooluse

        return tooluse.answer(db, question, price)
    if question.report == "skill":
        from moonlock.store import skilluse

        return skilluse.answer(db, question, price)
    if question.report in OWNERS:
        from moonlock.store import owners

        return owners.answer(db, question, price)
    if question.report in PERIODS:
        return _periods(db, question, price)
    return _models(db, question, price)


class Parts:
    """Shares and users of the rows of a report, as they come in."""

    def __init__(self) -> None:
        self.shares: dict[str, dict[str, Sums]] = {}
        self.users: dict[str, set[int]] = {}

    def add(self, key: str, model: str, sums: Sums) -> None:
        shares = self.shares.setdefault(key, {})
        known = shares.get(model)
        shares[model] = sums if known is None else added((known, sums))

    def use(self, key: str, session: int) -> None:
        self.users.setdefault(key, set()).add(session)


def finished(db: apsw.Connection, parts: Parts, *, ordered: bool = False, extra: Fields = ()) -> Answer:
    """The answer that the parts make: as they came in when they are ``ordered``, else dearest first."""
    whose = dict(rows(db, "select id, agent from session"))
    made = [row(key, parts.users.get(key, ()), list(shares.items()), whose) for key, shares in parts.shares.items()]
    if not ordered:
        made.sort(key=_dearest_row)
    everything: dict[str, list[Sums]] = {}
    for shares in parts.shares.values():
        for model, sums in shares.items():
            everything.setdefault(model, []).append(sums)
    totals = row(
        "", set().union(*parts.users.values()), [(model, added(sums)) for model, sums in everything.items()], whose
    )
    return Answer(made, totals, reading(db, totals), extra)


def row(key: str, sessions: Collection[int], shares: list[Share], whose: Mapping[int, str]) -> Row:
    """A row whose shares, dearest first, add up to its sums."""
    agents = {whose[session] for session in sessions}
    if len(shares) == 1:
        return (
            key,
            tuple(agents) if len(agents) == 1 else tuple(sorted(agents)),
            shares[0][1],
            len(sessions),
            shares,
            (),
        )
    shares.sort(key=_dearest)
    return key, tuple(sorted(agents)), added([sums for _, sums in shares]), len(sessions), shares, ()


def added(several: Sequence[Sums]) -> Sums:
    """Each of the sums added up."""
    if len(several) == 1:
        return several[0]
    return [sum(column) for column in zip(*several, strict=True)] or [0] * tallies.WIDTH


def reading(db: apsw.Connection, totals: Row) -> tuple[object, ...]:
    """What stands behind the numbers: the fields of a ``Reading``, in its order."""
    hidden = rows(db, f"select count(*) from session where id in ({HIDDEN})")[0][0]
    unpriced = sorted(model for model, sums in totals[4] if sums[UNPRICED_REQUESTS])
    return *tallies.reading(db), totals[2][UNDERSTATED], tuple(unpriced), hidden


def _periods(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    used = tallies.source(db, question, price, question.segments)
    part, key = part_and_key(question.report, question.segments, question.week_start)
    parts = Parts()
    keys: dict[int, str] = {}
    for number, name, model, *sums in tallies.tallied(db, used, part, key):
        keys[number] = name
        parts.add(name, model, sums)
    for number, session in tallies.users(db, used, part):
        parts.use(keys[number], session)
    return finished(db, parts, ordered=True, extra=_approximate(db, question))


def _models(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    used = tallies.source(db, question, price)
    parts = Parts()
    keys: dict[int, str] = {}
    for number, _, model, *sums in tallies.tallied(db, used, "model"):
        keys[number] = model
        parts.add(model, model, sums)
    for number, session in tallies.users(db, used, "model"):
        parts.use(keys[number], session)
    return finished(db, parts)


def _approximate(db: apsw.Connection, question: Question) -> Fields:
    """Days that only an agent's own statistics tell of: beside the rows, in no sum."""
    if not rows(db, "select 1 from seed limit 1"):
        return ()
    from moonlock.store.seeds import approximate

    found = approximate(db, question)
    return () if found is None else (("approximate", found),)


def _dearest(share: Share) -> tuple[int, int, str]:
    name, sums = share
    return -sums[COST], -sum(sums[:KINDS]), name


def _dearest_row(found: Row) -> tuple[int, int, str]:
    return _dearest((found[0], found[2]))
