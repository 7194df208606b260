"""Sub-agents below those that called them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moonlock.model.session import Subagent

DEEPEST = 16
"""Levels below a session's own line; what is said to be deeper stands directly below the session."""


def below(agents: Iterable[Subagent]) -> dict[str, list[Subagent]]:
    """By the one that called them, each exactly once; ``""`` is the session itself.

    It has also those whose caller is unknown, or is said to be their own child.
    """
    known = {agent.agent_id: agent for agent in agents}
    found: dict[str, list[Subagent]] = {}
    for agent in known.values():
        found.setdefault(agent.parent if _is_reached(agent, known) else "", []).append(agent)
    return found


def _is_reached(agent: Subagent, known: Mapping[str, Subagent]) -> bool:
    """Whether its callers lead up to the session itself."""
    at = agent
    for _ in range(DEEPEST):
        if not at.parent:
            return True
        caller = known.get(at.parent)
        if caller is None:
            return at is not agent
        at = caller
    return False
