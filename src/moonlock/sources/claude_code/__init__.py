"""Claude Code: where its transcripts lie, and which files are transcripts.

What reads them is imported when there is something to read: most commands find nothing new, and start quicker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from moonlock.model.reading import Batch, Cursor, Seen

if TYPE_CHECKING:
    from pathlib import Path

    from moonlock.model.chronicle import Page, Spot
    from moonlock.model.evidence import LogLine
    from moonlock.model.instant import Instant
    from moonlock.model.limits import Plan
    from moonlock.model.seeds import Statistics
    from moonlock.model.statusline import StatusSample
    from moonlock.model.telemetry import Telemetry
    from moonlock.sources.claude_code.preferences import Preferences
    from moonlock.sources.claude_code.registry import Registry
    from moonlock.sources.otlp import Otlp


PROMPTS = ("/history.jsonl", "\\history.jsonl")


class Voices:
    """What the client says, wherever it comes from: in its transcripts, to its status line, over OpenTelemetry."""

    def speaker(self, path: str) -> str:
        """The sub-agent whose transcript this is; "" for a session's own."""
        from moonlock.sources.claude_code.identity import whereabouts

        return whereabouts(path).agent_id

    def transcript(self, seen: Seen, start: Spot, most: int) -> Page | None:
        """So many things that were said, from a place in a transcript on; None when no line begins there."""
        from moonlock.sources.claude_code.transcript import transcript

        return transcript(seen, start, most)

    def evidence(self, seen: Seen) -> Iterator[LogLine]:
        """Every line of a transcript, told by what ``read`` makes of it."""
        from moonlock.sources.claude_code.evidence import evidence

        return evidence(seen)

    def status_line(self, said: object, at: Instant) -> StatusSample | None:
        """What the client gave to its status line; None for what names no session."""
        from moonlock.sources.claude_code.statusline import status_line

        return status_line(said, at)

    def telemetry(self, told: Otlp, now: Instant) -> Telemetry:
        """What the client exported over OpenTelemetry, as far as it is kept."""
        from moonlock.sources.claude_code.otlp import telemetry

        return telemetry(told, now)


class ClaudeCode(Voices):
    """The source of Claude Code's sessions."""

    name = "claude-code"

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Rule F1: ``CLAUDE_CONFIG_DIR`` replaces the two places where a configuration may lie."""
        named = [part.strip() for part in env.get("CLAUDE_CONFIG_DIR", "").split(",")]
        folders = [_at(part, home) for part in named if part]
        if not folders:
            base = env.get("XDG_CONFIG_HOME", "").strip()
            folders = [(_at(base, home) if base else home / ".config") / "claude", home / ".claude"]
        return list(dict.fromkeys(f if f.name == "projects" else f / "projects" for f in folders))

    def claims(self, path: str) -> bool:
        """Transcripts of sessions and sub-agents; not the journals of workflows, memories and stored results.

        Nor the file of all prompts: it lies beside them, and is never opened wherever it lies.
        """
        if not path.endswith(".jsonl") or path.endswith(PROMPTS):
            return False
        below = path.replace(os.sep, "/").rpartition("/projects/")[2]
        return not (below.endswith("/journal.jsonl") or "/memory/" in below or "/tool-results/" in below)

    def read(self, seen: Seen, cursor: Cursor, limit: int) -> Iterator[Batch]:
        """What is new in a transcript, about ``limit`` bytes to a batch."""
        from moonlock.sources.claude_code.reading import read

        return read(seen, cursor, limit)

    def history(self, env: Mapping[str, str], home: Path) -> Statistics:
        """Days that the client's own statistics tell of, which outlive its transcripts."""
        from moonlock.sources.claude_code.history import history

        return history(self.roots(env, home))

    def registry(self, env: Mapping[str, str], home: Path) -> Registry:
        """The sessions that run, as the client lists them beside its transcripts, and the hooks that it calls."""
        from moonlock.sources.claude_code.registry import Registry

        return Registry(str(root.parent / "sessions") for root in self.roots(env, home))

    def plan(self, env: Mapping[str, str], home: Path) -> Plan | None:
        """What the user pays for, by two keys of the client's configuration."""
        from moonlock.sources.claude_code.plan import plan

        chosen = env.get("CLAUDE_CONFIG_DIR", "").strip()
        return plan([root.parent for root in self.roots(env, home)] if chosen else [home])

    def preferences(self, env: Mapping[str, str], home: Path) -> Preferences:
        """What the user's and the projects' settings say of contexts."""
        from moonlock.sources.claude_code.preferences import Preferences

        return Preferences(env, (str(root.parent) for root in self.roots(env, home)))


def _at(folder: str, home: Path) -> Path:
    """A folder as the environment names it: ``~`` is the home that was given."""
    return home / folder[2:] if folder.startswith("~/") else home / folder
