"""Sessions for people: a list that fits the terminal, and one with everything that is known of it."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Literal, NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from moonlock.analytics.sessions import Status
from moonlock.model.chronicle import Shared
from moonlock.model.instant import Instant, moment
from moonlock.model.report import ModelUsage, ToolUse
from moonlock.model.session import Session
from moonlock.model.tokens import Usage
from moonlock.model.toolwork import CommandWork, FileWork
from moonlock.model.within import within
from moonlock.outputs.figures import exact, lasting, money, short
from moonlock.outputs.shown import shown

ID, LONGEST = 8, 200
"""Characters of an id that tell sessions apart in all but the rarest case, and of a text that are worth measuring."""
LABEL = 12
GAP, NARROWEST, TIMED, WIDE = 2, 60, 72, 100
DAY = 10
"""Characters of a day: without its time on a terminal narrower than ``TIMED``."""
NAME, NAMES = 48, {"Project": (12, 24), "Tags": (0, 24)}
"""What a session's name takes at most, and what other texts do on a narrow terminal and on a wide one."""
MOST_TOOLS, MOST_FILES = 8, 5
WHOLE = ("id", "agent", "folder", "log")
"""What is there to be copied is never broken in two."""


class About(NamedTuple):
    """What is known of a session beside the session."""

    status: Status
    models: Sequence[ModelUsage]
    branches: Sequence[tuple[str, Usage]]
    tools: Sequence[ToolUse]
    skills: Sequence[Shared] = ()
    files: Sequence[FileWork] = ()
    commands: Sequence[CommandWork] = ()


def listed(rows: Sequence[tuple[Session, str]], zone: tzinfo, more: str, width: int, *, styled: bool) -> str:
    """A line for each session and its status, and below them that there are more."""
    if not rows:
        return "No sessions"
    out = io.StringIO()
    console = Console(file=out, width=max(width, NARROWEST), force_terminal=styled, highlight=False, emoji=False)
    console.print(_table(rows, zone, max(width, NARROWEST), styled=styled))
    lines = [line.rstrip() for line in out.getvalue().rstrip().splitlines()]
    return "\n".join([*lines, *(["", more] if more else [])])


def _table(rows: Sequence[tuple[Session, str]], zone: tzinfo, width: int, *, styled: bool) -> Table:
    """As wide as its texts; where that is too much the names are cut, which have the room that all else leaves."""
    wide = width >= WIDE
    lines = [_line(session, status, zone, width) for session, status in rows]
    heads = [head for head in lines[0] if any(line[head] for line in lines)]
    widths = {head: max(map(cell_len, (head, *(line[head] for line in lines)))) for head in heads}
    widths |= {head: min(widths[head], most[wide]) for head, most in NAMES.items() if head in widths}
    left = width - sum(widths.values()) + widths["Session"] - GAP * len(widths)
    widths["Session"] = min(widths["Session"], NAME, max(left, ID))
    table = Table(
        box=box.SIMPLE_HEAD if styled else None,
        padding=(0, GAP - styled, 0, 0),  # the box brings a space of its own
        pad_edge=False,
        show_edge=False,
        header_style="bold" if styled else "",
    )
    for head, each in widths.items():
        justify: Literal["left", "right"] = "right" if head in ("Total", "Cost") else "left"
        table.add_column(head, width=each, no_wrap=True, overflow="ellipsis", justify=justify)
    for line in lines:
        table.add_row(*(Text(line[head]) for head in heads))
    return table


def _line(session: Session, status: str, zone: tzinfo, width: int) -> dict[str, str]:
    """What stands in each column; tags and status only where there is much room, the time of day where some is."""
    said = {"Tags": shown(", ".join(session.label.tags)), "Status": status} if width >= WIDE else {}
    return {
        "Id": session.uid[:ID],
        "Session": _name(session),
        "Project": shown(session.project),
        **said,
        "Total": short(session.usage.tokens.total),
        "Cost": money(session.usage),
        "Last active": _when(session.last_at, zone)[: None if width >= TIMED else DAY],
    }


def described(title: str, facts: Sequence[tuple[str, str]], width: int) -> str:
    """A heading, and below it each fact behind its label, which is said once."""
    room = max(width, NARROWEST) - LABEL - 2
    lines = [shown(title)]
    last = ""
    for label, text in facts:
        if not text:
            continue
        for number, part in enumerate([shown(text)] if label in WHOLE else _wrapped(text, room)):
            lines.append(f"  {label if label != last and not number else '':{LABEL}}{part}".rstrip())
        last = label
    return "\n".join(lines)


def facts(session: Session, about: About, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Everything that is known of a session, each under its label; "" is not known."""
    label, key = session.label, session.key
    yield "id", session.uid
    yield "agent", f"{key.agent}  {key.native_id}"
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
    yield from (("skills", f"{skill.name}  {_used(skill.usage)}") for skill in about.skills)
    yield from (("files", text) for text in _files(about.files, (session.root, session.cwd)))
    yield "commands", ", ".join(map(_command, about.commands[:MOST_TOOLS]))
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
    yield f"input {exact(tokens.input)}, output {'≥ ' if usage.understated else ''}{exact(tokens.output)}"
    yield f"cache written {exact(tokens.cache_creation)}, cache read {exact(tokens.cache_read)}"
    if usage.understated:
        yield f"{exact(usage.understated)} requests of old clients logged too few output tokens"


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


def _files(files: Sequence[FileWork], folders: Sequence[str]) -> Iterator[str]:
    """How many were changed and read, and the most changed of them."""
    changed = [one for one in files if one.edits]
    if files:
        read = sum(one.reads > 0 for one in files)
        yield f"{exact(len(changed))} changed{_lines(changed)}, {exact(read)} read"
    for one in changed[:MOST_FILES]:
        edits = f"{exact(one.edits)} edit{'' if one.edits == 1 else 's'}"
        yield f"{within(one.path, folders)}  {edits}{_lines([one])}"


def _lines(files: Sequence[FileWork]) -> str:
    """Lines added and removed, as far as they were counted."""
    counted = [one for one in files if one.added is not None]
    if not counted:
        return ""
    added, removed = (sum(each) for each in zip(*((one.added or 0, one.removed or 0) for one in counted), strict=True))
    return f" (+{exact(added)} -{exact(removed)})"


def _command(work: CommandWork) -> str:
    bad = [f"{exact(work.failed)} failed"] if work.failed else []
    row = [f"{exact(work.failed_in_row)} times in a row"] if work.failed_in_row > 1 else []
    return f"{shown(work.label) or '(other)'} {exact(work.runs)}" + (f" ({', '.join([*bad, *row])})" if bad else "")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(shown(text), max(width, 20), break_on_hyphens=False) or [""]
