"""Writing down what a person says of a session, and what would go if it were hidden."""

from __future__ import annotations

import apsw
import msgspec

from moonlock.model.instant import Instant
from moonlock.model.label import Relabel
from moonlock.model.report import ModelUsage
from moonlock.model.session import Session
from moonlock.model.tokens import Usage
from moonlock.store.connection import rows, transaction
from moonlock.store.errors import NameTaken
from moonlock.store.labels import HIDDEN, hidden
from moonlock.store.paths import real_path
from moonlock.store.places import uid_of
from moonlock.store.schema import SLOT, SUMS
from moonlock.store.sessions import usage_from

_SHARES = f"""
select n.text, {", ".join(f"sum(r.{name})" for name in SUMS.split(", "))}
from rollup r join chain c on c.id = r.chain join name n on n.id = r.model where c.session = ? group by 1
"""
_BRANCHES = f"""
select branch, {", ".join(f"sum({name})" for name in SUMS.split(", "))} from chain where session = ? group by 1
having sum(requests) > 0
"""
_QUARTERS = "select distinct r.slot from rollup r join chain c on c.id = r.chain where c.session = ? order by 1"
_FILES = "select path, gone from file where session = ? order by path"
_COPIES = """
select id from session where native_id = (select native_id from session where id = ?1) and id <> ?1 order by last_at
"""


class Relabelled(msgspec.Struct, frozen=True):
    """A session after a change; ``turned`` when it was hidden by it, or came back."""

    session: Session
    turned: bool


class Log(msgspec.Struct, frozen=True):
    """A file that a session was read from; ``gone`` when the agent has deleted it since."""

    path: str
    gone: bool


class Detail(msgspec.Struct, frozen=True):
    """What a session is made of."""

    models: tuple[ModelUsage, ...]
    """Dearest first."""
    branches: tuple[tuple[str, Usage], ...]
    """Dearest first; "" is that of requests whose log does not say."""
    quarters: tuple[Instant, ...]
    """The beginnings of the quarter hours that have requests."""
    logs: tuple[Log, ...]
    copies: tuple[str, ...]
    """Uids of sessions with the same name given by the agent: it went on in another folder, or was copied."""


def detail(db: apsw.Connection, number: int) -> Detail:
    """What the session is made of, from the same sums as every report."""
    shares = [ModelUsage(name, usage_from(sums)) for name, *sums in rows(db, _SHARES, (number,))]
    branches = [(name, usage_from(sums)) for name, *sums in rows(db, _BRANCHES, (number,))]
    return Detail(
        models=tuple(sorted(shares, key=lambda share: _dearest(share.usage, share.model))),
        branches=tuple(sorted(branches, key=lambda branch: _dearest(branch[1], branch[0]))),
        quarters=tuple(slot * SLOT for (slot,) in rows(db, _QUARTERS, (number,))),
        logs=tuple(Log(real_path(path), bool(gone)) for path, gone in rows(db, _FILES, (number,))),
        copies=tuple(uid_of(copy) for (copy,) in rows(db, _COPIES, (number,))),
    )


def check(db: apsw.Connection, number: int, change: Relabel) -> None:
    """NameTaken when another session has the name that this one would have then. Hidden ones have none."""
    name = change.name
    if name is None and change.hidden is False:
        name = next((known for (known,) in rows(db, "select name from label where session = ?", (number,))), "")
    if not name:
        return
    wanted = name.casefold()
    others = f"select session, name from label where session <> ? and name <> '' and session not in ({HIDDEN})"
    for other, known in rows(db, others, (number,)):
        if known.casefold() == wanted:
            raise NameTaken(known, uid_of(other))


def relabel(db: apsw.Connection, number: int, change: Relabel, now: Instant) -> bool:
    """Keep the change, for good; whether the session was hidden by it, or came back."""
    with transaction(db, durable=True):
        check(db, number, change)
        db.execute(
            "insert into label (session, changed_at) values (?1, ?2)"
            " on conflict do update set changed_at = max(changed_at, ?2)",
            (number, now),
        )
        if change.name is not None:
            db.execute("update label set name = ? where session = ?", (change.name, number))
        if change.description is not None:
            db.execute("update label set description = ? where session = ?", (change.description, number))
        if change.tags is not None:
            db.execute("delete from tag where session = ?", (number,))
            db.executemany("insert into tag values (?, ?)", [(number, tag) for tag in change.tags])
        if change.hidden is None or change.hidden is (number in hidden(db)):
            return False
        db.execute("update label set hidden_at = ? where session = ?", (now if change.hidden else 0, number))
        return True


def _dearest(usage: Usage, name: str) -> tuple[int, int, str]:
    return -usage.cost, -usage.tokens.total, name
