"""Every number can be led back to its lines, and what cannot be shown is said."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from errno import EIO
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw
import pytest
from claude_lines import HOUR, MINUTE, TEN, encoded, line, prompted, said, synthetic, transcript, usage
from live.explaining import SAMPLES, SUITE, Explained, explained
from msgspec.structs import replace

from moonlock.analytics.prices import PriceTable
from moonlock.live.explain import explain
from moonlock.live.explained import Explanation, Place
from moonlock.model.evidence import LogLine
from moonlock.model.reading import Seen
from moonlock.model.tokens import Usage
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store.places import signed

TABLE = PriceTable.parse((SUITE / "prices.json").read_bytes())
CASES = sorted(case.name for case in (SUITE / "cases").iterdir() if case.name != "40_codex")
OTHER = "bbbbbbbb-0000-4000-8000-000000000002.jsonl"
DAY = 24 * HOUR


def reasons(found: Explanation) -> Counter[str]:
    counted: Counter[str] = Counter()
    for merged in found.merged:
        counted[merged.reason] += len(merged.dropped)
    return counted


def only(home: Path) -> Explanation:
    """Everything, explained."""
    with explained(home, home) as found:
        return found.total()


def as_reported(found: Explained) -> None:
    """All of it adds up, and its lines are those that reading counted."""
    whole, reading = found.total(), found.store.reading()
    assert whole.adds_up
    assert (whole.heard.records, whole.dropped) == (reading.records, reading.duplicates)
    assert whole.heard.records - whole.dropped + whole.attempts == whole.usage.requests == len(whole.records)
    assert (len(whole.heard.skipped), len(whole.heard.repaired)) == (reading.skipped, reading.repaired)
    assert len(whole.heard.pending) == reading.pending_tail
    assert sum(each.tokens for each in whole.heard.not_billed) == reading.not_billed_tokens
    assert (whole.missing, whole.heard.unknown, whole.heard.newer) == ((), [], 0)


@pytest.mark.parametrize("name", CASES)
def test_every_case_of_the_suite_adds_up_in_total_and_by_day_session_and_block(name: str, tmp_path: Path) -> None:
    here = tmp_path / "case"
    shutil.copytree(SUITE / "cases" / name, here)
    for link in json.loads((here / "expected.json").read_text("utf-8")).get("setup", {}).get("links", []):
        (here / link["at"]).symlink_to(here / link["to"])
    with explained(here / "home", tmp_path, TABLE) as found:
        as_reported(found)
        for parts in (list(found.days()), list(found.sessions()), list(found.blocks())):
            assert all(part.adds_up and part.usage.requests == len(part.records) for part in parts)
            assert sum((part.usage for part in parts), Usage()) == found.store.totals().usage


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample logs here: set MOONLOCK_SHARED to their folder")
def test_every_day_session_and_block_of_the_sample_logs_adds_up(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / ".claude", tmp_path / ".claude")
    for path in (tmp_path / ".claude").rglob("*.jsonl"):
        last = max(re.findall(rb'"timestamp":"([^"]+)"', path.read_bytes()), default=b"2026-01-01")
        os.utime(path, (datetime.fromisoformat(last.decode()).timestamp(),) * 2)  # as the agent left it
    with explained(tmp_path, tmp_path) as found:
        as_reported(found)
        for zone in ("UTC", "Asia/Kathmandu"):
            days = list(found.days(ZoneInfo(zone)))
            assert len(days) > 10
            assert [day.scope.key for day in days if not day.adds_up or day.missing] == []
        assert all(part.adds_up for parts in (found.sessions(), found.blocks()) for part in parts)


def test_the_fullest_line_is_the_record_and_the_others_say_why_they_are_not(tmp_path: Path) -> None:
    first, again = said(used=usage(output=1), at=TEN), said(used=usage(output=500), at=TEN + 1)
    here = str(transcript(tmp_path, prompted(), first, again, again))
    transcript(tmp_path, again, name=OTHER)
    found = only(tmp_path)
    (record,) = found.records
    assert (record.place, record.values_from) == (Place(here, 4), ())
    assert record.event.at == TEN
    assert reasons(found) == {"streaming placeholder": 1, "same response logged again": 1, "copied history": 1}
    assert {merged.kept for merged in found.merged} == {Place(here, 4)}


def test_values_of_several_lines_name_their_lines(tmp_path: Path) -> None:
    lines = said(used=usage(10, 500, 0, 70)), said(used=usage(20, 5, 30, 7)), said(used=usage(1, 2, 3, 4))
    here = str(transcript(tmp_path, *lines))
    (record,) = only(tmp_path).records
    assert record.place == Place(here, 1)
    assert record.values_from == (Place(here, 2), Place(here, 1))


def test_a_replay_is_merged_into_the_response_that_it_repeats(tmp_path: Path) -> None:
    here = str(transcript(tmp_path, said(at=TEN), said(request="req_b", isSidechain=True, at=TEN + DAY)))
    with explained(tmp_path, tmp_path) as found:
        whole = found.total()
        (merged,) = whole.merged
        assert (merged.kept, merged.dropped, merged.reason) == (
            Place(here, 1),
            (Place(here, 2),),
            "replayed on a side chain",
        )
        assert whole.adds_up
        assert [day.dropped for day in found.days()] == [1]


def test_further_attempts_are_records_on_the_line_of_another(tmp_path: Path) -> None:
    both = [{**usage(2, 2), "model": "claude-fable-5"}, usage(2, 136)]
    answer = said(used=usage(2, 136, iterations=both))
    transcript(tmp_path, answer, answer)
    found = only(tmp_path)
    assert found.adds_up
    assert (found.heard.records, found.dropped, found.attempts, len(found.records)) == (2, 1, 1, 2)


def test_usage_that_a_parent_told_before_its_helper_is_found_in_both_files(tmp_path: Path) -> None:
    inner = said("msg_n", "req_n", at=TEN)
    progress = line("progress", data={"type": "agent_progress", "agentId": "a1", "message": inner})
    transcript(tmp_path, progress)
    transcript(
        tmp_path, {**inner, "isSidechain": True}, name="aaaaaaaa-0000-4000-8000-000000000001/subagents/agent-a1.jsonl"
    )
    found = only(tmp_path)
    assert reasons(found) == {"same response in another file": 1}
    assert found.adds_up and found.aside == found.usage


def test_what_bills_nothing_belongs_to_the_day_of_its_time(tmp_path: Path) -> None:
    zeros, client = said("msg_0", "req_0", usage(0, 0), TEN + 1), synthetic("No", TEN + DAY)
    path = transcript(tmp_path, said(at=TEN), zeros, b"broken", client, said("m", "r", at=TEN + DAY))
    path.write_bytes(path.read_bytes() + b'{"type":"ass')
    with explained(tmp_path, tmp_path) as found:
        first, second = (day.heard for day in found.days())
        assert [each.reason for each in first.not_billed] == ["all counts are zero"]
        assert [each.place.line for each in first.skipped] == [3]
        assert [each.reason for each in second.not_billed] == ["written by the client"]
        assert ([each.place.line for each in second.pending], second.skipped) == ([6], [])
        (session,) = found.sessions()
        assert (len(session.heard.not_billed), len(session.heard.skipped), len(session.heard.pending)) == (2, 1, 1)


def test_glued_copies_of_one_record_are_one_record_and_one_merge(tmp_path: Path) -> None:
    twice = encoded(said())[:-1] * 2
    transcript(tmp_path, twice)
    found = only(tmp_path)
    assert found.adds_up
    assert (found.heard.records, found.dropped, len(found.heard.repaired)) == (2, 1, 1)


def test_requests_whose_log_is_gone_are_said_to_be(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(), said("msg_b", "req_b", at=TEN + 1))
    with explained(tmp_path, tmp_path) as found:
        path.unlink()
        found.read()
        whole = found.total()
        (missing,) = whole.missing
        assert (missing.file, missing.requests, missing.tokens, missing.reason) == (
            str(path),
            2,
            120,
            "the log is gone",
        )
        assert (whole.records, whole.usage.requests, whole.adds_up) == ((), 2, True)


def test_requests_whose_lines_were_cut_off_are_said_to_be(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(used=usage(output=1)), said(used=usage(output=500)), said("msg_b", "req_b"))
    with explained(tmp_path, tmp_path) as found:
        transcript(tmp_path, said(used=usage(output=1)))
        found.read()
        whole = found.total()
        assert {(each.file, each.reason, each.requests) for each in whole.missing} == {
            (str(path), "its fullest line is no longer there", 1),
            (str(path), "the line is no longer in its log", 1),
        }
        assert whole.adds_up
        assert whole.records[0].event.tokens.output == 500


def test_only_files_that_can_speak_of_a_day_are_read_again(tmp_path: Path) -> None:
    old = transcript(tmp_path, said("msg_old", "req_old", at=TEN - 3 * DAY), name=OTHER)
    os.utime(old, (TEN / 1000 - 2 * 86400,) * 2)
    transcript(tmp_path, said(at=TEN))
    with explained(tmp_path, tmp_path) as found:
        before, after = found.days()
        assert (before.heard.files, after.heard.files) == (2, 1)


def test_a_restored_file_is_read_when_a_request_is_not_found_elsewhere(tmp_path: Path) -> None:
    """Its time says that it cannot hold the line, and it does."""
    first = transcript(tmp_path, said(used=usage(output=1), at=TEN))
    second = transcript(tmp_path, said(used=usage(output=500), at=TEN + 1), name=OTHER)
    os.utime(second, (TEN / 1000 - 86400,) * 2)
    with explained(tmp_path, tmp_path) as found:
        (day,) = found.days()
        assert (day.heard.files, day.missing, day.adds_up) == (2, (), True)
        assert day.records[0].place == Place(str(second), 1)
        assert {merged.dropped for merged in day.merged} == {(Place(str(first), 1),)}


def test_lines_that_were_written_since_are_newer_and_nothing_else(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    with explained(tmp_path, tmp_path) as found:
        path.write_bytes(path.read_bytes() + encoded(said("msg_b", "req_b"), prompted(), b"broken"))
        whole = found.total()
        assert (whole.heard.newer, whole.heard.skipped, whole.heard.unknown, whole.adds_up) == (3, [], [], True)


def test_a_last_line_that_counts_without_its_newline_is_shown(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(), said("msg_b", "req_b"))
    path.write_bytes(path.read_bytes()[:-1])
    found = only(tmp_path)
    assert (found.adds_up, len(found.records), found.heard.newer) == (True, 2, 0)


def test_a_last_line_of_the_clients_own_is_shown_although_its_newline_is_missing(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(), synthetic("No response requested."))
    path.write_bytes(path.read_bytes()[:-1])
    found = only(tmp_path)
    assert ([noted.place.line for noted in found.heard.not_billed], found.heard.newer) == ([2], 0)


def test_hidden_sessions_are_left_out_and_not_unknown(tmp_path: Path) -> None:
    transcript(tmp_path, said())
    transcript(tmp_path, said("msg_b", "req_b", at=TEN + MINUTE), name=OTHER)
    with explained(tmp_path, tmp_path) as found:
        uid = found.store.by_session()[0][1].key
        with apsw.Connection(str(tmp_path / "explained.db")) as db:
            db.execute("insert into label (session, hidden_at) values (?, 1)", (signed(int(uid, 16)),))
        whole = found.total()
        assert (whole.usage.requests, len(whole.records), whole.heard.unknown) == (1, 1, [])


def test_a_log_that_fails_and_an_agent_that_shows_none_are_told_apart(tmp_path: Path) -> None:
    class Failing(ClaudeCode):
        def evidence(self, seen: Seen) -> Iterator[LogLine]:
            raise OSError(EIO, "the disk fails", seen.path)

    class Mute:
        name, roots, claims, read = "claude-code", ClaudeCode.roots, ClaudeCode.claims, ClaudeCode.read

    transcript(tmp_path, said())
    with explained(tmp_path, tmp_path) as found:
        whole = found.total()
        for source, reason in ((Failing(), "the log cannot be read"), (Mute(), "logs of this agent cannot be shown")):
            told = explain(found.store, whole.scope, found.table, (source,))
            assert [each.reason for each in told.missing] == [reason]
            assert (told.heard.files, told.usage) == (0, whole.usage)


def test_a_line_that_the_store_lost_does_not_add_up(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(), said("msg_b", "req_b", at=TEN + 1), prompted())
    with explained(tmp_path, tmp_path) as found:
        with apsw.Connection(str(tmp_path / "explained.db")) as db:
            db.execute("delete from request where at = ?", (TEN + 1,))
        whole = found.total()
        assert (whole.heard.unknown, whole.adds_up) == ([Place(str(path), 2)], False)


def test_two_paths_of_one_file_are_heard_once(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    with explained(tmp_path, tmp_path) as found:
        path.with_name("zz.jsonl").hardlink_to(path)
        path.with_name("0.jsonl").hardlink_to(path)
        found.read()
        whole = found.total()
        assert (whole.heard.files, whole.adds_up) == (1, True)


def test_a_cost_that_its_price_does_not_explain_is_told(tmp_path: Path) -> None:
    transcript(tmp_path, said(), said("msg_b", "req_b", costUSD=0, at=TEN + 1))
    with explained(tmp_path, tmp_path) as found:
        assert [record.is_doubtful for record in found.total().records] == [False, True]
        found.table = found.table.merged_with(
            PriceTable.parse(b'{"models": {"claude-opus-4-8": {"input": 1, "output": 1}}}')
        )
        whole = found.total()
        assert [record.is_explained for record in whole.records] == [False, True]
        assert not whole.adds_up


def test_another_number_than_the_reported_does_not_add_up(tmp_path: Path) -> None:
    transcript(tmp_path, said(model="claude-opus-9-9"))
    found = only(tmp_path)
    assert [(each.model, each.requests, each.tokens) for each in found.unpriced] == [("claude-opus-9-9", 1, 60)]
    assert found.adds_up
    assert not replace(found, scope=replace(found.scope, reported=Usage())).adds_up
