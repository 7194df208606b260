"""A tag on every JSON that is read, and no body for whoever has it already.

The tag is made of the body, so it can be trusted across restarts. `Cache-Control: no-store` stays: a browser keeps
nothing of us on the disk, a program that polls keeps the tag by itself.
"""

from __future__ import annotations

from hashlib import blake2b

from moonlock.server.asgi import App, Message, Receive, Scope, Send

JSON = b"application/json"


def tagged(app: App) -> App:
    """The same application, whose answers to GET have an ETag."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        await app(scope, receive, _tagging(scope, send) if reads else send)

    return answer


def _tagging(scope: Scope, send: Send) -> Send:
    begun: Message | None = None

    async def tag(message: Message) -> None:
        nonlocal begun
        if message["type"] == "http.response.start" and _is_json(message):
            begun = message
            return
        start, begun = begun, None
        if start is not None and not message.get("more_body", False):
            start, message = _with_tag(start, message, _known(scope))
        if start is not None:
            await send(start)
        await send(message)

    return tag


def _is_json(start: Message) -> bool:
    headers: dict[bytes, bytes] = dict(start["headers"])
    return start["status"] == 200 and headers.get(b"content-type", b"").startswith(JSON)


def _with_tag(start: Message, body: Message, known: list[str]) -> tuple[Message, Message]:
    mark = f'"{blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
    tag = (b"etag", mark.encode())
    if mark in known or "*" in known:
        left_out = (b"content-type", b"content-length")
        kept = [pair for pair in start["headers"] if pair[0].lower() not in left_out]
        return {**start, "status": 304, "headers": [*kept, tag]}, {**body, "body": b""}
    return {**start, "headers": [*start["headers"], tag]}, body


def _known(scope: Scope) -> list[str]:
    """The tags that the caller has; a weak one is as good, for a body is the same to the byte or another."""
    said = b",".join(value for name, value in scope["headers"] if name.lower() == b"if-none-match")
    return [part.strip().removeprefix("W/") for part in said.decode("latin-1").split(",")]
