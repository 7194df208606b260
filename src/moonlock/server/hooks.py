"""The door for an agent's hooks. The agent stands still until it is answered: that comes first, and is always yes."""

from __future__ import annotations

from typing import Any

from litestar import post
from litestar.params import RawBody

from moonlock.server.errors import refusals
from moonlock.server.guard import HOOK_BYTES
from moonlock.server.house import House


def routes(house: House) -> list[Any]:
    """One door for each agent that has hooks."""

    @post(
        "/api/hooks/claude-code",
        status_code=204,
        responses=refusals(408, 413, 415),
        request_max_body_size=HOOK_BYTES,
        sync_to_thread=False,
    )
    def claude_code(body: RawBody) -> None:
        """A hook of Claude Code: any event, as the client posts it to an HTTP hook.

        Always 204 up to 8 MB, whatever is in it: a refusal would trouble the session that called. Only ids, the name of
        the event and the tool, the kind of a notification and the class of an error are kept; what is no hook is left
        out, and `/health` says so.
        """
        house.presence.hear("claude-code", body)

    return [claude_code]
