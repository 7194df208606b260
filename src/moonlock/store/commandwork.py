"""The commands that one session ran: by their first words, and which of them were the same."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import apsw

from moonlock.model.instant import Instant
from moonlock.model.toolwork import CommandWork
from moonlock.store.connection import rows
from moonlock.store.tools import DENIED, FAILED, OK

_COMMANDS = """
select ifnull((select text from name where id = s.target), ''), s.mark, t.outcome, max(t.duration, 0), t.at
from chain c cross join tool t on t.chain = c.id cross join subject s on s.call = t.key
where c.session = ? and s.mark <> 0 order by 1, 2, t.at, t.key
"""
_Run = tuple[str, int, int | None, int | None, Instant]
"""Label, mark of the whole command, index of the outcome, milliseconds, when."""


def commands(db: apsw.Connection, number: int) -> list[CommandWork]:
    """All of them by their labels, most run first."""
    found: Iterable[_Run] = rows(db, _COMMANDS, (number,))
    told = (_command(label, [*runs]) for label, runs in groupby(found, itemgetter(0)))
    return sorted(told, key=lambda one: one.order)


def in_a_row(outcomes: Iterable[int | None]) -> int:
    """The longest row of failures; a run that was denied, or is not over, neither makes nor breaks one."""
    longest = row = 0
    for outcome in outcomes:
        row = row + 1 if outcome == FAILED else 0 if outcome == OK else row
        longest = max(longest, row)
    return longest


def _command(label: str, runs: list[_Run]) -> CommandWork:
    outcomes, moments = [run[2] for run in runs], [run[4] for run in runs]
    same = [[run[2] for run in each] for _, each in groupby(runs, itemgetter(1))]
    return CommandWork(
        label=label,
        runs=len(runs),
        failed=outcomes.count(FAILED),
        denied=outcomes.count(DENIED),
        open=outcomes.count(None),
        failed_in_row=max(map(in_a_row, same)),
        repeats=len(runs) - len(same),
        duration=sum(run[3] or 0 for run in runs),
        first_at=min(moments),
        last_at=max(moments),
    )
