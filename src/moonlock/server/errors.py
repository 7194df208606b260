"""The one shape of every failure. A refusal has a fixed text: never a word of the request or of our state."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException, WebSocketException
from litestar.openapi import ResponseSpec
from litestar.types import Scope
from litestar.typing import FieldDefinition

from moonlock.model.label import UnfitLabel
from moonlock.model.shapes import ErrorBody, ErrorShape
from moonlock.store.errors import (
    AcceptedAlready,
    KeyReused,
    OutOfTime,
    StoreError,
    UnknownName,
    UnknownSuggestion,
    WrongTurn,
)

log = logging.getLogger("moonlock.server")


class Refusal(msgspec.Struct, frozen=True):
    """What is said to someone who gets nothing; ``hint`` says what to do about it."""

    status: int
    code: str
    message: str
    hint: str

    @property
    def shape(self) -> ErrorShape:
        return ErrorShape(error=ErrorBody(code=self.code, message=self.message, hint=self.hint))


class Problem(HTTPException):
    """A refusal, raised from wherever it is noticed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(detail=refusal.message, status_code=refusal.status)
        self.refusal = refusal


BAD_REQUEST = Refusal(400, "bad_request", "This request has no proper shape.", "Send one Host header and a plain path.")
FOREIGN_HOST = Refusal(
    403,
    "foreign_host",
    "This server does not answer to that name.",
    "Use http://127.0.0.1 with its port, or list the name in the setting allowed_hosts.",
)
FOREIGN_ORIGIN = Refusal(
    403,
    "foreign_origin",
    "This request came from another page, or does not say where it came from.",
    "Send Authorization: Bearer with the token that `moonlock token` prints, "
    "or list the page's origin in the setting allowed_origins.",
)
TOKEN_NEEDED = Refusal(
    401,
    "token_needed",
    "This server answers only to its token.",
    "Send Authorization: Bearer with the token that `moonlock token` prints.",
)
TICKET_USED = Refusal(
    401,
    "ticket_used",
    "This ticket was used before, or its minute is over.",
    "Run `moonlock start` again for a new one: each opens the page once.",
)
TOO_MANY_TOKENS = Refusal(
    429, "too_many_tokens", "Too many wrong tokens came from this address.", "Wait a minute, then send the right one."
)
TOO_MANY_SOCKETS = Refusal(
    429, "too_many_sockets", "Too many live connections are open.", "Close some tabs or other clients."
)
WRONG_TYPE = Refusal(
    415,
    "unsupported_type",
    "This type of body is not read here.",
    "Send the header Content-Type: application/json (curl: -H 'Content-Type: application/json').",
)
TOO_LARGE = Refusal(413, "too_large", "The body is larger than 1 MB.", "Send less at once.")
TOO_LARGE_HOOK = Refusal(413, "too_large", "The hook is larger than 8 MB.", "The agent goes on without it.")
TOO_LARGE_OTLP = Refusal(413, "too_large", "The batch is larger than 4 MB.", "Export smaller batches, more often.")
TOO_LARGE_IMPORT = Refusal(
    413,
    "too_large",
    "The file is larger than 64 MB.",
    "`moonlock import` takes it from the disk while no server runs.",
)
TOO_SLOW = Refusal(408, "too_slow", "The body did not arrive within 10 seconds.", "Send it at once.")
NOT_FOUND = Refusal(404, "not_found", "There is nothing at this address.", "/openapi.json lists every route.")
NOT_ALLOWED = Refusal(405, "not_allowed", "This route does not know that method.", "/openapi.json lists every route.")
NO_SESSION = Refusal(404, "no_such_session", "No session has this id.", "GET /api/sessions lists all of them.")
NO_ALERT = Refusal(404, "no_such_alert", "No alert has this id.", "GET /api/alerts lists all of them.")
AMBIGUOUS = Refusal(400, "ambiguous_id", "More than one session begins like this.", "Give more of the id.")
BAD_BODY = Refusal(400, "bad_body", "The body is not JSON that can be read.", "/openapi.json describes every body.")
UNFIT_LABEL = Refusal(
    400,
    "unfit_label",
    "A name, a tag, the description or another word cannot be kept like this.",
    "No control characters; a name has up to 80 characters, a tag is one word of up to 40, a description has 2,000.",
)
NAME_TAKEN = Refusal(
    409, "name_taken", "Another session has this name.", "GET /api/sessions?q= with the name finds it; choose another."
)
NOT_BY_HAND = Refusal(
    409,
    "not_by_hand",
    "This session was found in a log: it has no timer, no budget and no checkpoints.",
    "POST /api/sessions starts one by hand, which can follow it.",
)
RUNNING = Refusal(409, "wrong_transition", "This session is running.", "It can be paused or completed.")
PAUSED = Refusal(409, "wrong_transition", "This session is paused.", "It can be running again, or completed.")
OVER = Refusal(
    409,
    "wrong_transition",
    "This session is over.",
    "Its name, tags and description can change, and it can be deleted; POST /api/sessions starts another.",
)
TURNS = {"running": RUNNING, "paused": PAUSED}
KEY_REUSED = Refusal(
    409,
    "key_reused",
    "Another request was sent with this Idempotency-Key.",
    "Give each request a key of its own; repeat one only with the very same body.",
)
OUT_OF_TIME = Refusal(
    400,
    "out_of_time",
    "This moment is not within the session, or this duration has passed already.",
    "Name a moment between its start and now; a duration is longer than what the timer has run.",
)
NO_SUGGESTION = Refusal(
    404,
    "no_such_suggestion",
    "Nothing that was suggested to this session has this id.",
    "GET /api/sessions/{id}/checkpoints lists what is suggested.",
)
ACCEPTED = Refusal(
    409, "accepted", "This suggestion was accepted: it is a checkpoint.", "Leave it: a checkpoint is not taken away."
)
NO_FOLLOWED = Refusal(
    400,
    "nothing_to_follow",
    "No project or session is called like that.",
    "GET /api/sessions shows what there is; a project can be named by its folder too.",
)
NO_NAME = Refusal(400, "unfit_label", "A session by hand has a name.", "Give it another one of up to 80 characters.")
TOO_MUCH = Refusal(
    400, "too_much", "The metadata has more than 4,000 characters.", "Keep it elsewhere, and name it here."
)
BAD_CURSOR = Refusal(400, "bad_cursor", "This cursor belongs to no such list.", "Begin again without it.")
BAD_SOCKETIO = Refusal(
    400,
    "bad_socketio",
    "This is no request of a Socket.IO client, or its connection has ended.",
    "Connect anew, with a client of Socket.IO 3 or newer; docs/realtime.md has examples.",
)
NO_SOCKETIO = Refusal(
    503,
    "no_socketio",
    "Socket.IO is not installed here.",
    "pip install 'moonlock[socketio]' adds it; the WebSocket at /ws has the same frames without it.",
)
NOT_BUILT = Refusal(
    503,
    "page_not_built",
    "This installation of Moonlock has no page.",
    "Install a released package, or run `make setup` where Node can be had. The API and the terminal work without it.",
)
UNKNOWN_NAME = Refusal(
    400,
    "unknown_name",
    "A filter names an agent, a project, a model or a branch that no usage has.",
    "GET /api/analytics/usage with groupBy lists the names there are; a project can be named by its folder too.",
)
STORE = Refusal(
    503, "store_unavailable", "What Moonlock remembers cannot be read just now.", "`moonlock doctor` says why."
)
BROKEN = Refusal(
    500, "internal", "Something went wrong inside Moonlock.", "`moonlock doctor` says how each part does; see the log."
)
FAILED = Refusal(400, "failed", "This request cannot be answered.", "/openapi.json describes every route.")
_DESCRIBED = {
    400: "unfit request",
    401: "token needed",
    403: "foreign caller",
    404: "not found",
    408: "too slow",
    409: "in conflict with another",
    410: "gone",
    413: "too large",
    415: "another type of body than JSON",
    503: "not healthy",
}
_LACKING_PARAMETER = re.compile(r"^Missing required \w+ parameter '([\w-]+)'")
_LACKING_FIELD = re.compile(r"missing required field `(\w+)`")
COMMON = {refusal.status: refusal for refusal in (NOT_FOUND, NOT_ALLOWED, TOO_LARGE, WRONG_TYPE)}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """The answers other than the good one, for the description."""
    return {
        status: ResponseSpec(ErrorShape, description=_DESCRIBED[status], generate_examples=False)
        for status in (401, 403, *statuses)
    }


