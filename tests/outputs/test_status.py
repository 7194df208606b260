"""Now in one line: what it says, what it leaves out, and that nothing it is given breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, iso
from moonlock.outputs.status import left, line

NOW = 1_790_000_000_000
USED = {"tokens": {"total": 2_310_000}, "costUsd": 2.14, "requests": 61, "unpricedTokens": 0}
SESSION = {
    **USED,
    "id": "a1",
    "name": None,
    "project": "payments-api",
    "status": "waiting",
    "state": {"tool": "Bash", "certain": True, "waitingFor": "permission"},
    "context": {"share": 0.71, "assumed": False},
}
QUOTA = {
    "windows": [
        {"name": "five_hour", "usedPercentage": 68.4, "resetsAt": iso(NOW + 97 * MINUTE), "source": "official"},
        {"name": "seven_day", "usedPercentage": 54, "resetsAt": None, "source": "estimated"},
        {"name": "seven_day_opus", "usedPercentage": None, "resetsAt": None, "source": "official"},
    ]
}
BLOCK = {**USED, "isActive": True, "endAt": iso(NOW + HOUR)}


def said(**told: object) -> str:
    return line({"source": "server", **told}, NOW)


def test_everything_that_is_known_stands_in_one_line() -> None:
    forecast = {"tokens": {"expected": 13_900_000}, "costUsd": {"expected": 11.4}}
    assert said(session=SESSION, quota=QUOTA, block=BLOCK, forecast=forecast, today=USED).split(" · ") == [
        *("payments-api needs approval Bash", "2.31M $2.14", "ctx 71%", "5h 68% 1h37m left", "7d ~54% of usual"),
        *("block 2.31M $2.14 1h00m left", "ends near 13.9M $11.40", "today 2.31M $2.14"),
    ]


def test_what_it_set_out_to_do_stands_behind_the_context() -> None:
    aims = {"done": 2, "total": 5, "current": "Read the tests of the parser, and mend it"}
    assert " · ctx 71% · 2/5 Read the tests of the parser, a… · " in said(
        session={**SESSION, "objectives": aims}, today=USED
    )
    assert said(session={**SESSION, "objectives": {**aims, "current": None}}).endswith(" · 2/5")
    assert said(session={**SESSION, "objectives": {"done": 0, "total": 0}}).endswith(" · ctx 71%")


def test_without_a_server_a_limit_says_how_long_ago_it_was_told() -> None:
    window = {"name": "five_hour", "usedPercentage": 90, "source": "official", "ageMs": 2 * HOUR}
    assert "5h 90%, said 2h00m ago" in said(quota={"windows": [window]}, source="store")
    assert said(quota={"windows": [window]}).endswith("5h 90%")


def test_what_is_not_known_is_left_out() -> None:
    assert said() == "no session"
    assert said(session={**SESSION, "context": None, "status": None, "state": None}) == "payments-api · 2.31M $2.14"


def test_money_is_a_lower_bound_where_a_part_has_no_price_and_unknown_where_nothing_has() -> None:
    assert said(today={**USED, "unpricedTokens": 5}) == "no session · today 2.31M ≥ $2.14"
    assert said(today={**USED, "costUsd": None}) == "no session · today 2.31M -"


def test_a_guess_is_marked_as_one() -> None:
    unsure = {**SESSION, "status": "running", "state": {"tool": "Bash", "certain": False}, "context": None}
    assert said(session=unsure).startswith("payments-api running Bash?")
    assert "ctx ~71%" in said(session={**SESSION, "context": {"share": 0.71, "assumed": True}})


def test_a_tool_says_on_what_it_works_and_of_a_long_path_its_end() -> None:
    state = {"tool": "Edit", "target": "src/app.py", "certain": True}
    told = said(session={**SESSION, "status": "running", "state": state})
    assert told.startswith("payments-api running Edit src/app.py ·")
    deep = {**state, "target": "src/" + "deep/" * 20 + "app.py"}
    told = said(session={**SESSION, "status": "running", "state": deep})
    assert "running Edit …" in told and "deep/app.py ·" in told
    assert said(session={**SESSION, "status": "idle", "state": state}).startswith("payments-api idle ·")


def test_an_estimate_is_a_share_of_ones_own_habit_and_a_limit_of_ones_own_is_marked() -> None:
    window = {"name": "five_hour", "usedPercentage": 5_289, "source": "estimated"}
    assert said(quota={"windows": [window]}).endswith("5h ~53x of usual")
    assert said(quota={"windows": [{**window, "usedPercentage": 20, "source": "configured"}]}).endswith("5h ~20%")


def test_a_limit_that_may_not_last_says_how_likely_that_is() -> None:
    window = {"name": "five_hour", "usedPercentage": 90, "source": "official", "overrunProbability": 0.42}
    assert "5h 90%, 42% to run out" in said(quota={"windows": [window]})
    assert "run out" not in said(quota={"windows": [{**window, "overrunProbability": 0.05}]})


@pytest.mark.parametrize(
    ("status", "waiting_for", "word"),
    [
        ("waiting", "question", "has a question"),
        ("waiting", "prompt", "your turn"),
        ("waiting", None, "your turn"),
        ("idle", None, "idle"),
    ],
)
def test_a_session_says_what_it_waits_for(status: str, waiting_for: str | None, word: str) -> None:
    state = {"tool": None, "certain": True, "waitingFor": waiting_for}
    assert said(session={**SESSION, "status": status, "state": state}).startswith(f"payments-api {word} ·")


def test_old_and_invented_figures_are_called_so() -> None:
    assert line({"source": "store", "ageMs": 3 * HOUR}, NOW) == "not live, 3h00m old · no session"
    assert said(simulation=True) == "simulation · no session"
    assert "moonlock doctor" in line({"source": "none", "trouble": "It is damaged."}, NOW)


def test_a_window_that_is_over_says_nothing_of_time_left() -> None:
    assert said(block={**BLOCK, "endAt": iso(NOW - 1)}) == "no session · block 2.31M $2.14"
    assert said(block={**BLOCK, "isActive": False}) == "no session"


def test_a_name_that_a_terminal_would_obey_is_shown_harmless_and_short() -> None:
    line_of = said(session={**SESSION, "name": "\x1b[31mred\u202e\n" + "x" * 100})
    assert line_of.isprintable() and len(line_of.split(" needs")[0]) <= 32


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(-1, "0s"), (41 * SECOND, "41s"), (59 * MINUTE, "59m"), (2 * HOUR + 5 * MINUTE, "2h05m"), (3 * DAY, "3d0h")],
)
def test_time_left_has_two_units(milliseconds: int, text: str) -> None:
    assert left(milliseconds) == text


NAMES = st.sampled_from(
    (
        *("session", "quota", "windows", "block", "forecast", "today", "tokens", "total", "costUsd", "state", "status"),
        *("isActive", "endAt", "usedPercentage", "context", "share", "name", "tool", "ageMs", "source", "expected"),
        "target",
    )
)
VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
PART = st.dictionaries(NAMES, VALUE, max_size=4)
ANYTHING = VALUE | PART | st.lists(PART | VALUE, max_size=2) | st.dictionaries(NAMES, PART, max_size=2)


@given(st.dictionaries(NAMES, ANYTHING, max_size=5))
def test_whatever_a_server_says_a_line_comes_of_it(told: dict[str, object]) -> None:
    assert "\n" not in line(told, NOW)
