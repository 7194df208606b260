"""A request belongs to the branch that its earliest line names."""

from __future__ import annotations

from pathlib import Path

from claude_lines import TEN, batch, line, requests, said, transcript, usage


def branches(path: Path) -> list[str]:
    return sorted(event.branch for event in requests(batch(path)).values())


def test_each_request_has_the_branch_of_its_line(tmp_path: Path) -> None:
    path = transcript(
        tmp_path,
        said("msg_1", "req_1", gitBranch="main"),
        said("msg_2", "req_2", gitBranch="fix/\x1b[31mred", at=TEN + 1),
        said("msg_3", "req_3", gitBranch=..., at=TEN + 2),
    )
    assert branches(path) == ["", "fix/ [31mred", "main"]


def test_the_earliest_line_counts_wherever_it_stands(tmp_path: Path) -> None:
    path = transcript(
        tmp_path,
        said("msg_1", "req_1", usage(output=1), TEN + 5, gitBranch="later"),
        said("msg_1", "req_1", usage(output=1), TEN, gitBranch="first"),
        said("msg_1", "req_1", usage(output=9), TEN + 9, gitBranch="last"),
        said("msg_2", "req_2", usage(output=1), TEN + 5, gitBranch="later"),
        said("msg_2", "req_2", usage(output=9), TEN, gitBranch="first"),
        said("msg_3", "req_3", usage(output=9), TEN + 5, gitBranch="later"),
        said("msg_3", "req_3", usage(input=1, output=1), TEN, gitBranch="first"),
    )
    assert branches(path) == ["first"] * 3


def test_a_sub_agent_that_is_told_in_another_line_has_the_branch_of_that_line(tmp_path: Path) -> None:
    inner = said("msg_n", "req_n", gitBranch=...)
    told = {"type": "agent_progress", "agentId": "a1", "message": inner}
    assert branches(transcript(tmp_path, line("progress", TEN, data=told, gitBranch="fix"))) == ["fix"]
