"""Reports as plain tuples, for commands that have no time for nouns (decision 0007); ``model.report`` has the nouns."""

from __future__ import annotations

from collections.abc import Sequence

Sums = Sequence[int]
"""The columns of ``SUMS`` in ``store/schema.py``, in their order: those of a ``Usage``."""

Share = tuple[str, Sums]
"""What one model has of a row."""

Fields = tuple[tuple[str, object], ...]
"""Further facts by their JSON name, in order: str, int, float, bool, None, list[str], Fields or list[Fields]."""

Row = tuple[str, tuple[str, ...], Sums, int, list[Share], Fields]
"""Key, agents, sums, number of sessions, shares (dearest first), further facts: those of a ``ReportRow``, in order."""
