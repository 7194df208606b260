"""Bodies as they were sent. What the framework hands over takes 0 and "true" for a truth value, and 1.0 for 1."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request

from moonlock.model.instant import Instant, instant
from moonlock.server.errors import BAD_BODY, Problem, Refusal

S = TypeVar("S", bound=msgspec.Struct)
_PLACE = re.compile(r"`\$\.(\w+)")


async def readable(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that is no JSON: some of that the framework takes for a failure of ours."""
    try:
        msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(BAD_BODY) from None


def decoded(body: bytes, kind: type[S]) -> S:
    """The body; a refusal names the field that is unfit, for it is one of ours."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
        found = _PLACE.search(str(wrong))
        known = kind.__struct_encode_fields__
        what = found[1] if found and found[1] in known else "something in it"
        raise unfit(what) from None


def unfit(what: str) -> Problem:
    """A value that cannot be taken; it is not repeated."""
    return Problem(Refusal(400, "bad_parameter", f"This request has an unfit value: {what}.", HINT))


def micro(dollars: float | None) -> int | None:
    """Dollars as whole micro-dollars."""
    return None if dollars is None else round(dollars * 1_000_000)


def moment_of(said: str | None) -> Instant | None:
    """A moment as it was written; without a zone it is UTC."""
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said)
        return instant(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise unfit("at") from None


HINT = "/openapi.json describes every route."
