"""How the contexts of the chains of now grow: folded from what is new, begun from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from moonlock.analytics import context, growth
from moonlock.analytics.growth import EMPTY, Growth
from moonlock.model.events import Compaction
from moonlock.model.gain import Gain
from moonlock.model.instant import HOUR, Instant
from moonlock.model.limits import ContextWindow
from moonlock.model.session import Session, Tail
from moonlock.model.statusline import StatusSample
from moonlock.store import Store

Growths = Mapping[str, Growth]
"""By sub-agent; the session's own line is ""."""
NOTHING: Growths = MappingProxyType({})
EnvironmentOf = Callable[[Session, str], Mapping[str, str]]
"""The environment that a session is taken to have for a model."""
LOOK_BACK = 6 * HOUR
_SIZES = range(10_000, 10_000_001)
_MOST_TOLD = 1_000


class Step(msgspec.Struct, frozen=True, gc=False):
    """A response of a chain, or a compaction of a session."""

    uid: str
    at: Instant
    agent_id: str = ""
    model: str = ""
    prompt: int = 0
    compaction: Compaction | None = None


class Contexts:
    """Lives in the event loop's thread, beside the state."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._environment: EnvironmentOf = lambda session, model: env
        self._known: dict[str, dict[str, Growth]] = {}
        self._sizes: dict[str, tuple[Instant, int]] = {}

    def begin(self, known: Mapping[str, Growths]) -> None:
        """Forget what was folded; the store knows better."""
        self._known = {uid: dict(growths) for uid, growths in known.items()}

    def apply(self, gain: Gain) -> None:
        """Fold in responses and compactions, in the order in which they happened."""
        fold(self._known, _steps(gain))

    def heed(self, environment: EnvironmentOf) -> None:
        """What agents' settings say counts from now on."""
        self._environment = environment

    def hear(self, sample: StatusSample) -> None:
        """A statusline said how large the window of its session is."""
        told = None if sample.context is None else sample.context.size
        name = sample.key.native_id
        if told is None or told not in _SIZES or sample.at < self._sizes.get(name, (sample.at, 0))[0]:
            return
        self._sizes.pop(name, None)  # the one that spoke last stands last
        self._sizes[name] = sample.at, told
        if len(self._sizes) > _MOST_TOLD:
            del self._sizes[next(iter(self._sizes))]

    def of(self, session: Session) -> ContextWindow | None:
        """The window of the session's own line."""
        known = self._known.get(session.uid, NOTHING).get("", EMPTY)
        size = self._sizes.get(session.key.native_id)
        env = self._environment(session, session.tail.model)
        return context.read(session.tail, session.version, env, known, None if size is None else size[1])

    def helpers(self, session: Session) -> dict[str, ContextWindow]:
        """The windows of its sub-agents by their ids, of those that were heard of lately."""
        known = self._known.get(session.uid, NOTHING)
        windows = {
            name: of_chain(grown, session.version, self._environment(session, grown.model))
            for name, grown in known.items()
            if name
        }
        return {name: window for name, window in windows.items() if window is not None}

    def forget(self, uid: str) -> None:
        """The session is over."""
        self._known.pop(uid, None)


def recalled(store: Store, sessions: Mapping[str, Session], now: Instant) -> dict[str, dict[str, Growth]]:
    """What the last hours' responses and compactions of these sessions tell: enough for those that go on."""
    since, told = now - LOOK_BACK, store.contexts()
    steps = [
        Step(one.uid, one.at, one.agent_id, one.model, one.tokens) for one in told.prompts(since) if one.uid in sessions
    ]
    steps += [Step(uid, event.at, compaction=event) for uid, event in told.compactions(sessions, since)]
    known: dict[str, dict[str, Growth]] = {}
    fold(known, steps)
    return known


def fold(known: dict[str, dict[str, Growth]], steps: Iterable[Step]) -> None:
    """Take in what happened, in time order. A compaction comes after the response of the same moment."""
    for step in sorted(steps, key=lambda step: (step.at, step.compaction is not None)):
        grown = known.setdefault(step.uid, {})
        before = grown.get(step.agent_id, EMPTY)
        if step.compaction is not None:
            grown[step.agent_id] = growth.compacted(before, step.compaction)
        else:
            grown[step.agent_id] = growth.add(before, step.at, step.prompt, step.model)


def of_chain(grown: Growth, version: str, env: Mapping[str, str]) -> ContextWindow | None:
    """The window of a chain of which nothing but its responses is known."""
    tail = Tail(context=grown.prompt, context_at=grown.at, model=grown.model, largest_prompt=grown.largest)
    return context.read(tail, version, env, grown)


def _steps(gain: Gain) -> Iterator[Step]:
    models = {(one.uid, ""): one.tail.model or one.model for one in gain.sessions}
    models |= {(one.uid, agent.agent_id): agent.model for one in gain.sessions for agent in one.agents}
    for used in gain.usage:
        if used.usage.requests == 1:  # what it gains later is its answer alone
            model = models.get((used.uid, used.agent_id), "")
            yield Step(used.uid, used.at, used.agent_id, model, used.usage.tokens.prompt)
    for fact in gain.facts:
        if isinstance(fact.event, Compaction):
            yield Step(fact.uid, fact.event.at, compaction=fact.event)
