"""What tests of the whole program need of the machine."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

DROPPED = "-dac_override,-dac_read_search"
WITHOUT_ROOT = ("setpriv", f"--inh-caps={DROPPED}", f"--bounding-set={DROPPED}")
"""Root may read and write everything; a root without these two rights is a user like any other."""


@pytest.fixture
def ordinary() -> tuple[str, ...]:
    """What starts a program for which the modes of files count."""
    if sys.platform == "win32":
        pytest.skip("no modes of files")
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("as root this needs setpriv of util-linux")
    return WITHOUT_ROOT
