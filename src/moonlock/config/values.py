"""From what a person wrote to the value of a setting, or to a sentence that says what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable

from moonlock.config.errors import ConfigError, nearest
from moonlock.config.folders import absolute

Read = Callable[[object], object]
RATE_KINDS = ("input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SECRET = ("alert_webhooks",)
"""Settings whose values are never repeated."""
MOST_TOKENS, MOST_DOLLARS = 10**12, 10**6
"""Of a limit: far above what anybody uses."""
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Unfit(ValueError):
    """The value is not what the setting needs; the text says what it needs."""


def whole(lowest: int, highest: int) -> Read:
    """A whole number within bounds."""

    def read(said: object) -> int:
        text = str(said).strip()
        plain = text.isascii() and text.isdigit() and not isinstance(said, bool) and len(text) < 16
        if not plain or not lowest <= int(text) <= highest:
            raise Unfit(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def dollars(lowest: float, highest: float) -> Read:
    """An amount of money within bounds."""

    def read(said: object) -> float:
        text = str(said).strip().removeprefix("$")
        plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 16
        if not plain or not lowest <= float(text) <= highest:
            raise Unfit(f"dollars from {lowest:g} to {highest:,.0f}, such as 12.50")
        return float(text)

    return read


def one_of(*names: str) -> Read:
    """One of a few words."""

    def read(said: object) -> str:
        # YAML 1.1 reads a bare `off` as false; `auth: off` is what people write.
        text = "off" if said is False and "off" in names else str(said).strip().lower()
        if text not in names:
            close = nearest(text, names)
            raise Unfit(f"one of {', '.join(names)}" + (f" (did you mean {close}?)" if close else ""))
        return text

    return read


def truth(said: object) -> bool:
    """Yes or no, in any of the usual words."""
    text = str(said).strip().lower()
    if text not in TRUE + FALSE:
        raise Unfit("true or false")
    return text in TRUE


def text(said: object) -> str:
    """Some text on one line."""
    if not isinstance(said, str) or any(ord(sign) < 32 for sign in said):
        raise Unfit("a text")
    return said.strip()


def filled(said: object) -> str:
    """A text that is not empty."""
    found = text(said)
    if not found:
        raise Unfit("a text that is not empty")
    return found


def names(said: object) -> tuple[str, ...]:
    """A list, or a text with commas."""
    if isinstance(said, str):
        return tuple(part.strip() for part in said.split(",") if part.strip())
    if not isinstance(said, list | tuple) or not all(isinstance(part, str) for part in said):
        raise Unfit("a list of names")
    return tuple(part.strip() for part in said if part.strip())


def origins(said: object) -> tuple[str, ...]:
    """Exact origins: scheme, name, port, and nothing behind them."""
    found = names(said)
    for each in found:
        scheme, _, rest = each.partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest or "*" in rest:
            raise Unfit(f"a list of exact origins such as http://localhost:5173 (not {each!r})")
    return found


def route(said: object) -> str:
    """A path on the server."""
    found = text(said)
    if not found.startswith("/") or " " in found or found == "/":
        raise Unfit("a path such as /ws")
    return found


def zone(said: object) -> str:
    """An IANA time zone that this machine knows."""
    found = text(said)
    if found in ("", "UTC"):
        return found
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        from zoneinfo import available_timezones

        close = nearest(found, available_timezones())
        raise Unfit(
            "an IANA time zone" + (f" (did you mean {close}?)" if close else " such as Europe/Berlin")
        ) from None
    return found


def weekday(said: object) -> str:
    """A day of the week by its English name, or by as much of it as no other day begins with."""
    text = str(said).strip().lower()
    found = [day for day in WEEKDAYS if day.startswith(text)] if text else []
    if len(found) != 1:
        close = nearest(text, found or WEEKDAYS)
        meant = " or ".join(found) or close
        raise Unfit("a day of the week" + (f" (did you mean {meant}?)" if meant else " such as monday or sun"))
    return found[0]


def path_from(home: str) -> Read:
    """A path; ``~`` is the home folder that was passed in."""

    def read(said: object) -> str:
        return absolute(filled(os.fspath(said) if isinstance(said, os.PathLike) else said), home)

    return read


def path_text_from(home: str) -> Read:
    """A path that may be left empty."""
    read = path_from(home)
    return lambda said: "" if said == "" else read(said)


def rates(said: object) -> dict[str, dict[str, float]]:
    """Dollars per million tokens for some models."""
    if isinstance(said, str):
        import json

        try:
            said = json.loads(said)
        except ValueError:
            raise Unfit('JSON such as {"my-model": {"input": 1, "output": 5}}') from None
    if not isinstance(said, dict):
        raise Unfit("models with their rates")
    return {str(model): _rates_of(str(model), table) for model, table in said.items()}


def _rates_of(model: str, table: object) -> dict[str, float]:
    if not isinstance(table, dict):
        raise Unfit(f"rates for {model}: {', '.join(RATE_KINDS)}")
    for kind, rate in table.items():
        if kind not in RATE_KINDS:
            raise Unfit(f"rates for {model} among {', '.join(RATE_KINDS)} (not {kind!r})")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1e9:
            raise Unfit(f"dollars per million tokens for {kind} of {model} (not {rate!r})")
    if missing := {"input", "output"} - table.keys():
        raise Unfit(f"rates for {model} with {' and '.join(sorted(missing))}")
    return {str(kind): float(rate) for kind, rate in table.items()}


def alert_rules(said: object) -> object:
    """By rule, what is to be another than its default."""
    from moonlock.config.alerting import rules

    return rules(said)


def quiet_hours(said: object) -> str:
    """Two times of day, or nothing."""
    from moonlock.config import alerting

    return alerting.quiet_hours(said)


def alert_webhooks(said: object) -> object:
    """Whom to call."""
    from moonlock.config.alerting import webhooks

    return webhooks(said)


def status_line(said: object) -> str:
    """A template with words in braces; it may be left empty."""
    from moonlock.config.statusline import LONGEST, WORDS, pieces

    found = text(said)
    try:
        pieces(found)
    except ValueError as other:
        close = nearest(str(other), WORDS)
        meant = f" (did you mean {{{close}}}?)" if close else ""
        raise Unfit("a text with words in braces among " + ", ".join(WORDS) + meant) from None
    if len(found) > LONGEST:
        raise Unfit(f"a text of at most {LONGEST} signs")
    return found


def readers(home: str) -> dict[str, Read]:
    """How each setting is read."""
    return {
        "port": whole(0, 65_535),
        "host": filled,
        "db": path_from(home),
        "auth": one_of("auto", "always", "off"),
        "allowed_hosts": names,
        "allowed_origins": origins,
        "timezone": zone,
        "start_of_week": weekday,
        "claude_config_dir": text,
        "prices": path_text_from(home),
        "price_overrides": rates,
        "open_browser": truth,
        "ws_path": route,
        "heartbeat_interval": whole(100, 3_600_000),
        "batch_interval": whole(0, 60_000),
        "batch_size": whole(1, 10_000),
        "log_level": one_of("debug", "info", "warning", "error"),
        "limit_tokens": whole(1, MOST_TOKENS),
        "limit_cost": dollars(0.01, MOST_DOLLARS),
        "alert_rules": alert_rules,
        "quiet_hours": quiet_hours,
        "alert_webhooks": alert_webhooks,
        "statusline": status_line,
        "statusline_color": truth,
    }


def wrong(name: str, said: object, origin: str, needed: Unfit) -> ConfigError:
    """What to tell a person about a value that does not fit."""
    if name in SECRET:
        return ConfigError(f"{name} cannot be like this (from {origin})", f"it takes {needed}")
    shown = repr(said) if len(repr(said)) < 60 else repr(said)[:57] + "..."
    return ConfigError(f"{name} cannot be {shown} (from {origin})", f"it takes {needed}")
