"""The report of a session as one page to keep or to send: no script, nothing from elsewhere, every word escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import BinaryIO

from moonlock.live.beside import meant, side
from moonlock.live.gathered import final
from moonlock.live.hand_shapes import final_shape
from moonlock.model.compare_shapes import SideShape
from moonlock.model.hand_shapes import FinalShape
from moonlock.model.instant import HOUR, MINUTE, SECOND, Instant, iso
from moonlock.model.manual import Hand
from moonlock.store import Store

Cells = Sequence[str]
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1c1b22;"
    "background:#fff}h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "p{color:#57545f;margin:.25rem 0}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.35rem .5rem;border-bottom:1px solid #dcd9e3;"
    "text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}th:first-child,td:first-child"
    "{text-align:left}thead th{font-weight:600;color:#57545f}"
    "@media(prefers-color-scheme:dark){body{color:#eceaf2;background:#16151b}p,thead th{color:#a9a5b5}"
    "th,td{border-color:#35323f}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(store: Store, into: BinaryIO, session: str, now: Instant) -> bool:
    """Write the report of the session that is called so; False when none is. AmbiguousSession when more are."""
    with store.still():
        found = meant(store, session)
        if found is None:
            return False
        told = side(store, found.uid, now)
        whole = final_shape(final(store, found, now), now) if isinstance(found, Hand) else None
    into.write(_document(told, whole, now).encode())
    return True


def _document(told: SideShape, whole: FinalShape | None, now: Instant) -> str:
    title = _word(told.name or told.id)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        f"<p>Session {_word(told.id)}, {_word('by hand' if told.origin == 'manual' else told.agent)}</p>",
        _table("Figures", (), _figures(told)),
        *([] if whole is None else _by_hand(whole)),
        _table("Tools", ("Tool", "Calls", "Failed", "Denied"), _tools(told)),
        f"<p>Made by Moonlock at {iso(now)}. Costs are made with list prices.</p>",
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _figures(told: SideShape) -> Iterable[Cells]:
    figures = told.figures
    assert figures is not None
    tokens = figures.tokens
    yield from (("Project", told.project or ""), ("Began", told.started_at or ""), ("Ended", told.ended_at or ""))
    yield "Time", _lasting(figures.elapsed_ms)
    yield "Tokens", _count(tokens.total)
    yield "Input", _count(tokens.input)
    yield "Output", _count(tokens.output)
    yield "Cache written", _count(tokens.cache_creation)
    yield "Cache read", _count(tokens.cache_read)
    yield "Cost", _money(figures.cost_usd)
    yield "Tokens without a price", _count(figures.unpriced_tokens) if figures.unpriced_tokens else ""
    yield "Requests", _count(figures.requests)
    yield "Failed requests", _count(figures.errors)
    yield "Tool calls", _count(figures.tool_calls)
    yield "Objectives", f"{figures.objectives.done} of {figures.objectives.total}" if figures.objectives.total else ""


def _by_hand(whole: FinalShape) -> list[str]:
    phases = [
        (
            "since the last checkpoint" if phase.phase is None else phase.phase,
            _lasting(phase.elapsed_ms),
            _count(phase.tokens.total),
            _money(phase.cost_usd),
        )
        for phase in whole.phases
    ]
    jumps = [
        ("the machine slept" if jump.kind == "suspend" else "the clock was set", jump.at, _lasting(abs(jump.by_ms)))
        for jump in whole.jumps
    ]
    return [
        _table("Budget", (), _budget(whole)),
        _table("Phases", ("Phase", "Time", "Tokens", "Cost"), phases if len(phases) > 1 else []),
        _table("Clock", ("What", "When", "By"), jumps),
    ]


def _budget(whole: FinalShape) -> Iterable[Cells]:
    budget = whole.session.budget
    if budget is None:
        return
    yield "Tokens", "" if budget.tokens is None else _count(budget.tokens)
    yield "Cost", "" if budget.cost_usd is None else _money(budget.cost_usd)
    yield "Used", f"{budget.used_share:.0%}"


def _tools(told: SideShape) -> list[Cells]:
    return [(tool.name, _count(tool.calls), _count(tool.failed), _count(tool.denied)) for tool in told.tools]


def _table(title: str, head: Cells, rows: Iterable[Cells]) -> str:
    """A table; nothing where it would be empty. Rows that say nothing are left out."""
    kept = [row for row in rows if any(row[1:])]
    if not kept:
        return ""
    top = f"<thead><tr>{''.join(f'<th scope=col>{_word(cell)}</th>' for cell in head)}</tr></thead>" if head else ""
    body = "\n".join(
        f"<tr><th scope=row>{_word(first)}</th>{''.join(f'<td>{_word(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in kept
    )
    return f"<h2>{_word(title)}</h2>\n<table>{top}<tbody>\n{body}\n</tbody></table>"


def _word(said: str | None) -> str:
    """Words of a log as text and nothing else: what is not shown is left out."""
    return escape("".join(sign if sign.isprintable() else " " for sign in said or ""))


def _count(number: int) -> str:
    return f"{number:,}"


def _money(amount: float | None) -> str:
    return "not known" if amount is None else f"${amount:,.2f}"


def _lasting(milliseconds: int) -> str:
    hours, rest = divmod(milliseconds, HOUR)
    return f"{hours}:{rest // MINUTE:02}:{rest % MINUTE // SECOND:02}"
