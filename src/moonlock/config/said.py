"""Who said what: flag, environment, older name, file or default, in this order.

Loads neither msgspec nor pathlib: a warm report needs the settings, and has 60 ms in all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from moonlock.config import folders
from moonlock.config.errors import ConfigError, nearest

PREFIX = "MOONLOCK_"

SETTINGS = (
    *("port", "host", "db", "auth", "allowed_hosts", "allowed_origins", "timezone", "start_of_week"),
    *("claude_config_dir", "prices", "price_overrides", "open_browser", "ws_path", "heartbeat_interval"),
    *("batch_interval", "batch_size", "log_level", "limit_tokens", "limit_cost"),
    *("alert_rules", "quiet_hours", "alert_webhooks"),
    *("statusline", "statusline_color"),
)
"""Every setting: the fields of ``Config`` that a user may set."""

OLDER_NAMES: dict[str, tuple[str, ...]] = {
    "port": ("PORT",),
    "db": ("TOKEN_MONITOR_DB", "DB_PATH"),
    "ws_path": ("WS_PATH",),
    "batch_size": ("BATCH_SIZE",),
    "batch_interval": ("BATCH_INTERVAL",),
    "heartbeat_interval": ("HEARTBEAT_INTERVAL",),
    "claude_config_dir": ("CLAUDE_CONFIG_DIR",),
    "log_level": ("TOKEN_MONITOR_LOG_LEVEL",),
}
"""Names of earlier tools that are still honoured, the more particular one first."""

CONFIG_FILE_NAMES = ("MOONLOCK_CONFIG", "TOKEN_MONITOR_CONFIG")

NOT_SETTINGS = ("MOONLOCK_HOME", "MOONLOCK_CONFIG", "MOONLOCK_WEB", "MOONLOCK_NODE")
"""Names with our prefix that say something else: where things lie, and how the package is built."""

_Said = dict[str, tuple[object, str]]
"""Setting -> (what was said, where)."""


class Said:
    """What was said, as values that fit; what nobody said anything about is left out."""

    def __init__(self, values: dict[str, object], origins: dict[str, str], config_file: str) -> None:
        self.values, self.origins, self.config_file = values, origins, config_file


def said(flags: Mapping[str, object], env: Mapping[str, str], home: str) -> Said:
    """All that was said; a flag that is None was not given, an empty variable neither."""
    _refuse_unknown(env)
    file = config_file(env, home)
    found: _Said = {
        **_from_file(file),
        **_from_older_names(env),
        **_from_env(env),
        **{name: (value, _flag(name)) for name, value in flags.items() if value is not None},
    }
    origins = {name: found[name][1] if name in found else "default" for name in SETTINGS}
    return Said(_read(found, home) if found else {}, origins, file)


def _read(found: _Said, home: str) -> dict[str, object]:
    from moonlock.config.values import Unfit, readers, wrong

    read = readers(home)
    values: dict[str, object] = {}
    for name, (value, origin) in found.items():
        try:
            values[name] = read[name](value)
        except Unfit as needed:
            raise wrong(name, value, origin, needed) from None
    return values


def _flag(name: str) -> str:
    return "--no-browser" if name == "open_browser" else "--" + name.replace("_", "-")


def _from_env(env: Mapping[str, str]) -> _Said:
    found: _Said = {}
    for name in SETTINGS:
        key = PREFIX + name.upper()
        if value := env.get(key):
            found[name] = (value, key)
    return found


def _from_older_names(env: Mapping[str, str]) -> _Said:
    return {
        name: (env[key], key) for name, keys in OLDER_NAMES.items() for key in reversed(keys) if env.get(key)
    }  # reversed: the first of two names is written last and stays


def _refuse_unknown(env: Mapping[str, str]) -> None:
    for key in env:
        if not key.startswith(PREFIX) or key in NOT_SETTINGS:
            continue
        if key.removeprefix(PREFIX).lower() not in SETTINGS:
            known = [PREFIX + name.upper() for name in SETTINGS] + list(NOT_SETTINGS)
            raise _unknown(key, known, "the environment")


def _unknown(name: str, known: list[str], where: str) -> ConfigError:
    close = nearest(name, known)
    hint = f"did you mean {close}?" if close else "there are: " + ", ".join(known)
    return ConfigError(f"unknown setting {name} in {where}", hint, code="unknown_setting")


def config_file(env: Mapping[str, str], home: str) -> str:
    """Another settings file may be named; then it has to be there."""
    for key in CONFIG_FILE_NAMES:
        if named := env.get(key):
            path = folders.absolute(named, home)
            if not os.path.isfile(path):
                raise ConfigError(f"no settings file at {path} (from {key})", f"create it, or unset {key}")
            return path
    return folders.config_file(folders.folders(env, home)[0])


def _from_file(path: str) -> _Said:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as trouble:
        why = getattr(trouble, "strerror", None) or trouble
        raise ConfigError(f"cannot read {path}: {why}", "make it readable UTF-8 text") from trouble
    import yaml  # 20 ms, paid only by those who have a settings file

    try:
        table = yaml.safe_load(text)
    except yaml.YAMLError as trouble:
        where = getattr(trouble, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        raise ConfigError(f"{path}{line} is not valid YAML", "write one `name: value` on each line") from trouble
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path} is not a list of settings", "write one `name: value` on each line")
    return {_known(name, path): (value, path) for name, value in table.items() if value is not None}


def _known(name: object, path: str) -> str:
    if not isinstance(name, str) or name not in SETTINGS:
        raise _unknown(str(name), list(SETTINGS), path)
    return name
