"""The description of the live line, generated from the shapes that are sent over it."""

from __future__ import annotations

import msgspec

from moonlock.model.wire import PROTOCOL, ClientMessage, ServerMessage

Document = dict[str, object]


def asyncapi(version: str, path: str = "/ws") -> bytes:
    """An AsyncAPI 3.0 document: one channel, what the server sends and what a client may send."""
    (server, client), shapes = msgspec.json.schema_components(
        [ServerMessage, ClientMessage], ref_template="#/components/schemas/{name}"
    )
    _, asked = msgspec.json.schema_components([ClientMessage])
    for name, shape in shapes.items():
        if "properties" in shape and name not in asked:  # the server always sends every field
            shape["required"] = list(shape["properties"])
    told = [{"$ref": "#/channels/live/messages/server"}]
    heard = [{"$ref": "#/channels/live/messages/client"}]
    document: Document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Moonlock live",
            "version": version,
            "description": f"Protocol {PROTOCOL}. One WebSocket message is one of these, or under load an array "
            "of frames in order. It begins with hello; a gap in seq without skip means: resume.",
        },
        "channels": {
            "live": {
                "address": path,
                "messages": {"server": message("server", server), "client": message("client", client)},
            }
        },
        "operations": {
            "tell": {"action": "send", "channel": {"$ref": "#/channels/live"}, "messages": told},
            "hear": {"action": "receive", "channel": {"$ref": "#/channels/live"}, "messages": heard},
        },
        "components": {"schemas": shapes},
    }
    return msgspec.json.encode(document)


def message(name: str, schema: Document) -> Document:
    return {"name": name, "contentType": "application/json", "payload": schema}
