"""Requests in the store: what is known of them is met, merged, and written where it changed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter

import apsw
import msgspec
from msgspec.structs import replace

from moonlock.model.events import UsageEvent
from moonlock.store import aliases, subjects
from moonlock.store.chains import Chains
from moonlock.store.claims import Claim, Row, event_of, replays, row_of, shown_model
from moonlock.store.connection import rows
from moonlock.store.met import possible, repeated
from moonlock.store.names import Names
from moonlock.store.places import Place
from moonlock.store.pricing import Price

Sightings = tuple[Place, list[UsageEvent]]
"""The requests of one batch."""
Change = tuple[Row, Row | None]
"""A request's row before and after; None when another one absorbed it."""


class Changes(msgspec.Struct):
    """What an append does to the requests."""

    fresh: list[Row]
    grown: list[Change]


_COLUMNS = 16
_NEIGHBOURS = """
select r.*, n.text, c.session, c.agent_id, c.branch, f.path, f.born
from carray(?) message cross join request r on r.key between message.value << 16 and message.value << 16 | 65535
join name n on n.id = r.model join chain c on c.id = r.chain join file f on f.id = r.file
"""
_PLACES = ", ".join("?" * _COLUMNS)


def keep(db: apsw.Connection, told: Sequence[Sightings], chains: Chains, price: Price, met: set[int] | None) -> Changes:
    """Merge the sightings with what is known; what changed, not yet written. ``met`` are the messages to look for."""
    union = aliases.unite(db, [event for _, events in told for event in events if event.aliases])
    if union.keys:
        told = [(place, [_united(event, union) for event in events]) for place, events in told]
    keys = [event.key for _, events in told for event in events]
    claims, grown = _known(db, keys, union, met)
    often = repeated(keys) | claims.keys()
    for place, events in told if often else ():
        for event in events:
            if event.key in often:
                claim = claims.get(event.key)
                if claim is None:
                    claims[event.key] = Claim(event, place)
                else:
                    claim.add(event, place)
    aliases.save(db, union)
    subjects.keep_skills(db, [event for _, events in told for event in events], union.absorbed)
    once = [(place, _left(events, claims)) for place, events in told]  # most are met once: no claim is made for them
    changes = _changed(once, claims, chains, price)
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


def _united(event: UsageEvent, union: aliases.Union) -> UsageEvent:
    key = union.keys.get(event.key, event.key)
    return event if key == event.key else replace(event, key=key)


def _left(events: list[UsageEvent], claims: dict[int, Claim]) -> list[UsageEvent]:
    return [event for event in events if event.key not in claims] if claims else events


def _known(
    db: apsw.Connection, keys: Sequence[int], union: aliases.Union, met: set[int] | None
) -> tuple[dict[int, Claim], list[Change]]:
    """All known requests of the messages seen, with those that are absorbed by another one taken out."""
    messages = {key >> 16 for key in keys}
    messages.update(key >> 16 for pair in union.keys.items() for key in pair)
    wanted = possible(messages, met)
    claims: dict[int, Claim] = {}
    for found in rows(db, _NEIGHBOURS, (apsw.carray(array("q", wanted)),)) if wanted else ():
        row, (shown, session, agent_id, branch, path, born) = found[:_COLUMNS], found[_COLUMNS:]
        claims[row[0]] = Claim(event_of(row, shown, agent_id, branch), Place(row[15], path, born, session), row)
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


def _changed(once: Sequence[Sightings], claims: dict[int, Claim], chains: Chains, price: Price) -> Changes:
    met = [event for _, events in once for event in events]
    dropped = replays([*met, *(claim.event for claim in claims.values())])
    names = Names(chains.db)
    changes = Changes([], [])
    add = changes.fresh.append
    for place, events in once:
        file, session = place.file, place.session
        for event in events:
            model = names[shown_model(event) if event.marks else event.model]
            where = chains[session, event.agent_id, event.branch], model, file
            add(row_of(event, event.key in dropped, price(event), where))
    for key, claim in claims.items():
        event, place, row = claim.event, claim.place, claim.row
        where = chains[place.session, event.agent_id, event.branch], names[shown_model(event)], place.file
        if row is None:
            add(row_of(event, key in dropped, price(event), where))
        elif row != row_of(event, key in dropped, row[12], where):
            changes.grown.append((row, row_of(event, key in dropped, price(event), where)))
    return changes
