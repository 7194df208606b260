"""Which session is meant: by its id, by the agent's own, by its name or its title; the beginning is enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import apsw

from moonlock.store.connection import rows
from moonlock.store.errors import AmbiguousSession
from moonlock.store.labels import HIDDEN
from moonlock.store.places import signed, uid_of

_NATIVE_END = "\U0010ffff"
_HEX = frozenset("0123456789abcdef")
_DIGITS = 16
_MOST = 10
"""Found by the beginning of an id: more than one is too many already."""


def find(db: apsw.Connection, said: str) -> int | None:
    """The number of the one session that is called so; AmbiguousSession when there are more. Hidden ones do not count.

    A whole id is meant before a name, a name before a title, which nobody chose and several may have; and all that is
    whole before what is the beginning of something.
    """
    return _only(db, said, f"not in ({HIDDEN})")


def find_hidden(db: apsw.Connection, said: str) -> int | None:
    """The same among the hidden sessions."""
    return _only(db, said, f"in ({HIDDEN})")


def names(db: apsw.Connection) -> list[str]:
    """The names that sessions were given."""
    return sorted(name for _, name in _names(db, f"not in ({HIDDEN})"))


def _only(db: apsw.Connection, said: str, among: str) -> int | None:
    if not said:
        return None
    for look in (_by_id, _by_name, _by_title, _by_beginning, _by_beginning_of_title):
        found = look(db, said, among)
        if len(found) > 1:
            raise AmbiguousSession(said, tuple(sorted(map(uid_of, found))))
        if found:
            return next(iter(found))
    return None


def _by_id(db: apsw.Connection, said: str, among: str) -> Collection[int]:
    low = said.lower()
    uid = signed(int(low, 16)) if len(low) == _DIGITS and _HEX.issuperset(low) else None
    found = _numbers(db, f"select id from session where id = ? and id {among}", (uid,))
    return found or _numbers(db, f"select id from session where native_id = ? and id {among}", (said,))


def _by_name(db: apsw.Connection, said: str, among: str) -> Collection[int]:
    wanted = said.strip().casefold()
    return {number for number, name in _names(db, among) if name.casefold() == wanted}


def _by_beginning(db: apsw.Connection, said: str, among: str) -> Collection[int]:
    low = said.lower()
    sql = f"select id from session where native_id >= ?1 and native_id < ?1 || ?2 and id {among} limit {_MOST}"
    found = set(_numbers(db, sql, (said, _NATIVE_END)))
    if len(low) < _DIGITS and _HEX.issuperset(low):
        span = signed(int(low.ljust(_DIGITS, "0"), 16)), signed(int(low.ljust(_DIGITS, "f"), 16))
        sql = f"select id from session where id between ? and ? and id {among} limit {_MOST}"
        found.update(_numbers(db, sql, span))
    wanted = said.lstrip().casefold()
    found.update(number for number, name in _names(db, among) if wanted and name.casefold().startswith(wanted))
    return found


def _by_title(db: apsw.Connection, said: str, among: str) -> Collection[int]:
    wanted = said.strip().casefold()
    return {number for number, title in _titles(db, among) if title.strip().casefold() == wanted}


def _by_beginning_of_title(db: apsw.Connection, said: str, among: str) -> Collection[int]:
    wanted = said.lstrip().casefold()
    return {number for number, title in _titles(db, among) if wanted and title.lstrip().casefold().startswith(wanted)}


def _names(db: apsw.Connection, among: str) -> Iterable[tuple[int, str]]:
    sql = f"select session, name from label where name <> '' and session {among}"
    return [(number, name) for number, name in rows(db, sql)]


def _titles(db: apsw.Connection, among: str) -> Iterable[tuple[int, str]]:
    sql = f"select id, title from session where title <> '' and id {among}"
    return [(number, title) for number, title in rows(db, sql)]


def _numbers(db: apsw.Connection, sql: str, bindings: tuple[int | str | None, ...]) -> Collection[int]:
    return {number for (number,) in rows(db, sql, bindings)}
