"""Who wins, what is refused, and what is said about it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.config.errors import ConfigError
from moonlock.config.load import load
from moonlock.config.settings import OLDER_NAMES, SETTINGS, Config
from moonlock.config.values import readers
from moonlock.model.channel import Webhook
from moonlock.model.manual import Budget
from moonlock.model.rule_change import RuleChange

EXAMPLES: dict[str, tuple[object, str]] = {
    "port": (4000, "4000"),
    "host": ("0.0.0.0", "0.0.0.0"),
    "db": (Path("/srv/m.db"), "/srv/m.db"),
    "auth": ("always", "always"),
    "allowed_hosts": (("desk", "desk.lan"), "desk, desk.lan"),
    "allowed_origins": (("http://localhost:5173",), "http://localhost:5173"),
    "timezone": ("Europe/Berlin", "Europe/Berlin"),
    "start_of_week": ("sunday", "Sun"),
    "claude_config_dir": ("/a,/b", "/a,/b"),
    "prices": ("/srv/prices.json", "/srv/prices.json"),
    "price_overrides": ({"m": {"input": 1.0, "output": 2.0}}, '{"m": {"input": 1, "output": 2}}'),
    "open_browser": (False, "no"),
    "ws_path": ("/live", "/live"),
    "heartbeat_interval": (5000, "5000"),
    "batch_interval": (250, "250"),
    "batch_size": (10, "10"),
    "log_level": ("debug", "DEBUG"),
    "limit_tokens": (20_000_000, "20000000"),
    "limit_cost": (12.5, "$12.50"),
    "alert_rules": ({"budget-80": RuleChange(threshold=0.7)}, '{"budget-80": {"threshold": 0.7}}'),
    "quiet_hours": ("22:00-07:00", "22:00 - 7:00"),
    "alert_webhooks": (
        (Webhook(url="https://a.example/x"), Webhook(url="https://b.example/?k=1")),
        "https://a.example/x, https://b.example/?k=1",
    ),
    "statusline": ("{ctx} of {name}", "{ctx} of {name} "),
    "statusline_color": (True, "yes"),
}


def loaded(env: dict[str, str], flags: dict[str, object] | None = None, home: Path = Path("/nowhere")) -> Config:
    return load(flags or {}, env, home)


def test_every_setting_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(SETTINGS)


def test_a_setting_is_what_can_be_said_and_what_is_kept() -> None:
    assert tuple(readers("")) == SETTINGS
    assert {*SETTINGS, "places", "origins"} == {*Config.__struct_fields__}


def test_without_anything_said_every_setting_has_its_default() -> None:
    known = loaded({})
    assert (known.port, known.host, known.auth, known.open_browser) == (3001, "127.0.0.1", "auto", True)
    assert set(known.origins.values()) == {"default"}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_can_be_given_in_the_environment(name: str) -> None:
    value, text = EXAMPLES[name]
    known = loaded({f"MOONLOCK_{name.upper()}": text})
    assert (getattr(known, name), known.origins[name]) == (value, f"MOONLOCK_{name.upper()}")


@pytest.mark.parametrize(("name", "older"), [(name, older) for name, found in OLDER_NAMES.items() for older in found])
def test_every_older_name_is_honoured(name: str, older: str) -> None:
    value, text = EXAMPLES[name]
    known = loaded({older: text})
    assert (getattr(known, name), known.origins[name]) == (value, older)


def test_the_older_name_of_a_settings_file_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text("port: 4321\n")
    assert loaded({"TOKEN_MONITOR_CONFIG": str(tmp_path / "old.yaml")}).port == 4321


PLACES_OF_A_PORT = ("flag", "own", "older", "file")


@pytest.mark.parametrize(
    "said", [each for size in range(5) for each in itertools.combinations(PLACES_OF_A_PORT, size)], ids="-".join
)
def test_flag_beats_own_name_beats_older_name_beats_file_beats_default(said: tuple[str, ...], tmp_path: Path) -> None:
    ports = {"flag": 4001, "own": 4002, "older": 4003, "file": 4004}
    if "file" in said:
        (tmp_path / "config.yaml").write_text("port: 4004\n")
    env = {"MOONLOCK_HOME": str(tmp_path)}
    env |= {"MOONLOCK_PORT": "4002"} if "own" in said else {}
    env |= {"PORT": "4003"} if "older" in said else {}
    known = loaded(env, {"port": 4001} if "flag" in said else {"port": None})
    origins = {"flag": "--port", "own": "MOONLOCK_PORT", "older": "PORT", "file": str(tmp_path / "config.yaml")}
    assert known.port == (ports[said[0]] if said else 3001)
    assert known.origins["port"] == (origins[said[0]] if said else "default")


def test_the_more_particular_of_two_older_names_wins() -> None:
    assert loaded({"DB_PATH": "/a.db", "TOKEN_MONITOR_DB": "/b.db"}).db == Path("/b.db")


def test_a_limit_of_money_is_kept_in_whole_micro_dollars(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("limit_cost: 0.29\nlimit_tokens: null\n")
    assert loaded({"MOONLOCK_HOME": str(tmp_path)}).limit == Budget(None, 290_000)
    assert loaded({}).limit == Budget()


def test_an_empty_variable_says_nothing() -> None:
    assert loaded({"MOONLOCK_PORT": "", "PORT": ""}).port == 3001


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("MOONLOCK_PROT", "MOONLOCK_PORT"),
        ("MOONLOCK_ALLOWED_HOST", "MOONLOCK_ALLOWED_HOSTS"),
        ("MOONLOCK_HOMES", "MOONLOCK_HOME"),
        ("MOONLOCK_PRICE", "MOONLOCK_PRICES"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_known_one(wrong: str, right: str) -> None:
    with pytest.raises(ConfigError, match=wrong) as refused:
        loaded({wrong: "1"})
    assert refused.value.hint == f"did you mean {right}?"
    assert refused.value.code == "unknown_setting"


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("tiemzone: UTC\n")
    with pytest.raises(ConfigError, match=r"tiemzone in .*config\.yaml") as refused:
        loaded({"MOONLOCK_HOME": str(tmp_path)})
    assert refused.value.hint == "did you mean timezone?"


@pytest.mark.parametrize("name", ["MOONLOCK_HOME", "MOONLOCK_PRICES", "MOONLOCK_WEB", "MOONLOCK_NODE"])
def test_names_that_say_where_things_lie_or_how_to_build_are_known(name: str) -> None:
    loaded({name: "/tmp/x"})


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"PORT": "tcp://1"}, "port cannot be 'tcp://1' (from PORT)"),
        ({"MOONLOCK_PORT": "70000"}, "port cannot be '70000' (from MOONLOCK_PORT)"),
        ({"MOONLOCK_PORT": "-1"}, "port cannot be"),
        ({"MOONLOCK_LIMIT_TOKENS": "0"}, "limit_tokens cannot be '0'"),
        ({"MOONLOCK_LIMIT_COST": "0"}, "limit_cost cannot be '0'"),
        ({"MOONLOCK_LIMIT_COST": "-5"}, "limit_cost cannot be '-5'"),
        ({"MOONLOCK_LIMIT_COST": "1e3"}, "limit_cost cannot be '1e3'"),
        ({"MOONLOCK_LIMIT_COST": "."}, "limit_cost cannot be '.'"),
        ({"MOONLOCK_LIMIT_COST": "1000000.01"}, "limit_cost cannot be '1000000.01'"),
        ({"MOONLOCK_AUTH": "alwas"}, "auth cannot be"),
        ({"MOONLOCK_TIMEZONE": "Europe/Berln"}, "timezone cannot be"),
        ({"MOONLOCK_TIMEZONE": "Europe"}, "timezone cannot be"),
        ({"MOONLOCK_TIMEZONE": "../../etc/passwd"}, "timezone cannot be"),
        ({"MOONLOCK_START_OF_WEEK": "someday"}, "start_of_week cannot be 'someday' (from MOONLOCK_START_OF_WEEK)"),
        ({"MOONLOCK_START_OF_WEEK": "t"}, "start_of_week cannot be 't'"),
        ({"MOONLOCK_OPEN_BROWSER": "perhaps"}, "open_browser cannot be"),
        ({"MOONLOCK_ALLOWED_ORIGINS": "https://*.example"}, "allowed_origins cannot be"),
        ({"MOONLOCK_ALLOWED_ORIGINS": "localhost:5173"}, "allowed_origins cannot be"),
        ({"MOONLOCK_PRICE_OVERRIDES": "{"}, "price_overrides cannot be"),
        ({"MOONLOCK_PRICE_OVERRIDES": '{"m": {"inptu": 1}}'}, "price_overrides cannot be"),
        ({"MOONLOCK_PRICE_OVERRIDES": '{"m": {"input": 1}}'}, "price_overrides cannot be"),
        ({"MOONLOCK_WS_PATH": "ws"}, "ws_path cannot be"),
        ({"MOONLOCK_BATCH_SIZE": "0"}, "batch_size cannot be"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_origin(env: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(env)
    assert refused.value.message.startswith(said)
    assert refused.value.hint.startswith("it takes ")


def test_a_misspelt_zone_or_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as zone:
        loaded({"MOONLOCK_TIMEZONE": "Europe/Berln"})
    assert "Europe/Berlin" in zone.value.hint
    with pytest.raises(ConfigError) as word:
        loaded({"MOONLOCK_AUTH": "alwas"})
    assert "did you mean always?" in word.value.hint


@pytest.mark.parametrize(("said", "day"), [("Sunday", "sunday"), ("TU", "tuesday"), (" sat ", "saturday")])
def test_a_day_of_the_week_may_be_cut_short(said: str, day: str) -> None:
    assert loaded({"MOONLOCK_START_OF_WEEK": said}).start_of_week == day


@pytest.mark.parametrize(
    ("said", "meant"), [("Mondya", "mean monday?"), ("s", "mean saturday or sunday?"), ("3", "such as monday")]
)
def test_a_day_that_is_none_or_that_may_be_two_is_refused_with_those(said: str, meant: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded({"MOONLOCK_START_OF_WEEK": said})
    assert meant in refused.value.hint


@pytest.mark.parametrize("text", ["port: [1", "- port\n- host\n", "just words", "\x00"])
def test_a_file_that_is_no_list_of_settings_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        loaded({"MOONLOCK_HOME": str(tmp_path)})


def test_an_empty_file_and_an_empty_value_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("# nothing yet\nport:\n")
    assert loaded({"MOONLOCK_HOME": str(tmp_path)}).origins["port"] == "default"


def test_a_bare_off_in_the_file_means_off(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("auth: off\nopen_browser: off\n")
    known = loaded({"MOONLOCK_HOME": str(tmp_path)})
    assert (known.auth, known.open_browser) == ("off", False)


def test_a_settings_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MOONLOCK_CONFIG"):
        loaded({"MOONLOCK_CONFIG": str(tmp_path / "none.yaml")})


@given(st.dictionaries(st.sampled_from(SETTINGS), st.text(max_size=20), max_size=4))
def test_whatever_is_said_is_taken_or_refused_in_words(said: dict[str, str]) -> None:
    env = {f"MOONLOCK_{name.upper()}": text for name, text in said.items()}
    try:
        known = loaded(env)
    except ConfigError as refused:
        assert refused.message and refused.hint
    else:
        assert {name for name, origin in known.origins.items() if origin != "default"} == {
            name for name, text in said.items() if text
        }
