"""What may be said of alerts: rules, quiet hours, and whom to call. Loads nothing but words for mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moonlock.config.errors import nearest
from moonlock.config.values import Unfit, truth, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.channel import Webhook

Said = bool | float | int | str
RULE_IDS = (
    *("budget-80", "budget-95", "overrun", "time-to-limit", "quota-80", "quota-95", "quota-pace", "anomaly"),
    *("context-high", "cache-lost", "waiting", "session-error", "source-silent", "store-trouble"),
)
"""Every rule there is; ``analytics`` has what they do, and a test holds the two together."""
SEVERITIES = ("info", "warning", "error")
LONGEST_TIME, LARGEST, LONGEST_URL, LONGEST_SECRET = 86_400_000, 1e12, 2_000, 200
MOST_WEBHOOKS = 10
WEBHOOK_FIELDS = ("url", "secret", "allow_private")


def rules(said: object) -> dict[str, dict[str, Said]]:
    """By rule, what is to be another than its default."""
    if isinstance(said, str):
        import json

        try:
            said = json.loads(said)
        except ValueError:
            raise Unfit('JSON such as {"budget-80": {"threshold": 0.7}}') from None
    if not isinstance(said, dict):
        raise Unfit("rules with what is to be changed of each")
    for rule in said:
        if rule not in RULE_IDS:
            raise Unfit(f"rules among {', '.join(RULE_IDS)} (not {rule!r}{_meant(rule, RULE_IDS)})")
    return {str(rule): _changes(str(rule), table) for rule, table in said.items()}


def quiet_hours(said: object) -> str:
    """Two times of day, or nothing."""
    text = said.strip() if isinstance(said, str) else said
    if text == "":
        return ""
    from moonlock.model import quiet

    found = quiet.hours(text) if isinstance(text, str) else None
    if found is None:
        raise Unfit('two times of day such as "22:00-07:00", or nothing')
    return quiet.text(found)


def webhooks(said: object) -> tuple[dict[str, Said], ...]:
    """Addresses, as a text with commas; a list, which is the settings file's, may say more of each."""
    found = [part.strip() for part in said.split(",") if part.strip()] if isinstance(said, str) else said
    if not isinstance(found, list | tuple) or len(found) > MOST_WEBHOOKS:
        raise Unfit(f"a list of up to {MOST_WEBHOOKS} addresses such as https://example.org/hook")
    return tuple(_webhook(f"webhook-{number}", each) for number, each in enumerate(found, 1))


def shown_webhooks(kept: Iterable[Webhook]) -> list[dict[str, str | bool]]:
    """What may be shown of them: no secret, nor what may be one."""
    return [
        {
            "id": f"webhook-{number}",
            "url": shown_url(hook.url),
            "signed": bool(hook.secret),
            "allow_private": hook.allow_private,
        }
        for number, hook in enumerate(kept, 1)
    ]


def shown_url(url: str) -> str:
    """Which machine an address names: user and password, query and path may hold keys, and often do."""
    from urllib.parse import urlsplit

    found = urlsplit(url)
    more = found.path.strip("/") or found.query
    return f"{found.scheme}://{found.netloc.rpartition('@')[2]}{'/…' if more else ''}"


def _changes(rule: str, table: object) -> dict[str, Said]:
    if not isinstance(table, dict):
        raise Unfit(f"for {rule} some of {', '.join(_READ)}")
    return {str(field): _change(rule, field, value) for field, value in table.items()}


def _change(rule: str, field: object, value: object) -> Said:
    if field not in _READ:
        raise Unfit(f"for {rule} some of {', '.join(_READ)} (not {field!r}{_meant(field, _READ)})")
    try:
        return _READ[str(field)](value)
    except Unfit as needed:
        raise Unfit(f"for {field} of {rule} {needed} (not {value!r})") from None


def _number(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= LARGEST:
        raise Unfit("a number that is not negative")
    return float(said)


def _time(said: object) -> int:
    try:
        return int(str(whole(0, LONGEST_TIME)(said)))
    except Unfit:
        raise Unfit(f"milliseconds up to a day, {LONGEST_TIME}") from None


def _severity(said: object) -> str:
    if said not in SEVERITIES:
        raise Unfit(f"one of {', '.join(SEVERITIES)}")
    return str(said)


def _meant(said: object, known: Iterable[str]) -> str:
    close = nearest(str(said), known)
    return f", did you mean {close}?" if close else ""


def _webhook(name: str, said: object) -> dict[str, Said]:
    """What does not fit is never repeated: it may hold a key."""
    table = {"url": said} if isinstance(said, str) else said
    if not isinstance(table, dict) or "url" not in table:
        raise Unfit(f"for {name} an address, or a table with url, secret and allow_private")
    for field in table:
        if field not in WEBHOOK_FIELDS:
            raise Unfit(
                f"for {name} some of {', '.join(WEBHOOK_FIELDS)} (not {field!r}{_meant(field, WEBHOOK_FIELDS)})"
            )
    private = truth(table.get("allow_private", False))
    secret = table.get("secret") or ""
    if not isinstance(secret, str) or len(secret) > LONGEST_SECRET or not secret.isprintable():
        raise Unfit(f"as secret of {name} a text of up to {LONGEST_SECRET} characters")
    return {"url": _url(name, table["url"], private), "secret": secret, "allow_private": private}


def _url(name: str, said: object, private: bool) -> str:
    from urllib.parse import urlsplit

    if not isinstance(said, str) or len(said) > LONGEST_URL or not all(32 < ord(sign) < 127 for sign in said):
        raise Unfit(f"for {name} an address in ASCII without blanks")
    try:
        found = urlsplit(said)
        complete = bool(found.hostname) and found.port != 0
    except ValueError:
        complete = False
    if not complete or found.fragment or found.scheme not in ("https", "http"):
        raise Unfit(f"for {name} an address such as https://example.org/hook")
    if found.scheme == "http" and not private:
        raise Unfit(f"for {name} https; plain http needs allow_private: true in the settings file")
    return said


_READ: dict[str, Callable[[object], Said]] = {
    "enabled": truth,
    "threshold": _number,
    "clear": _number,
    "hold": _time,
    "cooldown": _time,
    "severity": _severity,
}
