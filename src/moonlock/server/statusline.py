"""The door for status lines: answers at once, and says in a header how the line is to look.

The agent waits for its line, so nothing is looked at here: what was sent is handed on, whatever it is. The header
spares ``moonlock statusline`` the settings file, which takes longer to read than all it has (decision 0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, post
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody, Schema

from moonlock.config.statusline import USUAL
from moonlock.model.instant import SECOND, Instant
from moonlock.server.errors import Problem, Refusal, refusals
from moonlock.server.house import House
from moonlock.server.methods import methods
from moonlock.server.site import Site

PATH = "/api/statusline"
MOST = 256_000
TOO_LARGE = Refusal(413, "too_large", "The body is larger than 256 kB.", "A status line has a few kB.")
EXAMPLE = {
    "session_id": "11111111-1111-4111-8111-111111111111",
    "version": "2.1.260",
    "model": {"id": "claude-opus-5"},
    "context_window": {"context_window_size": 200000, "used_percentage": 8},
    "rate_limits": {"five_hour": {"used_percentage": 23.5, "resets_at": 1795180000}},
}


@dataclass
class StatuslineOperation(Operation):
    """Describes a body that is taken as it comes, and an answer without one."""

    def __post_init__(self) -> None:
        said = OpenAPIMediaType(
            Schema(description="Claude Code's status line JSON, of any version; what is no such thing is dropped"),
            examples={"claude-code": Example(value=EXAMPLE)},
        )
        self.request_body = RequestBody({"application/json": said}, "what the agent says of itself")
        told = (self.responses or {})["204"]
        if isinstance(told, OpenAPIResponse):
            told.content = None


def routes(house: House, site: Site) -> list[Any]:
    """The one door."""
    look = Look(house)

    @post(PATH, status_code=204, responses=refusals(408, 413, 415), operation_class=StatuslineOperation)
    async def statusline(request: Request[Any, Any, Any]) -> Response[None]:
        """What an agent says of itself each time it draws its status line; the answer comes before it is read."""
        body = await request.body()
        if len(body) > MOST:
            raise Problem(TOO_LARGE)
        now = site.clock()
        house.samples.offer(body, now)
        return Response(None, status_code=204, headers={"moonlock-line": look.at(now)})

    return [methods(PATH, "POST"), statusline]


class Look:
    """What the header says: colour, micro-dollars an hour, template in hexadecimal. Made once a second at most."""

    def __init__(self, house: House) -> None:
        self._house, self._made, self._said = house, 0, ""

    def at(self, now: Instant) -> str:
        if not self._said or not 0 <= now - self._made < SECOND:
            setup, block = self._house.setup, self._house.snapshot(now).block
            rate = block.burn_rate if block is not None and block.is_active else None
            burn = "-" if rate is None else str(round(rate.cost_per_hour * 1_000_000))
            template = (setup.statusline or USUAL).encode().hex()
            self._made, self._said = now, f"{int(setup.statusline_color)} {burn} {template}"
        return self._said
