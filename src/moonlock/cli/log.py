"""The log of the server: on stderr, so that whoever starts it decides where it stays. Set up here alone."""

from __future__ import annotations

import logging
import time

from moonlock.config.settings import LogLevel


def to_stderr(level: LogLevel) -> None:
    """From here on every room's logger (``moonlock.<room>``) writes lines of this level and above."""
    words = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    words.converter = time.gmtime
    words.default_time_format, words.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    told = logging.StreamHandler()
    told.setFormatter(words)
    ours = logging.getLogger("moonlock")
    ours.handlers[:] = [told]
    ours.propagate = False
    ours.setLevel(level.upper())
