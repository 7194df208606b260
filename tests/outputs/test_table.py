"""Every report as a table: what it shows at each width, and what it never lets through."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs.samples import (
    HAIKU,
    OPUS,
    SONNET,
    block,
    blocks,
    every,
    plain,
    report,
    row,
    running,
    session,
    tool,
    usage,
)
from rich.cells import cell_len

from moonlock.model.report import Reading, Report
from moonlock.model.tokens import Tokens, Usage
from moonlock.outputs import figures, table
from moonlock.outputs.notes import notes
from moonlock.outputs.shown import shown

EVERY = every()
WIDTHS = (40, 80, 120, 200)


def drawn(made: Report, width: int = 80, *, breakdown: bool = False) -> str:
    return table.render(made, width, styled=False, breakdown=breakdown)


def heads(made: Report, width: int) -> str:
    return drawn(made, width).splitlines()[0]


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize("breakdown", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY)
def test_every_report_fits_every_width(name: str, width: int, breakdown: bool, styled: bool) -> None:
    text = plain(table.render(EVERY[name], width, styled=styled, breakdown=breakdown))
    assert max(map(cell_len, text.splitlines())) <= width
    assert "$" in text and "Total" in text


@pytest.mark.parametrize("name", EVERY)
def test_a_wider_terminal_shows_at_least_what_a_narrow_one_does(name: str) -> None:
    shown_heads = [set(heads(EVERY[name], width).split()) for width in WIDTHS]
    assert all(fewer <= more for fewer, more in pairwise(shown_heads))


@pytest.mark.parametrize("name", EVERY)
def test_without_a_terminal_no_report_has_colour_or_boxes(name: str) -> None:
    text = drawn(EVERY[name])
    assert "\x1b" not in text and not any(0x2500 <= ord(sign) < 0x25A0 for sign in text)


def test_a_session_is_told_by_its_name_else_its_title_else_its_short_id() -> None:
    named, titled, bare = session(name="roof"), session(), session(title="")
    lines = drawn(report("session", named, titled, bare), 120).splitlines()
    assert [line.split("  ")[0] for line in lines[1:4]] == ["roof", "Mend the roof", "4f1d2c3b"]
    assert all("house" in line and "2026-10-05 10:00" in line and "25 %" in line for line in lines[1:4])


def test_times_of_sessions_are_those_of_the_zone_of_the_report() -> None:
    assert "2026-10-05 12:00" in drawn(report("session", session(), zone="Europe/Berlin"), 120)
    assert "2026-10-05 10:00" in drawn(report("session", session(), zone="Not/AZone"), 120)


def test_a_narrow_list_of_sessions_keeps_what_tells_them_apart() -> None:
    assert heads(EVERY["session"], 40).split() == ["Session", "Total", "Cost"]
    long = report("session", session(title="Mend the roof before the winter comes"))
    assert heads(long, 80).split() == ["Session", "Project", "Last", "active", "Sub-agents", "Total", "Cost"]
    assert {"Requests", "Models", "Branch", "Status", "Id", "Input", "Output"} <= set(
        heads(EVERY["session"], 200).split()
    )


def test_an_hour_that_there_are_two_of_keeps_its_offset_however_narrow_it_is() -> None:
    made = report("hourly", row("2026-10-25T02:00+02:00"), row("2026-10-25T02:00+01:00"), zone="Europe/Berlin")
    for width in (40, 60, 80, 200):
        told = [line[:23] for line in drawn(made, width).splitlines()[1:3]]
        assert told == ["2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00"]


def test_columns_that_belong_together_come_together() -> None:
    for width in range(80, 200):
        shown_heads = heads(EVERY["session"], width)
        assert ("Input" in shown_heads) == ("Output" in shown_heads)
        assert ("Cache write" in shown_heads) == ("Cache read" in shown_heads)


def test_blocks_say_when_they_end_what_rests_and_where_the_window_comes_from() -> None:
    text = drawn(blocks(), 80)
    finished, gap, active, *_ = text.splitlines()[1:]
    assert finished.split()[:4] == ["2026-10-05", "10:00", "15:00", "official"]
    assert gap == "2026-10-05 15:00  gap 17 h 20 min"
    assert "active, 2 h 10 min left  estimated" in active and active.endswith("24 %")


def test_the_running_block_is_told_below_the_table() -> None:
    told = notes(blocks())
    assert told == [
        "active: burns 1,179 tokens a minute and $0.08 an hour now",
        "active: at its average pace 266,063 tokens and $0.45 when it ends in 2 h 10 min",
        "active: the window of the live page ends 13:10 (estimated)",
        "limit: 250,000 tokens (configured); 106 % of it at the average pace",
        "marks: the biggest finished block had 61,200 tokens, the heaviest tenth begins at 55,000",
    ]


def test_a_mark_of_habit_is_not_called_a_limit_of_the_plan() -> None:
    limit = (("tokens", 61_200), ("source", "history"), ("usedShare", 0.5), ("projectedShare", None), ("status", "ok"))
    told = notes(report("blocks", msgspec.structs.replace(running(), extra=(("isActive", True), ("limit", limit)))))
    assert told == ["limit: 61,200 tokens (the biggest finished block, a mark of habit)"]


def test_a_block_that_runs_without_a_rate_still_says_until_when() -> None:
    just_begun = block("2026-10-06T08:00:00.000Z", "2026-10-06T13:00:00.000Z", isActive=True)
    assert "active until 15:00" in drawn(report("blocks", just_begun, zone="Europe/Berlin"))
    assert notes(report("blocks", just_begun)) == []


def test_a_tool_shows_its_calls_and_what_they_cost() -> None:
    bash, _, none = drawn(EVERY["tool"], 100).splitlines()[1:4]
    assert bash.split() == ["Bash", "7", "2", "1", "0", "2", "h", "10", "min", "61,200", "$0.01"]
    assert none.split() == ["(no", "tool)", "61,200", "$0.01"]
    assert drawn(EVERY["tool"], 100).splitlines()[5].split()[:4] == ["Total", "10", "4", "2"]
    assert heads(EVERY["tool"], 40).split() == ["Tool", "Calls", "Tokens", "Cost"]


def test_a_skill_shows_the_calls_of_its_responses() -> None:
    review, none = drawn(EVERY["skill"], 100).splitlines()[1:3]
    assert review.split()[:4] == ["review", "7", "2", "1"] and none.split()[:2] == ["(no", "skill)"]
    assert none.split()[-2:] == ["61,200", "$0.01"]
    assert heads(EVERY["skill"], 40).split() == ["Skill", "Calls", "Tokens", "Cost"]


def test_a_tools_part_of_requests_without_a_price_is_no_zero() -> None:
    parts = Usage(Tokens(5), unpriced_tokens=5), Usage(Tokens(9), cost=10_000, unpriced_tokens=5)
    unknown, mixed = drawn(report("tool", *(row("Bash", used=used) for used in parts)), 60).splitlines()[1:3]
    assert (unknown.split()[-1], mixed.split()[-2:]) == ("-", ["≥", "$0.01"])


def test_an_hour_has_its_offset_only_where_there_are_two() -> None:
    first, second = drawn(EVERY["hourly"], 120).splitlines()[1:3]
    assert (first[:23], second[:23]) == ("2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00")
    assert drawn(report("hourly", row("2026-10-05T10:00+00:00"))).splitlines()[1].startswith("2026-10-05 10:00  ")


def test_what_has_no_name_is_said_to_have_none() -> None:
    assert drawn(report("branch", row(""), row("main"))).splitlines()[1].startswith("(none)")


def test_a_project_has_its_folder_where_there_is_room() -> None:
    made = report("project", row("house", (("path", "/home/dev/house"),)))
    assert "/home/dev/house" in drawn(made, 160) and "/home/dev/house" not in drawn(made, 80)


def test_models_go_without_the_day_of_their_release_unless_that_is_what_tells_them_apart() -> None:
    both = report("daily", row("2026-10-05", models=(SONNET, HAIKU)))
    assert "  sonnet-4-5 " in drawn(both, breakdown=True)
    other = "claude-sonnet-4-5-20991231"
    twice = report("model", row(SONNET, models=(SONNET,)), row(other, models=(other,)))
    assert SONNET in drawn(twice, 120) and other in drawn(twice, 120)
    assert "opus-5-5" in drawn(report("model", row(OPUS))) and OPUS not in drawn(report("model", row(OPUS)))


def test_tools_that_begin_alike_can_be_told_apart_on_a_narrow_terminal() -> None:
    server = "mcp__a_server_with_a_long_name_of_its_own"
    names = [f"{server}__start", f"{server}__stop", f"{server}__{'漢字' * 12}"]
    for width in (40, 44, 60):
        lines = drawn(report("tool", *(tool(name, 3) for name in names)), width).splitlines()
        assert "__start  " in lines[1] and "__stop  " in lines[2] and "漢字  " in lines[3]
        assert len({cell_len(line) for line in lines[:4]}) == 1


def test_the_report_by_model_is_its_own_breakdown() -> None:
    assert drawn(EVERY["model"], breakdown=True).count("opus-5-5") == 1


def test_output_that_the_log_understates_is_at_least_so_much() -> None:
    old, new = row("2025-06-08", used=usage(12, understated=12)), row("2026-10-06")
    lines = drawn(report("daily", old, new)).splitlines()
    assert [line.split()[2] for line in lines[1:3]] == ["≥", "240"]
    assert lines[-1] == "≥ at least: 12 requests of old clients logged too few output tokens"


def test_days_that_are_known_roughly_are_shown_apart_and_in_no_total() -> None:
    seeds = [(("key", "2025-12-30"), ("tokens", 1_234)), (("key", "2025-12-31"), ("tokens", 5_678))]
    approximate = (("source", "stats-cache.json"), ("rows", seeds))
    days = row("2026-10-05"), row("2026-10-06")
    made = report("daily", *days, extra=(("approximate", approximate),))
    lines = drawn(made).splitlines()
    assert [line[:10] for line in lines[1:5]] == ["2025-12-30", "2025-12-31", "2026-10-05", "2026-10-06"]
    assert lines[1].endswith("~ 1,234") and "122,400" in lines[6]
    assert lines[-1] == "~ roughly, from stats-cache.json: input and output without cache, in no total"
    turned = drawn(msgspec.structs.replace(made, rows=tuple(reversed(days)))).splitlines()
    assert [line[:10] for line in turned[1:5]] == ["2026-10-06", "2026-10-05", "2025-12-31", "2025-12-30"]


def test_what_was_asked_for_and_what_is_left_out_is_said() -> None:
    filters = ("filters", (("projects", ["house", "garden"]), ("models", [OPUS])))
    made = report("daily", row("2026-10-05"), extra=(("cost", "display"), filters), reading=Reading(hidden_sessions=2))
    assert notes(made) == [
        "2 sessions that you deleted are left out; `moonlock session list --deleted` shows which",
        "cost: display",
        "only project house or garden · model claude-opus-5-5",
    ]


def test_wide_signs_and_pictures_stand_in_line() -> None:
    titles = ("屋根を直す", "mend the roof", "🏠 roof", "❤️ roof", "👨‍👩‍👧 family", "naïve café")
    lines = drawn(report("session", *(session(title=title) for title in titles)), 100).splitlines()
    assert len({cell_len(line) for line in lines[1:7]}) == 1
    assert len({cell_len(line[: line.index("house")]) for line in lines[1:7]}) == 1


def test_a_long_wide_title_is_cut_without_breaking_a_line() -> None:
    lines = drawn(report("session", session(title="屋" * 300), session()), 80).splitlines()
    assert "…" in lines[1] and {cell_len(line) for line in lines[1:3]} == {cell_len(lines[0])}


def unseen(text: str) -> list[str]:
    """The signs of a text that a terminal obeys instead of showing them."""
    return [sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


ATTACKS = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31mred",
    "\x1b]8;;https://example.com\x1b\\here\x1b]8;;\x1b\\",
    "a\rb\nc\x08d\x00",
    "\u202egpj.exe",
    "\u2028line\u2029",
    "[bold red]markup[/]",
    "\udcff",
)


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_somebody_wrote_into_a_log_commands_the_terminal(attack: str, styled: bool) -> None:
    named = row(attack, (("path", attack),), models=(attack,))
    filters = (("filters", (("projects", [attack]),)), ("cost", attack))
    made = [
        *(report(kind, named, extra=filters) for kind in ("project", "branch", "model", "agent", "hourly", "tool")),
        report("session", session(title=attack, name=attack, project=attack, branch=attack, status=attack)),
        report("blocks", msgspec.structs.replace(running(), models=named.models)),
        report("daily", row("2026-10-05", used=usage(12, unpriced=3), models=(attack,))),
    ]
    for each in made:
        text = table.render(each, 200, styled=styled, breakdown=True)
        assert unseen(plain(text)) == []
        assert "[bold red]" in text or "bold" not in attack


@given(st.text())
def test_what_is_shown_of_any_text_is_one_harmless_line(text: str) -> None:
    assert unseen(shown(text)) == [] and "\n" not in shown(text)
    assert shown(shown(text)) == shown(text)


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufe0e\ufe0f")))
def test_a_harmless_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (61_000, "1 min 1 s"),
        (7_800_000, "2 h 10 min"),
        (3_600_000, "1 h"),
        (3_601_000, "1 h"),
        (62_399_999, "17 h 20 min"),
        (86_399_999, "1 d"),
        (90_061_000, "1 d 1 h"),
    ],
)
def test_a_stretch_of_time_has_its_two_largest_units(milliseconds: int, said: str) -> None:
    assert figures.lasting(milliseconds) == said


def test_a_share_that_is_there_is_not_nothing() -> None:
    assert [figures.share(part) for part in (0, 0.001, 0.426, 1.5)] == ["0 %", "< 1 %", "43 %", "150 %"]


def test_an_unknown_report_is_drawn_too() -> None:
    assert heads(report("weather", row("sun")), 80).startswith("Weather")
