"""One session from its first wish to its last answer: turns, plans, helpers, limits."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from moonlock.model.instant import MINUTE, Instant, moment
from moonlock.sources import demo_words as words
from moonlock.sources.demo_lines import Line, Scribe, ident, tool_id
from moonlock.sources.demo_subagents import delegated
from moonlock.sources.demo_tools import Call, Plan, everyday
from moonlock.sources.demo_worker import Pace, Worker


class Style(NamedTuple):
    """How a person works with the agent."""

    project: words.Project
    model: words.Model
    steps: int = 6
    """Requests of a usual turn."""
    helpers: float = 0.0
    """Chance that a turn starts sub-agents."""
    plans: float = 0.3
    hunger: int = 0
    """Further tokens that each result brings: long files fill the context soon."""


class Session:
    """A transcript with its sub-agents; ``turn`` and the rest yield lines in time order."""

    def __init__(self, rng: Random, style: Style, pace: Pace, at: Instant) -> None:
        self.rng, self.style = rng, style
        self.wish, self.title = rng.choice(style.project.wishes)
        scribe = Scribe(rng, style.project.cwd, rng.choice(style.project.branches), ident(rng))
        self.worker = Worker(rng, scribe, style.model, pace, at)
        self.turns = 0
        self.planned = 0
        self.plan: Plan | None = None

    @property
    def at(self) -> Instant:
        return self.worker.at

    def turn(self) -> Iterator[Line]:
        """A prompt, some requests with tools, an answer; then it is the person's turn."""
        worker, rng = self.worker, self.rng
        text = self.wish if self.turns == 0 else rng.choice(words.FOLLOW_UPS)
        yield from worker.ask(text)
        yield from self._told_once(text)
        self.turns += 1
        if self.plan is None and rng.random() < self.style.plans:
            yield from self._planned()
        if rng.random() < self.style.helpers:
            yield from self._helped()
        for _ in range(max(1, int(rng.gauss(self.style.steps, self.style.steps / 3)))):
            worker.fresh += rng.randrange(self.style.hunger + 1)
            yield from worker.use([everyday(rng) for _ in range(rng.choices((1, 2, 3), (80, 15, 5))[0])])
            if self.plan and rng.random() < 0.14:
                yield from self._ticked()
        yield from worker.finish(rng.choice(words.SAID))

    def _told_once(self, text: str) -> Iterator[Line]:
        """Lines about the session itself; the client writes them again and again."""
        bare, at = self.worker.scribe.bare, self.at
        if self.turns == 0:
            yield bare(at, "ai-title", aiTitle=self.title)
            yield bare(at, "mode", mode="normal")
        yield bare(at, "last-prompt", lastPrompt=text)

    def _planned(self) -> Iterator[Line]:
        tasks = self.style.model is not words.SMALL
        self.plan = Plan(tasks=tasks, first=self.planned + 1)
        self.planned += len(words.PLAN)
        yield from self.worker.use(self.plan.made())
        if tasks:
            yield from self.worker.use(self.plan.begun())

    def asks(self, patience: float) -> Iterator[Line]:
        """The agent has a question; the person answers after ``patience`` milliseconds."""
        worker, known = self.worker, tool_id(self.rng)
        question = {"question": self.rng.choice(words.QUESTIONS), "options": ["Yes", "No"]}
        call: dict[str, object] = {
            "type": "tool_use",
            "id": known,
            "name": "AskUserQuestion",
            "input": {"questions": [question]},
        }
        yield from worker.respond([call], "tool_use")
        worker.wait(patience, patience)
        yield worker.returned(known, Call("AskUserQuestion", {}, "Yes", {"answers": {"0": "Yes"}}, 0))

    def _ticked(self) -> Iterator[Line]:
        if self.plan is None:
            return
        yield from self.worker.use(self.plan.ticked())
        if self.plan.finished:
            self.plan = None

    def _helped(self) -> Iterator[Line]:
        """One or two sub-agents work side by side; the session waits for them."""
        jobs = self.rng.sample(words.HELPERS, self.rng.choice((1, 1, 2)))
        yield from delegated(self.worker, jobs, 0.35)

    def limited(self, until: Instant) -> Iterator[Line]:
        """The provider refuses; the client says until when."""
        yield from self.worker.ask(self.rng.choice(words.FOLLOW_UPS))
        self.worker.wait(800, 1_500)
        yield self.worker.scribe.refusal(self.at, f"You've hit your Opus limit · resets {clock(until)} (UTC)")

    def delivered(self, number: int) -> Line:
        """The work ended in a pull request."""
        name = self.style.project.cwd.rsplit("/", 1)[1]
        url = f"https://github.com/demo/{name}/pull/{number}"
        bare = self.worker.scribe.bare
        when = {"timestamp": f"{moment(self.at):%Y-%m-%dT%H:%M:%S.000Z}"}
        return bare(self.at, "pr-link", prNumber=number, prUrl=url, prRepository=f"demo/{name}", **when)


def clock(at: Instant) -> str:
    """A time of day as the client writes it: 7pm, 7:20pm."""
    when = moment(at)
    minutes = f":{when.minute:02d}" if when.minute else ""
    return f"{when.hour % 12 or 12}{minutes}{'am' if when.hour < 12 else 'pm'}"


def next_reset(at: Instant, least: int) -> Instant:
    """A reset time as providers give them: a multiple of ten minutes."""
    return (at + least) // (10 * MINUTE) * 10 * MINUTE + 10 * MINUTE
