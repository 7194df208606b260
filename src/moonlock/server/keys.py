"""The token and what is derived from it: one-time tickets, and the sessions of browsers.

Nothing here holds a secret of its own. A ticket or a session is a text with a seal that only the token can make, so a
new token ends all of them, and another process of this user can make a ticket from the token file.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

from moonlock.model.instant import MINUTE, Instant

TICKET_LIFE = MINUTE
WRONG_TOKENS, WRONG_WITHIN, WATCHED = 10, MINUTE, 1024
"""So many wrong tokens from one address within a minute, and it is not listened to; so many addresses are watched."""


def sealed(token: str, purpose: str, text: str) -> str:
    """The text with a seal for this purpose alone."""
    seal = hmac.digest(token.encode(), f"moonlock {purpose} {text}".encode(), "sha256").hex()
    return f"{text}.{seal}"


def ticket(token: str, now: Instant) -> str:
    """Opens the page once, within a minute: ``/?ticket=...``."""
    return sealed(token, "ticket", f"{now}-{secrets.token_hex(16)}")


class Keys:
    """Knows the token, and who showed a wrong one. ``token`` is asked each time, so a rotation counts at once."""

    def __init__(self, token: Callable[[], str], clock: Callable[[], Instant]) -> None:
        self._token, self._clock = token, clock
        self._started = clock()
        self._used: dict[str, Instant] = {}
        self._wrong: dict[str, list[Instant]] = {}

    def knows(self, said: str, peer: str) -> bool:
        """Whether this is the token; a wrong one is remembered against its address."""
        token = self._token()
        right = bool(token) and hmac.compare_digest(said.encode(), token.encode())
        if not right:
            self._remember(peer)
        return right

    def is_tired_of(self, peer: str) -> bool:
        since = self._clock() - WRONG_WITHIN
        return sum(at > since for at in self._wrong.get(peer, ())) >= WRONG_TOKENS

    def redeem(self, said: str) -> str | None:
        """A session in exchange for a good ticket; None for any other, and for the same one again."""
        now = self._clock()
        text = self._unsealed("ticket", said)
        made = text.partition("-")[0]
        born = int(made) if made.isdigit() else 0
        # One made before the start may have been used before the start.
        good = self._started <= born <= now < born + TICKET_LIFE and text not in self._used
        if not good:
            return None
        self._used = {one: at for one, at in self._used.items() if at > now - TICKET_LIFE} | {text: born}
        return sealed(self._token(), "session", secrets.token_hex(16))

    def admits(self, session: str) -> bool:
        """Whether a browser's cookie holds a session made with the token of now."""
        return bool(self._unsealed("session", session))

    def _unsealed(self, purpose: str, said: str) -> str:
        token, text = self._token(), said.rpartition(".")[0]
        right = hmac.compare_digest(said.encode(), sealed(token, purpose, text).encode())
        return text if token and right else ""

    def _remember(self, peer: str) -> None:
        if peer not in self._wrong and len(self._wrong) >= WATCHED:
            self._wrong.pop(next(iter(self._wrong)))
        kept = [*self._wrong.pop(peer, ()), self._clock()]
        self._wrong[peer] = kept[-WRONG_TOKENS:]
