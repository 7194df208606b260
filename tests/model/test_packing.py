"""Events that are put aside come back as they were."""

from __future__ import annotations

from store_batches import NOON, batch, call, key, usage

from moonlock.model.events import Event, LimitHit, PromptSent, ToolEnded
from moonlock.model.packing import packed, unpacked


def test_calls_results_and_prompts_are_put_aside_and_come_back() -> None:
    limit = LimitHit(key("l"), NOON, "session")
    aside: list[Event] = [call("t", outcome="ok", duration=5)]
    aside += [ToolEnded(key("e"), NOON, "failed"), PromptSent(key("p"), NOON + 7)]
    whole = batch("a.jsonl", [usage("m"), *aside, limit])
    put = packed(whole)
    assert put.events == [usage("m"), limit]
    assert put.prompted_at == NOON + 7
    assert unpacked(put).events == [usage("m"), limit, *aside]
    assert packed(unpacked(put)) == put


def test_a_batch_with_nothing_to_put_aside_stays_as_it_is() -> None:
    plain = batch("a.jsonl", [usage("m")])
    assert packed(plain) is plain
    assert unpacked(plain) is plain
