"""What the tools of agents are for, by name, where that makes a difference to what is told of them. Loads nothing."""

from __future__ import annotations

READING = frozenset({"Read", "NotebookRead"})
"""Tools that read one file."""
CHANGING = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
"""Tools that change one file."""
