"""Sessions by hand for the command line: through the running server, which has the store, else in the store itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

import msgspec

from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import trouble, whole
from moonlock.cli.given import home
from moonlock.cli.through import Neighbour, neighbour
from moonlock.config.settings import Config
from moonlock.live import clock
from moonlock.live.commands import Commands
from moonlock.live.gathered import final
from moonlock.live.hand_shapes import checkpoint_shape, entry_shape, final_shape, hand_shape
from moonlock.live.handbook import reached
from moonlock.live.suggesting import Suggesting
from moonlock.model.hand_shapes import CheckpointList, CheckpointShape, EntryShape, FinalShape
from moonlock.model.instant import Instant
from moonlock.model.manual import Amend, Budget, Milestone, Plan, Posting
from moonlock.model.shapes import SessionList, SessionShape
from moonlock.model.timer import Clocks
from moonlock.store import Store
from moonlock.store.errors import (
    AcceptedAlready,
    AmbiguousSession,
    KeyReused,
    OutOfTime,
    StoreError,
    UnknownSuggestion,
    WrongTurn,
)
from moonlock.store.places import signed

T = TypeVar("T")
REFUSED: dict[type[StoreError], str] = {
    WrongTurn: "wrong_transition",
    KeyReused: "key_reused",
    OutOfTime: "out_of_time",
    AmbiguousSession: "ambiguous",
    UnknownSuggestion: "no_such_suggestion",
    AcceptedAlready: "accepted",
}
"""What cannot be done, and its code on the wire."""
OPEN = "/api/sessions?agent=person&status=running&status=paused&limit=500"


class Served:
    """What a running server does with them."""

    def __init__(self, server: Neighbour) -> None:
        self._server = server

    def open(self) -> list[SessionShape]:
        return self._asked(SessionList, "GET", OPEN).sessions

    def start(self, plan: Plan) -> SessionShape:
        follow = plan.follow
        whom = {follow.kind: follow.of} if follow.kind in ("project", "session") else follow.kind
        said = {"name": plan.name, "duration": plan.duration, "follow": whom} | _bounds(plan.budget)
        said |= {"project": plan.project} if plan.project else {}
        return self._asked(SessionShape, "POST", "/api/sessions", said)

    def turn(self, said: str, status: str) -> SessionShape:
        return self._asked(SessionShape, "PATCH", _path(said), {"status": status})

    def complete(self, said: str) -> FinalShape:
        return self._asked(FinalShape, "POST", f"{_path(said)}/end")

    def post(self, said: str, posting: Posting) -> EntryShape:
        body = {"tokensUsed": posting.tokens, "operation": posting.operation, "model": posting.model}
        return self._asked(EntryShape, "POST", f"{_path(said)}/tokens", body)

    def reach(self, said: str, milestone: Milestone) -> CheckpointShape:
        body = {"phase": milestone.phase, "promptCount": milestone.prompts}
        return self._asked(CheckpointShape, "POST", f"{_path(said)}/checkpoints", body)

    def checkpoints(self, said: str) -> list[CheckpointShape]:
        return self._asked(CheckpointList, "GET", f"{_path(said)}/checkpoints").checkpoints

    def accept(self, said: str, key: str) -> CheckpointShape:
        return self._asked(CheckpointShape, "POST", f"{_path(said)}/checkpoints/{key}/accept")

    def dismiss(self, said: str, key: str) -> None:
        self._server.ask("POST", f"{_path(said)}/checkpoints/{key}/dismiss")

    def _asked(self, kind: type[T], method: str, path: str, body: object = None) -> T:
        said = b"" if body is None else msgspec.json.encode(body)
        return msgspec.json.decode(self._server.ask(method, path, said), type=kind)


class Alone:
    """The same where no server runs: the store is written here, with all that the logs say by now in it."""

    def __init__(self, store: Store) -> None:
        self._store, self._commands = store, Commands(store)
        clocks = Clocks(*clock.clocks())
        self._now: Instant = clocks.wall
        self._commands.look(clocks, clock.machine())
        self._commands.expire(self._now)

    def open(self) -> list[SessionShape]:
        return [hand_shape(hand, self._now) for hand in self._store.hands().open()]

    def start(self, plan: Plan) -> SessionShape:
        return hand_shape(self._commands.start(plan, self._now)[0], self._now)

    def turn(self, said: str, status: str) -> SessionShape:
        wanted = Amend(status="paused" if status == "paused" else "running")
        return hand_shape(_there(said, self._commands.amend(said, wanted, self._now)).hand, self._now)

    def complete(self, said: str) -> FinalShape:
        done = _there(said, self._commands.amend(said, Amend(status="completed"), self._now))
        return final_shape(final(self._store, done.hand, self._now), self._now)

    def post(self, said: str, posting: Posting) -> EntryShape:
        return entry_shape(_there(said, self._commands.post(said, posting, self._now)).entry)

    def reach(self, said: str, milestone: Milestone) -> CheckpointShape:
        return checkpoint_shape(_there(said, self._commands.reach(said, milestone, self._now)).checkpoint)

    def checkpoints(self, said: str) -> list[CheckpointShape]:
        return reached(self._store, _there(said, self._store.hands().find(said)), self._now)

    def accept(self, said: str, key: str) -> CheckpointShape:
        done = Suggesting(self._store).accept(said, signed(int(key, 16)), self._now)
        return checkpoint_shape(_there(said, done).checkpoint)

    def dismiss(self, said: str, key: str) -> None:
        _there(said, Suggesting(self._store).dismiss(said, signed(int(key, 16)), self._now))


@contextmanager
def hands(config: Config) -> Iterator[Served | Alone]:
    """Whoever has the store; what cannot be done is said as the command line says it."""
    server = neighbour(config)
    if server is not None:
        yield Served(server)
        return
    from moonlock.cli.catching import writable
    from moonlock.cli.prices import prices

    with whole(config, os.environ, home()):
        pass  # what the logs say by now is read first
    try:
        store = writable(config, prices(config))
        try:
            yield Alone(store)
        finally:
            store.close()
    except tuple(REFUSED) as refused:
        raise Trouble(REFUSED[type(refused)], str(refused), refused.hint, 1) from refused
    except StoreError as failure:
        raise trouble(failure) from failure


def meant(known: Served | Alone, said: str | None) -> str:
    """The session that a person means: the only one that is open, when none is named."""
    if said is not None:
        return said
    found = known.open()
    if len(found) == 1:
        return found[0].id
    if not found:
        raise Trouble("no_such_session", "no session by hand is open", "`moonlock session start NAME` begins one", 1)
    names = ", ".join(f"{one.name} ({one.id[:8]})" for one in found[:5])
    raise Trouble("ambiguous", f"{len(found)} sessions by hand are open", f"say which: {names}", 1)


def _there(said: str, found: T | None) -> T:
    if found is None:
        hint = "`moonlock session list --by-hand` shows what there is"
        raise Trouble("no_such_session", f"no such session by hand: {said}", hint, 1)
    return found


def _bounds(budget: Budget) -> dict[str, object]:
    cost = None if budget.cost is None else budget.cost / 1_000_000
    return {"tokenBudget": budget.tokens, "costBudget": cost}


def _path(said: str) -> str:
    return f"/api/sessions/{quote(said, safe='')}"
