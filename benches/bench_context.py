"""How far what is measured before a compaction is from what the agent recorded: median error on logs (bar 1 %).

Takes folders of logs; the given sample logs have one small compaction only, so real logs are wanted.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

from moonlock.live.context_report import context_report
from moonlock.live.shapes import Setting, session_shape
from moonlock.model.context_shapes import CompactedShape
from moonlock.model.reading import Cursor
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store


def compactions(folders: Iterable[Path]) -> Iterator[CompactedShape]:
    source = ClaudeCode()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.write(Path(folder) / "moon.db", lambda _: None)
        for root in folders:
            for path in sorted(root.rglob("*.jsonl")):
                seen = look(str(path))
                if seen is not None:
                    store.append(list(source.read(seen, Cursor(), 1 << 30)))
        for session in store.sessions(None, 1_000_000):
            yield from context_report(store, session_shape(session, Setting(0, {})), lambda model: {}).compactions
        store.close()


def main() -> None:
    found = [*compactions(map(Path, sys.argv[1:]))]
    for trigger in ("auto", "manual", "micro"):
        errors = [
            one.measured_before / one.tokens_before - 1
            for one in found
            if one.trigger == trigger and one.tokens_before and one.measured_before
        ]
        told = f"median error {median(errors):+.2%}, worst {max(map(abs, errors)):.2%}" if errors else "none to compare"
        print(f"{trigger}: {len(errors)} compactions, {told}")


if __name__ == "__main__":
    main()
