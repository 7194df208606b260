from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moonlock.live import Engine, Hub, State
from moonlock.store import Store

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data" / "moonlock.db")
    yield store
    store.close()


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store, Hub("epoch"), State(limit=5000), lambda: NOW)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run with the one line that scripts look for."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    count = {kind: len(found) for kind, found in reporter.stats.items()}
    line = f"{count.get('passed', 0)} passed, {count.get('failed', 0) + count.get('error', 0)} failed"
    print(line + (f", {count['skipped']} skipped" if count.get("skipped") else ""))
