"""Sums of the requests, by quarter hour, chain and model, and by chain alone.

Only differences are applied: a request's old share is taken out and its new one put in, in the transaction that
changes it; history is never added up again.
"""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.events import UNDERSTATED
from moonlock.store.claims import Row
from moonlock.store.requests import Changes
from moonlock.store.schema import REPLAY, SLOT, SUMS

_NAMES = SUMS.split(", ")
_WIDTH = len(_NAMES)
_INSERT = (
    f"insert into rollup values ({', '.join('?' * (3 + _WIDTH))}) on conflict (slot, chain, model) do update set "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in _NAMES)
)
_EMPTY = "delete from rollup where slot = ? and chain = ? and model = ? and requests = 0"
_CHAIN_SUMS = f"update chain set {', '.join(f'{name} = {name} + ?' for name in _NAMES)} where id = ?"
_CHAIN_LIFE = """
update chain set first_at = iif(first_at = 0, ?1, min(first_at, ?1)), last_at = max(last_at, ?2),
    model = iif(model_at < ?2, ?3, model), model_at = max(model_at, ?2)
where id = ?4
"""
_Key = tuple[int, int, int]
"""slot, chain, model."""
_LATE, _EARLY = 1 << 62, -(1 << 62)


class _Shares(dict[_Key, list[int]]):
    """The ten sums of each key, then when its first request was and when its last one ended."""

    def __missing__(self, key: _Key) -> list[int]:
        share = self[key] = [*[0] * _WIDTH, _LATE, _EARLY]
        return share


def apply(db: apsw.Connection, changes: Changes) -> None:
    """Bring the sums up to the changed rows."""
    shares = _added(changes.fresh)
    for key, share in _added(new for _, new in changes.grown if new is not None).items():
        shares[key] = [*map(int.__add__, shares[key][:_WIDTH], share), *_life(shares[key], share)]
    removed = _added(old for old, _ in changes.grown)
    for key, share in removed.items():
        shares[key][:_WIDTH] = map(int.__sub__, shares[key][:_WIDTH], share)
    parts = sorted((*key, *share[:_WIDTH]) for key, share in shares.items() if any(share[:_WIDTH]))
    db.executemany(_INSERT, parts)
    db.executemany(_EMPTY, list(removed))
    _apply_to_chains(db, shares)


def _added(rows: Iterable[Row]) -> _Shares:
    """The rows' sums. One pass, written out: a first history runs through it 60,000 times."""
    shares = _Shares()
    for _, chain, model, at, span, new, out, short, long, read, _, _, cost, marks, side, _ in rows:
        if side == REPLAY:
            continue
        share = shares[at // SLOT, chain, model]
        share[0] += new
        share[1] += out
        share[2] += short
        share[3] += long
        share[4] += read
        share[5] += 1
        if cost is None:
            share[7] += 1
            share[8] += new + out + short + long + read
        else:
            share[6] += cost
        if marks & UNDERSTATED:
            share[9] += 1
        if at < share[10]:
            share[10] = at
        if at + span > share[11]:
            share[11] = at + span
    return shares


def _life(one: list[int], other: list[int]) -> tuple[int, int]:
    return min(one[_WIDTH], other[_WIDTH]), max(one[_WIDTH + 1], other[_WIDTH + 1])


def _apply_to_chains(db: apsw.Connection, shares: _Shares) -> None:
    """A chain's own sums; when it lived and its model are those of the requests it ever had."""
    sums: dict[int, list[int]] = {}
    lives: dict[int, tuple[int, int, int]] = {}
    for (_, chain, model), (*counts, first, last) in shares.items():
        known = sums.get(chain)
        sums[chain] = counts if known is None else list(map(int.__add__, known, counts))
        if first == _LATE:
            continue
        began, ended, newest = lives.get(chain, (first, _EARLY, model))
        lives[chain] = min(began, first), max(ended, last), model if last > ended else newest
    db.executemany(_CHAIN_SUMS, [(*counts, chain) for chain, counts in sums.items() if any(counts)])
    db.executemany(_CHAIN_LIFE, [(*life, chain) for chain, life in lives.items()])
