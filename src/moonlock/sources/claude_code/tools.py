"""Tool calls and their results: joined where one read sees both."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import msgspec
from msgspec import Raw

from moonlock.model.events import Event, Outcome, ToolCall, ToolEnded, UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.session import PendingTool
from moonlock.model.toolnames import CHANGING
from moonlock.sources.claude_code import commits, objectives, subagents, subjects
from moonlock.sources.claude_code.identity import Ids, request_key, tool_key
from moonlock.sources.claude_code.schema import Block, Line, text_of
from moonlock.sources.claude_code.words import name

_REFUSED_BY_PERSON = (
    "The user doesn't want to",
    "Permission to use",
    "Claude requested permissions",
    "[Request interrupted",
)
_SMALL = 100_000
"""The result of a call that was read earlier is looked into up to this length: a list of tasks is short."""


class Call(msgspec.Struct, gc=False):
    at: Instant
    name: str
    of: Ids
    agent_id: str
    own: bool
    """Of the file's own chain: what its status is told from."""
    about: subjects.Subject
    ended: Instant = 0
    outcome: Outcome | None = None
    changed: subjects.Lines = subjects.UNCOUNTED


class Tools:
    """The calls and results of one batch."""

    def __init__(self, agent_id: str) -> None:
        self.agent_id = agent_id
        self.calls: dict[str, Call] = {}
        self.results: dict[str, tuple[Instant, Outcome, subjects.Lines]] = {}
        """Of calls that were read earlier, or not yet."""
        self.items: list[Event] = []
        self._settled = 0

    def called(self, block: Block, line: Line, of: Ids, at: Instant) -> None:
        """A call on a line of the response ``of``."""
        tool = block.id
        if not tool or tool in self.calls:
            return
        name, agent_id = block.name or "", self.agent_id or line.agent_id or ""
        own = bool(self.agent_id) or not line.is_sidechain
        about = subjects.subject(name, block.input) if name in subjects.TOLD else subjects.NOTHING
        call = self.calls[tool] = Call(at, name, of, agent_id, own, about)
        if self.results and tool in self.results:
            call.ended, call.outcome, call.changed = self.results.pop(tool)
        if name in objectives.CALLS and (not agent_id or name != objectives.TODO):
            self.items += objectives.called(block, at)
        elif name in subagents.CALLS:
            self.items += subagents.called(block, at, agent_id)

    def ended(self, block: Block, line: Line, at: Instant) -> None:
        tool = block.tool_use_id or ""
        call = self.calls.get(tool)
        if not tool or tool in self.results or (call is not None and call.outcome):
            return
        outcome: Outcome = "ok"
        if block.is_error:
            outcome = "denied" if line.tool_denial_kind or denied(line.tool_use_result, block) else "failed"
        looked = outcome == "ok" and (call is None or call.name in CHANGING)
        changed = subjects.lines(line.tool_use_result) if looked else subjects.UNCOUNTED
        if call is None:
            self.results[tool] = (at, outcome, changed)
        else:
            call.ended, call.outcome, call.changed = at, outcome, changed
        if outcome == "ok":
            self._succeeded(call, block, line, at)

    def _succeeded(self, call: Call | None, block: Block, line: Line, at: Instant) -> None:
        """What else a result tells of: a commit, a sub-agent, objectives."""
        known, agent_id = None if call is None else call.name, self.agent_id or line.agent_id or ""
        if call is None or known == commits.SHELL:
            self.items += commits.made(line.tool_use_result, block.tool_use_id or "", at)
        self.items += subagents.ended(line.tool_use_result, block, at, agent_id, known)
        if _of_objectives(call, line) and (not agent_id or call is None or known != objectives.TODO):
            self.items += objectives.ended(line.tool_use_result, block, at)

    def asked(self) -> None:
        """A person spoke: what was still open will not be answered any more."""
        self._settled = len(self.calls)

    def pending(self) -> tuple[PendingTool, ...]:
        """Calls of the file's own chain without a result so far."""
        recent = islice(self.calls.items(), self._settled, None)
        return tuple(
            PendingTool(tool_key(tool), name(call.name), call.at, call.about[0])
            for tool, call in recent
            if call.own and not call.outcome
        )

    def events(self, requests: Mapping[Ids, UsageEvent]) -> list[Event]:
        """Calls with their results; results of calls that were read earlier; what both said about objectives."""
        found: list[Event] = []
        for tool, call in self.calls.items():
            began, outcome, request = call.at, call.outcome, requests.get(call.of)
            duration = None if outcome is None else call.ended - began if call.ended > began else 0
            key = request_key(call.of) if request is None else request.key
            made = tool_key(tool), began, name(call.name), key, duration, outcome, call.agent_id
            found.append(ToolCall(*made, *call.about, *call.changed))
        for tool, (at, ended, changed) in self.results.items():
            found.append(ToolEnded(tool_key(tool), at, ended, *changed))
        return found + self.items


def _of_objectives(call: Call | None, line: Line) -> bool:
    """Whether a result may say something about objectives; of a call that was read earlier nobody knows the name."""
    return call.name in objectives.RESULTS if call else len(memoryview(line.tool_use_result)) < _SMALL


def denied(result: Raw, block: Block) -> bool:
    """Whether a person, or a rule of theirs, said no."""
    said = text_of(result)
    return said.startswith(("User rejected", "Error: User rejected")) or text_of(block.content).startswith(
        _REFUSED_BY_PERSON
    )
