"""What hooks say that a session does now. The order in which they arrive changes nothing, and neither do repetitions.

An agent calls hooks at the moment itself, so they are exact; but they say nothing of what happened while nobody
listened, and no hook tells that a permission was given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import reduce

import msgspec

from moonlock.analytics.hookwords import OpenTool, Word, waited
from moonlock.analytics.sessions import QUESTIONS
from moonlock.model.instant import SECOND, Instant
from moonlock.model.presence import HookSeen, WaitingFor
from moonlock.model.session import SessionStatus

KEPT = 32
"""So many newest hooks of a session can still be put in order when an older one comes late."""
REMEMBERED = 64
"""Ids of tools and prompts that are over: a repeated hook of theirs is none."""
OPEN = 32
SET_BACK = 10 * SECOND
"""A hook that is so far ahead of now was dated by a clock that was set back since."""
WAITS = 2 * KEPT
"""Waits at hand: more than the hooks that can still be put in order tell of."""
BLOCKING: Mapping[str, WaitingFor] = {
    "permission_prompt": "permission",
    "elicitation_dialog": "question",
    "elicitation_url_dialog": "question",
    "agent_needs_input": "question",
}
"""The notifications that wait for a person; of the others, ``idle_prompt`` comes a minute late."""
OVER = ("waiting", "error", "limited", "completed", None)


class Course(msgspec.Struct, frozen=True):
    """The newest hooks of a session, and what they say together with those before them."""

    base: Word = Word()
    until: Instant = 0
    """The newest of those before them."""
    kept: tuple[HookSeen, ...] = ()
    word: Word = Word()


EMPTY = Course()


def add(course: Course, seen: HookSeen) -> Course:
    """The course with one more hook; what was known, or is older than all that is kept, changes nothing."""
    if seen in course.kept or seen.at < course.until:
        return course
    place = bisect_right(course.kept, seen.at, key=_moment)
    kept = (*course.kept[:place], seen, *course.kept[place:])
    newest, base, until = place == len(course.kept), course.base, course.until
    if len(kept) > KEPT:
        base, until, kept = _step(base, kept[0]), kept[0].at, kept[1:]
    return Course(base, until, kept, _step(course.word, seen) if newest else reduce(_step, kept, base))


def as_of(course: Course, now: Instant) -> Course:
    """The course as it goes on now. After a clock was set back it begins anew, and keeps only how long was waited:
    else nothing that is said would count until the clock is where it was.
    """
    newest = max(course.until, course.kept[-1].at if course.kept else 0)
    if newest <= now + SET_BACK:
        return course
    word = Word(waits=course.word.waits)
    return Course(base=word, word=word)


def read(course: Course) -> Word:
    return course.word


def settled(course: Course) -> Instant:
    """What was over by then is not told differently any more."""
    return course.until or (course.kept[0].at - 1 if course.kept else 0)


def _moment(seen: HookSeen) -> Instant:
    return seen.at


def _step(word: Word, seen: HookSeen) -> Word:
    after = _turn(word, seen)
    if not word.asks or after.asks:
        return after
    return msgspec.structs.replace(after, waits=(*after.waits, waited(word, seen))[-WAITS:])


def _turn(word: Word, seen: HookSeen) -> Word:
    if seen.prompt_id in word.past or (seen.tool_id and seen.tool_id in word.ended):
        return word
    if seen.agent_id:
        return _helped(word, seen)
    turn = _TURNS.get(seen.event)
    return word if turn is None else msgspec.structs.replace(turn(word, seen), at=seen.at)


def _helped(word: Word, seen: HookSeen) -> Word:
    """A sub-agent works on behalf of its session: only when it needs a person, the session waits."""
    left = tuple(one for one in word.left if one[0] != seen.agent_id)
    if seen.event == "SubagentStop":  # it may come after the turn is over, and then nobody works
        word = msgspec.structs.replace(word, left=(*left, (seen.agent_id, seen.at))[-REMEMBERED:])
    else:
        word = msgspec.structs.replace(word, helper_at=seen.at, left=left)
    wants = _wanted(seen)
    if wants is not None:
        return msgspec.structs.replace(_waits(word, seen, wants), asker=seen.agent_id)
    return _goes_on(word, seen.at) if word.asker == seen.agent_id else word


def _wanted(seen: HookSeen) -> WaitingFor | None:
    """What this hook wants of a person."""
    if seen.event in ("PermissionRequest", "PreToolUse") and seen.tool in QUESTIONS:
        return "question"
    if seen.event == "PermissionRequest":
        return "permission"
    if seen.event == "Elicitation":
        return "question"
    return BLOCKING.get(seen.notice) if seen.event == "Notification" else None


def _waits(word: Word, seen: HookSeen, wants: WaitingFor) -> Word:
    """Waiting is as old as the first that said so: its notification comes six seconds late."""
    if word.status == "waiting" and not word.at_turn:
        return word
    tool = seen.tool or (word.open[0].name if word.open and wants == "permission" else "")
    return _turned(word, "waiting", seen.at, tool=tool, wants=wants)


def _turned(word: Word, status: SessionStatus, at: Instant, *, tool: str = "", wants: WaitingFor | None = None) -> Word:
    return msgspec.structs.replace(word, status=status, since=at, tool=tool, waiting_for=wants, asker="")


def _goes_on(word: Word, at: Instant) -> Word:
    """At work with the tool that runs longest, if one runs."""
    first = word.open[0] if word.open else None
    since = at if word.status != "running" or word.tool else word.since
    return _turned(word, "running", first.since if first else since, tool=first.name if first else "")


def _prompted(word: Word, seen: HookSeen) -> Word:
    if seen.prompt_id and seen.prompt_id == word.prompt:
        return word
    past = (*word.past, word.prompt)[-REMEMBERED:] if word.prompt else word.past
    return msgspec.structs.replace(_turned(word, "running", seen.at), open=(), prompt=seen.prompt_id, past=past)


def _calls(word: Word, seen: HookSeen) -> Word:
    if any(tool.id == seen.tool_id for tool in word.open if seen.tool_id):
        return word
    tools = (*word.open, OpenTool(seen.tool_id, seen.tool, seen.at))[-OPEN:]
    word = msgspec.structs.replace(word, open=tools)
    wants = _wanted(seen)
    return _resumes(word, seen.at) if wants is None else _waits(word, seen, wants)


def _called(word: Word, seen: HookSeen) -> Word:
    """A tool is over. After the end of a turn that is no news: it ran in the background, or its hook came late."""
    rest = tuple(tool for tool in word.open if not _is(tool, seen))
    ended = (*word.ended, seen.tool_id)[-REMEMBERED:] if seen.tool_id else word.ended
    word = msgspec.structs.replace(word, open=rest, ended=ended)
    asked = word.status == "waiting" and not word.at_turn
    return _resumes(word, seen.at) if asked or word.status not in (*OVER, "compacting") else word


def _resumes(word: Word, at: Instant) -> Word:
    """At work, unless what a person was asked for is still open: tools are called side by side.

    A call that began later is another one: the end of the first was missed.
    """
    asked = word.status == "waiting" and not word.at_turn
    still = word.asker or any(tool.name == word.tool and tool.since <= word.since for tool in word.open)
    return word if asked and still else _goes_on(word, at)


def _is(tool: OpenTool, seen: HookSeen) -> bool:
    return tool.id == seen.tool_id if seen.tool_id and tool.id else tool.name == seen.tool


def _all_called(word: Word, seen: HookSeen) -> Word:
    ids = tuple(tool.id for tool in word.open if tool.id)
    ended = (*word.ended, *ids)[-REMEMBERED:]
    word = msgspec.structs.replace(word, open=(), ended=ended)
    return word if word.status in OVER else _goes_on(word, seen.at)


def _asks(word: Word, seen: HookSeen) -> Word:
    return _waits(word, seen, "permission")


def _elicits(word: Word, seen: HookSeen) -> Word:
    return _waits(word, seen, "question")


def _answered(word: Word, seen: HookSeen) -> Word:
    return _goes_on(word, seen.at) if word.status == "waiting" and word.waiting_for == "question" else word


def _noticed(word: Word, seen: HookSeen) -> Word:
    wants = _wanted(seen)
    if wants is not None:
        return _waits(word, seen, wants)
    if seen.notice in ("elicitation_complete", "elicitation_response"):
        return _answered(word, seen)
    late = seen.notice == "idle_prompt" and word.status not in OVER
    return _stopped(word, seen) if late else word


def _stopped(word: Word, seen: HookSeen) -> Word:
    ended = (*word.ended, *(tool.id for tool in word.open if tool.id))[-REMEMBERED:]
    word = msgspec.structs.replace(word, open=(), ended=ended)
    return word if word.at_turn else _turned(word, "waiting", seen.at, wants="prompt")


def _failed(word: Word, seen: HookSeen) -> Word:
    status: SessionStatus = "limited" if seen.reason == "rate_limit" else "error"
    return word if word.status == status else msgspec.structs.replace(_turned(word, status, seen.at), open=())


def _compacts(word: Word, seen: HookSeen) -> Word:
    return word if word.status == "compacting" else _turned(word, "compacting", seen.at)


def _compacted(word: Word, seen: HookSeen) -> Word:
    """Who asked for it says what is next; the same from a session that says so with its start."""
    if word.status != "compacting":
        return word
    return _turned(word, "waiting", seen.at, wants="prompt") if seen.reason == "manual" else _goes_on(word, seen.at)


def _began(word: Word, seen: HookSeen) -> Word:
    """A session that begins again after a compaction is in the middle of something."""
    return word if seen.reason == "compact" else _stopped(word, seen)


def _ended(word: Word, seen: HookSeen) -> Word:
    return word if word.status == "completed" else msgspec.structs.replace(_turned(word, "completed", seen.at), open=())


_TURNS: Mapping[str, Callable[[Word, HookSeen], Word]] = {
    "SessionStart": _began,
    "SessionEnd": _ended,
    "UserPromptSubmit": _prompted,
    "PreToolUse": _calls,
    "PermissionRequest": _asks,
    "PermissionDenied": _called,
    "PostToolUse": _called,
    "PostToolUseFailure": _called,
    "PostToolBatch": _all_called,
    "Notification": _noticed,
    "Elicitation": _elicits,
    "ElicitationResult": _answered,
    "Stop": _stopped,
    "StopFailure": _failed,
    "PreCompact": _compacts,
    "PostCompact": _compacted,
}
"""Every other event, known or not, says nothing of what the session does."""
