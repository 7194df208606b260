"""Which call led to which sub-agent, and what became of what it was called for: from all that a session's logs told."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence

import apsw
import msgspec
from msgspec.structs import replace

from moonlock.model.aims import CALL, Said, agent_aim, call_of, is_linked, settled
from moonlock.model.events import ObjectiveSet, SubagentEnded, SubagentStarted, ToolCall
from moonlock.model.instant import HOUR, Instant
from moonlock.model.session import CallState
from moonlock.store.connection import rows
from moonlock.store.facts import Happening, Told, decode
from moonlock.store.tools import DENIED, FAILED

SILENT = HOUR
"""A sub-agent that its session left behind by so much counts as over, though nothing said so."""
_SAID = """
select session, body from event where session in carray(?) and kind in ('objective', 'subagent', 'subagent-ended')
"""
_OF_CALLS = f"{_SAID} and (kind <> 'objective' or instr(body, cast('{CALL}' as blob)))"
_CALLS = """
select t.key, t.at + max(ifnull(t.duration, 0), 0), t.outcome, c.agent_id
from carray(?) seen cross join tool t on t.key = seen.value join chain c on c.id = t.chain
"""
_TIMES = "select id, last_at, settled_at from session where id in carray(?)"
_LIVES = """
select session, agent_id, max(last_at) from chain where session in carray(?) and agent_id <> '' group by 1, 2
"""


class Called(msgspec.Struct, frozen=True):
    """The newest call that led to a sub-agent."""

    title: str
    kind: str
    parent: str
    call: int
    state: CallState


class _Story(msgspec.Struct):
    """What was told of one session."""

    said: list[Said] = []
    links: list[SubagentStarted] = []
    changes: list[ObjectiveSet] = []

    def open(self) -> dict[int, ObjectiveSet]:
        """What calls want of sub-agents and is not over, by the call."""
        newest = {change.objective: change for change in self.changes if change.objective.startswith(CALL)}
        return {call_of(change): change for change in newest.values() if change.state not in ("completed", "deleted")}


def objectives(db: apsw.Connection, session: int) -> list[ObjectiveSet]:
    """The newest state of each objective, in the order in which they first came up."""
    found: dict[str, ObjectiveSet] = {}
    for event in _stories(db, [session], _SAID)[session].changes:
        before = found.get(event.objective)
        found[event.objective] = event if event.title or before is None else replace(event, title=before.title)
    return list(found.values())


def happened(db: apsw.Connection, session: int, events: Sequence[Happening]) -> list[Happening]:
    """The same events of one session in time order, with what was said of objectives as changes of one each."""
    kept: list[Happening] = [event for event in events if not (is_linked(event) or isinstance(event, SubagentStarted))]
    if len(kept) == len(events):
        return kept
    end = max(event.at for event in events)
    changes = _stories(db, [session], _SAID)[session].changes
    return sorted([*kept, *(one for one in changes if is_linked(one) and one.at <= end)], key=lambda event: event.at)


def told(db: apsw.Connection, calls: Iterable[tuple[int, ToolCall]], facts: Sequence[Told]) -> list[Told]:
    """The same news, with what they mean for what sub-agents were called for, and for goals."""
    linked = [(session, event) for session, event in facts if is_linked(event)]
    ended = [(session, call) for session, call in calls if call.outcome is not None]
    sessions = {session for session, _ in (*linked, *ended)}
    if not sessions:
        return list(facts)
    keys = {event.key for _, event in (*linked, *ended)}
    stories = _stories(db, sessions, _SAID if linked else _OF_CALLS)
    news = [(number, one) for number, story in stories.items() for one in _news(story, keys)]
    return [*((session, event) for session, event in facts if not is_linked(event)), *news]


def _news(story: _Story, keys: Collection[int]) -> list[ObjectiveSet]:
    """The changes that these events brought; where one was read late, what it has become is said again."""
    touched = {change.objective for change in story.changes if change.key in keys}
    newest = {change.objective: change for change in story.changes if change.objective in touched}
    return [one for one in story.changes if one.key in keys or newest.get(one.objective) is one]


def helpers(db: apsw.Connection, sessions: Collection[int]) -> dict[int, dict[str, Called]]:
    """What is known of the calls that led to the sub-agents of these sessions."""
    return {number: _called(story) for number, story in _stories(db, sessions, _OF_CALLS).items()} if sessions else {}


def calls(db: apsw.Connection, session: int) -> dict[str, str]:
    """By what a call wanted, which sub-agent it led to."""
    links = _stories(db, [session], _OF_CALLS)[session].links
    return {agent_aim(link.call): link.agent_id for link in links if link.agent_id}


def _stories(db: apsw.Connection, sessions: Collection[int], sql: str) -> dict[int, _Story]:
    numbers = apsw.carray(array("q", sorted(sessions)))
    found = {number: _Story() for number in sessions}
    for number, body in rows(db, f"{sql} order by at, key", (numbers,)):
        event = decode(body)
        if isinstance(event, SubagentStarted):
            found[number].links.append(event)
        elif isinstance(event, ObjectiveSet | SubagentEnded):
            found[number].said.append(event)
    for story in found.values():
        story.changes = settled(story.said, story.links)
    waiting = {number: story for number, story in found.items() if story.open()}
    if waiting:
        _end(db, waiting)
    return found


def _end(db: apsw.Connection, stories: dict[int, _Story]) -> None:
    """End what is over by its call's own result, or because nobody heard of it any more."""
    wanted = apsw.carray(array("q", sorted({call for story in stories.values() for call in story.open()})))
    results = {key: result for key, *result in rows(db, _CALLS, (wanted,))}
    numbers = apsw.carray(array("q", sorted(stories)))
    lives = {(number, agent): last for number, agent, last in rows(db, _LIVES, (numbers,))}
    for number, last_at, settled_at in rows(db, _TIMES, (numbers,)):
        story = stories[number]
        agents = {link.call: link for link in story.links if link.agent_id}
        for call, begun in story.open().items():
            link = agents.get(call)
            heard = None if link is None else max(lives.get((number, link.agent_id), 0), link.at)
            over = _result(begun, results.get(call), heard, settled_at) or _lost(begun, heard, last_at)
            story.said += over
        story.changes = settled(story.said, story.links)


