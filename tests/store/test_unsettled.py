"""Sessions of which it takes a closer look to say what they do."""

from __future__ import annotations

from pathlib import Path

from store_batches import HOUR, NOON, batch, priced, session, usage

from moonlock.model.session import SessionSeen, Tail
from moonlock.store import Store


def seen(native_id: str, last_at: int, **tail: object) -> SessionSeen:
    return session(native_id, first_at=last_at, last_at=last_at, tail=Tail(at=last_at, **tail))  # type: ignore[arg-type]


def test_a_session_is_unsettled_while_it_may_live_or_waits_for_its_limit(tmp_path: Path) -> None:
    store = Store.write(tmp_path / "moon.db", priced)
    old = NOON - 3 * HOUR
    told = [
        seen("young", NOON),
        seen("old", old),
        seen("limited", old, phase="limited", limit_resets_at=NOON + HOUR),
        seen("freed", old, phase="limited", limit_resets_at=NOON),
        seen("waiting", old, phase="limited"),
    ]
    store.append([batch(f"{each.key.native_id}.jsonl", [usage(each.key.native_id, NOON)], each) for each in told])
    try:
        found = store.unsettled(NOON - HOUR, NOON)
        assert {each.key.native_id for each in found} == {"young", "limited"}
        assert store.unsettled(NOON + 1, NOON + HOUR) == []
    finally:
        store.close()
