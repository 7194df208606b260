"""permessage-deflate whose work is done once for all clients that are sent the same message.

Fifty clients of a busy line get the same 2 MB a second each; packed for each alone, that was most of the server's work.
So no message leans on the one before it (RFC 7692, server_no_context_takeover), and a packed one serves everybody.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.typing import ExtensionParameter

KEPT, WORTH_KEEPING = 4, 1_024
TAIL = b"\x00\x00\xff\xff"
CONTROL = (Opcode.CLOSE, Opcode.PING, Opcode.PONG)


class Packer:
    """Remembers the last few messages that it packed. ``packed`` counts, so that tests can count work."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[int, bytes, bytes], ...] = ()
        self.packed = 0

    def pack(self, body: bytes, bits: int) -> bytes:
        """The message for a window of so many bits; compared byte by byte, which is quicker than a hash."""
        for known_bits, known, packed in self._kept:
            if known_bits == bits and known == body:
                return packed
        packer = zlib.compressobj(wbits=-bits, memLevel=8)
        packed = (packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)
        self.packed += 1
        if len(body) >= WORTH_KEEPING:
            self._kept = ((bits, body, packed), *self._kept[: KEPT - 1])
        return packed


PACKER = Packer()


class SharedDeflate(PerMessageDeflate):
    """One client's side of it; what the client sends is unpacked as ever."""

    def encode(self, frame: Frame) -> Frame:
        if frame.opcode in CONTROL:
            return frame
        body = PACKER.pack(bytes(frame.data), self.local_max_window_bits)
        return Frame(frame.opcode, body, frame.fin, True)


class SharedDeflateFactory(ServerPerMessageDeflateFactory):
    """Agrees with each client on it."""

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_max_window_bits=12)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, agreed = super().process_request_params(params, accepted_extensions)
        return answer, SharedDeflate(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
        )
