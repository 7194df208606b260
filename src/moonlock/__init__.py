"""Moonlock watches AI coding sessions as they happen."""

__version__ = "0.1.0"
