"""The closing line of every run."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run with the one line that scripts look for."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    count = {kind: len(found) for kind, found in reporter.stats.items()}
    line = f"{count.get('passed', 0)} passed, {count.get('failed', 0) + count.get('error', 0)} failed"
    print(line + (f", {count['skipped']} skipped" if count.get("skipped") else ""))
