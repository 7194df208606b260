"""The heart: what is happening now, and who is told."""

from moonlock.live.clock import now
from moonlock.live.engine import Engine
from moonlock.live.hub import Hub, Listener
from moonlock.live.state import State
from moonlock.live.watch import Watch

__all__ = ["Engine", "Hub", "Listener", "State", "Watch", "now"]
