"""What ``moonlock session`` prints of sessions by hand, read from the store."""

from __future__ import annotations

import os
from itertools import islice
from typing import NamedTuple

import msgspec

from moonlock.cli import screen
from moonlock.cli.asked import Asked
from moonlock.cli.called import deleted_hand_called, deleted_session_called, hand_called, session_called
from moonlock.cli.days import span
from moonlock.cli.errors import Trouble
from moonlock.cli.listing import Wanted, called, going
from moonlock.config.settings import Config
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import clock
from moonlock.live.gathered import final, whole
from moonlock.live.hand_shapes import final_shape, hand_shape
from moonlock.model.instant import Instant
from moonlock.model.label import Relabel
from moonlock.model.manual import Hand
from moonlock.model.words import many
from moonlock.outputs.manual import listed, report
from moonlock.outputs.shown import shown
from moonlock.store import Store


class Meant(NamedTuple):
    """A session of either kind that goes or comes back, what it is called, and what it has."""

    uid: str
    name: str
    has: str


def listed_by_hand(store: Store, config: Config, wanted: Wanted) -> str:
    """The newest that are wanted, as lines or as JSON."""
    if wanted.agent is not None or wanted.deleted:
        raise Trouble("usage", "--by-hand goes without --agent and --deleted", "leave them out")
    now, zone = clock.now(), zone_of(config.timezone or local_zone(os.environ))
    since = span(Asked(since=wanted.since), zone, now).start or 0
    hands = (hand for hand in store.hands().page(None, -1) if _fits(hand, wanted, since))
    found = list(islice(hands, wanted.limit + 1))
    shapes = [hand_shape(whole(store, hand, now), now) for hand in found[: wanted.limit]]
    if not wanted.as_json:
        return listed(shapes)
    return _document({"schema": "moonlock.sessions/1", "sessions": shapes, "more": len(found) > len(shapes)})


def leaving(store: Store, config: Config, said: str) -> Meant:
    """The session that is to be left out."""
    hand = hand_called(store, said)
    if hand is not None:
        return _by_hand(store, hand)
    session = session_called(store, said)
    return Meant(session.uid, called(session), going(store, config, session))


def coming_back(store: Store, config: Config, said: str) -> Meant:
    """The session that was left out and is to come back."""
    hand = deleted_hand_called(store, said)
    if hand is not None and store.hidden_session(said) is None:
        return _by_hand(store, hand)
    session = deleted_session_called(store, said)
    store.check_label(session.uid, Relabel(hidden=False))
    return Meant(session.uid, called(session), going(store, config, session))


def shown_by_hand(store: Store, hand: Hand, *, as_json: bool) -> str:
    """All that is known of one."""
    now = clock.now()
    if as_json:
        return _document(hand_shape(whole(store, hand, now), now))
    return report(final_shape(final(store, hand, now), now), screen.width())


def _by_hand(store: Store, hand: Hand) -> Meant:
    known = whole(store, hand, clock.now())
    return Meant(hand.uid, shown(hand.plan.name), many(known.tokens, "token"))


def _fits(hand: Hand, wanted: Wanted, since: Instant) -> bool:
    project = wanted.project is None or wanted.project.casefold() == hand.plan.project.casefold()
    return project and hand.marks[0].at >= since and (wanted.tag is None or wanted.tag.casefold() in hand.tags)


def _document(said: object) -> str:
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()
