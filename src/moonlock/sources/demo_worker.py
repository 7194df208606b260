"""One agent at work on one transcript: its clock, its context, its cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from moonlock.model.instant import HOUR, MINUTE, Instant
from moonlock.sources import demo_words as words
from moonlock.sources.demo_lines import Answer, Line, Scribe, Spent, message_id, request_id, tool_id
from moonlock.sources.demo_tools import Call

SYSTEM_PROMPT = 16_500


class Pace(NamedTuple):
    """How demo time passes: as written until ``now``, then ``speed`` times as fast."""

    now: Instant
    speed: float

    def after(self, at: Instant, span: float) -> Instant:
        """The moment ``span`` milliseconds of work after ``at``."""
        past = min(span, max(0, self.now - at))
        return at + int(past + (span - past) / self.speed)


class Worker:
    """Asks, calls tools, answers. Each method yields lines in time order and moves ``at`` on."""

    def __init__(self, rng: Random, scribe: Scribe, model: words.Model, pace: Pace, at: Instant) -> None:
        self.rng, self.scribe, self.model, self.pace, self.at = rng, scribe, model, pace, at
        self.context = 0
        self.fresh = SYSTEM_PROMPT
        self.asked_at = at

    def wait(self, least: float, most: float) -> None:
        """Time passes."""
        self.at = self.pace.after(self.at, self.rng.uniform(least, most))

    def ask(self, text: str) -> Iterator[Line]:
        """A prompt arrives."""
        self.fresh += 60 + len(text) // 4
        yield self.scribe.prompt(self.at, text)

    def use(self, calls: Sequence[Call]) -> Iterator[Line]:
        """One response that calls tools, then their results as they come."""
        ids = [tool_id(self.rng) for _ in calls]
        blocks: list[dict[str, object]] = [
            {"type": "tool_use", "id": known, "name": call.name, "input": call.input}
            for known, call in zip(ids, calls, strict=True)
        ]
        if self.rng.random() < 0.4:
            blocks.insert(0, {"type": "text", "text": self.rng.choice(words.SAID)})
        yield from self.respond(blocks, "tool_use")
        for known, call in zip(ids, calls, strict=True):
            self.at = self.pace.after(self.at, call.took)
            yield self.returned(known, call)

    def returned(self, known: str, call: Call) -> Line:
        """The result of one call, now."""
        self.fresh += call.weight
        return self.scribe.result(self.at, known, call.text, failed=call.failed, told=call.told)

    def finish(self, text: str) -> Iterator[Line]:
        """The answer that ends a turn."""
        yield from self.respond([{"type": "text", "text": text}], "end_turn")

    def respond(self, blocks: Sequence[dict[str, object]], stop: str) -> Iterator[Line]:
        """One request, with what may come before it, as one line for each content block."""
        if self.context + self.fresh > self.model.compacts_at:
            yield from self.compact()
        self.wait(1_200, 7_500)
        if self.rng.random() < 0.012:
            yield from self.retried()
        answer = Answer(message_id(self.rng), request_id(self.rng), self.model.name, self.spend())
        if self.rng.random() < 0.35:
            blocks = [{"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}, *blocks]
        for place, content in enumerate(blocks, 1):
            last = place == len(blocks)
            growing = 1.0 if last else 0.15 + 0.6 * place / len(blocks)
            yield self.scribe.block(self.at, answer, content, share=growing, stop=stop if last else None)
            if not last:
                self.wait(250, 1_400)

    def spend(self) -> Spent:
        """What the next request costs: the cache is read, what is new is written, and an old cache is lost."""
        lifetime = HOUR if self.model.writes_1h else 5 * MINUTE
        if self.at - self.asked_at > lifetime:
            self.fresh += self.context
            self.context = 0
        output = int(min(9_000, self.rng.lognormvariate(5.7, 0.9)))
        searches = int(self.rng.random() < 0.01)
        spent = Spent(self.context, self.fresh, output, self.model.writes_1h, searches)
        self.context += self.fresh
        self.fresh, self.asked_at = output, self.at
        return spent

    def compact(self) -> Iterator[Line]:
        """The context is full: summarise, and go on with the summary."""
        before, after = self.context + self.fresh, self.rng.randrange(14_000, 22_000)
        took = self.rng.randrange(25_000, 70_000)
        self.at = self.pace.after(self.at, took)
        yield self.scribe.compaction(self.at, before, after, took)
        self.context, self.fresh = 0, SYSTEM_PROMPT + after
        summary = "This session is being continued from a previous conversation. Done so far: the loader, its tests."
        yield self.scribe.prompt(self.at, summary, summary=True)

    def retried(self) -> Iterator[Line]:
        """The provider is overloaded for a moment."""
        for attempt in range(1, self.rng.randrange(2, 4)):
            yield self.scribe.retry(self.at, attempt)
            self.wait(600 * 2**attempt, 900 * 2**attempt)
