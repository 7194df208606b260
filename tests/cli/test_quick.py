"""The warm report: what it may load, that it reads nothing again, and that it misses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.running import answer, log, moonlock, moonlock_at
from hypothesis import given
from hypothesis import strategies as st
from serving import environment, serving

from moonlock.cli.asked import REPORTS, plain
from moonlock.cli.asking import OF_NOW
from moonlock.cli.known import SUFFIX, fingerprint, look, note
from moonlock.cli.quick import answered
from moonlock.live import clock
from moonlock.model.instant import iso
from moonlock.sources import ALL

NEVER = {
    *("click", "rich", "yaml", "msgspec", "asyncio", "litestar", "uvicorn", "http.client", "socket", "ssl", "logging"),
    *("typing", "typing_extensions", "pathlib", "contextlib", "re", "dataclasses", "enum", "functools", "hashlib"),
    *("difflib", "platformdirs", "subprocess", "importlib.metadata", "tempfile", "inspect", "urllib.parse"),
    *("threading", "multiprocessing", "zlib"),
    *("moonlock.sources", "moonlock.live.catchup", "moonlock.live.engine", "moonlock.server", "moonlock.cli.door"),
    *("moonlock.analytics.prices", "moonlock.analytics.cost", "moonlock.cli.catching", "moonlock.cli.report"),
    *("moonlock.store.append", "moonlock.store.lock", "moonlock.store.reports", "moonlock.store.writing"),
    *("moonlock.cli.fresh", "moonlock.analytics.sessions", "moonlock.store.sessions", "moonlock.store.places"),
    *("moonlock.config.settings", "moonlock.model.tokens", "moonlock.model.report", "moonlock.outputs.table"),
}
OF_DAYS = {"datetime", "moonlock.cli.days", "moonlock.model.instant"}
OF_SETTINGS = {"moonlock.config.values"}
MOST_MODULES = 80
"""In all, with those of the interpreter; a new one costs about half a millisecond."""


def loaded(home: Path, *args: str, **env: str) -> set[str]:
    """What the program loads beyond what a bare interpreter has loaded before its first line."""
    code = (
        "import sys, os\n"
        "bare = set(sys.modules)\n"
        f"sys.argv = ['moonlock', *{args!r}]\n"
        "leave = os._exit\n"
        "here = os.getpid()\n"
        "told = lambda: os.getpid() == here and sys.stderr.write('\\n'.join({*sys.modules} - bare))\n"
        "os._exit = lambda status: (told(), leave(status))\n"
        "from moonlock.cli import main\n"
        "main()"
    )
    known = {**environment(home), "TZ": "UTC", **env}
    done = subprocess.run([sys.executable, "-c", code], env=known, capture_output=True, text=True, check=True)
    return set(done.stderr.split("\n"))


def totals(home: Path, *args: str, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moonlock(home, "usage", "--json", *args, env=env).out)
    return found


def holds(noted: str, prices: str) -> bool:
    begun = look(noted, prices, {})
    return begun is not None and begun.holds()


def is_quick(home: Path, *args: str, **env: str) -> bool:
    return "moonlock.sources" not in loaded(home, "usage", "--json", *args, **env)


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    moonlock(tmp_path, "usage", "--json")
    return tmp_path


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which every kind of report has more than one row."""
    home = tmp_path_factory.mktemp("peopled")
    shell = {"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": "ls"}}
    log(home, answer(1, "2026-10-05T10:00:00.000Z", content=[shell], gitBranch="main"))
    log(home, answer(2, "2026-10-06T01:00:00.000Z", (1, 2, 3, 4), "mystery-model", gitBranch="fix/é"))
    beta = answer(3, "2026-10-06T23:00:00.000Z", (7, 8, 9, 10), sessionId=SECOND, cwd="/w/beta")
    log(home, beta, session=SECOND, folder="-w-beta")
    moonlock(home, "sync")
    return home


@pytest.mark.parametrize(
    "args",
    [
        ("usage", "--json"),
        ("usage", "daily", "--json", "--order", "desc"),
        *(("usage", report, "--json") for report in REPORTS),
    ],
    ids=" ".join,
)
def test_a_report_loads_the_driver_of_the_store_and_next_to_nothing_else(warm: Path, args: tuple[str, ...]) -> None:
    found = loaded(warm, *args)
    assert found >= {"apsw", "moonlock.store.answers", "moonlock.live.usage_json"}
    assert not (NEVER | OF_DAYS | OF_SETTINGS | {"zoneinfo", "json"}) & found
    assert ("moonlock.live.clock" in found) == (not OF_NOW.isdisjoint(args))
    assert len(found) <= MOST_MODULES - 20


