"""The front door: help, wrong input, and how a refusal sounds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli.running import moonlock
from serving import MOONLOCK, environment

import moonlock as package
from moonlock.cli.banner import Where, banner
from moonlock.cli.door import COMMANDS
from moonlock.cli.start import wants_browser
from moonlock.config.load import load

HEAVY = {"litestar", "uvicorn", "textual", "apsw", "rich", "yaml", "asyncio", "moonlock.store", "moonlock.server"}


def loaded_by(*args: str) -> set[str]:
    """The modules that are loaded when the program ends after these words."""
    code = (
        "import sys, atexit\n"
        f"sys.argv = ['moonlock', *{args!r}]\n"
        "atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)))\n"
        "from moonlock.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize("args", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_is_given_without_server_store_or_terminal_kit(args: list[str]) -> None:
    found = loaded_by(*args)
    assert "click" in found
    assert not HEAVY & found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_within_eighty_columns(name: str, tmp_path: Path) -> None:
    text = moonlock(tmp_path, name, "--help").out
    assert text.startswith(f"Usage: moonlock {name}")
    assert max(map(len, text.splitlines())) <= 80


def test_help_lists_every_command_in_a_line(tmp_path: Path) -> None:
    text = moonlock(tmp_path, "--help").out
    for name, (_, told) in COMMANDS.items():
        assert f"{name} " in text and told in text


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert moonlock(tmp_path, "--version").out == f"moonlock {package.__version__}\n"


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["strat"], "no such command: strat", "did you mean `moonlock start`?"),
        (["start", "--prot", "4000"], "no such option: --prot", "did you mean --port?"),
        (["--no-brwser"], "no such option: --no-brwser", "did you mean --no-browser?"),
        (["usage", "--jsn"], "no such option: --jsn", "did you mean --json?"),
        (["config", "shwo"], "no such command: shwo", "did you mean `moonlock config show`?"),
        (
            ["start", "--port", "many"],
            "invalid value for '--port': 'many' is not a whole number",
            "`moonlock start --help`",
        ),
        (["start", "--port", "70000"], "invalid value for '--port'", "`moonlock start --help`"),
        (["start", "--port"], "option '--port' requires an argument", "it takes PORT: Where to listen"),
        (["usage", "daly"], "no such report: daly", "did you mean daily?"),
        (["usage", "sesion"], "no such report: sesion", "did you mean session?"),
        (["usage", "xyzzy"], "no such report: xyzzy", "there are: daily, weekly, monthly, hourly, session, blocks"),
        (["usage", "--since", "last friday"], "'last friday' is not a day (--since)", "YYYY-MM-DD, or as today"),
        (["usage", "--until", "2026-02-30"], "'2026-02-30' is not a day (--until)", "February 2026 has 28 days"),
        (["usage", "--until", "20260931"], "'20260931' is not a day (--until)", "September 2026 has 30 days"),
        (["usage", "--since", "2026-13-01"], "'2026-13-01' is not a day (--since)", "YYYY-MM-DD"),
        (["usage", "--since", "2026-02-3"], "'2026-02-3' is not a day (--since)", "YYYY-MM-DD"),
        (["usage", "--since", ""], "'' is not a day (--since)", "YYYY-MM-DD"),
        (["usage", "--since", "today", "--until", "yesterday"], "--since 2", "swap them"),
        (["usage", "--since"], "option '--since' requires an argument", "it takes DAY: From this day on"),
        (["usage", "--limit"], "option '--limit' requires an argument", "it takes N|max"),
        (["usage", "--last", "many"], "--last cannot be 'many'", "7d"),
        (["usage", "--last", "0d"], "--last cannot be '0d'", "7d"),
        (["usage", "--last", "7d", "--since", "2026-01-01"], "--last does not go with", "either"),
        (["usage", "--timezone", "Europe/Berln"], "timezone cannot be 'Europe/Berln'", "Europe/Berlin"),
        (["usage", "--start-of-week", "sundya"], "start_of_week cannot be 'sundya'", "sunday"),
        (["usage", "--cost", "ccusge"], "invalid value for '--cost': 'ccusge' is not one of", "did you mean ccusage?"),
        (["usage", "--order", "up"], "invalid value for '--order': 'up' is not one of", "`moonlock usage --help`"),
        (["usage", "--csv", "--format", "table"], "--format table and --csv contradict each other", "one format"),
        (["usage", "model", "--format", "ccusage"], "ccusage has no report by model", "daily, weekly, monthly"),
        (["usage", "--active"], "--active does not go with daily", "`moonlock usage blocks --active`"),
        (["usage", "weekly", "--recent"], "--recent does not go with weekly", "`moonlock usage blocks --recent`"),
        (["usage", "model", "--limit", "max"], "--limit does not go with model", "`moonlock usage blocks --limit`"),
        *(
            (["usage", "blocks", "--limit", said], f"--limit cannot be {said!r}", "or max")
            for said in ("0", "-5", "1.5", "many", "", "9" * 30, "٣")
        ),
        (["usage", "--project", " , "], "--project names nothing", "--project NAME,NAME"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_with_the_nearest_right_word(
    args: list[str], error: str, hint: str, tmp_path: Path
) -> None:
    said = moonlock(tmp_path, *args, status=2)
    first, second = said.err.splitlines()
    assert first.startswith(f"error: {error}")
    assert second.startswith("hint: ") and hint in second
    assert said.out == ""


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["usage", "--json", "--nope"], "usage"),
        (["usage", "--nope", "--format", "json"], "usage"),
        (["usage", "--format=json", "--until"], "usage"),
        (["usage", "yearly", "--json"], "unknown_report"),
        (["usage", "--json", "--last", "x"], "usage"),
        (["usage", "--json", "--csv"], "usage"),
        (["usage", "blocks", "--format", "json", "--limit", "0"], "usage"),
        (["usage", "--json", "--timezone", "Nowhere/Else"], "bad_setting"),
        (["doctor", "--json", "now"], "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_with_json_a_mistake_is_one_document_on_stdout(args: list[str], code: str, tmp_path: Path) -> None:
    said = moonlock(tmp_path, *args, status=2)
    error = json.loads(said.out)["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == code
    assert said.err == ""


@pytest.mark.parametrize("words", ["usage --project", "usage --timezone", "session show", "explain session", "explain"])
def test_a_mistake_is_told_without_what_a_terminal_would_obey(words: str, tmp_path: Path) -> None:
    said = moonlock(tmp_path, *words.split(), "a\x1b[2J\nerror: b", status=None).err
    assert "a" in said and "\x1b" not in said
    assert [line.partition(":")[0] for line in said.splitlines()] == ["error", "hint"]


def test_an_unknown_setting_stops_every_command_with_the_nearest_name(tmp_path: Path) -> None:
    said = moonlock(tmp_path, "start", env={"MOONLOCK_PROT": "1"}, status=2)
    assert said.err == "error: unknown setting MOONLOCK_PROT in the environment\nhint: did you mean MOONLOCK_PORT?\n"
    error = json.loads(moonlock(tmp_path, "usage", "--json", env={"MOONLOCK_PROT": "1"}, status=2).out)["error"]
    assert error["code"] == "unknown_setting"


def test_settings_are_shown_with_their_origin(tmp_path: Path) -> None:
    (tmp_path / "moonlock").mkdir()
    (tmp_path / "moonlock" / "config.yaml").write_text("auth: always\n")
    rows = {
        line.split()[0]: line for line in moonlock(tmp_path, "config", "show", env={"PORT": "4000"}).out.splitlines()
    }
    assert rows["port"].split() == ["port", "4000", "PORT"]
    assert rows["auth"].split()[1:] == ["always", str(tmp_path / "moonlock" / "config.yaml")]
    assert rows["host"].split()[1:] == ["127.0.0.1", "default"]
    told = json.loads(moonlock(tmp_path, "config", "show", "--json").out)
    assert told["settings"]["port"] == {"value": 3001, "origin": "default"}


def test_the_path_of_the_settings_file_is_printed_whether_it_exists_or_not(tmp_path: Path) -> None:
    file = tmp_path / "moonlock" / "config.yaml"
    assert moonlock(tmp_path, "config", "path").out.strip() == str(file)
    file.parent.mkdir()
    file.write_text("port: [1")
    assert moonlock(tmp_path, "config", "path").out.strip() == str(file)  # it is needed most when the file is wrong


def test_an_unknown_setting_that_is_like_none_tells_all_there_are(tmp_path: Path) -> None:
    (tmp_path / "moonlock").mkdir()
    (tmp_path / "moonlock" / "config.yaml").write_text("zzzzzz: 1\n")
    said = moonlock(tmp_path, "config", "show", status=2)
    assert "hint: there are: port, host, " in said.err


def test_a_group_without_its_command_shows_its_help(tmp_path: Path) -> None:
    said = moonlock(tmp_path, "config", status=2)
    assert said.err.startswith("Usage: moonlock config") and said.out == ""


def test_the_token_stays_until_it_is_rotated(tmp_path: Path) -> None:
    first = moonlock(tmp_path, "token").out
    assert moonlock(tmp_path, "token").out == first
    second = moonlock(tmp_path, "token", "rotate").out
    assert first != second == moonlock(tmp_path, "token").out


def test_stopping_what_does_not_run_is_not_found(tmp_path: Path) -> None:
    said = moonlock(tmp_path, "stop", status=1)
    assert said.err == "error: no Moonlock is running\nhint: `moonlock start` starts one\n"


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, sys.platform != "linux"),
        ({"DISPLAY": ":0", "CI": "true"}, False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "1.2.3.4"}, False),
        ({"DISPLAY": ":0", "MOONLOCK_OPEN_BROWSER": "no"}, False),
    ],
    ids=str,
)
def test_a_browser_is_opened_where_a_person_can_see_it(env: dict[str, str], wanted: bool) -> None:
    known = {name: value for name, value in env.items() if name.startswith("MOONLOCK_")}
    assert wants_browser(load({}, known, Path("/home/x")), env) is wanted


def test_the_address_stands_in_the_first_line_and_everything_fits() -> None:
    text = banner(Where("http://127.0.0.1:3001", "/ws", "live, from the logs on this machine", True))
    assert text.splitlines()[0].endswith("http://127.0.0.1:3001")
    assert "ws://127.0.0.1:3001/ws" in text
    assert "moonlock token" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
@pytest.mark.parametrize("args", [("usage",), ("usage", "--json"), ("session", "list", "--json")], ids=" ".join)
def test_an_answer_that_cannot_be_written_is_a_failure_in_words(args: tuple[str, ...], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [MOONLOCK, *args], env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: No space left on device")
