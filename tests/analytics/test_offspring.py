"""The tree of sub-agents: each stands in it once, whatever is said of who called whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.offspring import DEEPEST, below
from moonlock.model.session import Subagent
from moonlock.model.tokens import Tokens, Usage


def agent(name: str, parent: str = "", output: int = 1) -> Subagent:
    return Subagent(name, "opus", 1, 2, Usage(Tokens(output=output), 1, output), parent=parent)


def names(agents: list[Subagent]) -> dict[str, list[str]]:
    return {parent: [each.agent_id for each in found] for parent, found in below(agents).items()}


def test_children_stand_below_their_caller() -> None:
    assert names([agent("a"), agent("b", "a"), agent("c", "b"), agent("d")]) == {"": ["a", "d"], "a": ["b"], "b": ["c"]}


def test_a_child_of_nobody_known_stands_below_the_session() -> None:
    assert names([agent("a", "gone"), agent("b", "a")]) == {"": ["a"], "a": ["b"]}


def test_a_circle_is_broken() -> None:
    assert names([agent("a", "b"), agent("b", "a"), agent("c", "c")]) == {"": ["a", "b", "c"]}


def test_no_tree_is_deeper_than_a_page_can_show() -> None:
    line = [agent("0"), *(agent(str(n), str(n - 1)) for n in range(1, 40))]
    found = names(line)
    assert found[""][0] == "0" and len(found[""]) == 40 - DEEPEST + 1
    assert sum(map(len, found.values())) == 40


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["", *"abcdefghx"])), max_size=20))
def test_each_stands_in_the_tree_once_and_all_are_reached(said: list[tuple[str, str]]) -> None:
    known = {name: agent(name, parent) for name, parent in said}
    tree = below(known.values())
    reached: list[str] = []
    waiting = list(tree.get("", ()))
    while waiting:
        one = waiting.pop()
        reached.append(one.agent_id)
        waiting += tree.get(one.agent_id, ())
    assert sorted(reached) == sorted(known)
