"""What a session does now, by everybody who knows something of it: its process, the agent's hooks, and its log.

The registry decides whether a session lives. What it does is told by the newer of registry and hooks, for both are
exact at their moment; a log is asked where both are silent.
"""

from __future__ import annotations

import msgspec

from moonlock.analytics import sessions
from moonlock.analytics.hookwords import Word
from moonlock.analytics.lost import LOST
from moonlock.analytics.sessions import SILENT, SURE, Status
from moonlock.model.instant import SECOND, Instant
from moonlock.model.presence import Process
from moonlock.model.session import Session, Subagent

APART = 10 * SECOND
"""A hook and the line of the same moment are not written at once; what is farther apart is not the same."""


class Witness(msgspec.Struct, frozen=True):
    """What is known of a session beside its log."""

    process: Process | None = None
    gone_at: Instant | None = None
    """When its process was seen to be no more."""
    word: Word = Word()


NOBODY = Witness()


def status(session: Session, now: Instant, witness: Witness = NOBODY) -> Status:
    """The status of a session, and who says so."""
    logged = sessions.status(session, now)
    if witness is NOBODY:
        return logged
    hooked = _hooked(session, witness.word, logged, now)
    if witness.process is not None:
        return _alive(witness.process, witness.word, hooked, logged, now)
    gone, newest = witness.gone_at, max(sessions.last_activity(session), witness.word.heard)
    if gone is not None and newest <= gone + APART:
        return Status("completed", newest or None, source="registry")
    return hooked or logged


def is_live(session: Session, now: Instant, witness: Witness = NOBODY) -> bool:
    """Whether the session belongs on the screen of now: its process lives, or it was heard of in the last hour."""
    if witness is NOBODY:
        return sessions.is_live(session, now)
    heard = witness.process is not None or now - witness.word.heard <= LOST or sessions.is_live(session, now)
    return heard and status(session, now, witness).status != "completed"


def subagent_status(session: Session, agent: Subagent, now: Instant, witness: Witness = NOBODY) -> Status:
    """The status of a helper: its hook says at once that it is done, until its log goes on."""
    over = next((at for name, at in witness.word.left if name == agent.agent_id), None)
    if over is not None and agent.last_at <= over + APART:
        return Status("completed", over, source="hook")
    return sessions.subagent_status(session, agent, now)


def _hooked(session: Session, word: Word, logged: Status, now: Instant) -> Status | None:
    """What hooks say, unless the log went on without them, or they are silent for too long."""
    logged_at = session.tail.at if session.tail.at <= now + APART else 0  # a clock ahead of ours tells no order
    if word.status is None or now - max(word.at, word.helper_at, logged_at) > LOST:
        return None
    asks = word.status == "waiting" and not word.at_turn
    held = asks and any(tool.name == word.tool for tool in session.tail.pending)
    if logged_at > word.heard + APART and not held:
        return None
    if asks and not word.asker and logged_at > word.at and session.tail.phase == "answered" and not held:
        return None  # no hook tells that a turn was broken off: its log does
    if word.status == "limited" and session.tail.phase == "limited":
        return logged  # which knows until when
    if word.at_turn:
        return _over(session, word, now)
    silent = now - word.heard
    # No hook tells that a permission was given: a tool that runs long after that looks like one that waits.
    certain = silent <= SURE if word.waiting_for == "permission" else silent <= SILENT or asks
    settled = word.status in ("error", "limited", "completed")
    return Status(word.status, word.since, word.tool or None, certain or settled, "hook", word.waiting_for)


def _over(session: Session, word: Word, now: Instant) -> Status:
    """Your turn, unless helpers in the background still work."""
    heard = max(word.helper_at, *(agent.last_at for agent in session.agents), 0)
    if heard > word.since and now - heard <= SURE:
        return Status("running", word.since, certain=False, source="hook")
    return sessions.turn_over(word.since, now, "hook")


def _alive(process: Process, word: Word, hooked: Status | None, logged: Status, now: Instant) -> Status:
    """Somebody is there: silence does not end it."""
    if hooked is not None and word.heard > process.at:
        return hooked
    if process.doing == "":
        over = logged.status == "completed"
        kept = Status("idle", logged.since, certain=False, source="registry") if over else logged
        return hooked or kept
    finer = hooked or logged
    if process.doing == "waiting":
        same = finer.status in ("waiting", "running")
        wants = process.waiting_for or finer.waiting_for
        return Status("waiting", process.at, finer.tool if same else None, source="registry", waiting_for=wants)
    if process.doing == "busy":
        works = next((told for told in (hooked, logged) if told and told.status in ("running", "compacting")), None)
        works = works or Status("running", process.at)
        return msgspec.structs.replace(works, certain=True, source="registry")
    if finer.status in ("error", "limited") or finer.waiting_for == "question":
        return msgspec.structs.replace(finer, certain=True, source="registry")
    return sessions.turn_over(process.at, now, "registry")
