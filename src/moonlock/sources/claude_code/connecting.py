"""What connects Claude Code with Moonlock: entries of its settings file, put in and taken out again, nothing else.

The status line's command is chained, never replaced. Hooks are of type ``http``; ``SessionStart`` and ``Setup`` take no
such hook, ``MessageDisplay`` would hold back every batch of text, and ``WorktreeCreate`` expects a path for an answer.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

EVENTS = (
    *("UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure", "PermissionRequest", "PermissionDenied"),
    *("Notification", "Elicitation", "ElicitationResult", "SubagentStart", "SubagentStop"),
    *("TaskCreated", "TaskCompleted", "PreCompact", "PostCompact", "Stop", "StopFailure", "SessionEnd"),
)
"""Those that tell what a session does; each costs the agent a request to this machine."""
DOOR = "/api/hooks/claude-code"
PATIENCE = 2
"""Seconds that the agent waits for an answer."""
_BOUNDLESS = "it has a number that cannot be written again"
_INDENT = re.compile(r"\n([ \t]+)\S")
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can name it, UTF-8 cannot."""


class Unfit(ValueError):
    """Settings that cannot be changed without losing something; the text says why."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be put in."""

    program: str
    """``moonlock``, as the agent is to call it."""
    address: str
    hooks: bool = True
    token: str = ""
    """Where the server asks for it."""


def connected(text: str, wanted: Wanted) -> str:
    """The settings with our entries, everything else as it was; the same text when they are there already."""
    before = _settings(text)
    after = _without(before)
    line = after.get("statusLine")
    own = line.get("command") if isinstance(line, dict) else None
    if line is not None and not (isinstance(own, str) and line.get("type", "command") == "command"):
        raise Unfit("its statusLine is of a kind that is not known here")
    command = f"{shlex.quote(wanted.program)} statusline"
    command += f" --then {shlex.quote(own)}" if own else ""
    after["statusLine"] = {**(line or {"type": "command"}), "command": command}
    if wanted.hooks:
        _add_hooks(after, wanted)
    return text if _in_no_order(after) == _in_no_order(before) else _written(after, text)


def disconnected(text: str) -> str:
    """The settings without our entries; the same text when there are none."""
    before = _settings(text)
    after = _without(before)
    return text if after == before else _written(after, text)


def speaks(text: str) -> tuple[bool, bool]:
    """Whether the status line is ours, and whether hooks are."""
    known = _settings(text)
    hooks = known.get("hooks")
    return _is_shim(_command(known)), bool(_without({"hooks": hooks}).get("hooks") != hooks)


def obstacles(text: str) -> Sequence[str]:
    """What else stands in the settings that will keep them from speaking."""
    known = _settings(text)
    found = []
    if known.get("disableAllHooks") is True:
        found.append("disableAllHooks is true: neither the status line nor a hook runs")
    if isinstance(known.get("allowedHttpHookUrls"), list):
        found.append("allowedHttpHookUrls is set: the agent calls only the addresses in it")
    return found


def _settings(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    if text.startswith("\ufeff"):
        raise Unfit("it begins with a byte order mark")
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise Unfit("it is nested too deeply") from None
    except json.JSONDecodeError as wrong:
        why = "comments are not JSON" if _is_comment(text, wrong.pos) else "it is not valid JSON"
        raise Unfit(f"{why} (line {wrong.lineno})") from None
    except Unfit:
        raise
    except ValueError:
        raise Unfit(_BOUNDLESS) from None
    if not isinstance(found, dict) or not isinstance(found.get("hooks", {}), dict):
        raise Unfit("it is not a table of settings" if not isinstance(found, dict) else "its hooks are not a table")
    return found


def _in_no_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """For comparing: somebody may have moved our hooks before or behind their own."""
    hooks = settings.get("hooks", {})
    by_event = {event: sorted(map(json.dumps, groups)) for event, groups in hooks.items() if isinstance(groups, list)}
    return {**settings, "hooks": {**hooks, **by_event}}


def _is_comment(text: str, at: int) -> bool:
    return text[at : at + 2] in ("//", "/*") or text[max(0, at - 1) : at + 1] in ("//", "/*")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unfit("it has the same name twice in one table")
    return found


def _written(settings: Mapping[str, Any], like: str) -> str:
    """As the file was written: its indent, its last line end, its line ends."""
    found = _INDENT.search(like)
    compact = "\n" not in like.strip() and bool(like.strip())
    indent = None if compact else found[1] if found else "  "
    try:
        text = json.dumps(settings, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise Unfit(_BOUNDLESS) from None
    text = _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    text += "\n" if like.endswith("\n") or not like else ""
    return text.replace("\n", "\r\n") if "\r\n" in like else text


def _add_hooks(settings: dict[str, Any], wanted: Wanted) -> None:
    entry: dict[str, Any] = {"type": "http", "url": wanted.address + DOOR, "timeout": PATIENCE}
    if wanted.token:
        entry["headers"] = {"Authorization": f"Bearer {wanted.token}"}
    hooks = dict(settings.get("hooks", {}))
    for event in EVENTS:
        known = hooks.get(event, [])
        if not isinstance(known, list):
            raise Unfit(f"its hooks for {event} are not a list")
        hooks[event] = [*known, {"hooks": [entry]}]
    settings["hooks"] = hooks


def _without(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what is ours; a table or list that is empty then was made by us."""
    after = dict(settings)
    if _is_shim(command := _command(settings)):
        words = shlex.split(command)
        if len(words) == 4:
            after["statusLine"] = {**settings["statusLine"], "command": words[3]}
        else:
            del after["statusLine"]
    hooks = settings.get("hooks")
    if isinstance(hooks, dict):
        kept = {event: _other(groups) for event, groups in hooks.items()}
        after["hooks"] = {event: groups for event, groups in kept.items() if groups or not hooks[event]}
        if not after["hooks"] and hooks:
            del after["hooks"]
    return after


def _other(groups: Any) -> Any:
    """The groups of one event without our hooks."""
    if not isinstance(groups, list):
        return groups
    found = []
    for group in groups:
        hooks = group.get("hooks") if isinstance(group, dict) else None
        if not isinstance(hooks, list):
            found.append(group)
            continue
        kept = [hook for hook in hooks if not _is_ours(hook)]
        if len(kept) == len(hooks):
            found.append(group)
        elif kept:
            found.append({**group, "hooks": kept})
    return found


def _is_ours(hook: object) -> bool:
    url = hook.get("url") if isinstance(hook, dict) else None
    return isinstance(url, str) and url.endswith(DOOR)


def _command(settings: Mapping[str, Any]) -> str:
    line = settings.get("statusLine")
    found = line.get("command") if isinstance(line, dict) else None
    return found if isinstance(found, str) else ""


def _is_shim(command: str) -> bool:
    """Whether it is the command that we write: program, statusline, and perhaps what follows it."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    named = len(words) > 1 and words[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe") == "moonlock"
    return named and words[1] == "statusline" and (len(words) == 2 or (len(words) == 4 and words[2] == "--then"))
