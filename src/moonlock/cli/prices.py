"""The price table in force: the built-in one or the user's own file, with the user's own rates before it."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import moonlock
from moonlock import analytics
from moonlock.cli.errors import Trouble
from moonlock.config.settings import Config

if TYPE_CHECKING:
    from moonlock.analytics.prices import PriceTable


def prices(config: Config) -> PriceTable:
    """The table; a file that cannot be read is refused, because guessed money is worse than none."""
    from moonlock.analytics.prices import PriceError, PriceTable, builtin

    try:
        table = PriceTable.parse(Path(config.prices).read_bytes()) if config.prices else builtin()
        if not config.price_overrides:
            return table
        own = msgspec.json.encode({"models": config.price_overrides})
        return table.merged_with(PriceTable.parse(own))
    except PriceError as wrong:
        origin = config.origins["prices"]
        raise Trouble("prices", f"{wrong} (from {origin})", "docs/reference/prices.md describes the file") from wrong
    except OSError as failure:
        origin = config.origins["prices"]
        message = f"cannot read the price file {config.prices}: {failure.strerror} (from {origin})"
        raise Trouble("prices", message, "name a file that exists, or leave the setting out") from failure


def digest(config: Config, table: PriceTable | None = None) -> str:
    """The table's digest. It is remembered for the bytes it was made from: loading the table takes 15 ms."""
    stamp, note = _stamp(config), config.places.cache / "prices"
    try:
        known, _, found = note.read_text("ascii").partition(" ")
    except (OSError, UnicodeDecodeError):
        known = found = ""
    if known != stamp or not found:
        found = (table or prices(config)).digest
        _remember(note, f"{stamp} {found}")
    return found


def files(config: Config) -> tuple[str, ...]:
    """The files that prices come from."""
    return (config.prices or str(Path(analytics.__file__).with_name("prices.json")),)


def _stamp(config: Config) -> str:
    try:
        data = Path(*files(config)).read_bytes()
    except OSError:
        data = b""  # loading the table will say what is wrong with it
    own = msgspec.json.encode((moonlock.__version__, config.price_overrides))
    return blake2b(own + data, digest_size=16).hexdigest()


def _remember(note: Path, text: str) -> None:
    """A note that cannot be kept costs some time, and nothing else."""
    draft = note.with_name(f"prices.{os.getpid()}")
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        draft.replace(note)
    except OSError:
        return
