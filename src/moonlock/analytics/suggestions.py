"""What may be done better, each with its evidence: one function a suggestion, named in ``SUGGESTIONS``.

They are made of the days in question alone, so a suggestion is gone when those days no longer show it. What costs less
than a floor is not worth being told: three times, half a dollar, and two hundredths of what was spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moonlock.analytics.efficiency import by_session, dearest
from moonlock.analytics.rates import FIVE_MINUTES
from moonlock.model.efficiency import Cause, Efficiency, Evidence, Hint, Instead, Looked, Rebuild, together

TIMES = 3
COST, SHARE = 500_000, 0.02
"""Micro-dollars, and a share of all: the floor is the larger."""
LARGE_SHARE, ASIDE_SHARE = 0.3, 0.25
"""Work with much context, or in sub-agents, is told of from this share of all on."""
MANY = 20
"""Responses, or calls of one tool, that a share is taken of."""
FAILED_SHARE, FAILED = 0.15, 5
PREFIX, SESSIONS = 40_000, 5
"""Tokens that half of at least so many sessions began with."""
NAMED, LONGEST = 3, 40
"""Commands that a title names, and how much of each."""
SAVING = 0.2
"""Of another model's price: a smaller difference is no reason."""

Suggest = Callable[[Efficiency], Hint | None]


def read(found: Efficiency) -> list[Hint]:
    """All that holds, dearest first; what has no price comes last."""
    hints = [hint for suggest in SUGGESTIONS if (hint := suggest(found)) is not None]
    return sorted(hints, key=lambda hint: (hint.cost is None, -(hint.cost or 0), hint.key))


def paused(found: Efficiency) -> Hint | None:
    """Caches that ran out while a session waited."""
    lost = behind("rebuild-idle", found)
    hour = sum(one.waste or 0 for one in lost if FIVE_MINUTES < one.gap <= 12 * FIVE_MINUTES)
    longer = hour - found.hour_extra
    advice = (
        "After a break begin anew with /clear, or /compact before it: a long context is written again at full price."
    )
    if found.hour_extra and longer > COST:
        advice += f" Caches that live an hour would have cost {_dollars(longer)} less in all."
    return _rebuilt(found, "rebuild-idle", "Caches ran out during breaks", advice)


def switched(found: Efficiency) -> Hint | None:
    """Model switches in the middle of a session."""
    advice = "Each model has a cache of its own: switch models between tasks, after /clear, and not within a context."
    return _rebuilt(found, "rebuild-model", "Caches were lost by switching models", advice)


def changed(found: Efficiency) -> Hint | None:
    """System prompt or tools that changed in the middle of a session, as the provider says."""
    advice = (
        "Connect MCP servers and change tools, output styles and instructions before a session begins, not within it."
    )
    return _rebuilt(found, "rebuild-changed", "Caches were lost as tools or system changed", advice)


def unexplained(found: Efficiency) -> Hint | None:
    """Caches that were lost for a reason that no log tells."""
    advice = (
        "Rewinding, editing what was said, hooks that add text and changed tools do this. `explain` lists each one."
    )
    return _rebuilt(found, "rebuild-unknown", "Caches were lost without a break", advice)


