"""The front door: reads the command line, wires the house, prints. Nothing imports this.

``statusline`` and ``hook`` run on every prompt of an agent: they are answered before Click is imported.
"""


def main() -> None:
    from moonlock.cli.commands import moonlock

    moonlock()