def answer(refusal: Refusal, headers: dict[str, str] | None = None) -> Response[ErrorShape]:
    """The refusal as an answer of the framework."""
    return Response(refusal.shape, status_code=refusal.status, headers=headers, media_type="application/json")


def known_failure(request: Request[Any, Any, Any], failure: HTTPException) -> Response[ErrorShape]:
    """What we or the framework raised on purpose."""
    headers = {name: value for name, value in (failure.headers or {}).items() if name.lower() == "allow"}
    if isinstance(failure, Problem):
        return answer(failure.refusal, headers)
    if isinstance(failure, ValidationException):
        return answer(unfit(failure, request.route_handler.parsed_fn_signature.parameters), headers)
    if failure.status_code >= 500:
        return answer(BROKEN)
    return answer(COMMON.get(failure.status_code, FAILED), headers)


def unfit(failure: HTTPException, parameters: Mapping[str, FieldDefinition]) -> Refusal:
    """Names what cannot be read as the caller writes it; values are not repeated."""
    found = failure.extra if isinstance(failure.extra, list) else []
    wrong = [_written(one, parameters) for one in found if isinstance(one, dict) and "key" in one]
    wrong += _LACKING_PARAMETER.findall(failure.detail)
    what = ", ".join(dict.fromkeys(wrong)) or "something in it"
    return Refusal(400, "bad_parameter", f"This request has an unfit value: {what}.", FAILED.hint)


