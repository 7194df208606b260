"""Who said what: flag, environment, older name, file or default, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from moonlock.config.errors import ConfigError, nearest
from moonlock.config.places import Places, places, with_store
from moonlock.config.settings import CONFIG_FILE_NAMES, NOT_SETTINGS, OLDER_NAMES, SETTINGS, Config
from moonlock.config.values import Unfit, readers, wrong

PREFIX = "MOONLOCK_"
Said = dict[str, tuple[object, str]]
"""Setting -> (what was said, where)."""


def load(flags: Mapping[str, object], env: Mapping[str, str], home: Path) -> Config:
    """The settings in force; a flag that is None was not given, an empty variable neither."""
    _refuse_unknown(env)
    own = _with_config_file(places(env, home), env, home)
    said: Said = {
        **_from_file(own.config_file),
        **_from_older_names(env),
        **_from_env(env),
        **{name: (value, _flag(name)) for name, value in flags.items() if value is not None},
    }
    read = readers(home)
    values: dict[str, object] = {}
    for name, (value, origin) in said.items():
        try:
            values[name] = read[name](value)
        except Unfit as needed:
            raise wrong(name, value, origin, needed) from None
    origins = {name: said[name][1] if name in said else "default" for name in SETTINGS}
    store = values.get("db", own.store)
    values.update(db=store, places=with_store(own, Path(str(store))), origins=origins)
    return msgspec.convert(values, Config)


def _flag(name: str) -> str:
    return "--no-browser" if name == "open_browser" else "--" + name.replace("_", "-")


def _from_env(env: Mapping[str, str]) -> Said:
    found: Said = {}
    for name in SETTINGS:
        key = PREFIX + name.upper()
        if value := env.get(key):
            found[name] = (value, key)
    return found


def _from_older_names(env: Mapping[str, str]) -> Said:
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
    hint = f"did you mean {close}?" if close else "`moonlock config show` lists every setting"
    return ConfigError(f"unknown setting {name} in {where}", hint, code="unknown_setting")


def _with_config_file(own: Places, env: Mapping[str, str], home: Path) -> Places:
    """Another settings file may be named; then it has to be there."""
    for key in CONFIG_FILE_NAMES:
        if named := env.get(key):
            path = home / named[2:] if named.startswith("~/") else Path(named).absolute()
            if not path.is_file():
                raise ConfigError(f"no settings file at {path} (from {key})", f"create it, or unset {key}")
            return own._replace(config_file=path)
    return own


def _from_file(path: Path) -> Said:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as trouble:
        raise ConfigError(f"cannot read {path}: {trouble}", "make it readable UTF-8 text") from trouble
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
    return {_known(name, path): (value, str(path)) for name, value in table.items() if value is not None}


def _known(name: object, path: Path) -> str:
    if not isinstance(name, str) or name not in SETTINGS:
        raise _unknown(str(name), list(SETTINGS), str(path))
    return name
