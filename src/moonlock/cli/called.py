"""The session that a person means, or an error that helps to find it."""

from __future__ import annotations

from moonlock.cli.errors import Trouble
from moonlock.config.errors import nearest
from moonlock.model.manual import Hand
from moonlock.model.session import Session
from moonlock.store import Store

LIST = "`moonlock session list` shows what there is"


def session_called(store: Store, said: str) -> Session:
    """The one that has this id, name or title, or begins so; ``AmbiguousSession`` when more do."""
    found = store.session(said)
    if found is not None:
        return found
    if store.hidden_session(said) is not None:
        raise _nobody(said, f"it was deleted: `moonlock session delete --undo {said}` brings it back")
    known = [name for one in store.sessions() for name in (one.key.native_id, one.uid, one.title)]
    close = nearest(said, [*store.session_names(), *filter(None, known)])
    raise _nobody(said, f"did you mean {close}? {LIST}" if close else LIST)


def hand_called(store: Store, said: str) -> Hand | None:
    """The session by hand that is meant: a whole id or name, or a beginning that no agent's session has."""
    hand = store.hands().find(said)
    if hand is None or hand.hidden:
        return None
    wholly = said.strip().casefold() in (hand.uid, hand.plan.name.casefold())
    return hand if wholly or store.session(said) is None else None


def deleted_hand_called(store: Store, said: str) -> Hand | None:
    """The same among those that were deleted."""
    hand = store.hands().find(said)
    return hand if hand is not None and hand.hidden else None


def deleted_session_called(store: Store, said: str) -> Session:
    """The same among those that were deleted."""
    found = store.hidden_session(said)
    if found is not None:
        return found
    hint = "`moonlock session list --deleted` shows those that were deleted"
    if store.session(said) is not None:
        raise Trouble("not_deleted", f"the session {said} is not deleted", hint, 1)
    raise _nobody(said, hint)


def _nobody(said: str, hint: str) -> Trouble:
    return Trouble("no_such_session", f"no such session: {said}", hint, 1)
