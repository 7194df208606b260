"""The report of five-hour windows in plain rows (decision 0009). Loads nothing but the driver.

What depends on how fast it goes now (rates, the projection, the live window) is left empty: ``analytics.windows`` has
the rules for it.
"""

from __future__ import annotations

from bisect import bisect_right

import apsw

from moonlock.model.question import Answer, Question
from moonlock.model.rows import REQUESTS
from moonlock.model.window import LENGTH, named_end
from moonlock.store import instants, limitwords, tallies
from moonlock.store.answers import Parts, finished
from moonlock.store.connection import rows
from moonlock.store.cutting import cut, named
from moonlock.store.moments import SLOT_OF, Moments
from moonlock.store.quotaends import beside
from moonlock.store.schema import SLOT, SUMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moonlock.model.rows import Fields, Row
    from moonlock.store.cutting import Named, Window
    from moonlock.store.limitwords import Word
    from moonlock.store.pricing import Price
    from moonlock.store.tallies import Source

    Mark = tuple[int, int, int]
    """When a request was made, its tokens and its micro-dollars."""

HOURLY = "blocks-hourly"
"""The report by full hours alone, whatever the provider said: what other tools print."""
_UNTOLD: Fields = tuple((name, None) for name in ("burnRate", "burnRateCcusage", "projection", "window", "limit"))


class Block:
    """A window with its last request and about the first; one without is just open, and a gap has no anchor."""

    __slots__ = ("anchor", "end", "first", "last", "reset", "start")

    def __init__(self, start: int, end: int, anchor: str | None, reset: int | None = None) -> None:
        self.start, self.end, self.anchor, self.reset = start, end, anchor, reset
        self.first: int | None = None
        """After a pause of five hours its very moment, else perhaps that of its quarter hour."""
        self.last: int | None = None

    def is_active(self, now: int) -> bool:
        """Whether it is open and its last request less than five hours ago (rule B4)."""
        is_open = self.anchor is not None and self.start <= now < self.end
        return is_open and (self.last is None or now - self.last < LENGTH)


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """Windows and gaps that begin in the question's span, oldest first, with the limit messages of that span."""
    said = limitwords.words(db, question.agents)
    official = [] if question.report == HOURLY else named(_ends(beside(db, said, question.agents)))
    blocks = _used(db, question, official)
    if question.report == HOURLY:
        _keep(said, blocks)
    kept = [place for place, block in enumerate(blocks) if _holds(question, block.start)]
    parts = _parts(db, question, price, (blocks, range(kept[0], kept[-1] + 1) if kept else range(0)))
    found = finished(db, parts, ordered=True)
    told = [word for word in said if _holds(question, word[0])]
    shown = [block for block in _timeline(blocks, official, question.now) if _holds(question, block.start)]
    names = instants.names(db, _moments(shown, told))
    sums = iter(found.rows)
    found.rows = [_row(next(sums) if block.first is not None else None, block, names, question.now) for block in shown]
    found.extra = (("limitEvents", [_event(word, names) for word in told]),)
    return found


def pulse(db: apsw.Connection, question: Question, price: Price | None = None) -> list[Mark]:
    """The requests in the question's span one by one, in time order."""
    used = tallies.of_requests(db, question, price)
    tokens = "input + output + write_5m + write_1h + cache_read"
    return rows(db, f"select moment, {tokens}, cost from ({used.sql}) order by moment, key", tuple(used.bound))


def named_ends(db: apsw.Connection, since: int, until: int) -> list[int]:
    """The ends of windows that the provider named in this span, in the order in which it did."""
    return _ends(word for word in beside(db, limitwords.words(db, since=since), since=since) if word[0] <= until)


def _ends(said: Iterable[Word]) -> list[int]:
    return [end for at, kind, resets_at in said if (end := named_end(kind, at, resets_at)) is not None]


def _holds(question: Question, at: int) -> bool:
    """Blocks are selected by their start (rule T4)."""
    start, end = question.start, question.end
    return (start is None or start <= at) and (end is None or at < end)


