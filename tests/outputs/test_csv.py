"""Reports as CSV: read back by the standard library, they say what the report says, and no cell is a formula."""

from __future__ import annotations

import csv as stdlib_csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs.samples import HAIKU, OPUS, UID, every, report, row, session, usage

from moonlock.model.report import Report
from moonlock.model.tokens import Tokens, Usage
from moonlock.outputs import csv

EVERY = every()
BASE = "key agents models inputTokens outputTokens cacheCreationTokens cacheReadTokens totalTokens costUsd requests"


def cells(made: Report, *, breakdown: bool = False) -> list[dict[str, str]]:
    return list(stdlib_csv.DictReader(io.StringIO(csv.render(made, breakdown=breakdown), newline="")))


def summed(lines: list[dict[str, str]], column: str) -> float:
    return sum(float(each[column] or 0) for each in lines)


@pytest.mark.parametrize("name", EVERY)
def test_the_first_line_names_the_columns_and_each_row_is_one_line(name: str) -> None:
    lines = csv.render(EVERY[name]).split("\r\n")
    assert lines[0].startswith(BASE.replace(" ", ","))
    assert len(lines) == len(EVERY[name].rows) + 2 and lines[-1] == ""
    assert {len(each) for each in stdlib_csv.reader(lines[:-1])} == {lines[0].count(",") + 1}


@pytest.mark.parametrize("name", EVERY)
def test_the_columns_do_not_depend_on_what_is_in_them(name: str) -> None:
    assert csv.render(report(name)) == csv.render(EVERY[name]).split("\r\n")[0] + "\r\n"


@pytest.mark.parametrize("name", EVERY)
def test_every_fact_of_a_row_that_is_one_value_has_a_column(name: str) -> None:
    told = [field for each in EVERY[name].rows for field in each.extra]
    of_parts = {fact for fact, value in told if isinstance(value, tuple)}
    columns = {column.partition(".")[0] for column in cells(EVERY[name])[0]}
    assert {fact for fact, _ in told} - of_parts <= columns


@pytest.mark.parametrize("name", EVERY)
def test_a_breakdown_has_a_line_for_each_model_and_the_same_sums(name: str) -> None:
    whole, parts = cells(EVERY[name]), cells(EVERY[name], breakdown=True)
    added = {"totalTokens", "requests", "costUsd", "sessions", "calls", "subagentTokens", "entries"} & set(whole[0])
    for column in added:
        assert summed(parts, column) == pytest.approx(summed(whole, column))
    assert {each["model"] for each in parts} >= {
        model.model for each in EVERY[name].rows if each.usage.requests for model in each.models
    }


def test_numbers_are_exact_and_money_has_six_places() -> None:
    only = cells(report("daily", row("2026-10-05", models=(OPUS, HAIKU))))[0]
    assert (only["key"], only["models"]) == ("2026-10-05", f"{OPUS}; {HAIKU}")
    assert (only["inputTokens"], only["cacheCreationTokens"], only["totalTokens"]) == ("120", "840", "61200")
    assert (only["costUsd"], only["sessions"]) == ("0.012000", "1")


def test_what_is_unknown_is_empty() -> None:
    unpriced = report("daily", row("2026-10-05", used=usage(12, unpriced=12)))
    assert (cells(unpriced)[0]["costUsd"], cells(unpriced)[0]["unpricedTokens"]) == ("", "1200")
    shared = report("tool", row("Bash", used=Usage(Tokens(5), unpriced_tokens=5)))
    assert cells(shared)[0]["costUsd"] == ""
    assert cells(report("session", session()))[0]["name"] == ""
    finished, gap, active = cells(EVERY["blocks"])
    assert finished["burnRate.tokensPerMinute"] == finished["limit.tokens"] == gap["anchor"] == ""
    assert (active["burnRate.costPerHour"], active["limit.usedShare"]) == ("0.075420", "0.2448")
    assert (gap["isGap"], active["isActive"], gap["isActive"]) == ("true", "true", "false")


def test_a_session_has_its_names() -> None:
    only = cells(report("session", session(name='the "roof", again', tags=["a", "b"])))[0]
    assert (only["sessionId"], only["name"], only["tags"]) == (UID, 'the "roof", again', "a; b")


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u200b=1", "\uff1d1", "\uff0b1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_is_a_formula(formula: str) -> None:
    only = cells(report("session", session(title=formula, tags=[formula]), session()))[0]
    assert only["title"].startswith("'") and only["tags"].startswith("'")
    named = cells(report("branch", row(formula, models=(formula,))), breakdown=True)[0]
    assert named["key"].startswith("'") and named["model"].startswith("'")


@given(st.text())
def test_any_title_stays_one_cell_on_one_line(title: str) -> None:
    made = report("session", session(title=title))
    assert len(csv.render(made).split("\r\n")) == 3
    found = cells(made)[0]["title"]
    assert found.lstrip()[:1] not in tuple("=+-@") and "\x1b" not in found