@pytest.mark.parametrize("args", [("--since", "2026-01-01"), ("--last", "7d"), ("--timezone", "UTC")], ids=" ".join)
def test_days_and_settings_are_loaded_when_there_are_any(warm: Path, args: tuple[str, ...]) -> None:
    found = loaded(warm, "usage", "--json", *args)
    assert not (NEVER | {"zoneinfo", "json"}) & found
    assert len(found) <= MOST_MODULES - 15


def test_a_zone_costs_the_zone_data_and_nothing_else(warm: Path) -> None:
    found = loaded(warm, "usage", "--json", "--timezone", "Europe/Berlin")
    assert "zoneinfo" in found
    assert not {name for name in NEVER & found if name.startswith("moonlock")}
    assert "msgspec" not in found


def test_a_block_that_runs_costs_the_library_of_dates_and_no_more(tmp_path: Path) -> None:
    log(tmp_path, answer(1, iso(clock.now())))
    assert json.loads(moonlock(tmp_path, "usage", "blocks", "--json").out)["rows"][0]["isActive"] is True
    found = loaded(tmp_path, "usage", "blocks", "--json")
    assert found >= {"moonlock.analytics.fading", "moonlock.analytics.anchor", "datetime"}
    assert not (NEVER | {"zoneinfo", "json"}) & found


def test_an_unchanged_log_is_not_opened_again(warm: Path) -> None:
    path = log(warm)
    path.chmod(0)
    try:
        assert '"requests": 1' in moonlock(warm, "usage", "--json").out
    finally:
        path.chmod(0o600)


def test_no_answer_is_kept_and_the_store_is_all_there_is(warm: Path) -> None:
    moonlock(warm, "usage", "--json")
    kept = {path.name for path in (warm / "moonlock").rglob("*")}
    assert kept <= {"moonlock.db", "moonlock.db-wal", "moonlock.db-shm", "moonlock.db.lock"}


