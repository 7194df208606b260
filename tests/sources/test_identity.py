"""When two lines are one response, and whose it is (rules D1 to D7, S1 to S3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_lines import (
    HOUR,
    SESSION,
    TEN,
    Line,
    batch,
    call,
    encoded,
    line,
    only,
    requests,
    result,
    said,
    transcript,
    usage,
)

from moonlock.model.events import ToolCall, UsageEvent
from moonlock.model.session import SessionKey
from moonlock.sources.claude_code.identity import whereabouts

OTHER = "bbbbbbbb-0000-4000-8000-000000000002.jsonl"


def test_a_line_read_twice_counts_once(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said(), said()))
    assert len(requests(read)) == 1 and read.counts.records == 2


def test_a_copy_in_another_session_has_the_same_key(tmp_path: Path) -> None:
    one = batch(transcript(tmp_path, said()))
    copy = batch(transcript(tmp_path, said(sessionId="other", cwd="/else"), name=OTHER))
    assert one.session.key != copy.session.key
    assert requests(one) == requests(copy)


def test_two_requests_of_one_message_are_two_bills_and_neighbours(tmp_path: Path) -> None:
    read = requests(batch(transcript(tmp_path, said("msg_a", "req_1"), said("msg_a", "req_2"), said("msg_b", "req_1"))))
    assert len(read) == 3
    assert len({key >> 16 for key in read}) == 2


def test_keys_are_signed_64_bit_numbers(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, *(call(f"toolu_{n}") for n in range(50))))
    keys = [event.key for event in only(UsageEvent, read)] + [event.key for event in only(ToolCall, read)]
    assert all(-(1 << 63) <= key < 1 << 63 for key in keys) and min(keys) < 0 < max(keys)


def test_ids_of_the_provider_and_ids_that_look_like_them_have_keys_of_their_own(tmp_path: Path) -> None:
    tails = (
        "k33pqBvwXxaApZsiTGnitg",
        "k33pqBvwXxaApZsiTGnith",
        "k33pqBvwXxaApZ-iTGnitg",
        "k33pqBvwXxaApZsiTGni\u00e9g",
    )
    lines = [line for tail in tails for line in (said(f"msg_01{tail}"), call(f"toolu_01{tail}"))]
    read = batch(transcript(tmp_path, *lines))
    tools = [event.key for event in only(ToolCall, read)]
    assert len(set(tools)) == len(tails)
    assert len({key >> 16 for key in requests(read)}) == 2 * len(tails)  # each call has a response of its own
    assert all(-(1 << 63) <= key < 1 << 63 for key in (*tools, *requests(read)))


def test_without_a_request_id_the_message_is_enough_wherever_it_appears(tmp_path: Path) -> None:
    one = batch(transcript(tmp_path, said("msg_a", None), said("msg_a", None, usage(output=60))))
    copy = batch(transcript(tmp_path, said("msg_a", requestId=...), name=OTHER))
    (event,) = requests([one, copy]).values()
    assert event.tokens.output == 60 and event.aliases == ()


def test_a_gateways_own_number_is_trusted_inside_one_session(tmp_path: Path) -> None:
    one = batch(transcript(tmp_path, said("7", None), said("7", None, at=TEN + 1)))
    other = batch(transcript(tmp_path, said("7", None, at=TEN + HOUR), name=OTHER))
    assert len(only(UsageEvent, one)) == 1
    assert len(requests([one, other])) == 2


def test_a_session_of_the_same_name_in_another_project_has_its_own_numbers(tmp_path: Path) -> None:
    one = batch(transcript(tmp_path, said("7", None), name="notes.jsonl"))
    web = tmp_path / ".claude/projects/-home-dev-web"
    web.mkdir()
    other = batch(transcript(tmp_path, said("7", None, at=TEN + HOUR), name="notes.jsonl").rename(web / "notes.jsonl"))
    assert len(requests([one, other])) == 2


def test_a_copy_of_a_gateways_message_is_known_by_its_time(tmp_path: Path) -> None:
    one = batch(transcript(tmp_path, said("7", None), said("7", None, at=TEN + 1)))
    copy = batch(transcript(tmp_path, said("7", None, at=TEN + 1), name=OTHER))
    assert len(only(UsageEvent, one)[0].aliases) == 2
    assert len(requests([one, copy])) == 1


def test_without_a_message_id_the_request_is_enough(tmp_path: Path) -> None:
    read = requests(batch(transcript(tmp_path, said(None, "req_1"), said("", "req_1"), said(None, "req_2"))))
    assert len(read) == 2
    assert len({key >> 16 for key in read}) == 2  # no neighbours: neither can be a replay of the other


def test_without_both_the_line_is_its_own_request(tmp_path: Path) -> None:
    lines = [said(None, None, uuid="u1"), said(None, None, uuid="u1"), said(None, None, uuid="u2")]
    assert len(requests(batch(transcript(tmp_path, *lines)))) == 2


def test_without_any_id_every_line_is_its_own_request_at_every_reading(tmp_path: Path) -> None:
    nameless = [said(None, None, uuid=...) for _ in range(3)]
    path = transcript(tmp_path, said(), *nameless)
    first = batch(path)
    assert len(requests(first)) == 4
    path.write_bytes(path.read_bytes() + b"not json\n" + encoded(nameless[0]))
    again = batch(path)
    assert len(requests([first, again])) == 5


def test_a_replay_on_a_sidechain_is_a_neighbour_of_the_original(tmp_path: Path) -> None:
    own = said("msg_p", "req_p", usage(read=100))
    replay = said("msg_p", "req_x", usage(read=50_000), isSidechain=True)
    one = batch(transcript(tmp_path, own))
    two = batch(
        transcript(
            tmp_path, replay, said("msg_s", "req_s", isSidechain=True), name=f"{SESSION}/subagents/agent-a1.jsonl"
        )
    )
    assert len(only(UsageEvent, two)) == 2
    assert sorted(event.tokens.cache_read for event in requests([one, two]).values()) == [0, 100]


def test_a_line_of_the_main_chain_beats_one_of_a_sidechain(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said(isSidechain=True, agentId="a1"), said()))
    (event,) = requests(read).values()
    assert not event.sidechain and event.agent_id == ""


def progress(inner: Line, agent: str = "a1") -> Line:
    data = {"type": "agent_progress", "agentId": agent, "message": inner, "prompt": "do"}
    return line("progress", data=data)


def nested(whole: Line) -> Line:
    return {key: whole[key] for key in ("type", "timestamp", "requestId", "uuid", "message") if key in whole}


def test_a_subagent_told_in_progress_lines_counts_and_is_named(tmp_path: Path) -> None:
    asked, done = nested(call("toolu_1", at=TEN)), nested(result("toolu_1", TEN + 500))
    read = batch(transcript(tmp_path, said("msg_a"), progress(asked), progress(asked), progress(done)))
    own, inner = requests(read).values()
    assert (own.agent_id, inner.agent_id, inner.sidechain, inner.at) == ("", "a1", True, TEN)
    assert read.counts.records == 3
    (tool,) = only(ToolCall, read)
    assert (tool.agent_id, tool.duration, tool.request) == ("a1", 500, inner.key)


def test_other_progress_lines_say_nothing(tmp_path: Path) -> None:
    bash = line("progress", data={"type": "bash_progress", "output": "x"})
    read = batch(transcript(tmp_path, bash, progress({"type": "user"}), line("progress")))
    assert read.events == [] and read.counts.lines == 3


def test_progress_lines_and_the_subagents_own_file_are_one(tmp_path: Path) -> None:
    asked = call("toolu_1", isSidechain=True, agentId="a1")
    parent = batch(transcript(tmp_path, progress(nested(asked))))
    child = batch(transcript(tmp_path, asked, name=f"{SESSION}/subagents/agent-a1.jsonl"))
    assert requests(parent) == requests(child)
    assert only(ToolCall, parent) == only(ToolCall, child)


@pytest.mark.parametrize(
    ("path", "folder", "native_id", "agent_id"),
    [
        ("/h/.claude/projects/-p/s1.jsonl", "-p", "s1", ""),
        ("/h/.claude/projects/-p/s1/subagents/agent-a1.jsonl", "-p", "s1", "a1"),
        ("/h/.claude/projects/-p/s1/subagents/workflows/wf_1/agent-a1.jsonl", "-p", "s1", "a1"),
        ("/h/.claude/projects/-p/s1/other.jsonl", "-p", "s1", "other"),
        ("/h/projects/.claude/projects/-p/s1.jsonl", "-p", "s1", ""),
        ("/h/.claude/projects/s1.jsonl", "", "s1", ""),
        ("/elsewhere/-p/s1.jsonl", "-p", "s1", ""),
    ],
)
def test_a_session_is_the_first_part_below_its_project(path: str, folder: str, native_id: str, agent_id: str) -> None:
    found = whereabouts(path)
    assert (found.key, found.agent_id) == (SessionKey("claude-code", folder, native_id), agent_id)


def test_a_flat_subagents_file_belongs_to_the_session_its_lines_name(tmp_path: Path) -> None:
    lines: list[Line | bytes] = [
        b"not json",
        {"type": "summary", "summary": "x"},
        said(sessionId="s9", isSidechain=True),
    ]
    path = transcript(tmp_path, *lines, name="agent-a1.jsonl")
    first = batch(path)
    assert (first.session.key.native_id, first.session.agent_id) == ("s9", "a1")
    path.write_bytes(path.read_bytes() + encoded(said("msg_b", sessionId="s10")))
    second = batch(path, first.cursor)
    assert second.session.key == first.session.key
    assert all(event.agent_id == "a1" and event.sidechain for event in only(UsageEvent, first))


def test_a_flat_file_that_names_no_session_is_its_own(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, {"type": "summary", "summary": "x"}, b"", name="agent-a1.jsonl"))
    assert read.session.key.native_id == "agent-a1"


def test_the_inner_session_id_is_never_the_key(tmp_path: Path) -> None:
    assert batch(transcript(tmp_path, said(sessionId="copied"))).session.key.native_id == SESSION


def test_lines_without_the_mark_are_a_sidechain_in_a_subagents_file(tmp_path: Path) -> None:
    name = f"{SESSION}/subagents/agent-a1.jsonl"
    (event,) = only(UsageEvent, batch(transcript(tmp_path, said(isSidechain=...), name=name)))
    assert event.sidechain and event.agent_id == "a1"


def test_the_parts_of_a_gateways_answer_stay_apart(tmp_path: Path) -> None:
    """All have its id and its time; only the copy of a part is the same part (rules C8 and D3)."""
    parts = [{"type": "message", "model": f"model-{n}", "input_tokens": n, "output_tokens": 1} for n in (1, 2, 3)]
    answer = said("gen-1", None, usage(3, 1, iterations=parts))
    read = [batch(transcript(tmp_path, answer)), batch(transcript(tmp_path, answer, name=OTHER))]
    assert sorted(event.tokens.input for event in requests(read).values()) == [1, 2, 3]