def _result(
    begun: ObjectiveSet, result: Sequence[object] | None, heard: Instant | None, settled_at: Instant
) -> list[Said]:
    """What its call's result says: a failure, an end without a sub-agent, or that none came before a person went on."""
    if result is None:
        return []
    at, outcome, agent_id = result
    assert isinstance(at, int)
    call = call_of(begun)
    if outcome in (FAILED, DENIED):
        return [SubagentEnded(call, at, "deleted", call=call)]
    if outcome is not None:
        return [] if heard is not None else [SubagentEnded(call, at, "completed", call=call)]
    return [SubagentEnded(call, settled_at, "deleted", call=call)] if not agent_id and at < settled_at else []


def _lost(begun: ObjectiveSet, heard: Instant | None, last_at: Instant) -> list[Said]:
    if heard is None or last_at - heard <= SILENT:
        return []
    return [SubagentEnded(begun.key, heard, "completed", call=call_of(begun))]


def _called(story: _Story) -> dict[str, Called]:
    aims = {change.objective: change for change in story.changes}
    kinds: dict[int, str] = {}
    newest: dict[str, SubagentStarted] = {}
    for link in story.links:
        kinds[link.call] = link.kind or kinds.get(link.call, "")
        if link.agent_id and (link.agent_id not in newest or newest[link.agent_id].at <= link.at):
            newest[link.agent_id] = link
    found: dict[str, Called] = {}
    for agent_id, link in newest.items():
        aim = aims.get(agent_aim(link.call))
        state: CallState = "" if aim is None or aim.state == "pending" else aim.state
        parent = "" if link.parent == agent_id else link.parent
        found[agent_id] = Called("" if aim is None else aim.title, kinds[link.call], parent, link.call, state)
    return found