QUESTIONS = (
    *("", "--order desc", "--timezone Asia/Kathmandu", "--since 2026-10-06", "--breakdown", "--format json"),
    "--until 2026-10-05 --timezone America/New_York",
    *("weekly", "weekly --start-of-week sun", "monthly --timezone Europe/Berlin", "hourly --timezone Pacific/Chatham"),
    *("session", "session --order asc", "session --since 2026-10-06", "model", "project", "agent --order desc"),
    *("branch", "branch --branch main", "tool", "tool --project alpha", "model --model mystery-model,sonnet-5-5"),
    *("blocks", "blocks --recent", "blocks --active --limit max", "blocks --limit 100 --timezone Asia/Tokyo"),
    *("daily --project alpha --agent claude-code --branch=main", "session --model mystery-model --order desc"),
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_quick_and_the_full_path_write_the_same_bytes(peopled: Path, question: str) -> None:
    args = question.split()
    assert is_quick(peopled, *args)
    quick = moonlock(peopled, "usage", "--json", *args).out
    # What stands behind two dashes is unknown to the quick reader: this one goes through Click and the nouns.
    report = args.pop(0) if args and not args[0].startswith("-") else "daily"
    assert moonlock(peopled, "usage", "--json", *args, "--", report).out == quick


@pytest.mark.parametrize("question", ["session", "blocks"])
@pytest.mark.parametrize("now", ["2026-10-06T23:00:20Z", "2026-10-06T23:40:00Z", "2026-10-08T00:00:00Z"])
def test_both_paths_look_at_the_same_clock(peopled: Path, question: str, now: str) -> None:
    quick = moonlock_at(now, peopled, "usage", "--json", question).out
    assert moonlock_at(now, peopled, "usage", "--json", "--", question).out == quick


@pytest.mark.parametrize("words", ["--cost display", "--csv", "--format ccusage", "--format table"])
def test_what_the_store_does_not_have_as_it_is_goes_the_full_way(words: str) -> None:
    asked = plain(["daily", *words.split()])
    assert asked is not None
    assert answered(["daily", *words.split()]) is None


SECOND = "22222222-2222-4222-8222-222222222222"


@pytest.mark.parametrize(
    "change",
    [
        lambda home: log(home, answer(2, "2026-10-06T10:00:00.000Z")),
        lambda home: log(home, answer(2, "2026-10-06T10:00:00.000Z"), session=SECOND),
        lambda home: rewritten(log(home), answer(3, "2026-10-05T11:00:00.000Z")),
        lambda home: linked(home, answer(4, "2026-10-05T11:00:00.000Z")),
    ],
    ids=["a line more", "a log more", "another file of the same size and time", "a log behind a link"],
)
def test_whatever_happens_to_the_logs_is_in_the_next_answer(warm: Path, change: Callable[[Path], object]) -> None:
    assert is_quick(warm)
    assert totals(warm)["totals"]["requests"] == 1
    change(warm)
    assert totals(warm)["totals"]["requests"] == 2
    assert is_quick(warm)
    assert totals(warm)["totals"]["requests"] == 2


def rewritten(path: Path, line: str) -> None:
    """Another file under the same name, with the same size and the same time."""
    before = path.stat()
    draft = path.with_suffix(".new")
    draft.write_text(line + "\n")
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(path)
    assert path.stat().st_size == before.st_size


def linked(home: Path, line: str) -> None:
    (home / "elsewhere").mkdir()
    (home / "elsewhere" / f"{SECOND}.jsonl").write_text(line + "\n")
    (log(home).parent.parent / "-w-linked").symlink_to(home / "elsewhere")


def test_a_log_that_goes_and_one_that_moves_are_looked_after_once(warm: Path) -> None:
    path = log(warm)
    moved = path.with_name(f"{SECOND}.jsonl")
    for change in (lambda: path.rename(moved), moved.unlink):
        change()
        assert not is_quick(warm)
        assert totals(warm)["totals"]["requests"] == 1
        assert is_quick(warm)


def test_a_line_that_is_written_while_logs_are_read_is_seen(tmp_path: Path) -> None:
    path = log(tmp_path, answer(1, "2026-10-05T10:00:00.000Z"))
    roots = [str(tmp_path / ".claude" / "projects")]
    before = note("prices", {}, roots)
    with path.open("a") as file:
        file.write(answer(2, "2026-10-05T10:00:00.000Z") + "\n")
    assert not holds(before, "prices")
    after = note("prices", {}, roots)
    assert holds(after, "prices") and not holds(after, "other prices")


@pytest.mark.parametrize("fork", [None, lambda: os.open("/nowhere", os.O_RDONLY), lambda: child_that_ends()])
def test_where_no_other_process_looks_this_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fork: Callable[[], int] | None
) -> None:
    log(tmp_path)
    before = note("prices", {}, [str(tmp_path)])
    if fork is None:
        monkeypatch.delattr(os, "fork", raising=False)
    else:
        monkeypatch.setattr(os, "fork", fork, raising=False)
    assert holds(before, "prices")
    log(tmp_path, session=SECOND)
    assert not holds(before, "prices")


def child_that_ends() -> int:
    """The number of a process that has ended without a word."""
    return os.posix_spawn(sys.executable, [sys.executable, "-c", "pass"], os.environ)


def test_a_log_that_could_not_be_read_is_tried_each_time(warm: Path) -> None:
    path = log(warm, answer(2, "2026-10-06T10:00:00.000Z"), session=SECOND)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert totals(warm)["totals"]["requests"] == 1
    assert not is_quick(warm)
    path.chmod(0o600)
    assert totals(warm)["totals"]["requests"] == 2


