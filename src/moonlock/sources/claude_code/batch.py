"""One batch of a transcript: from decoded lines to events, counts, and what they tell about the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moonlock.model.events import Compaction, Event, UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.reading import Counts
from moonlock.model.session import SessionSeen, Tail, TitleSource
from moonlock.sources.claude_code import facts, goals, objectives, subagents
from moonlock.sources.claude_code.endings import Ending, ending
from moonlock.sources.claude_code.identity import Ids, Whereabouts
from moonlock.sources.claude_code.responses import Responses
from moonlock.sources.claude_code.schema import SYNTHETIC, Line, text_of
from moonlock.sources.claude_code.spot import Spot
from moonlock.sources.claude_code.stamps import MILLIS, SECONDS
from moonlock.sources.claude_code.tools import Tools
from moonlock.sources.claude_code.words import NAME, clean

_ENVELOPED = {"assistant", "user", "system", "attachment", "progress"}
_MINUTE, _SECOND, _MILLI = slice(16), slice(16, 20), slice(20, None)
"""Parts of a time; made once, they cost half."""
_RANK: dict[TitleSource, int] = {"": 0, "summary": 1, "agent": 2, "custom": 3}


class Gathered:
    """Lines go in by ``take``, in the order of the file; what they add up to comes out at the end."""

    def __init__(self, where: Whereabouts, spot: Spot) -> None:
        self._where = where
        self._spot = spot
        self._at: Instant = 0
        """Time of the latest line that had one; it stands in for times that are missing."""
        self._responses = Responses(where.key, where.agent_id, spot.name)
        self._tools = Tools(where.agent_id)
        self._events: list[Event] = []
        self._helpers: set[tuple[str, str]] = set()
        """Calls and their sub-agents that progress lines told of."""
        self._first: Instant | None = None
        self._last: Instant | None = None
        self._ending: Ending | None = None
        self._told = {"cwd": "", "branch": "", "version": ""}
        self._title: tuple[TitleSource, str] = ("", "")
        self._emptied: tuple[int, Compaction] | None = None
        """The last compaction, and how many responses were known then."""

    def take(self, lines: Sequence[Line]) -> None:
        """The hot loop: a few dictionary look-ups for a line that says nothing new.

        Lines of one minute stand together; to look the hour up for each of them took 0.07 s for a GB.
        """
        latest, first, last = self._at, self._first or 1 << 62, self._last or 0
        assistant, tell = self._assistant, self._tell
        seconds, millis = SECONDS, MILLIS
        minute, begun = "", 0
        for line in lines:
            stamp = line.timestamp
            if stamp is None and line.type not in _ENVELOPED and line.message is None:
                self._untimed(line, latest)
                continue
            try:
                if stamp[_MINUTE] != minute:  # type: ignore[index]
                    begun = self._spot.minute(stamp)
                    minute = stamp[_MINUTE]  # type: ignore[index]
                latest = begun + seconds[stamp[_SECOND]] + millis[stamp[_MILLI]]  # type: ignore[index]
            except (KeyError, TypeError):
                latest = self._otherwise(line, latest)
            if latest > last:
                last = latest
            if latest < first:
                first = latest
            (assistant if line.type == "assistant" else tell)(line, latest)
        if last:
            self._at, self._first, self._last = latest, first, last
        self._describe(lines)

    def counts(self, lines: int, skipped: int, repaired: int) -> Counts:
        said = self._responses
        billed, unbilled = said.billed_lines, said.unbilled_lines
        return Counts(lines, billed, said.iterations, skipped, repaired, unbilled, said.unbilled_tokens)

    def events(self) -> tuple[list[Event], SessionSeen]:
        """Everything that happened, and what it tells about the session."""
        requests = self._responses.events()
        seen = self._session(requests)
        return [*requests.values(), *self._tools.events(requests), *self._events], seen

    @property
    def latest(self) -> Instant:
        return self._at

    @latest.setter
    def latest(self, at: Instant) -> None:
        self._at = at

    def _assistant(self, line: Line, at: Instant) -> None:
        message = line.message
        if message is None:
            return
        if message.usage is not None:
            self._responses.see(line, message, at)
        content = message.content
        if isinstance(content, list):
            for block in content:
                if block.type == "tool_use":
                    self._tools.called(block, line, self._responses.ids(line, message), at)
        if message.model == SYNTHETIC or line.is_api_error_message:
            self._note(facts.refused(line, at))

    def _user(self, line: Line, at: Instant) -> None:
        content = line.message.content if line.message is not None else None
        if isinstance(content, list):
            ended = False
            for block in content:
                if block.type == "tool_result":
                    ended = True
                    self._tools.ended(block, line, at)
            if ended:
                return
        if not self._where.agent_id and facts.typed(line):
            self._tools.asked()
            self._events.append(facts.prompt(line, at))
            if line.plan_content:
                said_by = facts.identity(line, at)
                self._events += objectives.accepted(line.plan_content, at, "planContent", said_by)
        elif (text := facts.words(line)).startswith("<"):
            self._aside(text, line, at)

    def _aside(self, text: str, line: Line, at: Instant) -> None:
        """What the client wrote in a person's place, or of a command that a person typed."""
        if text.startswith(subagents.NOTIFIED):
            self._events += [] if facts.spoken(line) else subagents.notified(text, at)
        elif line.type == "user" and not (self._where.agent_id or line.is_sidechain):
            self._events += goals.typed(text, at, facts.identity(line, at))

    def _tell(self, line: Line, at: Instant) -> None:
        if line.type == "user":
            self._user(line, at)
        elif line.type == "progress":
            self._progress(line, at)
        elif line.type == "system":
            compaction = facts.compaction(line, at)
            if compaction is not None and compaction.trigger != "micro":
                self._emptied = (len(self._responses.known), compaction)
            self._note(compaction or facts.trouble(line, at))
        elif line.type == "attachment" and line.attachment is not None:
            self._events += objectives.reminded(line.attachment, at, facts.identity(line, at))
        elif line.message is not None and line.message.usage is not None:
            self._assistant(line, at)  # whatever it calls itself, it was billed (rule F3)
        else:
            self._untimed(line, at)

    def _progress(self, line: Line, at: Instant) -> None:
        """A sub-agent of older clients, told only here: its responses, calls and results (rule S2)."""
        nested = line.data.message if line.data is not None and line.data.type == "agent_progress" else None
        if nested is None or nested.message is None or line.data is None:
            return
        caller = line.parent_tool_use_id or "", line.data.agent_id or ""
        if all(caller) and caller not in self._helpers:
            self._helpers.add(caller)
            self._note(subagents.progressed(*caller, at, self._where.agent_id))
        inner = Line(
            is_sidechain=True,
            agent_id=line.data.agent_id or "",
            version=line.version,
            git_branch=line.git_branch,
            message=nested.message,
            request_id=nested.request_id,
            type=nested.type,
            uuid=nested.uuid or line.uuid,
            timestamp=nested.timestamp or line.timestamp,
        )
        at = self._spot.moment(inner.timestamp) or at
        if nested.type == "assistant":
            self._assistant(inner, at)
        elif nested.type == "user":
            self._user(inner, at)

    def _untimed(self, line: Line, at: Instant) -> None:
        """Lines about the session; the latest of the best kind names it."""
        if line.type == "pr-link":
            self._note(facts.pull_request(line, at or self._spot.earlier()))
        elif line.type == "queue-operation":
            self._aside(text_of(line.content).lstrip(), line, at)
        elif (title := facts.title(line)) is not None and _RANK[title[0]] >= _RANK[self._title[0]] and title[1]:
            self._title = title

    def _note(self, event: Event | None) -> None:
        if event is not None:
            self._events.append(event)

    def _otherwise(self, line: Line, latest: Instant) -> Instant:
        """The time of a line that has it in another form, or none that can be true: then that of the line before."""
        at = self._spot.moment(line.timestamp)
        if at is not None:
            return at
        line.timestamp = ""
        return latest or self._spot.earlier()

    def _describe(self, lines: Sequence[Line]) -> None:
        """The first folder, the last branch and version, the last phase: looked for from the ends."""
        told = self._told
        if not told["cwd"]:
            told["cwd"] = next((line.cwd for line in lines if line.cwd), "")
        for line in reversed(lines):
            if line.version:
                told["version"] = line.version
                told["branch"] = line.git_branch or told["branch"]
                break
        found = ending(lines, sidechains=bool(self._where.agent_id), otherwise=self._at)
        self._ending = found or self._ending

    def _session(self, requests: Mapping[Ids, UsageEvent]) -> SessionSeen:
        source, title = self._title
        return SessionSeen(
            self._where.key,
            self._where.agent_id,
            clean(self._told["cwd"], NAME),
            clean(self._told["branch"], NAME),
            clean(self._told["version"], NAME),
            title,
            source,
            self._first,
            self._last,
            self._tail(requests),
        )

    def _tail(self, requests: Mapping[Ids, UsageEvent]) -> Tail | None:
        """What this read alone saw; who keeps tails continues the known one with it (docs/sources/claude-code.md)."""
        end = self._ending or Ending(0, "")
        pending = self._tools.pending() if end.phase != "answered" else ()
        own = [request for request in requests.values() if self._where.agent_id or not request.sidechain]
        if not (own or pending or end.phase):
            return None
        last = own[-1] if own else None
        context, context_at = (last.tokens.prompt, last.last_at) if last else (None, 0)
        if self._emptied and self._emptied[0] == len(requests) and self._emptied[1].tokens_after is not None:
            context, context_at = self._emptied[1].tokens_after, self._emptied[1].at
        return Tail(
            end.at,
            "calling" if end.phase == "answering" and pending else end.phase,
            pending,
            context,
            context_at,
            last.model if last else "",
            end.resets_at,
            max([request.tokens.prompt for request in own], default=0),
        )