def crowded(found: Efficiency) -> Hint | None:
    """Responses with a large context."""
    times, cost = together(found.large)
    if times < MANY or not _worth(found, cost) or cost < LARGE_SHARE * found.usage.cost:
        return None
    each = _dollars(cost // times)
    advice = (
        f"Each of these responses cost {each} on average: /clear between tasks, or /compact, and the next cost less."
    )
    return Hint(
        key="large-context",
        title="Much was spent with more than 100,000 tokens of context",
        advice=advice,
        measure="spent",
        cost=cost,
        evidence=found.large,
    )


def beyond(found: Efficiency) -> Hint | None:
    """Responses beyond a long-context threshold of their price."""
    times, extra = together(found.cliffs)
    if times < TIMES or not _worth(found, extra):
        return None
    return Hint(
        key="price-cliff",
        title="Prompts passed a threshold from which everything costs more",
        advice="Beyond it the whole request has the higher price: stay below with /compact, or choose another model.",
        measure="wasted",
        cost=extra,
        evidence=found.cliffs,
    )


def delegated(found: Efficiency) -> Hint | None:
    """Sub-agents that do much of the work on a dear model, while another one's price is lower."""
    times, cost = together(found.aside)
    if times < MANY or not found.aside_mix or cost < ASIDE_SHARE * found.usage.cost:
        return None
    share = found.aside_mix[0]
    listed = share.listed or 0
    cheaper = _cheaper(listed, share.instead)
    if cheaper is None or not _worth(found, listed - cheaper.cost):
        return None
    return Hint(
        key="sub-agents",
        title="Sub-agents took much of the money",
        advice=f"What was used on {share.model} costs less on {cheaper.model}; no price tells how well that would do.",
        measure="difference",
        cost=listed - cheaper.cost,
        evidence=found.aside,
        instead=cheaper,
    )


def laden(found: Efficiency) -> Hint | None:
    """Sessions that begin with a large prompt."""
    sizes = sorted(size for size, _ in found.first)
    if len(sizes) < SESSIONS or sizes[len(sizes) // 2] < PREFIX:
        return None
    evidence = [one for size, one in found.first if size >= PREFIX]
    cost = together(evidence)[1]
    if not _worth(found, cost):
        return None
    return Hint(
        key="large-prefix",
        title=f"Half of all sessions began with {sizes[len(sizes) // 2]:,} tokens or more",
        advice="System prompt, tools and instructions are in every request: leave out MCP servers that are not needed.",
        measure="spent",
        cost=cost,
        evidence=tuple(sorted(evidence, key=dearest)),
    )


def failing(found: Efficiency) -> Hint | None:
    """The tool whose calls fail most often."""
    often = [one for one in found.tools if one.failures >= FAILED and one.calls >= MANY]
    often = [one for one in often if one.failures >= FAILED_SHARE * one.calls]
    if not often:
        return None
    worst = max(often, key=lambda one: (one.failures, one.tool))
    known = [one.cost for one in worst.failed if one.cost is not None]
    return Hint(
        key="tool-errors",
        title=f"{worst.failures} of {worst.calls} calls of {worst.tool} failed",
        advice="Say in the project's instructions how it is done here: the right commands, paths and checks.",
        measure="spent",
        cost=sum(known) if known else None,
        evidence=tuple(sorted(worst.failed, key=dearest)),
    )


def repeating(found: Efficiency) -> Hint | None:
    """Commands that failed three times or more before they succeeded, if they ever did."""
    if not found.repeats:
        return None
    often: dict[str, int] = {}
    for one in found.repeats:
        often[one.label] = often.get(one.label, 0) + one.evidence.times
    labels = sorted((label for label in often if label), key=lambda label: (-often[label], label))
    called = f": {', '.join(label[:LONGEST] for label in labels[:NAMED])}" if labels else ""
    known = [one.evidence.cost for one in found.repeats if one.evidence.cost is not None]
    return Hint(
        key=REPEATS,
        title=f"The same command failed again and again{called}",
        advice="After a second failure the cause is worth a look before the next try; say in the project's"
        " instructions how it is run here.",
        measure="spent",
        cost=sum(known) if known else None,
        evidence=_merged(one.evidence for one in found.repeats),
    )


def looking(found: Efficiency) -> Hint | None:
    """Responses that only read and searched on a model, while another one's price is lower."""
    told = [(cheaper, one) for one in found.looked if (cheaper := _worth_less(found, one)) is not None]
    if not told:
        return None
    cheaper, one = max(told, key=lambda pair: ((pair[1].share.listed or 0) - pair[0].cost, pair[1].share.model))
    return Hint(
        key="read-heavy",
        title="A dear model read and searched much",
        advice=f"Responses of {one.share.model} that only read or searched cost less on {cheaper.model}: sub-agents on"
        " it could do that. No price tells how well it would.",
        measure="difference",
        cost=(one.share.listed or 0) - cheaper.cost,
        evidence=one.evidence,
        instead=cheaper,
    )


SUGGESTIONS: tuple[Suggest, ...] = (
    paused,
    switched,
    changed,
    unexplained,
    crowded,
    beyond,
    delegated,
    laden,
    failing,
    repeating,
    looking,
)
REPEATS = "command-repeats"
"""The one that is made of rows of failures."""
KEYS = (
    *("rebuild-idle", "rebuild-model", "rebuild-changed", "rebuild-unknown"),
    *("large-context", "price-cliff", "sub-agents", "large-prefix", "tool-errors"),
    *(REPEATS, "read-heavy"),
)
"""What suggestions are called by, in the order of ``SUGGESTIONS``."""
REBUILDS: dict[str, tuple[Cause, ...]] = {
    "rebuild-idle": ("idle",),
    "rebuild-model": ("model",),
    "rebuild-changed": ("system", "tools"),
    "rebuild-unknown": ("messages", "unknown"),
}
"""Suggestions that are made of rebuilds, and of which."""


def behind(key: str, found: Efficiency) -> list[Rebuild]:
    """The rebuilds that a suggestion is made of; none for one that is made of something else."""
    return [one for one in found.rebuilds if one.cause in REBUILDS.get(key, ())]


def _rebuilt(found: Efficiency, key: str, title: str, advice: str) -> Hint | None:
    lost = behind(key, found)
    waste = sum(one.waste or 0 for one in lost)
    if len(lost) < TIMES or not _worth(found, waste):
        return None
    return Hint(key=key, title=title, advice=advice, measure="wasted", cost=waste, evidence=by_session(lost))


def _merged(each: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One for each session, dearest first."""
    found: dict[int, Evidence] = {}
    for one in each:
        known = found.get(one.session)
        found[one.session] = one if known is None else known + one
    return tuple(sorted(found.values(), key=dearest))


def _worth_less(found: Efficiency, one: Looked) -> Instead | None:
    """The model at whose price these responses would have cost less, by more than a little."""
    listed = one.share.listed or 0
    cheaper = _cheaper(listed, one.share.instead)
    if one.share.usage.requests < MANY or cheaper is None or not _worth(found, listed - cheaper.cost):
        return None
    return cheaper


def _worth(found: Efficiency, cost: int) -> bool:
    return cost >= max(COST, SHARE * found.usage.cost)


def _cheaper(listed: int, instead: Iterable[Instead]) -> Instead | None:
    """The dearest of those that are cheaper by more than a little: the next smaller model, not the smallest."""
    fit = [one for one in instead if one.cost <= (1 - SAVING) * listed]
    return max(fit, key=lambda one: (one.cost, one.model), default=None)


def _dollars(micro: int) -> str:
    return f"${micro / 1_000_000:,.2f}"
