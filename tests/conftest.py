"""The closing line of every run, the bars of coverage where it was measured, and how Hypothesis searches."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from measured import MEASURED, take

GATES = Path(__file__).parent.parent / "tools" / "coverage_gates.py"
missed = False

settings.register_profile("moonlock", deadline=None)  # a busy machine is no fault of what is tried
settings.load_profile("moonlock")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """By now coverage has begun, also in a worker, where it begins after this file was read."""
    take()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A bar that is missed fails the run like a test."""
    global missed
    if MEASURED and not hasattr(session.config, "workerinput"):
        print()
        sys.stdout.flush()
        missed = subprocess.run([sys.executable, GATES], check=False).returncode != 0
        if missed and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run with the one line that scripts look for."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    count = {kind: len(found) for kind, found in reporter.stats.items()}
    failed = count.get("failed", 0) + count.get("error", 0) + missed
    line = f"{count.get('passed', 0)} passed, {failed} failed"
    print(line + (f", {count['skipped']} skipped" if count.get("skipped") else ""))
