"""Tool calls and their results: joined where one read sees both."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import msgspec
from msgspec import Raw

from moonlock.model.events import Event, Outcome, ToolCall, ToolEnded, UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.session import PendingTool
from moonlock.sources.claude_code import objectives
from moonlock.sources.claude_code.identity import Ids, tool_key
from moonlock.sources.claude_code.schema import Block, Line, Message, text_of
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


class Tools:
    """The calls and results of one batch."""

    def __init__(self, agent_id: str) -> None:
        self.agent_id = agent_id
        self.calls: dict[str, Call] = {}
        self.results: dict[str, tuple[Instant, Outcome]] = {}
        self.items: list[Event] = []
        self._settled = 0

    def called(self, block: Block, line: Line, message: Message, at: Instant) -> None:
        if not block.id or block.id in self.calls:
            return
        name, agent_id = block.name or "", self.agent_id or line.agent_id or ""
        own = bool(self.agent_id) or not line.is_sidechain
        self.calls[block.id] = Call(at, name, (message.id, line.request_id), agent_id, own)
        if name in objectives.CALLS and (not agent_id or name != objectives.TODO):
            self.items += objectives.called(block, at)

    def ended(self, block: Block, line: Line, at: Instant) -> None:
        tool = block.tool_use_id
        if not tool or tool in self.results:
            return
        if block.is_error:
            denied = line.tool_denial_kind or _denied(line.tool_use_result, block)
            self.results[tool] = (at, "denied" if denied else "failed")
            return
        self.results[tool] = (at, "ok")
        call = self.calls.get(tool)
        if call.name in objectives.RESULTS if call else len(memoryview(line.tool_use_result)) < _SMALL:
            agent = self.agent_id or line.agent_id
            if not agent or call is None or call.name != objectives.TODO:
                self.items += objectives.ended(line.tool_use_result, block, at)

    def asked(self) -> None:
        """A person spoke: what was still open will not be answered any more."""
        self._settled = len(self.calls)

    def pending(self) -> tuple[PendingTool, ...]:
        """Calls of the file's own chain without a result so far."""
        recent = islice(self.calls.items(), self._settled, None)
        return tuple(
            PendingTool(tool_key(tool), name(call.name), call.at)
            for tool, call in recent
            if call.own and tool not in self.results
        )

    def events(self, requests: Mapping[Ids, UsageEvent]) -> list[Event]:
        """Calls with their results; results of calls that were read earlier; what both said about objectives."""
        found: list[Event] = []
        results = self.results
        for tool, call in self.calls.items():
            request = requests.get(call.of)
            key = request.key if request is not None else 0
            end = results.get(tool)
            duration, outcome = (None, None) if end is None else (max(0, end[0] - call.at), end[1])
            found.append(ToolCall(tool_key(tool), call.at, name(call.name), key, duration, outcome, call.agent_id))
        earlier = [tool for tool in self.results if tool not in self.calls]
        found += [ToolEnded(tool_key(tool), *self.results[tool]) for tool in earlier]
        return found + self.items


def _denied(result: Raw, block: Block) -> bool:
    """Whether a person, or a rule of theirs, said no."""
    said = text_of(result)
    return said.startswith(("User rejected", "Error: User rejected")) or text_of(block.content).startswith(
        _REFUSED_BY_PERSON
    )
