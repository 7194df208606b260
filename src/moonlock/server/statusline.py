"""The door for status lines: answers at once, with the line in a header.

The agent waits for its line, so what was sent is handed on as it is, and only the line is drawn from it here: that
spares ``moonlock statusline`` the library for JSON and the settings file, which take too long (decision 0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, post
from litestar.openapi.spec import (
    Example,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType

from moonlock.model.instant import SECOND, Instant
from moonlock.server.errors import Problem, Refusal, refusals
from moonlock.server.house import House
from moonlock.server.methods import methods
from moonlock.server.site import Site

PATH = "/api/statusline"
DRAWN = "moonlock-drawn"
MOST, MOST_DRAWN = 256_000, 64_000
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
    """Describes a body that is taken as it comes, and an answer that has the line in a header."""

    def __post_init__(self) -> None:
        said = OpenAPIMediaType(
            Schema(description="Claude Code's status line JSON, of any version; what is no such thing is dropped"),
            examples={"claude-code": Example(value=EXAMPLE)},
        )
        self.request_body = RequestBody({"application/json": said}, "what the agent says of itself")
        told = (self.responses or {})["204"]
        if isinstance(told, OpenAPIResponse):
            told.content = None
            told.headers = {
                DRAWN: OpenAPIHeader(Schema(type=OpenAPIType.STRING), description="the line, as hexadecimal UTF-8")
            }


def routes(house: House, site: Site) -> list[Any]:
    """The one door."""
    burn = Burn(house)

    @post(PATH, status_code=204, responses=refusals(408, 413, 415), operation_class=StatuslineOperation)
    async def statusline(request: Request[Any, Any, Any]) -> Response[None]:
        """What an agent says of itself each time it draws its status line; the answer comes before it is kept."""
        body = await request.body()
        if len(body) > MOST:
            raise Problem(TOO_LARGE)
        now = site.clock()
        house.samples.offer(body, now)
        if site.draw is None or len(body) > MOST_DRAWN:
            return Response(None, status_code=204)
        drawn = site.draw(body, now, burn.at(now)).encode("utf-8", "replace").hex()
        return Response(None, status_code=204, headers={DRAWN: drawn})

    return [methods(PATH, "POST"), statusline]


class Burn:
    """Micro-dollars an hour over all sessions; None where nothing burns. Read once a second at most."""

    def __init__(self, house: House) -> None:
        self._house, self._read = house, -SECOND
        self._rate: int | None = None

    def at(self, now: Instant) -> int | None:
        if not 0 <= now - self._read < SECOND:
            block = self._house.snapshot(now).block
            rate = block.burn_rate if block is not None and block.is_active else None
            self._read, self._rate = now, None if rate is None else round(rate.cost_per_hour * 1_000_000)
        return self._rate
