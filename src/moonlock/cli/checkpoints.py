"""What ``moonlock session checkpoint`` does: mark one, list them, accept or dismiss what is suggested."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from moonlock.cli.byhand import Alone, Served
from moonlock.cli.errors import Trouble
from moonlock.cli.planning import word
from moonlock.model.hand_shapes import CheckpointList, CheckpointShape
from moonlock.model.manual import LONGEST_PHASE, Milestone
from moonlock.outputs.manual import checkpoints, reached

Said = tuple[object, Callable[[], str]]
"""The shape, and what it says to a person."""
WAYS = "give a PHASE, or one of --list, --accept KEY and --dismiss KEY"


class Wanted(msgspec.Struct, frozen=True):
    """One of them."""

    milestone: Milestone | None = None
    accept: str = ""
    dismiss: str = ""


def asked_for(asked: Mapping[str, object]) -> Wanted:
    """What the words and options mean together; ``Trouble`` when they mean nothing, or more than one thing."""
    phase, listing, prompts = asked["phase"], bool(asked["listing"]), asked["prompts"]
    accept, dismiss = str(asked["accept"] or ""), str(asked["dismiss"] or "")
    if sum(map(bool, (phase is not None, listing, accept, dismiss))) != 1:
        raise Trouble("usage", "this asks for nothing, or for several things at once", WAYS)
    if phase is None:
        if prompts is not None:
            raise Trouble("usage", "--prompts goes with a PHASE", WAYS)
        return Wanted(None, accept.lower(), dismiss.lower())
    return Wanted(Milestone(word(str(phase), LONGEST_PHASE, "a phase"), None if prompts is None else int(str(prompts))))


def done(known: Served | Alone, session: str, wanted: Wanted) -> Said:
    """Do it, and say so."""
    if wanted.milestone is not None:
        made = known.reach(session, wanted.milestone)
        return made, lambda: reached(made)
    found = known.checkpoints(session)
    if wanted.accept:
        accepted = known.accept(session, _suggested(found, wanted.accept).id)
        return accepted, lambda: reached(accepted)
    if wanted.dismiss:
        gone = _suggested(found, wanted.dismiss)
        known.dismiss(session, gone.id)
        return gone, lambda: f"{gone.phase} is not suggested any more"
    return CheckpointList(checkpoints=found), lambda: checkpoints(found)


def _suggested(found: list[CheckpointShape], key: str) -> CheckpointShape:
    """The only suggestion whose id begins so."""
    meant = [one for one in found if one.suggested and one.id.startswith(key)]
    hint = "`moonlock session checkpoint --list` shows what is suggested"
    if not meant:
        raise Trouble("no_such_suggestion", f"nothing that is suggested is called {key}", hint, 1)
    if len(meant) > 1:
        raise Trouble("ambiguous", f"{len(meant)} suggestions begin with {key}", "give more of it", 1)
    return meant[0]
