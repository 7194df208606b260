"""When each row was used first and last, and its models in that order, whatever the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_batches import DAY, HOUR, NOON, batch, priced, usage

from moonlock.model.instant import iso
from moonlock.model.question import Question
from moonlock.model.rows import Row
from moonlock.store import Store

EAST = ((0, 14 * HOUR),)
Facts = dict[str, object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", priced)
    yield store
    store.close()


def told(store: Store, question: Question, rows: list[Row] | None = None) -> dict[str, Facts]:
    found = store.with_use(question, store.rows(question).rows if rows is None else rows)
    return {row[0]: dict(row[5]) for row in found}


def used(*models: str, first: int, last: int) -> Facts:
    return {"modelsUsed": list(models), "firstUsedAt": iso(first), "lastUsedAt": iso(last)}


def test_models_of_a_day_stand_in_order_of_their_first_use(store: Store) -> None:
    dear = usage("m2", NOON + HOUR, output=9_000, model="opus")
    store.append(
        [batch("a.jsonl", [dear, usage("m1", NOON, model="haiku"), usage("m3", NOON + 2 * HOUR, model="haiku")])]
    )
    assert [name for name, _ in store.rows(Question("daily")).rows[0][4]] == ["opus", "haiku"]
    assert told(store, Question("daily"))["2025-10-09"] == used("haiku", "opus", first=NOON, last=NOON + 2 * HOUR)
    for report, key in (("weekly", "2025-10-06"), ("monthly", "2025-10")):
        assert told(store, Question(report))[key]["modelsUsed"] == ["haiku", "opus"]


def test_a_day_is_that_of_the_zone_and_only_the_span_counts(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", NOON - HOUR, model="haiku"), usage("m2", NOON + DAY)])])
    found = told(store, Question("daily", segments=EAST, start=NOON))
    assert found == {"2025-10-11": used("opus", first=NOON + DAY, last=NOON + DAY)}


def test_a_session_was_used_when_its_requests_were_made(store: Store) -> None:
    store.append([batch("a.jsonl", [usage("m1", NOON), usage("m2", NOON + DAY, model="haiku")])])
    store.append([batch("b.jsonl", [usage("m3", NOON + HOUR)])])
    facts = sorted(told(store, Question("session")).values(), key=lambda row: str(row["nativeId"]))
    assert [(row["firstUsedAt"], row["lastUsedAt"], row["modelsUsed"]) for row in facts] == [
        (iso(NOON), iso(NOON + DAY), ["opus", "haiku"]),
        (iso(NOON + HOUR), iso(NOON + HOUR), ["opus"]),
    ]


def block(start: int, last: int | None) -> Row:
    facts = ("startAt", iso(start)), ("actualEndAt", None if last is None else iso(last))
    return iso(start), (), (), 0, [], facts


def test_blocks_have_the_models_of_their_own_requests(store: Store) -> None:
    times = {"m1": NOON, "m2": NOON + HOUR, "m3": NOON + 5 * HOUR, "m4": NOON + 5 * HOUR + 1, "m5": NOON + DAY}
    models = ["opus", "haiku", "sonnet", "haiku", "opus"]
    store.append(
        [batch("a.jsonl", [usage(name, at, model=m) for (name, at), m in zip(times.items(), models, strict=True)])]
    )
    rows = [
        block(NOON + DAY, NOON + DAY),
        block(NOON + 6 * HOUR, None),
        block(NOON + 5 * HOUR, NOON + 5 * HOUR + 1),
        block(NOON, NOON + 5 * HOUR),
    ]
    found = [row.get("modelsUsed") for row in told(store, Question("blocks-hourly"), rows).values()]
    assert found == [["opus"], None, ["haiku"], ["opus", "haiku", "sonnet"]]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3 * DAY), st.sampled_from("abc")), min_size=1, max_size=12))
def test_every_row_with_usage_has_all_its_models_and_lies_within_the_first_and_last(
    tmp_path_factory: pytest.TempPathFactory, requests: list[tuple[int, str]]
) -> None:
    store = Store.write(tmp_path_factory.mktemp("store") / "moon.db", priced)
    events = [usage(f"m{number}", NOON + at, model=model) for number, (at, model) in enumerate(requests)]
    store.append([batch("a.jsonl", events)])
    for report in ("daily", "weekly", "monthly", "session"):
        for row in store.with_use(Question(report), store.rows(Question(report)).rows):
            facts = dict(row[5])
            assert sorted(facts["modelsUsed"]) == sorted(model for model, _ in row[4])  # type: ignore[call-overload]
            assert iso(NOON) <= str(facts["firstUsedAt"]) <= str(facts["lastUsedAt"]) <= iso(NOON + 3 * DAY)
    store.close()
