"""Where the money of some days, or of one session, went; and what is suggested because of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.toolnames import READING

Cause = Literal["idle", "model", "compaction", "system", "tools", "messages", "unknown"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
Measure = Literal["wasted", "spent", "difference"]
"""What a suggestion's money is: what need not have been paid; all that was paid there, of which nobody knows how much
was needed; or how much less another model's price would have been."""
LOOKING = READING | {"Grep", "Glob", "LS", "WebFetch", "WebSearch"}
"""Tools that read and search, and change nothing."""


class Paid(msgspec.Struct, frozen=True, gc=False):
    """A response as it was billed, with what its price depends on."""

    session: int
    agent_id: str
    at: Instant
    model: str
    """As reports name it."""
    marks: int
    tokens: Tokens
    cost: int | None
    """Micro-dollars; None where nobody knows the price."""
    looks: bool = False
    """Whether it called tools, and none but those that read and search."""


class Evidence(msgspec.Struct, frozen=True):
    """How often something happened in a session, when, and what it cost."""

    session: int
    times: int
    cost: int | None
    first: Instant
    last: Instant

    def __add__(self, other: Evidence) -> Evidence:
        """Both, of one session."""
        known = [cost for cost in (self.cost, other.cost) if cost is not None]
        first, last = min(self.first, other.first), max(self.last, other.last)
        return Evidence(self.session, self.times + other.times, sum(known) if known else None, first, last)


class Failing(msgspec.Struct, frozen=True):
    """How the calls of a tool went; ``failed`` says where, with the cost of the responses that called in vain."""

    tool: str
    calls: int
    failed: tuple[Evidence, ...]

    @property
    def failures(self) -> int:
        return sum(one.times for one in self.failed)


class Changed(msgspec.Struct, frozen=True):
    """What became of files; None where no result counted its lines."""

    added: int | None = None
    removed: int | None = None
    files: int = 0
    """Those that a tool changed, each once."""

    @property
    def lines(self) -> int | None:
        """All that changed."""
        return None if self.added is None and self.removed is None else (self.added or 0) + (self.removed or 0)


class Repeat(msgspec.Struct, frozen=True):
    """One command that failed again and again in a session, without a success in between."""

    label: str
    """Its first words; "" where nobody knows them."""
    evidence: Evidence
    """How often, and what the responses cost that called it."""


class Facts(msgspec.Struct, frozen=True):
    """What happened beside the responses."""

    prompts: int = 0
    commits: int = 0
    compactions: Sequence[tuple[int, Instant]] = ()
    """Session and moment, in time order."""
    tools: tuple[Failing, ...] = ()
    changed: Changed = Changed()
    repeats: tuple[Repeat, ...] = ()


class Rebuild(msgspec.Struct, frozen=True):
    """A response that wrote anew what had been in the cache."""

    session: int
    agent_id: str
    at: Instant
    model: str
    cause: Cause
    gap: int
    """Milliseconds since the response before."""
    before: int
    """Tokens of the prompt before."""
    rewritten: int
    waste: int | None
    """Micro-dollars: what writing them cost more than reading them would have."""


class Instead(msgspec.Struct, frozen=True):
    """The same tokens at another model's list price. It says nothing of how well that model would have done."""

    model: str
    cost: int


class Share(msgspec.Struct, frozen=True):
    """One model's part; ``listed`` is the list price of its tokens, without web searches."""

    model: str
    usage: Usage
    listed: int | None
    instead: tuple[Instead, ...]


class Looked(msgspec.Struct, frozen=True):
    """What a model's responses used that only called tools to read and search."""

    share: Share
    evidence: tuple[Evidence, ...]


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that an opinion may be made of. There is no grade."""

    usage: Usage
    sessions: int
    prompts: int
    commits: int
    rebuilds: tuple[Rebuild, ...]
    large: tuple[Evidence, ...]
    """Responses with more than 100,000 tokens of context, by session."""
    cliffs: tuple[Evidence, ...]
    """Those beyond a long-context threshold of their price, and what that cost more."""
    aside: tuple[Evidence, ...]
    """What sub-agents used."""
    first: tuple[tuple[int, Evidence], ...]
    """The prompt with which each session began in these days, and what it cost."""
    mix: tuple[Share, ...]
    aside_mix: tuple[Share, ...]
    """The same for sub-agents alone."""
    looked: tuple[Looked, ...]
    """Dearest model first."""
    tools: tuple[Failing, ...]
    changed: Changed
    repeats: tuple[Repeat, ...]
    hour_extra: int
    """Micro-dollars by which five-minute cache writes would have cost more as one-hour writes."""


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """Something that may be done better, and why."""

    key: str
    title: str
    advice: str
    measure: Measure
    cost: int | None
    evidence: tuple[Evidence, ...]
    """Dearest first."""
    instead: Instead | None = None

    @property
    def times(self) -> int:
        return sum(one.times for one in self.evidence)


def together(evidence: Sequence[Evidence]) -> tuple[int, int]:
    """How often, and micro-dollars of what has a price."""
    return sum(one.times for one in evidence), sum(one.cost or 0 for one in evidence)
