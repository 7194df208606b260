"""Sessions for people: a list that fits the terminal, and one with everything that is known of it."""

from __future__ import annotations

import io
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from moonlock.analytics.sessions import Status
from moonlock.model.instant import Instant, moment
from moonlock.model.report import ModelUsage, ToolUse
from moonlock.model.session import Session
from moonlock.model.tokens import Usage
from moonlock.outputs.figures import exact, lasting, money, short
from moonlock.outputs.shown import shown

ID, LONGEST = 8, 200
"""Characters of an id that tell sessions apart in all but the rarest case, and of a text that are worth measuring."""
LABEL = 12
MOST_TOOLS = 8


class About(NamedTuple):
    """What is known of a session beside the session."""

    status: Status
    models: Sequence[ModelUsage]
    branches: Sequence[tuple[str, Usage]]
    tools: Sequence[ToolUse]


def listed(rows: Sequence[tuple[Session, str]], zone: tzinfo, more: str, *, styled: bool) -> str:
    """A line for each session and its status, and below them that there are more."""
    if not rows:
        return "No sessions"
    width = shutil.get_terminal_size((80, 24)).columns
    out = io.StringIO()
    console = Console(file=out, width=max(width, 60), force_terminal=styled, highlight=False, emoji=False)
    console.print(_table(rows, zone, wide=width >= 100))
    lines = [line.rstrip() for line in out.getvalue().rstrip().splitlines()]
    return "\n".join([*lines, *(["", more] if more else [])])


def _table(rows: Sequence[tuple[Session, str]], zone: tzinfo, *, wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD if wide else None, expand=True, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Id", no_wrap=True, width=ID)
    table.add_column("Session", no_wrap=True, ratio=3, overflow="ellipsis")
    table.add_column("Project", no_wrap=True, ratio=2, overflow="ellipsis")
    if wide:
        table.add_column("Tags", no_wrap=True, ratio=1, overflow="ellipsis")
        table.add_column("Status", no_wrap=True)
    table.add_column("Tokens", no_wrap=True, justify="right")
    table.add_column("Cost", no_wrap=True, justify="right")
    table.add_column("Last activity", no_wrap=True)
    for session, status in rows:
        tags = [shown(", ".join(session.label.tags)), status] if wide else []
        usage = session.usage
        figures = [short(usage.tokens.total), money(usage), _when(session.last_at, zone)]
        table.add_row(session.uid[:ID], _name(session), shown(session.project), *tags, *figures)
    return table


def described(title: str, facts: Sequence[tuple[str, str]]) -> str:
    """A heading, and below it each fact behind its label, which is said once."""
    width = max(shutil.get_terminal_size((80, 24)).columns, 60)
    lines = [title]
    last = ""
    for label, text in facts:
        if not text:
            continue
        for number, part in enumerate(_wrapped(text, width - LABEL - 2)):
            lines.append(f"  {label if label != last and not number else '':{LABEL}}{part}".rstrip())
        last = label
    return "\n".join(lines)


def facts(session: Session, about: About, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Everything that is known of a session, each under its label; "" is not known."""
    label, key = session.label, session.key
    yield "id", f"{session.uid}  ({key.agent} {key.native_id})"
    yield "title", session.title if label.name else ""
    yield "project", f"{session.project}  {session.root or session.key.folder}"
    yield "folder", session.cwd if session.cwd != session.root else ""
    yield "status", _status(about.status, zone)
    yield "time", _stretch(session, zone)
    yield from (("tokens", text) for text in _tokens(session.usage))
    yield "cost", cost_in_words(session.usage)
    yield "requests", exact(session.usage.requests)
    yield "sub-agents", _helpers(session)
    yield from (("models", f"{share.model}  {_used(share.usage)}") for share in about.models)
    yield from (("branches", f"{name or '(none)'}  {_used(usage)}") for name, usage in about.branches)
    yield "tools", ", ".join(map(_tool, about.tools[:MOST_TOOLS]))
    yield "tags", ", ".join(label.tags)
    yield from (("description", line) for line in label.description.splitlines())


def cost_in_words(usage: Usage) -> str:
    """The money, and what of it is not known."""
    if not usage.unpriced_requests:
        return money(usage)
    without = f"{exact(usage.unpriced_tokens)} tokens without a known price"
    return without if usage.unpriced_requests == usage.requests else f"{money(usage)} and {without}"


def _name(session: Session) -> str:
    return shown((session.label.name or session.title)[:LONGEST]) or "(no title)"


def _when(at: Instant | None, zone: tzinfo) -> str:
    return f"{moment(at).astimezone(zone):%Y-%m-%d %H:%M}" if at else "-"


def _stretch(session: Session, zone: tzinfo) -> str:
    if not session.first_at or not session.last_at:
        return ""
    lasted = lasting(session.last_at - session.first_at)
    return f"{_when(session.first_at, zone)} to {_when(session.last_at, zone)} ({lasted})"


def _status(status: Status, zone: tzinfo) -> str:
    tool = f" on {shown(status.tool)}" if status.tool else ""
    since = f" since {_when(status.since, zone)}" if status.since else ""
    return f"{status.status}{tool}{since}{'' if status.certain else ', most likely'}"


def _tokens(usage: Usage) -> Iterator[str]:
    tokens = usage.tokens
    yield exact(tokens.total)
    yield f"input {exact(tokens.input)}, output {exact(tokens.output)}"
    yield f"cache written {exact(tokens.cache_creation)}, cache read {exact(tokens.cache_read)}"
    if usage.understated:
        yield f"{exact(usage.understated)} requests of old clients log too few output tokens"


def _helpers(session: Session) -> str:
    if not session.agents:
        return ""
    return f"{len(session.agents)}, which are part of this: {_used(session.subagents)}"


def _used(usage: Usage) -> str:
    requests = f"{exact(usage.requests)} request{'' if usage.requests == 1 else 's'}"
    return f"{requests}, {exact(usage.tokens.total)} tokens, {money(usage)}"


def _tool(use: ToolUse) -> str:
    bad = [f"{count} {word}" for count, word in ((use.failed, "failed"), (use.denied, "denied")) if count]
    return f"{shown(use.name)} {exact(use.calls)}" + (f" ({', '.join(bad)})" if bad else "")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(shown(text), max(width, 20), break_on_hyphens=False) or [""]
