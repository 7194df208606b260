"""The heart: what is happening now, and who is told. Begin with ``engine.py``."""
