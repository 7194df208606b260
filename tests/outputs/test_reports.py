"""Reports as people and as programs see them."""

from __future__ import annotations

import json as stdlib_json
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moonlock.model.report import ModelUsage, Reading, Report, ReportRow
from moonlock.model.rows import Fields
from moonlock.model.tokens import Tokens, Usage
from moonlock.outputs import figures, json, table
from moonlock.outputs.notes import notes

COUNTS = {
    *("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens"),
    *("costUsd", "requests", "sessions", "unpricedTokens"),
}
NOTHING = Reading()


def usage(tokens: Tokens, cost: int = 0, unpriced: int = 0) -> Usage:
    return Usage(tokens, 10, cost, unpriced, unpriced * 100)


def report(*days: tuple[str, Usage], reading: Reading = NOTHING) -> Report:
    rows = tuple(
        ReportRow(day, ("claude-code",), used, 2, (ModelUsage("claude-opus-5-5", used),)) for day, used in days
    )
    total = sum((used for _, used in days), Usage())
    models = (ModelUsage("claude-opus-5-5", total),)
    return Report("daily", "UTC", None, None, rows, ReportRow("total", ("claude-code",), total, 3, models), reading)


SMALL = usage(Tokens(1_010, 220, 100, 200, 9_000), 10_155)
LARGE = usage(Tokens(9_000_001, 8_000_002, 7_000_003, 6_000_004, 5_000_000_005), 123_456_789)


def test_the_document_has_the_keys_of_the_contract() -> None:
    found = stdlib_json.loads(json.render(report(("2026-10-05", SMALL))))
    assert list(found) == ["schema", "report", "timezone", "since", "until", "rows", "totals", "reading"]
    assert found["schema"] == "moonlock.usage/1"
    assert set(found["rows"][0]) == COUNTS | {"key", "agents", "models", "breakdown"}
    assert set(found["totals"]) >= COUNTS
    assert set(found["reading"]) == {
        *("files", "records", "duplicates", "skipped", "repaired", "pendingTail", "notBilled"),
        *("understatedOutput", "unpricedModels", "hiddenSessions"),
    }


def test_numbers_are_exact_and_money_is_dollars() -> None:
    row = stdlib_json.loads(json.render(report(("2026-10-05", SMALL))))["rows"][0]
    assert (row["cacheCreationTokens"], row["totalTokens"], row["costUsd"]) == (300, 10_530, 0.010155)
    assert row["breakdown"][0]["model"] == row["models"][0] == "claude-opus-5-5"


@given(st.integers(0, 10**15))
def test_money_never_shows_more_than_six_places(cost: int) -> None:
    assert shown(usage(Tokens(1), cost)) == round(cost / 1_000_000, 6)


def test_a_row_of_which_nothing_has_a_price_costs_null_and_an_empty_one_nothing() -> None:
    assert shown(usage(Tokens(5), 0, unpriced=10)) is None
    assert shown(usage(Tokens(5), 7, unpriced=9)) == 0.000007
    assert shown(Usage()) == 0.0


def test_a_tools_part_of_requests_that_others_count_is_as_unknown_as_these() -> None:
    assert shown(Usage(Tokens(5), unpriced_tokens=5)) is None
    assert shown(Usage(Tokens(5), cost=7)) == 0.000007
    assert shown(Usage(Tokens(9), requests=1, unpriced_requests=1, cost=7, unpriced_tokens=4)) == 0.000007


def shown(used: Usage) -> float | None:
    """What the totals of a report say that it costs."""
    found: float | None = stdlib_json.loads(json.render(report(("2026-10-05", used))))["totals"]["costUsd"]
    return found


@given(st.text())
def test_any_name_of_a_model_is_written_so_that_it_can_be_read(name: str) -> None:
    used = usage(Tokens(1))
    rows = (ReportRow("2026-10-05", (name,), used, 1, (ModelUsage(name, used),)),)
    made = Report("daily", name, None, None, rows, rows[0], Reading(unpriced_models=(name,)))
    found = stdlib_json.loads(json.render(made))
    row = found["rows"][0]
    assert {row["agents"][0], row["models"][0], row["breakdown"][0]["model"], found["timezone"]} == {name}
    assert found["reading"]["unpricedModels"] == [name]


scalars = st.none() | st.booleans() | st.text(max_size=9) | st.integers(0, 10**15) | st.floats(0, 1e9)
names = st.text("abcAt", min_size=1, max_size=5)


def objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[tuple[str, object], ...]]:
    return st.lists(st.tuples(names, values), max_size=3, unique_by=lambda field: field[0]).map(tuple)


facts = objects(st.recursive(scalars, lambda inner: objects(inner) | st.lists(inner, max_size=3), max_leaves=6))


@example(days=[], cost=0, extra=(("share", 6.103515625e-05), ("fall", -1e-05)))
@given(st.lists(st.integers(0, 10**12), max_size=3), st.integers(0, 10**13), facts)
def test_the_text_is_the_one_that_an_encoder_would_write(days: list[int], cost: int, extra: Fields) -> None:
    rows = [(f"2026-10-{index + 10}", usage(Tokens(*(count,) * 5), cost)) for index, count in enumerate(days)]
    made = report(*rows)
    told = tuple(msgspec.structs.replace(row, extra=extra) for row in made.rows)
    text = json.render(msgspec.structs.replace(made, rows=told, extra=extra))
    assert text == msgspec.json.format(msgspec.json.encode(stdlib_json.loads(text)), indent=2)


