"""How the context of one chain grows, response by response, and what its own compactions teach."""

from __future__ import annotations

import msgspec

from moonlock.model.events import Compaction
from moonlock.model.instant import Instant
from moonlock.model.limits import Turns

STEPS = 10
"""So many of the last responses tell how fast it grows."""
FEWEST = 3
_CLOSE = 0.1
"""A compaction whose size is further than this from the chain's own belongs to another one: a helper's."""


class Growth(msgspec.Struct, frozen=True):
    """What is known of one chain; ``steps`` are the tokens that each of its last responses added."""

    at: Instant = 0
    prompt: int | None = None
    model: str = ""
    largest: int = 0
    steps: tuple[int, ...] = ()
    learned: tuple[str, int] | None = None
    """The model, and the tokens at which it last compacted by itself."""


EMPTY = Growth()


def add(growth: Growth, at: Instant, prompt: int, model: str) -> Growth:
    """A response with this prompt; one that is older than what is known says nothing."""
    if at < growth.at:
        return growth
    steps = growth.steps
    if growth.prompt is not None and prompt >= growth.prompt:  # a smaller one was compacted, or wound back
        steps = (*steps, prompt - growth.prompt)[-STEPS:]
    return Growth(at, prompt, model, max(growth.largest, prompt), steps, growth.learned)


def compacted(growth: Growth, event: Compaction) -> Growth:
    """The chain was summarised; of one that a person asked for nothing is learned."""
    before = event.tokens_before
    if before is None or growth.prompt is None or event.trigger != "auto" or event.at < growth.at:
        return growth
    if abs(before - growth.prompt) > _CLOSE * before:
        return growth
    return msgspec.structs.replace(growth, learned=(growth.model, before))


def turns(growth: Growth, remaining: int) -> Turns | None:
    """How many responses more fit, with a band from the quartiles of the last steps."""
    steps = sorted(growth.steps)
    count = len(steps)
    if count < FEWEST:
        return None
    small, large = steps[count // 4], steps[3 * count // 4]
    middle = (steps[(count - 1) // 2] + steps[count // 2]) / 2
    if middle < 1:
        return None
    expected = int(remaining / middle)
    return Turns(
        expected=expected,
        low=min(expected, remaining // large),
        high=max(expected, remaining // small) if small else None,
        growth=round(middle),
    )
