"""One response out of its many lines: it is logged once for each content block, growing, and again in every copy."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from moonlock.model.events import TIME_ASSUMED, UsageEvent, merged
from moonlock.model.instant import Instant
from moonlock.model.session import SessionKey
from moonlock.sources.claude_code.billing import billed, moved
from moonlock.sources.claude_code.caching import lost
from moonlock.sources.claude_code.identity import Ids, alias, request_key
from moonlock.sources.claude_code.schema import SYNTHETIC, Line, Message, Used
from moonlock.sources.claude_code.words import clean, name

UNKNOWN = "unknown"


class Response(msgspec.Struct, gc=False):
    """What the lines of one request said so far. A line that says the same again only moves the times."""

    first: Instant
    last: Instant
    usage: Used
    model: str | None
    sidechain: bool | None
    version: str | None
    cost: float | None
    agent_id: str
    branch: str | None
    skill: str | None
    plain: bool
    """False where each line must be looked at: its time is an identity, or other requests hang on it."""
    marks: int = 0
    merged: UsageEvent | None = None
    """Set once lines differed in more than a growing output."""
    aliases: tuple[int, ...] = ()


class Responses:
    """The responses of one batch."""

    def __init__(self, session: SessionKey, agent_id: str, position: Callable[[Line], str]) -> None:
        self.session = session
        self.agent_id = agent_id
        self.position = position
        """Names a line without any id by its place."""
        self.known: dict[Ids, Response] = {}
        self.billed_lines = self.iterations = self.unbilled_lines = self.unbilled_tokens = 0

    def see(self, line: Line, message: Message, at: Instant) -> None:
        """A line with usage. Nearly half of all lines come here, and most repeat the one before."""
        known = self.known.get((message.id, line.request_id))
        if (
            known is not None
            and known.plain
            and known.usage == message.usage
            and known.model == message.model
            and known.sidechain is line.is_sidechain
            and known.version == line.version
            and known.cost == line.cost_usd
            and known.skill == line.attribution_skill
        ):
            self.billed_lines += 1
            if at > known.last:
                known.last = at
            elif at < known.first:
                known.first, known.branch = at, line.git_branch
        else:
            self._consider(line, message, at)

    def _consider(self, line: Line, message: Message, at: Instant) -> None:
        usage = message.usage
        if usage is None:
            return
        if message.model == SYNTHETIC:
            self.unbilled_lines += 1
            self.unbilled_tokens += billed(usage, line.version)[0].total
        elif usage.iterations and len(usage.iterations) > 1:
            self.billed_lines += self._iterations(line, message, usage, at)
        elif moved(usage):
            self.billed_lines += 1
            self._fold(self.ids(line, message), self._response(line, message, usage, at))

    def _iterations(self, line: Line, message: Message, top: Used, at: Instant) -> bool:
        """Several billed requests in one answer (rule C8): the last is the answer's own, the top level repeats it."""
        ids = self.ids(line, message)
        entries = top.iterations or []
        told = False
        for index, entry in enumerate(entries):
            last = index == len(entries) - 1
            usage = replace(
                entry,
                speed=top.speed,
                inference_geo=top.inference_geo,
                service_tier=top.service_tier,
                server_tool_use=top.server_tool_use if last else None,
            )
            if not moved(usage):
                continue
            told = True
            response = self._response(line, message, usage, at)
            response.plain = False
            response.model = entry.model or message.model
            if not last and line.cost_usd is not None:
                response.cost = 0.0  # the recorded cost is that of the whole answer
            of = ids if last else (ids[0], f"{ids[1]}#{index}")
            if response.aliases and not last:  # a copy of this entry, not of the whole answer
                response.aliases = (alias(f"{message.id}#{index}", at),)
            self.iterations += not last and of not in self.known
            self._fold(of, response)
        return told

    def ids(self, line: Line, message: Message) -> Ids:
        """Rules D1, D3 and D4. A gateway's own numbers are trusted inside one session only."""
        request = line.request_id or ""
        if message.id:
            gateway = not request and _numbered_by_gateway(message)
            return (
                f"{self.session.folder}\0{self.session.native_id}\0{message.id}" if gateway else message.id
            ), request
        if request:
            return f"request\0{request}", request
        return f"line\0{line.uuid or self.position(line)}", ""

    def _response(self, line: Line, message: Message, usage: Used, at: Instant) -> Response:
        gateway = not line.request_id and _numbered_by_gateway(message)
        return Response(
            at,
            at,
            usage,
            message.model,
            line.is_sidechain,
            line.version,
            line.cost_usd,
            self.agent_id or line.agent_id or "",
            line.git_branch,
            line.attribution_skill,
            not gateway,
            lost(message.diagnostics) | (0 if line.timestamp else TIME_ASSUMED),
            None,
            (alias(str(message.id), at),) if gateway else (),
        )

    def _fold(self, ids: Ids, seen: Response) -> None:
        known = self.known.get(ids)
        if known is None:
            self.known[ids] = seen
        elif known.merged is None and _grown(known, seen):
            known.usage = seen.usage
            known.last = max(known.last, seen.last)
            if seen.first < known.first:
                known.first, known.branch = seen.first, seen.branch
            known.version = seen.version
        else:
            seen.merged = merged(self._event(ids, known), self._event(ids, seen))
            seen.first, seen.last = seen.merged.at, seen.merged.last_at
            self.known[ids] = seen

    def events(self) -> dict[Ids, UsageEvent]:
        """All responses, each once, in the order of their first lines."""
        return {ids: self._event(ids, response) for ids, response in self.known.items()}

    def _event(self, ids: Ids, said: Response) -> UsageEvent:
        if said.merged is not None:
            return replace(said.merged, at=said.first, last_at=said.last)
        tokens, marks = billed(said.usage, said.version)
        tools = said.usage.server_tool_use
        return UsageEvent(
            request_key(ids),
            said.first,
            said.last,
            name(said.model or UNKNOWN),
            tokens,
            marks | said.marks,
            (tools.web_search_requests or 0) if tools is not None else 0,
            None if said.cost is None else round(said.cost * 1_000_000),
            bool(self.agent_id) if said.sidechain is None else said.sidechain,
            said.agent_id,
            said.aliases,
            clean(said.branch) if said.branch else "",
            name(said.skill) if said.skill else "",
        )


def _numbered_by_gateway(message: Message) -> bool:
    return bool(message.id) and not str(message.id).startswith("msg_")


def _grown(known: Response, seen: Response) -> bool:
    """Whether only the output grew: then the new line says all that the old ones said."""
    before, now = known.usage, seen.usage
    return (
        known.plain
        and (now.output_tokens or 0) > (before.output_tokens or 0)
        and now.input_tokens == before.input_tokens
        and now.cache_read_input_tokens == before.cache_read_input_tokens
        and now.cache_creation_input_tokens == before.cache_creation_input_tokens
        and now.cache_creation == before.cache_creation
        and now.server_tool_use == before.server_tool_use
        and (known.model, known.sidechain, known.marks, known.cost, known.skill)
        == (seen.model, seen.sidechain, seen.marks, seen.cost, seen.skill)
    )