def test_a_changed_price_file_and_other_rates_are_in_the_next_answer(warm: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    known = totals(warm)["totals"]["costUsd"]
    for price, cost in ((1_000_000, 100), (2_000_000, 200)):
        prices.write_text(json.dumps({"models": {"claude-sonnet-5-5": {"input": price, "output": 0}}}))
        for _ in range(2):
            assert totals(warm, MOONLOCK_PRICES=str(prices))["totals"]["costUsd"] == cost
        assert is_quick(warm, MOONLOCK_PRICES=str(prices))
    own = json.dumps({"claude-sonnet-5-5": {"input": 3_000_000, "output": 0}})
    assert totals(warm, MOONLOCK_PRICE_OVERRIDES=own)["totals"]["costUsd"] == 300
    assert totals(warm)["totals"]["costUsd"] == known


def test_whatever_is_asked_otherwise_is_answered_otherwise(warm: Path) -> None:
    first = totals(warm)
    assert totals(warm, "--timezone", "Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    assert totals(warm, MOONLOCK_TIMEZONE="Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    assert totals(warm, TZ="Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    assert totals(warm, "--since", "2026-10-06")["rows"] == []
    assert totals(warm, "--until", "2026-10-04")["rows"] == []
    (warm / "moonlock" / "config.yaml").write_text("timezone: Asia/Tokyo\n")
    assert totals(warm)["timezone"] == "Asia/Tokyo"
    (warm / "moonlock" / "config.yaml").unlink()
    assert totals(warm) == first


@pytest.mark.parametrize("name", ["CLAUDE_CONFIG_DIR", "MOONLOCK_CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME"])
def test_logs_in_another_place_are_looked_for(warm: Path, name: str) -> None:
    other = warm / "other" / ("claude" if name == "XDG_CONFIG_HOME" else "") / "projects" / "-w-beta"
    other.mkdir(parents=True)
    (other / f"{SECOND}.jsonl").write_text(answer(2, "2026-10-06T10:00:00.000Z") + "\n")
    for _ in range(2):
        assert totals(warm, **{name: str(warm / "other")})["totals"]["requests"] == 2
    assert is_quick(warm, **{name: str(warm / "other")})


def test_another_store_gives_another_answer(warm: Path) -> None:
    assert totals(warm)["totals"]["requests"] == 1
    (warm / "moonlock" / "moonlock.db").unlink()
    log(warm).unlink()
    assert totals(warm)["rows"] == []


def test_a_mistake_is_told_as_the_full_path_tells_it(warm: Path) -> None:
    for args in (("--last", "x"), ("--since", "2026-99-99"), ("--timezone", "Nowhere/Else")):
        quick = moonlock(warm, "usage", "--json", *args, status=2).out
        assert quick == moonlock(warm, "usage", "--json", *args, "--", "daily", status=2).out


def test_a_store_that_was_not_finished_is_made_and_a_damaged_one_is_told(warm: Path) -> None:
    expected, store = totals(warm), warm / "moonlock" / "moonlock.db"
    for part in ("", "-wal", "-shm"):
        store.with_name(store.name + part).unlink(missing_ok=True)
    store.touch()
    assert totals(warm) == expected
    store.write_bytes(b"x" * 5000)
    for args in ((), ("--", "daily")):
        said = json.loads(moonlock(warm, "usage", "--json", *args, status=2).out)
        assert said["error"]["code"] == "store"


def test_beside_a_server_no_log_is_looked_for(warm: Path) -> None:
    with serving(warm):
        (warm / ".claude").rename(warm / "away")
        try:
            found = loaded(warm, "usage", "--json")
            assert "moonlock.sources" not in found and "moonlock.cli.served" in found
            assert totals(warm)["totals"]["requests"] == 1
        finally:
            (warm / "away").rename(warm / ".claude")


def test_links_that_lead_back_end_and_a_changed_log_behind_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "back").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "to").symlink_to(tmp_path / "b")
    (tmp_path / "a" / "lost.jsonl").symlink_to(tmp_path / "nowhere")
    first = fingerprint([str(tmp_path / "a")])
    (tmp_path / "b" / "x.jsonl").write_text("1")
    second = fingerprint([str(tmp_path / "a")])
    assert first != second
    assert fingerprint([str(tmp_path / "a")]) == second != fingerprint([str(tmp_path / "none")])


@given(st.text(max_size=12), st.sampled_from(["", "/memory", "/subagents"]))
def test_no_source_claims_a_file_that_the_quick_path_does_not_look_at(name: str, folder: str) -> None:
    path = f"/home/x/.claude/projects/-w{folder}/{name}"
    assert path.endswith(SUFFIX) or not any(source.claims(path) for source in ALL)


@pytest.mark.parametrize("name", ["two\nlines", "lone \udc80 byte"])
def test_what_cannot_be_noted_makes_a_note_that_never_holds(name: str, tmp_path: Path) -> None:
    assert note("prices", {}, [name]) == ""
    assert not holds("", "")
