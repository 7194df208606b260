"""A forecast explained in words: how the window may end, the windows that say so, what simpler rules would say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from rich.text import Text

from moonlock.analytics.anomaly import FEW
from moonlock.analytics.forecast import KNOWN, LEARNING
from moonlock.analytics.prior import SAMPLED
from moonlock.config.zone import zone_of
from moonlock.live.foreseen import likelier
from moonlock.live.outlook import Foreseen, Outlook, prior_share
from moonlock.model.instant import MINUTE, Instant, moment
from moonlock.model.manual import Budget
from moonlock.model.outlook import Band, Outcome
from moonlock.model.words import many
from moonlock.outputs import figures
from moonlock.outputs.figures import lasting, money, short

Line = tuple[str, str]
"""A style, and what is written in it."""
MICRO = 1_000_000


def render(found: Foreseen, zone: str, *, styled: bool, limit: int) -> str:
    """The same in words; ``limit`` is how many of the windows are named."""
    lines = [
        *_head(found, zone),
        *_section("Made of", _made_of(found)),
        *_section("Your windows, most alike first", _windows(found, zone, limit)),
        *_section("For comparison", _beside(found.outlook)),
    ]
    return "\n".join(_painted(text, style) if styled and style else text for style, text in lines)


def _painted(text: str, style: str) -> str:
    from rich.console import Console

    console = Console(force_terminal=True, width=1_000, highlight=False)
    with console.capture() as said:
        console.print(Text(text, style=style), end="")
    return said.get()


def _section(title: str, lines: Iterator[str]) -> list[Line]:
    body = [("", f"  {text}") for text in lines]
    return [("", ""), ("bold", title), *body] if body else []


def _head(found: Foreseen, zone: str) -> Iterator[Line]:
    forecast, minute = found.outlook.forecast, found.outlook.minute
    block, clock = forecast.block, zone_of(zone)
    start, end = (f"{moment(at).astimezone(clock):%H:%M}" for at in (block.start, block.end))
    yield "bold", f"The window from {start} to {end} ({block.anchor}, {zone}), {lasting(minute * MINUTE)} old"
    yield "", f"  so far      {many(block.usage.tokens.total, 'token')} · {money(block.usage)}"
    yield "", f"  at its end  {short(round(forecast.tokens.end.expected))} tokens ({_tokens(forecast.tokens.end)})"
    if forecast.cost is not None:
        yield "", f"              {_dollars(forecast.cost.end.expected)} ({_money(forecast.cost.end)})"
    yield "dim", "  Four of five windows like this one end within the range."
    first = likelier(forecast.tokens, forecast.cost)
    if first is not None:
        yield "", f"  limit       {_limit(forecast.limit)} (configured): {_reached(first, forecast.at, clock)}"


def _limit(limit: Budget) -> str:
    tokens = [] if limit.tokens is None else [f"{short(limit.tokens)} tokens"]
    return ", ".join(tokens if limit.cost is None else [*tokens, _dollars(limit.cost)])


def _reached(found: Outcome, now: Instant, clock: tzinfo) -> str:
    """How likely it is passed, and when if so."""
    chance = f"{figures.share(found.overrun or 0)} likely to be passed"
    if found.reached is None:
        return "it is passed" if found.overrun == 1 else chance
    band = found.reached.expected, found.reached.low, found.reached.high
    expected, low, high = (f"{moment(now + round(each) * MINUTE).astimezone(clock):%H:%M}" for each in band)
    return f"{chance}, then about {expected} ({low} to {high})"


def _tokens(band: Band) -> str:
    return f"{short(round(band.low))} to {short(round(band.high))}"


def _money(band: Band) -> str:
    return f"{_dollars(band.low)} to {_dollars(band.high)}"


def _dollars(micro: float) -> str:
    return figures.dollars(micro / MICRO)


def _made_of(found: Foreseen) -> Iterator[str]:
    outlook, memory = found.outlook, found.memory
    forecast, prior = outlook.forecast, prior_share(outlook)
    own = many(forecast.windows, "window of yours weighs", "windows of yours weigh")
    yield f"{own} {figures.share(1 - prior)}, {SAMPLED} generated ones {figures.share(prior)}"
    yield f"together worth {forecast.tokens.effective:.0f} good examples"
    usual = f"{short(round(memory.tokens.scale))} tokens, {_dollars(memory.cost.scale)}"
    yield f"a usual window of yours: {usual}" if forecast.windows >= KNOWN else f"a usual window, assumed: {usual}"
    if forecast.windows < LEARNING:
        yield f"still learning: it takes {LEARNING} windows of your own"


def _windows(found: Foreseen, zone: str, limit: int) -> Iterator[str]:
    outlook, clock = found.outlook, zone_of(zone)
    shares = outlook.forecast.tokens.shares
    order = sorted(zip(shares, found.memory.windows, strict=True), key=lambda one: (-one[0], -one[1].start))
    for share, window in order[:limit]:
        began = f"{moment(window.start).astimezone(clock):%Y-%m-%d %H:%M}"
        by_then, after = sum(window.tokens[: outlook.minute]), sum(window.tokens[outlook.minute :])
        yield f"{figures.share(share):>6}  {began}  {short(by_then):>5} tokens by then, {short(after):>5} after"
    if len(order) > limit:
        yield f"{'':8}and {len(order) - limit} more; --json has all"


def _beside(outlook: Outlook) -> Iterator[str]:
    straight, pace = outlook.forecast.straight, outlook.anomaly
    if straight is not None:
        end = f"{short(round(straight.tokens))} tokens at the end"
        yield f"ccusage's rule, {short(round(straight.rate.tokens_per_minute))} tokens a minute: {end}"
    if pace.state == "learning":
        yield f"your pace is still being learned: {pace.minutes} active minutes of {FEW} are known"
        return
    rate, usual, high = (_amount(each, outlook) for each in (pace.rate, pace.usual, pace.high))
    unusual = "unusually fast" if pace.state == "high" else "as usual"
    yield f"your pace is {unusual}: {rate} a minute; {usual} as a rule, unusual above {high}"


def _amount(each: float, outlook: Outlook) -> str:
    return f"${each / MICRO:,.4f}" if outlook.unit == "costUsd" else f"{short(round(each))} tokens"
