"""Help that a person can find something in: options under headings, and examples as they were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

COLUMN = 23
"""Where explanations begin under all headings alike; a longer option has a line of its own."""


class Sectioned(click.Command):
    """A command whose options stand under headings: ``sections`` are (heading, names of parameters)."""

    def __init__(self, *given: Any, sections: Sequence[tuple[str, Sequence[str]]] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = {each.name: each for each in self.get_params(ctx) if isinstance(each, click.Option)}
        named = [(heading, [options.pop(name) for name in names]) for heading, names in self.sections]
        for heading, chosen in [*named, ("Other", list(options.values()))]:
            records = [record for option in chosen if (record := option.get_help_record(ctx))]
            with formatter.section(heading):
                formatter.write_dl([(f"{term:<{COLUMN}}", told) for term, told in records], col_max=COLUMN)


def examples(*lines: tuple[str, str]) -> str:
    """An epilog of (what to type, what it shows), which is not wrapped anew."""
    wide = max(len(typed) for typed, _ in lines)
    return "\b\nExamples:\n" + "\n".join(f"  {typed:{wide}}  {shown}" for typed, shown in lines)


def takes(option: click.Option, ctx: click.Context) -> str:
    """What an option needs: its sign for a value, and what its help says."""
    return f"it takes {option.make_metavar(ctx)}: {option.help}"
