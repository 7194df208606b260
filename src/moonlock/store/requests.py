"""Requests in the store: what is known of them is met, merged, and written where it changed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter

import apsw
import msgspec
from msgspec.structs import replace

from moonlock.model.events import UsageEvent
from moonlock.store import aliases
from moonlock.store.chains import Chains
from moonlock.store.claims import Claim, Row, event_of, replays, row_of, shown_model
from moonlock.store.connection import rows
from moonlock.store.names import Names
from moonlock.store.places import Place
from moonlock.store.pricing import Price

Sighting = tuple[UsageEvent, Place]
Change = tuple[Row, Row | None]
"""A request's row before and after; None when another one absorbed it."""


class Changes(msgspec.Struct):
    """What an append does to the requests."""

    fresh: list[Row]
    grown: list[Change]


_COLUMNS = 16
_NEIGHBOURS = """
select r.*, n.text, c.session, c.agent_id, f.path, f.born
from carray(?) message cross join request r on r.key between message.value << 16 and message.value << 16 | 65535
join name n on n.id = r.model join chain c on c.id = r.chain join file f on f.id = r.file
"""
_PLACES = ", ".join("?" * _COLUMNS)


def keep(db: apsw.Connection, sightings: Sequence[Sighting], chains: Chains, price: Price) -> Changes:
    """Merge the sightings with what is known; what changed, not yet written."""
    union = aliases.unite(db, (event for event, _ in sightings))
    if union.keys:
        sightings = [_united(sighting, union) for sighting in sightings]
    claims, grown = _known(db, sightings, union)
    first: dict[int, Sighting] = {}  # most responses are met once: only the others are worth a claim
    for sighting in sightings:
        event, place = sighting
        met = first.setdefault(event.key, sighting)
        claim = claims.get(event.key)
        if claim is not None:
            claim.add(event, place)
        elif met is not sighting:
            claims[event.key] = claim = Claim(*met)
            claim.add(event, place)
    aliases.save(db, union)
    changes = _changed(first, claims, chains, price)
    changes.grown += grown
    return changes


def save(db: apsw.Connection, changes: Changes) -> int:
    """Write the rows; how many."""
    changes.fresh.sort(key=itemgetter(0))  # the order of the tree fills its pages, and finds them in the cache
    db.executemany(f"insert into request values ({_PLACES})", changes.fresh)
    if changes.grown:
        db.executemany(f"replace into request values ({_PLACES})", [new for _, new in changes.grown if new is not None])
        db.executemany("delete from request where key = ?", [(old[0],) for old, new in changes.grown if new is None])
    return len(changes.fresh) + len(changes.grown)


def _united(sighting: Sighting, union: aliases.Union) -> Sighting:
    event, place = sighting
    key = union.keys.get(event.key, event.key)
    return sighting if key == event.key else (replace(event, key=key), place)


def _known(
    db: apsw.Connection, sightings: Sequence[Sighting], union: aliases.Union
) -> tuple[dict[int, Claim], list[Change]]:
    """All known requests of the messages seen, with those that are absorbed by another one taken out."""
    if not rows(db, "select 1 from request limit 1"):
        return {}, []
    messages = {event.key >> 16 for event, _ in sightings}
    messages.update(key >> 16 for pair in union.keys.items() for key in pair)
    claims: dict[int, Claim] = {}
    for found in rows(db, _NEIGHBOURS, (apsw.carray(array("q", sorted(messages))),)) if messages else ():
        row, (shown, session, agent_id, path, born) = found[:_COLUMNS], found[_COLUMNS:]
        claims[row[0]] = Claim(event_of(row, shown, agent_id), Place(row[15], path, born, session), row)
    gone: list[Change] = []
    for key, kept in union.absorbed.items():
        claim = claims.pop(key, None)
        if claim is None:
            continue
        if claim.row is not None:
            gone.append((claim.row, None))
        event = replace(claim.event, key=kept)
        if kept in claims:
            claims[kept].add(event, claim.place)
        else:
            claims[kept] = Claim(event, claim.place)
    return claims, gone


def _changed(first: dict[int, Sighting], claims: dict[int, Claim], chains: Chains, price: Price) -> Changes:
    met = (
        [event for key, (event, _) in first.items() if key not in claims] if claims else [e for e, _ in first.values()]
    )
    dropped = replays([*met, *(claim.event for claim in claims.values())])
    names = Names(chains.db)
    changes = Changes([], [])
    for key in (
        first if not claims else first | claims
    ):  # in the order of the files: what lies together is read together
        claim = claims.get(key)
        event, place = first[key] if claim is None else (claim.event, claim.place)
        model = names[shown_model(event) if event.marks else event.model]
        where = chains[place.session, event.agent_id], model, place.file
        if claim is None or claim.row is None:
            changes.fresh.append(row_of(event, key in dropped, price(event), where))
        elif claim.row != row_of(event, key in dropped, claim.row[12], where):
            changes.grown.append((claim.row, row_of(event, key in dropped, price(event), where)))
    return changes
