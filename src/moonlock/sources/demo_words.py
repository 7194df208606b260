"""What the people of the demo work on: invented projects, wishes, tools and plans."""

from __future__ import annotations

from typing import NamedTuple


class Project(NamedTuple):
    cwd: str
    branches: tuple[str, ...]
    wishes: tuple[tuple[str, str], ...]
    """(what is asked, title that the agent gives the session)"""


class Tool(NamedTuple):
    name: str
    weight: int
    quickest: int
    """Milliseconds."""
    slowest: int
    fails: float


class Model(NamedTuple):
    name: str
    compacts_at: int
    """Tokens of context at which the client summarises by itself."""
    writes_1h: bool


OPUS = Model("claude-opus-5-5", 967_000, True)
SONNET = Model("claude-sonnet-5-5", 967_000, True)
HAIKU = Model("claude-haiku-5-5", 967_000, True)
SMALL = Model("claude-haiku-4-5-20251001", 167_000, True)
HELPER = Model("claude-haiku-5-5", 967_000, False)

ATLAS = Project(
    "/home/demo/work/atlas-api",
    ("main", "feat/route-cache", "fix/tile-timeouts"),
    (
        ("Cache the routes that are asked for most and measure what it brings", "Cache popular routes"),
        ("Tiles time out under load, find out why and fix it", "Find the tile time-outs"),
        ("Add pagination to the places endpoint, keep the old parameters working", "Paginate places"),
        ("Move the geocoder to the new client and update its tests", "Move the geocoder"),
    ),
)
HARBOR = Project(
    "/home/demo/work/harbor-web",
    ("main", "feat/berth-map", "chore/vite-8"),
    (
        ("Draw the berths on the map and colour them by state", "Berths on the map"),
        ("The booking form loses its dates after a reload, repair it", "Keep booking dates"),
        ("Make the berth list work with a keyboard alone", "Keyboard for the berth list"),
        ("Upgrade the build and remove what is not needed any more", "Upgrade the build"),
    ),
)
LUMEN = Project(
    "/home/demo/work/lumen-cli",
    ("main", "feat/watch-mode"),
    (
        ("Write a watch mode that rebuilds only what changed", "Watch mode"),
        ("Start-up takes 400 ms, bring it below 100", "Faster start-up"),
        ("Explain how the plug-in loader finds its entry points", "How plug-ins are found"),
    ),
)
TIDE = Project(
    "/home/demo/work/tidepool",
    ("main", "feat/forecast", "fix/dst"),
    (
        ("Forecast the next seven tides and show how sure we are", "Tide forecast"),
        ("The chart is off by an hour after the clocks change", "Chart and clock changes"),
        ("Import the harbour's measurements from its CSV files", "Import measurements"),
    ),
)
CRANE = Project(
    "/home/demo/side/paper-crane",
    ("main", "wip/fold-solver"),
    (
        ("Sketch a solver for folding sequences, start small", "A solver for folds"),
        ("Review the renderer and list what could be simpler", "Review the renderer"),
    ),
)
PROJECTS = (ATLAS, HARBOR, LUMEN, TIDE, CRANE)

FOLLOW_UPS = (
    "Good. Now the tests for it",
    "Run the whole suite again",
    "Can this be simpler?",
    "Please handle the empty case as well",
    "Looks right, commit it with a short message",
    "What is still missing?",
    "Undo the last change, it was better before",
    "Measure it again and write down the figure",
)
QUESTIONS = (
    "Shall the old file format stay readable?",
    "May I remove the second cache altogether?",
    "Is one retry enough, or should it be three?",
)
SAID = (
    "I will look at how this is done now before changing anything.",
    "The cause is in the loader: it reads the file twice.",
    "Three tests fail for the same reason, so one change should mend them.",
    "That works. I will run the whole suite to be sure.",
    "Here is what changed and why.",
)
TEXT = (
    "def load(path): return parse(path.read_text())  # one read is enough\n"
    "  assert total == 42, 'sum of the parts'\n"
    "INFO request done in 12.4 ms status=200 route=/places\n"
    "-    return cached or compute(key)\n+    return cached if cached is not None else compute(key)\n"
    "src/loader.py:88: in read\n    raise ValueError('empty file')\n"
    "tests/test_loader.py ..................... [ 62%]\n"
    "import { useState } from 'react'; export function Berth({ id }: Props) {\n"
    "12 files changed, 340 insertions(+), 122 deletions(-)\n"
) * 12

TOOLS = (
    Tool("Read", 30, 60, 700, 0.02),
    Tool("Bash", 26, 400, 14_000, 0.14),
    Tool("Edit", 18, 200, 2_500, 0.05),
    Tool("Grep", 12, 80, 900, 0.02),
    Tool("Write", 5, 150, 1_800, 0.03),
    Tool("Glob", 4, 60, 400, 0.02),
    Tool("WebFetch", 2, 900, 6_000, 0.1),
    Tool("mcp__tracker__get_issue", 2, 300, 2_200, 0.06),
)
COMMANDS = ("pytest -q", "npm test", "git status", "ruff check .", "npm run build", "git diff --stat")
FILES = ("src/loader.py", "src/routes.py", "src/cache.ts", "tests/test_loader.py", "web/src/Map.tsx", "README.md")
PLAN = (
    ("Read how it works today", "Reading the code"),
    ("Write a test that fails", "Writing a failing test"),
    ("Make the change", "Making the change"),
    ("Run the whole suite", "Running the suite"),
    ("Describe the change", "Describing the change"),
)
HELPERS = (
    ("Find every caller of the loader", "Explore"),
    ("Compare the two caches", "general-purpose"),
    ("Collect slow requests from the log", "general-purpose"),
    ("Check the documentation for the old names", "Explore"),
)