def test_further_facts_stand_between_the_numbers_of_a_row_and_its_breakdown() -> None:
    window: Fields = (("startAt", "2026-10-05T10:00:00.000Z"), ("isGap", False))
    extra: Fields = (("isActive", True), ("limit", None), ("tags", ["a", "b"]), ("window", window), ("empty", ()))
    made = report(("2026-10-05", SMALL))
    row = msgspec.structs.replace(made.rows[0], extra=extra)
    found = stdlib_json.loads(json.render(msgspec.structs.replace(made, rows=(row,), extra=(("cost", "display"),))))
    assert list(found["rows"][0])[-6:] == ["isActive", "limit", "tags", "window", "empty", "breakdown"]
    assert found["rows"][0]["window"] == {"startAt": "2026-10-05T10:00:00.000Z", "isGap": False}
    assert (found["rows"][0]["tags"], found["rows"][0]["isActive"], found["rows"][0]["empty"]) == (["a", "b"], True, {})
    assert list(found)[-3:] == ["totals", "cost", "reading"]


def test_what_json_has_no_number_for_is_unknown() -> None:
    made = msgspec.structs.replace(report(("2026-10-05", SMALL)), extra=(("burn", float("nan")), ("rate", 1e-06)))
    found = stdlib_json.loads(json.render(made))
    assert (found["burn"], found["rate"]) == (None, 1e-06)


def test_an_empty_history_is_a_document_too() -> None:
    found = stdlib_json.loads(json.render(report()))
    assert (found["rows"], found["totals"]["totalTokens"], found["totals"]["costUsd"]) == ([], 0, 0)


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize("breakdown", [False, True])
def test_the_table_fits_eighty_columns(styled: bool, breakdown: bool) -> None:
    text = table.render(report(("2026-10-05", SMALL), ("2026-10-06", LARGE)), 80, styled=styled, breakdown=breakdown)
    plain = strip(text)
    assert max(map(len, plain.splitlines())) <= 80
    assert "…" not in plain


def test_numbers_are_exact_where_there_is_room_and_short_where_there_is_not() -> None:
    both = report(("2026-10-05", SMALL), ("2026-10-06", LARGE))
    assert "5,000,000,005" in table.render(both, 140, styled=False)
    assert "5.00B" in table.render(both, 80, styled=False)
    assert "9,000" in table.render(report(("2026-10-05", SMALL)), 80, styled=False)


def test_numbers_stand_at_the_right_and_the_totals_below() -> None:
    lines = table.render(report(("2026-10-05", SMALL), ("2026-10-06", SMALL)), 72, styled=False).splitlines()
    assert lines[-1].split() == ["Total", "2,020", "440", "600", "18,000", "21,060", "$0.02"]
    assert len({len(line) for line in lines if line}) == 1


def test_without_a_terminal_there_is_neither_colour_nor_box() -> None:
    text = table.render(report(("2026-10-05", SMALL)), 80, styled=False)
    assert "\x1b" not in text and "─" not in text
    assert "\x1b" in table.render(report(("2026-10-05", SMALL)), 80, styled=True)


def test_a_cost_of_which_a_part_is_unknown_is_at_least_so_much() -> None:
    some = usage(Tokens(5), 2_500_000, unpriced=3)
    elsewhere = Reading(unpriced_models=("claude-opus-5-5", "gpt-9"))
    text = table.render(report(("2026-10-05", some), reading=elsewhere), 80, styled=False)
    assert "≥ $2.50" in text
    assert "≥ at least: 3 requests without a known price: claude-opus-5-5\n" in text
    assert figures.money(usage(Tokens(5), 0, unpriced=10)) == "-"


def test_what_was_left_out_is_said() -> None:
    short = Usage(Tokens(output=5), 1_300, 7, understated=1_200)
    told = "\n".join(notes(report(("2026-10-05", short), reading=Reading(skipped=1))))
    assert "1 line could not be read" in told
    assert "1,200 requests of old clients" in told


def test_a_report_of_some_days_does_not_speak_of_others() -> None:
    all_times = Reading(understated_output=1_200, unpriced_models=("gpt-9",))
    assert notes(report(("2026-10-05", SMALL), reading=all_times)) == []


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize("width", [24, 30, 40, 50, 60, 72])
def test_a_narrow_table_goes_without_columns_but_never_cuts_a_number(width: int, styled: bool) -> None:
    both = report(("2026-10-05", SMALL), ("2026-10-06", LARGE))
    table_of, _, note = strip(table.render(both, width, styled=styled, breakdown=True)).partition("\n\ntoo narrow for ")
    assert max(map(len, table_of.splitlines())) <= width
    figures = [line.split()[-2:] for line in table_of.splitlines() if "$" in line]
    assert figures[:4:2] == [["10.5K", "$0.01"], ["5.03B", "$123.46"]]
    assert ("cache write, cache read" in " ".join(note.split())) == (width < 68)


def test_no_usage_is_a_sentence() -> None:
    assert table.render(report(), 80, styled=False).startswith("No usage found; `moonlock doctor` says where")
    some = msgspec.structs.replace(report(), since="2026-10-01", until="2026-10-05")
    assert table.render(some, 80, styled=False) == "No usage found from 2026-10-01 to 2026-10-05.\n"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00K"),
        (9_995, "10.0K"),
        (99_950, "100K"),
        (999_499, "999K"),
        (999_500, "1.00M"),
    ],
)
def test_a_short_number_has_three_digits_and_a_unit(count: int, said: str) -> None:
    assert figures.short(count) == said


@given(st.integers(0, 10**15))
def test_a_short_number_is_short(count: int) -> None:
    assert len(figures.short(count)) <= 5


def strip(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_the_json_path_loads_neither_rich_nor_an_encoder() -> None:
    import subprocess
    import sys

    code = "import sys, moonlock.live.usage_json; print({'rich', 'msgspec', 'json', 're', 'typing'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
    )
    assert found.stdout.strip() == "set()"