def _used(db: apsw.Connection, question: Question, official: Sequence[Named]) -> list[Block]:
    """The windows of all time that have requests."""
    borders = (border for start, end, _ in official for border in (start, end))
    moments = Moments(db, question, {border // SLOT for border in borders if border % SLOT})
    spans = None
    while spans is None:
        places = moments.places()
        windows = cut(places, official)
        spans = moments.spans(_told(places, windows))
    blocks = []
    for window in windows:
        anchor = "estimated" if window.reset is None else "official"
        block = Block(window.start, window.end, anchor, window.reset)
        first, last = places[window.first], places[window.last]
        block.first, block.last = spans.get(first, (first, first))[0], spans[last][1]
        blocks.append(block)
    return blocks


def _told(places: Sequence[int], windows: Sequence[Window]) -> list[int]:
    """The places whose moments a row tells: where a window was used last, and where a long pause may end."""
    told = [places[window.last] for window in windows]
    firsts = (places[window.first] for window in windows[1:])
    return told + [first for last, first in zip(told, firsts, strict=False) if first - last > LENGTH - SLOT]


def _keep(said: Iterable[Word], blocks: Sequence[Block]) -> None:
    """Keep the provider's word with the block in which it was said (rule B5)."""
    starts = [block.start for block in blocks]
    for at, kind, resets_at in said:
        end = named_end(kind, at, resets_at)
        place = bisect_right(starts, at) - 1
        if end is not None and place >= 0 and at <= blocks[place].end:
            blocks[place].reset = end


def _timeline(blocks: Sequence[Block], official: Sequence[Named], now: int) -> list[Block]:
    """The same with what lies between: a pause of more than five hours is a row (rule B3).

    A window of the provider's that is open now is shown although nothing was used in it here, as the page shows it.
    """
    shown: list[Block] = []
    last: int | None = None
    for block in blocks:
        if last is not None and block.first is not None and block.first - last > LENGTH:
            shown.append(Block(last + LENGTH, block.first, None))
        shown.append(block)
        last = block.last
    used = {block.start for block in blocks}
    for start, end, reset in official:
        if start <= now < end and start not in used:
            place = sum(block.start <= start for block in shown)
            shown.insert(place, Block(start, end, "official", reset))
    return shown


def _parts(db: apsw.Connection, question: Question, price: Price | None, of: tuple[Sequence[Block], range]) -> Parts:
    """The sums of some of the blocks, each a part by its number."""
    blocks, numbers = of
    parts = Parts()
    if not numbers:
        return parts
    edges = _edges(blocks)
    ends = [*edges, None]
    used = _source(db, question.between(edges[numbers.start], ends[numbers.stop]), price, edges)
    part = _part(edges, numbers.start, numbers.stop)
    for number, _, model, *sums in tallies.tallied(db, used, part):
        parts.add(str(number), model, sums)
    for number, session in tallies.users(db, used, part):
        parts.use(str(number), session)
    return parts


def _edges(blocks: Sequence[Block]) -> list[int]:
    """Moments from which on everything belongs to a block or to a later one: full quarter hours, if that is true."""
    edges: list[int] = []
    last = None
    for block in blocks:
        assert block.first is not None and block.last is not None
        aligned = block.first - block.first % SLOT
        edges.append(block.first if last is not None and last >= aligned else aligned)
        last = block.last
    return edges


def _source(db: apsw.Connection, question: Question, price: Price | None, edges: Sequence[int]) -> Source:
    """The usage in the span: the sums, but for quarter hours that two blocks share the requests themselves."""
    cut_slots = {edge // SLOT for edge in edges if edge % SLOT}
    if price is not None or not cut_slots:
        return tallies.source(db, question, price)
    listed = ", ".join(str(int(slot)) for slot in sorted(cut_slots))
    start, end = question.start, question.end
    whole = question.between(start and start // SLOT * SLOT, end and -(-end // SLOT) * SLOT)
    sums, single = tallies.source(db, whole, None), tallies.of_requests(db, question, None)
    sql = f"""
    select slot, moment, chain, model, {SUMS} from ({sums.sql}) where slot not in ({listed}) union all
    select {SLOT_OF}, moment, chain, model, {SUMS} from ({single.sql}) where {SLOT_OF} in ({listed})
    """
    return tallies.Source(sql, (*sums.bound, *single.bound))


def _part(edges: Sequence[int], low: int, high: int) -> str:
    """SQL for the number of a moment's block, in as few comparisons as can be; whole numbers alone are in the text."""
    if high - low == 1:
        return str(low)
    middle = (low + high) // 2
    return f"iif(moment < {int(edges[middle])}, {_part(edges, low, middle)}, {_part(edges, middle, high)})"


def _moments(shown: Sequence[Block], said: Sequence[Word]) -> list[int]:
    """All that will be named."""
    found = [at for each in shown for at in (each.start, each.end, each.last, each.reset)]
    found += [at for word in said for at in (word[0], word[2])]
    return [at for at in found if at is not None]


def _row(sums: Row | None, block: Block, names: dict[int, str], now: int) -> Row:
    """The block with what is known of it, whatever time it is; ``sums`` are None where nothing was used."""
    start = names[block.start]
    _, agents, columns, sessions, shares, _ = sums or ("", (), [0] * tallies.WIDTH, 0, [], ())
    facts: Fields = (
        ("startAt", start),
        ("endAt", names[block.end]),
        ("actualEndAt", None if block.last is None else names[block.last]),
        ("isActive", block.is_active(now)),
        ("isGap", block.anchor is None),
        ("entries", columns[REQUESTS]),
        ("anchor", block.anchor),
        ("limitResetAt", None if block.reset is None else names[block.reset]),
    )
    return start, agents, columns, sessions, shares, (*facts, *_UNTOLD)


def _event(word: Word, names: dict[int, str]) -> Fields:
    at, kind, resets_at = word
    return ("at", names[at]), ("kind", kind), ("resetsAt", None if resets_at is None else names[resets_at])
