"""Sessions side by side over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from litestar import get
from litestar.params import QueryParameter

from moonlock.live.beside import LEAST, MOST, compared
from moonlock.model.compare_shapes import CompareShape
from moonlock.model.instant import Instant
from moonlock.server.bodies import unfit
from moonlock.server.errors import NO_SESSION, Problem, refusals
from moonlock.server.house import House

LONGEST = 400
"""Characters of one id or name."""


def routes(house: House, clock: Callable[[], Instant]) -> list[Any]:
    """The one route."""

    @get("/api/sessions/compare", responses=refusals(400, 404))
    async def compare(
        ids: Annotated[
            str,
            QueryParameter(
                max_length=MOST * (LONGEST + 1),
                description="two to four sessions with commas between: ids, names, or the beginning of either",
            ),
        ],
    ) -> CompareShape:
        """Two to four sessions of either kind; the first is what the others are compared with.

        One that is not known, or may be several, has a column that says so; 404 when none is known.
        """
        asked = [said.strip() for said in ids.split(",")]
        if not LEAST <= len(asked) <= MOST or not all(asked) or max(map(len, asked)) > LONGEST:
            raise unfit("ids")
        found = await house.readers.ask(partial(compared, asked=asked, now=clock()))
        if all(one.id is None for one in found.sessions):
            raise Problem(NO_SESSION)
        return found

    return [compare]
