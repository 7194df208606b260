"""The eyes: one source for each agent. Add an agent by adding it here."""

from moonlock.sources.base import Source
from moonlock.sources.claude_code import ClaudeCode

ALL: tuple[Source, ...] = (ClaudeCode(),)