def _written(wrong: dict[str, str], parameters: Mapping[str, FieldDefinition]) -> str:
    """How the caller names it: an alias, or a place in the body. A field that we do not know is theirs to name."""
    key, message = wrong["key"], wrong["message"]
    known = parameters.get(key)
    place = "" if key == "data" else getattr(known and known.kwarg_definition, "name", None) or key
    lacking = _LACKING_FIELD.search(message)
    if lacking:
        return f"{place}.{lacking[1]}".lstrip(".")
    if "unknown field" in message:
        return f"a field that is not known in {place}" if place else "a field that is not known"
    return place or "the body"


def store_failure(_: Request[Any, Any, Any], failure: StoreError) -> Response[ErrorShape]:
    """What the store knows itself to be unable to do: its hint says what to do about it."""
    log.error("the store failed: %s", type(failure).__name__)
    return answer(msgspec.structs.replace(STORE, hint=failure.hint or STORE.hint))


def turned_away(_: Request[Any, Any, Any], failure: WrongTurn | KeyReused | OutOfTime) -> Response[ErrorShape]:
    """What a session by hand cannot do now, and what it can."""
    if isinstance(failure, WrongTurn):
        return answer(TURNS.get(failure.state, OVER))
    return answer(KEY_REUSED if isinstance(failure, KeyReused) else OUT_OF_TIME)


def undecided(_: Request[Any, Any, Any], failure: UnknownSuggestion | AcceptedAlready) -> Response[ErrorShape]:
    """A suggestion that is none, or is none any more."""
    return answer(NO_SUGGESTION if isinstance(failure, UnknownSuggestion) else ACCEPTED)


def unknown_name(_: Request[Any, Any, Any], failure: UnknownName) -> Response[ErrorShape]:
    """A filter that fits nothing is a mistake: an empty answer would look like an idle week."""
    return answer(UNKNOWN_NAME)


def unfit_words(_: Request[Any, Any, Any], failure: UnfitLabel) -> Response[ErrorShape]:
    """Words of a person that cannot be kept; they are not repeated."""
    return answer(UNFIT_LABEL)


def unknown_failure(_: Request[Any, Any, Any], failure: Exception) -> Response[ErrorShape]:
    """What nobody expected: the caller hears only that it happened."""
    return answer(BROKEN)


async def noted(failure: Exception, scope: Scope) -> None:
    """What nobody expected leaves its class and place in the log, but not its words: they may be somebody's prompt."""
    if isinstance(failure, HTTPException | WebSocketException | StoreError | UnfitLabel):
        return
    frames = traceback.extract_tb(failure.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    method, template = scope.get("method", "WEBSOCKET"), scope.get("path_template", "")
    log.error("%s %s failed: %s at %s", method, template, type(failure).__name__, place)
