"""When a session counts as ended. Loads nothing: a report that has no time for nouns asks this first."""

from __future__ import annotations

LOST = 3_600_000
"""Milliseconds of silence: then a session counts as ended; with a tool or a question open, its agent is likely gone."""
